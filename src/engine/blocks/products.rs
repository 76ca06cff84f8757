//! The products of a recurrent layer: of its matrices with its input and with its last output.

use std::ops::Range;

use crate::engine::kernels::Start;
use crate::engine::matrix::Matrix;
use crate::engine::state::{State, Workspace};
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::Block;
use crate::simd::F32x16;

/// Positions of the matrices and biases among the layer's tensors.
const WEIGHT: [usize; 2] = [0, 1];
const BIAS: [usize; 2] = [2, 3];

pub struct Products {
    /// (gates * size, input_size)
    input_weight: Matrix,
    /// (gates * size, size)
    hidden_weight: Matrix,
    /// PyTorch's two biases, added; where the products are [apart](Self::apart), the first. (gates * size)
    input_bias: Vec<F32x16>,
    /// Where the products are apart. (gates * size)
    hidden_bias: Vec<F32x16>,
    /// Where the last output lies in a state. (size)
    hidden: Range<usize>,
}

impl Products {
    /// Of a layer whose gates add both products.
    pub fn load(block: &Block, hidden: Range<usize>, tensors: &Tensors) -> Result<Self> {
        Ok(Self {
            input_weight: tensors.matrix(block, WEIGHT[0])?,
            hidden_weight: tensors.matrix(block, WEIGHT[1])?,
            input_bias: tensors.bias(block, &BIAS)?,
            hidden_bias: Vec::new(),
            hidden,
        })
    }

    /// Of a layer that needs each of them.
    pub fn load_apart(block: &Block, hidden: Range<usize>, tensors: &Tensors) -> Result<Self> {
        Ok(Self {
            input_bias: tensors.bias(block, &BIAS[..1])?,
            hidden_bias: tensors.bias(block, &BIAS[1..])?,
            ..Self::load(block, hidden, tensors)?
        })
    }

    /// The sums of both products and the bias, in `work.gates`: (states, gates * size). Calls `update` with each state's
    /// values and sums, then puts the new outputs in `work.x`.
    pub fn sum(&self, states: &mut [&mut State], work: &mut Workspace, update: impl Fn(&mut [f32], &[f32])) {
        self.of_input(states.len(), work);
        let rows = self.input_weight.rows;
        let Workspace { gates, inputs, .. } = work;
        let gates = &mut gates[..states.len() * rows];
        let hidden = |i: usize| &states[i].values[self.hidden.clone()];
        self.hidden_weight.multiply(states.len(), hidden, Start::Y, gates, inputs);
        for (state, gates) in states.iter_mut().zip(gates.chunks_exact(rows)) {
            update(&mut state.values, gates);
        }
        self.put_output(states, work);
    }

    /// As [`sum`](Self::sum), with `update` given the product of the input and that of the last output, each with its bias.
    pub fn apart(&self, states: &mut [&mut State], work: &mut Workspace, update: impl Fn(&mut [f32], &[f32], &[f32])) {
        self.of_input(states.len(), work);
        let rows = self.input_weight.rows;
        let Workspace { gates, recurrent, inputs, .. } = work;
        let recurrent = &mut recurrent[..states.len() * rows];
        let (hidden, bias) = (|i: usize| &states[i].values[self.hidden.clone()], Start::Bias(&self.hidden_bias));
        self.hidden_weight.multiply(states.len(), hidden, bias, recurrent, inputs);
        let rows = gates.chunks_exact(rows).zip(recurrent.chunks_exact(rows));
        for (state, (gates, recurrent)) in states.iter_mut().zip(rows) {
            update(&mut state.values, gates, recurrent);
        }
        self.put_output(states, work);
    }

    fn of_input(&self, n: usize, work: &mut Workspace) {
        let Workspace { x, gates, inputs, .. } = work;
        let width = self.input_weight.columns;
        let input = |i: usize| &x[i * width..][..width];
        let gates = &mut gates[..n * self.input_weight.rows];
        self.input_weight.multiply(n, input, Start::Bias(&self.input_bias), gates, inputs);
    }

    fn put_output(&self, states: &[&mut State], work: &mut Workspace) {
        for (state, x) in states.iter().zip(work.x.chunks_exact_mut(self.hidden.len())) {
            x.copy_from_slice(&state.values[self.hidden.clone()]);
        }
    }
}
