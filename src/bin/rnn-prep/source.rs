//! Reads a file as text: validates UTF-8, rejects NUL, counts and hashes its bytes.

use std::fs::File;
use std::io::Read;

use sha2::{Digest, Sha256};

use rnn_tools::dataset::Source;
use rnn_tools::error::{Error, Result};
use rnn_tools::format::hex;
use rnn_tools::io;

use crate::inputs::Input;

/// The number of bytes read at a time.
const CHUNK: usize = 1 << 18;

/// The maximum length of a row or line, in bytes; a longer row usually has an unclosed quotation mark.
pub const MAX_ROW_BYTES: usize = 64 << 20;

/// A reader of a text file.
pub struct TextReader {
    pub input: Input,
    reader: Box<dyn Read + Send>,
    lossy: bool,
    hash: Sha256,
    bytes: usize,
    /// The bytes of an incomplete character.
    pending: Vec<u8>,
    chunk: Vec<u8>,
    pub replaced: usize,
}

impl TextReader {
    pub fn open(input: Input, lossy: bool) -> Result<Self> {
        let reader: Box<dyn Read + Send> = if io::is_stream(&input.path) {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&input.path).map_err(|e| Error::io("open", &input.path, e))?)
        };
        let (hash, pending, chunk) = (Sha256::new(), Vec::new(), vec![0; CHUNK]);
        Ok(Self { input, reader, lossy, hash, bytes: 0, pending, chunk, replaced: 0 })
    }

    /// Appends the next part of the text to `out`, dropping a byte order mark. Returns false at the end of the file.
    pub fn read(&mut self, out: &mut String) -> Result<bool> {
        let count = loop {
            match self.reader.read(&mut self.chunk) {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                result => break result.map_err(|e| Error::io("read", &self.input.path, e))?,
            }
        };
        let start = self.bytes - self.pending.len();
        self.hash.update(&self.chunk[..count]);
        self.bytes += count;
        let mut bytes = std::mem::take(&mut self.pending);
        bytes.extend_from_slice(&self.chunk[..count]);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let at = start + bytes.len() - rest.len();
            let (valid, bad) = match std::str::from_utf8(rest) {
                Ok(text) => (text, 0),
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    let valid = std::str::from_utf8(valid).expect("validated above");
                    if error.error_len().is_none() && count > 0 {
                        self.pending = after.to_vec();
                        self.push(out, valid, at)?;
                        break;
                    }
                    (valid, error.error_len().unwrap_or(after.len()))
                }
            };
            self.push(out, valid, at)?;
            rest = &rest[valid.len() + bad..];
            if bad > 0 {
                self.replace_or(out, format!("not UTF-8 text: invalid byte at offset {}", at + valid.len()))?;
            }
        }
        Ok(count > 0)
    }

    fn push(&mut self, out: &mut String, text: &str, at: usize) -> Result<()> {
        let end = at + text.len();
        let mut text = if at == 0 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        while let Some(nul) = text.bytes().position(|b| b == 0) {
            out.push_str(&text[..nul]);
            let at = end - text.len() + nul;
            self.replace_or(out, format!("not text: a NUL byte at offset {at}"))?;
            text = &text[nul + 1..];
        }
        out.push_str(text);
        Ok(())
    }

    fn replace_or(&mut self, out: &mut String, reason: String) -> Result<()> {
        if !self.lossy {
            return Err(Error::file(&self.input.path, reason)
                .hint("`rnn-fetch FILE` converts other encodings; --lossy replaces invalid bytes"));
        }
        self.replaced += 1;
        out.push('\u{fffd}');
        Ok(())
    }

    /// Returns the name, size and hash of the file.
    pub fn source(&self) -> Source {
        let name = self.input.path.display().to_string();
        Source { name, bytes: self.bytes, sha256: hex(&self.hash.clone().finalize()) }
    }
}
