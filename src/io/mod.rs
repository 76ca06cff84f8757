//! Reads files and standard input, and writes files atomically.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::{Error, Result};

mod atomic;
pub use atomic::{is_replaceable, write, write_and_patch};

/// The path that represents standard input or standard output.
pub const STREAM: &str = "-";

/// The prefix and suffix of temporary files.
const TEMPORARY: (&str, &str) = (".rnn-", ".tmp");

pub fn is_stream(path: &Path) -> bool {
    path == Path::new(STREAM)
}

/// Returns standard input, and says so if it is a terminal: nothing waits silently for a person to type.
pub fn stdin() -> io::Stdin {
    let stdin = io::stdin();
    if stdin.is_terminal() {
        eprintln!("reading standard input from the terminal; Ctrl-D ends it");
    }
    stdin
}

/// Reads a whole file; `-` is standard input.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let result = if is_stream(path) {
        stdin().lock().read_to_end(&mut bytes)
    } else {
        let mut file = File::open(path).map_err(|e| Error::io("open", path, e))?;
        bytes.reserve_exact(file.metadata().map_or(0, |m| m.len() as usize));
        file.read_to_end(&mut bytes)
    };
    result.map_err(|e| Error::io("read", path, e))?;
    Ok(bytes)
}

/// Fills `to` with the bytes of a file at `offset`, without moving the file position.
pub fn read_at(file: &File, to: &mut [u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::read_exact_at(file, to, offset);
    #[cfg(windows)]
    {
        let mut done = 0;
        while done < to.len() {
            match std::os::windows::fs::FileExt::seek_read(file, &mut to[done..], offset + done as u64)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                n => done += n,
            }
        }
        Ok(())
    }
}

/// Reads UTF-8 text and drops a byte order mark at its start.
pub fn read_text(path: &Path) -> Result<String> {
    text(path, read(path)?)
}

/// Decodes bytes read from `path` like [`read_text`].
pub fn text(path: &Path, bytes: Vec<u8>) -> Result<String> {
    let text = String::from_utf8(bytes).map_err(|e| {
        let at = e.utf8_error().valid_up_to();
        Error::file(path, format!("not UTF-8 text: invalid byte at offset {at}"))
            .hint("`rnn-fetch FILE` converts other encodings")
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_string(),
        None => text,
    })
}

/// Creates a folder and its parents.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|e| Error::io("create folder", path, e))
}

/// An exclusive lock on a folder, released when dropped.
pub struct FolderLock(#[allow(dead_code)] File);

/// Locks a folder for this process with the file `.lock`; returns None if another process holds the lock.
/// The system releases the lock when the process ends. Removes temporary files of killed processes.
pub fn lock_folder(folder: &Path) -> Result<Option<FolderLock>> {
    let path = folder.join(".lock");
    let file = File::options().create(true).append(true).open(&path).map_err(|e| Error::io("write", &path, e))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(fs::TryLockError::WouldBlock) => return Ok(None),
        // Some file systems do not support locks; continue without one.
        Err(fs::TryLockError::Error(error)) => log::debug!("cannot lock {path:?}: {error}"),
    }
    remove_abandoned(folder, Duration::ZERO);
    Ok(Some(FolderLock(file)))
}

/// Removes the temporary files of killed processes that are older than `age`. A file that remains is harmless.
fn remove_abandoned(folder: &Path, age: Duration) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let is_temporary = name.to_str().is_some_and(|n| n.starts_with(TEMPORARY.0) && n.ends_with(TEMPORARY.1));
        let is_old = |facts: fs::Metadata| facts.modified().is_ok_and(|time| time.elapsed().is_ok_and(|t| t >= age));
        if is_temporary
            && entry.metadata().is_ok_and(is_old)
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Returns the folder that contains `path`.
pub fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.into(),
        _ => ".".into(),
    }
}

/// Fails if `path` is standard output and standard output is a terminal.
pub fn refuse_terminal(path: &Path) -> Result<()> {
    if is_stream(path) && io::stdout().is_terminal() {
        return Err(Error::usage("cannot write a binary file to a terminal").hint("use -o FILE"));
    }
    Ok(())
}

/// Escapes control characters, which could move the cursor or change the title of a terminal.
pub fn for_terminal(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            if c.is_control() && c != '\n' && c != '\t' { c.escape_unicode().collect::<Vec<_>>() } else { vec![c] }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_lock_is_exclusive_and_removes_stale_temporary_files() {
        let folder = tempfile::tempdir().unwrap();
        let (dead, alive) = (folder.path().join(".rnn-1.tmp"), folder.path().join(".rnn-2.tmp"));
        fs::write(&dead, "half").unwrap();
        let writer = File::create(&alive).unwrap();
        writer.lock().unwrap();
        let lock = lock_folder(folder.path()).unwrap();
        assert!(lock.is_some() && !dead.exists() && alive.exists());
        assert!(lock_folder(folder.path()).unwrap().is_none());
        drop(lock);
        assert!(lock_folder(folder.path()).unwrap().is_some());
    }

    #[test]
    fn invalid_text_names_the_offset() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, b"abc\xff").unwrap();
        assert!(read_text(&path).unwrap_err().to_string().contains("offset 3"));
    }

    #[test]
    fn only_control_characters_are_escaped() {
        assert_eq!(for_terminal("a\x1b[2J\tb\nß"), "a\\u{1b}[2J\tb\nß");
    }
}
