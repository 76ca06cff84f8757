//! Tokenization: encoding text as token ids and decoding it.
//!
//! A [`Tokenizer`] consists of a rule that splits text into pieces ([`PreTokenizer`]) and a vocabulary of pieces.
//! It is stored as a `tokenizer.json` of Hugging Face's tokenizers library.

pub mod bytes;
mod classes;
pub mod classic;
mod clusters;
mod decoder;
mod elision;
mod interner;
mod json;
pub mod plain;
mod pre_tokenizer;
mod separated;
mod typed;
pub mod unwrap;
pub mod vocabulary;

use crate::error::{Error, Result};

pub use decoder::Decoder;
pub use interner::Interner;
pub use pre_tokenizer::PreTokenizer;
pub use typed::Typed;

/// The piece that represents all pieces outside the vocabulary. Its id is always 0; it is never generated.
pub const UNKNOWN: &str = "<unk>";
pub const UNKNOWN_ID: u32 = 0;

/// Special tokens before and after each document, in vocabularies that have them.
pub const BOS: &str = "<bos>";
pub const EOS: &str = "<eos>";

/// A vocabulary and the rule that splits text into its pieces.
#[derive(Clone, Debug)]
pub struct Tokenizer {
    pre_tokenizer: PreTokenizer,
    /// Numbered by their ids.
    pieces: Interner,
    kinds: Vec<TokenKind>,
}

/// Determines whether a space separates a token from its neighbours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum TokenKind {
    /// Separated from adjacent words by a space.
    Word,
    /// A word that is joined to the next one: `l’`.
    Elided,
    /// Counts as a word but is not separated by spaces: a Chinese character.
    Character,
    /// Punctuation, a line break or a special token.
    Mark,
}

impl TokenKind {
    fn of(piece: &str, pre_tokenizer: PreTokenizer) -> Self {
        let is_special = piece == BOS || piece == EOS;
        match pre_tokenizer {
            _ if !pre_tokenizer.is_word_level() && is_special => Self::Mark,
            _ if !pre_tokenizer.is_word_level() => Self::Character,
            PreTokenizer::Classic if is_special => Self::Mark,
            PreTokenizer::Classic => Self::Word,
            PreTokenizer::Tokens if is_special || piece == "\n" => Self::Mark,
            PreTokenizer::Tokens => Self::Word,
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
        let pieces = (0..vocab_size).map(|i| if i == 0 { UNKNOWN.to_string() } else { format!("w{i}") });
        Self::new(PreTokenizer::Classic, pieces).expect("all pieces differ")
    }

    /// Creates a tokenizer from `pieces` in the order of their ids, [`UNKNOWN`] first. Fails if a piece is
    /// duplicated or a byte-level vocabulary lacks a byte.
    pub fn new<P: AsRef<str>>(pre_tokenizer: PreTokenizer, pieces: impl IntoIterator<Item = P>) -> Result<Self> {
        let mut interner = Interner::default();
        for (id, piece) in pieces.into_iter().enumerate() {
            let piece = piece.as_ref();
            if interner.intern(piece) as usize != id {
                return Err(Error::invalid(format!("the token {piece:?} is duplicated")));
            }
        }
        Self::from_interner(pre_tokenizer, interner)
    }

    fn from_interner(pre_tokenizer: PreTokenizer, pieces: Interner) -> Result<Self> {
        if pieces.iter().next() != Some(UNKNOWN) {
            return Err(Error::invalid(format!("the first token must be `{UNKNOWN}`")));
        }
        if pre_tokenizer == PreTokenizer::Byte {
            let is_known = |piece: &str| {
                let mut letters = piece.chars();
                [UNKNOWN, BOS, EOS].contains(&piece)
                    || (letters.next().and_then(bytes::from_char).is_some() && letters.next().is_none())
            };
            if let Some(piece) = pieces.iter().find(|piece| !is_known(piece)) {
                return Err(Error::invalid(format!("the token {piece:?} is not a byte")));
            }
            if let Some(piece) = bytes::pieces().find(|piece| pieces.number(piece).is_none()) {
                return Err(Error::invalid(format!("the byte {piece:?} has no token")));
            }
        }
        let kinds = pieces.iter().map(|piece| TokenKind::of(piece, pre_tokenizer)).collect();
        Ok(Self { pre_tokenizer, pieces, kinds })
    }

    /// Parses the `tokenizer.json` format.
    pub fn from_json(text: &str) -> Result<Self> {
        json::parse(text)
    }

    pub fn to_json(&self) -> String {
        json::write(self)
    }

    pub fn pre_tokenizer(&self) -> PreTokenizer {
        self.pre_tokenizer
    }

    /// The number of tokens, [`UNKNOWN`] included; never zero.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Returns this vocabulary followed by the pieces of `other` that it lacks. Both have the same pre-tokenizer.
    pub fn extended(&self, other: &Self) -> Self {
        let mut pieces = self.pieces.clone();
        pieces.extend(other.pieces.iter());
        Self::from_interner(self.pre_tokenizer, pieces).expect("distinct pieces of two valid vocabularies")
    }

    /// Returns the piece of token `id`; panics if there is no such token.
    pub fn piece(&self, id: u32) -> &str {
        self.pieces.get(id)
    }

    pub fn id(&self, piece: &str) -> Option<u32> {
        self.pieces.number(piece)
    }

    /// The id of `<bos>`, if the vocabulary has it.
    pub fn bos(&self) -> Option<u32> {
        self.id(BOS)
    }

    /// The id of `<eos>`, if the vocabulary has it.
    pub fn eos(&self) -> Option<u32> {
        self.id(EOS)
    }

    /// Returns whether token `id` counts as a word rather than punctuation or a line break. In scripts without
    /// spaces between words, and at the character and byte levels, every character counts.
    pub fn is_word(&self, id: u32) -> bool {
        self.kinds[id as usize] != TokenKind::Mark
    }

    /// Encodes a text; pieces outside the vocabulary become [`UNKNOWN_ID`].
    pub fn encode(&self, text: &str) -> Vec<u32> {
        let normalized = self.pre_tokenizer.normalize(text);
        let mut ids = Vec::new();
        self.pre_tokenizer.each_piece(&normalized, |piece| ids.push(self.id(piece).unwrap_or(UNKNOWN_ID)));
        ids
    }

    /// Like [`encode`](Self::encode), for text typed by a person: a piece outside the vocabulary is also looked up
    /// with the other apostrophe, the other case and other spaces around it. Pieces that remain unknown are left
    /// out of the ids and returned separately.
    pub fn encode_typed(&self, text: &str) -> (Vec<u32>, Vec<String>) {
        typed::encode(self, text)
    }

    /// Like [`encode_typed`](Self::encode_typed), with the unknown pieces in place.
    pub fn typed(&self, text: &str) -> Vec<Typed> {
        typed::pieces(self, text)
    }

    /// Returns the separator between two tokens: a space between words. Other pieces include their own spaces.
    pub fn separator(&self, previous: Option<u32>, next: u32) -> &'static str {
        let kind = |id: u32| self.kinds[id as usize];
        match previous.map(kind) {
            Some(TokenKind::Word) if matches!(kind(next), TokenKind::Word | TokenKind::Elided) => " ",
            _ => "",
        }
    }

    /// Decodes ids, all of which must be below [`len`](Self::len).
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

    fn tokenizer(pre_tokenizer: PreTokenizer, pieces: &[&str]) -> Tokenizer {
        Tokenizer::new(pre_tokenizer, [UNKNOWN].iter().chain(pieces)).unwrap()
    }

    #[test]
    fn unknown_pieces_become_the_unknown_token() {
        let t = tokenizer(PreTokenizer::Plain, &["the", "cat", ". "]);
        assert_eq!(t.encode("the dog. the cat"), [1, 0, 3, 1, 2]);
        assert_eq!(t.decode(&[1, 0, 3, 1, 2]), "the <unk>. the cat");
    }

    #[test]
    fn no_space_follows_an_elided_word() {
        let t = tokenizer(PreTokenizer::French, &["l’", "homme", "et"]);
        assert_eq!(t.decode(&[2, 3, 1, 2]), "homme et l’homme");
        assert!(t.is_word(1));
    }

    #[test]
    fn chinese_characters_count_as_words_without_spaces() {
        let t = tokenizer(PreTokenizer::Plain, &["字", " 母", "word", "。"]);
        assert_eq!(t.decode(&[1, 1, 2, 3, 3, 4]), "字字 母word word。");
        assert_eq!([1, 2, 3, 4].map(|id| t.is_word(id)), [true, true, true, false]);
    }

    #[test]
    fn a_vocabulary_with_a_repeated_piece_is_refused() {
        assert!(Tokenizer::new(PreTokenizer::Plain, ["<unk>", "a", "a"]).is_err());
        assert!(Tokenizer::new(PreTokenizer::Plain, ["a"]).is_err());
        assert!(Tokenizer::new(PreTokenizer::Plain, [""; 0]).is_err());
    }

    #[test]
    fn the_byte_level_has_every_byte_and_nothing_else() {
        let all = || std::iter::once(UNKNOWN.into()).chain(bytes::pieces());
        let t = Tokenizer::new(PreTokenizer::Byte, all()).unwrap();
        assert_eq!(t.decode(&t.encode("é\0字\r\n")), "é\0字\r\n");
        assert_eq!(t.encode("A"), [66]);
        assert!(Tokenizer::new(PreTokenizer::Byte, all().take(256)).unwrap_err().to_string().contains("has no token"));
        assert!(
            Tokenizer::new(PreTokenizer::Byte, all().chain(["ab".into()]))
                .unwrap_err()
                .to_string()
                .contains("not a byte")
        );
    }

    #[test]
    fn json_round_trip() {
        for style in PreTokenizer::ALL.into_iter().filter(|&style| style != PreTokenizer::Byte) {
            let t = tokenizer(style, &["the", "\n\n", ", ", "\"", "字"]);
            let again = Tokenizer::from_json(&t.to_json()).unwrap();
            assert_eq!(again.pre_tokenizer, style);
            assert!(again.pieces.iter().eq(t.pieces.iter()));
        }
    }
}
