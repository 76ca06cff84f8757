//! Attention over the features of the last tokens.

use std::ops::Range;

use crate::engine::kernels::Start;
use crate::engine::matrix::Matrix;
use crate::engine::state::{State, StateSlot, Workspace};
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::Block;
use crate::simd::for_every_isa;
use crate::simd::math::exp;
use crate::simd::vectors::{dot, max};

/// The query is W f for the current features f. The weighted mean of the last features f_i (including the current ones)
/// is added to f, with weights softmax(query . f_i / sqrt(size)).
pub struct Attention {
    /// (size, size)
    query: Matrix,
    /// The position of the features in a state.
    features: Range<usize>,
    /// The position of the last features, a ring buffer. (window, size)
    memory: Range<usize>,
}

impl Attention {
    pub fn load(block: &Block, features: Range<usize>, slot: StateSlot, tensors: &Tensors) -> Result<Self> {
        Ok(Self { query: tensors.matrix(block, 0)?, features, memory: slot.memory })
    }

    /// Stores the features of each state after its last token.
    pub fn remember(&self, states: &mut [&mut State]) {
        let size = self.features.len();
        let window = self.memory.len() / size;
        for state in states {
            let slot = (state.tokens - 1) as usize % window;
            state.values.copy_within(self.features.clone(), self.memory.start + slot * size);
        }
    }

    /// Adds the weighted mean of each state's last features to `work.x`. (states, size)
    pub fn attend(&self, states: &[&State], work: &mut Workspace) {
        let Workspace { x, gates, scores, inputs, .. } = work;
        let size = self.query.columns;
        let queries = &mut gates[..states.len() * size];
        queries.fill(0.0);
        self.query.multiply(states.len(), |i| &x[i * size..][..size], Start::Y, queries, inputs);
        for ((state, query), x) in states.iter().zip(queries.chunks_exact(size)).zip(x.chunks_exact_mut(size)) {
            let memory = &state.values[self.memory.clone()];
            let rows = state.tokens.min((memory.len() / size) as u64) as usize;
            weigh(query, &memory[..rows * size], scores, x);
        }
    }
}

for_every_isa! {
    /// Adds the mean of the rows of `memory`, weighted by the query, to `output`. `memory`: (rows, size), `scores`: at
    /// least (rows)
    fn weigh(query: &[f32], memory: &[f32], scores: &mut [f32], output: &mut [f32])
    {
        let size = query.len();
        let scores = &mut scores[..memory.len() / size];
        let scale = 1.0 / (size as f32).sqrt();
        for (score, row) in scores.iter_mut().zip(memory.chunks_exact(size)) {
            *score = dot(query, row) * scale;
        }
        let max = max(scores);
        let mut total = 0.0;
        for score in scores.iter_mut() {
            *score = exp(*score - max);
            total += *score;
        }
        for (score, row) in scores.iter().zip(memory.chunks_exact(size)) {
            let weight = score / total;
            output.iter_mut().zip(row).for_each(|(y, x)| *y += weight * x);
        }
    }
}
