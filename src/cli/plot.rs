//! Arguments of rnn-plot.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use super::{Command, Common};

/// Draw what was trained: pictures as PNG or SVG, by the name of the output
#[derive(Parser, Debug)]
#[command(name = "rnn-plot", version)]
pub struct Args {
    #[command(subcommand)]
    pub picture: Picture,

    #[command(flatten)]
    pub common: Common,
}

#[derive(Subcommand, Debug)]
pub enum Picture {
    /// Loss and accuracy over the epochs, training and validation, the best epoch marked
    History {
        /// The history that rnn-train wrote, or its folder
        #[arg(value_name = "FILE")]
        history: PathBuf,

        /// Where the picture goes: NAME.png or NAME.svg
        #[arg(short, long, value_name = "FILE", default_value = "history.png")]
        output: PathBuf,
    },
    /// The layers of the network with their shapes and parameter counts
    Architecture {
        /// The model file, or the folder that rnn-train made
        #[arg(value_name = "MODEL")]
        model: PathBuf,

        /// Where the picture goes: NAME.png or NAME.svg
        #[arg(short, long, value_name = "FILE", default_value = "architecture.png")]
        output: PathBuf,
    },
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
