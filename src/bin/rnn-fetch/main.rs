//! rnn-fetch: gets books as plain text. The only command that talks to the network.

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
use rnn_tools::corpus::encoding;
use rnn_tools::corpus::gutenberg::{self, Stripped};
use rnn_tools::corpus::lock::{Lock, LockedBook, sha256};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;

use fetcher::{Expected, Fetched, Fetcher};
use location::Location;

fn main() -> ExitCode {
    cli::main(run)
}

/// A book, ready to be written.
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
        return Err(Error::usage("the text and the manifest cannot both go to standard output").hint("-o FILE"));
    }
    args.mirror.iter().try_for_each(|mirror| location::check_address(mirror))?;
    let (raw, wanted) = match &args.locked {
        Some(path) => {
            let lock = Lock::read(path)?;
            lock.sources.iter().filter_map(|s| s.url.as_deref()).try_for_each(location::check_address)?;
            (lock.raw, lock.sources.into_iter().map(|record| (record.source.clone(), Some(record))).collect())
        }
        None => (args.raw, asked_for(&args)?.into_iter().map(|word| (word, None)).collect::<Vec<_>>()),
    };
    let sources = wanted.iter().map(|(word, _)| Location::parse(word)).collect::<Result<Vec<_>>>()?;
    let stdin = Location::File(io::STREAM.into());
    if sources.iter().filter(|source| **source == stdin).count() > 1 {
        return Err(Error::usage("standard input can be read only once"));
    }
    let files = args.directory.as_deref().map(|folder| files(folder, &sources)).transpose()?;

    let books = Fetcher::new(&args);
    let mut texts = Vec::with_capacity(sources.len());
    for ((word, record), source) in wanted.into_iter().zip(sources) {
        texts.push(fetch(&books, &word, &source, raw, record.as_ref())?);
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
        Some(path) => Lock::new(raw, texts.into_iter().map(|text| text.record).collect()).write(path),
        None => Ok(()),
    }
}

/// The books named on the command line, or, from a person at a terminal, the one answered.
fn asked_for(args: &Args) -> Result<Vec<String>> {
    if !args.books.is_empty() {
        return Ok(args.books.clone());
    }
    let (stdin, stderr) = (std::io::stdin(), std::io::stderr());
    if !stdin.is_terminal() || !stderr.is_terminal() {
        return Err(Error::usage("which book?")
            .hint("`rnn-fetch alice` gets one by name, --list shows the names, `-` reads standard input"));
    }
    listing::ask_for_book(&mut stdin.lock(), &mut stderr.lock()).map(|book| vec![book])
}

/// Gets one book and makes it text; checks it against what was locked.
fn fetch(books: &Fetcher, word: &str, source: &Location, raw: bool, locked: Option<&LockedBook>) -> Result<Text> {
    let plain_word = !io::is_stream(Path::new(word)) && !word.contains(char::is_control);
    let label = if plain_word { word.to_string() } else { quoted(word) };
    let wanted = locked.map(|record| Expected { url: record.url.as_deref(), sha256: &record.sha256 });
    let fetched = books.get(&label, source, wanted)?;
    let stripped = plain(&label, &fetched, source, raw).map_err(|error| about(&label, &error))?;
    let record = LockedBook {
        source: word.into(),
        bytes: fetched.bytes.len(),
        sha256: sha256(&fetched.bytes),
        url: fetched.url,
        header_lines: stripped.header_lines,
        licence_lines: stripped.licence_lines,
        text_bytes: stripped.text.len(),
        text_sha256: sha256(stripped.text.as_bytes()),
    };
    if let Some(locked) = locked {
        if record.sha256 != locked.sha256 {
            return Err(Error::failure(format!(
                "{label}: not what was locked: {} bytes with sha256 {}…, not {} with {}…",
                record.bytes,
                &record.sha256[..12],
                locked.bytes,
                locked.sha256.chars().take(12).collect::<String>()
            )));
        }
        if record.text_sha256 != locked.text_sha256 {
            return Err(Error::failure(format!("{label}: the file is the locked one, the text made of it is not"))
                .hint("another version of rnn-fetch wrote the lock file; use that one, or lock anew"));
        }
    }
    Ok(Text { text: stripped.text, record })
}

/// Decodes and strips, and says what that took.
fn plain(label: &str, fetched: &Fetched, source: &Location, raw: bool) -> Result<Stripped> {
    let decoded = encoding::decode(&fetched.bytes)?;
    if let Some(unknown) = &decoded.unknown {
        log::warn!("{label}: unknown encoding {}, read as {}", quoted(unknown), decoded.encoding);
    } else if decoded.encoding != "UTF-8" {
        log::info!("{label}: converted from {}", decoded.encoding);
    }
    if raw {
        return Ok(Stripped::untouched(&decoded.text));
    }
    let stripped = gutenberg::strip(&decoded.text)?;
    let from_gutenberg = matches!(source, Location::Gutenberg(_));
    if !stripped.is_untouched() {
        let (header, licence) = (stripped.header_lines, stripped.licence_lines);
        log::info!("{label}: cut {header} lines of header and {licence} of licence");
    } else if from_gutenberg {
        log::warn!("{label}: found no Gutenberg header to cut");
    }
    Ok(stripped)
}

fn about(label: &str, error: &Error) -> Error {
    let named = Error::failure(format!("{label}: {error}"));
    match error.hint_text() {
        Some(hint) => named.hint(hint),
        None => named,
    }
}

/// Where each book goes with `-d`: to files of different names, none of which is one that is read.
fn files(folder: &Path, sources: &[Location]) -> Result<Vec<PathBuf>> {
    let mut seen = HashSet::new();
    let mut paths = Vec::new();
    for source in sources {
        let name = format!("{}.txt", source.file_stem());
        if !seen.insert(name.clone()) {
            return Err(Error::usage(format!("two of the books would be written to {}", quoted(&name))));
        }
        let path = folder.join(&name);
        let same =
            |read: &Path| path.canonicalize().is_ok_and(|path| read.canonicalize().is_ok_and(|read| read == path));
        if matches!(source, Location::File(read) if same(read)) {
            return Err(Error::usage(format!("{} would be replaced by itself", quoted(&path))));
        }
        paths.push(path);
    }
    io::create_folder(folder)?;
    Ok(paths)
}

/// One text after the other, an empty line between.
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
