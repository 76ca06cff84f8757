//! From files to blocks of text that can be cut into tokens apart from each other.

use rnn_tools::dataset::{Block, Part, Source, SplitBy};
use rnn_tools::error::{Error, Result};
use rnn_tools::text::{PreTokenizer, unwrap};

use crate::inputs::Input;
use crate::lines::LineReader;
use crate::source::TextReader;
use crate::{chapters, rows};

/// Bytes of a block, more or less: enough for a core to be busy, little enough for many to be in memory.
const SIZE: usize = 1 << 20;

/// No text goes on for longer without a place to cut it.
const LONGEST: usize = 4 << 20;

/// What the inputs hold.
#[derive(Clone, Debug, PartialEq)]
pub enum InputFormat {
    /// One text.
    Text,
    Lines,
    Column(String),
}

/// How the inputs are read.
pub struct ReadOptions {
    pub format: InputFormat,
    pub pre_tokenizer: PreTokenizer,
    pub lossy: bool,
    pub unwrap: bool,
    pub split_by: SplitBy,
}

/// What was read.
#[derive(Default)]
pub struct ReadSummary {
    pub sources: Vec<Source>,
    /// Bytes that were replaced.
    pub replaced: usize,
    /// Files of folders and patterns, and documents, that were empty.
    pub empty: usize,
}

/// Reads the inputs, which come in the order of their parts, and gives `send` their blocks; where that
/// says false, nobody wants more.
pub fn read(inputs: Vec<Input>, reading: &ReadOptions, send: impl FnMut(Block) -> bool) -> Result<ReadSummary> {
    let mut sender = Sender { send, stopped: false, held: None };
    let mut read = ReadSummary::default();
    for input in inputs {
        if sender.stopped {
            break;
        }
        let text = TextReader::open(input, reading.lossy)?;
        let (text, blank) = match reading.format {
            InputFormat::Text => one_text(text, reading, &mut sender)?,
            _ => many_texts(text, reading, &mut sender, &mut read.empty)?,
        };
        if blank && !text.input.is_found {
            return Err(Error::file(&text.input.path, "there is no text in it"));
        }
        read.replaced += text.replaced;
        if blank {
            read.empty += 1;
            log::warn!("there is no text in {}", rnn_tools::error::quoted(&text.input.path));
        } else {
            read.sources.push(text.source());
        }
    }
    sender.release(None);
    if read.sources.is_empty() && !sender.stopped {
        return Err(Error::failure("there is no text in any of the files"));
    }
    Ok(read)
}

struct Sender<F> {
    send: F,
    stopped: bool,
    /// The end of a text, until it is known whether another one follows.
    held: Option<Block>,
}

impl<F: FnMut(Block) -> bool> Sender<F> {
    fn send(&mut self, part: Part, texts: Vec<String>, begins: bool) {
        if !self.stopped && !texts.is_empty() {
            self.stopped = !(self.send)(Block { part, texts, begins });
        }
    }

    /// Sends the end of a text, after which another one of the part `next` comes, or none. Whether they
    /// are one.
    fn release(&mut self, next: Option<Part>) -> bool {
        let Some(Block { part, mut texts, begins }) = self.held.take() else { return false };
        let goes_on = next == Some(part);
        if goes_on {
            texts.iter_mut().for_each(|text| text.push_str("\n\n"));
        }
        self.send(part, texts, begins);
        goes_on
    }
}

/// A file that is a text or goes on with one, from which an empty line parts it.
fn one_text<F: FnMut(Block) -> bool>(
    mut text: TextReader,
    reading: &ReadOptions,
    sender: &mut Sender<F>,
) -> Result<(TextReader, bool)> {
    let part = text.input.part;
    let (mut buffer, mut begins, mut blank, mut sent) = (String::new(), true, true, 0);
    let by_chapter = reading.split_by == SplitBy::Chapter;
    loop {
        let more = text.read(&mut buffer)?;
        if blank {
            blank = buffer.trim_start().is_empty();
            match (blank, more) {
                (true, false) => return Ok((text, true)),
                (true, true) if buffer.len() < LONGEST => continue,
                (true, true) => {
                    let fault = format!("there is no text in its first {} MiB", LONGEST >> 20);
                    return Err(Error::file(&text.input.path, fault));
                }
                (false, _) => {
                    // The first blanks of a later text would only add to the empty line before it.
                    if sender.release(Some(part)) {
                        buffer.replace_range(..buffer.len() - buffer.trim_start().len(), "");
                    }
                }
            }
        }
        let end = match buffer.len() {
            _ if !more => buffer.len(),
            length if length < SIZE => continue,
            length => {
                let paragraph = if reading.unwrap || by_chapter { unwrap::last_paragraph_break(&buffer) } else { None };
                let wait_for_paragraph = (reading.unwrap || by_chapter) && length < LONGEST;
                match paragraph.or_else(|| reading.pre_tokenizer.last_split(&buffer).filter(|_| !wait_for_paragraph)) {
                    Some(end) => end,
                    None if length < LONGEST => continue,
                    None => {
                        let fault = format!("not text: after offset {sent} there is no blank in {} MiB", LONGEST >> 20);
                        return Err(
                            Error::file(&text.input.path, fault).hint("--level char and --level byte need no blanks")
                        );
                    }
                }
            }
        };
        let rest = buffer.split_off(end);
        let whole = std::mem::replace(&mut buffer, rest);
        sent += whole.len();
        for (is_heading, chapter) in if by_chapter { chapters::split(&whole) } else { vec![(false, &*whole)] } {
            // What was held back is of this text too, and is complete.
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

/// A file of documents.
fn many_texts<F: FnMut(Block) -> bool>(
    text: TextReader,
    reading: &ReadOptions,
    sender: &mut Sender<F>,
    empty: &mut usize,
) -> Result<(TextReader, bool)> {
    let part = text.input.part;
    let (mut texts, mut size, mut blank) = (Vec::new(), 0, true);
    let mut found = |document: String, sender: &mut Sender<F>| {
        if document.trim().is_empty() {
            *empty += 1;
            return;
        }
        blank = false;
        size += document.len();
        texts.push(document);
        if size >= SIZE {
            size = 0;
            sender.send(part, std::mem::take(&mut texts), true);
        }
    };
    let text = match &reading.format {
        InputFormat::Column(column) => rows::read(text, column, &mut |document| {
            found(document, sender);
            Ok(())
        })?,
        _ => {
            let mut lines = LineReader::new(text);
            while let Some(line) = lines.advance()? {
                found(line.to_string(), sender);
            }
            lines.text
        }
    };
    sender.send(part, texts, true);
    Ok((text, blank))
}
