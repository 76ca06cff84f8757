//! The default word level: text is cut into words, punctuation and line breaks in such a way that the
//! pieces, put together again, are the text.
//!
//! A blank between two words belongs to neither, since there nearly always is one. Every other
//! character is a piece of its own that carries the blanks around it (`", "`, `" ("`, `"—"`), so `,` at
//! the end of a word and `,` inside a quotation are told apart only by what is really on the page.
//! Scripts written without blanks between words (Chinese, Japanese, Thai …) are cut into characters.
//!
//! [`PATTERN`] says the same as a regular expression, for the `tokenizer.json`.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

/// [`normalize`], as replacements in order (Oniguruma syntax), after NFC.
pub const NORMALIZATION: [(&str, &str); 4] =
    [(r"\r\n?", "\n"), (r"[\t\p{Zs}]+", " "), (r" ?\n ?", "\n"), (r"\n\n+", "\n\n")];

macro_rules! unparted {
    () => {
        r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
    };
}
macro_rules! word_char {
    () => {
        concat!(r"[\p{L}\p{M}\p{N}_&&[^", unparted!(), "]]")
    };
}

/// [`pieces`], as the regular expression that finds them one after the other (Oniguruma syntax): words, line
/// breaks, single other characters.
#[rustfmt::skip]
pub const PATTERN: &str = concat!(
    word_char!(), "+(?:", r"(?:['’]|(?<=\p{N})[.,](?=\p{N}))", word_char!(), "+)*",
    r"|\n+",
    r"| ?(?:[^ \n\p{L}\p{M}\p{N}_]|[", unparted!(), "]) ?"
);

/// Characters of which words are made: letters, marks, digits and `_`, of scripts with blanks between words.
pub fn is_word_char(c: char) -> bool {
    c == '_' || (is_letter_or_digit(c) && (c.is_ascii() || !has_no_word_blanks(c)))
}

/// Letters, combining marks and digits of any script.
pub fn is_letter_or_digit(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    use GeneralCategoryGroup::{Letter, Mark, Number};
    matches!(c.general_category_group(), Letter | Mark | Number)
}

fn has_no_word_blanks(c: char) -> bool {
    use Script::{Han, Hiragana, Katakana, Khmer, Lao, Myanmar, Thai};
    matches!(c.script(), Han | Hiragana | Katakana | Khmer | Lao | Myanmar | Thai)
}

fn is_number(c: char) -> bool {
    c.is_ascii_digit() || (!c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Number)
}

fn is_blank(c: char) -> bool {
    c == ' ' || c == '\t' || (!c.is_ascii() && c.general_category() == GeneralCategory::SpaceSeparator)
}

/// NFC, LF line ends, one blank for a run of blanks, none at line ends, one empty line for several.
pub fn normalize(text: &str) -> String {
    match is_nfc_quick(text.chars()) {
        IsNormalized::Yes => squeeze(text.chars(), text.len()),
        _ => squeeze(text.nfc(), text.len()),
    }
}

fn squeeze(chars: impl Iterator<Item = char>, capacity: usize) -> String {
    let mut out = String::with_capacity(capacity);
    let (mut blank, mut breaks, mut after_return) = (false, 0, false);
    for c in chars {
        if c == '\n' || c == '\r' {
            breaks += usize::from(!(c == '\n' && after_return));
        } else if is_blank(c) {
            blank = true;
        } else {
            flush(&mut out, blank, breaks);
            (blank, breaks) = (false, 0);
            out.push(c);
        }
        after_return = c == '\r';
    }
    flush(&mut out, blank, breaks);
    out
}

fn flush(out: &mut String, blank: bool, breaks: usize) {
    match breaks {
        0 if blank => out.push(' '),
        0 => {}
        1 => out.push('\n'),
        _ => out.push_str("\n\n"),
    }
}

/// The pieces of a normalised text.
pub fn pieces(text: &str) -> Pieces<'_> {
    Pieces { rest: text }
}

pub struct Pieces<'a> {
    rest: &'a str,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let first = self.rest.chars().next()?;
        let length = if is_word_char(first) {
            word_length(self.rest)
        } else if first == '\n' {
            self.rest.bytes().take_while(|&b| b == b'\n').count()
        } else {
            match mark_length(self.rest) {
                Some(length) => length,
                None => {
                    // A blank between words, or at an end.
                    self.rest = &self.rest[1..];
                    return self.next();
                }
            }
        };
        let (piece, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(piece)
    }
}

/// Bytes of the word that `text` starts with: letters, digits and marks, with apostrophes inside it and
/// points or commas inside its numbers.
fn word_length(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    let mut previous = ' ';
    while let Some((at, c)) = chars.next() {
        let joins = |next: char| match c {
            '\'' | '’' => is_word_char(next),
            '.' | ',' => is_number(previous) && is_number(next),
            _ => false,
        };
        if !is_word_char(c) && !chars.peek().is_some_and(|&(_, next)| joins(next)) {
            return at;
        }
        previous = c;
    }
    text.len()
}

/// Bytes of a single other character with the blanks around it; none if there is only a blank.
fn mark_length(text: &str) -> Option<usize> {
    let after_blank = text.strip_prefix(' ').unwrap_or(text);
    let mark = after_blank.chars().next().filter(|&c| c != '\n' && c != ' ' && !is_word_char(c))?;
    let end = text.len() - after_blank.len() + mark.len_utf8();
    Some(end + usize::from(text[end..].starts_with(' ')))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        pieces(&normalize(text)).map(str::to_string).collect()
    }

    #[test]
    fn punctuation_carries_its_blanks() {
        assert_eq!(
            cut("“No,” said he — (well) twice."),
            ["“", "No", ",", "” ", "said", "he", " — ", "(", "well", ") ", "twice", "."]
        );
    }

    #[test]
    fn words_keep_apostrophes_and_numbers_their_points() {
        assert_eq!(
            cut("don't o’clock dogs' 3.14 1,000. a.b"),
            ["don't", "o’clock", "dogs", "' ", "3.14", "1,000", ". ", "a", ".", "b"]
        );
    }

    #[test]
    fn line_and_paragraph_breaks_are_pieces() {
        assert_eq!(cut("a \r\n b\r\rc\n\n \n\nd\t\te"), ["a", "\n", "b", "\n\n", "c", "\n\n", "d", "e"]);
    }

    #[test]
    fn scripts_without_blanks_are_cut_into_characters() {
        assert_eq!(cut("吾輩は猫"), ["吾", "輩", "は", "猫"]);
        assert_eq!(cut("שלום עולם"), ["שלום", "עולם"]);
        assert_eq!(cut("e\u{301}te"), ["\u{e9}te"]);
    }
}
