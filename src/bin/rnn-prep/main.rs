//! rnn-prep: converts text to token files.

mod blocks;
mod chapters;
mod decode;
mod folders;
mod headings;
mod inputs;
mod inspect;
mod lines;
#[cfg(test)]
#[path = "../../../fuzz/mutate.rs"]
mod mutate;
mod patterns;
mod report;
mod rows;
mod source;
mod vocab;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;

use rnn_tools::cli;
use rnn_tools::cli::prep::{Args, DecodedPart, Level};
use rnn_tools::dataset::report::Report;
use rnn_tools::dataset::{Block, BuildOptions, Builder, Part, Split, SplitBy};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;
use rnn_tools::model;
use rnn_tools::outputs::{self, Kind};
use rnn_tools::random;
use rnn_tools::text::vocabulary::VocabLimits;
use rnn_tools::text::{PreTokenizer, Tokenizer};

use blocks::{InputFormat, ReadOptions, ReadSummary};
use inputs::Input;
use rows::TableOptions;

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> Result<()> {
    if let Some(path) = &args.inspect {
        return inspect::inspect(path, args.json);
    }
    if let Some(path) = &args.decode {
        outputs::check(&[(&args.output, Kind::Text)], &[path.as_path()], args.force.force)?;
        return decode::decode(path, args.split.unwrap_or(DecodedPart::All), &args.output);
    }
    if args.split.is_some() {
        return Err(Error::usage("--split requires --decode").hint("--valid and --test hold text out"));
    }
    io::refuse_terminal(&args.output)?;
    cli::set_num_threads(args.threads)?;
    let format = input_format(&args);
    let split = split(&args, &format)?;
    let inputs = find_inputs(&args, format != InputFormat::Text)?;
    check_output(&args, &inputs)?;
    let (pre_tokenizer, vocabulary) = tokenization(&args, format != InputFormat::Text)?;
    let reading = ReadOptions {
        format,
        pre_tokenizer,
        lossy: args.input.lossy,
        encoding: args.input.encoding,
        clean: args.input.clean.iter().flatten().flatten().copied().collect(),
        unwrap: args.input.unwrap,
        split_by: split.by,
        shuffle: args.held_out.shuffle,
    };

    let mut builder = Builder::new(pre_tokenizer, reading.format != InputFormat::Text, reading.unwrap);
    let summary = fill(&mut builder, inputs, &reading)?;
    if args.held_out.shuffle {
        let seed = args.held_out.random_seed.unwrap_or_else(random::fresh_seed);
        log::info!("shuffled with --random-seed {seed}");
        builder.shuffle(seed)?;
    }
    let limits = VocabLimits { min_count: args.tokenizer.min_count, max_size: args.tokenizer.max_vocab };
    let mut prepared = builder.finish(BuildOptions { limits, split, vocabulary })?;
    prepared.prep.sources = summary.sources;
    if !reading.clean.is_empty() {
        log::info!("cleaned: {}", summary.cleaned);
    }
    prepared.prep.clean = reading.clean;
    prepared.prep.vocabulary = args.tokenizer.vocab.as_ref().map(|path| path.display().to_string());
    if let Some(path) = &args.tokenizer.embeddings {
        prepared.load_embeddings(path)?;
    }
    if summary.replaced > 0 {
        log::warn!("replaced {} invalid bytes", summary.replaced);
    }
    if summary.empty > 0 {
        log::debug!("skipped {} empty documents and files", summary.empty);
    }
    prepared.write(&args.output)?;
    report::print(&Report::new(&prepared), args.json, io::is_stream(&args.output))
}

fn check_output(args: &Args, inputs: &[Input]) -> Result<()> {
    let vocab = args.tokenizer.vocab.as_deref().map(model::locate);
    let others = vocab.iter().chain(&args.tokenizer.embeddings);
    let inputs: Vec<&Path> = inputs.iter().map(|input| &input.path).chain(others).map(PathBuf::as_path).collect();
    outputs::check(&[(&args.output, Kind::Tokens)], &inputs, args.force.force)
}

fn input_format(args: &Args) -> InputFormat {
    match &args.input.column {
        Some(column) => {
            let input = &args.input;
            let table = TableOptions { column: column.clone(), delimiter: input.delimiter, strict: input.strict };
            InputFormat::Table(table)
        }
        None if args.input.lines => InputFormat::Lines,
        None => InputFormat::Text,
    }
}

fn split(args: &Args, format: &InputFormat) -> Result<Split> {
    let split_args = &args.held_out;
    let by = match (split_args.split_by, format) {
        (Some(SplitBy::Chapter), InputFormat::Lines | InputFormat::Table(_)) => {
            return Err(Error::usage("--split-by chapter cannot be used with --lines or --column")
                .hint("use --split-by document"));
        }
        (Some(by), _) => by,
        (None, InputFormat::Text) => SplitBy::Token,
        (None, _) => SplitBy::Document,
    };
    let split = Split { valid: split_args.valid, test: split_args.test, by };
    split.check().map(|()| split)
}

fn find_inputs(args: &Args, is_table: bool) -> Result<Vec<Input>> {
    let tables = is_table && args.input.column.is_some();
    let stdin = [PathBuf::from(io::STREAM)];
    let texts = if args.inputs.is_empty() { &stdin[..] } else { &args.inputs };
    let mut inputs = inputs::expand(texts, Part::Main, tables)?;
    inputs.extend(inputs::expand(&args.held_out.valid_file, Part::Valid, tables)?);
    inputs.extend(inputs::expand(&args.held_out.test_file, Part::Test, tables)?);
    inputs::without_repeats(inputs)
}

/// Returns the pre-tokenizer and, with --vocab, the vocabulary.
fn tokenization(args: &Args, has_documents: bool) -> Result<(PreTokenizer, Option<Tokenizer>)> {
    let tokenizer_args = &args.tokenizer;
    let requested = match (tokenizer_args.level, tokenizer_args.classic, &tokenizer_args.language) {
        (_, true, _) => Some(PreTokenizer::Classic),
        (Some(Level::Tokens | Level::Char | Level::Codepoint | Level::Byte), _, Some(_)) => {
            return Err(Error::usage("--language requires the word level"));
        }
        (Some(Level::Tokens), ..) => Some(PreTokenizer::Tokens),
        (Some(Level::Char), ..) => Some(PreTokenizer::Char),
        (Some(Level::Codepoint), ..) => Some(PreTokenizer::Codepoint),
        (Some(Level::Byte), ..) => Some(PreTokenizer::Byte),
        (_, _, Some(code)) => Some(PreTokenizer::for_language(code)),
        (Some(Level::Word), ..) => Some(PreTokenizer::Plain),
        (None, _, None) => None,
    };
    let requested = match requested {
        None | Some(PreTokenizer::Plain) if tokenizer_args.keep_indent => Some(PreTokenizer::Indented),
        Some(PreTokenizer::French | PreTokenizer::Italian) if tokenizer_args.keep_indent => {
            return Err(Error::usage("--keep-indent cannot be used with --language fr or it"));
        }
        Some(_) if tokenizer_args.keep_indent => {
            return Err(Error::usage("--keep-indent requires the word level")
                .hint("--level char, codepoint and byte keep all white space"));
        }
        requested => requested,
    };
    if requested == Some(PreTokenizer::Byte) && (tokenizer_args.min_count != 1 || tokenizer_args.max_vocab.is_some()) {
        return Err(Error::usage(
            "--min-count and --max-vocab cannot be used with --level byte, whose vocabulary is fixed",
        ));
    }
    let Some(path) = &tokenizer_args.vocab else { return Ok((requested.unwrap_or(PreTokenizer::Plain), None)) };
    let tokenizer = vocab::read(path, requested)?;
    if has_documents && (tokenizer.bos().is_none() || tokenizer.eos().is_none()) {
        return Err(Error::file(path, "its vocabulary lacks `<bos>` and `<eos>`, which mark documents")
            .hint("build it with --lines or --column, or add both to the list"));
    }
    Ok((tokenizer.pre_tokenizer(), Some(tokenizer)))
}

/// Reads in one thread and tokenizes in all others. The bounded channel limits the number of blocks in memory.
fn fill(builder: &mut Builder, inputs: Vec<Input>, reading: &ReadOptions) -> Result<ReadSummary> {
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
