//! Arguments of rnn-serve.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Parser;

use super::{Command, Common};

/// Answer over HTTP: a page for people, POST /generate for programs
#[derive(Parser, Debug)]
#[command(name = "rnn-serve", version)]
pub struct Args {
    /// The model file, or the folder that rnn-train made
    #[arg(short, long, value_name = "PATH")]
    pub model: PathBuf,

    /// The address to listen on; 0.0.0.0 is every one this machine has
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1")]
    pub host: IpAddr,

    /// The port to listen on; 0 takes a free one and prints the address on standard output
    #[arg(short, long, default_value_t = 8000)]
    pub port: u16,

    #[command(flatten)]
    pub common: Common,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
