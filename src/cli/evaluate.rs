//! Arguments of rnn-eval.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::{Command, Common, Configuration};
use crate::evaluate::Dynamic;

/// Measure what a model thinks of a text: loss, perplexity, accuracy, the probability of every token
#[derive(Parser, Debug)]
#[command(name = "rnn-eval", version)]
pub struct Args {
    /// The model file, or the folder that rnn-train made; repeat it to compare models
    #[arg(short, long, value_name = "PATH", required = true)]
    pub model: Vec<PathBuf>,

    /// Texts, and token files made with the model's vocabulary; standard input if none or `-`
    #[arg(value_name = "FILE")]
    pub inputs: Vec<PathBuf>,

    /// The part of a token file that is measured; valid if nothing is said
    #[arg(long, value_enum, value_name = "PART")]
    pub split: Option<Split>,

    /// What has a row of its own, beside the total
    #[arg(long, value_enum, value_name = "UNIT")]
    pub per: Option<Per>,

    /// Each line is a text of its own
    #[arg(long)]
    pub lines: bool,

    /// Join the wrapped lines of prose paragraphs, as rnn-prep --unwrap does
    #[arg(long)]
    pub unwrap: bool,

    /// Sort the lines by their probability, the likeliest first: a token, or in all
    #[arg(long, value_enum, value_name = "BY", num_args = 0..=1, require_equals = true, default_missing_value = "token",
        conflicts_with_all = ["per", "split"])]
    pub rank: Option<RankBy>,

    /// Name the N commonest pieces that the vocabulary does not have
    #[arg(long, value_name = "N")]
    pub unknown: Option<usize>,

    /// JSON lines instead of a table
    #[arg(long)]
    pub json: bool,

    /// Processor cores to use; all if nothing is said
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,

    #[command(flatten)]
    pub reading: Reading,

    #[command(flatten)]
    pub configuration: Configuration,

    #[command(flatten)]
    pub common: Common,
}

/// How a text is read, and what stands beside the network.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Reading")]
pub struct Reading {
    /// Read a long text in one go; otherwise pieces of 500 tokens or more are read side by side, each after the 100 tokens
    /// before it
    #[arg(long)]
    pub exact: bool,

    /// Compute with weights rounded to 8-bit integers
    #[arg(long, conflicts_with = "dynamic")]
    pub int8: bool,

    /// Leave out the n-grams of the model file
    #[arg(long)]
    pub no_ngrams: bool,

    /// Mix in a continuous cache of the last N tokens: what followed similar states is likely again
    #[arg(long, value_name = "N")]
    pub cache: Option<usize>,

    /// How much the likeness of states counts in the cache; several are mixed if nothing is said
    #[arg(long, value_name = "THETA", requires = "cache")]
    pub cache_theta: Option<f32>,

    /// The cache's share; learned on the way from the tokens already read if nothing is said
    #[arg(long, value_name = "LAMBDA", requires = "cache")]
    pub cache_share: Option<f32>,

    /// Dynamic evaluation: the weights go on learning from what they have just read, with this rate
    #[arg(long, value_name = "RATE", num_args = 0..=1, require_equals = true,
        default_missing_value = DEFAULT_RATE)]
    pub dynamic: Option<f32>,

    /// How strongly they are drawn back to where they started
    #[arg(long, value_name = "DECAY", requires = "dynamic", default_value_t = Dynamic::default().decay)]
    pub dynamic_decay: f32,
}

/// As text, since clap wants it so; a test compares it with [`Dynamic::default`].
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
    /// Files, lines with --lines, and the documents of a token file
    Document,
    /// Lines, each a text of its own
    Line,
    /// Every token, with its probability
    Token,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RankBy {
    /// By log-likelihood a token, so that long lines are not last
    Token,
    /// By log-likelihood of the whole line
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
    fn dynamic_without_a_rate_takes_the_librarys() {
        let args = Args::parse_from(["rnn-eval", "-m", "x", "--dynamic", "file"]);
        assert_eq!(args.reading.dynamic, Some(Dynamic::default().rate));
        assert_eq!(args.reading.dynamic_decay, Dynamic::default().decay);
        assert_eq!(args.inputs, [PathBuf::from("file")]);
    }
}
