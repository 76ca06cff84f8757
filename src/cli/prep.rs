//! Arguments of rnn-prep.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::value_enums::cleaning;
use super::{Command, Common, Configuration, Force, thread_count};
use crate::corpus::cleaning::Kinds;
use crate::corpus::encoding::Charset;
use crate::dataset::SplitBy;
use crate::error::{Error, Result};

/// Turn text into a token file for rnn-train
#[derive(Parser, Debug)]
#[command(name = "rnn-prep", version)]
pub struct Args {
    /// Text files, folders and patterns such as 'books/*.txt', read in order as one text [default: standard input]
    #[arg(value_name = "FILE")]
    pub inputs: Vec<PathBuf>,

    /// Write the token file here
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Print the report as JSON, on standard output or, if the token file goes there, on standard error
    #[arg(long)]
    pub json: bool,

    /// Describe a token file and show its first tokens
    #[arg(long, value_name = "TOKENS", conflicts_with_all = ["inputs", "output", "InputArgs", "TokenizerArgs", "SplitArgs", "Force"])]
    pub inspect: Option<PathBuf>,

    /// Print the text of a token file, on standard output or in the file of -o
    #[arg(long, value_name = "TOKENS", conflicts_with_all = ["inputs", "inspect", "json", "InputArgs", "TokenizerArgs", "SplitArgs"])]
    pub decode: Option<PathBuf>,

    /// The part of the token file that --decode prints [default: all]
    #[arg(long, value_enum, value_name = "PART")]
    pub split: Option<DecodedPart>,

    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = thread_count())]
    pub threads: Option<usize>,

    #[command(flatten)]
    pub force: Force,

    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub tokenizer: TokenizerArgs,

    #[command(flatten)]
    pub held_out: SplitArgs,

    #[command(flatten)]
    pub configuration: Configuration,

    #[command(flatten)]
    pub common: Common,
}

/// Options that control how input is read.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Input")]
pub struct InputArgs {
    /// Treat each line as a document and enclose it in `<bos>` and `<eos>`
    #[arg(long, conflicts_with = "column")]
    pub lines: bool,

    /// Read CSV, TSV or JSON and treat this column or field of each row as a document; `a.text` is a field of a field
    #[arg(long, value_name = "NAME")]
    pub column: Option<String>,

    /// Separator of CSV: a character, or `tab`, with which quotation marks are ordinary characters [default: found out]
    #[arg(long, value_name = "CHARACTER", requires = "column", value_parser = delimiter)]
    pub delimiter: Option<u8>,

    /// Fail at a row without a value in --column instead of skipping it
    #[arg(long, requires = "column")]
    pub strict: bool,

    /// Encoding of the inputs, such as windows-1252 or KOI8-R [default: UTF-8, or detected]
    #[arg(long, value_name = "NAME", value_parser = Charset::parse)]
    pub encoding: Option<Charset>,

    /// Replace NUL and invalid bytes with U+FFFD instead of failing
    #[arg(long)]
    pub lossy: bool,

    /// Remove what the transcribers of books add to them [default kinds: all]
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    #[arg(default_missing_value = "all", value_parser = cleaning())]
    pub clean: Option<Vec<Kinds>>,

    /// Join the wrapped lines of prose paragraphs; leave verse and indented lines as they are
    #[arg(long)]
    pub unwrap: bool,
}

/// Options that control tokenization.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Tokens")]
pub struct TokenizerArgs {
    /// The unit of a token [default: word]
    #[arg(long, value_enum)]
    pub level: Option<Level>,

    /// Lower-case the text and drop everything except letters, digits and spaces
    #[arg(long, conflicts_with = "level")]
    pub classic: bool,

    /// Two-letter code of the text's language; French (fr) and Italian (it) split l’homme and dell'arte in two
    #[arg(long, value_name = "CODE", conflicts_with = "classic", value_parser = language)]
    pub language: Option<String>,

    /// Keep the indentation of lines, which the word level drops, as tokens: for code and verse
    #[arg(long, conflicts_with = "classic")]
    pub keep_indent: bool,

    /// Replace words that occur fewer than N times in the training part with `<unk>`
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub min_count: usize,

    /// Keep only the N most frequent words
    #[arg(long, value_name = "N")]
    pub max_vocab: Option<usize>,

    /// Use the vocabulary of a token file, a model, a tokenizer.json, or a list with one token per line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["min_count", "max_vocab"])]
    pub vocab: Option<PathBuf>,

    /// Store word vectors from a GloVe or word2vec text file as initial embeddings for rnn-train
    #[arg(long, value_name = "FILE")]
    pub embeddings: Option<PathBuf>,
}

/// Options that control the held-out parts.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Held-out text")]
pub struct SplitArgs {
    /// Fraction of the text to hold out for validation, taken from the end
    #[arg(long, value_name = "FRACTION", default_value_t = 0.1)]
    pub valid: f64,

    /// Fraction of the text to hold out for testing, taken from the end, after the validation part
    #[arg(long, value_name = "FRACTION", default_value_t = 0.0)]
    pub test: f64,

    /// Validate on this file instead of a held-out fraction; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "valid")]
    pub valid_file: Vec<PathBuf>,

    /// Test on this file instead of a held-out fraction; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "test")]
    pub test_file: Vec<PathBuf>,

    /// Where the text may be split [default: document with --lines or --column, otherwise token]
    #[arg(long, value_enum, value_name = "UNIT")]
    pub split_by: Option<SplitBy>,

    /// Put the documents (lines, rows, files or chapters) in random order before splitting
    #[arg(long)]
    pub shuffle: bool,

    /// Seed of the random order [default: random, and reported]
    #[arg(short, long, value_name = "N")]
    pub random_seed: Option<u64>,
}

/// Parts of a token file to decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum DecodedPart {
    Train,
    Valid,
    Test,
    /// The whole text, in this order
    All,
}

/// The unit of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Words, punctuation and line breaks
    Word,
    /// Tokens separated by white space, and line breaks, in text that is tokenized already (Penn Treebank, WikiText)
    Tokens,
    /// Characters as readers see them (grapheme clusters)
    Char,
    /// Unicode code points
    Codepoint,
    /// Bytes
    Byte,
}

fn language(code: &str) -> Result<String> {
    let is_code = (2..=3).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_lowercase());
    if is_code {
        Ok(code.into())
    } else {
        Err(Error::usage("must be a code of two or three lowercase letters, such as fr"))
    }
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}

fn delimiter(text: &str) -> Result<u8> {
    match text.as_bytes() {
        b"tab" | br"\t" => Ok(b'\t'),
        [byte] if byte.is_ascii() && !byte.is_ascii_alphanumeric() && !b"\"\r\n".contains(byte) => Ok(*byte),
        _ => Err(Error::usage("must be `tab` or one ASCII character, but not a letter, a digit or a quotation mark")),
    }
}
