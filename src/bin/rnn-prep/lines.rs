//! A text line by line.

use rnn_tools::error::{Error, Result};

use crate::source::{MAX_ROW_BYTES, TextReader};

pub struct LineReader {
    pub text: TextReader,
    buffer: String,
    at: usize,
    /// Of the line that was read last, from 1.
    pub number: usize,
}

impl LineReader {
    pub fn new(text: TextReader) -> Self {
        Self::begun(text, String::new())
    }

    /// A text whose beginning has been read.
    pub fn begun(text: TextReader, buffer: String) -> Self {
        Self { text, buffer, at: 0, number: 0 }
    }

    /// The next line without its end.
    pub fn advance(&mut self) -> Result<Option<&str>> {
        let mut searched = self.at;
        let end = loop {
            if let Some(length) = self.buffer.as_bytes()[searched..].iter().position(|&b| b == b'\n') {
                break Some(searched + length);
            }
            self.buffer.drain(..self.at);
            self.at = 0;
            searched = self.buffer.len();
            if searched > MAX_ROW_BYTES {
                let fault = format!("line {} is longer than {} MiB", self.number + 1, MAX_ROW_BYTES >> 20);
                return Err(
                    Error::file(&self.text.input.path, fault).hint("as one text, without --lines, it can be read")
                );
            }
            if !self.text.read(&mut self.buffer)? {
                break None;
            }
        };
        self.number += 1;
        let begin = self.at;
        let line = match end {
            Some(end) => {
                self.at = end + 1;
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
        Ok(Some(line.strip_suffix('\r').unwrap_or(line)))
    }
}
