//! Cutting passages out of a text, with the white space that belonged to them.

use std::ops::Range;

/// The maximum number of bytes of white space that are considered on each side of a cut.
const MAX_BLANK: usize = 256;

/// Copies a text without the passages that are cut, in order.
pub struct Cutter<'a> {
    text: &'a str,
    at: usize,
    out: String,
}

impl<'a> Cutter<'a> {
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, out: String::with_capacity(text.len()) }
    }

    /// Cuts a passage. If it has its lines to itself, they go too, and of the empty lines around it the fewer.
    pub fn cut(&mut self, passage: Range<usize>) {
        // The last cut may have taken the space before this one.
        self.out.push_str(&self.text[self.at.min(passage.start)..passage.start]);
        self.at = passage.end.max(self.at);
        let after = &self.text[self.at..];
        let spaces = blanks(after.bytes(), b" \t");
        let begins_line = self.begins_line();
        let next = after.as_bytes().get(spaces);
        match (begins_line, matches!(next, None | Some(b'\n'))) {
            (true, true) => self.cut_lines(spaces + usize::from(next.is_some())),
            (true, false) => self.at += spaces,
            (false, true) => self.drop_spaces(),
            (false, false) => match (self.out.as_bytes().last(), next) {
                (Some(b' '), Some(b'.' | b',' | b';' | b':' | b'!' | b'?' | b')')) if spaces == 0 => self.drop_spaces(),
                (Some(b' ' | b'(' | b'['), _) => self.at += spaces,
                _ => {}
            },
        }
    }

    /// Returns the text without the passages.
    pub fn finish(mut self) -> String {
        self.out.push_str(&self.text[self.at..]);
        self.out
    }

    fn begins_line(&self) -> bool {
        let spaces = blanks(self.out.bytes().rev(), b" \t");
        matches!(self.out.as_bytes()[..self.out.len() - spaces].last(), None | Some(b'\n'))
    }

    fn drop_spaces(&mut self) {
        self.out.truncate(self.out.len() - blanks(self.out.bytes().rev(), b" \t"));
    }

    /// Drops the rest of the line, `rest` bytes, and the empty lines before or after it.
    fn cut_lines(&mut self, rest: usize) {
        self.drop_spaces();
        self.at += rest;
        let breaks = |blank: &str| blank.matches('\n').count();
        let before = blanks(self.out.bytes().rev(), b" \t\n");
        let before = &self.out[self.out.len() - before..];
        let after = &self.text[self.at..];
        let after = &after[..blanks(after.bytes(), b" \t\n")];
        // The spaces after the last line break indent the next line; the first line break before ends the last one.
        let after = &after[..after.rfind('\n').map_or(0, |last| last + 1)];
        let is_first = before.len() == self.out.len();
        if is_first || breaks(before).saturating_sub(1) >= breaks(after) {
            self.at += after.len();
        } else {
            let kept = before.find('\n').map_or(0, |first| first + 1);
            self.out.truncate(self.out.len() - before.len() + kept);
        }
    }
}

/// Returns the length of the run of these characters with which `bytes` begin.
fn blanks(bytes: impl Iterator<Item = u8>, blanks: &[u8]) -> usize {
    bytes.take(MAX_BLANK).take_while(|byte| blanks.contains(byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cuts every `#`.
    fn cut(text: &str) -> String {
        let mut cutter = Cutter::new(text);
        text.match_indices('#').for_each(|(at, mark)| cutter.cut(at..at + mark.len()));
        cutter.finish()
    }

    #[test]
    fn the_white_space_of_a_passage_goes_with_it() {
        for (text, kept) in [
            ("the # bell", "the bell"),
            ("the #, bell", "the, bell"),
            ("the#, bell # #", "the, bell"),
            ("# The bell\n# rang # #\n", "The bell\nrang\n"),
            ("the\n#\nbell", "the\nbell"),
            ("the\n\n#\n\nbell", "the\n\nbell"),
            ("the\n\n\n  #  \n\n  bell", "the\n\n\n  bell"),
            ("the\n\n#\n\n\n  bell", "the\n\n\n  bell"),
            ("#\n\nthe bell\n\n#\n#\n", "the bell\n\n"),
            ("[# bell]", "[bell]"),
            ("#", ""),
        ] {
            assert_eq!(cut(text), kept, "{text:?}");
        }
    }
}
