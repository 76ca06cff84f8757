//! The models that are served, each under a name, and their replacement while requests go on: whoever has begun with
//! the old one ends with it.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::SystemTime;
use std::{fs, thread};

use rnn_tools::engine::Precision;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::generate::LanguageModel;
use rnn_tools::model;

use crate::completions::request::Prompt;
use crate::metrics::Metrics;
use crate::pictures::Pictures;
use crate::scheduler::{Scheduler, SchedulerConfig};

/// A model ready to answer.
pub struct Model {
    pub name: String,
    pub author: Arc<LanguageModel>,
    pub scheduler: Scheduler,
    pub pictures: Pictures,
    /// Of the model file.
    pub sha256: String,
    pub loaded: SystemTime,
}

impl Model {
    /// A prompt as text.
    pub fn echo(&self, prompt: &Prompt) -> String {
        match prompt {
            Prompt::Text(text) => text.clone(),
            Prompt::Tokens(ids) => self.author.tokenizer.decode(ids),
        }
    }
}

/// A name, a place, and what was found there last.
struct Place {
    name: String,
    path: PathBuf,
    current: RwLock<Arc<Model>>,
    /// How the file looked when it was last read, well or in vain.
    seen: Mutex<Option<Look>>,
}

/// What tells that a file is another one without reading it.
type Look = (SystemTime, u64, u64);

pub struct Models {
    places: Vec<Place>,
    precision: Precision,
    limits: SchedulerConfig,
    metrics: Arc<Metrics>,
}

impl Models {
    /// Reads all models; `asked` are the arguments, `[NAME=]PATH`.
    pub fn read(
        asked: &[String],
        precision: Precision,
        limits: SchedulerConfig,
        metrics: Arc<Metrics>,
    ) -> Result<Self> {
        let mut places: Vec<Place> = Vec::new();
        for argument in asked {
            let (name, path) = split(argument);
            if places.iter().any(|place| place.name == name) {
                return Err(Error::usage(format!("two models have the name {name:?}")).hint("-m NAME=PATH"));
            }
            let seen = look(&path);
            let model = load(&name, &path, precision, limits, &metrics)?;
            places.push(Place { name, path, current: RwLock::new(Arc::new(model)), seen: Mutex::new(seen) });
        }
        Ok(Self { places, precision, limits, metrics })
    }

    pub fn all(&self) -> Vec<Arc<Model>> {
        self.places.iter().map(Place::current).collect()
    }

    /// The model of that name; the first one for who names none.
    pub fn find(&self, name: Option<&str>) -> Option<Arc<Model>> {
        match name {
            None => self.places.first().map(Place::current),
            Some(name) => self.places.iter().find(|place| place.name == name).map(Place::current),
        }
    }

    /// Reads every model again whose file is another one than last time, or all of them. A file that cannot be used
    /// changes nothing.
    pub fn refresh(&self, all: bool) {
        for place in &self.places {
            let now = look(&place.path);
            // A file that is not there for a moment is being replaced.
            let changed = now.is_some() && *lock(&place.seen) != now;
            if !(changed || all) {
                continue;
            }
            *lock(&place.seen) = now;
            match load(&place.name, &place.path, self.precision, self.limits, &self.metrics) {
                Ok(model) => {
                    log::info!("model {}: read anew from {}", place.name, quoted(&place.path));
                    self.metrics.reloaded(&place.name, "success");
                    *place.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(model);
                }
                Err(error) => {
                    log::error!("model {}: the old one serves on: {error}", place.name);
                    self.metrics.reloaded(&place.name, "failure");
                }
            }
        }
    }
}

impl Place {
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
    let author = Arc::new(LanguageModel::read(path, precision)?);
    let sha256 = model::fingerprint(path)?;
    Ok(Model {
        name: name.to_string(),
        scheduler: Scheduler::start(Arc::clone(&author), limits, Arc::clone(metrics))?,
        author,
        pictures: Pictures::new(path),
        sha256,
        loaded: SystemTime::now(),
    })
}

/// Time of writing, length, and the number of the file.
fn look(path: &Path) -> Option<Look> {
    use std::os::unix::fs::MetadataExt;
    let metadata = fs::metadata(model::locate(path)).ok()?;
    Some((metadata.modified().ok()?, metadata.len(), metadata.ino()))
}

/// `NAME=PATH`, or a path whose folder or file gives the name.
fn split(argument: &str) -> (String, PathBuf) {
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

/// Looks after the files until the process ends, at every interval.
pub fn watch(models: Arc<Models>, interval: std::time::Duration) -> std::io::Result<()> {
    let look_after = move || {
        loop {
            thread::sleep(interval);
            models.refresh(false);
        }
    };
    thread::Builder::new().name("watch".into()).spawn(look_after).map(|_| ())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
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
            assert_eq!(split(argument), (name.to_string(), PathBuf::from(path)), "{argument}");
        }
    }
}
