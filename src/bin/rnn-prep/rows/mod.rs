//! Reads documents from a column of CSV or TSV with a header, or from a field of JSON.

mod bytes;
mod delimited;
mod json;

use std::path::Path;

use rnn_tools::error::{Error, Result};

use crate::source::TextReader;
use bytes::ByteReader;

/// What to read from a table.
#[derive(Clone, Debug, PartialEq)]
pub struct TableOptions {
    /// The column of CSV, or the field of JSON; `a.text` is a field of a field.
    pub column: String,
    /// The separator of CSV; None if it is to be found out.
    pub delimiter: Option<u8>,
    /// Whether a row without a value is an error.
    pub strict: bool,
}

/// Receives the text of a row, or None from a row without one.
type Found<'a> = &'a mut dyn FnMut(Option<String>);

/// Calls `found` for each row.
pub fn read(text: TextReader, options: &TableOptions, found: Found) -> Result<TextReader> {
    let ending = text.input.path.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    let mut bytes = ByteReader::new(text);
    let start = bytes.peek()?.trim_start();
    let is_json = match ending.as_deref() {
        _ if options.delimiter.is_some() => false,
        Some("jsonl" | "ndjson" | "json") => true,
        Some("csv" | "tsv") => false,
        _ => start.starts_with(['{', '[']),
    };
    if is_json && start.starts_with('[') {
        json::read_array(bytes, options, found)
    } else if is_json {
        json::read_lines(bytes.into_lines(), options, found)
    } else {
        delimited::read(bytes, ending.as_deref() == Some("tsv"), options, found)
    }
}

/// Passes on the text of the row at `place`: "line 3".
fn accept(path: &Path, place: &str, text: Option<&str>, options: &TableOptions, found: Found) -> Result<()> {
    match text {
        // JSON can express NUL as an escape.
        Some(text) if text.contains('\0') => Err(Error::file(path, format!("{place} contains a NUL"))),
        Some(text) => {
            found(Some(text.to_string()));
            Ok(())
        }
        None if options.strict => Err(Error::file(path, format!("{place} has no {:?}", options.column))
            .hint("without --strict, such rows are skipped")),
        None => {
            found(None);
            Ok(())
        }
    }
}
