//! The download cache in the user's cache folder: complete files with their HTTP validators, and partial files from
//! interrupted transfers.

use std::env;
use std::fs;
use std::io::Write;
use std::path::PathBuf;

use rnn_tools::corpus::lock::sha256;
use rnn_tools::io;
use serde::{Deserialize, Serialize};

pub struct Cache {
    folder: PathBuf,
}

/// The HTTP validators that identify a version of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// A complete or partial file with its validators.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub body: Vec<u8>,
    pub validators: Validators,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
}

/// Metadata stored next to the body. A body that does not match it is ignored.
#[derive(Serialize, Deserialize)]
struct Sidecar {
    url: String,
    sha256: String,
    #[serde(flatten)]
    validators: Validators,
    #[serde(default)]
    content_type: Option<String>,
}

/// Complete and partial files differ in their extension.
#[derive(Clone, Copy)]
pub enum EntryKind {
    Complete,
    Partial,
}

impl Cache {
    /// Opens the cache in `$XDG_CACHE_HOME` or `~/.cache`. Ignores relative paths, as XDG requires. Returns None if
    /// neither is set.
    pub fn open() -> Option<Self> {
        let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
        Some(Self { folder: caches.join("rnn").join("books") })
    }

    pub fn get(&self, url: &str, kind: EntryKind) -> Option<Entry> {
        let sidecar: Sidecar = serde_json::from_slice(&fs::read(self.path(url, kind, "json")).ok()?).ok()?;
        let body = fs::read(self.path(url, kind, "body")).ok()?;
        let intact = sidecar.url == url && sidecar.sha256 == sha256(&body);
        intact.then_some(Entry { body, validators: sidecar.validators, content_type: sidecar.content_type })
    }

    /// Stores an entry. If that fails, only warns.
    pub fn put(&self, url: &str, kind: EntryKind, entry: &Entry) {
        let Entry { body, validators, content_type } = entry.clone();
        let sidecar = Sidecar { url: url.into(), sha256: sha256(&body), validators, content_type };
        let result = io::create_folder(&self.folder)
            .and_then(|()| io::write(&self.path(url, kind, "body"), |out| out.write_all(&body)))
            .and_then(|()| {
                io::write(&self.path(url, kind, "json"), |out: &mut dyn Write| {
                    Ok(serde_json::to_writer(out, &sidecar)?)
                })
            });
        if let Err(error) = result {
            log::warn!("cannot write to the cache: {error}");
        }
    }

    pub fn remove(&self, url: &str, kind: EntryKind) {
        // Missing files are fine.
        let _ = fs::remove_file(self.path(url, kind, "json"));
        let _ = fs::remove_file(self.path(url, kind, "body"));
    }

    fn path(&self, url: &str, kind: EntryKind, ending: &str) -> PathBuf {
        let prefix = match kind {
            EntryKind::Complete => "",
            EntryKind::Partial => "part.",
        };
        self.folder.join(format!("{}.{prefix}{ending}", &sha256(url.as_bytes())[..32]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_entries_can_be_read_and_modified_ones_are_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: folder.path().join("new") };
        let validators = Validators { etag: Some("\"1\"".into()), last_modified: None };
        let entry = Entry { body: b"text".to_vec(), validators: validators.clone(), ..Entry::default() };
        cache.put("http://a", EntryKind::Complete, &entry);
        let found = cache.get("http://a", EntryKind::Complete).unwrap();
        assert_eq!((found.body.as_slice(), found.validators), (b"text".as_slice(), validators));
        assert!(cache.get("http://a", EntryKind::Partial).is_none());
        assert!(cache.get("http://b", EntryKind::Complete).is_none());

        fs::write(cache.path("http://a", EntryKind::Complete, "body"), "tex").unwrap();
        assert!(cache.get("http://a", EntryKind::Complete).is_none());
        cache.remove("http://a", EntryKind::Complete);
        assert_eq!(fs::read_dir(&cache.folder).unwrap().count(), 0);
    }
}
