//! Choosing the vocabulary of a text.

use rustc_hash::FxHashMap;

use super::{Style, Tokenizer, UNKNOWN};

/// Which pieces of the training text get a token of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Pieces seen less often become unknown.
    pub min_count: usize,
    /// At most this many pieces, the most frequent ones, the unknown token not counted.
    pub max_size: Option<usize>,
}

/// How often each piece of a normalised text occurs.
pub fn count(style: Style, normalized: &str) -> FxHashMap<&str, usize> {
    let mut counts = FxHashMap::default();
    for piece in style.pieces(normalized) {
        *counts.entry(piece).or_default() += 1;
    }
    counts
}

/// A tokenizer whose ids go by falling frequency, equals in order of their bytes, after the unknown token.
pub fn build(style: Style, counts: &FxHashMap<&str, usize>, limits: Limits) -> Tokenizer {
    let mut kept: Vec<(&str, usize)> = counts
        .iter()
        .map(|(&piece, &count)| (piece, count))
        .filter(|&(piece, count)| count >= limits.min_count && piece != UNKNOWN)
        .collect();
    kept.sort_unstable_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
    kept.truncate(limits.max_size.unwrap_or(usize::MAX));
    let pieces = std::iter::once(UNKNOWN).chain(kept.into_iter().map(|(piece, _)| piece)).map(Into::into).collect();
    Tokenizer::new(style, pieces).expect("pieces that were counted are distinct")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frequent_come_first_and_the_rare_not_at_all() {
        let counts = count(Style::Classic, "b a b c a d d e");
        let limits = Limits { min_count: 2, max_size: None };
        let all = build(Style::Classic, &counts, limits);
        let pieces: Vec<&str> = (0..all.len() as u32).map(|id| all.piece(id)).collect();
        assert_eq!(pieces, ["<unk>", "a", "b", "d"]);
        assert_eq!(build(Style::Classic, &counts, Limits { max_size: Some(1), ..limits }).len(), 2);
    }
}
