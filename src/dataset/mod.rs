//! The token file: a text as token ids, split into training, validation and test parts, with its tokenizer.
//! Also builds token files from texts of any size and divides them into batches.

mod builder;
mod documents;
mod embeddings;
mod estimate;
pub mod report;
mod split;
mod spool;
mod streams;
mod types;

use std::path::Path;

use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::container::{self, Container, TensorData};
use crate::corpus::cleaning::Kinds;
use crate::error::{Error, Result};
use crate::format::hex;
use crate::io;
use crate::text::{Tokenizer, UNKNOWN_ID};

pub use builder::{Block, BuildOptions, Builder, Part, Prepared};
pub use documents::{Documents, PaddedBatch};
pub use embeddings::{Embeddings, EmbeddingsInfo};
pub use split::{Split, SplitBy};
pub use streams::{Streams, Window};

/// The contents of a token file.
#[derive(Clone, Debug)]
pub struct TokenFile {
    pub tokenizer: Tokenizer,
    pub prep: Prep,
    pub train: Vec<u32>,
    pub valid: Vec<u32>,
    pub test: Vec<u32>,
    /// Initial word vectors.
    pub embeddings: Option<Embeddings>,
}

/// The options and sources of a token file.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Prep {
    pub sources: Vec<Source>,
    pub min_count: usize,
    pub max_vocab: Option<usize>,
    /// The file that supplied the vocabulary.
    #[serde(default)]
    pub vocabulary: Option<String>,
    /// The number of documents, each enclosed in `<bos>` and `<eos>`; 0 if the text is not divided into documents.
    #[serde(default)]
    pub documents: u64,
    /// The fractions held out at the end of the text.
    #[serde(default)]
    pub split: Split,
    /// The seed of the random order of the documents; None if they are in the order of the input.
    #[serde(default)]
    pub shuffle: Option<u64>,
    /// What was cleaned.
    #[serde(default)]
    pub clean: Kinds,
    /// Whether wrapped lines of prose were joined.
    #[serde(default)]
    pub unwrap: bool,
    /// The source of the word vectors.
    #[serde(default)]
    pub embeddings: Option<EmbeddingsInfo>,
}

/// A source text of a token file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    pub name: String,
    /// The size of the file before any conversion.
    pub bytes: usize,
    pub sha256: String,
}

impl TokenFile {
    /// Returns the parts with their names.
    pub fn parts(&self) -> [(&'static str, &[u32]); 3] {
        [("train", &self.train), ("valid", &self.valid), ("test", &self.test)]
    }

    /// Returns the SHA-256 of all ids, which identifies the training data of a model.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        for (name, ids) in self.parts() {
            hash.update(name);
            hash.update((ids.len() as u64).to_le_bytes());
            ids.iter().for_each(|id| hash.update(id.to_le_bytes()));
        }
        hex(&hash.finalize())
    }

    /// Converts all ids to another vocabulary; pieces that it lacks become unknown. Drops the word vectors, which
    /// belong to the old ids.
    pub fn remap(&mut self, tokenizer: Tokenizer) {
        let map: Vec<u32> = (0..self.tokenizer.len() as u32)
            .map(|id| tokenizer.id(self.tokenizer.piece(id)).unwrap_or(UNKNOWN_ID))
            .collect();
        for part in [&mut self.train, &mut self.valid, &mut self.test] {
            part.iter_mut().for_each(|id| *id = map[*id as usize]);
        }
        (self.tokenizer, self.embeddings) = (tokenizer, None);
    }

    /// Reads and validates a token file; `-` is standard input.
    pub fn read(path: &Path) -> Result<Self> {
        Self::from_bytes(&io::read(path)?).map_err(|e| e.in_file(path).hint("rnn-prep writes token files"))
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let file = Container::parse(bytes, "token file")?;
        let tokenizer = Tokenizer::from_json(file.metadata("tokenizer")?).map_err(|e| e.context("bad tokenizer"))?;
        let prep = serde_json::from_str(file.metadata("prep")?)
            .map_err(|e| Error::invalid(format!("bad `prep` in the metadata: {e}")))?;
        let part = |name: &str| {
            let ids = ids(&file, name)?;
            match ids.iter().position(|&id| id as usize >= tokenizer.len()) {
                Some(at) => Err(Error::invalid(format!(
                    "part `{name}` has the id {} at position {at}, but the largest id in the vocabulary is {}",
                    ids[at],
                    tokenizer.len() - 1
                ))),
                None => Ok(ids),
            }
        };
        let (train, valid, test) = (part("train")?, part("valid")?, part("test")?);
        let embeddings = match file.contains(embeddings::TENSOR) {
            true => Some(Embeddings::from_container(&file, tokenizer.len())?),
            false => None,
        };
        Ok(Self { tokenizer, prep, train, valid, test, embeddings })
    }

    /// Writes the file atomically, with ids as U16 if the vocabulary allows it, otherwise as U32.
    pub fn write(&self, path: &Path) -> Result<()> {
        let narrow = is_narrow(&self.tokenizer);
        let dtype = if narrow { Dtype::U16 } else { Dtype::U32 };
        // The widest elements come first, so that all tensors are aligned.
        let mut entries = Vec::new();
        if let Some(embeddings) = &self.embeddings {
            let shape = embeddings.shape(&self.tokenizer).to_vec();
            entries.push(TensorData::f32(embeddings::TENSOR, shape, &embeddings.data));
        }
        for (name, ids) in self.parts() {
            entries.push(TensorData { name: name.into(), dtype, shape: vec![ids.len()], data: to_bytes(ids, narrow) });
        }
        container::write(path, &metadata(&self.tokenizer, &self.prep), &entries)
    }
}

/// Returns whether every id fits in 16 bits.
fn is_narrow(tokenizer: &Tokenizer) -> bool {
    tokenizer.len() <= 1 << 16
}

fn metadata(tokenizer: &Tokenizer, prep: &Prep) -> [(&'static str, String); 2] {
    [("tokenizer", tokenizer.to_json()), ("prep", serde_json::to_string(prep).expect("Prep has a JSON form"))]
}

fn to_bytes(ids: &[u32], narrow: bool) -> Vec<u8> {
    if narrow {
        ids.iter().flat_map(|&id| (id as u16).to_le_bytes()).collect()
    } else {
        ids.iter().flat_map(|id| id.to_le_bytes()).collect()
    }
}

fn ids(file: &Container, name: &str) -> Result<Vec<u32>> {
    match file.tensor_info(name)? {
        (Dtype::U16, [_]) => Ok(file.read_vec::<u16>(name)?.into_iter().map(u32::from).collect()),
        (Dtype::U32, [_]) => file.read_vec(name),
        _ => Err(Error::invalid(format!("part `{name}` is not a one-dimensional tensor of U16 or U32"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::PreTokenizer;

    fn file() -> TokenFile {
        builder::tests::build(
            &"a b a b a c a b c d. ".repeat(30),
            PreTokenizer::Plain,
            Split { valid: 0.1, test: 0.05, ..Split::default() },
        )
    }

    #[test]
    fn a_written_file_can_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tokens");
        let mut file = file();
        for embeddings in [None, Some(Embeddings { size: 2, data: vec![0.5; 2 * file.tokenizer.len()] })] {
            file.embeddings = embeddings;
            file.write(&path).unwrap();
            let again = TokenFile::read(&path).unwrap();
            assert_eq!(again.parts(), file.parts());
            assert_eq!((again.prep, &again.embeddings), (file.prep.clone(), &file.embeddings));
        }
    }

    #[test]
    fn remapping_preserves_the_text() {
        let mut file = file();
        let before = file.tokenizer.decode(&file.train);
        let other = Tokenizer::new(PreTokenizer::Plain, ["<unk>", "zebra", ". ", "b"]).unwrap();
        let grown = other.extended(&file.tokenizer);
        assert_eq!((grown.piece(1), grown.piece(3), grown.len()), ("zebra", "b", file.tokenizer.len() + 1));
        file.remap(grown);
        assert_eq!(file.tokenizer.decode(&file.train), before);
        file.remap(other);
        let (unknown, known) = (file.train.iter().filter(|&&id| id == 0).count(), file.train.contains(&3));
        assert!(known && unknown > 0 && unknown < file.train.len());
    }

    #[test]
    fn files_of_older_versions_can_be_read() {
        let old = r#"{"sources":[{"name":"x","bytes":3,"sha256":"y"}],"min_count":2,"max_vocab":null}"#;
        let prep: Prep = serde_json::from_str(old).unwrap();
        assert_eq!((prep.min_count, prep.documents, prep.sources[0].bytes), (2, 0, 3));
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
        for data in [vec![0.0; 3], vec![f32::NAN; 2 * file.tokenizer.len()]] {
            let whole = Embeddings { size: data.len() / file.tokenizer.len(), data };
            let bad = TokenFile { embeddings: Some(whole), ..file.clone() };
            bad.write(&path).unwrap();
            assert!(TokenFile::read(&path).is_err());
        }
        file.train[5] = 40;
        file.write(&path).unwrap();
        assert!(TokenFile::read(&path).unwrap_err().to_string().contains("has the id 40 at position 5"));
    }
}
