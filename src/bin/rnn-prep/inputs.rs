//! Expands arguments to files: folders recursively, and patterns.

use std::fs;
use std::path::{Path, PathBuf};

use rnn_tools::dataset::Part;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;

/// An input file.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub path: PathBuf,
    pub part: Part,
    /// Whether the file was found in a folder or by a pattern; such files may be empty.
    pub is_found: bool,
}

/// The file name extensions of texts and of tables.
const TEXT: [&str; 4] = ["txt", "text", "md", "utf8"];
const TABLES: [&str; 5] = ["csv", "tsv", "jsonl", "ndjson", "json"];

/// Expands arguments to files; the files of a folder or pattern are sorted by name. With `tables`, finds tables in
/// folders instead of texts.
pub fn expand(arguments: &[PathBuf], part: Part, tables: bool) -> Result<Vec<Input>> {
    let mut inputs = Vec::new();
    for argument in arguments {
        if argument.is_dir() {
            let mut found = Vec::new();
            walk(argument, tables, &mut found)?;
            if found.is_empty() {
                let kinds = if tables { &TABLES[..] } else { &TEXT };
                return Err(Error::file(argument, "the folder contains no text files")
                    .hint(format!("in folders, only files ending in {} are read", kinds.join(", "))));
            }
            inputs.extend(found.into_iter().map(|path| Input { path, part, is_found: true }));
        } else if let Some(found) = matches(argument)? {
            inputs.extend(found.into_iter().map(|path| Input { path, part, is_found: true }));
        } else {
            inputs.push(Input { path: argument.clone(), part, is_found: false });
        }
    }
    Ok(inputs)
}

fn walk(folder: &Path, tables: bool, found: &mut Vec<PathBuf>) -> Result<()> {
    let failed = |e| Error::io("read folder", folder, e);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths =
        entries.map(|entry| entry.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>().map_err(failed)?;
    paths.sort();
    for path in paths {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let ending = path.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        if is_hidden {
            continue;
        }
        // Links to folders are not followed, because they may form cycles.
        if path.is_dir() && !path.is_symlink() {
            walk(&path, tables, found)?;
        } else if path.is_file() && if tables { TABLES.contains(&&*ending) } else { TEXT.contains(&&*ending) } {
            found.push(path);
        }
    }
    Ok(())
}

/// Returns the files that match a pattern, or None if the argument is not a pattern or names a file.
fn matches(argument: &Path) -> Result<Option<Vec<PathBuf>>> {
    let Some(pattern) = argument.to_str().filter(|text| text.contains(['*', '?', '[']) && !argument.exists()) else {
        return Ok(None);
    };
    let paths =
        glob::glob(pattern).map_err(|e| Error::usage(format!("bad pattern {}: {}", quoted(argument), e.msg)))?;
    let mut found: Vec<PathBuf> = Vec::new();
    for path in paths {
        let path = path.map_err(|e| Error::failure(format!("cannot read {}: {}", quoted(e.path()), e.error())))?;
        if path.is_file() {
            found.push(path);
        }
    }
    if found.is_empty() {
        return Err(Error::failure(format!("no file matches {}", quoted(argument))));
    }
    Ok(Some(found))
}

/// Fails if standard input is named more than once.
pub fn check(inputs: &[Input]) -> Result<()> {
    if inputs.iter().filter(|input| io::is_stream(&input.path)).count() > 1 {
        return Err(Error::usage("standard input can be read only once"));
    }
    Ok(())
}
