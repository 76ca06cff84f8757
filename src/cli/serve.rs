//! Arguments of rnn-serve.

use std::path::PathBuf;

use clap::{Parser, ValueHint};

use super::{Command, Common, Configuration};

/// Answer over HTTP: a page for people, POST /generate for programs, OpenAI's /v1/completions for their clients
///
/// GET /docs describes every call. A model file that is replaced while the server runs is read anew, at once on
/// SIGHUP; a broken one is refused, and the old one serves on. SIGTERM lets running requests finish.
#[derive(Parser, Debug)]
#[command(name = "rnn-serve", version)]
pub struct Args {
    /// The model file, or the folder that rnn-train made, perhaps with a name: `alice=models/alice`. Several times for
    /// several models, which requests choose by `model`; the first is for those that name none
    #[arg(short, long = "model", value_name = "[NAME=]PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub models: Vec<String>,

    /// Compute with weights rounded to 8-bit integers: up to four times as fast, and nearly the same texts
    #[arg(long)]
    pub int8: bool,

    /// The address to listen on; 0.0.0.0 is every one this machine has
    #[arg(long, value_name = "ADDRESS", env = "HOST", default_value = "127.0.0.1", hide_env_values = true)]
    pub host: String,

    /// The port to listen on; 0 takes a free one and prints the address on standard output
    #[arg(short, long, env = "PORT", default_value_t = 8000, hide_env_values = true)]
    pub port: u16,

    /// A file with the keys that clients may use, one a line: `Authorization: Bearer KEY`. Without it the key is that
    /// of the environment variable RNN_API_KEY; without either everybody is welcome
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,

    /// A site whose pages may call this server from a browser; several times for several, `*` for all
    #[arg(long = "cors-origin", value_name = "ORIGIN", default_value = "*")]
    pub cors_origins: Vec<String>,

    /// How many texts each model writes at the same time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub batch: u16,

    /// How many requests for each model may wait; the next one gets status 429
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(0..=4096))]
    pub queue: u16,

    /// The longest time that a request may take, waiting included
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u16).range(1..=3600))]
    pub timeout: u16,

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
