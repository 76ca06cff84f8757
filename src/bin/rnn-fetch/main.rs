//! rnn-fetch: fetches books as plain text. The only command that makes outgoing connections.

mod cache;
mod client;
mod fetcher;
mod listing;
mod location;
mod transfer;

use std::collections::HashSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rnn_tools::cli;
use rnn_tools::cli::fetch::Args;
use rnn_tools::corpus::cleaning::{self, Kinds};
use rnn_tools::corpus::documents::{self, Declared, Document};
use rnn_tools::corpus::encoding::Charset;
use rnn_tools::corpus::gutenberg::{self, Stripped};
use rnn_tools::corpus::lock::{Conversion, Lock, LockedBook, sha256};
use rnn_tools::error::{Error, ErrorKind, Result, quoted};
use rnn_tools::io;
use rnn_tools::outputs::{self, Kind};

use fetcher::{Expected, Fetched, Fetcher};
use location::Location;

fn main() -> ExitCode {
    cli::main(run)
}

/// A converted book.
struct Text {
    text: String,
    record: LockedBook,
}

fn run(args: Args) -> Result<()> {
    if args.list {
        let list = if args.json { listing::json()? } else { listing::table() };
        return io::write(Path::new(io::STREAM), |out| out.write_all(list.as_bytes()));
    }
    if args.manifest.as_deref().is_some_and(io::is_stream) && args.directory.is_none() && io::is_stream(&args.output) {
        return Err(Error::usage("the text and the manifest cannot both go to standard output").hint("use -o FILE"));
    }
    args.mirror.iter().try_for_each(|mirror| location::check_url(mirror))?;
    let (conversion, expected) = match &args.locked {
        Some(path) => {
            let lock = Lock::read(path)?;
            lock.sources.iter().filter_map(|s| s.url.as_deref()).try_for_each(location::check_url)?;
            (lock.conversion, lock.sources.into_iter().map(|record| (record.source.clone(), Some(record))).collect())
        }
        None => (
            Conversion { raw: args.raw, encoding: args.encoding.map(|charset| charset.name().into()) },
            requested(&args)?.into_iter().map(|word| (word, None)).collect::<Vec<_>>(),
        ),
    };
    let sources = expected.iter().map(|(word, _)| Location::parse(word)).collect::<Result<Vec<_>>>()?;
    let stdin = Location::File(io::STREAM.into());
    if sources.iter().filter(|source| **source == stdin).count() > 1 {
        return Err(Error::usage("standard input can be read only once"));
    }
    let files = args.directory.as_deref().map(|folder| files(folder, &sources)).transpose()?;
    check_outputs(&args, files.as_deref(), &sources)?;

    let clean = args.clean.as_ref().map(|kinds| kinds.iter().flatten().copied().collect());
    let fetcher = Fetcher::new(&args);
    let mut texts = Vec::with_capacity(sources.len());
    for ((word, record), source) in expected.into_iter().zip(sources) {
        texts.push(fetch(&fetcher, &word, &source, &conversion, clean.as_ref(), record.as_ref())?);
    }
    match files {
        Some(files) => {
            for (path, text) in files.iter().zip(&texts) {
                io::write(path, |out| out.write_all(text.text.as_bytes()))?;
            }
        }
        None => write_joined(&args.output, &texts)?,
    }
    match &args.manifest {
        Some(path) => Lock::new(conversion, texts.into_iter().map(|text| text.record).collect()).write(path),
        None => Ok(()),
    }
}

/// Returns the books named on the command line or, at a terminal, the one selected interactively.
fn requested(args: &Args) -> Result<Vec<String>> {
    if !args.books.is_empty() {
        return Ok(args.books.clone());
    }
    let (stdin, stderr) = (std::io::stdin(), std::io::stderr());
    if !stdin.is_terminal() || !stderr.is_terminal() {
        return Err(Error::usage("no book given")
            .hint("`rnn-fetch alice` fetches a book by name, --list shows all names, `-` reads standard input"));
    }
    listing::ask_for_book(&mut stdin.lock(), &mut stderr.lock()).map(|book| vec![book])
}

/// Fetches and converts a book, and compares it with the lock file.
fn fetch(
    fetcher: &Fetcher,
    word: &str,
    location: &Location,
    conversion: &Conversion,
    clean: Option<&Kinds>,
    locked: Option<&LockedBook>,
) -> Result<Text> {
    let plain_word = !io::is_stream(Path::new(word)) && !word.contains(char::is_control);
    let label = if plain_word { word.to_string() } else { quoted(word) };
    let expected = locked.map(|record| Expected { url: record.url.as_deref(), sha256: &record.sha256 });
    let fetched = fetcher.get(&label, location, expected)?;
    // A lock file determines the encoding, unless the file was damaged, and what to clean.
    let recorded = locked.and_then(|record| record.encoding.as_deref()).filter(|name| Charset::parse(name).is_ok());
    let conversion = Conversion { encoding: recorded.map(Into::into).or(conversion.encoding.clone()), ..*conversion };
    let clean = locked.map(|record| &record.clean).or(clean);
    let Plain { stripped, encoding, clean } = plain(&label, &fetched, location, &conversion, clean)
        .map_err(|error| error.context(&label).with_kind(ErrorKind::Failure))?;
    let record = LockedBook {
        source: word.into(),
        bytes: fetched.bytes.len(),
        sha256: sha256(&fetched.bytes),
        url: fetched.url,
        header_lines: stripped.header_lines,
        licence_lines: stripped.licence_lines,
        encoding: Some(encoding),
        clean,
        text_bytes: stripped.text.len(),
        text_sha256: sha256(stripped.text.as_bytes()),
    };
    if let Some(locked) = locked {
        if record.sha256 != locked.sha256 {
            return Err(Error::failure(format!(
                "{label}: does not match the lock file: {} bytes with sha256 {}…, expected {} with {}…",
                record.bytes,
                &record.sha256[..12],
                locked.bytes,
                locked.sha256.chars().take(12).collect::<String>()
            )));
        }
        if record.text_sha256 != locked.text_sha256 {
            return Err(Error::failure(format!(
                "{label}: the file matches the lock file, but the converted text does not"
            ))
            .hint("use the version of rnn-fetch that wrote the lock file, or write a new one"));
        }
    }
    Ok(Text { text: stripped.text, record })
}

/// The text of a book, its encoding, and what was cleaned.
struct Plain {
    stripped: Stripped,
    encoding: String,
    clean: Kinds,
}

/// Decodes, strips and cleans a book, and logs the changes. Without `clean`, cleans Gutenberg's books.
fn plain(
    label: &str,
    fetched: &Fetched,
    location: &Location,
    conversion: &Conversion,
    clean: Option<&Kinds>,
) -> Result<Plain> {
    let path = if let Location::File(path) = location { path.as_path() } else { Path::new(io::STREAM) };
    let declared = Declared { encoding: conversion.encoding.as_deref(), content_type: fetched.content_type.as_deref() };
    let Document { text: decoded, kind } = documents::read(&fetched.bytes, path, declared)?;
    if let Some(kind) = kind {
        log::info!("{label}: read as {kind}");
        if decoded.text.is_empty() {
            return Err(Error::failure(format!("{kind} without text")));
        }
    }
    if decoded.encoding != "UTF-8" {
        log::info!("{label}: converted from {}", decoded.encoding);
    }
    if conversion.raw {
        let stripped = Stripped::untouched(&decoded.text);
        return Ok(Plain { stripped, encoding: decoded.encoding, clean: Kinds::new() });
    }
    let mut stripped = gutenberg::strip(&decoded.text)?;
    let from_gutenberg = matches!(location, Location::Gutenberg(_));
    if !stripped.is_untouched() {
        let (header, licence) = (stripped.header_lines, stripped.licence_lines);
        log::info!("{label}: removed {header} lines of header and {licence} of licence");
    } else if from_gutenberg {
        log::warn!("{label}: no Gutenberg header found");
    }
    let clean = match clean {
        Some(clean) => clean.clone(),
        None if from_gutenberg || !stripped.is_untouched() => cleaning::Kind::ALL.into(),
        None => Kinds::new(),
    };
    if !clean.is_empty() {
        let (text, counts) = cleaning::clean(&stripped.text, &clean);
        log::info!("{label}: cleaned: {counts}");
        stripped.text = text;
    }
    Ok(Plain { stripped, encoding: decoded.encoding, clean })
}

/// Returns the output files for `-d`, and creates the folder. Fails if two are the same.
fn files(folder: &Path, sources: &[Location]) -> Result<Vec<PathBuf>> {
    let mut seen = HashSet::new();
    let mut paths = Vec::new();
    for source in sources {
        let name = format!("{}.txt", source.file_stem());
        if !seen.insert(name.clone()) {
            return Err(Error::usage(format!("two books would be written to {}", quoted(&name))));
        }
        paths.push(folder.join(&name));
    }
    io::create_folder(folder)?;
    Ok(paths)
}

/// Checks the output files before anything is downloaded.
fn check_outputs(args: &Args, files: Option<&[PathBuf]>, sources: &[Location]) -> Result<()> {
    let texts = files.unwrap_or(std::slice::from_ref(&args.output));
    let outputs = texts.iter().map(|path| (path.as_path(), Kind::Text));
    let outputs: Vec<_> = outputs.chain(args.manifest.as_deref().map(|path| (path, Kind::Lock))).collect();
    let inputs = sources.iter().filter_map(|source| match source {
        Location::File(path) => Some(path.as_path()),
        _ => None,
    });
    outputs::check(&outputs, &inputs.chain(args.locked.as_deref()).collect::<Vec<_>>(), args.force.force)
}

/// Writes all texts, separated by empty lines.
fn write_joined(output: &Path, texts: &[Text]) -> Result<()> {
    let escape = io::is_stream(output) && std::io::stdout().is_terminal();
    io::write(output, |out| {
        for (i, text) in texts.iter().enumerate() {
            if i > 0 {
                let ended = texts[i - 1].text.is_empty() || texts[i - 1].text.ends_with('\n');
                out.write_all(if ended { b"\n" } else { b"\n\n" })?;
            }
            match escape {
                true => out.write_all(io::for_terminal(&text.text).as_bytes())?,
                false => out.write_all(text.text.as_bytes())?,
            }
        }
        Ok(())
    })
}
