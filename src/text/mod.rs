//! From text to token ids and back.
//!
//! A [`Tokenizer`] is a rule for cutting text into pieces ([`PreTokenizer`]) and a vocabulary of pieces. It is
//! stored as a `tokenizer.json` of Hugging Face's tokenizers library.

pub mod bytes;
mod classes;
pub mod classic;
mod decoder;
mod elision;
mod json;
pub mod plain;
mod pre_tokenizer;
mod typed;
pub mod unwrap;
pub mod vocabulary;

use rustc_hash::FxHashMap;

use crate::error::{Error, Result};

pub use decoder::Decoder;
pub use pre_tokenizer::PreTokenizer;
pub use typed::Typed;

/// The piece that stands for every piece outside the vocabulary. Always id 0, and never written.
pub const UNKNOWN: &str = "<unk>";
pub const UNKNOWN_ID: u32 = 0;

/// Pieces that no text contains, where a vocabulary has them: they stand before and after each document.
pub const BOS: &str = "<bos>";
pub const EOS: &str = "<eos>";

/// A vocabulary and the rule that cuts text into its pieces.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    style: PreTokenizer,
    pieces: Vec<Box<str>>,
    ids: FxHashMap<Box<str>, u32>,
    /// What each token is beside the words around it.
    kinds: Vec<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Parted by a blank from a word beside it.
    Word,
    /// A word that leans on the next one: `l’`.
    Elided,
    /// Counted as a word, but no blank parts it from another: a character of Chinese.
    Character,
    /// Punctuation or a line break.
    Mark,
}

impl Kind {
    fn of(piece: &str, style: PreTokenizer) -> Self {
        let is_mark_of_documents = piece == BOS || piece == EOS;
        match style {
            PreTokenizer::Char | PreTokenizer::Byte if is_mark_of_documents => Self::Mark,
            PreTokenizer::Char | PreTokenizer::Byte => Self::Character,
            PreTokenizer::Classic if is_mark_of_documents => Self::Mark,
            PreTokenizer::Classic => Self::Word,
            _ if piece == UNKNOWN => Self::Word,
            _ if piece.starts_with(plain::is_word_char) => {
                if piece.ends_with(plain::is_word_char) {
                    Self::Word
                } else {
                    Self::Elided
                }
            }
            _ if piece.trim_start_matches(' ').starts_with(plain::is_letter_or_digit) => Self::Character,
            _ => Self::Mark,
        }
    }
}

impl Tokenizer {
    /// A vocabulary of `<unk>`, `w1`, `w2` ...: for tests and benchmarks.
    #[doc(hidden)]
    pub fn numbered(vocab_size: usize) -> Self {
        let pieces = (0..vocab_size).map(|i| if i == 0 { UNKNOWN.into() } else { format!("w{i}").into() });
        Self::new(PreTokenizer::Classic, pieces.collect()).expect("all pieces differ")
    }

    /// `pieces` in the order of their ids, [`UNKNOWN`] first. Fails where a piece comes twice, and where the
    /// byte level does not have every byte.
    pub fn new(style: PreTokenizer, pieces: Vec<Box<str>>) -> Result<Self> {
        if pieces.first().map(|p| &**p) != Some(UNKNOWN) {
            return Err(Error::invalid(format!("the first token must be `{UNKNOWN}`")));
        }
        let mut ids = FxHashMap::default();
        for (id, piece) in pieces.iter().enumerate() {
            if ids.insert(piece.clone(), id as u32).is_some() {
                return Err(Error::invalid(format!("the token {piece:?} comes twice")));
            }
        }
        if style == PreTokenizer::Byte {
            let is_known = |piece: &str| {
                let mut letters = piece.chars();
                [UNKNOWN, BOS, EOS].contains(&piece)
                    || (letters.next().and_then(bytes::from_char).is_some() && letters.next().is_none())
            };
            if let Some(piece) = pieces.iter().find(|piece| !is_known(piece)) {
                return Err(Error::invalid(format!("the token {piece:?} is not a byte")));
            }
            if let Some(piece) = bytes::pieces().find(|piece| !ids.contains_key(piece)) {
                return Err(Error::invalid(format!("the byte {piece:?} has no token")));
            }
        }
        let kinds = pieces.iter().map(|piece| Kind::of(piece, style)).collect();
        Ok(Self { style, pieces, ids, kinds })
    }

    /// Reads the `tokenizer.json` form.
    pub fn from_json(text: &str) -> Result<Self> {
        json::parse(text)
    }

    pub fn to_json(&self) -> String {
        json::write(self)
    }

    pub fn pre_tokenizer(&self) -> PreTokenizer {
        self.style
    }

    /// The number of tokens, [`UNKNOWN`] included; never zero.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// This vocabulary, and after it the pieces of another of the same style that are not in it.
    pub fn extended(&self, other: &Self) -> Self {
        let new = other.pieces.iter().filter(|piece| self.id(piece).is_none());
        let pieces = self.pieces.iter().chain(new).cloned().collect();
        Self::new(self.style, pieces).expect("pieces of two good vocabularies, each once")
    }

    /// Token `id` as it stands in the vocabulary; panics if there is no such token.
    pub fn piece(&self, id: u32) -> &str {
        &self.pieces[id as usize]
    }

    pub fn id(&self, piece: &str) -> Option<u32> {
        self.ids.get(piece).copied()
    }

    /// The token before each document, where the texts are documents.
    pub fn bos(&self) -> Option<u32> {
        self.id(BOS)
    }

    /// The token after each document.
    pub fn eos(&self) -> Option<u32> {
        self.id(EOS)
    }

    /// Whether token `id` counts as a word: not punctuation nor a line break. Of scripts without blanks between
    /// words, and at the levels of characters and bytes, every character does.
    pub fn is_word(&self, id: u32) -> bool {
        self.kinds[id as usize] != Kind::Mark
    }

    /// The ids of a text; pieces outside the vocabulary become [`UNKNOWN_ID`].
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let normalized = self.style.normalize(text);
        let mut ids = Vec::new();
        self.style.each_piece(&normalized, |piece| ids.push(self.id(piece).unwrap_or(UNKNOWN_ID)));
        ids
    }

    /// As [`encode`](Self::encode), for text that a person typed: a piece that is not in the vocabulary is
    /// also tried with the other apostrophe, the other case and other blanks around it. What remains
    /// unknown is left out of the ids and returned beside them.
    pub fn encode_typed(&self, text: &str) -> (Vec<u32>, Vec<String>) {
        typed::encode(self, text)
    }

    /// The same, with the unknown pieces in their places.
    pub fn typed(&self, text: &str) -> Vec<Typed> {
        typed::pieces(self, text)
    }

    /// What stands between two tokens: a blank between words; other pieces carry their own blanks.
    pub fn separator(&self, previous: Option<u32>, next: u32) -> &'static str {
        let kind = |id: u32| self.kinds[id as usize];
        match previous.map(kind) {
            Some(Kind::Word) if matches!(kind(next), Kind::Word | Kind::Elided) => " ",
            _ => "",
        }
    }

    /// The text of some ids, all of them below [`len`](Self::len).
    pub fn decode(&self, ids: &[u32]) -> String {
        let mut decoder = Decoder::new(self, None);
        let mut text = String::new();
        ids.iter().for_each(|&id| text.push_str(&decoder.push(id)));
        text.push_str(decoder.rest());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer(style: PreTokenizer, pieces: &[&str]) -> Tokenizer {
        let all = [UNKNOWN].iter().chain(pieces).map(|p| (*p).into()).collect();
        Tokenizer::new(style, all).unwrap()
    }

    #[test]
    fn unknown_pieces_become_the_unknown_token() {
        let t = tokenizer(PreTokenizer::Plain, &["the", "cat", ". "]);
        assert_eq!(t.encode("the dog. the cat"), [1, 0, 3, 1, 2]);
        assert_eq!(t.decode(&[1, 0, 3, 1, 2]), "the <unk>. the cat");
    }

    #[test]
    fn an_elided_word_leans_on_the_next() {
        let t = tokenizer(PreTokenizer::French, &["l’", "homme", "et"]);
        assert_eq!(t.decode(&[2, 3, 1, 2]), "homme et l’homme");
        assert!(t.is_word(1));
    }

    #[test]
    fn characters_of_chinese_count_as_words_and_stand_together() {
        let t = tokenizer(PreTokenizer::Plain, &["字", " 母", "word", "。"]);
        assert_eq!(t.decode(&[1, 1, 2, 3, 3, 4]), "字字 母word word。");
        assert_eq!([1, 2, 3, 4].map(|id| t.is_word(id)), [true, true, true, false]);
    }

    #[test]
    fn a_vocabulary_with_a_repeated_piece_is_refused() {
        let pieces = ["<unk>", "a", "a"].iter().map(|p| (*p).into()).collect();
        assert!(Tokenizer::new(PreTokenizer::Plain, pieces).is_err());
        assert!(Tokenizer::new(PreTokenizer::Plain, vec!["a".into()]).is_err());
    }

    #[test]
    fn the_byte_level_has_every_byte_and_nothing_else() {
        let all = || std::iter::once(UNKNOWN.into()).chain(bytes::pieces());
        let t = Tokenizer::new(PreTokenizer::Byte, all().collect()).unwrap();
        assert_eq!(t.decode(&t.encode("é\0字\r\n")), "é\0字\r\n");
        assert_eq!(t.encode("A"), [66]);
        assert!(
            Tokenizer::new(PreTokenizer::Byte, all().take(256).collect())
                .unwrap_err()
                .to_string()
                .contains("has no token")
        );
        assert!(
            Tokenizer::new(PreTokenizer::Byte, all().chain(["ab".into()]).collect())
                .unwrap_err()
                .to_string()
                .contains("not a byte")
        );
    }

    #[test]
    fn survives_its_own_json() {
        for style in PreTokenizer::ALL.into_iter().filter(|&style| style != PreTokenizer::Byte) {
            let t = tokenizer(style, &["the", "\n\n", ", ", "\"", "字"]);
            let again = Tokenizer::from_json(&t.to_json()).unwrap();
            assert_eq!((again.style, &again.pieces), (style, &t.pieces));
        }
    }
}
