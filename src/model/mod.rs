//! The model file: a network, its tokenizer and how it was trained, in one safetensors file that any
//! Python user can open and anybody can load from a stranger.
//!
//! Tensors carry PyTorch's `state_dict` names and gate order; the metadata holds three JSON
//! texts, `config`, `tokenizer` and `training`.

mod config;
mod int8;
pub mod layers;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::container::{self, Container, Entry};
use crate::error::{Error, Result};
use crate::io;
use crate::ngram::{self, Ngram};
use crate::numerals::hex;
use crate::random::Rng;
use crate::text::Tokenizer;
pub use config::{Cell, Config};
pub use int8::quantise;

/// The file's name in the folder that `rnn-train -o` makes.
pub const FILE_NAME: &str = "model.safetensors";

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

/// Where weights are had from, row by row.
pub trait Weights: Sync {
    /// Whether tensor `name` is kept as 8-bit integers.
    fn is_int8(&self, name: &str) -> bool;

    /// Copies whole rows of a tensor, from row `first`, as floats that are finite.
    fn floats(&self, name: &str, first: usize, to: &mut [f32]) -> std::result::Result<(), String>;

    /// Copies whole rows of a tensor that is kept as integers, and their scales.
    fn integers(&self, name: &str, first: usize, to: &mut [i8], scales: &mut [f32]) -> std::result::Result<(), String>;
}

impl Weights for HashMap<String, Tensor> {
    fn is_int8(&self, _: &str) -> bool {
        false
    }

    fn floats(&self, name: &str, first: usize, to: &mut [f32]) -> std::result::Result<(), String> {
        let tensor = self.get(name).ok_or_else(|| format!("tensor `{name}` is missing"))?;
        let begin = first * tensor.shape[1..].iter().product::<usize>();
        to.copy_from_slice(&tensor.data[begin..begin + to.len()]);
        Ok(())
    }

    fn integers(&self, name: &str, _: usize, _: &mut [i8], _: &mut [f32]) -> std::result::Result<(), String> {
        Err(format!("tensor `{name}` is not kept as integers"))
    }
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

    /// Reads and checks a model file, or the one in a folder: everything that `Config` names is there, in
    /// the right shape and finite, and the tokenizer has as many tokens as the network has outputs.
    pub fn read(path: &Path) -> Result<Self> {
        let path = locate(path);
        if !path.exists() && !io::is_stream(&path) {
            return Err(Error::failure(format!("no model at {}", crate::error::quoted(&path)))
                .hint("train one: rnn-train NAME.tokens -o FOLDER"));
        }
        let bytes = io::read(&path)?;
        Self::from_bytes(&bytes).map_err(|fault| Error::file(&path, fault).hint("a model file is written by rnn-train"))
    }

    pub fn from_bytes(bytes: &[u8]) -> std::result::Result<Self, String> {
        let file = Container::parse(bytes, "model file")?;
        let field = |name: &str| file.text(name);
        let config: Config =
            serde_json::from_str(field("config")?).map_err(|e| format!("bad `config` in the metadata: {e}"))?;
        config.check().map_err(|e| format!("bad `config` in the metadata: {e}"))?;
        let tokenizer = Tokenizer::from_json(field("tokenizer")?).map_err(|e| format!("bad tokenizer: {e}"))?;
        let training: Training =
            serde_json::from_str(field("training")?).map_err(|e| format!("bad `training` in the metadata: {e}"))?;
        if tokenizer.len() != config.vocab_size {
            return Err(format!(
                "the tokenizer has {} tokens and the network {} outputs",
                tokenizer.len(),
                config.vocab_size
            ));
        }

        let mut tensors = HashMap::new();
        for (name, shape) in config.tensors() {
            let view = file.tensor(&name)?;
            if view.dtype() != Dtype::F32 || view.shape() != shape {
                return Err(format!(
                    "tensor `{name}` is {:?} {:?}, and F32 {shape:?} is needed",
                    view.dtype(),
                    view.shape()
                ));
            }
            let data: Vec<f32> =
                view.data().chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect();
            if data.iter().any(|x| !x.is_finite()) {
                return Err(format!("tensor `{name}` holds numbers that are not finite"));
            }
            tensors.insert(name, Tensor { shape, data });
        }
        let ngram = ngram::from_container(&file)?;
        if let Some(ngram) = &ngram {
            ngram.check(config.vocab_size)?;
        }
        Ok(Self { config, tokenizer, training, tensors, ngram })
    }

    /// Writes the file whole or not at all. Every tensor of `config` must be there in its shape.
    pub fn write(&self, path: &Path) -> Result<()> {
        let names = self.config.tensors();
        let mut entries: Vec<Entry> =
            names.iter().map(|(name, shape)| Entry::floats(name, shape.clone(), &self.tensors[name].data)).collect();
        entries.extend(self.ngram.iter().flat_map(ngram::entries));
        let json = |value: serde_json::Result<String>| value.expect("these structs always have a JSON form");
        let metadata = [
            ("format", "pt".to_string()),
            ("config", json(serde_json::to_string(&self.config))),
            ("tokenizer", self.tokenizer.to_json()),
            ("training", json(serde_json::to_string(&self.training))),
        ];
        container::write(path, &metadata, &entries)
    }
}
