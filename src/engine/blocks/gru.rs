//! The GRU.

use std::ops::Range;

use super::Layer;
use super::gate_projections::GateProjections;
use crate::engine::state::{State, StateSlot, Workspace};
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::Block;
use crate::simd::for_every_isa;
use crate::simd::math::{sigmoid, tanh};

pub struct Gru {
    projections: GateProjections,
    hidden: Range<usize>,
}

impl Gru {
    pub fn load(block: &Block, slot: StateSlot, tensors: &Tensors) -> Result<Self> {
        let projections = GateProjections::load_separate(block, slot.output.clone(), tensors)?;
        Ok(Self { projections, hidden: slot.output })
    }
}

impl Layer for Gru {
    fn step(&self, states: &mut [&mut State], work: &mut Workspace) {
        self.projections.separate(states, work, |state, gates, recurrent| {
            gru(gates, recurrent, &mut state[self.hidden.clone()]);
        });
    }
}

for_every_isa! {
    /// Computes a step (Cho et al. 2014), with the reset gate applied after the product. `gates` and `recurrent`: r, z,
    /// n, each (size)
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
