//! Pretrained word vectors for a vocabulary, from the text formats of GloVe and of word2vec and fastText. The
//! latter starts with a line of two counts.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::container::Container;
use crate::error::{Error, Result};
use crate::format::plural;
use crate::text::Tokenizer;

/// The name of the tensor in the token file.
pub const TENSOR: &str = "embeddings";

/// The maximum length of a line, in bytes; a file with a longer line is not a file of word vectors.
const MAX_LINE_BYTES: u64 = 1 << 20;

/// The first bytes of a file compressed with gzip, and of a text with a byte order mark.
const GZIP: [u8; 2] = [0x1f, 0x8b];
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One vector per token; all zeros for a token without a vector.
#[derive(Clone, Debug, PartialEq)]
pub struct Embeddings {
    pub size: usize,
    /// (vocab, size)
    pub data: Vec<f32>,
}

/// The source of the vectors and how much of the text they cover.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingsInfo {
    pub name: String,
    pub size: usize,
    /// The number of tokens in the vocabulary that have a vector.
    pub tokens: usize,
    /// The fraction of the training text that these tokens make up.
    #[serde(rename = "share")]
    pub coverage: f64,
    /// The number of lines skipped because they are not UTF-8.
    pub unreadable: usize,
}

impl Embeddings {
    /// Reads the vectors for the tokens of a vocabulary. A token without its own vector gets that of its
    /// lower-case form; spaces around punctuation are ignored.
    pub fn read(path: &Path, tokenizer: &Tokenizer) -> Result<(Self, EmbeddingsInfo)> {
        Self::parse(File::open(path).map_err(|e| Error::io("open", path, e))?, path, tokenizer)
    }

    /// Like [`read`](Self::read), from an opened file; `path` names it in messages.
    pub fn parse(file: impl Read, path: &Path, tokenizer: &Tokenizer) -> Result<(Self, EmbeddingsInfo)> {
        let mut reader = LineReader { path, lines: lines(file, path)?, line: Vec::new(), number: 0 };
        let mut info = EmbeddingsInfo { name: path.display().to_string(), ..EmbeddingsInfo::default() };
        let mut rows = RowIndex::new(tokenizer);
        let mut data: Vec<f32> = Vec::new();
        let mut read = 0;
        while reader.advance()? {
            let Ok(line) = std::str::from_utf8(&reader.line) else {
                info.unreadable += 1;
                continue;
            };
            let line = line.trim_end();
            if line.is_empty() {
                continue;
            }
            if info.size == 0 {
                let fields: Vec<&str> = line.split([' ', '\t']).collect();
                let counts: Vec<usize> = fields.iter().filter_map(|field| field.parse().ok()).collect();
                let is_count_line = reader.number == 1 && fields.len() == 2 && counts.len() == 2;
                info.size = if is_count_line { counts[1] } else { fields.len() - 1 };
                if !(1..=1 << 14).contains(&info.size) {
                    return Err(reader.invalid("is not a word followed by its vector"));
                }
                data.resize(info.size * tokenizer.len(), 0.0);
                if is_count_line {
                    continue;
                }
            }
            let (word, numbers) = split_line(line, info.size).map_err(|e| reader.invalid(e))?;
            read += 1;
            let targets = rows.take(word);
            if targets.is_empty() {
                continue;
            }
            let vector: Option<Vec<f32>> =
                numbers.split([' ', '\t']).map(|n| n.parse().ok().filter(|n: &f32| n.is_finite())).collect();
            let vector =
                vector.ok_or_else(|| reader.invalid("has a value in its vector that is not a finite number"))?;
            for row in targets {
                data[row as usize * info.size..][..info.size].copy_from_slice(&vector);
            }
        }
        if read == 0 {
            return Err(Error::file(path, "the file contains no word vectors"));
        }
        info.tokens = rows.ranks.iter().filter(|&&rank| rank > 0).count();
        Ok((Self { size: info.size, data }, info))
    }

    /// Returns whether token `id` has a vector.
    pub fn has(&self, id: usize) -> bool {
        self.data[id * self.size..][..self.size].iter().any(|&x| x != 0.0)
    }

    pub fn shape(&self, tokenizer: &Tokenizer) -> [usize; 2] {
        [tokenizer.len(), self.size]
    }

    pub fn from_container(file: &Container, vocab_size: usize) -> Result<Self> {
        match file.read_all_finite(TENSOR)? {
            (shape, data) if shape.len() == 2 && shape[0] == vocab_size && shape[1] > 0 => {
                Ok(Self { size: shape[1], data })
            }
            (shape, _) => Err(Error::invalid(format!(
                "tensor `{TENSOR}` is {shape:?}, expected one row for each of {vocab_size} tokens"
            ))),
        }
    }
}

/// Returns the lines of a file of vectors, which may be compressed, without a byte order mark.
fn lines<'a>(file: impl Read + 'a, path: &Path) -> Result<Box<dyn BufRead + 'a>> {
    let failed = |e| Error::io("read", path, e);
    let mut file = BufReader::with_capacity(1 << 18, file);
    let mut lines: Box<dyn BufRead + 'a> = if file.fill_buf().map_err(failed)?.starts_with(&GZIP) {
        Box::new(BufReader::with_capacity(1 << 18, MultiGzDecoder::new(file)))
    } else {
        Box::new(file)
    };
    if lines.fill_buf().map_err(failed)?.starts_with(BYTE_ORDER_MARK) {
        lines.consume(BYTE_ORDER_MARK.len());
    }
    Ok(lines)
}

/// Splits a line into the word, which may contain spaces, and the `size` numbers after it.
fn split_line(line: &str, size: usize) -> Result<(&str, &str)> {
    let spaces = line.rmatch_indices([' ', '\t']);
    let Some((at, _)) = spaces.clone().nth(size - 1) else {
        return Err(Error::invalid(format!("has {}, expected {size}", plural(spaces.count(), "number", "numbers"))));
    };
    let (word, numbers) = (&line[..at], &line[at + 1..]);
    match word.split_once([' ', '\t']) {
        Some((_, more)) if more.split([' ', '\t']).all(|n| n.parse::<f32>().is_ok()) => {
            Err(Error::invalid(format!("has {}, expected {size}", plural(spaces.count(), "number", "numbers"))))
        }
        _ => Ok((word, numbers)),
    }
}

/// The rows to fill for each word.
struct RowIndex {
    /// Token ids by spelling, with a rank: 2 for the exact spelling, 1 for the lower-case form of the token.
    rows: FxHashMap<String, Vec<(u32, u8)>>,
    /// The rank of the vector found so far for each token, or 0.
    ranks: Vec<u8>,
}

impl RowIndex {
    fn new(tokenizer: &Tokenizer) -> Self {
        let mut rows: FxHashMap<String, Vec<(u32, u8)>> = FxHashMap::default();
        for id in 0..tokenizer.len() as u32 {
            let bare = match tokenizer.piece(id) {
                spaces if spaces.trim_matches(' ').is_empty() => continue,
                piece => piece.trim_matches(' '),
            };
            let lower = bare.to_lowercase();
            if lower != bare {
                rows.entry(lower).or_default().push((id, 1));
            }
            rows.entry(bare.into()).or_default().push((id, 2));
        }
        Self { rows, ranks: vec![0; tokenizer.len()] }
    }

    /// Returns the rows that `word` improves. If a word occurs on several lines, the first one counts.
    fn take(&mut self, word: &str) -> Vec<u32> {
        let mut taken = Vec::new();
        for &(id, rank) in self.rows.get(word).into_iter().flatten() {
            if rank > self.ranks[id as usize] {
                self.ranks[id as usize] = rank;
                taken.push(id);
            }
        }
        taken
    }
}

struct LineReader<'a> {
    path: &'a Path,
    lines: Box<dyn BufRead + 'a>,
    line: Vec<u8>,
    number: usize,
}

impl LineReader<'_> {
    /// Reads the next line into `line`; returns false at the end of the file.
    fn advance(&mut self) -> Result<bool> {
        self.line.clear();
        self.number += 1;
        let read = (&mut self.lines).take(MAX_LINE_BYTES).read_until(b'\n', &mut self.line);
        let length = read.map_err(|e| Error::io("read", self.path, e))? as u64;
        if length == MAX_LINE_BYTES || self.line.contains(&0) {
            return Err(Error::file(self.path, "not a text file of word vectors").hint(
                "word2vec's binary format is not supported; convert it with gensim's save_word2vec_format(binary=False)",
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
        let pieces = ["<unk>", "the", "The", ", ", ",", "\n", "cat"];
        Embeddings::read(&path, &Tokenizer::new(PreTokenizer::Plain, pieces).unwrap())
    }

    #[test]
    fn both_formats_are_read() {
        for text in [&b"the 1 2\n, 3 4\n. . 5 6\nthe 9 9\n"[..], b"3 2\nthe 1 2 \n, 3 4 \nb\xe9 7 7\n"] {
            let (vectors, info) = read(text).unwrap();
            assert_eq!(vectors.data, [0., 0., 1., 2., 1., 2., 3., 4., 3., 4., 0., 0., 0., 0.]);
            assert_eq!((info.size, info.tokens), (2, 4));
            assert!(vectors.has(1) && !vectors.has(6));
        }
        assert_eq!(read(b"the 1\nb\xe9 2\n").unwrap().1.unreadable, 1);
    }

    #[test]
    fn compressed_files_and_byte_order_marks_are_read() {
        use std::io::Write;
        let text = "\u{feff}the 1 2\n, 3 4\n";
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packed.write_all(text.as_bytes()).unwrap();
        let packed = packed.finish().unwrap();
        for bytes in [text.as_bytes(), &packed] {
            assert_eq!(read(bytes).unwrap().0.data[2..4], [1.0, 2.0]);
        }
        assert!(read("\u{feff}1 2\nthe 1 2\n".as_bytes()).is_ok());
        assert!(read(&packed[..packed.len() - 9]).unwrap_err().to_string().contains("cannot read"));
    }

    #[test]
    fn the_exact_spelling_takes_precedence() {
        let (vectors, _) = read(b"the 1\nThe 2\n").unwrap();
        assert_eq!(vectors.data[1..3], [1.0, 2.0]);
    }

    #[test]
    fn errors_name_the_line() {
        for (text, message) in [
            (&b"the 1 2\ncat 1\n"[..], "line 2 has 1 number, expected 2"),
            (b"the 1 2\ncat 1 2 3\n", "line 2 has 3 numbers, expected 2"),
            (b"the 1 x\n", "line 1 has a value"),
            (b"the 1 inf\n", "line 1 has a value"),
            (b"word\n", "line 1 is not a word"),
            (b"2 2\n", "no word vectors"),
            (b"", "no word vectors"),
            (b"3 2\nthe \0\0\x01", "not a text file"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
