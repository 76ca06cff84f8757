//! Reads JSON Lines, and JSON with an array of objects.

use std::fmt;
use std::path::Path;

use serde::de::{DeserializeSeed, Deserializer, SeqAccess, Visitor};
use serde_json::Value;

use rnn_tools::error::{Error, Result};

use super::bytes::ByteReader;
use super::row::{Found, TableOptions, accept};
use crate::lines::LineReader;
use crate::source::TextReader;

pub fn read_lines(mut lines: LineReader, options: &TableOptions, found: Found) -> Result<TextReader> {
    let path = lines.text.input.path.clone();
    let mut names = Names::default();
    loop {
        let number = lines.number + 1;
        let Some(line) = lines.advance()? else { return names.check(&path, options).map(|()| lines.text) };
        if line.trim().is_empty() {
            continue;
        }
        let row: Value = serde_json::from_str(line).map_err(|e| {
            Error::file(&path, format!("line {number} is not JSON: {} at column {}", words(&e), e.column()))
                .hint("JSON Lines has an object on each line")
        })?;
        take(&path, &format!("line {number}"), &row, options, found, &mut names)?;
    }
}

pub fn read_array(mut bytes: ByteReader, options: &TableOptions, found: Found) -> Result<TextReader> {
    let path = bytes.text.input.path.clone();
    let mut names = Names::default();
    let mut fault = None;
    bytes.max_row = usize::MAX;
    let mut parser = serde_json::Deserializer::from_reader(&mut bytes);
    let array = Array { path: &path, options, found, names: &mut names, fault: &mut fault };
    let parsed = array.deserialize(&mut parser).and_then(|()| parser.end());
    drop(parser);
    if let Some(error) = fault.or(bytes.error.take()) {
        return Err(error);
    }
    match parsed {
        Err(e) => {
            Err(Error::file(&path, format!("line {} is not JSON: {} at column {}", e.line(), words(&e), e.column())))
        }
        Ok(()) => names.check(&path, options).map(|()| bytes.text),
    }
}

/// The message of an error without its place.
fn words(error: &serde_json::Error) -> String {
    error.to_string().split(" at line ").next().unwrap_or_default().to_string()
}

/// The names in the first row, for the error that no row has the wanted one.
#[derive(Default)]
struct Names {
    first: Option<String>,
    is_found: bool,
}

impl Names {
    fn check(&self, path: &Path, options: &TableOptions) -> Result<()> {
        match &self.first {
            Some(names) if !self.is_found => {
                Err(Error::file(path, format!("no row has {:?}", options.column))
                    .hint(format!("the first has {names}")))
            }
            _ => Ok(()),
        }
    }
}

/// Passes on the text in a row.
fn take(path: &Path, place: &str, row: &Value, options: &TableOptions, found: Found, names: &mut Names) -> Result<()> {
    let Some(members) = row.as_object() else {
        return Err(Error::file(path, format!("{place} is not a JSON object")));
    };
    let first = || members.keys().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ");
    names.first.get_or_insert_with(first);
    let column = &options.column;
    let value = members.get(column).or_else(|| column.split('.').try_fold(row, |value, name| value.get(name)));
    names.is_found |= value.is_some();
    match value {
        Some(Value::String(text)) => accept(path, place, Some(text), options, found),
        Some(Value::Null) | None => accept(path, place, None, options, found),
        Some(_) => Err(Error::file(path, format!("{place} has no text in {column:?}"))),
    }
}

/// The rows of an array, one at a time in memory.
struct Array<'a> {
    path: &'a Path,
    options: &'a TableOptions,
    found: Found<'a>,
    names: &'a mut Names,
    fault: &'a mut Option<Error>,
}

impl<'de> DeserializeSeed<'de> for Array<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Array<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an array of objects")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> std::result::Result<(), A::Error> {
        let mut number = 0;
        while let Some(row) = elements.next_element::<Value>()? {
            number += 1;
            let place = format!("row {number}");
            if let Err(error) = take(self.path, &place, &row, self.options, self.found, self.names) {
                *self.fault = Some(error);
                return Err(serde::de::Error::custom("see `fault`"));
            }
        }
        Ok(())
    }
}
