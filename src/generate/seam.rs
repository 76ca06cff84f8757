//! Where a seed text ends and the first piece begins. The seed text stays as it was typed, so what the
//! tokenizer would have put between the two must be found from its last characters.

use serde::{Deserialize, Serialize};

use crate::text::plain::is_letter_or_digit;

/// The end of a seed text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seam {
    /// The last character as typed; None where nothing was.
    last: Option<char>,
    /// The last piece that the model read brings a blank with it.
    ends_in_blank: bool,
}

impl Seam {
    /// `last_piece` is the last one of the seed text that the model knows.
    pub fn new(seed_text: &str, last_piece: Option<&str>) -> Self {
        Self { last: seed_text.chars().next_back(), ends_in_blank: last_piece.is_some_and(|p| p.ends_with(' ')) }
    }

    /// The first piece, with the blanks before it that fit the seed text. A text does not begin with a
    /// line break.
    pub fn join(&self, piece: &str) -> String {
        let Some(last) = self.last else {
            return piece.trim_start().into();
        };
        if last.is_whitespace() {
            return piece.trim_start_matches(' ').into();
        }
        // A blank that the model read but nobody typed, or a last word that it does not know.
        let starts_word = piece.starts_with(is_letter_or_digit);
        if starts_word && (self.ends_in_blank || is_letter_or_digit(last)) { format!(" {piece}") } else { piece.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Style, Tokenizer, UNKNOWN};

    #[test]
    fn there_is_one_blank_where_one_belongs() {
        let pieces = [UNKNOWN, "the", "cat", ", ", ".", "“"].into_iter().map(Into::into).collect();
        let tokenizer = Tokenizer::new(Style::Plain, pieces).unwrap();
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
        ] {
            let last = tokenizer.encode_typed(seed_text).0.last().map(|&id| tokenizer.piece(id));
            assert_eq!(Seam::new(seed_text, last).join(piece), expected, "{seed_text:?} + {piece:?}");
        }
    }
}
