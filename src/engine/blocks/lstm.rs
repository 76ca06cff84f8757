//! The LSTM: one step, and the forward and backward pass over a segment of text.

use std::ops::Range;

use super::Layer;
use super::gate_projections::GateProjections;
use crate::engine::state::{State, StateSlot, Workspace};
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::{Block, blocks};
use crate::simd::for_every_isa;
use crate::simd::math::{sigmoid, tanh};
use crate::simd::vectors::{add_outer, add_rows, add_scaled, multiply};

pub struct Lstm {
    projections: GateProjections,
    hidden: Range<usize>,
    cell: Range<usize>,
}

impl Lstm {
    pub fn load(block: &Block, slot: StateSlot, tensors: &Tensors) -> Result<Self> {
        let StateSlot { output: hidden, memory: cell } = slot;
        Ok(Self { projections: GateProjections::load(block, hidden.clone(), tensors)?, hidden, cell })
    }
}

impl Layer for Lstm {
    fn step(&self, states: &mut [&mut State], work: &mut Workspace) {
        self.projections.sum(states, work, |state, gates| {
            // Cell states follow the outputs of all layers.
            let (outputs, cells) = state.split_at_mut(self.cell.start);
            lstm(gates, &mut outputs[self.hidden.clone()], &mut cells[..self.cell.len()]);
        });
    }
}

for_every_isa! {
    /// Computes a step (Hochreiter and Schmidhuber 1997). `gates`: i, f, g, o, each (size)
    fn lstm(gates: &[f32], hidden: &mut [f32], cell: &mut [f32])
    {
        let size = hidden.len();
        let (i, rest) = gates.split_at(size);
        let (f, rest) = rest.split_at(size);
        let (g, o) = rest.split_at(size);
        let (cell, o) = (&mut cell[..size], &o[..size]);
        for k in 0..size {
            cell[k] = sigmoid(f[k]) * cell[k] + sigmoid(i[k]) * tanh(g[k]);
            hidden[k] = sigmoid(o[k]) * tanh(cell[k]);
        }
    }
}

/// A layer and its activations for a segment of text. PyTorch's two biases are added.
#[derive(Clone)]
pub struct TrainableLstm {
    input_size: usize,
    size: usize,
    /// (steps, input_size)
    input: Vec<f32>,
    /// The gates after their activation functions. (steps, 4 * size)
    gates: Vec<f32>,
    /// The first row is the state before the segment. (steps + 1, size)
    cell: Vec<f32>,
    hidden: Vec<f32>,
}

impl TrainableLstm {
    /// Creates a layer before any text.
    pub fn new(block: &blocks::Recurrent) -> Self {
        let zeros = || vec![0.0; block.size];
        let (input_size, size) = (block.input_size, block.size);
        Self { input_size, size, input: Vec::new(), gates: Vec::new(), cell: zeros(), hidden: zeros() }
    }

    /// Returns the outputs of the last segment. (steps, size)
    pub fn outputs(&self) -> &[f32] {
        &self.hidden[self.size..]
    }

    /// Returns the output and cell state after the last token.
    #[cfg(test)]
    pub fn last(&self) -> (&[f32], &[f32]) {
        let last = |values: &'_ [f32]| values.len() - self.size;
        (&self.hidden[last(&self.hidden)..], &self.cell[last(&self.cell)..])
    }

    /// Returns the output before the last segment. (size)
    pub fn output_before(&self) -> &[f32] {
        &self.hidden[..self.size]
    }

    /// Reads the next segment. `weights`: weight_ih, weight_hh, bias; `input`: (steps, input_size)
    pub fn forward(&mut self, weights: &[Vec<f32>], input: &[f32]) {
        let (size, steps) = (self.size, input.len() / self.input_size);
        self.input.clear();
        self.input.extend_from_slice(input);
        for values in [&mut self.cell, &mut self.hidden] {
            values.drain(..values.len() - size);
            values.resize((steps + 1) * size, 0.0);
        }
        self.gates.resize(steps * 4 * size, 0.0);
        let mut own = vec![0.0; 4 * size];
        for (step, gates) in self.gates.chunks_exact_mut(4 * size).enumerate() {
            let (before, after) = self.hidden.split_at_mut((step + 1) * size);
            let before = &before[step * size..];
            multiply(&weights[0], &self.input[step * self.input_size..][..self.input_size], &weights[2], &mut own);
            multiply(&weights[1], before, &own, gates);
            let (cell_before, cell) = self.cell.split_at_mut((step + 1) * size);
            let cell_before = &cell_before[step * size..];
            for k in 0..size {
                let (i, f) = (sigmoid(gates[k]), sigmoid(gates[size + k]));
                let (g, o) = (tanh(gates[2 * size + k]), sigmoid(gates[3 * size + k]));
                cell[k] = f * cell_before[k] + i * g;
                after[k] = o * tanh(cell[k]);
                (gates[k], gates[size + k], gates[2 * size + k], gates[3 * size + k]) = (i, f, g, o);
            }
        }
    }

    /// Adds the gradients of the weights to `gradients`, and returns those of the input, (steps, input_size). `above`:
    /// the gradients of the outputs, (steps, size)
    pub fn backward(&self, weights: &[Vec<f32>], above: &[f32], gradients: &mut [Vec<f32>]) -> Vec<f32> {
        let (size, steps) = (self.size, above.len() / self.size);
        // The gradients of the gates before their activation functions. (steps, 4 * size)
        let mut errors = vec![0.0; steps * 4 * size];
        let (mut hidden, mut cell) = (vec![0.0; size], vec![0.0; size]);
        for step in (0..steps).rev() {
            add_scaled(1.0, &above[step * size..][..size], &mut hidden);
            let gates = &self.gates[step * 4 * size..][..4 * size];
            let error = &mut errors[step * 4 * size..][..4 * size];
            for k in 0..size {
                let (i, f, g, o) = (gates[k], gates[size + k], gates[2 * size + k], gates[3 * size + k]);
                let squashed = tanh(self.cell[(step + 1) * size + k]);
                let c = cell[k] + hidden[k] * o * (1.0 - squashed * squashed);
                error[k] = c * g * i * (1.0 - i);
                error[size + k] = c * self.cell[step * size + k] * f * (1.0 - f);
                error[2 * size + k] = c * i * (1.0 - g * g);
                error[3 * size + k] = hidden[k] * squashed * o * (1.0 - o);
                cell[k] = c * f;
            }
            hidden.fill(0.0);
            add_rows(error, &weights[1], &mut hidden);
        }
        let mut below = vec![0.0; steps * self.input_size];
        let rows = errors.chunks_exact(4 * size).zip(self.input.chunks_exact(self.input_size));
        for (step, (errors, input)) in rows.enumerate() {
            add_rows(errors, &weights[0], &mut below[step * self.input_size..][..self.input_size]);
            add_outer(errors, input, &mut gradients[0]);
            add_outer(errors, &self.hidden[step * size..][..size], &mut gradients[1]);
            add_scaled(1.0, errors, &mut gradients[2]);
        }
        below
    }
}
