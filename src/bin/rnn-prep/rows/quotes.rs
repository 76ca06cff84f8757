//! Finds quotation marks of CSV that are not closed where they should be.

/// Follows the quotation marks of CSV: the parser accepts rows that run over the end of a quoted field, and a field that
/// is never closed would take the rest of the file.
pub struct Quotes {
    delimiter: u8,
    line: usize,
    /// The line of the current field's quotation mark.
    opened: usize,
    state: State,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Start,
    Plain,
    Quoted,
    /// After a quotation mark in a quoted field.
    Closed,
}

impl Quotes {
    pub fn new(delimiter: u8, line: usize) -> Self {
        Self { delimiter, line, opened: 0, state: State::Start }
    }

    /// Returns what is wrong: text after a quoted field of several lines.
    pub fn follow(&mut self, bytes: &[u8]) -> Option<String> {
        for &byte in bytes {
            self.line += usize::from(byte == b'\n');
            let is_end = byte == self.delimiter || byte == b'\n' || byte == b'\r';
            self.state = match (self.state, byte) {
                (State::Quoted, b'"') => State::Closed,
                (State::Quoted, _) | (State::Closed, b'"') => State::Quoted,
                (State::Start, b'"') => {
                    self.opened = self.line;
                    State::Quoted
                }
                (_, _) if is_end => State::Start,
                (State::Closed, _) if self.opened < self.line => {
                    return Some(format!(
                        "the quotation mark on line {} is not closed before line {}",
                        self.opened, self.line
                    ));
                }
                (_, _) => State::Plain,
            };
        }
        None
    }

    /// Returns the line of the quotation mark that is still open.
    pub fn open_line(&self) -> Option<usize> {
        (self.state == State::Quoted).then_some(self.opened)
    }
}
