//! From text to token ids and back.
//!
//! A [`Tokenizer`] is a rule for cutting text into pieces ([`Style`]) and a vocabulary of pieces. It is
//! stored as a `tokenizer.json` of Hugging Face's tokenizers library.

pub mod classic;
mod json;
pub mod plain;
pub mod vocabulary;

use rustc_hash::FxHashMap;

/// The piece that stands for every piece outside the vocabulary. Always id 0, and never written.
pub const UNKNOWN: &str = "<unk>";
pub const UNKNOWN_ID: u32 = 0;

/// How text is cut into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Words, punctuation and line breaks, so that the text can be put together again: [`plain`].
    Plain,
    /// Lower-case words and nothing else: [`classic`].
    Classic,
}

impl Style {
    /// The text in the form in which it is cut.
    pub fn normalize(self, text: &str) -> String {
        match self {
            Style::Plain => plain::normalize(text),
            Style::Classic => classic::normalize(text),
        }
    }

    /// The pieces of a normalised text, in order.
    pub fn pieces(self, normalized: &str) -> impl Iterator<Item = &str> {
        let (plain, classic) = match self {
            Style::Plain => (Some(plain::pieces(normalized)), None),
            Style::Classic => (None, Some(normalized.split_whitespace())),
        };
        plain.into_iter().flatten().chain(classic.into_iter().flatten())
    }
}

/// A vocabulary and the rule that cuts text into its pieces.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    style: Style,
    pieces: Vec<Box<str>>,
    ids: FxHashMap<Box<str>, u32>,
    is_word: Vec<bool>,
}

impl Tokenizer {
    /// `pieces` in the order of their ids, [`UNKNOWN`] first. Fails where a piece comes twice.
    pub fn new(style: Style, pieces: Vec<Box<str>>) -> Result<Self, String> {
        if pieces.first().map(|p| &**p) != Some(UNKNOWN) {
            return Err(format!("the first token must be `{UNKNOWN}`"));
        }
        let mut ids = FxHashMap::default();
        for (id, piece) in pieces.iter().enumerate() {
            if ids.insert(piece.clone(), id as u32).is_some() {
                return Err(format!("the token {piece:?} comes twice"));
            }
        }
        let is_word = pieces
            .iter()
            .map(|p| style == Style::Classic || &**p == UNKNOWN || p.starts_with(plain::is_word_char))
            .collect();
        Ok(Self { style, pieces, ids, is_word })
    }

    /// Reads the `tokenizer.json` form.
    pub fn from_json(text: &str) -> Result<Self, String> {
        json::parse(text)
    }

    pub fn to_json(&self) -> String {
        json::write(self)
    }

    pub fn style(&self) -> Style {
        self.style
    }

    /// The number of tokens, [`UNKNOWN`] included; never zero.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The text of token `id`; panics if there is no such token.
    pub fn piece(&self, id: u32) -> &str {
        &self.pieces[id as usize]
    }

    pub fn id(&self, piece: &str) -> Option<u32> {
        self.ids.get(piece).copied()
    }

    /// Whether token `id` is a word, not punctuation or a line break.
    pub fn is_word(&self, id: u32) -> bool {
        self.is_word[id as usize]
    }

    /// The ids of a text; pieces outside the vocabulary become [`UNKNOWN_ID`].
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let normalized = self.style.normalize(text);
        self.style.pieces(&normalized).map(|piece| self.id(piece).unwrap_or(UNKNOWN_ID)).collect()
    }

    /// As [`encode`](Self::encode), for text that a person typed: a piece that is not in the vocabulary is
    /// also tried with the other apostrophe, the other case and other blanks around it. What remains
    /// unknown is left out of the ids and returned beside them.
    pub fn encode_typed(&self, text: &str) -> (Vec<u32>, Vec<String>) {
        let normalized = self.style.normalize(text);
        let (mut ids, mut unknown) = (Vec::new(), Vec::new());
        for piece in self.style.pieces(&normalized) {
            match variants(piece).find_map(|variant| self.id(&variant)) {
                Some(id) => ids.push(id),
                None => unknown.push(piece.trim().to_string()),
            }
        }
        (ids, unknown)
    }

    /// What stands between two tokens: a blank between words; other pieces carry their own blanks.
    pub fn separator(&self, previous: Option<u32>, next: u32) -> &'static str {
        match previous {
            Some(previous) if self.is_word(previous) && self.is_word(next) => " ",
            _ => "",
        }
    }

    /// The text of some ids, all of them below [`len`](Self::len).
    pub fn decode(&self, ids: &[u32]) -> String {
        let mut text = String::new();
        let mut previous = None;
        for &id in ids {
            text.push_str(self.separator(previous, id));
            text.push_str(self.piece(id));
            previous = Some(id);
        }
        text
    }
}

/// A typed piece, and the forms of it that a book may have instead.
fn variants(piece: &str) -> impl Iterator<Item = String> {
    let bare = piece.trim_matches(' ');
    let mut forms = vec![piece.to_string()];
    if piece.starts_with(plain::is_word_char) {
        let spellings = [piece.to_string(), piece.replace('\'', "’"), piece.replace('’', "'")];
        for spelling in spellings {
            let lower = spelling.to_lowercase();
            let mut letters = lower.chars();
            let capital = letters.next().map(|c| c.to_uppercase().chain(letters).collect());
            forms.extend([Some(spelling), Some(lower), capital].into_iter().flatten());
        }
    } else {
        forms.extend([bare.to_string(), format!("{bare} "), format!(" {bare}"), format!(" {bare} ")]);
    }
    forms.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer(style: Style, pieces: &[&str]) -> Tokenizer {
        let all = [UNKNOWN].iter().chain(pieces).map(|p| (*p).into()).collect();
        Tokenizer::new(style, all).unwrap()
    }

    #[test]
    fn unknown_pieces_become_the_unknown_token() {
        let t = tokenizer(Style::Plain, &["the", "cat", ". "]);
        assert_eq!(t.encode("the dog. the cat"), [1, 0, 3, 1, 2]);
        assert_eq!(t.decode(&[1, 0, 3, 1, 2]), "the <unk>. the cat");
    }

    #[test]
    fn typed_text_finds_other_spellings_and_names_the_rest() {
        let t = tokenizer(Style::Plain, &["don’t", "Once", "the", ", "]);
        let (ids, unknown) = t.encode_typed("once, don't THE zebra");
        assert_eq!(ids, [2, 4, 1, 3]);
        assert_eq!(unknown, ["zebra"]);
    }

    #[test]
    fn a_vocabulary_with_a_repeated_piece_is_refused() {
        let pieces = ["<unk>", "a", "a"].iter().map(|p| (*p).into()).collect();
        assert!(Tokenizer::new(Style::Plain, pieces).is_err());
        assert!(Tokenizer::new(Style::Plain, vec!["a".into()]).is_err());
    }

    #[test]
    fn survives_its_own_json() {
        for style in [Style::Plain, Style::Classic] {
            let t = tokenizer(style, &["the", "\n\n", ", ", "\"", "字"]);
            let again = Tokenizer::from_json(&t.to_json()).unwrap();
            assert_eq!((again.style, &again.pieces), (style, &t.pieces));
        }
    }
}
