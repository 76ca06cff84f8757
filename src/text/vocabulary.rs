//! Building vocabularies.

use super::{BOS, EOS, PreTokenizer, Tokenizer, UNKNOWN, bytes};
use crate::error::{Error, Result};

/// The pieces to include in a vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VocabLimits {
    /// The minimum number of occurrences.
    pub min_count: usize,
    /// The maximum number of pieces, not counting special tokens; the most frequent ones are kept.
    pub max_size: Option<usize>,
}

/// Builds a tokenizer whose ids are ordered by decreasing frequency, then by bytes. Special tokens come first. A
/// byte-level vocabulary contains all bytes in order.
pub fn build<'a>(
    pre_tokenizer: PreTokenizer,
    counts: impl IntoIterator<Item = (&'a str, u64)>,
    limits: VocabLimits,
    has_documents: bool,
) -> Tokenizer {
    let special: &[&str] = if has_documents { &[UNKNOWN, BOS, EOS] } else { &[UNKNOWN] };
    if pre_tokenizer == PreTokenizer::Byte {
        let pieces = special.iter().map(|&piece| piece.into()).chain(bytes::pieces());
        return Tokenizer::new(pre_tokenizer, pieces).expect("every byte has a piece");
    }
    let mut kept: Vec<(&str, u64)> = counts
        .into_iter()
        .filter(|&(piece, count)| count >= limits.min_count.max(1) as u64 && ![UNKNOWN, BOS, EOS].contains(&piece))
        .collect();
    kept.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    kept.truncate(limits.max_size.unwrap_or(usize::MAX));
    let pieces = special.iter().copied().chain(kept.into_iter().map(|(piece, _)| piece));
    Tokenizer::new(pre_tokenizer, pieces).expect("counted pieces are distinct")
}

/// Builds a tokenizer from a list with one token per line, in which `\n` represents a line break. `<unk>` always
/// comes first, whether or not the list contains it.
pub fn from_list(pre_tokenizer: PreTokenizer, list: &str) -> Result<Tokenizer> {
    if pre_tokenizer == PreTokenizer::Byte {
        return Err(Error::invalid("the byte level has a fixed vocabulary"));
    }
    let mut lines = std::collections::HashMap::new();
    let mut pieces: Vec<Box<str>> = vec![UNKNOWN.into()];
    for (number, line) in list.lines().enumerate().map(|(index, line)| (index + 1, line)) {
        let piece = line.replace("\\n", "\n");
        if piece.is_empty() {
            return Err(Error::invalid(format!("line {number} is empty")));
        }
        if let Some(first) = lines.insert(piece.clone(), number) {
            return Err(Error::invalid(format!("line {number}: the token {piece:?} is already on line {first}")));
        }
        if pre_tokenizer != PreTokenizer::Classic
            && pre_tokenizer.is_word_level()
            && piece.contains('\n')
            && !piece.trim_matches('\n').is_empty()
        {
            return Err(Error::invalid(format!("line {number}: the token {piece:?} contains a line break")));
        }
        if piece != UNKNOWN {
            pieces.push(piece.into());
        }
    }
    if pieces.len() < 2 {
        return Err(Error::invalid("the list contains no token"));
    }
    Tokenizer::new(pre_tokenizer, pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(tokenizer: &Tokenizer) -> Vec<&str> {
        (0..tokenizer.len() as u32).map(|id| tokenizer.piece(id)).collect()
    }

    #[test]
    fn frequent_pieces_come_first_and_rare_ones_are_dropped() {
        let counts = [("b", 2), ("a", 2), ("c", 1), ("d", 3), ("never", 0)];
        let limits = VocabLimits { min_count: 2, max_size: None };
        let build = |limits, marks| build(PreTokenizer::Classic, counts, limits, marks);
        assert_eq!(pieces(&build(limits, false)), ["<unk>", "d", "a", "b"]);
        assert_eq!(pieces(&build(VocabLimits { max_size: Some(1), ..limits }, true)), ["<unk>", "<bos>", "<eos>", "d"]);
        assert_eq!(build(VocabLimits { min_count: 0, max_size: None }, false).len(), 5);
        assert_eq!(super::build(PreTokenizer::Byte, [], limits, true).len(), 259);
    }

    #[test]
    fn lists_are_parsed_and_errors_name_the_line() {
        let tokenizer = from_list(PreTokenizer::Plain, "the\n, \n\\n\\n\n<unk>\ncat\r\n").unwrap();
        assert_eq!(pieces(&tokenizer), ["<unk>", "the", ", ", "\n\n", "cat"]);
        for (list, reason) in [
            ("a\nb\na\n", "line 3: the token \"a\" is already on line 1"),
            ("a\n\nb", "line 2 is empty"),
            ("", "no token"),
            ("<unk>\n<unk>\n", "line 2"),
        ] {
            assert!(from_list(PreTokenizer::Plain, list).unwrap_err().to_string().contains(reason), "{list:?}");
        }
    }
}
