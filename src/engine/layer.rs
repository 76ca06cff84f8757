//! One recurrent layer, one step, for many states at once (the equations of `torch.nn.LSTM`, `GRU` and `RNN`).

use std::ops::Range;

use super::kernels::Start;
use super::matrix::{Inputs, Matrix};
use super::state::State;
use super::sums::Lanes;
use crate::level::{Level, for_every_level};
use crate::math::{sigmoid, tanh};
use crate::model::Cell;

pub struct Layer {
    pub cell: Cell,
    /// (gates * size, input_size)
    pub input_weight: Matrix,
    /// (gates * size, size)
    pub hidden_weight: Matrix,
    /// PyTorch's two biases, added; of a GRU the first alone.
    pub input_bias: Vec<Lanes>,
    /// Of a GRU alone.
    pub hidden_bias: Vec<Lanes>,
}

/// What a layer reads.
pub enum Input<'a> {
    /// The embeddings of tokens, one a state. (states, input_size)
    Rows(&'a [f32]),
    /// Hidden values of the layer below, which lie here in each state.
    Hidden(Range<usize>),
}

impl Layer {
    /// The hidden values and cells lie where the two ranges say in each state. `gates` and `recurrent` are room for (states, gates * size).
    #[expect(clippy::too_many_arguments)]
    pub fn step(
        &self,
        level: Level,
        states: &mut [&mut State],
        input: Input,
        (hidden, cell): (Range<usize>, Range<usize>),
        gates: &mut [f32],
        recurrent: &mut [f32],
        inputs: &mut Inputs,
    ) {
        let n = states.len();
        let rows = self.input_weight.rows;
        let gates = &mut gates[..n * rows];
        let width = self.input_weight.columns;
        let read = |i: usize| match &input {
            Input::Rows(rows) => &rows[i * width..][..width],
            Input::Hidden(below) => &states[i].values[below.clone()],
        };
        self.input_weight.multiply(level, n, read, Start::Bias(&self.input_bias), gates, inputs);
        let before = |i: usize| &states[i].values[hidden.clone()];
        if self.cell == Cell::Gru {
            let recurrent = &mut recurrent[..n * rows];
            self.hidden_weight.multiply(level, n, before, Start::Bias(&self.hidden_bias), recurrent, inputs);
            for ((state, gates), recurrent) in
                states.iter_mut().zip(gates.chunks_exact(rows)).zip(recurrent.chunks_exact(rows))
            {
                gru(level, gates, recurrent, &mut state.values[hidden.clone()]);
            }
            return;
        }
        self.hidden_weight.multiply(level, n, before, Start::Y, gates, inputs);
        for (state, gates) in states.iter_mut().zip(gates.chunks_exact(rows)) {
            match self.cell {
                Cell::Lstm => {
                    let (below, cells) = state.values.split_at_mut(cell.start);
                    lstm(level, gates, &mut below[hidden.clone()], &mut cells[..cell.len()]);
                }
                Cell::RnnTanh => rnn_tanh(level, gates, &mut state.values[hidden.clone()]),
                Cell::RnnRelu => rnn_relu(level, gates, &mut state.values[hidden.clone()]),
                Cell::Gru => unreachable!("a GRU has been dealt with"),
            }
        }
    }
}

for_every_level! {
    /// Hochreiter and Schmidhuber 1997. `gates`: i, f, g, o, each (size)
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

for_every_level! {
    /// Cho et al. 2014, with the reset gate after the product. `gates` and `recurrent`: r, z, n, each (size)
    fn gru(gates: &[f32], recurrent: &[f32], hidden: &mut [f32])
    {
        let size = hidden.len();
        let (r, rest) = gates.split_at(size);
        let (z, n) = rest.split_at(size);
        let (r_h, rest) = recurrent.split_at(size);
        let (z_h, n_h) = rest.split_at(size);
        let (n, n_h) = (&n[..size], &n_h[..size]);
        for k in 0..size {
            let reset = sigmoid(r[k] + r_h[k]);
            let update = sigmoid(z[k] + z_h[k]);
            let new = tanh(n[k] + reset * n_h[k]);
            hidden[k] = (1.0 - update) * new + update * hidden[k];
        }
    }
}

for_every_level! {
    /// Elman 1990.
    fn rnn_tanh(gates: &[f32], hidden: &mut [f32])
    {
        hidden.iter_mut().zip(gates).for_each(|(h, gate)| *h = tanh(*gate));
    }
}

for_every_level! {
    fn rnn_relu(gates: &[f32], hidden: &mut [f32])
    {
        hidden.iter_mut().zip(gates).for_each(|(h, gate)| *h = gate.max(0.0));
    }
}
