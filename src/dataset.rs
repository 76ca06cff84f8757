//! The token file: a text as token ids, split into parts to train, validate and test on, with the
//! tokenizer that made it. And the cutting of a part into batches.

use std::path::Path;

use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::container::{self, Container, Entry};
use crate::error::{Error, Result};
use crate::io;
use crate::text::vocabulary::{self, Limits};
use crate::text::{Style, Tokenizer, UNKNOWN_ID};

/// All that a token file holds.
#[derive(Clone, Debug)]
pub struct TokenFile {
    pub tokenizer: Tokenizer,
    pub prep: Prep,
    pub train: Vec<u32>,
    pub valid: Vec<u32>,
    pub test: Vec<u32>,
}

/// How a token file came to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prep {
    pub sources: Vec<Source>,
    pub min_count: usize,
    pub max_vocab: Option<usize>,
}

/// A text that went into a token file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    pub bytes: usize,
    pub sha256: String,
}

impl Source {
    pub fn new(name: String, text: &str) -> Self {
        Self { name, bytes: text.len(), sha256: hex(&Sha256::digest(text)) }
    }
}

/// Shares of a text, from its end, that are held out; both in [0, 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    pub valid: f64,
    pub test: f64,
}

impl TokenFile {
    /// Cuts a text into tokens. The vocabulary comes from the training part alone; the held-out parts are
    /// contiguous and lie at the end, `valid` before `test`.
    pub fn build(text: &str, sources: Vec<Source>, style: Style, limits: Limits, split: Split) -> Result<Self> {
        let in_range = |share: f64| (0.0..1.0).contains(&share);
        if !in_range(split.valid) || !in_range(split.test) || split.valid + split.test >= 1.0 {
            return Err(Error::usage("the held-out shares must be 0 or more and below 1 together"));
        }
        let normalized = style.normalize(text);
        let total = style.pieces(&normalized).count();
        let (valid, test) = ((total as f64 * split.valid) as usize, (total as f64 * split.test) as usize);
        let train = total - valid - test;
        // Where the held-out part begins; the end of the training part's last piece.
        let seam = match style.pieces(&normalized).nth(train) {
            Some(piece) => piece.as_ptr() as usize - normalized.as_ptr() as usize,
            None => normalized.len(),
        };
        let counts = vocabulary::count(style, &normalized[..seam]);
        let tokenizer = vocabulary::build(style, &counts, limits);
        if total < 2 {
            return Err(Error::failure(format!("the text has {total} words, too few to learn from"))
                .hint("give it a book: rnn-fetch ferry | rnn-prep -o ferry.tokens"));
        }
        if tokenizer.len() < 2 {
            return Err(Error::failure(format!("no word is seen {} times, so none would be known", limits.min_count))
                .hint("keep rare words with --min-count 1"));
        }
        let ids: Vec<u32> = style.pieces(&normalized).map(|piece| tokenizer.id(piece).unwrap_or(UNKNOWN_ID)).collect();
        let prep = Prep { sources, min_count: limits.min_count, max_vocab: limits.max_size };
        let (valid, test) = (ids[train..train + valid].to_vec(), ids[train + valid..].to_vec());
        Ok(Self { tokenizer, prep, train: ids[..train].to_vec(), valid, test })
    }

    /// The parts by name.
    pub fn parts(&self) -> [(&'static str, &[u32]); 3] {
        [("train", &self.train), ("valid", &self.valid), ("test", &self.test)]
    }

    /// SHA-256 of all ids, by which a model names the data that it was trained on.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (name, ids) in self.parts() {
            hash.update(name);
            hash.update((ids.len() as u64).to_le_bytes());
            ids.iter().for_each(|id| hash.update(id.to_le_bytes()));
        }
        hex(&hash.finalize())
    }

    /// Reads and checks a token file, or `-`.
    pub fn read(path: &Path) -> Result<Self> {
        Self::from_bytes(&io::read(path)?)
            .map_err(|fault| Error::file(path, fault).hint("a token file is written by rnn-prep"))
    }

    pub fn from_bytes(bytes: &[u8]) -> std::result::Result<Self, String> {
        let file = Container::parse(bytes, "token file")?;
        let tokenizer = Tokenizer::from_json(file.text("tokenizer")?).map_err(|e| format!("bad tokenizer: {e}"))?;
        let prep = serde_json::from_str(file.text("prep")?).map_err(|e| format!("bad `prep` in the metadata: {e}"))?;
        let part = |name: &str| {
            let ids = ids(&file.tensor(name)?).ok_or(format!("part `{name}` is not a row of U16 or U32"))?;
            match ids.iter().position(|&id| id as usize >= tokenizer.len()) {
                Some(at) => Err(format!(
                    "part `{name}` has the id {} at {at}, and the vocabulary ends at {}",
                    ids[at],
                    tokenizer.len() - 1
                )),
                None => Ok(ids),
            }
        };
        let (train, valid, test) = (part("train")?, part("valid")?, part("test")?);
        Ok(Self { tokenizer, prep, train, valid, test })
    }

    /// Writes the file whole or not at all: U16 where the vocabulary allows it, else U32.
    pub fn write(&self, path: &Path) -> Result<()> {
        let narrow = self.tokenizer.len() <= 1 << 16;
        let dtype = if narrow { Dtype::U16 } else { Dtype::U32 };
        let entries: Vec<Entry> = self
            .parts()
            .into_iter()
            .map(|(name, ids)| {
                let data = if narrow {
                    ids.iter().flat_map(|&id| (id as u16).to_le_bytes()).collect()
                } else {
                    ids.iter().flat_map(|id| id.to_le_bytes()).collect()
                };
                Entry { name: name.into(), dtype, shape: vec![ids.len()], data }
            })
            .collect();
        let metadata = [
            ("tokenizer", self.tokenizer.to_json()),
            ("prep", serde_json::to_string(&self.prep).expect("Prep has a JSON form")),
        ];
        container::write(path, &metadata, &entries)
    }
}

fn ids(view: &TensorView<'_>) -> Option<Vec<u32>> {
    if view.shape().len() != 1 {
        return None;
    }
    match view.dtype() {
        Dtype::U16 => Some(view.data().chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]]).into()).collect()),
        Dtype::U32 => Some(view.data().chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()),
        _ => None,
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A part of a text read as parallel streams, so that a batch of windows goes on where the last one
/// ended and the hidden state can be carried over (truncated backpropagation through time).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// How many streams there are: the batch size.
    pub count: usize,
    /// Tokens in each; what is left over at the end of the text is not read.
    pub length: usize,
}

/// A batch: inputs are the tokens `start .. start + length` of each stream, targets those one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: usize,
    pub length: usize,
}

impl Streams {
    /// Fails where a stream would have no target.
    pub fn new(tokens: usize, count: usize) -> Option<Self> {
        let length = tokens.checked_div(count)?;
        (length >= 2).then_some(Self { count, length })
    }

    /// The windows of an epoch, each of `length` tokens, the first and last perhaps shorter. Every target
    /// comes once. The seams move from epoch to epoch, so that no token is always the first of a window.
    pub fn windows(&self, length: usize, epoch: usize) -> Vec<Window> {
        let targets = self.length - 1;
        let first = match (epoch * 37) % length {
            0 => length,
            shift => shift,
        };
        let mut windows = Vec::with_capacity(targets / length + 2);
        let (mut start, mut next) = (0, first.min(targets));
        while start < targets {
            windows.push(Window { start, length: next - start });
            start = next;
            next = (next + length).min(targets);
        }
        windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> TokenFile {
        let text = "a b a b a c a b c d. ".repeat(30);
        let limits = Limits { min_count: 1, max_size: None };
        TokenFile::build(
            &text,
            vec![Source::new("x".into(), &text)],
            Style::Plain,
            limits,
            Split { valid: 0.1, test: 0.05 },
        )
        .unwrap()
    }

    #[test]
    fn parts_are_contiguous_and_complete() {
        let file = file();
        let whole: Vec<u32> = [&file.train[..], &file.valid, &file.test].concat();
        assert_eq!(file.tokenizer.decode(&whole), "a b a b a c a b c d. ".repeat(30));
        assert_eq!((file.valid.len(), file.test.len()), (33, 16));
    }

    #[test]
    fn the_vocabulary_knows_only_the_training_part() {
        let text = format!("{}new words here", "old ".repeat(97));
        let limits = Limits { min_count: 1, max_size: None };
        let split = Split { valid: 0.03, test: 0.0 };
        let file = TokenFile::build(&text, vec![], Style::Plain, limits, split).unwrap();
        assert_eq!(file.tokenizer.len(), 2);
        assert_eq!(file.valid, [0, 0, 0]);
    }

    #[test]
    fn reads_back_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tokens");
        let file = file();
        file.write(&path).unwrap();
        let again = TokenFile::read(&path).unwrap();
        assert_eq!(again.parts(), file.parts());
        assert_eq!(again.prep, file.prep);
        assert_eq!(again.fingerprint(), file.fingerprint());
    }

    #[test]
    fn hostile_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tokens");
        let mut file = file();
        file.write(&path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for cut in [0, 7, 8, 100, bytes.len() - 1] {
            assert!(TokenFile::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        file.train[5] = 40;
        file.write(&path).unwrap();
        assert!(TokenFile::read(&path).unwrap_err().to_string().contains("has the id 40 at 5"));
    }

    #[test]
    fn too_little_text_is_refused() {
        let limits = Limits { min_count: 2, max_size: None };
        let build = |text: &str, split| TokenFile::build(text, vec![], Style::Plain, limits, split);
        let split = Split { valid: 0.1, test: 0.0 };
        assert!(build("", split).is_err());
        assert!(build("word", split).is_err());
        assert!(build("each word comes once", split).is_err());
        assert!(build("a a a a", Split { valid: 1.0, test: 0.0 }).is_err());
        assert!(build("a a a a", Split { valid: f64::NAN, test: 0.0 }).is_err());
    }

    #[test]
    fn windows_hold_every_target_once() {
        assert_eq!(Streams::new(3, 2), None);
        assert_eq!(Streams::new(3, 0), None);
        for (tokens, length) in [(20, 7), (200, 7), (201, 50), (40, 1), (55, 99)] {
            let streams = Streams::new(tokens, 2).unwrap();
            for epoch in 0..9 {
                let windows = streams.windows(length, epoch);
                let covered: Vec<usize> = windows.iter().flat_map(|w| w.start..w.start + w.length).collect();
                assert_eq!(covered, (0..streams.length - 1).collect::<Vec<_>>());
                assert!(windows.iter().all(|w| (1..=length).contains(&w.length)));
            }
        }
    }
}
