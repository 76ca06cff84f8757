//! Reads documents from a column of CSV or TSV with a header, or from a field of JSON.

mod bytes;
mod delimited;
mod json;
mod quotes;
mod row;

use rnn_tools::error::Result;

use crate::source::TextReader;
use bytes::ByteReader;
use row::Found;
pub use row::TableOptions;

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
