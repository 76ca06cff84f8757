//! Finds the texts in a folder, or the tables, and remembers what else is there.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use rnn_tools::corpus::documents::{FileType, START_BYTES};
use rnn_tools::error::{Error, Result, escaped};
use rnn_tools::format;

/// The extensions of tables, which look like texts.
const TABLES: [&str; 5] = ["csv", "tsv", "jsonl", "ndjson", "json"];

/// The files to find. Tables are known by their extensions, binary files by their contents.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wanted {
    Texts,
    Tables,
    /// Whatever is not binary.
    Any,
}

/// The files found, sorted by name, and the names of those left out.
pub struct Found {
    pub files: Vec<PathBuf>,
    wanted: Wanted,
    left_out: [BTreeSet<PathBuf>; REASONS.len()],
}

/// Why a file is left out.
#[derive(Clone, Copy)]
enum Reason {
    NoText,
    Table,
    NoTable,
    Hidden,
    Link,
    Special,
}

/// The singular and plural of the files with each reason.
const REASONS: [(&str, &str); 6] = [
    ("file that is not text", "files that are not text"),
    ("table, which --column reads", "tables, which --column reads"),
    ("file that is not a table", "files that are not tables"),
    ("hidden file", "hidden files"),
    ("link to a folder", "links to folders"),
    ("entry that is not a file", "entries that are not files"),
];

impl Found {
    pub fn new(wanted: Wanted) -> Self {
        Self { files: Vec::new(), wanted, left_out: Default::default() }
    }

    fn leave_out(&mut self, path: &Path, reason: Reason) {
        self.left_out[reason as usize].insert(path.into());
    }

    pub fn leave_out_link(&mut self, path: &Path) {
        self.leave_out(path, Reason::Link);
    }

    /// Adds a file if it is wanted.
    pub fn add(&mut self, path: PathBuf) -> Result<()> {
        let is_table = has_table_extension(&path);
        if !path.is_file() {
            self.leave_out(&path, Reason::Special);
        } else if is_table && self.wanted == Wanted::Texts {
            self.leave_out(&path, Reason::Table);
        } else if !is_table && self.wanted == Wanted::Tables {
            self.leave_out(&path, Reason::NoTable);
        } else if !is_text(&path)? {
            self.leave_out(&path, Reason::NoText);
        } else {
            self.files.push(path);
        }
        Ok(())
    }

    /// Sorts the files and drops those found twice.
    pub fn sort(&mut self) {
        self.files.sort();
        self.files.dedup();
    }

    /// Counts and names what was left out; None if that is nothing.
    pub fn left_out(&self) -> Option<String> {
        const MAX_NAMES: usize = 5;
        let kinds = self.left_out.iter().zip(REASONS).filter(|(names, _)| !names.is_empty());
        let parts: Vec<String> = kinds
            .map(|(names, (one, many))| {
                let shown = names.iter().take(MAX_NAMES).map(|path| escaped(&file_name(path)));
                let more = (names.len() > MAX_NAMES).then(|| "…".into());
                let shown = shown.chain(more).collect::<Vec<_>>().join(", ");
                format!("{} ({shown})", format::plural(names.len(), one, many))
            })
            .collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }
}

/// Finds the files in a folder and in the folders below.
pub fn walk(folder: &Path, found: &mut Found) -> Result<()> {
    for path in entries(folder)? {
        if is_hidden(&path) {
            found.leave_out(&path, Reason::Hidden);
        } else if !path.is_dir() {
            found.add(path)?;
        } else if path.is_symlink() {
            // A link to a folder may lead back to where it is.
            found.leave_out(&path, Reason::Link);
        } else {
            walk(&path, found)?;
        }
    }
    Ok(())
}

/// Returns the paths in a folder, sorted.
pub fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let failed = |e| Error::io("read folder", folder, e);
    let entries = fs::read_dir(folder).map_err(failed)?;
    let mut paths =
        entries.map(|entry| entry.map(|e| e.path())).collect::<std::io::Result<Vec<_>>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}

pub fn is_hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

fn has_table_extension(path: &Path) -> bool {
    path.extension().is_some_and(|ending| TABLES.contains(&&*ending.to_string_lossy().to_lowercase()))
}

fn is_text(path: &Path) -> Result<bool> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(|e| Error::io("open", path, e))?;
    file.take(START_BYTES as u64).read_to_end(&mut start).map_err(|e| Error::io("read", path, e))?;
    Ok(FileType::of(&start).is_read())
}
