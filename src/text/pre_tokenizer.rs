//! The rules that normalize text and split it into pieces.

use super::{bytes, classic, clusters, elision, plain, separated};

/// A rule that normalizes text and splits it into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PreTokenizer {
    /// Words, punctuation and line breaks, from which the text can be restored: [`plain`].
    Plain,
    /// [`Plain`](Self::Plain) with the indentation of lines, for code and verse.
    Indented,
    /// [`Plain`](Self::Plain) for French: `l’homme` is two words, `aujourd’hui` one; see [`elision`].
    French,
    /// [`Plain`](Self::Plain) for Italian, where every apostrophe inside a word ends an elided word.
    Italian,
    /// Lower-case words and nothing else: [`classic`].
    Classic,
    /// Text that is tokenized already, without normalization: [`separated`].
    Tokens,
    /// Grapheme clusters, which readers take for characters, without normalization: [`clusters`].
    Char,
    /// Code points, without normalization.
    Codepoint,
    /// The bytes of the UTF-8 encoding, without normalization: [`bytes`].
    Byte,
}

impl PreTokenizer {
    pub const ALL: [Self; 9] = [
        Self::Plain,
        Self::Indented,
        Self::French,
        Self::Italian,
        Self::Classic,
        Self::Tokens,
        Self::Char,
        Self::Codepoint,
        Self::Byte,
    ];

    /// Returns the word-level rule for a language, given its two-letter code.
    pub fn for_language(code: &str) -> Self {
        match code {
            "fr" => Self::French,
            "it" => Self::Italian,
            _ => Self::Plain,
        }
    }

    /// Returns the name of the level, as `--level` spells it, followed by the language if it has a rule of its own, or
    /// by a note that indentation is kept.
    pub fn name(self) -> String {
        let note = self.language().or(self.keeps_indent().then_some("with indentation"));
        note.map_or_else(|| self.level().into(), |note| format!("{} ({note})", self.level()))
    }

    /// Returns whether the indentation of lines is kept as pieces of their own.
    pub fn keeps_indent(self) -> bool {
        self == Self::Indented
    }

    /// Returns the language that has a rule of its own, as `--language` spells it.
    pub fn language(self) -> Option<&'static str> {
        match self {
            Self::French => Some("fr"),
            Self::Italian => Some("it"),
            _ => None,
        }
    }

    /// Returns the name of the level, as `--level` spells it.
    pub fn level(self) -> &'static str {
        match self {
            Self::Plain | Self::Indented | Self::French | Self::Italian => "word",
            Self::Classic => "classic",
            Self::Tokens => "tokens",
            Self::Char => "char",
            Self::Codepoint => "codepoint",
            Self::Byte => "byte",
        }
    }

    /// Returns whether the pieces are words and punctuation rather than characters or bytes.
    pub fn is_word_level(self) -> bool {
        !matches!(self, Self::Char | Self::Codepoint | Self::Byte)
    }

    /// Returns a piece as shown to a reader: at the word level without the spaces around it, unless it is an indentation.
    pub fn shown(self, piece: &str) -> &str {
        match piece.trim() {
            bare if self.is_word_level() && !bare.is_empty() => bare,
            _ => piece,
        }
    }

    /// Normalizes a text for splitting.
    pub fn normalize(self, text: &str) -> String {
        match self {
            Self::Plain | Self::French | Self::Italian => plain::normalize(text, false),
            Self::Indented => plain::normalize(text, true),
            Self::Classic => classic::normalize(text),
            Self::Tokens | Self::Char | Self::Codepoint => text.into(),
            Self::Byte => bytes::to_chars(text.as_bytes()),
        }
    }

    /// Calls `found` with the pieces of a normalized text, in order. One loop per variant, for speed.
    pub fn each_piece<'a>(self, normalized: &'a str, mut found: impl FnMut(&'a str)) {
        match self {
            Self::Plain => plain::Pieces::new(normalized, elision::NONE).for_each(found),
            Self::Indented => plain::Pieces::with_indent(normalized).for_each(found),
            Self::French => plain::Pieces::new(normalized, elision::FRENCH).for_each(found),
            Self::Italian => plain::Pieces::new(normalized, elision::ITALIAN).for_each(found),
            Self::Classic => normalized.split_ascii_whitespace().for_each(found),
            Self::Tokens => separated::each(normalized, found),
            Self::Char => clusters::each(normalized, found),
            Self::Codepoint | Self::Byte => {
                let mut rest = normalized;
                while let Some(c) = rest.chars().next() {
                    let (piece, after) = rest.split_at(c.len_utf8());
                    found(piece);
                    rest = after;
                }
            }
        }
    }

    /// Returns the pieces of a normalized text.
    pub fn pieces(self, normalized: &str) -> Vec<&str> {
        let mut pieces = Vec::new();
        self.each_piece(normalized, |piece| pieces.push(piece));
        pieces
    }

    /// Returns the last position at which a text can be split without changing its pieces, so that texts of any
    /// length can be processed in blocks. Returns None if there is no such position.
    pub fn last_split(self, text: &str) -> Option<usize> {
        match self {
            Self::Char => clusters::last_start(text),
            Self::Codepoint | Self::Byte => (!text.is_empty()).then_some(text.len()),
            Self::Classic | Self::Tokens => plain::last_split(text, false),
            Self::Plain | Self::Indented | Self::French | Self::Italian => plain::last_split(text, true),
        }
    }
}
