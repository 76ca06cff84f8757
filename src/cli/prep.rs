//! Arguments of rnn-prep.

use std::path::PathBuf;

use clap::Parser;

use super::{Command, Common};

/// Turn text into a token file for rnn-train
#[derive(Parser, Debug)]
#[command(name = "rnn-prep", version)]
pub struct Args {
    /// Text files, read in order as one text; standard input if none or `-`
    #[arg(value_name = "FILE")]
    pub inputs: Vec<PathBuf>,

    /// Where the token file goes
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Lower-case the text and drop everything but letters, digits and blanks
    #[arg(long)]
    pub classic: bool,

    /// Words seen less often than this in the training part become `<unk>`
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub min_count: usize,

    /// Keep at most the N most frequent words
    #[arg(long, value_name = "N")]
    pub max_vocab: Option<usize>,

    /// Share of the text held out at its end to validate on
    #[arg(long, value_name = "FRACTION", default_value_t = 0.1)]
    pub valid: f64,

    /// Share of the text held out after that to test on
    #[arg(long, value_name = "FRACTION", default_value_t = 0.0)]
    pub test: f64,

    #[command(flatten)]
    pub common: Common,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
