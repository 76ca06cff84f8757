//! The softmax over the whole vocabulary.

use rnn_tools::model::blocks;
use tch::{Device, Kind, Tensor};

use super::{Block, Gradients, Output, Parameter, Pass, set_unigram};
use crate::linear_cross_entropy::{LinearCrossEntropy, Loss, Scores};

pub struct Softmax {
    /// (vocab_size, size); None if it is tied to the embedding.
    weight: Option<Parameter>,
    embedding: Tensor,
    /// (vocab_size)
    bias: Parameter,
    /// The data type of matrix products in training.
    kind: Kind,
}

impl Softmax {
    /// Draws the weight uniformly from +-0.1; the bias is 0. `embedding` is the weight if it is tied.
    pub fn new(block: &blocks::Softmax, embedding: &Tensor, kind: Kind, device: Device) -> Self {
        let [vocab_size, size] = [block.vocab_size, block.input_size].map(|n| n as i64);
        let weight = || Parameter::uniform("output.weight", &[vocab_size, size], 0.1, device);
        Self {
            weight: (!block.is_tied).then(weight),
            embedding: embedding.shallow_clone(),
            bias: Parameter::new("output.bias", Tensor::zeros([vocab_size], (Kind::Float, device))),
            kind,
        }
    }

    fn weight(&self) -> &Tensor {
        self.weight.as_ref().map_or(&self.embedding, |weight| &weight.tensor)
    }
}

impl Block for Softmax {
    fn parameters(&self) -> Vec<&Parameter> {
        self.weight.iter().chain([&self.bias]).collect()
    }
}

impl Output for Softmax {
    fn pass(&self, features: &Tensor, targets: &Tensor, loss: Option<Loss>) -> Pass {
        let layer =
            LinearCrossEntropy { weight: self.weight(), bias: Some(&self.bias.tensor), training_kind: self.kind };
        let Scores { log_likelihoods, correct, gradients } = layer.pass(features, targets, loss);
        let gradients = gradients.map(|g| {
            let bias = g.bias.expect("there is a bias");
            let (parameters, embedding) =
                if self.weight.is_some() { (vec![g.weight, bias], None) } else { (vec![bias], Some(g.weight)) };
            Gradients { features: g.hidden, parameters, embedding }
        });
        Pass { log_likelihoods, correct: correct.sum(Kind::Double), gradients }
    }

    fn set_bias(&mut self, counts: &[f64], fixed: bool) {
        set_unigram(&mut self.bias, counts, fixed);
    }

    #[cfg(test)]
    fn log_probabilities(&self, features: &Tensor) -> Tensor {
        super::log_softmax(features, self.weight(), Some(&self.bias.tensor))
    }
}
