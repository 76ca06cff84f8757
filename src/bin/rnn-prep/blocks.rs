//! Reads files and divides them into blocks that can be tokenized independently.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use rnn_tools::corpus::cleaning::{Counts, Kinds, clean};
use rnn_tools::corpus::encoding::{Charset, line_ends_as_lf};
use rnn_tools::dataset::{Block, Part, Source, SplitBy};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::format::plural;
use rnn_tools::text::plain::MAX_INDENT;
use rnn_tools::text::{PreTokenizer, unwrap};

use crate::chapters::Chapters;
use crate::inputs::{self, Input};
use crate::lines::LineReader;
use crate::rows::{self, TableOptions};
use crate::source::TextReader;

/// The approximate size of a block in bytes: large enough to keep a core busy, small enough to keep many in memory.
const BLOCK_BYTES: usize = 1 << 20;

/// The maximum size of a block in bytes, if no earlier split is possible.
const MAX_BLOCK_BYTES: usize = 4 << 20;

/// The maximum length of a run of white space that is kept as it is, in bytes.
const MAX_BLANK_BYTES: usize = 1 << 16;

/// The format of the inputs.
#[derive(Clone, Debug, PartialEq)]
pub enum InputFormat {
    /// A single text.
    Text,
    Lines,
    Table(TableOptions),
}

/// Options for reading the inputs.
pub struct ReadOptions {
    pub format: InputFormat,
    pub pre_tokenizer: PreTokenizer,
    pub lossy: bool,
    /// The encoding of the inputs; None if it is to be recognized.
    pub encoding: Option<Charset>,
    /// What to clean.
    pub clean: Kinds,
    pub unwrap: bool,
    pub split_by: SplitBy,
    /// Whether each text is followed by an empty line, because it may be followed by any other.
    pub shuffle: bool,
}

/// Statistics of the inputs.
#[derive(Default)]
pub struct ReadSummary {
    pub sources: Vec<Source>,
    /// The number of invalid bytes replaced.
    pub replaced: usize,
    /// The number of changes by cleaning.
    pub cleaned: Counts,
    /// The number of empty documents, and of empty files in folders and patterns.
    pub empty: usize,
}

/// Reads the inputs, which are ordered by part, and passes their blocks to `send` until it returns false.
pub fn read(inputs: Vec<Input>, options: &ReadOptions, send: impl FnMut(Block) -> bool) -> Result<ReadSummary> {
    let mut sender = BlockSender { send, stopped: false, held: None, separate: options.shuffle };
    let mut read = ReadSummary::default();
    // The name and part of the first file with some contents, by their hash.
    let mut contents: HashMap<String, (String, Part)> = HashMap::new();
    for input in inputs {
        if sender.stopped {
            break;
        }
        let mut text = TextReader::open(input, options.lossy, options.encoding)?;
        let (text, blank) = match options.format {
            InputFormat::Text => {
                if !options.clean.is_empty() {
                    read.cleaned += text.clean(&options.clean)?;
                }
                read_text(text, options, &mut sender)?
            }
            _ => read_documents(text, options, &mut sender, &mut read)?,
        };
        if blank && !text.input.is_found {
            return Err(Error::file(&text.input.path, "the file contains no text"));
        }
        read.replaced += text.replaced;
        if blank {
            read.empty += 1;
            log::warn!("no text in {}", quoted(&text.input.path));
        } else {
            let (source, part) = (text.source(), text.input.part);
            match contents.entry(source.sha256.clone()) {
                Entry::Vacant(entry) => {
                    entry.insert((source.name.clone(), part));
                }
                Entry::Occupied(entry) => inputs::warn_of_repeat(&source.name, part, &entry.get().0, entry.get().1),
            }
            read.sources.push(source);
        }
    }
    sender.finish();
    if read.sources.is_empty() && !sender.stopped {
        return Err(Error::failure("none of the files contains text"));
    }
    Ok(read)
}

/// Sends blocks and delays the end of each text.
struct BlockSender<F> {
    send: F,
    stopped: bool,
    /// The last block of a text, held back until it is known whether another text follows.
    held: Option<Block>,
    /// Whether to end every text with an empty line.
    separate: bool,
}

impl<F: FnMut(Block) -> bool> BlockSender<F> {
    fn send(&mut self, part: Part, texts: Vec<String>, begins: bool) {
        if !self.stopped && !texts.is_empty() {
            self.stopped = !(self.send)(Block { part, texts, begins });
        }
    }

    /// Sends the block held back. `next` is the part of the following text, if any. Returns whether that text
    /// continues this one.
    fn release(&mut self, next: Option<Part>) -> bool {
        let Some(Block { part, mut texts, begins }) = self.held.take() else { return false };
        let continues = next == Some(part);
        if continues || self.separate && next.is_some() {
            texts.iter_mut().for_each(|text| text.push_str("\n\n"));
        }
        self.send(part, texts, begins);
        continues
    }

    /// Sends the last block.
    fn finish(&mut self) {
        if let Some(block) = self.held.as_mut().filter(|_| self.separate) {
            block.texts.iter_mut().for_each(|text| text.push_str("\n\n"));
        }
        self.release(None);
    }
}

/// Reads a file as one text. An empty line separates it from a preceding text.
fn read_text<F: FnMut(Block) -> bool>(
    mut text: TextReader,
    options: &ReadOptions,
    sender: &mut BlockSender<F>,
) -> Result<(TextReader, bool)> {
    let part = text.input.part;
    let (mut buffer, mut begins, mut blank, mut sent) = (String::new(), true, true, 0);
    let by_chapter = options.split_by == SplitBy::Chapter;
    let by_lines = options.unwrap || by_chapter;
    let mut chapters = Chapters::new();
    loop {
        let before = buffer.len() - usize::from(buffer.ends_with('\r'));
        let more = text.read(&mut buffer)?;
        if by_lines {
            convert_line_ends(&mut buffer, before, more);
        }
        shorten_blanks(&mut buffer, options.pre_tokenizer);
        if blank {
            blank = buffer.trim_start().is_empty();
            match (blank, more) {
                (true, false) => return Ok((text, true)),
                (true, true) if buffer.len() < MAX_BLOCK_BYTES => continue,
                (true, true) => {
                    let reason = format!("the first {} MiB contain no text", MAX_BLOCK_BYTES >> 20);
                    return Err(Error::file(&text.input.path, reason));
                }
                (false, _) => {
                    // Leading white space would only add to the empty line before this text.
                    if sender.release(Some(part)) {
                        let mut blank = buffer.len() - buffer.trim_start().len();
                        if options.pre_tokenizer.keeps_indent() {
                            blank = buffer[..blank].rfind(['\n', '\r']).map_or(0, |last| last + 1);
                        }
                        buffer.replace_range(..blank, "");
                    }
                }
            }
        }
        let end = match buffer.len() {
            _ if !more => buffer.len(),
            length if length < BLOCK_BYTES => continue,
            length => {
                let paragraph = if by_lines { unwrap::last_paragraph_break(&buffer) } else { None };
                let wait_for_paragraph = by_lines && length < MAX_BLOCK_BYTES;
                match paragraph.or_else(|| options.pre_tokenizer.last_split(&buffer).filter(|_| !wait_for_paragraph)) {
                    Some(end) => end,
                    None if length < MAX_BLOCK_BYTES => continue,
                    None => {
                        let reason =
                            format!("not text: no space within {} MiB of offset {sent}", MAX_BLOCK_BYTES >> 20);
                        return Err(Error::file(&text.input.path, reason)
                            .hint("--level char and --level byte do not need spaces"));
                    }
                }
            }
        };
        let rest = buffer.split_off(end);
        let whole = std::mem::replace(&mut buffer, rest);
        sent += whole.len();
        for (is_heading, chapter) in if by_chapter { chapters.split(&whole) } else { vec![(false, &*whole)] } {
            // The block held back belongs to this text and is complete.
            sender.release(None);
            sender.held = Some(Block { part, texts: vec![chapter.to_string()], begins: begins || is_heading });
            begins = false;
        }
        if more {
            sender.release(None);
        }
        if !more || sender.stopped {
            return Ok((text, false));
        }
    }
}

/// Converts CR and CR LF after offset `from` to LF, except a CR at the end, which may be half of a CR LF.
fn convert_line_ends(buffer: &mut String, from: usize, more: bool) {
    let end = buffer.len() - usize::from(more && buffer.ends_with('\r'));
    if let Cow::Owned(converted) = line_ends_as_lf(&buffer[from..end]) {
        buffer.replace_range(from..end, &converted);
    }
}

/// Replaces a long run of white space at the end with a short one from which the same tokens follow, so that it does
/// not fill the memory.
fn shorten_blanks(buffer: &mut String, pre_tokenizer: PreTokenizer) {
    let blanks: &[char] = match pre_tokenizer {
        PreTokenizer::Char | PreTokenizer::Codepoint | PreTokenizer::Byte => return,
        PreTokenizer::Tokens => &[' ', '\t'],
        _ => &[' ', '\t', '\n', '\r'],
    };
    let end = buffer.len() - usize::from(buffer.ends_with('\r'));
    let start = buffer[..end].trim_end_matches(blanks).len();
    if end - start > MAX_BLANK_BYTES {
        let run = line_ends_as_lf(&buffer[start..end]);
        let mut short = String::from(match run.matches('\n').count() {
            0 => " ",
            1 => "\n",
            _ => "\n\n",
        });
        if pre_tokenizer.keeps_indent() {
            // One that is too long stays too long.
            let indent = run.rsplit('\n').next().unwrap_or_default();
            short.push_str(&indent[..indent.len().min(MAX_INDENT + 1)]);
        }
        buffer.replace_range(start..end, &short);
    }
}

/// Reads a file of documents.
fn read_documents<F: FnMut(Block) -> bool>(
    text: TextReader,
    options: &ReadOptions,
    sender: &mut BlockSender<F>,
    summary: &mut ReadSummary,
) -> Result<(TextReader, bool)> {
    let part = text.input.part;
    let (mut texts, mut size, mut blank) = (Vec::new(), 0, true);
    let mut found = |mut document: String, sender: &mut BlockSender<F>| {
        if !options.clean.is_empty() {
            let (cleaned, counts) = clean(&document, &options.clean);
            document = cleaned;
            summary.cleaned += counts;
        }
        if document.trim().is_empty() {
            summary.empty += 1;
            return;
        }
        blank = false;
        size += document.len();
        texts.push(document);
        if size >= BLOCK_BYTES {
            size = 0;
            sender.send(part, std::mem::take(&mut texts), true);
        }
    };
    let mut missing = 0;
    let text = match &options.format {
        InputFormat::Table(table) => rows::read(text, table, &mut |row| match row {
            Some(document) => found(document, sender),
            None => missing += 1,
        })?,
        _ => {
            let mut lines = LineReader::new(text);
            while let Some(line) = lines.advance()? {
                found(line.to_string(), sender);
            }
            lines.text
        }
    };
    if missing > 0 {
        log::warn!("{}: skipped {} without a value", quoted(&text.input.path), plural(missing, "row", "rows"));
    }
    sender.send(part, texts, true);
    Ok((text, blank))
}
