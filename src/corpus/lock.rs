//! The lock file: records the sources of a corpus, so that it can be reproduced byte for byte.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cleaning::Kinds;
use crate::error::{Error, Result};
use crate::format::hex;
use crate::io;

/// The version of the file format.
const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    pub version: u32,
    #[serde(flatten)]
    pub conversion: Conversion,
    pub sources: Vec<LockedBook>,
}

/// How the books were converted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conversion {
    /// Whether the header and licence were kept.
    pub raw: bool,
    /// The encoding that was named, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
}

/// A book of the corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockedBook {
    /// The book as requested: a name, a number, a URL or a file.
    pub source: String,
    /// The URL it was downloaded from, if any.
    pub url: Option<String>,
    /// The size of the original file.
    pub bytes: usize,
    pub sha256: String,
    pub header_lines: usize,
    pub licence_lines: usize,
    /// The encoding of the original file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// What was cleaned.
    #[serde(default, skip_serializing_if = "Kinds::is_empty")]
    pub clean: Kinds,
    /// The size of the resulting text.
    pub text_bytes: usize,
    pub text_sha256: String,
}

impl Lock {
    pub fn new(conversion: Conversion, sources: Vec<LockedBook>) -> Self {
        Self { version: VERSION, conversion, sources }
    }

    pub fn read(path: &Path) -> Result<Self> {
        let invalid = |reason: String| {
            Error::file(path, format!("not a lock file of rnn-fetch: {reason}"))
                .hint("rnn-fetch --manifest FILE writes one")
        };
        let lock: Self = serde_json::from_slice(&io::read(path)?).map_err(|e| invalid(e.to_string()))?;
        if lock.version != VERSION {
            return Err(invalid(format!("expected version {VERSION}, got {}", lock.version)));
        }
        if lock.sources.is_empty() {
            return Err(invalid("it contains no sources".into()));
        }
        Ok(lock)
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        io::write(path, |out| {
            serde_json::to_writer_pretty(&mut *out, self)?;
            out.write_all(b"\n")
        })
    }
}

/// Returns the SHA-256 in hexadecimal, as in lock files and the cache.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::super::cleaning::Kind;
    use super::*;

    #[test]
    fn a_written_file_can_be_read_and_invalid_ones_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("corpus.lock");
        let source = LockedBook {
            source: "alice".into(),
            url: Some("http://m/11".into()),
            bytes: 3,
            sha256: sha256(b"abc"),
            header_lines: 1,
            licence_lines: 2,
            encoding: Some("windows-1252".into()),
            clean: [Kind::Emphasis, Kind::Hyphens].into(),
            text_bytes: 0,
            text_sha256: sha256(b""),
        };
        let conversion = Conversion { raw: true, encoding: Some("KOI8-R".into()) };
        let lock = Lock::new(conversion, vec![source]);
        lock.write(&path).unwrap();
        assert_eq!(Lock::read(&path).unwrap(), lock);
        let older = r#"{"version":1,"raw":false,"sources":[{"source":"a","url":null,"bytes":1,"sha256":"","header_lines":0,
            "licence_lines":0,"text_bytes":1,"text_sha256":""}]}"#;
        std::fs::write(&path, older).unwrap();
        let older = Lock::read(&path).unwrap().sources.remove(0);
        assert!(older.clean.is_empty() && older.encoding.is_none());
        lock.write(&path).unwrap();

        let newer = std::fs::read_to_string(&path).unwrap().replace("\"version\": 1", "\"version\": 2");
        for text in [newer.as_str(), "{}", "", "[1]", r#"{"version":1,"raw":false,"sources":[]}"#] {
            std::fs::write(&path, text).unwrap();
            assert!(Lock::read(&path).is_err(), "{text}");
        }
    }

    #[test]
    fn sha256_matches_the_standard() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
