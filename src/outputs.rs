//! Checks output files before a command starts its work: no output is also an input, none replaces a file of another
//! kind, and each can be written.

use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::container::Container;
use crate::error::{Error, Result, quoted};
use crate::io;

/// The kind of a file, recognized by its contents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Model,
    Tokens,
    Checkpoint,
    State,
    /// A safetensors file of another program.
    Tensors,
    History,
    Lock,
    Picture,
    /// Anything else.
    Text,
}

impl Kind {
    /// Returns the kind of the file at `path`; None if it cannot be read or is empty.
    pub fn of(path: &Path) -> Option<Self> {
        const START_BYTES: u64 = 4096;
        let mut start = Vec::new();
        File::open(path).and_then(|file| file.take(START_BYTES).read_to_end(&mut start)).ok()?;
        if start.is_empty() {
            return None;
        }
        let text = String::from_utf8_lossy(&start);
        let text = text.trim_start();
        Some(if let Ok(container) = Container::open(path, "file") {
            let kinds = [
                ("training", Self::Model),
                ("prep", Self::Tokens),
                ("progress", Self::Checkpoint),
                ("rnn_state", Self::State),
            ];
            let found = kinds.into_iter().find(|(name, _)| container.metadata(name).is_ok());
            found.map_or(Self::Tensors, |(_, kind)| kind)
        } else if text.starts_with("epoch,loss,") {
            Self::History
        } else if text.starts_with('{') && text.contains("\"text_sha256\"") {
            Self::Lock
        } else if start.starts_with(b"\x89PNG") || text.starts_with("<svg") || text.starts_with("<!DOCTYPE html") {
            Self::Picture
        } else {
            Self::Text
        })
    }

    /// Returns the kind with its article, for messages.
    fn name(self) -> &'static str {
        match self {
            Self::Model => "a model",
            Self::Tokens => "a token file",
            Self::Checkpoint => "a checkpoint",
            Self::State => "a state file",
            Self::Tensors => "a safetensors file",
            Self::History => "a training history",
            Self::Lock => "a lock file of rnn-fetch",
            Self::Picture => "a picture",
            Self::Text => "a text file",
        }
    }
}

/// Fails unless every output, a path and the kind that is written there, can be written and is none of the inputs
/// and no other output, and would not replace a file of another kind (unless `force` is set). `-` is the standard
/// stream. Links are followed; inputs that do not exist are ignored.
pub fn check(outputs: &[(&Path, Kind)], inputs: &[&Path], force: bool) -> Result<()> {
    let inputs: Vec<(&Path, Identity)> =
        inputs.iter().filter_map(|input| Some((*input, Identity::of(input, Stream::Input)?))).collect();
    let mut seen: Vec<Identity> = Vec::new();
    for (path, kind) in outputs {
        if let Some(identity) = Identity::of(path, Stream::Output) {
            if let Some((input, _)) = inputs.iter().find(|(_, other)| *other == identity) {
                let which = if io::is_stream(path) { "standard output".into() } else { quoted(path) };
                let same = if input == path { String::new() } else { format!(" (as {})", quoted(input)) };
                return Err(Error::usage(format!("{which} is both an input{same} and the output"))
                    .hint("write the output to another file"));
            }
            if seen.contains(&identity) {
                return Err(Error::usage(format!("two outputs would be written to {}", quoted(path))));
            }
            seen.push(identity);
        }
        if io::is_stream(path) {
            continue;
        }
        is_writable(path).map_err(|e| Error::io("write", path, e))?;
        // Pipes and terminals are not read: that would wait for whoever writes to them.
        if force || !path.is_file() {
            continue;
        }
        if let Some(found) = Kind::of(path).filter(|found| found != kind) {
            return Err(Error::usage(format!("{} is {}, not {}", quoted(path), found.name(), kind.name()))
                .hint("choose another name; --force replaces the file"));
        }
    }
    Ok(())
}

/// The standard stream that `-` stands for.
#[derive(Clone, Copy)]
enum Stream {
    Input,
    Output,
}

/// What two names of one file have in common.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Identity {
    #[cfg(unix)]
    Inode(u64, u64),
    Path(PathBuf),
}

impl Identity {
    /// Returns the identity of an input; `-` is standard input. None for devices, pipes and folders.
    pub fn of_input(path: &Path) -> Option<Self> {
        Self::of(path, Stream::Input)
    }

    /// Returns None for devices, pipes and folders.
    fn of(path: &Path, stream: Stream) -> Option<Self> {
        if io::is_stream(path) {
            return Self::of_stream(stream);
        }
        match fs::metadata(path) {
            Ok(facts) => Self::new(path, &facts),
            // A file that does not exist yet: two outputs may still have the same name.
            Err(_) => Some(Self::Path(io::folder_of(path).canonicalize().ok()?.join(path.file_name()?))),
        }
    }

    #[cfg(unix)]
    fn new(_: &Path, facts: &Metadata) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        facts.is_file().then(|| Self::Inode(facts.dev(), facts.ino()))
    }

    #[cfg(not(unix))]
    fn new(path: &Path, facts: &Metadata) -> Option<Self> {
        facts.is_file().then(|| path.canonicalize().map(Self::Path).ok())?
    }

    #[cfg(unix)]
    fn of_stream(stream: Stream) -> Option<Self> {
        use std::os::fd::AsFd;
        let descriptor = match stream {
            Stream::Input => std::io::stdin().as_fd().try_clone_to_owned(),
            Stream::Output => std::io::stdout().as_fd().try_clone_to_owned(),
        };
        let facts = File::from(descriptor.ok()?).metadata().ok()?;
        Self::new(Path::new(io::STREAM), &facts)
    }

    #[cfg(not(unix))]
    fn of_stream(_: Stream) -> Option<Self> {
        None
    }
}

/// Fails if a file cannot be created or replaced. Changes nothing.
fn is_writable(path: &Path) -> std::io::Result<()> {
    match fs::metadata(path) {
        Ok(facts) if facts.is_dir() => Err(ErrorKind::IsADirectory.into()),
        // Opening a pipe would wait for its reader.
        Ok(facts) if !facts.is_file() => Ok(()),
        Ok(_) => File::options().write(true).open(path).map(drop),
        Err(e) if e.kind() == ErrorKind::NotFound => can_create_in(&io::folder_of(path)),
        Err(e) => Err(e),
    }
}

#[cfg(unix)]
fn can_create_in(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::CString::new(folder.as_os_str().as_bytes())?;
    // SAFETY: `name` is a valid C string.
    if unsafe { libc::access(name.as_ptr(), libc::W_OK | libc::X_OK) } == 0 {
        return if folder.is_dir() { Ok(()) } else { Err(ErrorKind::NotADirectory.into()) };
    }
    Err(std::io::Error::last_os_error())
}

#[cfg(not(unix))]
fn can_create_in(folder: &Path) -> std::io::Result<()> {
    fs::metadata(folder).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_recognized_by_contents() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        assert_eq!(Kind::of(&path), None);
        for (bytes, kind) in [
            (&b""[..], None),
            (b"once upon a time", Some(Kind::Text)),
            (b"\xff\xfe\0", Some(Kind::Text)),
            (b"epoch,loss,accuracy\n", Some(Kind::History)),
            (b"{\"sources\": [{\"text_sha256\": \"\"}]}", Some(Kind::Lock)),
            (b"\x89PNG\r\n", Some(Kind::Picture)),
            (b"<svg xmlns", Some(Kind::Picture)),
        ] {
            fs::write(&path, bytes).unwrap();
            assert_eq!(Kind::of(&path), kind, "{bytes:?}");
        }
        for (name, kind) in [("prep", Kind::Tokens), ("rnn_state", Kind::State), ("other", Kind::Tensors)] {
            crate::container::write(&path, &[(name, "{}".into())], &[]).unwrap();
            assert_eq!(Kind::of(&path), Some(kind), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn an_input_under_any_name_is_no_output() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("book"), "text").unwrap();
        fs::hard_link(path("book"), path("hard")).unwrap();
        std::os::unix::fs::symlink("book", path("soft")).unwrap();
        for name in ["book", "hard", "soft", "./book"] {
            assert!(check(&[(&path(name), Kind::Text)], &[&path("book")], true).is_err(), "{name}");
        }
        assert!(check(&[(&path("new"), Kind::Text)], &[&path("book"), &path("new")], false).is_err());
        assert!(check(&[(&path("new"), Kind::Text)], &[&path("book"), &path("missing")], false).is_ok());
        assert!(check(&[(&path("new"), Kind::Text), (&path("./new"), Kind::Lock)], &[], true).is_err());
        assert!(check(&[(Path::new("/dev/null"), Kind::Model)], &[Path::new("/dev/null")], false).is_ok());
    }

    #[test]
    fn files_of_another_kind_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, "text").unwrap();
        assert!(check(&[(&path, Kind::Tokens)], &[], false).is_err());
        assert!(check(&[(&path, Kind::Tokens)], &[], true).is_ok());
        assert!(check(&[(&path, Kind::Text)], &[], false).is_ok());
        assert!(check(&[(folder.path(), Kind::Text)], &[], true).is_err());
        assert!(check(&[(&path.join("below"), Kind::Text)], &[], true).is_err());
        assert!(check(&[(&folder.path().join("no/x"), Kind::Text)], &[], true).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"text");
    }
}
