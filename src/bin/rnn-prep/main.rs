//! rnn-prep: text to tokens.

mod blocks;
mod chapters;
mod inputs;
mod inspect;
mod lines;
mod report;
mod source;
mod table;
mod vocab;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::mpsc;

use rnn_tools::cli;
use rnn_tools::cli::prep::{Args, Level};
use rnn_tools::dataset::report::Report;
use rnn_tools::dataset::{Block, Builder, Choice, Part, Split, Unit};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;
use rnn_tools::text::vocabulary::Limits;
use rnn_tools::text::{Style, Tokenizer};

use blocks::{Documents, Read, Reading};
use inputs::Input;

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> Result<()> {
    if let Some(path) = &args.inspect {
        return inspect::inspect(path, args.json);
    }
    io::refuse_terminal(&args.output)?;
    if let Some(threads) = args.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
        pool.ok()
            .filter(|()| threads > 0)
            .ok_or_else(|| Error::usage(format!("--threads {threads} is not possible")))?;
    }
    let documents = documents(&args);
    let split = split(&args, &documents)?;
    let inputs = find_inputs(&args, documents != Documents::None)?;
    let (style, vocabulary) = style(&args, documents != Documents::None)?;
    let reading =
        Reading { documents, style, lossy: args.reading.lossy, unwrap: args.reading.unwrap, split_by: split.by };

    let mut builder = Builder::new(style, reading.documents != Documents::None, reading.unwrap);
    let read = fill(&mut builder, inputs, &reading)?;
    let limits = Limits { min_count: args.cutting.min_count, max_size: args.cutting.max_vocab };
    let mut prepared = builder.finish(Choice { limits, split, vocabulary })?;
    prepared.prep.sources = read.sources;
    prepared.prep.vocabulary = args.cutting.vocab.as_ref().map(|path| path.display().to_string());
    if let Some(path) = &args.cutting.embeddings {
        prepared.embed(path)?;
    }
    if read.replaced > 0 {
        log::warn!("{} bytes that are not text were replaced", read.replaced);
    }
    if read.empty > 0 {
        log::debug!("{} empty documents and files were left out", read.empty);
    }
    prepared.write(&args.output)?;
    report::print(&Report::new(&prepared), args.json, io::is_stream(&args.output))
}

fn documents(args: &Args) -> Documents {
    match &args.reading.column {
        Some(column) => Documents::Column(column.clone()),
        None if args.reading.lines => Documents::Lines,
        None => Documents::None,
    }
}

fn split(args: &Args, documents: &Documents) -> Result<Split> {
    let holding = &args.holding;
    let by = match (holding.split_by, documents) {
        (Some(Unit::Chapter), Documents::Lines | Documents::Column(_)) => {
            return Err(Error::usage("lines and rows have no chapters").hint("--split-by document splits between them"));
        }
        (Some(by), _) => by,
        (None, Documents::None) => Unit::Token,
        (None, _) => Unit::Document,
    };
    let split = Split { valid: holding.valid, test: holding.test, by };
    split.check().map(|()| split)
}

fn find_inputs(args: &Args, is_table: bool) -> Result<Vec<Input>> {
    let tables = is_table && args.reading.column.is_some();
    let stdin = [PathBuf::from(io::STREAM)];
    let texts = if args.inputs.is_empty() { &stdin[..] } else { &args.inputs };
    let mut inputs = inputs::expand(texts, Part::Main, tables)?;
    inputs.extend(inputs::expand(&args.holding.valid_file, Part::Valid, tables)?);
    inputs.extend(inputs::expand(&args.holding.test_file, Part::Test, tables)?);
    inputs::check(&inputs)?;
    Ok(inputs)
}

/// How the text is cut, and the vocabulary, if it is another's.
fn style(args: &Args, has_documents: bool) -> Result<(Style, Option<Tokenizer>)> {
    let cutting = &args.cutting;
    let asked = match (cutting.level, cutting.classic, &cutting.language) {
        (_, true, _) => Some(Style::Classic),
        (Some(Level::Char | Level::Byte), _, Some(_)) => {
            return Err(Error::usage("--language makes a difference at the word level only"));
        }
        (Some(Level::Char), ..) => Some(Style::Char),
        (Some(Level::Byte), ..) => Some(Style::Byte),
        (_, _, Some(code)) => Some(Style::for_language(code)),
        (Some(Level::Word), ..) => Some(Style::Plain),
        (None, _, None) => None,
    };
    if asked == Some(Style::Byte) && (cutting.min_count != 1 || cutting.max_vocab.is_some()) {
        return Err(Error::usage(
            "--level byte always has all bytes; --min-count and --max-vocab have no meaning for it",
        ));
    }
    let Some(path) = &cutting.vocab else { return Ok((asked.unwrap_or(Style::Plain), None)) };
    let tokenizer = vocab::read(path, asked)?;
    if has_documents && (tokenizer.begin().is_none() || tokenizer.end().is_none()) {
        return Err(Error::file(path, "its vocabulary has no `<bos>` and `<eos>` to mark documents with")
            .hint("make it with --lines or --column, or add the two to a list"));
    }
    Ok((tokenizer.style(), Some(tokenizer)))
}

/// Reads in one thread and cuts in all others, so that neither waits for the other for long, and only some
/// blocks are in memory.
fn fill(builder: &mut Builder, inputs: Vec<Input>, reading: &Reading) -> Result<Read> {
    let batch = 2 * rayon::current_num_threads();
    let (sender, receiver) = mpsc::sync_channel::<Block>(batch);
    std::thread::scope(|scope| {
        let reader = scope.spawn(move || blocks::read(inputs, reading, |block| sender.send(block).is_ok()));
        let mut waiting = Vec::new();
        let mut failed = Ok(());
        for block in &receiver {
            waiting.push(block);
            while waiting.len() < batch {
                match receiver.try_recv() {
                    Ok(block) => waiting.push(block),
                    Err(_) => break,
                }
            }
            failed = builder.add(&waiting);
            waiting.clear();
            if failed.is_err() {
                break;
            }
        }
        drop(receiver);
        let read = match reader.join() {
            Ok(read) => read?,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        failed?;
        read.sources.iter().for_each(|source| log::debug!("read {}: {} bytes", quoted(&source.name), source.bytes));
        Ok(read)
    })
}
