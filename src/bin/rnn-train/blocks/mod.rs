//! The blocks of a network in libtorch: one file for each kind, as in `rnn_tools::model::blocks`.

mod adaptive_softmax;
mod attention;
mod embedding;
mod recurrent;
mod softmax;

use rnn_tools::settings::Settings;
use tch::{Device, Kind, Tensor};

use crate::linear_cross_entropy::Loss;
pub use adaptive_softmax::AdaptiveSoftmax;
pub use attention::Attention;
pub use embedding::Embedding;
pub use recurrent::Recurrent;
pub use softmax::Softmax;

/// A trainable tensor of a block, with its name for `--freeze`.
pub struct Parameter {
    pub name: String,
    pub tensor: Tensor,
}

impl Parameter {
    /// Draws the tensor uniformly from +-`bound`.
    pub fn uniform(name: impl Into<String>, shape: &[i64], bound: f64, device: Device) -> Self {
        let mut tensor = Tensor::empty(shape, (Kind::Float, device));
        let _ = tensor.uniform_(-bound, bound);
        Self::new(name, tensor)
    }

    pub fn new(name: impl Into<String>, tensor: Tensor) -> Self {
        Self { name: name.into(), tensor: tensor.set_requires_grad(true) }
    }
}

/// The interface of all blocks.
pub trait Block {
    fn parameters(&self) -> Vec<&Parameter>;

    /// Returns views of the parameters in the order of the model's `Block::tensors`.
    fn tensors(&self) -> Vec<Tensor> {
        self.parameters().iter().map(|parameter| parameter.tensor.shallow_clone()).collect()
    }
}

/// A block that processes a window of time steps and has a state.
pub trait Layer: Block {
    /// Returns the initial state of a batch.
    fn zero_state(&self, batch: i64, device: Device) -> Vec<Tensor>;

    /// Processes x (time, batch, input size). Returns the outputs (time, batch, size) and the new state, detached from
    /// the graph. Dropout is on if `training` is given.
    fn forward(&self, x: &Tensor, state: &[Tensor], training: Option<&Settings>) -> (Tensor, Vec<Tensor>);
}

/// An output layer.
pub trait Output: Block {
    /// Scores `targets` (n) given `features` (n, size). With a loss, also returns the gradients of the mean
    /// cross-entropy, with label smoothing over the vocabulary; in an adaptive softmax, over the classes of the head
    /// and of each cluster.
    fn pass(&self, features: &Tensor, targets: &Tensor, loss: Option<Loss>) -> Pass;

    /// Sets the bias to the logarithms of the class frequencies, computed from the counts of the tokens. A `fixed` bias
    /// is not trained.
    fn set_bias(&mut self, counts: &[f64], fixed: bool);

    /// Returns the logarithms of all probabilities, computed with autograd for all rows at once. (n, vocab_size)
    #[cfg(test)]
    fn log_probabilities(&self, features: &Tensor) -> Tensor;
}

/// Scores of n positions.
pub struct Pass {
    /// Logarithms of the probabilities of the targets. (n)
    pub log_likelihoods: Tensor,
    /// The number of positions whose target is the most probable token; a scalar tensor in double precision.
    pub correct: Tensor,
    /// The gradients of the mean smoothed cross-entropy; None without a loss.
    pub gradients: Option<Gradients>,
}

pub struct Gradients {
    /// (n, features)
    pub features: Tensor,
    /// One entry per output-layer parameter, in the same order.
    pub parameters: Vec<Tensor>,
    /// The gradient of a tied weight. (vocab_size, embedding_size)
    pub embedding: Option<Tensor>,
}

/// Sets a bias to the logarithms of the relative frequencies.
fn set_unigram(bias: &mut Parameter, counts: &[f64], fixed: bool) {
    let total: f64 = counts.iter().sum();
    let values: Vec<f32> = counts.iter().map(|count| (count / total).ln() as f32).collect();
    bias.tensor = Tensor::from_slice(&values).to_device(bias.tensor.device()).set_requires_grad(!fixed);
}

/// Returns the logarithms of the softmax of a projection. (n, classes)
#[cfg(test)]
fn log_softmax(x: &Tensor, weight: &Tensor, bias: Option<&Tensor>) -> Tensor {
    x.linear(weight, bias).log_softmax(-1, Kind::Float)
}
