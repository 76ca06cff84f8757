//! The default word level: splits text into words, punctuation and line breaks, from which the text can be restored.
//!
//! A space between two words is implicit. Every other character is a separate piece that includes the spaces
//! around it (`", "`, `" ("`, `"—"`). Scripts written without spaces between words (Chinese, Japanese, Thai …) are
//! split into characters.
//!
//! [`PATTERN`] is the equivalent regular expression for the `tokenizer.json`.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

use super::classes::Class;
use super::elision::{self, Rule};

/// [`normalize`] as a sequence of replacements (Oniguruma syntax), applied after NFC.
pub const NORMALIZATION: [(&str, &str); 4] =
    [(r"\r\n?", "\n"), (r"[\t\p{Zs}]+", " "), (r" ?\n ?", "\n"), (r"\n\n+", "\n\n")];

/// [`NORMALIZATION`] with the indentation of lines, unless it is too long to be one.
pub const NORMALIZATION_WITH_INDENT: [(&str, &str); 5] = [
    (r"\r\n?", "\n"),
    (r"[\t\p{Zs}]+(?=\n)", ""),
    (r"(?<=[^\n\t\p{Zs}])[\t\p{Zs}]+", " "),
    (r"\n\n+", "\n\n"),
    (r"(?<![^\n])[\t\p{Zs}]{256,}", ""),
];

/// The maximum length of an indentation, in characters.
pub const MAX_INDENT: usize = 255;

/// The indentation of a line as a regular expression (Oniguruma syntax).
pub const INDENT: &str = r"(?<![^\n])[\t\p{Zs}]+";

macro_rules! unspaced {
    () => {
        r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
    };
}
macro_rules! word_char {
    () => {
        concat!(r"[\p{L}\p{M}\p{N}_&&[^", unspaced!(), "]]")
    };
}
/// Characters that join the parts of a word, except apostrophes: the Catalan middle dot, Hebrew abbreviation marks,
/// soft hyphen, zero-width (non-)joiners, points and commas between digits, and the quotation mark inside a Hebrew
/// word.
macro_rules! joiner {
    () => {
        "[·׳״\u{ad}\u{200c}\u{200d}]|(?<=\\p{N})[.,](?=\\p{N})|(?<=\\p{Hebrew})\"(?=\\p{Hebrew})"
    };
}
/// Line breaks, and any other single character with its combining marks and the spaces around it.
macro_rules! other {
    () => {
        concat!(r"|\n+| ?(?:[^ \n\p{L}\p{M}\p{N}_]|[", unspaced!(), r"])\p{M}* ?")
    };
}

/// [`is_word_char`] as a regular expression (Oniguruma syntax).
pub const WORD_CHAR: &str = word_char!();

/// [`Pieces`] as a regular expression (Oniguruma syntax): words, line breaks, any other single character.
pub const PATTERN: &str = concat!(word_char!(), "+(?:(?:['’]|", joiner!(), ")", word_char!(), "+)*", other!());

/// [`PATTERN`], preceded by an alternative for elided words, which match `elided` before an apostrophe.
pub fn pattern_with_elided(elided: &str) -> String {
    format!("{elided}['’](?={})|{PATTERN}", word_char!())
}

/// [`PATTERN`] for languages in which every apostrophe between letters ends an elided word.
#[rustfmt::skip]
pub const PATTERN_ALL_ELIDED: &str = concat!(
    word_char!(), "+(?:(?:", joiner!(), ")", word_char!(), "+)*(?:['’](?=", word_char!(), "))?", other!()
);

/// Returns whether `c` is part of a word: a letter, mark, digit or `_` of a script with spaces between words.
pub fn is_word_char(c: char) -> bool {
    Class::of(c).is_word()
}

/// Returns whether `c` is a letter, combining mark or digit of any script.
pub fn is_letter_or_digit(c: char) -> bool {
    Class::of(c).is_letter_or_digit()
}

/// Normalizes to NFC and LF line ends, and collapses runs of spaces and of empty lines. Removes spaces at line ends and,
/// unless `keeps_indent`, at line starts.
pub fn normalize(text: &str, keeps_indent: bool) -> String {
    if is_surely_nfc(text) || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        squeeze(text, keeps_indent)
    } else {
        squeeze(&text.nfc().collect::<String>(), keeps_indent)
    }
}

/// A fast, conservative test for NFC: true if the text has no character from U+0300 on except the common
/// punctuation from U+2010. Holds for most books in western European languages.
pub fn is_surely_nfc(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut begin = 0;
    while let Some(at) = bytes[begin..].iter().position(|&b| b >= 0xcc) {
        let at = begin + at;
        if bytes[at] != 0xe2 || bytes[at + 1] != 0x80 || bytes[at + 2] < 0x90 {
            return false;
        }
        begin = at + 3;
    }
    true
}

fn squeeze(text: &str, keeps_indent: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    loop {
        let ordinary = normalized_prefix(rest);
        out.push_str(&rest[..ordinary]);
        rest = &rest[ordinary..];
        if rest.is_empty() {
            return out;
        }
        let (mut blank, mut breaks, mut after_return) = (false, 0, false);
        let (mut length, mut line_start) = (0, 0);
        for c in rest.chars() {
            match c {
                '\n' | '\r' => {
                    breaks += usize::from(!(c == '\n' && after_return));
                    line_start = length + 1;
                }
                ' ' => blank = true,
                _ if Class::of(c).is_space() => blank = true,
                _ => break,
            }
            after_return = c == '\r';
            length += c.len_utf8();
        }
        let begins_line = breaks > 0 || out.is_empty();
        match breaks {
            0 if keeps_indent && begins_line => {}
            0 if blank => out.push(' '),
            0 => {}
            1 => out.push('\n'),
            _ => out.push_str("\n\n"),
        }
        let indent = &rest[line_start..length];
        if keeps_indent && begins_line && indent.chars().nth(MAX_INDENT).is_none() {
            out.push_str(indent);
        }
        rest = &rest[length..];
    }
}

/// Returns the number of bytes before the first white space other than a single space between other characters.
fn normalized_prefix(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let is_other = match bytes[at] {
            b' ' => bytes.get(at + 1).is_some_and(|&next| next > b' ' && !matches!(next, 0xc2 | 0xe1 | 0xe2 | 0xe3)),
            b'\n' | b'\r' | b'\t' => false,
            // The first bytes of the wider spaces.
            0xc2 | 0xe1 | 0xe2 | 0xe3 => !text[at..].chars().next().is_some_and(|c| Class::of(c).is_space()),
            _ => true,
        };
        if !is_other {
            break;
        }
        at += 1;
    }
    at
}

/// Returns the last position at which a text can be split without changing its pieces: between a space and a word,
/// after a line break, or, with `in_unspaced`, between characters of scripts without spaces.
pub fn last_split(text: &str, in_unspaced: bool) -> Option<usize> {
    let mut next: Option<(usize, char)> = None;
    for (at, c) in text.char_indices().rev() {
        if let Some((position, next)) = next {
            let (before, after) = (Class::of(c), Class::of(next));
            let is_space = |c: char, class: Class| c == '\n' || c == '\r' || class.is_space();
            let begins = !is_space(next, after) && !after.is_combining();
            let is_unspaced = |class: Class| class.is_letter_or_digit() && !class.is_word();
            if begins
                && (matches!(c, '\n' | '\r')
                    || (before.is_space() && after.is_word())
                    || (in_unspaced && is_unspaced(before) && is_unspaced(after)))
            {
                return Some(position);
            }
        }
        next = Some((at, c));
    }
    None
}

/// An iterator over the pieces of a normalized text.
pub struct Pieces<'a> {
    text: &'a str,
    at: usize,
    is_elided: Rule,
    keeps_indent: bool,
}

impl<'a> Pieces<'a> {
    pub fn new(text: &'a str, is_elided: Rule) -> Self {
        Self { text, at: 0, is_elided, keeps_indent: false }
    }

    /// Like [`new`](Self::new), for a text with the indentation of lines, which are pieces of their own.
    pub fn with_indent(text: &'a str) -> Self {
        Self { keeps_indent: true, ..Self::new(text, elision::NONE) }
    }

    /// Returns the end of the indentation that starts at `start`; `start` if there is none.
    fn indent_end(&self, start: usize) -> usize {
        let rest = if start == 0 || self.text[..start].ends_with('\n') { &self.text[start..] } else { "" };
        start + rest.chars().take_while(|&c| Class::of(c).is_space()).map(char::len_utf8).sum::<usize>()
    }

    fn char_at(&self, at: usize) -> Option<char> {
        self.text[at..].chars().next()
    }

    /// Returns the end of the word that starts at `start`, which may contain apostrophes and other joiners.
    fn word_end(&self, start: usize) -> usize {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut at = start;
        loop {
            while bytes.get(at).is_some_and(|&b| IS_ASCII_WORD[b as usize]) {
                at += 1;
            }
            let Some(c) = self.char_at(at) else { return at };
            let after = at + c.len_utf8();
            if !c.is_ascii() && is_word_char(c) {
                at = after;
                continue;
            }
            let both = |is: fn(Class) -> bool| {
                let sides = [text[..at].chars().next_back(), self.char_at(after)];
                sides.iter().all(|side| side.is_some_and(|side| is(Class::of(side))))
            };
            let joins = match c {
                '\'' | '’' | '·' | '׳' | '״' | '\u{ad}' | '\u{200c}' | '\u{200d}' => true,
                '.' | ',' => both(Class::is_number),
                '"' => both(Class::is_hebrew),
                _ => false,
            };
            if !joins || !self.char_at(after).is_some_and(is_word_char) {
                return at;
            }
            if matches!(c, '\'' | '’') && (self.is_elided)(&text[start..at]) {
                return after;
            }
            at = after;
        }
    }

    /// Returns the end of any other single character at `start`, including its combining marks and the space after it.
    fn mark_end(&self, start: usize, mark: char) -> usize {
        let bytes = self.text.as_bytes();
        let mut end = start + mark.len_utf8();
        while bytes.get(end).is_some_and(|b| !b.is_ascii()) {
            match self.char_at(end) {
                Some(c) if Class::of(c).is_combining() => end += c.len_utf8(),
                _ => break,
            }
        }
        end + usize::from(bytes.get(end) == Some(&b' '))
    }
}

const IS_ASCII_WORD: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || byte == b'_';
        byte += 1;
    }
    table
};

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let bytes = self.text.as_bytes();
        let mut start = self.at;
        let indent_end = if self.keeps_indent { self.indent_end(start) } else { start };
        let end = loop {
            if indent_end > start {
                break indent_end;
            }
            let begin = start + usize::from(*bytes.get(start)? == b' ');
            match self.char_at(begin) {
                Some('\n') => {
                    start = begin;
                    break begin + bytes[begin..].iter().take_while(|&&b| b == b'\n').count();
                }
                Some(c) if is_ascii_word(c) || (!c.is_ascii() && is_word_char(c)) => {
                    // The space before a word is implicit.
                    start = begin;
                    break self.word_end(begin);
                }
                // Normalized text has no second space.
                Some(' ') => start = begin,
                Some(mark) => break self.mark_end(begin, mark),
                None => return None,
            }
        };
        self.at = end;
        Some(&self.text[start..end])
    }
}

fn is_ascii_word(c: char) -> bool {
    c.is_ascii() && IS_ASCII_WORD[c as usize]
}

#[cfg(test)]
mod tests {
    use crate::text::PreTokenizer;

    fn pieces(style: PreTokenizer, text: &str) -> Vec<String> {
        style.pieces(&style.normalize(text)).into_iter().map(str::to_string).collect()
    }

    fn split(text: &str) -> Vec<String> {
        pieces(PreTokenizer::Plain, text)
    }

    #[test]
    fn the_indentation_of_a_line_is_a_piece_where_it_is_kept() {
        for (text, expected) in [
            ("  a  b\n\t c \n", &["  ", "a", "b", "\n", "\t ", "c", "\n"][..]),
            ("a \r\n  \r\n\t\r\n\u{3000}(b", &["a", "\n\n", "\u{3000}", "(", "b"]),
            ("a\n ", &["a", "\n", " "]),
            ("   \n a ", &["\n", " ", "a"]),
            ("\n(a)\n  字", &["\n", "(", "a", ")", "\n", "  ", "字"]),
        ] {
            assert_eq!(pieces(PreTokenizer::Indented, text), expected, "{text:?}");
        }
        assert_eq!(pieces(PreTokenizer::Indented, &format!("a\n{}b", " ".repeat(255)))[2].len(), 255);
        assert_eq!(pieces(PreTokenizer::Indented, &format!("a\n{}b", " ".repeat(256))), ["a", "\n", "b"]);
    }

    #[test]
    fn punctuation_includes_its_spaces() {
        assert_eq!(
            split("“No,” said he — (well) twice."),
            ["“", "No", ",", "” ", "said", "he", " — ", "(", "well", ") ", "twice", "."]
        );
    }

    #[test]
    fn words_include_apostrophes_and_numbers_include_points() {
        assert_eq!(
            split("don't o’clock dogs' 3.14 1,000. a.b"),
            ["don't", "o’clock", "dogs", "' ", "3.14", "1,000", ". ", "a", ".", "b"]
        );
    }

    #[test]
    fn line_and_paragraph_breaks_are_pieces() {
        assert_eq!(split("a \r\n b\r\rc\n\n \n\nd\t\te"), ["a", "\n", "b", "\n\n", "c", "\n\n", "d", "e"]);
        assert_eq!(split(" \u{3000}a\u{a0} \n"), ["a", "\n"]);
    }

    #[test]
    fn scripts_without_spaces_are_split_into_characters() {
        assert_eq!(split("吾輩は猫"), ["吾", "輩", "は", "猫"]);
        assert_eq!(split("שלום עולם"), ["שלום", "עולם"]);
        assert_eq!(split("ที่นี่"), ["ที่", "นี่"]);
        assert_eq!(split("e\u{301}te"), ["\u{e9}te"]);
    }

    #[test]
    fn joiners_belong_to_words_and_combining_marks_to_their_characters() {
        assert_eq!(split("צה\"ל \"צה״ל\""), ["צה\"ל", " \"", "צה״ל", "\""]);
        assert_eq!(split("می\u{200c}خواهم col·legi"), ["می\u{200c}خواهم", "col·legi"]);
        assert_eq!(split("I ❤\u{fe0f} it 3.၅"), ["I", " ❤\u{fe0f} ", "it", "3", ".", "၅"]);
    }

    #[test]
    fn splitting_changes_no_piece() {
        let texts =
            ["a b, c\r\n\r\n\t“d” e", "one  two (three) ", "吾輩は猫。名前", "a\n\u{301}b c", " x", "", "ab", ". "];
        for style in [PreTokenizer::Plain, PreTokenizer::Indented, PreTokenizer::French, PreTokenizer::Classic] {
            for text in texts {
                let Some(at) = style.last_split(text) else { continue };
                assert!(at > 0);
                let halves = [style.normalize(&text[..at]), style.normalize(&text[at..])];
                let pieces = [style.pieces(&halves[0]), style.pieces(&halves[1])].concat();
                assert_eq!(pieces, style.pieces(&style.normalize(text)), "{text:?} at {at}");
            }
        }
        assert_eq!(PreTokenizer::Plain.last_split("a b, c\n“d"), Some(7));
        assert_eq!(PreTokenizer::Plain.last_split("猫。名前"), Some("猫。名".len()));
        assert_eq!(PreTokenizer::Plain.last_split("abc"), None);
    }
}
