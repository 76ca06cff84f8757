//! Incremental decoding of token ids.

use super::{BOS, EOS, PreTokenizer, Tokenizer, bytes};

/// Decodes a stream of tokens. Returns complete characters only and holds back the bytes of an incomplete one.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    tokenizer: &'a Tokenizer,
    previous: Option<u32>,
    /// The bytes of an incomplete character.
    pending: Vec<u8>,
}

impl<'a> Decoder<'a> {
    /// Starts decoding after the token `previous`.
    pub fn new(tokenizer: &'a Tokenizer, previous: Option<u32>) -> Self {
        Self { tokenizer, previous, pending: Vec::new() }
    }

    /// Returns the token decoded last.
    pub fn previous(&self) -> Option<u32> {
        self.previous
    }

    /// Returns the text that the next token adds, including the space that separates it from the previous word.
    /// `<bos>` adds nothing, `<eos>` a line break.
    pub fn push(&mut self, id: u32) -> String {
        let (piece, previous) = (self.tokenizer.piece(id), self.previous.replace(id));
        match piece {
            BOS => self.take_rest(),
            EOS => self.take_rest() + "\n",
            _ if self.tokenizer.pre_tokenizer() == PreTokenizer::Byte => {
                match piece.chars().next().and_then(bytes::from_char) {
                    Some(byte) if piece.chars().nth(1).is_none() => self.push_byte(byte),
                    _ => self.take_rest() + piece,
                }
            }
            _ => format!("{}{piece}", self.tokenizer.separator(previous, id)),
        }
    }

    /// Replaces invalid UTF-8 with U+FFFD.
    fn push_byte(&mut self, byte: u8) -> String {
        let mut text = String::new();
        if !bytes::may_follow(&self.pending, byte) {
            text = self.take_rest();
        }
        self.pending.push(byte);
        match std::str::from_utf8(&self.pending) {
            Ok(whole) => {
                text.push_str(whole);
                self.pending.clear();
            }
            Err(error) if error.error_len().is_some() => text.push_str(&self.take_rest()),
            Err(_) => {}
        }
        text
    }

    /// Returns whether no character is incomplete.
    pub fn is_complete(&self) -> bool {
        self.pending.is_empty()
    }

    /// Returns whether token `id` may come next: at the byte level, it must not break a UTF-8 character.
    pub fn may_follow(&self, id: u32) -> bool {
        if self.tokenizer.pre_tokenizer() != PreTokenizer::Byte {
            return true;
        }
        let mut letters = self.tokenizer.piece(id).chars();
        match (letters.next().and_then(bytes::from_char), letters.next()) {
            (Some(byte), None) => bytes::may_follow(&self.pending, byte),
            _ => self.pending.is_empty(),
        }
    }

    /// Returns U+FFFD if the text ends in an incomplete character.
    pub fn rest(&self) -> &'static str {
        if self.pending.is_empty() { "" } else { "\u{fffd}" }
    }

    fn take_rest(&mut self) -> String {
        let rest = self.rest().to_string();
        self.pending.clear();
        rest
    }
}

#[cfg(test)]
mod tests {
    use crate::text::{BOS, EOS, PreTokenizer, Tokenizer, UNKNOWN, bytes};

    #[test]
    fn incomplete_characters_are_held_back_and_invalid_ones_replaced() {
        let pieces = [UNKNOWN, BOS, EOS].into_iter().map(Into::into).chain(bytes::pieces());
        let t = Tokenizer::new(PreTokenizer::Byte, pieces).unwrap();
        let mut decoder = super::Decoder::new(&t, None);
        let id = |byte: u8| u32::from(byte) + 3;
        assert_eq!(decoder.push(id(0xc3)), "");
        assert!(!decoder.is_complete() && decoder.may_follow(id(0xa9)) && !decoder.may_follow(id(b'a')));
        assert!(!decoder.may_follow(2), "no document ends inside a character");
        assert_eq!(decoder.push(id(0xa9)), "é");
        assert_eq!(t.decode(&[id(0xe5), id(b'a'), id(0xff), id(b'b'), id(0xe5)]), "\u{fffd}a\u{fffd}b\u{fffd}");
        assert_eq!(t.decode(&[1, id(b'a'), 2, 1, id(b'b'), 2]), "a\nb\n");
    }
}
