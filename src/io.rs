//! Reading files or standard input, and writing files so that a reader never sees half of one.

use std::fs::{self, File};
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};

/// The name that means standard input or standard output.
pub const STREAM: &str = "-";

pub fn is_stream(path: &Path) -> bool {
    path == Path::new(STREAM)
}

/// Reads the whole of a file, or of standard input for `-`.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let result = if is_stream(path) {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        let mut file = File::open(path).map_err(|e| Error::io("open", path, e))?;
        bytes.reserve_exact(file.metadata().map_or(0, |m| m.len() as usize));
        file.read_to_end(&mut bytes)
    };
    result.map_err(|e| Error::io("read", path, e))?;
    Ok(bytes)
}

/// Reads UTF-8 text; a byte order mark at the start is dropped.
pub fn read_text(path: &Path) -> Result<String> {
    text(path, read(path)?)
}

/// The text of bytes that were read from `path`, as [`read_text`] gives it.
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

/// Replaces `path` by what `write` produces, all or nothing: a temporary file in the same folder is
/// written, synced and renamed, then the folder is synced. `-` is standard output. A device or pipe is
/// written to, not replaced, and so is what a link points to.
pub fn write(path: &Path, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    if is_stream(path) {
        let mut stdout = io::stdout().lock();
        return write(&mut stdout).and_then(|()| stdout.flush()).map_err(Error::stdout);
    }
    let failed = |e| Error::io("write", path, e);
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    if fs::metadata(&target).is_ok_and(|m| !m.is_file() && !m.is_dir()) {
        let mut device = File::options().write(true).open(&target).map_err(failed)?;
        return write(&mut device).and_then(|()| device.flush()).map_err(failed);
    }
    let folder = folder_of(&target);
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666)); // less the umask, as for any new file
    }
    let mut file = builder.prefix(".rnn-").suffix(".tmp").tempfile_in(&folder).map_err(failed)?;
    let mut buffer = io::BufWriter::new(&mut file);
    write(&mut buffer).map_err(failed)?;
    buffer.flush().map_err(failed)?;
    drop(buffer);
    file.as_file().sync_all().map_err(failed)?;
    file.persist(&target).map_err(|e| failed(e.error))?;
    File::open(&folder).and_then(|f| f.sync_all()).map_err(failed)
}

/// Creates a folder and its parents.
pub fn create_folder(path: &Path) -> Result<()> {
    fs::create_dir_all(path).map_err(|e| Error::io("create folder", path, e))
}

fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent.into(),
        _ => ".".into(),
    }
}

/// Refuses to pour binary data over somebody's terminal.
pub fn refuse_terminal(path: &Path) -> Result<()> {
    if is_stream(path) && io::stdout().is_terminal() {
        return Err(Error::usage("will not write a binary file to a terminal").hint("name a file with -o FILE"));
    }
    Ok(())
}

/// Text for standard output: raw into a pipe or file, with control characters escaped on a terminal,
/// where they could move the cursor or change the title.
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

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, |w| w.write_all(b"old")).unwrap();
        let result = write(&path, |w| {
            w.write_all(b"half")?;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(result.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn devices_and_links_are_written_through() {
        use std::os::unix::fs::{FileTypeExt, symlink};
        write(Path::new("/dev/null"), |w| w.write_all(b"gone")).unwrap();
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        assert!(write(Path::new("/dev/full"), |w| w.write_all(b"too much")).is_err());

        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file"), folder.path().join("link"));
        fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        write(&link, |w| w.write_all(b"new")).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert!(link.is_symlink());
    }

    #[test]
    fn invalid_text_names_the_offset() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        fs::write(&path, b"abc\xff").unwrap();
        assert!(read_text(&path).unwrap_err().to_string().contains("offset 3"));
    }

    #[test]
    fn escapes_only_what_a_terminal_would_obey() {
        assert_eq!(for_terminal("a\x1b[2J\tb\nß"), "a\\u{1b}[2J\tb\nß");
    }
}
