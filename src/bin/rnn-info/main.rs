//! rnn-info: describes, checks and compares files.

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
                return Err(Error::usage(format!("--config takes one model, got {}", args.files.len())));
            };
            return print(&config::keras(file)?);
        }
        if args.diff {
            let [a, b] = args.files.as_slice() else {
                return Err(Error::usage(format!("--diff takes two files, got {}", args.files.len())));
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

/// Prints the differences, and fails if there are any.
fn compare(a: &Path, b: &Path, json: bool) -> Result<()> {
    let differences = diff::compare(&facts::read(&single_file(a))?.fields, &facts::read(&single_file(b))?.fields);
    for difference in &differences {
        print(&if json { difference.json() } else { io::for_terminal(&difference.to_string()) })?;
    }
    if differences.is_empty() { Ok(()) } else { Err(Error::failure("the files differ")) }
}

/// The model, checkpoint and history in a folder; for any other path, the path itself.
fn members(path: &Path) -> Vec<PathBuf> {
    let names = [model::FILE_NAME, "checkpoint.safetensors", history::FILE_NAME];
    let found: Vec<PathBuf> = names.iter().map(|name| path.join(name)).filter(|file| file.exists()).collect();
    if found.is_empty() { vec![single_file(path)] } else { found }
}

/// The model in a folder; for a file, the file itself.
fn single_file(path: &Path) -> PathBuf {
    model::locate(path)
}

fn print(text: &str) -> Result<()> {
    io::write(Path::new(io::STREAM), |out| out.write_all(text.as_bytes()))
}
