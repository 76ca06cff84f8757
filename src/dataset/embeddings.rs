//! Word vectors that somebody else has learned, for the words of a vocabulary: the text form of GloVe, and that
//! of word2vec and fastText, which has a line with two counts before it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::container::Container;
use crate::error::{Error, Result};
use crate::text::Tokenizer;

/// The name of the vectors in the token file.
pub const TENSOR: &str = "embeddings";

/// No line of vectors is this long; what has one is another kind of file.
const LONGEST_LINE: u64 = 1 << 20;

/// A vector for each token, row after row. A row of zeros is a token for which there is none.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    pub size: usize,
    /// (vocab, size)
    pub data: Vec<f32>,
}

/// Where vectors came from, and for how much of the text there are any.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingsInfo {
    pub name: String,
    pub size: usize,
    /// Tokens of the vocabulary that have a vector.
    pub tokens: usize,
    /// Share of the training text that they make up.
    pub share: f64,
    /// Lines that are not UTF-8, which were passed over.
    pub unreadable: usize,
}

impl Embeddings {
    /// The vectors of `path` for the tokens of a vocabulary. A token without one of its own takes that of its
    /// lower case; the blanks around punctuation do not count.
    pub fn read(path: &Path, tokenizer: &Tokenizer) -> Result<(Self, EmbeddingsInfo)> {
        let file = File::open(path).map_err(|e| Error::io("open", path, e))?;
        let mut reader = Reader { path, lines: BufReader::with_capacity(1 << 18, file), line: Vec::new(), number: 0 };
        let mut found = EmbeddingsInfo { name: path.display().to_string(), ..EmbeddingsInfo::default() };
        let mut wanted = Wanted::new(tokenizer);
        let mut data: Vec<f32> = Vec::new();
        let mut read = 0;
        while reader.advance()? {
            let Ok(line) = std::str::from_utf8(&reader.line) else {
                found.unreadable += 1;
                continue;
            };
            let line = line.trim_end();
            if line.is_empty() {
                continue;
            }
            if found.size == 0 {
                let fields: Vec<&str> = line.split([' ', '\t']).collect();
                let counts: Vec<usize> = fields.iter().filter_map(|field| field.parse().ok()).collect();
                let is_count_line = reader.number == 1 && fields.len() == 2 && counts.len() == 2;
                found.size = if is_count_line { counts[1] } else { fields.len() - 1 };
                if !(1..=1 << 14).contains(&found.size) {
                    return Err(reader.invalid("is no word and its vector"));
                }
                data.resize(found.size * tokenizer.len(), 0.0);
                if is_count_line {
                    continue;
                }
            }
            let (word, numbers) = cut_line(line, found.size).map_err(|e| reader.invalid(e))?;
            read += 1;
            let rows = wanted.take(word);
            if rows.is_empty() {
                continue;
            }
            let vector: Option<Vec<f32>> =
                numbers.split([' ', '\t']).map(|n| n.parse().ok().filter(|n: &f32| n.is_finite())).collect();
            let vector = vector.ok_or_else(|| reader.invalid("has something in its vector that is no number"))?;
            for row in rows {
                data[row as usize * found.size..][..found.size].copy_from_slice(&vector);
            }
        }
        if read == 0 {
            return Err(Error::file(path, "there are no word vectors in it"));
        }
        found.tokens = wanted.has.iter().filter(|&&rank| rank > 0).count();
        Ok((Self { size: found.size, data }, found))
    }

    /// Whether token `id` has a vector.
    pub fn has(&self, id: usize) -> bool {
        self.data[id * self.size..][..self.size].iter().any(|&x| x != 0.0)
    }

    pub fn shape(&self, tokenizer: &Tokenizer) -> [usize; 2] {
        [tokenizer.len(), self.size]
    }

    pub fn to_bytes(&self) -> Vec<u8> {
        self.data.iter().flat_map(|x| x.to_le_bytes()).collect()
    }

    pub fn from_container(file: &Container, vocab_size: usize) -> Result<Self> {
        match file.read_all_finite(TENSOR)? {
            (shape, data) if shape.len() == 2 && shape[0] == vocab_size && shape[1] > 0 => {
                Ok(Self { size: shape[1], data })
            }
            (shape, _) => Err(Error::invalid(format!(
                "tensor `{TENSOR}` is {shape:?} and has no row for each of {vocab_size} tokens"
            ))),
        }
    }
}

/// The word of a line, which may have blanks in it, and the `size` numbers after it.
fn cut_line(line: &str, size: usize) -> Result<(&str, &str)> {
    let blanks = line.rmatch_indices([' ', '\t']);
    let Some((at, _)) = blanks.clone().nth(size - 1) else {
        return Err(Error::invalid(format!("has {} numbers and not {size}", blanks.count())));
    };
    let (word, numbers) = (&line[..at], &line[at + 1..]);
    match word.split_once([' ', '\t']) {
        Some((_, more)) if more.split([' ', '\t']).all(|n| n.parse::<f32>().is_ok()) => {
            Err(Error::invalid(format!("has {} numbers and not {size}", blanks.count())))
        }
        _ => Ok((word, numbers)),
    }
}

/// Which rows a word of the file is for.
struct Wanted {
    /// Tokens by their letters, 2 for those written just so, 1 for those of which it is the lower case.
    rows: FxHashMap<String, Vec<(u32, u8)>>,
    /// How good the vector is that each token has.
    has: Vec<u8>,
}

impl Wanted {
    fn new(tokenizer: &Tokenizer) -> Self {
        let mut rows: FxHashMap<String, Vec<(u32, u8)>> = FxHashMap::default();
        for id in 0..tokenizer.len() as u32 {
            let bare = match tokenizer.piece(id) {
                blanks if blanks.trim_matches(' ').is_empty() => continue,
                piece => piece.trim_matches(' '),
            };
            let lower = bare.to_lowercase();
            if lower != bare {
                rows.entry(lower).or_default().push((id, 1));
            }
            rows.entry(bare.into()).or_default().push((id, 2));
        }
        Self { rows, has: vec![0; tokenizer.len()] }
    }

    /// The rows that have nothing better; the first of several lines for a word counts.
    fn take(&mut self, word: &str) -> Vec<u32> {
        let mut taken = Vec::new();
        for &(id, rank) in self.rows.get(word).into_iter().flatten() {
            if rank > self.has[id as usize] {
                self.has[id as usize] = rank;
                taken.push(id);
            }
        }
        taken
    }
}

struct Reader<'a> {
    path: &'a Path,
    lines: BufReader<File>,
    line: Vec<u8>,
    number: usize,
}

impl Reader<'_> {
    /// Reads the next line into `line`, if there is one.
    fn advance(&mut self) -> Result<bool> {
        use std::io::Read;
        self.line.clear();
        self.number += 1;
        let read = (&mut self.lines).take(LONGEST_LINE).read_until(b'\n', &mut self.line);
        let length = read.map_err(|e| Error::io("read", self.path, e))? as u64;
        if length == LONGEST_LINE || self.line.contains(&0) {
            return Err(Error::file(self.path, "not a text file of word vectors").hint(
                "word2vec's binary form is not read; convert it with gensim's save_word2vec_format(binary=False)",
            ));
        }
        Ok(length > 0)
    }

    fn invalid(&self, reason: impl std::fmt::Display) -> Error {
        Error::file(self.path, format!("line {} {reason}", self.number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::PreTokenizer;

    fn read(text: &[u8]) -> Result<(Embeddings, EmbeddingsInfo)> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vectors");
        std::fs::write(&path, text).unwrap();
        let pieces = ["<unk>", "the", "The", ", ", ",", "\n", "cat"].map(Into::into).to_vec();
        Embeddings::read(&path, &Tokenizer::new(PreTokenizer::Plain, pieces).unwrap())
    }

    #[test]
    fn both_forms_are_read() {
        for text in [&b"the 1 2\n, 3 4\n. . 5 6\nthe 9 9\n"[..], b"3 2\nthe 1 2 \n, 3 4 \nb\xe9 7 7\n"] {
            let (vectors, found) = read(text).unwrap();
            assert_eq!(vectors.data, [0., 0., 1., 2., 1., 2., 3., 4., 3., 4., 0., 0., 0., 0.]);
            assert_eq!((found.size, found.tokens), (2, 4));
            assert!(vectors.has(1) && !vectors.has(6));
        }
        assert_eq!(read(b"the 1\nb\xe9 2\n").unwrap().1.unreadable, 1);
    }

    #[test]
    fn a_word_s_own_case_wins() {
        let (vectors, _) = read(b"the 1\nThe 2\n").unwrap();
        assert_eq!(vectors.data[1..3], [1.0, 2.0]);
    }

    #[test]
    fn faults_name_the_line() {
        for (text, fault) in [
            (&b"the 1 2\ncat 1\n"[..], "line 2 has 1 numbers and not 2"),
            (b"the 1 2\ncat 1 2 3\n", "line 2 has 3 numbers and not 2"),
            (b"the 1 x\n", "line 1 has something"),
            (b"the 1 inf\n", "line 1 has something"),
            (b"word\n", "line 1 is no word"),
            (b"2 2\n", "no word vectors"),
            (b"", "no word vectors"),
            (b"3 2\nthe \0\0\x01", "not a text file"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(fault), "{error}");
        }
    }
}
