//! The boundary between a seed text and the first generated piece. The seed text is printed as typed, so the spacing
//! that the tokenizer would put between the two follows from its last characters.

use serde::{Deserialize, Serialize};

use crate::text::plain::is_letter_or_digit;

/// The end of a seed text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PromptBoundary {
    /// The last character as typed; None if the text is empty.
    last: Option<char>,
    /// Whether the last piece that the model read ends with a space.
    ends_in_blank: bool,
}

impl PromptBoundary {
    /// `last_piece`: the last piece of the seed text that is in the vocabulary.
    pub fn new(seed_text: &str, last_piece: Option<&str>) -> Self {
        Self { last: seed_text.chars().next_back(), ends_in_blank: last_piece.is_some_and(|p| p.ends_with(' ')) }
    }

    /// Returns the first piece with the leading space that fits the seed text. A text does not start with a line break.
    pub fn join(&self, piece: &str) -> String {
        let is_indentation = piece.trim().is_empty() && !piece.contains('\n');
        if is_indentation {
            return piece.into();
        }
        let Some(last) = self.last else {
            return piece.trim_start().into();
        };
        if last.is_whitespace() {
            return piece.trim_start_matches(' ').into();
        }
        // The model read a space that was not typed, or the last word is unknown.
        let starts_word = piece.starts_with(is_letter_or_digit);
        if starts_word && (self.ends_in_blank || is_letter_or_digit(last)) { format!(" {piece}") } else { piece.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{PreTokenizer, Tokenizer, UNKNOWN};

    #[test]
    fn there_is_a_single_space_where_one_belongs() {
        let pieces = [UNKNOWN, "the", "cat", ", ", ".", "“"];
        let tokenizer = Tokenizer::new(PreTokenizer::Plain, pieces).unwrap();
        for (seed_text, piece, expected) in [
            ("the", " cat", " cat"),
            ("the ", " cat", "cat"),
            ("the\n", " cat", "cat"),
            ("the,", "cat", " cat"),
            ("the, ", "cat", "cat"),
            ("the, zebra", "cat", " cat"),
            ("the “", "cat", "cat"),
            ("the", ". ", ". "),
            ("", " cat", "cat"),
            ("", "\n\n", ""),
            ("the\n", "\t ", "\t "),
            ("", "  ", "  "),
        ] {
            let last = tokenizer.encode_typed(seed_text).0.last().map(|&id| tokenizer.piece(id));
            assert_eq!(PromptBoundary::new(seed_text, last).join(piece), expected, "{seed_text:?} + {piece:?}");
        }
    }
}
