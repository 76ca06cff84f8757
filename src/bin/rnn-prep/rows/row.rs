//! What is read from the rows of a table.

use std::path::Path;

use rnn_tools::error::{Error, Result};

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
pub type Found<'a> = &'a mut dyn FnMut(Option<String>);

/// Passes on the text of the row at `place`: "line 3".
pub fn accept(path: &Path, place: &str, text: Option<&str>, options: &TableOptions, found: Found) -> Result<()> {
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
