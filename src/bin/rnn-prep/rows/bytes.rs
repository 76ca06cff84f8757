//! A text as bytes, for parsers that read from `std::io::Read`.

use std::io::Read;

use rnn_tools::error::{Error, Result};

use super::quotes::Quotes;
use crate::lines::LineReader;
use crate::source::{MAX_ROW_BYTES, TextReader};

pub struct ByteReader {
    pub text: TextReader,
    buffer: String,
    at: usize,
    /// The error that stopped the reading; `io::Error` cannot carry its hint.
    pub error: Option<Error>,
    /// Bytes handed out since the last row was complete.
    pub since_row: usize,
    /// The maximum of `since_row`.
    pub max_row: usize,
    /// Follows the quotation marks of CSV.
    pub quotes: Option<Quotes>,
}

impl ByteReader {
    pub fn new(text: TextReader) -> Self {
        Self { text, buffer: String::new(), at: 0, error: None, since_row: 0, max_row: MAX_ROW_BYTES, quotes: None }
    }

    /// Returns the start of the unread text without consuming it.
    pub fn peek(&mut self) -> Result<&str> {
        while self.buffer.is_empty() && self.text.read(&mut self.buffer)? {}
        Ok(&self.buffer[self.at..])
    }

    /// Skips bytes of the start.
    pub fn skip(&mut self, count: usize) {
        self.at += count;
    }

    /// Converts to a reader of lines; nothing may have been read yet.
    pub fn into_lines(self) -> LineReader {
        LineReader::with_buffer(self.text, self.buffer)
    }

    fn stop(&mut self, error: Error) -> std::io::Error {
        self.error = Some(error);
        std::io::Error::other("see `error`")
    }
}

impl Read for &mut ByteReader {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.buffer.len() {
            (self.at, self.buffer) = (0, String::new());
            if let Err(error) = self.peek().map(|_| ()) {
                return Err(self.stop(error));
            }
        }
        if self.since_row > self.max_row {
            return Err(std::io::Error::other("too long"));
        }
        let rest = &self.buffer.as_bytes()[self.at..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        self.since_row += count;
        let fault = self.quotes.as_mut().and_then(|quotes| quotes.follow(&out[..count]));
        if let Some(reason) = fault {
            let error = Error::file(&self.text.input.path, reason);
            return Err(
                self.stop(error.hint("if quotation marks are ordinary characters, use --delimiter tab or a .tsv file"))
            );
        }
        Ok(count)
    }
}
