//! A training run between two epochs: enough to go on as if it had never stopped.
//!
//! Random numbers need no place in it, since every epoch starts its own.

use std::path::Path;

use rnn_tools::container::{self, Container, Entry};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::history::Epoch;
use rnn_tools::io;
use rnn_tools::settings::Settings;
use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use tch::{Device, Tensor, no_grad};

/// The file's name in the folder that `rnn-train -o` makes.
pub const FILE_NAME: &str = "checkpoint.safetensors";

/// All of a run but its tensors.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Progress {
    pub settings: Settings,
    pub seed: u64,
    /// Fingerprint of the token file.
    pub data: String,
    pub epochs: Vec<Epoch>,
    /// Steps of the optimizer so far.
    pub steps: usize,
    /// Of the model that is kept, where there are n-grams.
    pub mixed_val_loss: Option<f64>,
}

/// Replaces the checkpoint in `folder`, all or nothing. `tensors` by name.
pub fn write(folder: &Path, progress: &Progress, tensors: &[(String, Tensor)]) -> Result<()> {
    let entry = |(name, tensor): &(String, Tensor)| {
        let flat = tensor.detach().to_device(Device::Cpu).contiguous().view(-1);
        let row = Vec::<f32>::try_from(flat).expect("parameters and moments are 32-bit floats");
        Entry::floats(name, vec![row.len()], &row)
    };
    let entries: Vec<Entry> = tensors.iter().map(entry).collect();
    let progress = serde_json::to_string(progress).expect("progress has a JSON form");
    container::write(&folder.join(FILE_NAME), &[("progress", progress)], &entries)
}

/// A checkpoint that has been read.
pub struct Checkpoint {
    pub progress: Progress,
    path: std::path::PathBuf,
    bytes: Vec<u8>,
}

impl Checkpoint {
    pub fn read(folder: &Path) -> Result<Self> {
        let path = folder.join(FILE_NAME);
        if !path.exists() {
            return Err(Error::failure(format!("nothing to resume: there is no {}", quoted(&path)))
                .hint("leave --resume out to begin a training in this folder"));
        }
        let bytes = io::read(&path)?;
        let progress = Container::parse(&bytes, "checkpoint")
            .and_then(|file| serde_json::from_str(file.text("progress")?).map_err(|e| format!("bad `progress`: {e}")))
            .map_err(|fault| Error::file(&path, fault))?;
        Ok(Self { progress, path, bytes })
    }

    /// Refuses to go on with other data or settings than those of the run, naming what differs.
    pub fn check(&self, data: &str, wanted: &Settings, seed: Option<u64>) -> Result<()> {
        let Progress { settings, .. } = &self.progress;
        if data != self.progress.data {
            return Err(Error::failure("the token file is not the one of the training to be resumed")
                .hint("give the same token file, or leave --resume out to begin anew"));
        }
        let json = |settings: &Settings| serde_json::to_value(settings).expect("settings have a JSON form");
        let (was, is) = (json(settings), json(wanted));
        let names = was.as_object().into_iter().flatten().map(|(name, _)| name);
        if let Some(name) = names.into_iter().find(|name| was[*name] != is[*name]) {
            let option = name.replace('_', "-");
            return Err(Error::failure(format!(
                "--{option} is {} in the training to be resumed, not {}",
                was[name], is[name]
            ))
            .hint("settings cannot change within a training; leave --resume out to begin anew"));
        }
        if seed.is_some_and(|seed| seed != self.progress.seed) {
            return Err(Error::failure(format!(
                "--random-seed is {} in the training to be resumed",
                self.progress.seed
            )));
        }
        Ok(())
    }

    /// Copies the tensors into those of a trainer of the same settings.
    pub fn restore(&self, tensors: &[(String, Tensor)]) -> Result<()> {
        let fault = |fault: String| Error::file(&self.path, fault);
        let file = Container::parse(&self.bytes, "checkpoint").map_err(fault)?;
        for (name, tensor) in tensors {
            let row = file.row(name, Dtype::F32, f32::from_le_bytes).map_err(fault)?;
            if row.len() != tensor.numel() {
                return Err(fault(format!("tensor `{name}` has {} numbers, not {}", row.len(), tensor.numel())));
            }
            let row = Tensor::from_slice(&row).view(tensor.size().as_slice());
            no_grad(|| tensor.shallow_clone().copy_(&row));
        }
        Ok(())
    }
}
