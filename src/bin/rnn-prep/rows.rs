//! Reads documents from a column of CSV or TSV with a header, or from a field of JSON Lines.

use std::io::Read;

use csv::ErrorKind;
use serde_json::Value;

use rnn_tools::error::{Error, Result};

use crate::lines::LineReader;
use crate::source::{MAX_ROW_BYTES, TextReader};

/// Calls `found` with the text in `column` of each row.
pub fn read(text: TextReader, column: &str, found: &mut dyn FnMut(String) -> Result<()>) -> Result<TextReader> {
    let ending = text.input.path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let mut bytes = ByteReader::new(text);
    let start = bytes.peek()?.trim_start();
    let is_json = match ending.as_deref() {
        Some("jsonl" | "ndjson" | "json") => true,
        Some("csv" | "tsv") => false,
        _ => start.starts_with('{'),
    };
    if is_json {
        return read_json(bytes.into_lines(), column, found);
    }
    let header = start.lines().next().unwrap_or_default();
    let delimiter = if header.contains('\t') && !header.contains(',') { b'\t' } else { b',' };
    read_csv(bytes, delimiter, column, found)
}

fn read_csv(
    mut bytes: ByteReader,
    delimiter: u8,
    column: &str,
    found: &mut dyn FnMut(String) -> Result<()>,
) -> Result<TextReader> {
    let path = bytes.text.input.path.clone();
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(&mut bytes);
    let mut row_line = 1;
    let failed = |error: csv::Error, row_line: u64, bytes: &mut ByteReader| match error.kind() {
        ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, csv::Position::line);
            Error::file(&path, format!("line {line} has {len} fields, but the header has {expected_len}"))
        }
        _ => bytes.error.take().unwrap_or_else(|| {
            let reason = format!("the row that starts on line {row_line} is longer than {} MiB", MAX_ROW_BYTES >> 20);
            Error::file(&path, reason).hint("is a closing quotation mark missing?")
        }),
    };
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(failed(error, row_line, reader.get_mut())),
    };
    let Some(at) = header.iter().position(|name| name.trim() == column) else {
        let names = header.iter().map(|name| format!("{:?}", name.trim())).collect::<Vec<_>>().join(", ");
        let hint = format!("the columns are {names}");
        return Err(Error::file(&path, format!("there is no column {column:?}")).hint(hint));
    };
    let mut row = csv::StringRecord::new();
    loop {
        reader.get_mut().since_row = 0;
        row_line = reader.position().line();
        match reader.read_record(&mut row) {
            Ok(true) => {
                let line = row.position().map_or(0, csv::Position::line);
                check(&path, line as usize, &row[at])?;
                found(row[at].to_string())?;
            }
            Ok(false) => break,
            Err(error) => return Err(failed(error, row_line, reader.get_mut())),
        }
    }
    drop(reader);
    Ok(bytes.text)
}

fn read_json(mut lines: LineReader, column: &str, found: &mut dyn FnMut(String) -> Result<()>) -> Result<TextReader> {
    let path = lines.text.input.path.clone();
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.advance()? else { return Ok(lines.text) };
        if line.trim().is_empty() {
            continue;
        }
        let error = |reason: String| Error::file(&path, format!("line {number} {reason}"));
        let row: Value = serde_json::from_str(line).map_err(|e| {
            let words = e.to_string();
            let words = words.split(" at line ").next().unwrap_or_default();
            error(format!("is not JSON: {words} at column {}", e.column()))
                .hint("JSON Lines has an object on each line")
        })?;
        let Some(members) = row.as_object() else { return Err(error("is not a JSON object".into())) };
        match members.get(column) {
            Some(Value::String(text)) => {
                check(&path, number, text)?;
                found(text.clone())?;
            }
            Some(_) => return Err(error(format!("has no text in {column:?}"))),
            None => {
                let names = members.keys().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
                return Err(error(format!("has no {column:?}")).hint(format!("it has {names}")));
            }
        }
    }
}

/// Rejects NUL, which JSON can express as an escape.
fn check(path: &std::path::Path, line: usize, text: &str) -> Result<()> {
    if text.contains('\0') { Err(Error::file(path, format!("line {line} contains a NUL"))) } else { Ok(()) }
}

/// A text as bytes, for the CSV reader.
struct ByteReader {
    text: TextReader,
    buffer: String,
    at: usize,
    /// The error that stopped the reading; `io::Error` cannot carry its hint.
    error: Option<Error>,
    /// Bytes handed out since the last row was complete.
    since_row: usize,
}

impl ByteReader {
    fn new(text: TextReader) -> Self {
        Self { text, buffer: String::new(), at: 0, error: None, since_row: 0 }
    }

    /// Returns the start of the unread text without consuming it.
    fn peek(&mut self) -> Result<&str> {
        while self.buffer.is_empty() && self.text.read(&mut self.buffer)? {}
        Ok(&self.buffer)
    }

    /// Converts to a reader of lines; nothing may have been read yet.
    fn into_lines(self) -> LineReader {
        LineReader::with_buffer(self.text, self.buffer)
    }
}

impl Read for &mut ByteReader {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        if self.at == self.buffer.len() {
            (self.at, self.buffer) = (0, String::new());
            if let Err(error) = self.peek().map(|_| ()) {
                self.error = Some(error);
                return Err(std::io::Error::other("see `error`"));
            }
        }
        if self.since_row > MAX_ROW_BYTES {
            return Err(std::io::Error::other("too long"));
        }
        let rest = &self.buffer.as_bytes()[self.at..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        self.since_row += count;
        Ok(count)
    }
}
