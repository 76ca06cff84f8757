//! Arguments of rnn-fetch.

use std::path::PathBuf;

use clap::Parser;

use super::{Command, Common};

/// Get a book as plain text
#[derive(Parser, Debug)]
#[command(name = "rnn-fetch", version)]
pub struct Args {
    /// A name from the catalogue, a Project Gutenberg number, a URL or a file (`-` is standard input)
    #[arg(value_name = "BOOK")]
    pub books: Vec<String>,

    /// Where the text goes
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// List the catalogue
    #[arg(short, long)]
    pub list: bool,

    #[command(flatten)]
    pub common: Common,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
