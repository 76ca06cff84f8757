//! Arguments of rnn-fetch.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::error::Error;
use clap::{Arg, Parser};

use super::value_enums::cleaning;
use super::{Command, Common, Configuration, Force};
use crate::corpus::catalogue::BOOKS;
use crate::corpus::cleaning::Kinds;
use crate::corpus::encoding::Charset;

/// Fetch a book as plain text
///
/// Removes Project Gutenberg's header, credits and licence, and the marks of its transcribers, and reports how much it
/// removed. The output is always UTF-8 with LF line endings. Multiple books are separated by a blank line.
#[derive(Parser, Debug)]
#[command(name = "rnn-fetch", version)]
pub struct Args {
    /// A catalogue name, a Project Gutenberg number, a URL or a file (`-` is standard input)
    #[arg(value_name = "BOOK", value_parser = BookParser, hide_possible_values = true)]
    pub books: Vec<String>,

    /// Write the text here
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    pub output: PathBuf,

    /// Write each book to its own file, DIR/NAME.txt
    #[arg(short, long, value_name = "DIR", conflicts_with = "output")]
    pub directory: Option<PathBuf>,

    #[command(flatten)]
    pub force: Force,

    /// Keep the header, licence and marks; still convert to UTF-8 with LF line endings
    #[arg(long)]
    pub raw: bool,

    /// Remove what transcribers add to the texts [default: all kinds from Gutenberg's books, none from other texts]
    #[arg(long, value_name = "KINDS", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    #[arg(default_missing_value = "all", value_parser = cleaning(), conflicts_with = "raw")]
    pub clean: Option<Vec<Kinds>>,

    /// Encoding of the books, such as windows-1252 or KOI8-R [default: detected]
    #[arg(long, value_name = "NAME", value_parser = Charset::parse)]
    pub encoding: Option<Charset>,

    /// List the catalogue
    #[arg(short, long, conflicts_with_all = ["books", "output", "directory", "manifest", "locked"])]
    pub list: bool,

    /// Print the list as JSON
    #[arg(long, requires = "list")]
    pub json: bool,

    /// Record the sources of the text in FILE, for use with --locked
    #[arg(long, value_name = "FILE")]
    pub manifest: Option<PathBuf>,

    /// Reproduce the text recorded in FILE by --manifest, byte for byte; fail if that is impossible
    #[arg(long, value_name = "FILE", conflicts_with_all = ["books", "raw", "clean", "encoding"])]
    pub locked: Option<PathBuf>,

    /// Use this mirror: its root URL, or a pattern with {n} for the number and {dir} for 1/3/4/1342; may be repeated
    #[arg(long, value_name = "URL", help_heading = "Network options")]
    pub mirror: Vec<String>,

    /// Read from the cache only
    #[arg(long, help_heading = "Network options")]
    pub offline: bool,

    /// Time to wait for a server to connect or send data
    #[arg(long, value_name = "SECONDS", default_value_t = 30, help_heading = "Network options")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3600))]
    pub timeout: u64,

    /// Number of retries when a transfer is interrupted or a server is busy
    #[arg(long, value_name = "N", default_value_t = 3, help_heading = "Network options")]
    #[arg(value_parser = clap::value_parser!(u32).range(..=20))]
    pub retries: u32,

    /// Time between two requests to one server; doubles with each retry
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

/// Accepts any text; shells complete the names in the catalogue.
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
