//! Arguments of rnn-serve.

use std::path::PathBuf;

use clap::{Parser, ValueHint};

use super::{Command, Common, Configuration};

/// Serve models over HTTP: a web page, POST /generate, and OpenAI's /v1/completions
///
/// GET /docs describes every endpoint. A model file that is replaced while the server runs is reloaded within a second,
/// or on SIGHUP; if it cannot be read, the old model remains. On SIGTERM the server finishes running requests and exits.
#[derive(Parser, Debug)]
#[command(name = "rnn-serve", version)]
pub struct Args {
    /// Model file, or a folder written by rnn-train, optionally with a name: `alice=models/alice`. Repeat it to serve
    /// several models, which requests select by `model`; the first is the default
    #[arg(short, long = "model", value_name = "[NAME=]PATH", required = true, value_hint = ValueHint::AnyPath)]
    pub models: Vec<String>,

    /// Round the weights to 8-bit integers: up to four times as fast, with nearly the same output
    #[arg(long)]
    pub int8: bool,

    /// Address to listen on; 0.0.0.0 listens on all addresses of this machine
    #[arg(long, value_name = "ADDRESS", env = "HOST", default_value = "127.0.0.1", hide_env_values = true)]
    pub host: String,

    /// Port to listen on; 0 selects a free port and prints the address on standard output
    #[arg(short, long, env = "PORT", default_value_t = 8000, hide_env_values = true)]
    pub port: u16,

    /// File with the API keys of clients, one per line, sent as `Authorization: Bearer KEY`. Without this option, the
    /// key is read from the environment variable RNN_API_KEY. If neither is set, no key is required
    #[arg(long, value_name = "FILE")]
    pub api_key_file: Option<PathBuf>,

    /// Origin of web pages that may call this server from a browser; repeatable, `*` allows all
    #[arg(long = "cors-origin", value_name = "ORIGIN", default_value = "*")]
    pub cors_origins: Vec<String>,

    /// Maximum number of texts that each model generates at the same time
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub batch: u16,

    /// Maximum number of waiting requests per model; further ones are refused with status 429
    #[arg(long, value_name = "N", default_value_t = 64, value_parser = clap::value_parser!(u16).range(0..=4096))]
    pub queue: u16,

    /// Maximum time per request, including waiting
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
