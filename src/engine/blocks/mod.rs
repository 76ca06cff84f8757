//! The engine's implementations of the blocks in `model::blocks`, one file per type.

mod adaptive_softmax;
mod attention;
mod embedding;
mod gate_projections;
mod gru;
mod lstm;
mod rnn;
mod softmax;

use std::sync::Arc;

use super::matrix::Matrix;
use super::state::{State, StateSlot, Workspace};
use super::tensors::Tensors;
use crate::error::Result;
use crate::model::{self, Cell};
pub use attention::Attention;
pub use embedding::Embedding;
pub use lstm::TrainableLstm;

/// A block that is updated with each token.
pub trait Layer: Send + Sync {
    /// Reads the input for each state from `work.x` and replaces it with the output. Values for the next step are
    /// stored in the state.
    fn step(&self, states: &mut [&mut State], work: &mut Workspace);
}

/// An output layer.
pub trait Output: Send + Sync {
    /// Computes the logits of the next token from the features of `n` states in `work.x`. `logits`: (n, vocab_size)
    fn logits(&self, n: usize, logits: &mut [f32], work: &mut Workspace);
}

/// Creates a recurrent layer, whose values are at `slot` in a state.
pub fn recurrent(block: &model::Block, cell: Cell, slot: StateSlot, tensors: &Tensors) -> Result<Box<dyn Layer>> {
    Ok(match cell {
        Cell::Lstm => Box::new(lstm::Lstm::load(block, slot, tensors)?),
        Cell::Gru => Box::new(gru::Gru::load(block, slot, tensors)?),
        Cell::RnnTanh => Box::new(rnn::Rnn::load(block, rnn::tanh, slot, tensors)?),
        Cell::RnnRelu => Box::new(rnn::Rnn::load(block, rnn::relu, slot, tensors)?),
    })
}

/// Creates the output layer. `embedding` is used as its weight if the weights are tied.
pub fn output(block: &model::Block, embedding: &Arc<Matrix>, tensors: &Tensors) -> Result<Box<dyn Output>> {
    Ok(match block {
        model::Block::AdaptiveSoftmax(softmax) => {
            Box::new(adaptive_softmax::AdaptiveSoftmax::load(block, softmax, tensors)?)
        }
        _ => Box::new(softmax::Softmax::load(block, embedding, tensors)?),
    })
}
