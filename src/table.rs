//! Tables of named numeric columns, read from CSV or JSON Lines.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::error::{Error, Result};
use crate::{history, io};

/// The maximum length of a quoted field in messages.
const MAX_QUOTED_CHARS: usize = 40;
/// The maximum number of column names in messages.
const MAX_NAMES: usize = 20;

pub struct Table {
    /// The source file.
    pub path: PathBuf,
    columns: Vec<Column>,
    pub rows: usize,
}

struct Column {
    name: String,
    /// NaN for missing values.
    values: Vec<f64>,
    /// The first invalid field and its row, counted from 1.
    invalid_cell: Option<(usize, String)>,
}

impl Table {
    /// Creates an empty table that will be filled from `path` line by line.
    pub fn empty(path: &Path) -> Self {
        Self { path: path.into(), columns: Vec::new(), rows: 0 }
    }

    /// Reads CSV or JSON Lines from a file, the history in a folder, or standard input (`-`).
    pub fn read(path: &Path) -> Result<Self> {
        let file = if path.is_dir() { path.join(history::FILE_NAME) } else { path.into() };
        let table = Self::from_bytes(&io::read(&file)?).map_err(|reason| Error::file(&file, reason))?;
        Ok(Self { path: file, ..table })
    }

    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut table = Self::empty(Path::new(io::STREAM));
        if bytes.trim_ascii_start().starts_with(b"{") {
            table.fill_from_json(bytes)?;
        } else {
            table.fill_from_csv(bytes)?;
        }
        if table.rows == 0 {
            return Err(Error::invalid("contains no rows of numbers yet"));
        }
        Ok(table)
    }

    /// Returns the names of the columns, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.iter().map(|column| column.name.as_str())
    }

    fn fill_from_csv(&mut self, bytes: &[u8]) -> Result<()> {
        let bad = |e: csv::Error| Error::invalid(format!("not a CSV file: {}", e.to_string().replace('\n', " ")));
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let header = reader.headers().map_err(bad)?.clone();
        let column = |name: &str| Column { name: name.trim().into(), values: Vec::new(), invalid_cell: None };
        self.columns = header.iter().map(column).collect();
        let is_cut_off = !bytes.ends_with(b"\n");
        let mut row = csv::ByteRecord::new();
        while reader.read_byte_record(&mut row).map_err(bad)? {
            if row.len() != self.columns.len() {
                if is_cut_off && reader.position().byte() == bytes.len() as u64 {
                    break; // a row that is still being written
                }
                let (found, wanted) = (row.len(), self.columns.len());
                return Err(Error::invalid(format!(
                    "row {} has {found} fields, but the header has {wanted}",
                    self.rows + 1
                )));
            }
            self.rows += 1;
            for (column, field) in self.columns.iter_mut().zip(&row) {
                column.push(field, self.rows);
            }
        }
        Ok(())
    }

    fn fill_from_json(&mut self, bytes: &[u8]) -> Result<()> {
        let text = std::str::from_utf8(bytes).map_err(|_| Error::invalid("not UTF-8 text"))?;
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            self.push_json(line).map_err(|e| e.context(format!("line {number}")))?;
        }
        Ok(())
    }

    /// Adds the numbers of a JSON object as a row.
    pub fn push_json(&mut self, line: &str) -> Result<()> {
        let Ok(Value::Object(object)) = serde_json::from_str(line) else {
            return Err(Error::invalid("not a JSON object"));
        };
        self.rows += 1;
        for (name, value) in &object {
            if !self.columns.iter().any(|column| column.name == *name) {
                let values = vec![f64::NAN; self.rows - 1];
                self.columns.push(Column { name: name.clone(), values, invalid_cell: None });
            }
            let column = self.columns.iter_mut().find(|column| column.name == *name).expect("it was just added");
            match value {
                Value::String(text) => column.push(text.as_bytes(), self.rows),
                Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                    column.push(value.to_string().as_bytes(), self.rows)
                }
                number => column.values.push(number.as_f64().unwrap_or(f64::NAN)),
            }
            column.values.truncate(self.rows);
        }
        self.columns.iter_mut().for_each(|column| column.values.resize(self.rows, f64::NAN));
        Ok(())
    }

    /// Returns the numbers of a column, with NaN for missing values, or None if there is no such column. Fails if the
    /// column contains anything else.
    pub fn column(&self, name: &str) -> Result<Option<&[f64]>> {
        let Some(column) = self.columns.iter().find(|column| column.name == name) else { return Ok(None) };
        match &column.invalid_cell {
            Some((row, text)) => Err(Error::file(
                &self.path,
                format!("column `{name}` has {text:?} in row {row}, which is not a number"),
            )),
            None => Ok(Some(&column.values)),
        }
    }

    /// Returns an error for a missing column that lists the existing ones.
    pub fn missing_column(&self, name: &str) -> Error {
        let mut names: Vec<String> = self.names().take(MAX_NAMES).map(|name| name.escape_debug().to_string()).collect();
        if self.columns.len() > MAX_NAMES {
            names.push("…".into());
        }
        let names = names.join(", ");
        Error::file(&self.path, format!("there is no column {name}")).hint(format!("the columns are {names}"))
    }

    pub fn error(&self, reason: impl std::fmt::Display) -> Error {
        Error::file(&self.path, reason)
    }
}

impl Column {
    fn push(&mut self, field: &[u8], row: usize) {
        let text = field.trim_ascii();
        let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
        if number.is_none() && !text.is_empty() && self.invalid_cell.is_none() {
            let text = String::from_utf8_lossy(text).chars().take(MAX_QUOTED_CHARS).collect();
            self.invalid_cell = Some((row, text));
        }
        self.values.push(number.unwrap_or(f64::NAN));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Result<Table> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        Table::read(&path)
    }

    #[test]
    fn columns_are_found_by_name_and_missing_values_are_nan() {
        let table = table("a, b ,c\n1,2,x\n3,,y\n").unwrap();
        assert_eq!(table.column("a").unwrap().unwrap(), [1.0, 3.0]);
        assert!(table.column("b").unwrap().unwrap()[1].is_nan());
        assert!(table.column("c").unwrap_err().to_string().contains("column `c` has \"x\" in row 1"));
        assert!(table.column("d").unwrap().is_none());
    }

    #[test]
    fn json_lines_may_differ_in_their_fields() {
        let table = table("{\"a\": 1}\n\n{\"b\": null, \"a\": 2.5}\n{\"b\": 3, \"c\": \"x\"}\n").unwrap();
        let column = |name: &str| table.column(name).unwrap().unwrap().to_vec();
        assert_eq!(table.rows, 3);
        assert!(column("a")[2].is_nan() && column("b")[1].is_nan());
        assert_eq!((column("a")[1], column("b")[2]), (2.5, 3.0));
        assert!(table.column("c").is_err());
    }

    #[test]
    fn an_incomplete_last_row_is_ignored_and_other_ragged_rows_are_errors() {
        assert_eq!(table("a,b\n1,2\n3").unwrap().rows, 1);
        assert!(table("a,b\n1,2\n3\n").is_err() && table("a,b\n1,2,3\n4,5").is_err());
        assert!(table("").is_err() && table("a,b\n").is_err());
    }
}
