//! rnn-gen: a seed text, and what the model makes of it.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use rnn_tools::cli::{self, generate::Args};
use rnn_tools::error::{Error, Result};
use rnn_tools::generate::{Author, Request};
use rnn_tools::sampling::Sampling;
use rnn_tools::{io, random};

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> Result<()> {
    let sampling =
        Sampling { temperature: args.temperature, top_k: args.top_k, top_p: args.top_p, ..Sampling::default() };
    sampling.check()?;
    let author = Author::read(&args.model)?;
    let seed_text = match args.seed.as_str() {
        io::STREAM => io::read_text(Path::new(io::STREAM))?.trim_end().to_string(),
        text => text.to_string(),
    };
    let random_seed = args.random_seed.unwrap_or_else(random::fresh_seed);
    let num_words = (args.words > 0).then_some(args.words);
    let request = Request { seed_text: seed_text.clone(), num_words, sampling, random_seed, ..Request::default() };
    let generation = author.write(request)?;
    for word in &generation.sequence.unknown {
        log::warn!("the model does not know the word {:?} of the seed text, and goes on without it", word.word);
    }
    if args.random_seed.is_none() {
        log::info!("random seed {random_seed}");
    }

    let mut out = Output::new();
    out.write(&seed_text)?;
    for piece in generation {
        out.write(&piece.text)?;
    }
    out.write("\n")
}

/// Standard output, where each piece is seen as soon as it is there.
struct Output {
    stdout: std::io::StdoutLock<'static>,
    terminal: bool,
}

impl Output {
    fn new() -> Self {
        let stdout = std::io::stdout().lock();
        let terminal = stdout.is_terminal();
        Self { stdout, terminal }
    }

    fn write(&mut self, text: &str) -> Result<()> {
        let escaped = if self.terminal { io::for_terminal(text) } else { text.to_string() };
        self.stdout.write_all(escaped.as_bytes()).and_then(|()| self.stdout.flush()).map_err(Error::stdout)
    }
}
