//! Arguments of rnn-eval.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::{Command, Common, Configuration, thread_count};
use crate::evaluate::Dynamic;

/// Evaluate a model on a text: loss, perplexity, accuracy, the probability of every token
#[derive(Parser, Debug)]
#[command(name = "rnn-eval", version)]
pub struct Args {
    /// Model file, or a folder written by rnn-train; repeat it to compare models
    #[arg(short, long, value_name = "PATH", required = true)]
    pub model: Vec<PathBuf>,

    /// Texts, or token files with the model's vocabulary; `-` is standard input [default: -]
    #[arg(value_name = "FILE")]
    pub inputs: Vec<PathBuf>,

    /// Part of a token file to evaluate [default: valid]
    #[arg(long, value_enum, value_name = "PART")]
    pub split: Option<Split>,

    /// Print a row for each of these units, and the total
    #[arg(long, value_enum, value_name = "UNIT")]
    pub per: Option<Per>,

    /// Treat each line as a separate text
    #[arg(long)]
    pub lines: bool,

    /// Join the wrapped lines of prose paragraphs, as rnn-prep --unwrap does
    #[arg(long)]
    pub unwrap: bool,

    /// Sort the lines by log-probability per token or in total, most likely first
    #[arg(long, value_enum, value_name = "BY", num_args = 0..=1, require_equals = true, default_missing_value = "token",
        conflicts_with_all = ["per", "split"])]
    pub rank: Option<RankBy>,

    /// List the N most frequent words that are not in the vocabulary
    #[arg(long, value_name = "N")]
    pub unknown: Option<usize>,

    /// Print JSON lines instead of a table
    #[arg(long)]
    pub json: bool,

    /// Number of threads [default: all cores]
    #[arg(long, value_name = "N", value_parser = thread_count())]
    pub threads: Option<usize>,

    #[command(flatten)]
    pub reading: Reading,

    #[command(flatten)]
    pub configuration: Configuration,

    #[command(flatten)]
    pub common: Common,
}

/// How texts are read, and which models are added to the network.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Reading")]
pub struct Reading {
    /// Read each text sequentially. By default long texts are split into chunks of at least 500 tokens that are read in
    /// parallel, each after the 100 tokens before it
    #[arg(long)]
    pub exact: bool,

    /// Round the weights to 8-bit integers
    #[arg(long, conflicts_with = "dynamic")]
    pub int8: bool,

    /// Ignore the n-gram model in the model file
    #[arg(long)]
    pub no_ngrams: bool,

    /// Add a continuous cache of the last N tokens: tokens that followed similar hidden states become more likely
    #[arg(long, value_name = "N")]
    pub cache: Option<usize>,

    /// Sharpness of the cache distribution (theta) [default: several values, interpolated]
    #[arg(long, value_name = "THETA", requires = "cache")]
    pub cache_theta: Option<f32>,

    /// Interpolation weight of the cache [default: learned from the tokens already read]
    #[arg(long, value_name = "LAMBDA", requires = "cache")]
    pub cache_share: Option<f32>,

    /// Dynamic evaluation: update the weights on the tokens already read, with this learning rate
    #[arg(long, value_name = "RATE", num_args = 0..=1, require_equals = true,
        default_missing_value = DEFAULT_RATE)]
    pub dynamic: Option<f32>,

    /// Decay of the weights towards their original values
    #[arg(long, value_name = "DECAY", requires = "dynamic", default_value_t = Dynamic::default().decay)]
    pub dynamic_decay: f32,
}

/// A string because clap requires one; a test compares it with [`Dynamic::default`].
const DEFAULT_RATE: &str = "0.0003";

/// The parts of a token file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Split {
    Train,
    Valid,
    Test,
}

/// Units of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Per {
    /// Files, lines (with --lines), and documents of token files
    Document,
    /// Lines, each as a separate text
    Line,
    /// Tokens, with their probabilities
    Token,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RankBy {
    /// Log-likelihood per token, which does not penalize long lines
    Token,
    /// Log-likelihood of the whole line
    Total,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dynamic_without_a_rate_uses_the_default() {
        let args = Args::parse_from(["rnn-eval", "-m", "x", "--dynamic", "file"]);
        assert_eq!(args.reading.dynamic, Some(Dynamic::default().rate));
        assert_eq!(args.reading.dynamic_decay, Dynamic::default().decay);
        assert_eq!(args.inputs, [PathBuf::from("file")]);
    }
}
