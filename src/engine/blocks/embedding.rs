//! The embedding.

use std::ops::Range;
use std::sync::Arc;

use super::Layer;
use crate::engine::matrix::Matrix;
use crate::engine::state::{State, Workspace};

pub struct Embedding {
    /// (vocab_size, size)
    pub weight: Arc<Matrix>,
    /// The position of the last token's embedding in a state; empty if it is not kept.
    pub output: Range<usize>,
}

impl Layer for Embedding {
    /// Reads the tokens in `work.tokens`.
    fn step(&self, states: &mut [&mut State], work: &mut Workspace) {
        let rows = work.x.chunks_exact_mut(self.weight.columns);
        for ((state, &token), row) in states.iter_mut().zip(&work.tokens).zip(rows) {
            self.weight.row(token as usize, row);
            state.values[self.output.clone()].copy_from_slice(&row[..self.output.len()]);
        }
    }
}
