//! The served models by name, and their replacement at run time: requests that started with the old model finish with
//! it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::SystemTime;
use std::{fs, thread};

use rnn_tools::engine::Precision;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::generate::LanguageModel;
use rnn_tools::model;

use crate::completions::request::Prompt;
use crate::lock::lock;
use crate::metrics::Metrics;
use crate::pictures::Pictures;
use crate::scheduler::{Scheduler, SchedulerConfig};

/// A loaded model.
pub struct Model {
    pub name: String,
    pub language_model: Arc<LanguageModel>,
    pub scheduler: Scheduler,
    pub pictures: Pictures,
    /// The digest of the model file.
    pub sha256: String,
    pub loaded: SystemTime,
}

impl Model {
    /// Returns a prompt as text.
    pub fn echo(&self, prompt: &Prompt) -> String {
        match prompt {
            Prompt::Text(text) => text.clone(),
            Prompt::Tokens(ids) => self.language_model.tokenizer.decode(ids),
        }
    }
}

/// A name, a path, and the model last read from it.
struct Slot {
    name: String,
    path: PathBuf,
    current: RwLock<Arc<Model>>,
    /// The identity of the file when it was last read, even if reading failed.
    seen: Mutex<Option<FileIdentity>>,
}

/// Modification time, length and inode, which reveal a replaced file without reading it.
type FileIdentity = (SystemTime, u64, u64);

pub struct Models {
    slots: Vec<Slot>,
    precision: Precision,
    limits: SchedulerConfig,
    metrics: Arc<Metrics>,
}

impl Models {
    /// Reads all models from arguments of the form `[NAME=]PATH`.
    pub fn read(
        arguments: &[String],
        precision: Precision,
        limits: SchedulerConfig,
        metrics: Arc<Metrics>,
    ) -> Result<Self> {
        let mut slots: Vec<Slot> = Vec::new();
        for argument in arguments {
            let (name, path) = parse_argument(argument);
            if slots.iter().any(|slot| slot.name == name) {
                return Err(Error::usage(format!("two models are named {name:?}")).hint("use -m NAME=PATH"));
            }
            let seen = identify(&path);
            let model = load(&name, &path, precision, limits, &metrics)?;
            slots.push(Slot { name, path, current: RwLock::new(Arc::new(model)), seen: Mutex::new(seen) });
        }
        Ok(Self { slots, precision, limits, metrics })
    }

    pub fn all(&self) -> Vec<Arc<Model>> {
        self.slots.iter().map(Slot::current).collect()
    }

    /// Returns the model with this name, or the first model if `name` is None.
    pub fn find(&self, name: Option<&str>) -> Option<Arc<Model>> {
        match name {
            None => self.slots.first().map(Slot::current),
            Some(name) => self.slots.iter().find(|slot| slot.name == name).map(Slot::current),
        }
    }

    /// Reloads the models whose files have changed, or all of them. If a file cannot be read, the old model remains.
    pub fn refresh(&self, all: bool) {
        for slot in &self.slots {
            let now = identify(&slot.path);
            // A missing file is probably being replaced.
            let changed = now.is_some() && *lock(&slot.seen) != now;
            if !(changed || all) {
                continue;
            }
            *lock(&slot.seen) = now;
            match load(&slot.name, &slot.path, self.precision, self.limits, &self.metrics) {
                Ok(model) => {
                    log::info!("model {}: reloaded from {}", slot.name, quoted(&slot.path));
                    self.metrics.reloaded(&slot.name, "success");
                    *slot.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(model);
                }
                Err(error) => {
                    log::error!("model {}: keeping the old model: {error}", slot.name);
                    self.metrics.reloaded(&slot.name, "failure");
                }
            }
        }
    }
}

impl Slot {
    fn current(&self) -> Arc<Model> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

fn load(
    name: &str,
    path: &Path,
    precision: Precision,
    limits: SchedulerConfig,
    metrics: &Arc<Metrics>,
) -> Result<Model> {
    let language_model = Arc::new(LanguageModel::read(path, precision)?);
    let sha256 = model::fingerprint(path)?;
    Ok(Model {
        name: name.to_string(),
        scheduler: Scheduler::start(Arc::clone(&language_model), limits, Arc::clone(metrics))?,
        language_model,
        pictures: Pictures::new(path),
        sha256,
        loaded: SystemTime::now(),
    })
}

fn identify(path: &Path) -> Option<FileIdentity> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(model::locate(path)).ok()?;
    Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
}

/// Splits `NAME=PATH`; a path alone is named after its folder or file.
fn parse_argument(argument: &str) -> (String, PathBuf) {
    if let Some((name, path)) = argument.split_once('=')
        && is_name(name)
        && !Path::new(argument).exists()
    {
        return (name.to_string(), path.into());
    }
    let path = PathBuf::from(argument);
    let full = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
    let named = match full.file_name() {
        Some(file) if file == model::FILE_NAME => full.parent().and_then(Path::file_name),
        Some(_) if !full.is_dir() => full.file_stem(),
        other => other,
    };
    let name: String = named
        .unwrap_or_default()
        .to_string_lossy()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' })
        .take(64)
        .collect();
    (if is_name(&name) { name } else { "model".into() }, path)
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
}

/// Checks for changed files and reloads them at every `interval` until the process ends.
pub fn watch(models: Arc<Models>, interval: std::time::Duration) -> std::io::Result<()> {
    let poll = move || {
        loop {
            thread::sleep(interval);
            models.refresh(false);
        }
    };
    thread::Builder::new().name("watch".into()).spawn(poll).map(|_| ())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_before_the_equals_sign_or_from_the_path() {
        for (argument, name, path) in [
            ("alice=models/a", "alice", "models/a"),
            ("a.b-c_1=/x", "a.b-c_1", "/x"),
            ("models/alice", "alice", "models/alice"),
            ("models/alice/model.safetensors", "alice", "models/alice/model.safetensors"),
            ("alice.safetensors", "alice", "alice.safetensors"),
            ("./a b=c/d e", "d-e", "./a b=c/d e"),
            ("-x=y", "model", "-x=y"),
        ] {
            assert_eq!(parse_argument(argument), (name.to_string(), PathBuf::from(path)), "{argument}");
        }
    }
}
