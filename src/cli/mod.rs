//! Command-line arguments, and the startup, logging and error reporting that all commands share.
//!
//! The argument structs are defined here, not in the binaries, so that man pages and completions can be generated from
//! them.

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

use clap::builder::RangedU64ValueParser;
use clap::{ArgAction, ArgMatches};
use log::LevelFilter;
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result, escaped};

pub use clap::Parser;
pub use configuration::{Configuration, parse_file as parse_configuration};

/// Options that all commands have.
#[derive(clap::Args, Clone, Debug)]
pub struct Common {
    /// Log debug messages to standard error; -vv adds trace messages
    #[arg(short, long, action = ArgAction::Count, global = true, help_heading = "Common options")]
    pub verbose: u8,

    /// Log only errors to standard error
    #[arg(short, long, conflicts_with = "verbose", global = true, help_heading = "Common options")]
    pub quiet: bool,
}

impl Common {
    /// Returns whether to show progress bars.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && std::io::stderr().is_terminal()
    }
}

/// The option of every command that writes files.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Force {
    /// Replace an existing output file even if it is of another kind
    #[arg(long)]
    pub force: bool,
}

/// Accepts numbers of threads. More than a thousand take seconds to start, on any machine.
fn thread_count() -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(1..=1024)
}

/// Sets the number of threads that compute in parallel; None uses all cores.
pub fn set_num_threads(count: Option<usize>) -> Result<()> {
    let Some(count) = count else { return Ok(()) };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build_global();
    pool.map_err(|e| Error::failure(format!("cannot start {count} threads: {e}")).hint("lower --threads"))
}

/// A command's argument struct.
pub trait Command: Parser {
    fn common(&self) -> &Common;

    /// Returns the settings that --print-config prints.
    fn effective(matches: &ArgMatches) -> Result<Map<String, Value>> {
        Ok(configuration::effective(&Self::command(), matches))
    }
}

/// Parses the arguments, sets up logging, calls `run` and reports a failure on one line. Returns the exit status: 0 for
/// success, 1 for failure, 2 for usage errors, 128 plus the signal number after a signal. A closed output pipe is not a
/// failure.
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
    // If standard error is closed too, there is nowhere to report it.
    let _ = writeln!(stderr, "{name}: {}", escaped(&error.for_command_line()));
    if let Some(hint) = error.hint_text() {
        let _ = writeln!(stderr, "hint: {}", escaped(hint));
    }
    ExitCode::from(match error.kind() {
        ErrorKind::Usage => 2,
        ErrorKind::Signal(signal) => 128 + signal,
        _ => 1,
    })
}

/// Returns the arguments, or None if --print-config printed them.
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

/// Logs lines of the form `rnn-x: message`, with control characters escaped. `RNN_LOG` accepts env_logger's filters and
/// overrides -v and -q.
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
        .format(move |out, record| {
            let message = escaped(&record.args().to_string());
            match record.level() {
                log::Level::Info => writeln!(out, "{name}: {message}"),
                other => writeln!(out, "{name}: {}: {message}", other.as_str().to_lowercase()),
            }
        })
        .init();
}
