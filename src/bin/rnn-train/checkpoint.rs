//! Checkpoints: the complete state of a training run after a step, from which it can be resumed as if it had never
//! stopped.
//!
//! The state of the random generator is not saved, since every step seeds it.

use std::path::{Path, PathBuf};

use rnn_tools::container::{self, Container, TensorSpec};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::history::Row;
use rnn_tools::io;
use rnn_tools::settings::Settings;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::{Kind, Tensor};

/// The file's name in the folder that `rnn-train -o` writes.
pub const FILE_NAME: &str = "checkpoint.safetensors";

/// The position of a run in its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The current epoch, from 1.
    pub epoch: usize,
    /// The number of its windows read so far.
    pub window: usize,
    /// The number of windows read in all, which are optimizer steps unless gradients are accumulated.
    pub steps: usize,
}

/// The state of a run, except its tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Progress {
    pub settings: Settings,
    pub seed: u64,
    /// The fingerprint of the token file.
    pub data: String,
    /// The tokenizer of the `--from` model as `tokenizer.json`; None if the token file's is used.
    pub vocabulary: Option<String>,
    #[serde(rename = "place")]
    pub position: Position,
    pub rows: Vec<Row>,
    /// Tokens read since the last row, and the seconds taken.
    pub tokens: usize,
    pub row_seconds: f64,
    /// The time of the whole run.
    pub seconds: f64,
    /// The number of averaged steps; None if the weights are not averaged.
    pub averaged: Option<usize>,
    /// The loss of the best model with n-grams, if there are any.
    pub mixed_val_loss: Option<f64>,
    /// The number of rollbacks after divergence, each of which halved the learning rate.
    pub rollbacks: i32,
}

/// Replaces the checkpoint in `folder` atomically. `tensors` are named, and 32 or 64 bits wide.
pub fn write(folder: &Path, progress: &Progress, tensors: &[(String, Tensor)]) -> Result<()> {
    let width = |tensor: &Tensor| tensor.numel() * tensor.kind().elt_size_in_bytes();
    let outlines: Vec<TensorSpec> = tensors
        .iter()
        .map(|(name, tensor)| TensorSpec {
            name,
            dtype: if tensor.kind() == Kind::Double { Dtype::F64 } else { Dtype::F32 },
            shape: tensor.size().iter().map(|&n| n as usize).collect(),
            bytes: width(tensor),
        })
        .collect();
    let progress = serde_json::to_string(progress).expect("progress has a JSON form");
    // One tensor at a time, to avoid a second copy of all of them.
    container::write_with(&folder.join(FILE_NAME), &[("progress", progress)], &outlines, |out| {
        tensors.iter().try_for_each(|(_, tensor)| {
            let tensor = tensor.detach().to_device(tch::Device::Cpu).contiguous();
            let mut data = vec![0; width(&tensor)];
            tensor.copy_data_u8(&mut data, tensor.numel());
            out.write_all(&data)
        })
    })
}

/// A checkpoint that has been read.
pub struct Checkpoint {
    pub progress: Progress,
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Checkpoint {
    /// Returns the path of the checkpoint in a folder, or an error if there is none.
    pub fn find(folder: &Path) -> Result<PathBuf> {
        let path = folder.join(FILE_NAME);
        if !path.exists() {
            return Err(Error::failure(format!("nothing to resume: there is no {}", quoted(&path)))
                .hint("omit --resume, or use --resume=auto, to start a new run in this folder"));
        }
        Ok(path)
    }

    pub fn read(folder: &Path) -> Result<Self> {
        let path = Self::find(folder)?;
        let bytes = io::read(&path)?;
        let progress = Container::parse(&bytes, "checkpoint")
            .and_then(|file| {
                serde_json::from_str(file.metadata("progress")?)
                    .map_err(|e| Error::invalid(format!("bad `progress`: {e}")))
            })
            .map_err(|e| e.in_file(&path))?;
        if container::checksum_matches(&bytes) == Some(false) {
            return Err(Error::file(&path, "corrupt: the checksum does not match").hint(
                "rename an older checkpoint-STEP.safetensors to it, if there is one, or start again with --overwrite",
            ));
        }
        Ok(Self { progress, path, bytes })
    }

    /// Fails if the data or the seed are not those of the run.
    pub fn check(&self, data: &str, seed: Option<u64>) -> Result<()> {
        if data != self.progress.data {
            return Err(Error::failure("the token file is not the one this run was started with")
                .hint("give the same token file, or start a new run in another folder"));
        }
        if seed.is_some_and(|seed| seed != self.progress.seed) {
            return Err(Error::failure(format!(
                "--resume keeps the settings of the run: --random-seed is {}",
                self.progress.seed
            )));
        }
        Ok(())
    }

    /// Returns the tensors `prefix.0`, `prefix.1` and so on.
    pub fn tensors(&self, prefix: &str) -> Result<Vec<Tensor>> {
        let file = Container::parse(&self.bytes, "checkpoint").map_err(|e| e.in_file(&self.path))?;
        let names = (0..).map(|number| format!("{prefix}.{number}"));
        names
            .take_while(|name| file.contains(name))
            .map(|name| tensor(&file, &name).map_err(|e| e.in_file(&self.path)))
            .collect()
    }

    /// Copies the saved values into `tensors`, which belong to a trainer with the same settings.
    pub fn restore(&self, tensors: &[(String, Tensor)]) -> Result<()> {
        let file = Container::parse(&self.bytes, "checkpoint").map_err(|e| e.in_file(&self.path))?;
        for (name, into) in tensors {
            let tensor = tensor(&file, name).map_err(|e| e.in_file(&self.path))?;
            if tensor.size() != into.size() {
                return Err(Error::file(
                    &self.path,
                    format!("tensor `{name}` has the shape {:?}, expected {:?}", tensor.size(), into.size()),
                ));
            }
            tch::no_grad(|| into.shallow_clone().copy_(&tensor));
        }
        Ok(())
    }
}

/// Formats differences between settings for an error message.
pub fn list(differences: &[(String, Value, Value)]) -> String {
    let all: Vec<String> =
        differences.iter().map(|(option, was, is)| format!("--{option} is {was}, not {is}")).collect();
    all.join("; ")
}

fn tensor(file: &Container, name: &str) -> Result<Tensor> {
    let (dtype, shape) = file.tensor_info(name)?;
    let kind = match dtype {
        Dtype::F32 => Kind::Float,
        Dtype::F64 => Kind::Double,
        other => return Err(Error::invalid(format!("tensor `{name}` has the unsupported type {other:?}"))),
    };
    let shape: Vec<i64> = shape.iter().map(|&n| n as i64).collect();
    Ok(Tensor::from_data_size(&file.bytes(name)?, &shape, kind))
}
