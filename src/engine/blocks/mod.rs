//! The blocks of a network as the engine steps them: a file for each kind, as in `model::blocks`.

mod adaptive_softmax;
mod attention;
mod embedding;
mod gru;
mod lstm;
mod products;
mod rnn;
mod softmax;

use std::sync::Arc;

use super::matrix::Matrix;
use super::state::{Place, State, Workspace};
use super::tensors::Tensors;
use crate::error::Result;
use crate::model::{self, Cell};
pub use attention::Attention;
pub use embedding::Embedding;
pub use lstm::Segment as LstmSegment;

/// A block that moves on with each token.
pub trait Layer: Send + Sync {
    /// Reads the next input of each state from `work.x` and leaves its output there. What the next step needs is kept in
    /// the state.
    fn step(&self, states: &mut [&mut State], work: &mut Workspace);
}

/// An output layer.
pub trait Output: Send + Sync {
    /// Unnormalised log-probabilities of the next token, from the features of `n` states in `work.x`. `logits`:
    /// (n, vocab_size)
    fn logits(&self, n: usize, logits: &mut [f32], work: &mut Workspace);
}

/// A recurrent layer, which lies at `place` in a state.
pub fn recurrent(block: &model::Block, cell: Cell, place: Place, tensors: &Tensors) -> Result<Box<dyn Layer>> {
    Ok(match cell {
        Cell::Lstm => Box::new(lstm::Lstm::load(block, place, tensors)?),
        Cell::Gru => Box::new(gru::Gru::load(block, place, tensors)?),
        Cell::RnnTanh => Box::new(rnn::Rnn::load(block, rnn::tanh, place, tensors)?),
        Cell::RnnRelu => Box::new(rnn::Rnn::load(block, rnn::relu, place, tensors)?),
    })
}

/// The output layer. `embedding` is the weight where it is tied.
pub fn output(block: &model::Block, embedding: &Arc<Matrix>, tensors: &Tensors) -> Result<Box<dyn Output>> {
    Ok(match block {
        model::Block::AdaptiveSoftmax(softmax) => {
            Box::new(adaptive_softmax::AdaptiveSoftmax::load(block, softmax, tensors)?)
        }
        _ => Box::new(softmax::Softmax::load(block, embedding, tensors)?),
    })
}
