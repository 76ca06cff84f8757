//! Encoding of prompts, including words that are not in the vocabulary.

use super::prompt_boundary::PromptBoundary;
use crate::error::{Error, Result};
use crate::text::{Tokenizer, Typed, UNKNOWN_ID};
use unicode_normalization::UnicodeNormalization;

/// How to treat words of the seed text that are not in the vocabulary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnknownWordPolicy {
    /// Skips the word and reports it.
    #[default]
    Skip,
    /// Replaces the word with the unknown token.
    Unk,
    /// Replaces the word with the known word with the closest spelling.
    Nearest,
    /// Fails.
    Error,
}

/// A word that is not in the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownWord {
    pub word: String,
    /// The line and, within it, the character at which the word starts, from 1.
    pub line: usize,
    pub column: usize,
    /// The token that replaces the word, if any.
    pub replacement: Option<String>,
}

/// An encoded text to continue.
#[derive(Clone, Debug, PartialEq)]
pub struct Prompt {
    /// The tokens that the network reads.
    pub ids: Vec<u32>,
    /// The words that are not in the vocabulary.
    pub unknown: Vec<UnknownWord>,
    /// The last token of the text itself; None if it is empty.
    pub(super) previous: Option<u32>,
    /// Determines the spacing before the first generated piece.
    pub(super) boundary: Option<PromptBoundary>,
}

impl Prompt {
    /// Encodes a typed text. An empty one starts a paragraph; if the vocabulary has a token for the beginning of a
    /// document, every text starts a document.
    pub fn new(tokenizer: &Tokenizer, text: &str, policy: UnknownWordPolicy) -> Result<Self> {
        let mut prompt = Self::continuation(tokenizer, text, policy)?;
        let ids = &mut prompt.ids;
        if let Some(begin) = tokenizer.bos() {
            ids.insert(0, begin);
        } else if ids.is_empty() {
            let breaks = ["\n\n", "\n"].map(|line_break| tokenizer.encode(line_break));
            ids.extend(breaks.into_iter().find(|ids| ids.len() == 1 && ids[0] != UNKNOWN_ID).into_iter().flatten());
        }
        Ok(prompt)
    }

    /// Encodes a typed text that follows other text.
    pub fn continuation(tokenizer: &Tokenizer, text: &str, policy: UnknownWordPolicy) -> Result<Self> {
        let (ids, unknown) = encode(tokenizer, text, policy)?;
        let previous = ids.last().copied();
        let is_word_level = tokenizer.pre_tokenizer().is_word_level();
        let boundary = is_word_level.then(|| PromptBoundary::new(text, previous.map(|id| tokenizer.piece(id))));
        Ok(Self { ids, unknown, previous, boundary })
    }

    /// Creates a prompt from tokens, all below `vocab_size`. Adds no token at the beginning.
    pub fn tokens(ids: Vec<u32>) -> Self {
        Self { previous: ids.last().copied(), ids, unknown: Vec::new(), boundary: None }
    }
}

/// Returns the ids of `text` and the words that are not in the vocabulary.
pub fn encode(tokenizer: &Tokenizer, text: &str, policy: UnknownWordPolicy) -> Result<(Vec<u32>, Vec<UnknownWord>)> {
    let (mut ids, mut unknown) = (Vec::new(), Vec::new());
    let mut cursor = Cursor { rest: text, line: 1, column: 1 };
    for piece in tokenizer.typed(text) {
        let word = match piece {
            Typed::Known(id) => {
                cursor.pass_over(tokenizer.piece(id).trim());
                ids.push(id);
                continue;
            }
            Typed::Unknown(word) => word,
        };
        cursor.seek(&word);
        let replacement = match policy {
            UnknownWordPolicy::Skip | UnknownWordPolicy::Error => None,
            UnknownWordPolicy::Unk => Some(UNKNOWN_ID),
            UnknownWordPolicy::Nearest => nearest(tokenizer, &word),
        };
        ids.extend(replacement);
        let replacement = replacement.map(|id| tokenizer.piece(id).trim().to_string());
        unknown.push(UnknownWord { line: cursor.line, column: cursor.column, word: word.clone(), replacement });
        cursor.pass_over(&word);
    }
    if unknown.is_empty() || (policy != UnknownWordPolicy::Error && !ids.is_empty()) {
        return Ok((ids, unknown));
    }
    Err(if policy == UnknownWordPolicy::Error {
        let words = join(&unknown, |w| format!("{:?} (line {}, character {})", w.word, w.line, w.column));
        Error::failure(format!("the seed text contains words that are not in the vocabulary: {words}"))
            .hint("--unknown skip leaves them out")
    } else {
        let words = join(&unknown, |w| format!("{:?}", w.word));
        Error::failure(format!("no word of the seed text is in the vocabulary: {words}"))
            .hint("use words of the book that the model was trained on")
    })
}

fn join(words: &[UnknownWord], show: impl Fn(&UnknownWord) -> String) -> String {
    words.iter().map(show).collect::<Vec<_>>().join(", ")
}

/// A position in the typed text. Some pieces differ from the text (the classic style drops apostrophes), so the
/// positions of pieces are found by a case-insensitive search.
struct Cursor<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
}

impl Cursor<'_> {
    /// Moves to the start of the piece if it is found.
    fn seek(&mut self, piece: &str) {
        if let Some(at) = find(self.rest, piece) {
            self.advance(at);
        }
    }

    /// Moves to the end of the piece if it is found before the next other word.
    fn pass_over(&mut self, piece: &str) {
        if let Some(at) = find(self.rest, piece).filter(|&at| !self.rest[..at].contains(char::is_alphanumeric)) {
            let length = self.rest[at..].chars().take(piece.chars().count()).map(char::len_utf8).sum::<usize>();
            self.advance(at + length);
        }
    }

    fn advance(&mut self, bytes: usize) {
        for c in self.rest[..bytes].chars() {
            (self.line, self.column) = if c == '\n' { (self.line + 1, 1) } else { (self.line, self.column + 1) };
        }
        self.rest = &self.rest[bytes..];
    }
}

/// Returns the first occurrence of the piece, ignoring case.
fn find(text: &str, piece: &str) -> Option<usize> {
    let lower = |c: char| c.to_lowercase().next();
    let mut starts = text.char_indices().map(|(at, _)| at);
    starts.find(|&at| {
        let mut letters = text[at..].chars();
        piece.chars().all(|c| letters.next().and_then(lower) == lower(c))
    })
}

/// Returns the token with the smallest edit distance to `word`, ignoring case (Levenshtein 1966), and the most frequent
/// one among equals. At the character level, returns the character without its diacritics.
pub fn nearest(tokenizer: &Tokenizer, word: &str) -> Option<u32> {
    if !tokenizer.pre_tokenizer().is_word_level() {
        let bare: String = word.nfkd().take(1).collect();
        return [bare.clone(), bare.to_lowercase(), bare.to_uppercase()].iter().find_map(|piece| tokenizer.id(piece));
    }
    let is_word = word.starts_with(char::is_alphanumeric);
    let word = word.to_lowercase();
    let mut best = None;
    for id in 1..tokenizer.len() as u32 {
        let piece = tokenizer.piece(id).trim_matches(' ');
        if tokenizer.is_word(id) != is_word
            || piece.contains('\n')
            || [tokenizer.bos(), tokenizer.eos()].contains(&Some(id))
        {
            continue;
        }
        let distance = strsim::levenshtein(&word, &piece.to_lowercase());
        if best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, id));
        }
    }
    best.map(|(_, id)| id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{PreTokenizer, UNKNOWN};

    fn tokenizer(style: PreTokenizer, pieces: &[&str]) -> Tokenizer {
        Tokenizer::new(style, [UNKNOWN].iter().chain(pieces)).unwrap()
    }

    fn plain() -> Tokenizer {
        tokenizer(PreTokenizer::Plain, &["the", "cat", "sat", ", ", ". ", "\n", "Catherine", "don’t"])
    }

    #[test]
    fn each_policy_treats_unknown_words_differently() {
        let t = plain();
        let text = "The cot, don't\nzebras sat";
        let read = |policy| encode(&t, text, policy).map(|(ids, _)| ids);
        assert_eq!(read(UnknownWordPolicy::Skip).unwrap(), [1, 4, 8, 6, 3]);
        assert_eq!(read(UnknownWordPolicy::Unk).unwrap(), [1, 0, 4, 8, 6, 0, 3]);
        assert_eq!(read(UnknownWordPolicy::Nearest).unwrap()[..2], [1, 2]);
        let message = read(UnknownWordPolicy::Error).unwrap_err().to_string();
        assert!(message.contains("\"cot\" (line 1, character 5), \"zebras\" (line 2, character 1)"), "{message}");
        let (_, unknown) = encode(&t, text, UnknownWordPolicy::Nearest).unwrap();
        assert_eq!((unknown[0].replacement.as_deref(), unknown[0].column), (Some("cat"), 5));
        assert!(encode(&t, "zebra", UnknownWordPolicy::Skip).is_err());
        assert_eq!(encode(&t, "zebra", UnknownWordPolicy::Unk).unwrap().0, [0]);
        assert!(encode(&t, "", UnknownWordPolicy::Error).unwrap().0.is_empty());
    }

    #[test]
    fn unknown_words_have_their_positions_in_the_text() {
        let t = plain();
        // `at` also occurs inside other words.
        let (_, unknown) = encode(&t, "the cat’s catx at cat, at", UnknownWordPolicy::Skip).unwrap();
        let places: Vec<(&str, usize)> = unknown.iter().map(|w| (w.word.as_str(), w.column)).collect();
        assert_eq!(places, [("cat’s", 5), ("catx", 11), ("at", 16), ("at", 24)]);
        let classic = tokenizer(PreTokenizer::Classic, &["the", "dont"]);
        let (_, unknown) = encode(&classic, "DON’T the ZEBRA’S xyz", UnknownWordPolicy::Skip).unwrap();
        assert_eq!((unknown[1].word.as_str(), unknown[1].column), ("xyz", 19));
    }

    #[test]
    fn the_nearest_word_is_the_one_with_the_fewest_changes() {
        let t = plain();
        for (word, expected) in
            [("CATS", "cat"), ("katherine", "Catherine"), ("thee", "the"), (";", ", "), ("dont", "don’t")]
        {
            assert_eq!(t.piece(nearest(&t, word).unwrap()), expected, "{word}");
        }
        let chars = tokenizer(PreTokenizer::Char, &["e", "a"]);
        assert_eq!((nearest(&chars, "é"), nearest(&chars, "Å"), nearest(&chars, "字")), (Some(1), Some(2), None));
    }
}
