//! Arguments of rnn-info.

use std::path::PathBuf;

use clap::Parser;

use super::{Command, Common};

/// Say what a file of rnn-tools is, and whether it is whole
#[derive(Parser, Debug)]
#[command(name = "rnn-info", version)]
pub struct Args {
    /// Token files, models, checkpoints, histories, states, other safetensors files, or folders of them; `-` is
    /// standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Print everything as JSON, an object a line
    #[arg(long)]
    pub json: bool,

    /// Print only what differs between two files; the status is 1 if something does
    #[arg(long, conflicts_with = "config")]
    pub diff: bool,

    /// Print a model's config.json, as teaching projects on Keras keep one beside their weights
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
