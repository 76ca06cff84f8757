//! A training run after any step: enough to go on as if it had never stopped.
//!
//! Random numbers need no place in it, since every step starts its own.

use std::path::{Path, PathBuf};

use rnn_tools::container::{self, Container, TensorSpec};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::history::Epoch;
use rnn_tools::io;
use rnn_tools::settings::Settings;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tch::{Kind, Tensor};

/// The file's name in the folder that `rnn-train -o` makes.
pub const FILE_NAME: &str = "checkpoint.safetensors";

/// Where in the data a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The epoch that is under way, from 1.
    pub epoch: usize,
    /// Windows of it that have been read.
    pub window: usize,
    /// Windows read so far, each of them a step of the optimizer unless gradients are accumulated.
    pub steps: usize,
}

/// All of a run but its tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Progress {
    pub settings: Settings,
    pub seed: u64,
    /// Fingerprint of the token file.
    pub data: String,
    /// The tokenizer, as `tokenizer.json`, where it is not the token file's but that of a model that was begun with.
    pub vocabulary: Option<String>,
    #[serde(rename = "place")]
    pub position: Position,
    pub rows: Vec<Epoch>,
    /// Tokens read since the last row, and the seconds that took.
    pub tokens: usize,
    pub row_seconds: f64,
    /// Of the whole run.
    pub seconds: f64,
    /// Steps behind the average of the weights; None where there is none.
    pub averaged: Option<usize>,
    /// Of the model that is kept, where there are n-grams.
    pub mixed_val_loss: Option<f64>,
    /// How often the run diverged and was rolled back; each time the learning rate was halved.
    pub rollbacks: i32,
}

/// Replaces the checkpoint in `folder`, all or nothing. `tensors` by name, of 32 or 64 bits.
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
    // One tensor at a time: no second copy of everything.
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
    /// Where the checkpoint of a folder is; an error where there is none.
    pub fn find(folder: &Path) -> Result<PathBuf> {
        let path = folder.join(FILE_NAME);
        if !path.exists() {
            return Err(Error::failure(format!("nothing to resume: there is no {}", quoted(&path)))
                .hint("leave --resume out to begin a training in this folder"));
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
        Ok(Self { progress, path, bytes })
    }

    /// Refuses to go on with other data or settings than those of the run, naming what differs.
    pub fn check(&self, data: &str, wanted: &Settings, seed: Option<u64>) -> Result<()> {
        if data != self.progress.data {
            return Err(Error::failure("the token file is not the one of the training to be resumed")
                .hint("give the same token file, or leave --resume out to begin anew"));
        }
        let differences = self.progress.settings.differences(wanted);
        if !differences.is_empty() {
            return Err(Error::failure(format!("in the training to be resumed {}", list(&differences)))
                .hint("--resume goes on with the settings of the checkpoint; leave the options out"));
        }
        if seed.is_some_and(|seed| seed != self.progress.seed) {
            return Err(Error::failure(format!(
                "--random-seed is {} in the training to be resumed",
                self.progress.seed
            )));
        }
        Ok(())
    }

    /// The tensors whose names begin with a prefix, in the order of the numbers with which they end.
    pub fn tensors(&self, prefix: &str) -> Result<Vec<Tensor>> {
        let file = Container::parse(&self.bytes, "checkpoint").map_err(|e| e.in_file(&self.path))?;
        let names = (0..).map(|number| format!("{prefix}.{number}"));
        names
            .take_while(|name| file.contains(name))
            .map(|name| tensor(&file, &name).map_err(|e| e.in_file(&self.path)))
            .collect()
    }

    /// Copies tensors into those of a trainer of the same settings.
    pub fn restore(&self, tensors: &[(String, Tensor)]) -> Result<()> {
        let file = Container::parse(&self.bytes, "checkpoint").map_err(|e| e.in_file(&self.path))?;
        for (name, into) in tensors {
            let tensor = tensor(&file, name).map_err(|e| e.in_file(&self.path))?;
            if tensor.size() != into.size() {
                return Err(Error::file(
                    &self.path,
                    format!("tensor `{name}` is {:?}, not {:?}", tensor.size(), into.size()),
                ));
            }
            tch::no_grad(|| into.shallow_clone().copy_(&tensor));
        }
        Ok(())
    }
}

/// Settings that are not what they were, in words.
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
        other => return Err(Error::invalid(format!("tensor `{name}` is {other:?}"))),
    };
    let shape: Vec<i64> = shape.iter().map(|&n| n as i64).collect();
    Ok(Tensor::from_data_size(&file.bytes(name)?, &shape, kind))
}
