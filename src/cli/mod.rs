//! What every command has in common: arguments, logging, one way to run and to fail.
//!
//! The argument structs live here, not in the binaries, so that man pages and completions are made
//! from the same definitions.

mod configuration;
mod duration;
pub mod evaluate;
pub mod fetch;
pub mod generate;
pub mod info;
pub mod plot;
pub mod prep;
pub mod serve;
pub mod train;
mod value_enums;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use clap::{ArgAction, ArgMatches};
use log::LevelFilter;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};

pub use clap::Parser;
pub use configuration::Configuration;

/// Options that mean the same everywhere.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// Say more on standard error; twice for debugging
    #[arg(short, long, action = ArgAction::Count, global = true, help_heading = "Common options")]
    pub verbose: u8,

    /// Say nothing on standard error but errors
    #[arg(short, long, conflicts_with = "verbose", global = true, help_heading = "Common options")]
    pub quiet: bool,
}

impl Common {
    /// Whether progress bars have somebody to show themselves to.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }
}

/// A command's argument struct.
pub trait Command: Parser {
    fn common(&self) -> &Common;

    /// What --print-config prints.
    fn effective(matches: &ArgMatches) -> Result<Map<String, Value>> {
        Ok(configuration::effective(&Self::command(), matches))
    }
}

/// Parses the arguments, sets up logging, runs, reports a failure in one line, and gives the exit
/// status: 0 success, 1 failure, 2 usage, 128 and the number of the signal that ended it. A closed output pipe is the reader's choice, not a failure.
pub fn main<A: Command>(run: impl FnOnce(A) -> Result<()>) -> ExitCode {
    let name = A::command().get_name().to_string();
    let Err(error) = parse::<A>().and_then(|args| {
        let Some(args) = args else { return Ok(()) };
        start_logging(&name, args.common());
        run(args)
    }) else {
        return ExitCode::SUCCESS;
    };
    match error.kind() {
        ErrorKind::BrokenPipe => return ExitCode::SUCCESS,
        ErrorKind::Reported(status) => return status.into(),
        _ => {}
    }
    let mut stderr = std::io::stderr().lock();
    // Nobody is left to be told if standard error is gone too.
    let _ = writeln!(stderr, "{name}: {}", error.for_command_line());
    if let Some(hint) = error.hint_text() {
        let _ = writeln!(stderr, "hint: {hint}");
    }
    ExitCode::from(match error.kind() {
        ErrorKind::Usage => 2,
        ErrorKind::Signal(signal) => 128 + signal,
        _ => 1,
    })
}

/// The arguments, or none where --print-config has said all there is to say.
fn parse<A: Command>() -> Result<Option<A>> {
    let mut effective = configuration::parse(A::command(), std::env::args_os().collect())?;
    if effective.wants_print {
        let values = A::effective(&effective.matches)?;
        let text = serde_json::to_string_pretty(&values).expect("a map of values has a JSON form");
        writeln!(std::io::stdout(), "{text}").map_err(Error::stdout)?;
        return Ok(None);
    }
    A::from_arg_matches_mut(&mut effective.matches).map(Some).map_err(configuration::report)
}

/// Log lines read `rnn-x: message`; `RNN_LOG` takes env_logger's filters and wins over -v and -q.
fn start_logging(name: &str, common: &Common) {
    let level = match (common.quiet, common.verbose) {
        (true, _) => LevelFilter::Error,
        (_, 0) => LevelFilter::Info,
        (_, 1) => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    let name = name.to_string();
    env_logger::Builder::new()
        .filter_level(LevelFilter::Warn)
        .filter_module(env!("CARGO_CRATE_NAME"), level)
        .filter_module(&name.replace('-', "_"), level)
        .parse_env("RNN_LOG")
        .format(move |out, record| match record.level() {
            log::Level::Info => writeln!(out, "{name}: {}", record.args()),
            other => writeln!(out, "{name}: {}: {}", other.as_str().to_lowercase(), record.args()),
        })
        .init();
}
