//! A model file whose weights are read on demand, directly into their destination.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use safetensors::tensor::Dtype;

use super::{Config, KIND, Tensor, Training, int8, locate};
use crate::container::Container;
use crate::error::{Error, Result};
use crate::io;
use crate::ngram::{self, Ngram};
use crate::text::Tokenizer;

/// A source of weights, which are read by row.
pub trait Weights: Sync {
    /// Whether tensor `name` is stored as 8-bit integers.
    fn is_int8(&self, name: &str) -> bool;

    /// Copies whole rows of a tensor, from row `first` on, as finite floats.
    fn floats(&self, name: &str, first: usize, to: &mut [f32]) -> Result<()>;

    /// Copies whole rows of a tensor that is stored as integers, and their scales.
    fn integers(&self, name: &str, first: usize, to: &mut [i8], scales: &mut [f32]) -> Result<()>;
}

impl Weights for HashMap<String, Tensor> {
    fn is_int8(&self, _: &str) -> bool {
        false
    }

    fn floats(&self, name: &str, first: usize, to: &mut [f32]) -> Result<()> {
        let tensor = self.get(name).ok_or_else(|| Error::invalid(format!("tensor `{name}` is missing")))?;
        let begin = first * columns(&tensor.shape);
        to.copy_from_slice(&tensor.data[begin..begin + to.len()]);
        Ok(())
    }

    fn integers(&self, name: &str, _: usize, _: &mut [i8], _: &mut [f32]) -> Result<()> {
        Err(Error::invalid(format!("tensor `{name}` is not stored as integers")))
    }
}

/// Everything in a model file except the weights.
pub struct Parts {
    pub config: Config,
    pub tokenizer: Tokenizer,
    pub training: Training,
    /// The n-gram model that is interpolated with the network, if any.
    pub ngram: Option<Ngram>,
}

/// An open and checked model file: all tensors of `Config` exist in the right shape, and the tokenizer has as many
/// tokens as the network has outputs. Whether all weights are finite is checked when they are read.
pub struct StoredModel {
    path: PathBuf,
    pub parts: Parts,
    pub weights: StoredWeights<'static>,
}

impl StoredModel {
    /// Opens a model file, or the one in a folder.
    pub fn open(path: &Path) -> Result<Self> {
        let path = locate(path);
        if !path.exists() && !io::is_stream(&path) {
            return Err(Error::failure(format!("no model at {}", crate::error::quoted(&path)))
                .hint("train one: rnn-train NAME.tokens -o FOLDER"));
        }
        let container = Container::open(&path, KIND).map_err(with_hint)?;
        match parse(container) {
            Ok((parts, weights)) => Ok(Self { path, parts, weights }),
            Err(error) => Err(with_hint(error.in_file(path))),
        }
    }

    /// Adds the file name and a hint to an error in the weights.
    pub fn invalid(&self, error: Error) -> Error {
        with_hint(error.in_file(&self.path))
    }
}

fn with_hint(error: Error) -> Error {
    error.hint("model files are written by rnn-train")
}

/// The tensors of a checked model file.
pub struct StoredWeights<'a>(Container<'a>);

/// Checks a container and reads everything except the weights.
pub fn parse(file: Container) -> Result<(Parts, StoredWeights)> {
    let bad =
        |field: &'static str| move |e: serde_json::Error| Error::invalid(format!("bad `{field}` in the metadata: {e}"));
    let config: Config = serde_json::from_str(file.metadata("config")?).map_err(bad("config"))?;
    config.check().map_err(|e| e.context("bad `config` in the metadata"))?;
    let tokenizer = Tokenizer::from_json(file.metadata("tokenizer")?).map_err(|e| e.context("bad tokenizer"))?;
    let training = serde_json::from_str(file.metadata("training")?).map_err(bad("training"))?;
    if tokenizer.len() != config.vocab_size {
        let (tokens, outputs) = (tokenizer.len(), config.vocab_size);
        return Err(Error::invalid(format!(
            "the tokenizer has {tokens} tokens, but the network has {outputs} outputs"
        )));
    }
    for (name, shape) in config.tensors() {
        if file.tensor_info(&name)?.0 == Dtype::I8 && shape.len() == 2 {
            file.check(&name, Dtype::I8, &shape)?;
            file.check(&int8::scale_tensor(&name), Dtype::F32, &shape[..1])?;
        } else {
            file.check(&name, Dtype::F32, &shape)?;
        }
    }
    let ngram = ngram::from_container(&file)?;
    if let Some(ngram) = &ngram {
        ngram.check(config.vocab_size)?;
    }
    Ok((Parts { config, tokenizer, training, ngram }, StoredWeights(file)))
}

impl Weights for StoredWeights<'_> {
    fn is_int8(&self, name: &str) -> bool {
        self.0.tensor_info(name).is_ok_and(|(dtype, _)| dtype == Dtype::I8)
    }

    fn floats(&self, name: &str, first: usize, to: &mut [f32]) -> Result<()> {
        let (dtype, shape) = self.0.tensor_info(name)?;
        let columns = columns(shape);
        if dtype == Dtype::F32 {
            return self.0.read_finite(name, first * columns, to);
        }
        let (mut integers, mut scales) = (vec![0; to.len()], vec![0.0; to.len() / columns]);
        self.integers(name, first, &mut integers, &mut scales)?;
        let rows = to.chunks_exact_mut(columns).zip(integers.chunks_exact(columns));
        for ((to, integers), scale) in rows.zip(scales) {
            to.iter_mut().zip(integers).for_each(|(x, integer)| *x = f32::from(*integer) * scale);
        }
        Ok(())
    }

    fn integers(&self, name: &str, first: usize, to: &mut [i8], scales: &mut [f32]) -> Result<()> {
        self.0.read_finite(&int8::scale_tensor(name), first, scales)?;
        // Ensures that no product with an integer overflows.
        if scales.iter().any(|scale| scale.abs() > f32::MAX / 128.0) {
            return Err(Error::invalid(format!("a scale of tensor `{name}` is out of range")));
        }
        self.0.read(name, first * columns(self.0.tensor_info(name)?.1), to)
    }
}

/// Returns the number of columns; 1 for a vector.
fn columns(shape: &[usize]) -> usize {
    shape[1..].iter().product()
}
