//! Lenient encoding of user-entered text, whose spelling may differ from that of the vocabulary.

use super::{PreTokenizer, Tokenizer, plain};

/// A piece of typed text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    Known(u32),
    /// The piece as typed; at the word level, without the spaces around it.
    Unknown(String),
}

/// Returns the pieces of a text, looking up variants of those outside the vocabulary.
pub fn pieces(tokenizer: &Tokenizer, text: &str) -> Vec<Typed> {
    let style = tokenizer.pre_tokenizer();
    let normalized = style.normalize(text);
    let mut pieces = Vec::new();
    style.each_piece(&normalized, |piece| {
        let known = tokenizer.id(piece);
        pieces.push(match known.or_else(|| variants(style, piece).find_map(|variant| tokenizer.id(&variant))) {
            Some(id) => Typed::Known(id),
            None => Typed::Unknown(style.shown(piece).to_string()),
        });
    });
    join_elided(tokenizer, &mut pieces, &normalized);
    pieces
}

/// Returns the ids of the known pieces and, separately, the unknown pieces.
pub fn encode(tokenizer: &Tokenizer, text: &str) -> (Vec<u32>, Vec<String>) {
    let (mut ids, mut unknown) = (Vec::new(), Vec::new());
    for piece in pieces(tokenizer, text) {
        match piece {
            Typed::Known(id) => ids.push(id),
            Typed::Unknown(word) => unknown.push(word),
        }
    }
    (ids, unknown)
}

/// Joins a final word and apostrophe, such as `l` and `’`, if the vocabulary has the elided word: an apostrophe at
/// the end of a text is otherwise a separate piece, but here more text will follow.
fn join_elided(tokenizer: &Tokenizer, pieces: &mut Vec<Typed>, text: &str) {
    let &[.., Typed::Known(word), Typed::Known(apostrophe)] = &pieces[..] else { return };
    let (word, apostrophe) = (tokenizer.piece(word), tokenizer.piece(apostrophe));
    let style = tokenizer.pre_tokenizer();
    let splits = style.is_word_level() && style != PreTokenizer::Tokens;
    if splits && matches!(apostrophe, "'" | "’") && text.ends_with(apostrophe) {
        let elided = [format!("{word}{apostrophe}"), format!("{word}’"), format!("{word}'")];
        if let Some(id) = elided.iter().find_map(|elided| tokenizer.id(elided)) {
            pieces.truncate(pieces.len() - 2);
            pieces.push(Typed::Known(id));
        }
    }
}

/// Returns alternative spellings of a typed piece.
fn variants(style: PreTokenizer, piece: &str) -> impl Iterator<Item = String> {
    let mut forms = Vec::new();
    if !style.is_word_level() {
        let other = match piece {
            "'" => "’",
            "’" => "'",
            "\"" | "”" => "“",
            "“" => "\"",
            _ => "",
        };
        forms.extend([other.to_string(), piece.to_lowercase(), piece.to_uppercase()]);
    } else if piece.starts_with(plain::is_word_char) {
        for spelling in [piece.to_string(), piece.replace('\'', "’"), piece.replace('’', "'")] {
            let lower = spelling.to_lowercase();
            let mut letters = lower.chars();
            let capital = letters.next().map(|c| c.to_uppercase().chain(letters).collect());
            forms.extend([Some(spelling), Some(lower), capital].into_iter().flatten());
        }
    } else {
        let bare = piece.trim_matches(' ');
        forms.extend([bare.to_string(), format!("{bare} "), format!(" {bare}"), format!(" {bare} ")]);
    }
    forms.into_iter()
}

#[cfg(test)]
mod tests {
    use crate::text::{PreTokenizer, Tokenizer};

    #[test]
    fn other_spellings_are_found_and_unknown_pieces_returned() {
        let pieces = ["<unk>", "don’t", "Once", "the", ", "];
        let t = Tokenizer::new(PreTokenizer::Plain, pieces).unwrap();
        let (ids, unknown) = t.encode_typed("once, don't THE zebra");
        assert_eq!(ids, [2, 4, 1, 3]);
        assert_eq!(unknown, ["zebra"]);
    }

    #[test]
    fn an_elided_word_at_the_end_is_one_token() {
        let pieces = ["<unk>", "l’", "l", "’", "'", "et", "homme"];
        let t = Tokenizer::new(PreTokenizer::French, pieces).unwrap();
        assert_eq!(t.encode_typed("et l’").0, [5, 1]);
        assert_eq!(t.encode_typed("et l'").0, [5, 1]);
        assert_eq!(t.encode_typed("et’ l").0, [5, 3, 2]);
        assert_eq!(t.encode_typed("l’homme et’").0, [1, 6, 5, 3]);
    }

    #[test]
    fn characters_have_variants_too() {
        let t = Tokenizer::new(PreTokenizer::Char, ["<unk>", "a", "’"]).unwrap();
        assert_eq!(t.encode_typed("Aa' b"), (vec![1, 1, 2], vec![" ".to_string(), "b".to_string()]));
    }
}
