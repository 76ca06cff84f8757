//! Where a seed text ends and the first piece begins. The seed text stays as it was typed, so what the
//! tokenizer would have put between the two must be found from its last characters.

use rnn_tools::text::Tokenizer;
use rnn_tools::text::plain::is_letter_or_digit;

/// What the last piece that the model read brings with it.
pub struct Seam {
    ends_in_blank: bool,
}

impl Seam {
    pub fn new(tokenizer: &Tokenizer, seed_text: &str) -> Self {
        let last = tokenizer.encode_typed(seed_text).0.last().copied();
        Self { ends_in_blank: last.is_some_and(|id| tokenizer.piece(id).ends_with(' ')) }
    }

    /// The first piece, with the blanks before it that fit the seed text.
    pub fn join(&self, seed_text: &str, piece: String) -> String {
        let Some(last) = seed_text.chars().next_back() else {
            return piece.trim_start_matches(' ').into();
        };
        if last.is_whitespace() {
            return piece.trim_start_matches(' ').into();
        }
        // A blank that the model read but nobody typed, or a last word that it does not know.
        let starts_word = piece.starts_with(is_letter_or_digit);
        if starts_word && (self.ends_in_blank || is_letter_or_digit(last)) { format!(" {piece}") } else { piece }
    }
}

#[cfg(test)]
mod tests {
    use rnn_tools::text::{Style, UNKNOWN};

    use super::*;

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
        ] {
            let joined = Seam::new(&tokenizer, seed_text).join(seed_text, piece.into());
            assert_eq!(joined, expected, "{seed_text:?} + {piece:?}");
        }
    }
}
