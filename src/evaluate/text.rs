//! Texts to evaluate: tokens, and the counts that metrics need.

use crate::text::{Decoder, PreTokenizer, Tokenizer, UNKNOWN_ID};

/// A text, which is read from the initial state.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    pub tokens: Vec<u32>,
    /// The number of tokens at the start that are read but not scored.
    pub context: usize,
    /// The numbers of characters and words in the scored part.
    pub characters: usize,
    pub words: usize,
    /// The pieces that are not in the vocabulary, in order. Empty for a text that was read as tokens.
    pub unknown: Vec<String>,
}

/// A token and its text.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub id: u32,
    /// The text, including the space that separates it from the previous word.
    pub text: String,
}

impl Text {
    /// Tokenizes a text. If the tokenizer has document tokens, the text is a complete document; otherwise it starts a
    /// paragraph, if the vocabulary has a paragraph break.
    pub fn new(tokenizer: &Tokenizer, text: &str) -> Self {
        let style = tokenizer.pre_tokenizer();
        let normalized = style.normalize(text);
        let mut tokens: Vec<u32> = tokenizer.bos().or_else(|| paragraph(tokenizer)).into_iter().collect();
        let context = tokens.len();
        let mut unknown = Vec::new();
        style.each_piece(&normalized, |piece| {
            tokens.push(tokenizer.id(piece).unwrap_or_else(|| {
                unknown.push(style.shown(piece).to_string());
                UNKNOWN_ID
            }));
        });
        let words = words(tokenizer, &tokens[context..], text);
        if !tokens[context..].is_empty() {
            tokens.extend(tokenizer.eos());
        }
        // Byte-level tokenizers map bytes to other characters.
        let characters = if style == PreTokenizer::Byte { text } else { &normalized }.chars().count();
        Self { tokens, context, characters, words, unknown }
    }

    /// Creates a text from a split of a token file, or a document in it. The first token is not scored.
    pub fn from_tokens(tokenizer: &Tokenizer, tokens: &[u32]) -> Self {
        let context = tokens.len().min(1);
        let text = tokenizer.decode(&tokens[context..]);
        let words = words(tokenizer, &tokens[context..], &text);
        Self { tokens: tokens.to_vec(), context, characters: text.chars().count(), words, unknown: Vec::new() }
    }

    /// Returns the targets with the text that each adds; concatenated, they are the text that the model read.
    pub fn pieces(&self, tokenizer: &Tokenizer) -> Vec<Piece> {
        let mut decoder = Decoder::new(tokenizer, self.tokens[..self.context].last().copied());
        self.targets().iter().map(|&id| Piece { id, text: decoder.push(id) }).collect()
    }

    /// Returns the tokens that are scored.
    pub fn targets(&self) -> &[u32] {
        &self.tokens[self.context..]
    }
}

/// Returns the token of a paragraph break.
fn paragraph(tokenizer: &Tokenizer) -> Option<u32> {
    let breaks = ["\n\n", "\n"].map(|line_break| tokenizer.encode(line_break));
    breaks.into_iter().find(|ids| ids.len() == 1 && ids[0] != UNKNOWN_ID).map(|ids| ids[0])
}

fn words(tokenizer: &Tokenizer, tokens: &[u32], text: &str) -> usize {
    if tokenizer.pre_tokenizer().is_word_level() {
        tokens.iter().filter(|&&id| tokenizer.is_word(id)).count()
    } else {
        text.split_whitespace().count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokenizer(style: PreTokenizer, pieces: &[&str]) -> Tokenizer {
        Tokenizer::new(style, ["<unk>"].iter().chain(pieces)).unwrap()
    }

    #[test]
    fn texts_start_a_document_or_a_paragraph() {
        let plain = tokenizer(PreTokenizer::Plain, &["the", "cat", ". ", "\n"]);
        let text = Text::new(&plain, "the zebra. cat");
        assert_eq!((text.tokens, text.context), (vec![4, 1, 0, 3, 2], 1));
        assert_eq!((text.characters, text.words, text.unknown), (14, 3, vec!["zebra".to_string()]));
        let documents = tokenizer(PreTokenizer::Plain, &["<bos>", "<eos>", "the"]);
        assert_eq!(Text::new(&documents, "the").tokens, [1, 3, 2]);
        assert!(Text::new(&documents, " ").targets().is_empty());
        let classic = tokenizer(PreTokenizer::Classic, &["the"]);
        assert_eq!((Text::new(&classic, "The the!").targets(), Text::new(&classic, "the").context), (&[1, 1][..], 0));
    }

    #[test]
    fn characters_and_words_are_counted_at_every_level() {
        let char = tokenizer(PreTokenizer::Char, &["a", " "]);
        let text = Text::new(&char, "a aa");
        assert_eq!((text.targets().len(), text.characters, text.words), (4, 4, 2));
        let pieces = [crate::text::UNKNOWN.into()].into_iter().chain(crate::text::bytes::pieces());
        let byte = Tokenizer::new(PreTokenizer::Byte, pieces).unwrap();
        let text = Text::new(&byte, "é a");
        assert_eq!((text.targets().len(), text.characters, text.words), (4, 3, 2));
        let again = Text::from_tokens(&byte, &text.tokens);
        assert_eq!((again.targets(), again.characters, again.words), (text.targets(), 3, 2));
    }
}
