//! rnn-info: what a file is.

mod config;
mod diff;
mod facts;
mod foreign;
mod text;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rnn_tools::cli;
use rnn_tools::cli::info::Args;
use rnn_tools::error::{Error, Result};
use rnn_tools::{history, io, model};

fn main() -> ExitCode {
    cli::main(|args: Args| {
        if args.config {
            let [file] = args.files.as_slice() else {
                return Err(Error::usage("--config is of one model"));
            };
            return print(&config::keras(file)?);
        }
        if args.diff {
            let [a, b] = args.files.as_slice() else {
                return Err(Error::usage(format!("--diff is of two files, not of {}", args.files.len())));
            };
            return compare(a, b, args.json);
        }
        let mut damaged = None;
        for (i, file) in args.files.iter().flat_map(|file| members(file)).enumerate() {
            let facts = facts::read(&file)?;
            if args.json {
                print(&format!("{}\n", facts.fields))?;
            } else {
                print(&format!("{}{}", if i > 0 { "\n" } else { "" }, io::for_terminal(&text::render(&facts.fields))))?;
            }
            damaged = damaged.or(facts.damage.map(|damage| Error::file(&file, damage)));
        }
        damaged.map_or(Ok(()), Err)
    })
}

/// Prints what differs; that something does is an answer of its own.
fn compare(a: &Path, b: &Path, json: bool) -> Result<()> {
    let differences = diff::compare(&facts::read(&only(a))?.fields, &facts::read(&only(b))?.fields);
    for difference in &differences {
        print(&if json { difference.json() } else { io::for_terminal(&difference.to_string()) })?;
    }
    if differences.is_empty() { Ok(()) } else { Err(Error::failure("the files differ")) }
}

/// The files of ours in a folder; any other path is one.
fn members(path: &Path) -> Vec<PathBuf> {
    let names = [model::FILE_NAME, "checkpoint.safetensors", history::FILE_NAME];
    let found: Vec<PathBuf> = names.iter().map(|name| path.join(name)).filter(|file| file.exists()).collect();
    if found.is_empty() { vec![only(path)] } else { found }
}

/// Of a folder, the model.
fn only(path: &Path) -> PathBuf {
    model::locate(path)
}

fn print(text: &str) -> Result<()> {
    io::write(Path::new(io::STREAM), |out| out.write_all(text.as_bytes()))
}
