//! Arguments of rnn-prep.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::{Command, Common, Configuration};
use crate::dataset::SplitBy;
use crate::error::{Error, Result};

/// Turn text into a token file for rnn-train
#[derive(Parser, Debug)]
#[command(name = "rnn-prep", version)]
pub struct Args {
    /// Text files, folders and patterns such as 'books/*.txt', read in order as one text; standard input if none or `-`
    #[arg(value_name = "FILE")]
    pub inputs: Vec<PathBuf>,

    /// Where the token file goes
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Print the report as JSON: on standard output, or on standard error if the token file goes there
    #[arg(long)]
    pub json: bool,

    /// Print what is in a token file, and its first tokens, and do nothing else
    #[arg(long, value_name = "TOKENS", conflicts_with_all = ["inputs", "output", "InputArgs", "TokenizerArgs", "SplitArgs"])]
    pub inspect: Option<PathBuf>,

    /// Processor cores to use; all if nothing is said
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,

    #[command(flatten)]
    pub input: InputArgs,

    #[command(flatten)]
    pub tokenizer: TokenizerArgs,

    #[command(flatten)]
    pub split: SplitArgs,

    #[command(flatten)]
    pub configuration: Configuration,

    #[command(flatten)]
    pub common: Common,
}

/// How the texts are read.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Reading")]
pub struct InputArgs {
    /// Each line is a document of its own, between marks of its begin and end
    #[arg(long, conflicts_with = "column")]
    pub lines: bool,

    /// The inputs are CSV or JSON Lines, and this column or field of each row is a document
    #[arg(long, value_name = "NAME")]
    pub column: Option<String>,

    /// Replace bytes that are not UTF-8, and NUL, by U+FFFD instead of refusing them
    #[arg(long)]
    pub lossy: bool,

    /// Join the wrapped lines of prose paragraphs; verse and indented lines keep their breaks
    #[arg(long)]
    pub unwrap: bool,
}

/// How they are cut into tokens.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Tokens")]
pub struct TokenizerArgs {
    /// What a token is; a word if nothing is said
    #[arg(long, value_enum)]
    pub level: Option<Level>,

    /// Lower-case the text and drop everything but letters, digits and blanks
    #[arg(long, conflicts_with = "level")]
    pub classic: bool,

    /// The text's language, as two letters; French (fr) and Italian (it) cut l’homme and dell'arte in two
    #[arg(long, value_name = "CODE", conflicts_with = "classic", value_parser = language)]
    pub language: Option<String>,

    /// Words seen less often than this in the training part become `<unk>`
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub min_count: usize,

    /// Keep at most the N most frequent words
    #[arg(long, value_name = "N")]
    pub max_vocab: Option<usize>,

    /// Take the vocabulary of a token file, a model, a tokenizer.json, or a list with a token a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["min_count", "max_vocab"])]
    pub vocab: Option<PathBuf>,

    /// Store the word vectors of a GloVe or word2vec text file for rnn-train to start from
    #[arg(long, value_name = "FILE")]
    pub embeddings: Option<PathBuf>,
}

/// What is held out.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Held-out text")]
pub struct SplitArgs {
    /// Share of the text held out at its end to validate on
    #[arg(long, value_name = "FRACTION", default_value_t = 0.1)]
    pub valid: f64,

    /// Share of the text held out after that to test on
    #[arg(long, value_name = "FRACTION", default_value_t = 0.0)]
    pub test: f64,

    /// Validate on this file instead of on a share; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "valid")]
    pub valid_file: Vec<PathBuf>,

    /// Test on this file instead of on a share; may be repeated
    #[arg(long, value_name = "FILE", conflicts_with = "test")]
    pub test_file: Vec<PathBuf>,

    /// Where the text may be split; with --lines or --column between documents, else anywhere
    #[arg(long, value_enum, value_name = "UNIT")]
    pub split_by: Option<SplitBy>,
}

/// Sizes of tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Level {
    /// Words, punctuation and line breaks
    Word,
    /// Characters: Unicode code points
    Char,
    /// The 256 bytes
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
