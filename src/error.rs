//! The one error type: what failed, on which file or value, why, and a hint for the next step.

use std::fmt;
use std::io;
use std::path::Path;

pub type Result<T> = std::result::Result<T, Error>;

/// How a failure ends the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The command line asks for something impossible: exit status 2.
    Usage,
    /// A file, the network or the machine refused: exit status 1.
    Failure,
    /// The reader of our output went away: a filter ends quietly, status 0.
    BrokenPipe,
    /// A signal asked for an end, which was an orderly one: exit status 128 and the signal, as shells have it.
    Signal(u8),
    /// Everything has been printed already: this exit status.
    Reported(u8),
}

/// One line of text, ready to be shown after `rnn-x: `, and perhaps a hint.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
}

impl Error {
    /// A wrong value or combination of options.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self { kind: ErrorKind::Usage, message: message.to_string(), hint: None }
    }

    /// An end that the user has been told of, with this exit status.
    pub fn reported(status: u8) -> Self {
        Self { kind: ErrorKind::Reported(status), message: String::new(), hint: None }
    }

    /// Something that could not be done.
    pub fn failure(message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Failure, message: message.into(), hint: None }
    }

    /// An orderly end because of a signal.
    pub fn signal(signal: u8, message: impl Into<String>) -> Self {
        Self { kind: ErrorKind::Signal(signal), message: message.into(), hint: None }
    }

    /// The operating system refused to `verb` (open, read, write …) `path`.
    pub fn io(verb: &str, path: impl AsRef<Path>, error: io::Error) -> Self {
        Self::system(format!("cannot {verb} {}", quoted(path)), &error)
    }

    /// Standard output takes no more.
    pub fn stdout(error: io::Error) -> Self {
        Self::system("cannot write to standard output".into(), &error)
    }

    fn system(what: String, error: &io::Error) -> Self {
        let kind = if error.kind() == io::ErrorKind::BrokenPipe { ErrorKind::BrokenPipe } else { ErrorKind::Failure };
        Self { kind, message: format!("{what}: {}", plain(error)), hint: None }
    }

    /// Data that are not what they should be. Who knows the file adds it with [`in_file`](Self::in_file).
    pub fn invalid(reason: impl fmt::Display) -> Self {
        Self::failure(reason.to_string())
    }

    /// `path` can be read but does not hold what it should.
    pub fn file(path: impl AsRef<Path>, reason: impl fmt::Display) -> Self {
        Self::invalid(reason).in_file(path)
    }

    /// Names the file that the error is about.
    #[must_use]
    pub fn in_file(self, path: impl AsRef<Path>) -> Self {
        self.context(quoted(path))
    }

    /// Puts `context` and a colon before the message.
    #[must_use]
    pub fn context(mut self, context: impl fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// Adds what the user can do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    #[must_use]
    pub fn with_kind(self, kind: ErrorKind) -> Self {
        Self { kind, ..self }
    }

    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A path as shown in messages: in quotes, standard streams by their name, control characters escaped.
pub fn quoted(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    if path == Path::new("-") {
        return "standard input".into();
    }
    let text: String = path
        .to_string_lossy()
        .chars()
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect();
    format!("'{text}'")
}

/// The system's words for an error without Rust's "(os error 2)".
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error") {
        Some((words, _)) => words.to_string(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_file_and_the_fault_on_one_line() {
        let error = Error::io("open", "a\nb", io::Error::from_raw_os_error(2));
        assert_eq!(error.to_string(), r"cannot open 'a\nb': No such file or directory");
        assert_eq!(error.kind(), ErrorKind::Failure);
    }

    #[test]
    fn a_closed_pipe_is_told_apart() {
        let error = Error::stdout(io::ErrorKind::BrokenPipe.into());
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
}
