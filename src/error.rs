//! The one error type: what failed, on which file or value, why, and a hint for the next step.

use std::fmt;
use std::io;
use std::path::Path;

pub type Result<T> = std::result::Result<T, Error>;

/// How a failure ends the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A usage error: exit status 2.
    Usage,
    /// Any other failure: exit status 1.
    Failure,
    /// The reader of our output closed the pipe: a filter ends quietly, status 0.
    BrokenPipe,
    /// Stopped by a signal, after saving: exit status 128 plus the signal's number, as in shells.
    Signal(u8),
    /// Everything has been printed already: this exit status.
    Reported(u8),
}

/// One line of text, ready to be shown after `rnn-x: `, and perhaps a hint.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    /// The setting whose value is wrong, which begins the message.
    setting: Option<String>,
    message: String,
    hint: Option<String>,
}

impl Error {
    fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self { kind, setting: None, message: message.to_string(), hint: None }
    }

    /// A wrong combination of options, or a request that makes no sense.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// A setting out of range: "`setting` must be `rule`, got `value`". The commands show the setting as their option.
    pub fn value(setting: &str, rule: impl fmt::Display, value: impl fmt::Display) -> Self {
        let error = Self::usage(format!("must be {rule}, got {value}"));
        Self { setting: Some(setting.into()), ..error }
    }

    /// An end that the user has been told of, with this exit status.
    pub fn reported(status: u8) -> Self {
        Self::new(ErrorKind::Reported(status), "")
    }

    /// A failure.
    pub fn failure(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Failure, message.into())
    }

    /// Stopped by a signal, after saving.
    pub fn signal(signal: u8, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Signal(signal), message.into())
    }

    /// The operating system refused to `verb` (open, read, write …) `path`.
    pub fn io(verb: &str, path: impl AsRef<Path>, error: io::Error) -> Self {
        Self::system(format!("cannot {verb} {}", quoted(path)), &error)
    }

    /// Writing to standard output failed.
    pub fn stdout(error: io::Error) -> Self {
        Self::system("cannot write to standard output".into(), &error)
    }

    fn system(what: String, error: &io::Error) -> Self {
        let kind = if error.kind() == io::ErrorKind::BrokenPipe { ErrorKind::BrokenPipe } else { ErrorKind::Failure };
        Self::new(kind, format!("{what}: {}", plain(error)))
    }

    /// Invalid data. The caller that knows the file names it with [`in_file`](Self::in_file).
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
        self.message = format!("{context}: {self}");
        self.setting = None;
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

    /// The message of a command, where a setting is an option: `--top-p` for `top_p`.
    pub fn for_command_line(&self) -> String {
        match &self.setting {
            Some(setting) => format!("--{} {}", setting.replace('_', "-"), self.message),
            None => self.message.clone(),
        }
    }

    pub fn hint_text(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.setting {
            Some(setting) => write!(f, "{setting} {}", self.message),
            None => f.write_str(&self.message),
        }
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
