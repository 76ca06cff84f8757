//! Footnotes: the marks after words, and the labels of the notes. The notes themselves stay, because their author wrote
//! them.
//!
//! A mark is `[1]`, `[A]`, `[*]`, `[†]` or `{1}`, with up to three digits: `[1851]` is a year. It follows a word or its
//! punctuation, directly or after a space behind a sentence. A `[Footnote 1: …]` with its label allows more: `[a]`, and a
//! space behind any word. An index such as `a[1]` or `list[1] = 2` in code is no mark.

use std::collections::HashSet;
use std::ops::Range;

use super::brackets::{begins_with, passages};
use super::cutter::Cutter;

/// The maximum length of a note in brackets, in bytes.
const MAX_BYTES: usize = 20_000;

/// The maximum length of `Footnote 1:`, in bytes.
const MAX_LABEL: usize = 30;

/// The number of characters beside a mark in which signs of code are looked for.
const CONTEXT: usize = 80;

/// Removes the marks of footnotes and the labels of notes.
pub fn clean(text: &str) -> (String, usize) {
    let notes = passages(text, MAX_BYTES, |rest| begins_with(rest, "footnote"));
    let noted: HashSet<&str> = notes.iter().filter_map(|note| note_label(&text[note.clone()])).collect();
    let is_noted = |mark: &Mark| noted.contains(mark.label);
    let marked: HashSet<&str> =
        marks(text).filter(|mark| mark.is_mark(is_noted(mark))).map(|mark| mark.label).collect();

    let mut cutter = Cutter::new(text);
    let mut count = notes.iter().filter(|note| cut_label(&mut cutter, text, note)).count();
    let text = cutter.finish();
    let mut cutter = Cutter::new(&text);
    for mark in marks(&text) {
        let is_label = begins_paragraph(mark.before()) && (marked.contains(mark.label) || is_noted(&mark));
        if is_label || mark.is_mark(is_noted(&mark)) {
            cutter.cut(mark.range.clone());
            count += 1;
        }
    }
    (cutter.finish(), count)
}

/// Returns the label of `[Footnote 1: …]`.
fn note_label(note: &str) -> Option<&str> {
    note.get(..note.len().min(MAX_LABEL))?.split_once(':')?.0.rsplit([' ', '_']).find(|word| !word.is_empty())
}

/// Cuts `Footnote 1:` and, if the note is a paragraph of its own, its brackets. Returns whether it has such a label.
fn cut_label(cutter: &mut Cutter, text: &str, note: &Range<usize>) -> bool {
    let Some(colon) = text[note.clone()].bytes().take(MAX_LABEL).position(|byte| byte == b':') else { return false };
    let label = note.start + 1..note.start + colon + 1;
    let after = text[note.end..].trim_start_matches([' ', '\t']);
    if begins_paragraph(&text[..note.start]) && (after.is_empty() || after.starts_with('\n')) {
        cutter.cut(note.start..label.end);
        cutter.cut(note.end - 1..note.end);
    } else {
        cutter.cut(label);
    }
    true
}

fn begins_paragraph(before: &str) -> bool {
    let mut blanks = before.bytes().rev().take(CONTEXT);
    let breaks = blanks.by_ref().take_while(u8::is_ascii_whitespace).filter(|&byte| byte == b'\n').count();
    breaks > 1 || before.len() < CONTEXT && before.trim().is_empty()
}

/// What may be the mark of a footnote.
struct Mark<'a> {
    text: &'a str,
    range: Range<usize>,
    label: &'a str,
}

/// Returns everything in a text that has the form of a mark.
fn marks(text: &str) -> impl Iterator<Item = Mark<'_>> {
    const MAX_BYTES: usize = 10;
    text.match_indices(['[', '{']).filter_map(move |(at, bracket)| {
        let inner = &text[at + 1..];
        let end = inner.bytes().take(MAX_BYTES).position(|byte| byte == if bracket == "[" { b']' } else { b'}' })?;
        let label = &inner[..end];
        let is_number = |label: &str| {
            (1..=3).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_digit()) && !label.starts_with('0')
        };
        let is_letter = label.len() == 1 && label.bytes().all(|b| b.is_ascii_alphabetic());
        let is_symbol = !label.is_empty() && label.chars().count() <= 3 && label.chars().all(|c| "*†‡§".contains(c));
        let is_label = is_number(label)
            || bracket == "[" && (is_letter || is_symbol || label.strip_prefix('*').is_some_and(is_number));
        is_label.then(|| Mark { text, range: at..at + end + 2, label })
    })
}

impl<'a> Mark<'a> {
    fn before(&self) -> &'a str {
        &self.text[..self.range.start]
    }

    fn after(&self) -> &'a str {
        &self.text[self.range.end..]
    }

    /// Returns whether this is the mark of a footnote. With `is_noted`, a note has its label.
    fn is_mark(&self, is_noted: bool) -> bool {
        let mut before = self.before().chars().rev();
        let (Some(last), second) = (before.next(), before.next()) else { return false };
        let is_of_word = |c: char| c.is_alphanumeric() || ".,;:!?\"'”’»)*_=-—†‡".contains(c);
        let ends_sentence = |c: char| ".!?\"'”’»".contains(c);
        let follows = if last == ' ' || last == '\n' {
            match second {
                _ if self.is_page() => second != Some(' '),
                Some(c) => is_noted && is_of_word(c) || ends_sentence(c) && !self.is_letter(),
                None => false,
            }
        } else {
            // A brace after `_` is a subscript.
            is_of_word(last) && !(self.is_page() && last == '_')
        };
        let is_lower = self.label.starts_with(|c: char| c.is_ascii_lowercase());
        follows && (is_noted || !is_lower && !self.is_in_code())
    }

    /// Returns whether this is rather the number of a page, which may stand before a word.
    fn is_page(&self) -> bool {
        self.text[self.range.clone()].starts_with('{')
    }

    fn is_letter(&self) -> bool {
        self.label.starts_with(|c: char| c.is_ascii_alphabetic())
    }

    /// Returns whether the mark is rather an index in code.
    fn is_in_code(&self) -> bool {
        const SIGNS: [&str; 9] = [" = ", "==", "+=", ");", "->", "::", "<", ">", "\\"];
        let is_word = |c: &char| c.is_alphanumeric() || *c == '_';
        let word: String = self.before().chars().rev().take(CONTEXT).take_while(is_word).collect();
        let mut before = self.before()[..self.range.start - word.len()].chars().rev();
        // A name of one letter, with underscores, or after the name of an object.
        let is_name = word.chars().count() == 1 && !self.is_page()
            || word.trim_matches('_').contains('_')
            || !word.is_empty()
                && before.next().is_some_and(|c| ".([".contains(c))
                && before.next().is_some_and(char::is_alphanumeric);
        let mut after = self.after().chars();
        let (next, second) = (after.next(), after.next());
        let continues = match next {
            Some(c) if c.is_alphanumeric() => !self.is_page(),
            Some('.') => second.is_some_and(char::is_alphabetic),
            next => matches!(next, Some('(' | '=' | '{')),
        };
        is_name || continues || {
            let line = self.line();
            let has_brace = line.char_indices().any(|(at, c)| match c {
                '{' => !line[at + 1..].starts_with(|c: char| c.is_ascii_digit()),
                '}' => !line[..at].ends_with(|c: char| c.is_ascii_digit()),
                _ => false,
            });
            has_brace || SIGNS.iter().any(|sign| line.contains(sign))
        }
    }

    /// Returns the surroundings of the mark in its line.
    fn line(&self) -> &'a str {
        let in_line = |c: &char| *c != '\n';
        let before = self.before().chars().rev().take(CONTEXT).take_while(in_line).map(char::len_utf8).sum::<usize>();
        let after = self.after().chars().take(CONTEXT).take_while(in_line).map(char::len_utf8).sum::<usize>();
        &self.text[self.range.start - before..self.range.end + after]
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn marks_go_and_notes_stay_without_their_labels() {
        for (text, kept) in [
            ("The bell[1] rang,[23] “loud.”[*] It_[A]_ rang.[†]", "The bell rang, “loud.” It__ rang."),
            ("The bell. [12] It rang [sic], in [1851] [or 2].", "The bell. It rang [sic], in [1851] [or 2]."),
            ("the{7} bell {8}rang.\n{9}It rang.{10} The\n\n{11}goat", "the bell rang.\nIt rang. The\n\ngoat"),
            ("A bell[1] rang.\n\n  [1] Of iron.\n\n[2] Of gold.\n", "A bell rang.\n\n  Of iron.\n\n[2] Of gold.\n"),
            ("A bell [a]\nrang.\n\n[Footnote a: Of\n\niron.]\n", "A bell\nrang.\n\nOf\n\niron.\n"),
            ("A bell\n[Footnote: Of iron.] rang.", "A bell\n[Of iron.] rang."),
        ] {
            assert_eq!(clean(text).0, kept, "{text}");
        }
        assert_eq!(clean("A bell[1] rang.\n\n[Footnote 1: Of iron.]\n").1, 2);
    }

    #[test]
    fn indexes_and_changes_of_quotations_stay() {
        for text in [
            "a[1] = b[12];",
            "x = list[1]",
            "total += words[1]",
            "print(argv[1])",
            "sys.argv[1]",
            "my_list[1]",
            "words[1].lower()",
            "f(words[1]);",
            "list[0] {0} [01]",
            "book[s], [I]t, “[A] bell”, he said [I] rang",
            r"\d{3} \frac{12}{5} x^{2}",
            "H_{2}O",
            "as in [1], see [2].",
            "[1] Of iron.",
            "[1234] [] {} [12",
            "{ \"a\": {1} }",
            "    {12}  {13}",
        ] {
            assert_eq!(clean(text), (text.into(), 0), "{text}");
        }
    }
}
