//! The model file: a network, its tokenizer and how it was trained, in one safetensors file that any
//! Python user can open and anybody can load from a stranger.
//!
//! Tensors carry PyTorch's `state_dict` names and gate order; the metadata holds three JSON
//! texts, `config`, `tokenizer` and `training`.

pub mod blocks;
mod cell;
mod config;
mod int8;
pub mod layers;
mod stored;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::container::{self, Container, TensorData};
use crate::error::{Error, Result};
use crate::format::hex;
use crate::io;
use crate::ngram::{self, Ngram};
use crate::random::Rng;
use crate::text::Tokenizer;
pub use blocks::Block;
pub use cell::Cell;
pub use config::Config;
pub use int8::quantise;
pub use stored::{Parts, StoredModel, StoredWeights, Weights};

/// The file's name in the folder that `rnn-train -o` makes.
pub const FILE_NAME: &str = "model.safetensors";

/// What the file is called in messages.
const KIND: &str = "model file";

/// How the weights came to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// Epochs behind these weights (the best by validation loss), and epochs run until they were written.
    pub best_epoch: usize,
    pub epochs: usize,
    /// Nats a token on the validation part, by the network alone.
    pub val_loss: f64,
    pub val_accuracy: f64,
    /// The same by the mixture with the n-gram model, whose shares are learned on that part too.
    pub mixed_val_loss: Option<f64>,
    /// Nats a token on the training part, with dropout on.
    pub loss: f64,
    pub accuracy: f64,
    pub seed: u64,
    /// SHA-256 of the token file's tensors.
    pub data: String,
    /// Every setting of the run, under the names of rnn-train's options.
    pub settings: serde_json::Value,
}

/// A tensor of 32-bit floats in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// All that a model file holds.
#[derive(Clone, Debug)]
pub struct ModelFile {
    pub config: Config,
    pub tokenizer: Tokenizer,
    pub training: Training,
    pub tensors: HashMap<String, Tensor>,
    /// The book's own n-gram model, where one is mixed with the network.
    pub ngram: Option<Ngram>,
}

/// `path` itself, or the model file in the folder `path`.
pub fn locate(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(FILE_NAME) } else { path.to_path_buf() }
}

/// SHA-256 of the model file at `path`, or of the one in a folder: by which a text names what wrote it.
pub fn fingerprint(path: &Path) -> Result<String> {
    let path = locate(path);
    if io::is_stream(&path) {
        return Err(Error::usage("a model from standard input cannot be named by its fingerprint; give its file"));
    }
    Ok(hex(&Sha256::digest(io::read(&path)?)))
}

impl ModelFile {
    /// A network that has learned nothing, every weight uniform in +-0.5: for tests and benchmarks.
    pub fn random(config: Config, tokenizer: Tokenizer, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut tensor = |shape: Vec<usize>| {
            let data = (0..shape.iter().product()).map(|_| rng.uniform() as f32 - 0.5).collect();
            Tensor { shape, data }
        };
        let tensors = config.tensors().into_iter().map(|(name, shape)| (name, tensor(shape))).collect();
        Self { config, tokenizer, training: Training::default(), tensors, ngram: None }
    }

    /// Reads and checks a model file, or the one in a folder. Weights that are kept as integers become floats again.
    pub fn read(path: &Path) -> Result<Self> {
        let stored = StoredModel::open(path)?;
        let tensors = collect(&stored.parts.config, &stored.weights).map_err(|e| stored.invalid(e))?;
        Ok(Self::new(stored.parts, tensors))
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (parts, weights) = stored::parse(Container::parse(bytes, KIND)?)?;
        let tensors = collect(&parts.config, &weights)?;
        Ok(Self::new(parts, tensors))
    }

    fn new(parts: Parts, tensors: HashMap<String, Tensor>) -> Self {
        let Parts { config, tokenizer, training, ngram } = parts;
        Self { config, tokenizer, training, tensors, ngram }
    }

    /// Writes the file whole or not at all. Every tensor of `config` must be there in its shape.
    pub fn write(&self, path: &Path) -> Result<()> {
        self.write_as(path, |name, shape, data| vec![TensorData::f32(name, shape, data)])
    }

    /// As [`write`](Self::write), with the matrices as 8-bit integers: a quarter of the size.
    pub fn write_int8(&self, path: &Path) -> Result<()> {
        self.write_as(path, int8::entries)
    }

    fn write_as(&self, path: &Path, entries: impl Fn(&str, Vec<usize>, &[f32]) -> Vec<TensorData>) -> Result<()> {
        let names = self.config.tensors();
        let mut entries: Vec<TensorData> =
            names.iter().flat_map(|(name, shape)| entries(name, shape.clone(), &self.tensors[name].data)).collect();
        entries.extend(self.ngram.iter().flat_map(ngram::entries));
        let json = |value: serde_json::Result<String>| value.expect("these structs always have a JSON form");
        let metadata = [
            ("format", "pt".to_string()),
            ("config", json(serde_json::to_string(&self.config))),
            ("tokenizer", self.tokenizer.to_json()),
            ("training", json(serde_json::to_string(&self.training))),
        ];
        // Integers of 8 bits last, so that all others are aligned.
        entries.sort_by_key(|entry| entry.dtype == Dtype::I8);
        container::write(path, &metadata, &entries)
    }
}

/// All tensors of a network, as floats.
fn collect(config: &Config, weights: &impl Weights) -> Result<HashMap<String, Tensor>> {
    let tensor = |(name, shape): (String, Vec<usize>)| {
        let mut data = vec![0.0; shape.iter().product()];
        weights.floats(&name, 0, &mut data)?;
        Ok((name, Tensor { shape, data }))
    };
    config.tensors().into_iter().map(tensor).collect()
}
