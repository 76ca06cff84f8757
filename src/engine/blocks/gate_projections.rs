//! The matrix products of a recurrent layer, with its input and with its previous hidden state.

use std::ops::Range;

use crate::engine::kernels::Start;
use crate::engine::matrix::Matrix;
use crate::engine::state::{State, Workspace};
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::Block;
use crate::simd::F32x16;

/// The indices of the matrices and biases among the layer's tensors.
const WEIGHT: [usize; 2] = [0, 1];
const BIAS: [usize; 2] = [2, 3];

pub struct GateProjections {
    /// (gates * size, input_size)
    input_weight: Matrix,
    /// (gates * size, size)
    hidden_weight: Matrix,
    /// The sum of PyTorch's two biases, or the first one if the products are [separate](Self::separate). (gates * size)
    input_bias: Vec<F32x16>,
    /// The second bias, if the products are separate. (gates * size)
    hidden_bias: Vec<F32x16>,
    /// The position of the last output in a state. (size)
    hidden: Range<usize>,
}

impl GateProjections {
    /// Reads the weights of a layer whose gates add both products.
    pub fn load(block: &Block, hidden: Range<usize>, tensors: &Tensors) -> Result<Self> {
        Ok(Self {
            input_weight: tensors.matrix(block, WEIGHT[0])?,
            hidden_weight: tensors.matrix(block, WEIGHT[1])?,
            input_bias: tensors.bias(block, &BIAS)?,
            hidden_bias: Vec::new(),
            hidden,
        })
    }

    /// Reads the weights of a layer that needs the two products separately.
    pub fn load_separate(block: &Block, hidden: Range<usize>, tensors: &Tensors) -> Result<Self> {
        Ok(Self {
            input_bias: tensors.bias(block, &BIAS[..1])?,
            hidden_bias: tensors.bias(block, &BIAS[1..])?,
            ..Self::load(block, hidden, tensors)?
        })
    }

    /// Computes the sums of both products and the bias. Calls `update` with each state's values and sums, then copies
    /// the new outputs to `work.x`.
    pub fn sum(&self, states: &mut [&mut State], work: &mut Workspace, update: impl Fn(&mut [f32], &[f32])) {
        self.multiply_input(states.len(), work);
        let rows = self.input_weight.rows;
        let Workspace { gates, inputs, .. } = work;
        let gates = &mut gates[..states.len() * rows];
        let hidden = |i: usize| &states[i].values[self.hidden.clone()];
        self.hidden_weight.multiply(states.len(), hidden, Start::Y, gates, inputs);
        for (state, gates) in states.iter_mut().zip(gates.chunks_exact(rows)) {
            update(&mut state.values, gates);
        }
        self.copy_output(states, work);
    }

    /// Like [`sum`](Self::sum), but passes the products of the input and of the last output to `update`, each with its
    /// bias.
    pub fn separate(
        &self,
        states: &mut [&mut State],
        work: &mut Workspace,
        update: impl Fn(&mut [f32], &[f32], &[f32]),
    ) {
        self.multiply_input(states.len(), work);
        let rows = self.input_weight.rows;
        let Workspace { gates, recurrent, inputs, .. } = work;
        let recurrent = &mut recurrent[..states.len() * rows];
        let (hidden, bias) = (|i: usize| &states[i].values[self.hidden.clone()], Start::Bias(&self.hidden_bias));
        self.hidden_weight.multiply(states.len(), hidden, bias, recurrent, inputs);
        let rows = gates.chunks_exact(rows).zip(recurrent.chunks_exact(rows));
        for (state, (gates, recurrent)) in states.iter_mut().zip(rows) {
            update(&mut state.values, gates, recurrent);
        }
        self.copy_output(states, work);
    }

    fn multiply_input(&self, n: usize, work: &mut Workspace) {
        let Workspace { x, gates, inputs, .. } = work;
        let width = self.input_weight.columns;
        let input = |i: usize| &x[i * width..][..width];
        let gates = &mut gates[..n * self.input_weight.rows];
        self.input_weight.multiply(n, input, Start::Bias(&self.input_bias), gates, inputs);
    }

    fn copy_output(&self, states: &[&mut State], work: &mut Workspace) {
        for (state, x) in states.iter().zip(work.x.chunks_exact_mut(self.hidden.len())) {
            x.copy_from_slice(&state.values[self.hidden.clone()]);
        }
    }
}
