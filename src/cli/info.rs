//! Arguments of rnn-info.

use std::path::PathBuf;

use clap::Parser;

use super::{Command, Common};

/// Describe an rnn-tools file and check its integrity
#[derive(Parser, Debug)]
#[command(name = "rnn-info", version)]
pub struct Args {
    /// Token files, models, checkpoints, histories, states, other safetensors files, or folders of them; `-` reads
    /// standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Print one JSON object per line
    #[arg(long)]
    pub json: bool,

    /// Print only the differences between two files; exit with status 1 if there are any
    #[arg(long, conflicts_with = "config")]
    pub diff: bool,

    /// Print a model's config.json in the form common in Keras tutorials
    #[arg(long, conflicts_with = "json")]
    pub config: bool,

    #[command(flatten)]
    pub common: Common,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
