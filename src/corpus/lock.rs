//! The lock file: what a corpus was made of, so that it can be made again byte for byte.

use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::format::hex;
use crate::io;

/// The form of the file; a program that does not know it must not guess.
const VERSION: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lock {
    pub version: u32,
    /// Whether header and licence were kept.
    pub raw: bool,
    pub sources: Vec<Source>,
}

/// One book of the corpus.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// As it was asked for: a name, a number, a URL, a file.
    pub source: String,
    /// Where it came from, if from the network.
    pub url: Option<String>,
    /// Of what came, before anything was done to it.
    pub bytes: usize,
    pub sha256: String,
    pub header_lines: usize,
    pub licence_lines: usize,
    /// Of the text that was made of it.
    pub text_bytes: usize,
    pub text_sha256: String,
}

impl Lock {
    pub fn new(raw: bool, sources: Vec<Source>) -> Self {
        Self { version: VERSION, raw, sources }
    }

    pub fn read(path: &Path) -> Result<Self> {
        let fault = |fault: String| {
            Error::file(path, format!("not a lock file of rnn-fetch: {fault}"))
                .hint("rnn-fetch --manifest FILE writes one")
        };
        let lock: Self = serde_json::from_slice(&io::read(path)?).map_err(|e| fault(e.to_string()))?;
        if lock.version != VERSION {
            return Err(fault(format!("version {} instead of {VERSION}", lock.version)));
        }
        if lock.sources.is_empty() {
            return Err(fault("it names no source".into()));
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

/// The fingerprint that lock files and the cache keep, in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_wrote_and_refuses_what_it_does_not_know() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("corpus.lock");
        let source = Source {
            source: "alice".into(),
            url: Some("http://m/11".into()),
            bytes: 3,
            sha256: sha256(b"abc"),
            header_lines: 1,
            licence_lines: 2,
            text_bytes: 0,
            text_sha256: sha256(b""),
        };
        let lock = Lock::new(true, vec![source]);
        lock.write(&path).unwrap();
        assert_eq!(Lock::read(&path).unwrap(), lock);

        let newer = std::fs::read_to_string(&path).unwrap().replace("\"version\": 1", "\"version\": 2");
        for text in [newer.as_str(), "{}", "", "[1]", r#"{"version":1,"raw":false,"sources":[]}"#] {
            std::fs::write(&path, text).unwrap();
            assert!(Lock::read(&path).is_err(), "{text}");
        }
    }

    #[test]
    fn sha256_is_the_standard_one() {
        assert_eq!(sha256(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
