//! Reads CSV, with any separator, and TSV, which has no quotation marks.

use csv::{ErrorKind, Position};

use rnn_tools::error::{Error, Result};

use super::bytes::ByteReader;
use super::quotes::Quotes;
use super::row::{Found, TableOptions, accept};
use crate::source::{MAX_ROW_BYTES, TextReader};

const SEPARATORS: [u8; 4] = [b',', b'\t', b';', b'|'];

/// The number of rows that show the separator.
const SHOWN: usize = 20;

pub fn read(mut bytes: ByteReader, is_tsv: bool, options: &TableOptions, found: Found) -> Result<TextReader> {
    let path = bytes.text.input.path.clone();
    let start = bytes.peek()?;
    let declared = declared(start);
    let likely = declared.map_or_else(|| separator(start, &options.column), |(delimiter, _)| delimiter);
    let delimiter = options.delimiter.or(is_tsv.then_some(b'\t')).unwrap_or(likely);
    let skipped = u64::from(declared.is_some());
    if let Some((_, length)) = declared {
        bytes.skip(length);
    }
    // By convention, `\t` separates TSV, in which quotation marks are ordinary characters.
    let has_quotes = delimiter != b'\t';
    bytes.quotes = has_quotes.then(|| Quotes::new(delimiter, 1 + skipped as usize));
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).quoting(has_quotes).flexible(true).from_reader(&mut bytes);
    let line = |position: Option<&Position>| position.map_or(0, Position::line) + skipped;
    let mut row_line = 1 + skipped;
    let failed = |error: csv::Error, row_line: u64, bytes: &mut ByteReader| match error.kind() {
        ErrorKind::Utf8 { .. } => Error::file(&path, "not UTF-8 text"),
        _ => bytes.error.take().unwrap_or_else(|| {
            let reason = format!("the row that starts on line {row_line} is longer than {} MiB", MAX_ROW_BYTES >> 20);
            Error::file(&path, reason).hint("is a closing quotation mark missing?")
        }),
    };
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(failed(error, row_line, reader.get_mut())),
    };
    let Some(at) = header.iter().position(|name| name.trim() == options.column) else {
        let names = header.iter().map(|name| format!("{:?}", name.trim())).collect::<Vec<_>>().join(", ");
        let hint = format!("the columns are {names}");
        return Err(Error::file(&path, format!("there is no column {:?}", options.column)).hint(hint));
    };
    let mut row = csv::StringRecord::new();
    loop {
        reader.get_mut().since_row = 0;
        row_line = line(Some(reader.position()));
        match reader.read_record(&mut row) {
            Ok(true) => {
                let line = line(row.position());
                if row.len() > header.len() {
                    let reason = format!("line {line} has {} fields, but the header has {}", row.len(), header.len());
                    return Err(Error::file(&path, reason).hint("--delimiter names the separator"));
                }
                accept(&path, &format!("line {line}"), row.get(at), options, found)?;
            }
            Ok(false) => break,
            Err(error) => return Err(failed(error, row_line, reader.get_mut())),
        }
    }
    drop(reader);
    match bytes.quotes.as_ref().and_then(Quotes::open_line) {
        Some(line) => Err(Error::file(&path, format!("the quotation mark on line {line} is never closed"))
            .hint("if quotation marks are ordinary characters, use --delimiter tab or a .tsv file")),
        None => Ok(bytes.text),
    }
}

/// Returns the separator that Excel's first line `sep=;` declares, and the length of the line.
fn declared(start: &str) -> Option<(u8, usize)> {
    let rest = start.strip_prefix("sep=").or_else(|| start.strip_prefix("\"sep="))?;
    let line = rest.split_inclusive('\n').next()?;
    let delimiter = *line.as_bytes().first().filter(|byte| byte.is_ascii() && !b"\r\n\"".contains(byte))?;
    Some((delimiter, start.len() - rest.len() + line.len()))
}

/// Finds out the separator: it makes `column` a name in the header, and most of the first rows as long as that.
fn separator(start: &str, column: &str) -> u8 {
    let cut = |row: &str, separator: u8| {
        let mut in_quotes = false;
        let split = |c: char| {
            in_quotes ^= c == '"';
            c == char::from(separator) && !in_quotes
        };
        row.split(split).map(|name| name.trim().trim_matches('"').to_string()).collect::<Vec<_>>()
    };
    let rows: Vec<&str> = start.split(['\n', '\r']).filter(|row| !row.is_empty()).take(SHOWN).collect();
    let header = rows.first().copied().unwrap_or_default();
    let rank = |separator: &u8| {
        let names = cut(header, *separator);
        let alike = rows.iter().filter(|row| cut(row, *separator).len() == names.len()).count();
        (names.iter().any(|name| name == column), if names.len() > 1 { alike } else { 0 }, names.len())
    };
    // The first of equals.
    SEPARATORS.iter().rev().max_by_key(|separator| rank(separator)).copied().unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_separator_is_found_by_the_column_and_by_several_rows() {
        for (start, expected) in [
            ("id,text\n1,a b\n", b','),
            ("id;text\n1;a, b, c\n2;d, e\n", b';'),
            ("id|text\n1|a\n", b'|'),
            ("id\ttext\n1\ta, b\n", b'\t'),
            ("text\none, two\n", b','),
            ("\"a;b\",text\n\"x;y\",z\n", b','),
            ("note, long;text\n1, 2;a\n", b';'),
        ] {
            assert_eq!(separator(start, "text"), expected, "{start}");
        }
        assert_eq!(declared("sep=;\r\na;b\r\n"), Some((b';', 7)));
        assert_eq!((declared("sep=\na"), declared("separate,b\n")), (None, None));
    }
}
