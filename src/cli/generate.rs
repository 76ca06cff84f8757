//! Arguments of rnn-gen.

use std::path::PathBuf;

use clap::Parser;

use super::{Command, Common};
use crate::sampling::Sampling;

/// Write text in the manner of the book that a model was trained on
#[derive(Parser, Debug)]
#[command(name = "rnn-gen", version)]
pub struct Args {
    /// The model file, or the folder that rnn-train made
    #[arg(short, long, value_name = "PATH")]
    pub model: PathBuf,

    /// The text to go on from; `-` reads it from standard input
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub seed: String,

    /// How many words to write (characters, if the model is of characters or bytes); 0 goes on until the reader
    /// closes the pipe, or the document ends
    #[arg(short = 'n', long, value_name = "N", default_value_t = 50)]
    pub words: usize,

    /// Below 1 the likely words get likelier, above 1 the rare ones; 0 always takes the likeliest
    #[arg(short, long, value_name = "T", default_value_t = Sampling::default().temperature)]
    pub temperature: f32,

    /// Choose among the K likeliest words only
    #[arg(long, value_name = "K")]
    pub top_k: Option<usize>,

    /// Choose among the likeliest words that together have probability P; 1 for all words
    #[arg(long, value_name = "P", default_value_t = Sampling::default().top_p)]
    pub top_p: f32,

    /// The same seed, model and options give the same text; chosen freshly and reported if left out
    #[arg(short, long, value_name = "N")]
    pub random_seed: Option<u64>,

    #[command(flatten)]
    pub common: Common,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
