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

#[cfg(test)]
mod tests {
    use rnn_tools::dataset::Part;

    use super::*;
    use crate::inputs::Input;

    /// A table of the kind that the first byte names yields no more text than it contains.
    #[test]
    fn fuzzed_tables() {
        crate::mutate::round("rows", 1500, |bytes| {
            const ENDINGS: [&str; 4] = ["csv", "tsv", "json", "txt"];
            let Some((first, table)) = bytes.split_first() else { return };
            let file = tempfile::Builder::new().suffix(&format!(".{}", ENDINGS[usize::from(first % 4)])).tempfile();
            let file = file.unwrap();
            std::fs::write(file.path(), table).unwrap();
            let input = Input { path: file.path().into(), part: Part::Main, is_found: false };
            let options = TableOptions { column: "text".into(), delimiter: None, strict: first & 4 != 0 };
            let mut length = 0;
            let mut found = |text: Option<String>| length += text.map_or(0, |text| text.len());
            let result = TextReader::open(input, false, None).and_then(|text| read(text, &options, &mut found));
            assert!(length <= 3 * table.len());
            if let Err(error) = result {
                assert_eq!(error.to_string().lines().count(), 1, "{error}");
            }
        });
    }
}
