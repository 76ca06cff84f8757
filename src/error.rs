//! The error type: what failed, on which file or value, why, and a hint for the next step.

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
    /// The reader of standard output closed the pipe: the program exits silently with status 0.
    BrokenPipe,
    /// Stopped by a signal, after saving: exit status 128 plus the signal number, as in shells.
    Signal(u8),
    /// The error has already been printed: exit with this status.
    Reported(u8),
}

/// A one-line message, to be printed after `rnn-x: `, and an optional hint.
#[derive(Debug)]
pub struct Error {
    kind: ErrorKind,
    /// The setting whose value is invalid; the message begins with it.
    setting: Option<String>,
    message: String,
    hint: Option<String>,
}

impl Error {
    fn new(kind: ErrorKind, message: impl fmt::Display) -> Self {
        Self { kind, setting: None, message: message.to_string(), hint: None }
    }

    /// An invalid combination of options, or a request that makes no sense.
    pub fn usage(message: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// A setting out of range: "`setting` must be `rule`, got `value`". The commands show the setting as an option.
    pub fn value(setting: &str, rule: impl fmt::Display, value: impl fmt::Display) -> Self {
        let error = Self::usage(format!("must be {rule}, got {value}"));
        Self { setting: Some(setting.into()), ..error }
    }

    /// A failure that has already been reported to the user, with this exit status.
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

    /// The operating system failed to `verb` (open, read, write …) `path`.
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

    /// `path` can be read, but its contents are invalid.
    pub fn file(path: impl AsRef<Path>, reason: impl fmt::Display) -> Self {
        Self::invalid(reason).in_file(path)
    }

    /// Adds the name of the affected file.
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

    /// Returns the message as commands print it, with the setting as an option: `--top-p` for `top_p`.
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

/// Formats a path for messages: in quotes, `-` as standard input, control characters escaped.
pub fn quoted(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    if path == Path::new("-") {
        return "standard input".into();
    }
    format!("'{}'", escaped(&path.to_string_lossy()))
}

/// Formats a path for a hint that can be pasted into a shell: quoted only where the shell needs it.
pub fn shell_word(path: impl AsRef<Path>) -> String {
    let text = path.as_ref().to_string_lossy();
    let is_plain = |c: char| c.is_alphanumeric() || "_./,:=@%+-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.into_owned();
    }
    format!("'{}'", escaped(&text).replace('\'', r"'\''"))
}

/// Escapes control characters, which could begin a new line or control a terminal.
pub fn escaped(text: &str) -> String {
    text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] }).collect()
}

/// Returns the system's error message without Rust's "(os error 2)".
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
    fn messages_name_the_file_and_the_reason_on_one_line() {
        let error = Error::io("open", "a\nb", io::Error::from_raw_os_error(2));
        assert_eq!(error.to_string(), r"cannot open 'a\nb': No such file or directory");
        assert_eq!(error.kind(), ErrorKind::Failure);
    }

    #[test]
    fn hints_quote_what_a_shell_would_split() {
        let words = ["a.tokens", "-", "mein Buch", "it's", "$HOME", ""].map(shell_word);
        assert_eq!(words, ["a.tokens", "-", "'mein Buch'", r"'it'\''s'", "'$HOME'", "''"]);
    }

    #[test]
    fn a_closed_pipe_has_its_own_kind() {
        let error = Error::stdout(io::ErrorKind::BrokenPipe.into());
        assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    }
}
