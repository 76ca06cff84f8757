//! From ids to text, one at a time.

use super::{BOS, EOS, PreTokenizer, Tokenizer, bytes};

/// Puts a text together as its tokens come. What it gives is always whole characters: the bytes of one that is
/// not complete are held back.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    tokenizer: &'a Tokenizer,
    previous: Option<u32>,
    /// Bytes of a character that has begun.
    begun: Vec<u8>,
}

impl<'a> Decoder<'a> {
    /// `previous` is the token after which the text goes on.
    pub fn new(tokenizer: &'a Tokenizer, previous: Option<u32>) -> Self {
        Self { tokenizer, previous, begun: Vec::new() }
    }

    /// The token after which the text goes on.
    pub fn previous(&self) -> Option<u32> {
        self.previous
    }

    /// What the next token adds to the text, with the blank that parts it from the word before. The mark before
    /// a document adds nothing, the one after it a line break.
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

    /// Bytes that can be no character become U+FFFD.
    fn push_byte(&mut self, byte: u8) -> String {
        let mut text = String::new();
        if !bytes::may_follow(&self.begun, byte) {
            text = self.take_rest();
        }
        self.begun.push(byte);
        match std::str::from_utf8(&self.begun) {
            Ok(whole) => {
                text.push_str(whole);
                self.begun.clear();
            }
            Err(error) if error.error_len().is_some() => text.push_str(&self.take_rest()),
            Err(_) => {}
        }
        text
    }

    /// Whether the next token can begin a character.
    pub fn is_complete(&self) -> bool {
        self.begun.is_empty()
    }

    /// Whether token `id` can come next: at the byte level not every byte makes a character.
    pub fn may_follow(&self, id: u32) -> bool {
        if self.tokenizer.pre_tokenizer() != PreTokenizer::Byte {
            return true;
        }
        let mut letters = self.tokenizer.piece(id).chars();
        match (letters.next().and_then(bytes::from_char), letters.next()) {
            (Some(byte), None) => bytes::may_follow(&self.begun, byte),
            _ => self.begun.is_empty(),
        }
    }

    /// What stands for a character that was never completed.
    pub fn rest(&self) -> &'static str {
        if self.begun.is_empty() { "" } else { "\u{fffd}" }
    }

    fn take_rest(&mut self) -> String {
        let rest = self.rest().to_string();
        self.begun.clear();
        rest
    }
}

#[cfg(test)]
mod tests {
    use crate::text::{BOS, EOS, PreTokenizer, Tokenizer, UNKNOWN, bytes};

    #[test]
    fn half_a_character_is_held_back_and_a_broken_one_replaced() {
        let pieces = [UNKNOWN, BOS, EOS].into_iter().map(Into::into).chain(bytes::pieces()).collect();
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
