//! The rules for cutting text into pieces.

use super::{bytes, classic, elision, plain};

/// How text is cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreTokenizer {
    /// Words, punctuation and line breaks, so that the text can be put together again: [`plain`].
    Plain,
    /// The same for French: `l’homme` is two words, `aujourd’hui` one: [`elision`].
    French,
    /// The same for Italian, where every apostrophe inside a word ends an elided one.
    Italian,
    /// Lower-case words and nothing else: [`classic`].
    Classic,
    /// Code points, as they stand in the text.
    Char,
    /// The bytes of UTF-8, as they stand in the text: [`bytes`].
    Byte,
}

impl PreTokenizer {
    pub const ALL: [Self; 6] = [Self::Plain, Self::French, Self::Italian, Self::Classic, Self::Char, Self::Byte];

    /// The rule of the word level for a language, by its two-letter code.
    pub fn for_language(code: &str) -> Self {
        match code {
            "fr" => Self::French,
            "it" => Self::Italian,
            _ => Self::Plain,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::French => "plain, French",
            Self::Italian => "plain, Italian",
            Self::Classic => "classic",
            Self::Char => "char",
            Self::Byte => "byte",
        }
    }

    /// Whether the pieces are words, and what stands between them, rather than characters or bytes.
    pub fn is_word_level(self) -> bool {
        !matches!(self, Self::Char | Self::Byte)
    }

    /// The text in the form in which it is cut.
    pub fn normalize(self, text: &str) -> String {
        match self {
            Self::Plain | Self::French | Self::Italian => plain::normalize(text),
            Self::Classic => classic::normalize(text),
            Self::Char => text.into(),
            Self::Byte => bytes::to_chars(text.as_bytes()),
        }
    }

    /// Calls `found` with the pieces of a normalised text, in order. A loop for each style, since millions
    /// of pieces go through it.
    pub fn each_piece<'a>(self, normalized: &'a str, mut found: impl FnMut(&'a str)) {
        match self {
            Self::Plain => plain::Pieces::new(normalized, elision::NONE).for_each(found),
            Self::French => plain::Pieces::new(normalized, elision::FRENCH).for_each(found),
            Self::Italian => plain::Pieces::new(normalized, elision::ITALIAN).for_each(found),
            Self::Classic => normalized.split_ascii_whitespace().for_each(found),
            Self::Char | Self::Byte => {
                let mut rest = normalized;
                while let Some(c) = rest.chars().next() {
                    let (piece, after) = rest.split_at(c.len_utf8());
                    found(piece);
                    rest = after;
                }
            }
        }
    }

    /// The pieces of a normalised text.
    pub fn pieces(self, normalized: &str) -> Vec<&str> {
        let mut pieces = Vec::new();
        self.each_piece(normalized, |piece| pieces.push(piece));
        pieces
    }

    /// The last place in a text where it can be cut in two whose pieces, one after the other, are those of
    /// the whole: so that a text of any length is read in blocks. None where there is no such place.
    pub fn last_split(self, text: &str) -> Option<usize> {
        match self {
            Self::Char | Self::Byte => (!text.is_empty()).then_some(text.len()),
            Self::Classic => plain::last_split(text, false),
            Self::Plain | Self::French | Self::Italian => plain::last_split(text, true),
        }
    }
}
