//! Arguments of rnn-train.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::{Command, Common};

/// Train an LSTM on a token file
#[derive(Parser, Debug)]
#[command(name = "rnn-train", version, about)]
pub struct Args {
    /// The token file that rnn-prep wrote (`-` is standard input)
    #[arg(value_name = "TOKENS", default_value = "-")]
    pub tokens: PathBuf,

    /// Folder for the model file and the history
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,

    /// Where to train
    #[arg(long, value_enum, default_value_t = Device::Auto)]
    pub device: Device,

    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// A CUDA GPU if there is one, else the CPU
    Auto,
    Cpu,
    Cuda,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
