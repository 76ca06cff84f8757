//! Arguments of rnn-fetch.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::error::Error;
use clap::{Arg, Parser};

use super::{Command, Common, Configuration};
use crate::corpus::catalogue::BOOKS;

/// Get a book as plain text
///
/// Project Gutenberg's header, credits and licence are cut off; what was cut is reported. Whatever the
/// file's encoding and line ends, the text that comes out is UTF-8 with LF line ends. Several books are
/// joined by an empty line.
#[derive(Parser, Debug)]
#[command(name = "rnn-fetch", version)]
pub struct Args {
    /// A name from the catalogue, a Project Gutenberg number, a URL or a file (`-` is standard input)
    #[arg(value_name = "BOOK", value_parser = BookParser, hide_possible_values = true)]
    pub books: Vec<String>,

    /// Where the text goes
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Write each book to a file of its own, DIR/NAME.txt
    #[arg(short, long, value_name = "DIR", conflicts_with = "output")]
    pub directory: Option<PathBuf>,

    /// Keep header and licence; encoding and line ends are still made uniform
    #[arg(long)]
    pub raw: bool,

    /// List the catalogue
    #[arg(short, long, conflicts_with_all = ["books", "output", "directory", "manifest", "locked"])]
    pub list: bool,

    /// List it as JSON
    #[arg(long, requires = "list")]
    pub json: bool,

    /// Write down what the text was made of, to make it again with --locked
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,

    /// Make the text that FILE, written by --manifest, describes: the same bytes, or an error
    #[arg(long, value_name = "FILE", conflicts_with_all = ["books", "raw"])]
    pub locked: Option<PathBuf>,

    /// Look for books here instead: a mirror's root, or a pattern with {n} for the number and {dir} for 1/3/4/1342
    #[arg(long, value_name = "URL", help_heading = "Network options")]
    pub mirror: Vec<String>,

    /// Use only what the cache holds
    #[arg(long, help_heading = "Network options")]
    pub offline: bool,

    /// Give up when a server is silent for this long
    #[arg(long, value_name = "SECONDS", default_value_t = 30, help_heading = "Network options")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,

    /// Try an address again this many times when it breaks off or is busy
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "Network options")]
    #[arg(value_parser = clap::value_parser!(u32).range(..=20))]
    pub retries: u32,

    /// Pause between two requests to one server, doubled with each further try
    #[arg(long, value_name = "SECONDS", default_value_t = 1.0, help_heading = "Network options")]
    #[arg(value_parser = seconds)]
    pub wait: f64,

    #[command(flatten)]
    pub configuration: Configuration,

    #[command(flatten)]
    pub common: Common,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}

/// Takes any text; shells offer the names of the catalogue.
#[derive(Clone)]
struct BookParser;

impl TypedValueParser for BookParser {
    type Value = String;

    fn parse_ref(&self, command: &clap::Command, arg: Option<&Arg>, value: &OsStr) -> Result<String, Error> {
        StringValueParser::new().parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(BOOKS.iter().map(|book| PossibleValue::new(book.name).help(book.title))))
    }
}

fn seconds(text: &str) -> crate::error::Result<f64> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=3600.0).contains(&value) => Ok(value),
        _ => Err(crate::error::Error::usage("must be a number of seconds from 0 to 3600")),
    }
}
