//! What was downloaded before, under the user's cache folder, with what the server needs to tell
//! whether it still holds; and the beginnings of transfers that broke off.

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

/// What a server names a version of a file by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// A file, or its beginning, and which version of it.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    pub body: Vec<u8>,
    pub validators: Validators,
}

/// Lies beside the body; a body that it does not describe is not used.
#[derive(Serialize, Deserialize)]
struct Sidecar {
    url: String,
    sha256: String,
    #[serde(flatten)]
    validators: Validators,
}

/// Whole files and beginnings of files are kept apart by their names' endings.
#[derive(Clone, Copy)]
pub enum EntryKind {
    Complete,
    Partial,
}

impl Cache {
    /// Under `$XDG_CACHE_HOME`, or `~/.cache`; a relative path there is ignored, as the XDG rules say.
    /// Without either there is no cache.
    pub fn open() -> Option<Self> {
        let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let caches = absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")))?;
        Some(Self { folder: caches.join("rnn").join("books") })
    }

    pub fn get(&self, url: &str, part: EntryKind) -> Option<Entry> {
        let label: Sidecar = serde_json::from_slice(&fs::read(self.path(url, part, "json")).ok()?).ok()?;
        let body = fs::read(self.path(url, part, "body")).ok()?;
        let intact = label.url == url && label.sha256 == sha256(&body);
        intact.then_some(Entry { body, validators: label.validators })
    }

    /// Keeps an entry. A cache that cannot be written is a pity, not a failure.
    pub fn put(&self, url: &str, part: EntryKind, entry: &Entry) {
        let label = Sidecar { url: url.into(), sha256: sha256(&entry.body), validators: entry.validators.clone() };
        let result = io::create_folder(&self.folder)
            .and_then(|()| io::write(&self.path(url, part, "body"), |out| out.write_all(&entry.body)))
            .and_then(|()| {
                io::write(&self.path(url, part, "json"), |out: &mut dyn Write| Ok(serde_json::to_writer(out, &label)?))
            });
        if let Err(error) = result {
            log::warn!("the cache is not kept: {error}");
        }
    }

    pub fn remove(&self, url: &str, part: EntryKind) {
        // What is not there need not go.
        let _ = fs::remove_file(self.path(url, part, "json"));
        let _ = fs::remove_file(self.path(url, part, "body"));
    }

    fn path(&self, url: &str, part: EntryKind, ending: &str) -> PathBuf {
        let kind = match part {
            EntryKind::Complete => "",
            EntryKind::Partial => "part.",
        };
        self.folder.join(format!("{}.{kind}{ending}", &sha256(url.as_bytes())[..32]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_it_was_given_and_distrusts_what_was_changed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache { folder: folder.path().join("new") };
        let validators = Validators { etag: Some("\"1\"".into()), last_modified: None };
        let entry = Entry { body: b"text".to_vec(), validators: validators.clone() };
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
