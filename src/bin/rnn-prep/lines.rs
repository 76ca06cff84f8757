//! Reads a text line by line.

use rnn_tools::error::{Error, Result};

use crate::source::{MAX_ROW_BYTES, TextReader};

pub struct LineReader {
    pub text: TextReader,
    buffer: String,
    at: usize,
    /// The number of the current line, counted from 1.
    pub number: usize,
}

impl LineReader {
    pub fn new(text: TextReader) -> Self {
        Self::with_buffer(text, String::new())
    }

    /// Creates a reader for a text whose start, `buffer`, has been read.
    pub fn with_buffer(text: TextReader, buffer: String) -> Self {
        Self { text, buffer, at: 0, number: 0 }
    }

    /// Reads the next line, without its line end.
    pub fn advance(&mut self) -> Result<Option<&str>> {
        let mut searched = self.at;
        // The line's end, and the start of the next one.
        let end = loop {
            let found = self.buffer.as_bytes()[searched..].iter().position(|&b| b == b'\n' || b == b'\r');
            let found = found.map(|length| searched + length);
            // After a CR at the end of the buffer, LF may follow.
            let is_cut = found.is_some_and(|end| &self.buffer[end..] == "\r");
            if let Some(end) = found.filter(|_| !is_cut) {
                break Some((end, end + if self.buffer[end..].starts_with("\r\n") { 2 } else { 1 }));
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            searched = self.buffer.len() - usize::from(is_cut);
            if searched > MAX_ROW_BYTES {
                let reason = format!("line {} is longer than {} MiB", self.number + 1, MAX_ROW_BYTES >> 20);
                return Err(
                    Error::file(&self.text.input.path, reason).hint("without --lines, it can be read as one text")
                );
            }
            if !self.text.read(&mut self.buffer)? {
                break is_cut.then_some((searched, searched + 1));
            }
        };
        self.number += 1;
        let begin = self.at;
        let line = match end {
            Some((end, next)) => {
                self.at = next;
                &self.buffer[begin..end]
            }
            None => {
                self.at = self.buffer.len();
                match &self.buffer[begin..] {
                    "" => return Ok(None),
                    last => last,
                }
            }
        };
        Ok(Some(line))
    }
}
