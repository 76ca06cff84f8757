//! Writes the text of a page: collapses its white space, and separates its paragraphs.

use super::tags::Break;

#[derive(Default)]
pub struct Writer {
    pub text: String,
    /// What is due before the next character.
    line_ends: usize,
    blank: Option<char>,
    /// Whether a line end that follows is that behind `<pre>`.
    at_start_of_pre: bool,
}

impl Writer {
    pub fn begin(&mut self, breaks: Break) {
        match breaks {
            Break::None => {}
            Break::Cell if self.line_ends == 0 && !self.text.is_empty() => self.blank = Some('\t'),
            Break::Cell => {}
            Break::Line => self.line_ends = self.line_ends.max(1),
            Break::LineEnd => self.line_ends = (self.line_ends + 1).min(2),
            Break::Paragraph => self.line_ends = 2,
        }
        self.at_start_of_pre = breaks == Break::Paragraph;
    }

    pub fn end(&mut self, breaks: Break) {
        self.at_start_of_pre = false;
        match breaks {
            Break::None | Break::Cell | Break::LineEnd => {}
            Break::Line => self.line_ends = self.line_ends.max(1),
            Break::Paragraph => self.line_ends = 2,
        }
    }

    pub fn text(&mut self, text: &str, is_preformatted: bool) {
        if is_preformatted {
            let text = if self.at_start_of_pre { text.strip_prefix('\n').unwrap_or(text) } else { text };
            if !text.is_empty() {
                self.flush();
                self.text.push_str(text);
            }
        } else {
            for c in text.chars() {
                match c {
                    ' ' | '\t' | '\n' | '\r' | '\x0c' | '\u{a0}' => self.blank = self.blank.or(Some(' ')),
                    '\u{ad}' => {}
                    _ => {
                        self.flush();
                        self.text.push(c);
                    }
                }
            }
        }
        self.at_start_of_pre &= text.is_empty();
    }

    /// Returns the place in the text where what follows begins, or what came before ends.
    pub fn mark(&mut self) -> usize {
        self.end_paragraph();
        self.text.len()
    }

    /// Drops the line ends with which a preformatted text may end.
    fn end_paragraph(&mut self) {
        let length = self.text.trim_end_matches('\n').len();
        self.text.truncate(length);
    }

    fn flush(&mut self) {
        let blank = self.blank.take();
        if self.line_ends > 0 {
            self.end_paragraph();
            let count = if self.text.is_empty() { 0 } else { self.line_ends };
            self.text.extend(std::iter::repeat_n('\n', count));
            self.line_ends = 0;
        } else if let Some(blank) = blank
            && !self.text.is_empty()
            && !self.text.ends_with(['\n', '\t', ' '])
        {
            self.text.push(blank);
        }
    }
}
