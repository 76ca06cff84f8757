//! The Elman network (Elman 1990).

use std::ops::Range;

use super::Layer;
use super::gate_projections::GateProjections;
use crate::engine::state::{State, StateSlot, Workspace};
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::Block;
use crate::simd::for_every_isa;
use crate::simd::math;

pub struct Rnn {
    projections: GateProjections,
    hidden: Range<usize>,
    activation: fn(&[f32], &mut [f32]),
}

impl Rnn {
    pub fn load(block: &Block, activation: fn(&[f32], &mut [f32]), slot: StateSlot, tensors: &Tensors) -> Result<Self> {
        let projections = GateProjections::load(block, slot.output.clone(), tensors)?;
        Ok(Self { projections, hidden: slot.output, activation })
    }
}

impl Layer for Rnn {
    fn step(&self, states: &mut [&mut State], work: &mut Workspace) {
        self.projections.sum(states, work, |state, sums| (self.activation)(sums, &mut state[self.hidden.clone()]));
    }
}

for_every_isa! {
    pub fn tanh(sums: &[f32], hidden: &mut [f32])
    {
        for (hidden, sum) in hidden.iter_mut().zip(sums) {
            *hidden = math::tanh(*sum);
        }
    }
}

for_every_isa! {
    pub fn relu(sums: &[f32], hidden: &mut [f32])
    {
        for (hidden, sum) in hidden.iter_mut().zip(sums) {
            *hidden = sum.max(0.0);
        }
    }
}
