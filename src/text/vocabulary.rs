//! Choosing the vocabulary of a text.

use super::{BOS, EOS, PreTokenizer, Tokenizer, UNKNOWN, bytes};
use crate::error::{Error, Result};

/// Which pieces of the training text get a token of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VocabLimits {
    /// Pieces seen less often become unknown.
    pub min_count: usize,
    /// At most this many pieces, the most frequent ones, the unknown token not counted.
    pub max_size: Option<usize>,
}

/// A tokenizer whose ids go by falling frequency, equals in order of their bytes, after the unknown token and
/// the marks of documents, if there are any. At the byte level every byte is there, in order.
pub fn build<'a>(
    style: PreTokenizer,
    counts: impl IntoIterator<Item = (&'a str, u64)>,
    limits: VocabLimits,
    has_documents: bool,
) -> Tokenizer {
    let mut pieces: Vec<Box<str>> = vec![UNKNOWN.into()];
    if has_documents {
        pieces.extend([BOS.into(), EOS.into()]);
    }
    if style == PreTokenizer::Byte {
        pieces.extend(bytes::pieces());
    } else {
        let mut kept: Vec<(&str, u64)> = counts
            .into_iter()
            .filter(|&(piece, count)| count >= limits.min_count.max(1) as u64 && ![UNKNOWN, BOS, EOS].contains(&piece))
            .collect();
        kept.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        kept.truncate(limits.max_size.unwrap_or(usize::MAX));
        pieces.extend(kept.into_iter().map(|(piece, _)| Box::from(piece)));
    }
    Tokenizer::new(style, pieces).expect("pieces that were counted are distinct")
}

/// A list of tokens, one a line, as a tokenizer: `<unk>` comes first, whether it is in the list or not, and line
/// breaks are written `\n`.
pub fn from_list(style: PreTokenizer, list: &str) -> Result<Tokenizer> {
    if style == PreTokenizer::Byte {
        return Err(Error::invalid("the byte level has its own vocabulary"));
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
        if style != PreTokenizer::Classic
            && style.is_word_level()
            && piece.contains('\n')
            && !piece.trim_matches('\n').is_empty()
        {
            return Err(Error::invalid(format!("line {number}: the token {piece:?} has a line break in it")));
        }
        if piece != UNKNOWN {
            pieces.push(piece.into());
        }
    }
    if pieces.len() < 2 {
        return Err(Error::invalid("there is no token in it"));
    }
    Tokenizer::new(style, pieces)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(tokenizer: &Tokenizer) -> Vec<&str> {
        (0..tokenizer.len() as u32).map(|id| tokenizer.piece(id)).collect()
    }

    #[test]
    fn the_frequent_come_first_and_the_rare_not_at_all() {
        let counts = [("b", 2), ("a", 2), ("c", 1), ("d", 3), ("never", 0)];
        let limits = VocabLimits { min_count: 2, max_size: None };
        let build = |limits, marks| build(PreTokenizer::Classic, counts, limits, marks);
        assert_eq!(pieces(&build(limits, false)), ["<unk>", "d", "a", "b"]);
        assert_eq!(pieces(&build(VocabLimits { max_size: Some(1), ..limits }, true)), ["<unk>", "<bos>", "<eos>", "d"]);
        assert_eq!(build(VocabLimits { min_count: 0, max_size: None }, false).len(), 5);
        assert_eq!(super::build(PreTokenizer::Byte, [], limits, true).len(), 259);
    }

    #[test]
    fn a_list_is_read_as_it_stands_and_its_faults_are_named() {
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
