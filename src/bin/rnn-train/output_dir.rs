//! The output folder: its files, its lock, and the checkpoints that are kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rnn_tools::cli::train::Limits;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::model::{self, ModelFile};
use rnn_tools::{history, io};
use tch::Tensor;

use crate::checkpoint::{self, Progress};

/// The prefix and suffix of the file names of older checkpoints; the step is in between.
const OLD: (&str, &str) = ("checkpoint-", ".safetensors");

pub struct OutputDir {
    path: PathBuf,
    keep: usize,
    /// The step of this run's latest checkpoint, if there is one.
    pub latest: Option<usize>,
    pub checkpoint_every: Duration,
    int8: bool,
    _lock: io::FolderLock,
}

impl OutputDir {
    /// Locks the folder for this process.
    pub fn lock(path: &Path, limits: &Limits, int8: bool) -> Result<Self> {
        let lock = io::lock_folder(path)?.ok_or_else(|| {
            Error::failure(format!("another run is writing to {}", quoted(path)))
                .hint("wait for it to end, or choose another folder with -o")
        })?;
        let (keep, checkpoint_every) = (limits.keep.max(1), limits.checkpoint_every);
        Ok(Self { path: path.into(), keep, latest: None, checkpoint_every, int8, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn model(&self) -> PathBuf {
        self.path.join(model::FILE_NAME)
    }

    /// Replaces the model file.
    pub fn write_model(&self, file: &ModelFile) -> Result<()> {
        if self.int8 { file.write_int8(&self.model()) } else { file.write(&self.model()) }
    }

    pub fn history(&self) -> PathBuf {
        self.path.join(history::FILE_NAME)
    }

    /// Removes the files of a previous run.
    pub fn clear(&self) -> Result<()> {
        files_of_a_run(&self.path).iter().try_for_each(remove)
    }

    /// Replaces the checkpoint. With `--keep` above 1, the previous one is kept under a name with its step.
    pub fn save(&mut self, progress: &Progress, tensors: &[(String, Tensor)]) -> Result<()> {
        let latest = self.path.join(checkpoint::FILE_NAME);
        let step = progress.position.steps;
        if let Some(previous) = self.latest.filter(|&previous| self.keep > 1 && previous < step) {
            let old = self.path.join(format!("{}{previous}{}", OLD.0, OLD.1));
            let _ = fs::remove_file(&old);
            // A hard link if possible, so that the latest checkpoint exists at all times.
            fs::hard_link(&latest, &old)
                .or_else(|_| fs::copy(&latest, &old).map(|_| ()))
                .map_err(|e| Error::io("write", &old, e))?;
        }
        checkpoint::write(&self.path, progress, tensors)?;
        self.latest = Some(step);
        self.remove_old_checkpoints(self.keep - 1)
    }

    /// Removes all older checkpoints but the last `keep`.
    fn remove_old_checkpoints(&self, keep: usize) -> Result<()> {
        let old = old_checkpoints(&self.path);
        old[..old.len().saturating_sub(keep)].iter().try_for_each(remove)
    }
}

/// The files that every run writes.
pub const FILES: [&str; 3] = [model::FILE_NAME, checkpoint::FILE_NAME, history::FILE_NAME];

/// Returns the files in a folder that a run wrote and a new one would replace or remove.
pub fn files_of_a_run(folder: &Path) -> Vec<PathBuf> {
    let files = FILES.iter().map(|name| folder.join(name)).filter(|path| path.exists());
    files.chain(old_checkpoints(folder)).collect()
}

/// Returns the older checkpoints in a folder by their steps; none if it cannot be read.
fn old_checkpoints(folder: &Path) -> Vec<PathBuf> {
    let step = |path: &Path| -> Option<usize> {
        path.file_name()?.to_str()?.strip_prefix(OLD.0)?.strip_suffix(OLD.1)?.parse().ok()
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut old: Vec<(usize, PathBuf)> =
        entries.filter_map(|entry| Some((step(&entry.path())?, entry.path()))).collect();
    old.sort();
    old.into_iter().map(|(_, path)| path).collect()
}

fn remove(path: &PathBuf) -> Result<()> {
    fs::remove_file(path).map_err(|e| Error::io("remove", path, e))
}
