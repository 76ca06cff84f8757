//! The model file: a network, its tokenizer and its training record in one safetensors file, which is safe to load from
//! untrusted sources and easy to open in Python.
//!
//! Tensors have the names and gate order of PyTorch's `state_dict`; the metadata contains three JSON strings: `config`,
//! `tokenizer` and `training`.

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
pub use int8::quantize;
pub use stored::{Parts, StoredModel, StoredWeights, Weights};

/// The name of the file in the folder that `rnn-train -o` creates.
pub const FILE_NAME: &str = "model.safetensors";

/// The file type in messages.
const KIND: &str = "model file";

/// How the weights were trained.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The epoch of these weights: the best by validation loss.
    pub best_epoch: usize,
    /// The number of epochs that had run when the file was written.
    pub epochs: usize,
    /// The validation loss of the network alone, in nats per token.
    pub val_loss: f64,
    pub val_accuracy: f64,
    /// The validation loss with the n-gram model, whose weights are fitted on the same split.
    pub mixed_val_loss: Option<f64>,
    /// The training loss with dropout, in nats per token.
    pub loss: f64,
    pub accuracy: f64,
    pub seed: u64,
    /// SHA-256 of the token file's tensors.
    pub data: String,
    /// All settings of the run, under the names of rnn-train's options.
    pub settings: serde_json::Value,
}

/// A tensor of 32-bit floats in row-major order.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// The contents of a model file.
#[derive(Clone, Debug)]
pub struct ModelFile {
    pub config: Config,
    pub tokenizer: Tokenizer,
    pub training: Training,
    pub tensors: HashMap<String, Tensor>,
    /// The n-gram model that is interpolated with the network, if any.
    pub ngram: Option<Ngram>,
}

/// Returns `path` itself, or the model file in the folder `path`.
pub fn locate(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(FILE_NAME) } else { path.to_path_buf() }
}

/// Returns the SHA-256 of the model file at `path` or in the folder `path`, which identifies the model of a generated
/// text.
pub fn fingerprint(path: &Path) -> Result<String> {
    let path = locate(path);
    if io::is_stream(&path) {
        return Err(Error::usage("cannot compute the fingerprint of a model from standard input; give a file"));
    }
    Ok(hex(&Sha256::digest(io::read(&path)?)))
}

impl ModelFile {
    /// Creates an untrained network with weights uniform in ±0.5, for tests and benchmarks.
    pub fn random(config: Config, tokenizer: Tokenizer, seed: u64) -> Self {
        let mut rng = Rng::new(seed);
        let mut tensor = |shape: Vec<usize>| {
            let data = (0..shape.iter().product()).map(|_| rng.uniform() as f32 - 0.5).collect();
            Tensor { shape, data }
        };
        let tensors = config.tensors().into_iter().map(|(name, shape)| (name, tensor(shape))).collect();
        Self { config, tokenizer, training: Training::default(), tensors, ngram: None }
    }

    /// Reads and checks a model file, or the one in a folder. Integer weights are converted to floats.
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

    /// Writes the file atomically. Every tensor of `config` must exist in its shape.
    pub fn write(&self, path: &Path) -> Result<()> {
        self.write_as(path, |name, shape, data| vec![TensorData::f32(name, shape, data)])
    }

    /// Like [`write`](Self::write), with matrices as 8-bit integers: a quarter of the size.
    pub fn write_int8(&self, path: &Path) -> Result<()> {
        self.write_as(path, int8::entries)
    }

    fn write_as(&self, path: &Path, entries: impl Fn(&str, Vec<usize>, &[f32]) -> Vec<TensorData>) -> Result<()> {
        let names = self.config.tensors();
        let mut entries: Vec<TensorData> =
            names.iter().flat_map(|(name, shape)| entries(name, shape.clone(), &self.tensors[name].data)).collect();
        entries.extend(self.ngram.iter().flat_map(ngram::entries));
        let json = |value: serde_json::Result<String>| value.expect("these structs can always be written as JSON");
        let metadata = [
            ("format", "pt".to_string()),
            ("config", json(serde_json::to_string(&self.config))),
            ("tokenizer", self.tokenizer.to_json()),
            ("training", json(serde_json::to_string(&self.training))),
        ];
        // 8-bit integers last, so that all others are aligned.
        entries.sort_by_key(|entry| entry.dtype == Dtype::I8);
        container::write(path, &metadata, &entries)
    }
}

/// Reads all tensors of a network as floats.
fn collect(config: &Config, weights: &impl Weights) -> Result<HashMap<String, Tensor>> {
    let tensor = |(name, shape): (String, Vec<usize>)| {
        let mut data = vec![0.0; shape.iter().product()];
        weights.floats(&name, 0, &mut data)?;
        Ok((name, Tensor { shape, data }))
    };
    config.tensors().into_iter().map(tensor).collect()
}
