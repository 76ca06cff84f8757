//! rnn-prep: text to tokens.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rnn_tools::cli::{self, prep::Args};
use rnn_tools::dataset::{Source, Split, TokenFile};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;
use rnn_tools::text::vocabulary::Limits;
use rnn_tools::text::{Style, UNKNOWN_ID};

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> Result<()> {
    io::refuse_terminal(&args.output)?;
    let (text, sources) = read_all(&args.inputs)?;
    let style = if args.classic { Style::Classic } else { Style::Plain };
    let limits = Limits { min_count: args.min_count, max_size: args.max_vocab };
    let split = Split { valid: args.valid, test: args.test };
    let file = TokenFile::build(&text, sources, style, limits, split)?;
    file.write(&args.output)?;
    report(&file);
    Ok(())
}

/// The texts one after the other, parted by an empty line.
fn read_all(inputs: &[PathBuf]) -> Result<(String, Vec<Source>)> {
    let stdin = [PathBuf::from(io::STREAM)];
    let inputs = if inputs.is_empty() { &stdin } else { inputs };
    let (mut texts, mut sources) = (Vec::new(), Vec::new());
    for path in inputs {
        let text = io::read_text(path)?;
        check_text(path, &text)?;
        sources.push(Source::new(path.display().to_string(), &text));
        texts.push(text);
    }
    Ok((texts.join("\n\n"), sources))
}

fn check_text(path: &Path, text: &str) -> Result<()> {
    if let Some(at) = text.find('\0') {
        return Err(Error::file(path, format!("not text: a NUL byte at offset {at}")));
    }
    if text.trim().is_empty() {
        return Err(Error::file(path, "there is no text in it"));
    }
    Ok(())
}

/// What a user wants to know before training: how much text there is, and how much of it is known.
fn report(file: &TokenFile) {
    for source in &file.prep.sources {
        log::debug!("read {}: {} bytes", quoted(&source.name), source.bytes);
    }
    log::info!("{} tokens in the vocabulary", file.tokenizer.len());
    for (name, ids) in file.parts() {
        if !ids.is_empty() {
            let unknown = ids.iter().filter(|&&id| id == UNKNOWN_ID).count();
            let share = 100.0 * unknown as f64 / ids.len() as f64;
            log::info!("{name}: {} tokens, {share:.1} % of them unknown", ids.len());
        }
    }
}
