//! The embedding.

use rnn_tools::model::blocks;
use rnn_tools::settings::Settings;
use tch::{Device, Kind, Tensor};

use super::{Block, Parameter};
use crate::dropout::drop_rows;

pub struct Embedding {
    /// (vocab_size, size)
    pub weight: Parameter,
}

impl Embedding {
    /// Draws the weight from a normal distribution with standard deviation 1, as in PyTorch: character models learn
    /// much faster from it. A tied weight is uniform in +-0.1.
    pub fn new(block: &blocks::Embedding, is_tied: bool, device: Device) -> Self {
        let shape = [block.vocab_size as i64, block.size as i64];
        let weight = match is_tied {
            true => Parameter::uniform("embedding", &shape, 0.1, device),
            false => Parameter::new("embedding", Tensor::randn(shape, (Kind::Float, device))),
        };
        Self { weight }
    }

    /// Returns the vectors of tokens (time, batch). In training, whole words are dropped. (time, batch, size)
    pub fn forward(&self, tokens: &Tensor, training: Option<&Settings>) -> Tensor {
        let weight = drop_rows(&self.weight.tensor, training.map_or(0.0, |settings| settings.dropout_embedding));
        Tensor::embedding(&weight, tokens, -1, false, false)
    }
}

impl Block for Embedding {
    fn parameters(&self) -> Vec<&Parameter> {
        vec![&self.weight]
    }
}
