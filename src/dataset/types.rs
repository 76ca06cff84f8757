//! The distinct pieces of a text ("types"), numbered in order of appearance.
//!
//! A text is read once, before the vocabulary is known, so each type first gets a provisional number;
//! [`Prepared`](super::Prepared) maps numbers to vocabulary ids later. All cores tokenize blocks in parallel
//! with block-local numbers, which [`Types::merge`] converts to global ones.

use rustc_hash::FxHashMap;

use crate::text::unwrap::unwrap;
use crate::text::{BOS, EOS, Interner, PreTokenizer, UNKNOWN, bytes};

/// The first numbers are reserved for special tokens, which no text contains.
pub const UNKNOWN_TYPE: u32 = 0;
pub const BOS_TYPE: u32 = 1;
pub const EOS_TYPE: u32 = 2;
const RESERVED: [&str; 3] = [UNKNOWN, BOS, EOS];

/// Tokenizes blocks of text.
#[derive(Clone, Copy, Debug)]
pub struct BlockTokenizer {
    pub pre_tokenizer: PreTokenizer,
    /// Whether each text is a document, enclosed in `<bos>` and `<eos>`.
    pub documents: bool,
    /// Whether to join wrapped lines first.
    pub unwrap: bool,
}

/// A tokenized block of text.
pub struct TokenizedBlock {
    normalized: String,
    /// The byte range of the first occurrence of each type in `normalized`.
    types: Vec<(usize, usize)>,
    /// Block-local numbers: first the reserved pieces, then `types`.
    ids: Vec<u32>,
    /// The index in `ids` at which each non-empty text starts.
    pub starts: Vec<usize>,
}

impl BlockTokenizer {
    pub fn tokenize(&self, texts: &[String]) -> TokenizedBlock {
        let mut normalized = String::new();
        let ends: Vec<usize> = texts
            .iter()
            .map(|text| {
                let part = if self.unwrap {
                    self.pre_tokenizer.normalize(&unwrap(text))
                } else {
                    self.pre_tokenizer.normalize(text)
                };
                if normalized.is_empty() {
                    normalized = part;
                } else {
                    normalized.push_str(&part);
                }
                normalized.len()
            })
            .collect();
        let (mut types, mut ids, mut starts) = (Vec::new(), Vec::with_capacity(normalized.len() / 4), Vec::new());
        let mut numbers: FxHashMap<&str, u32> = FxHashMap::default();
        let whole = normalized.as_ptr() as usize;
        let mut begin = 0;
        for end in ends {
            let before = ids.len();
            if self.documents {
                ids.push(BOS_TYPE);
            }
            self.pre_tokenizer.each_piece(&normalized[begin..end], |piece| {
                ids.push(*numbers.entry(piece).or_insert_with(|| {
                    let start = piece.as_ptr() as usize - whole;
                    types.push((start, start + piece.len()));
                    (RESERVED.len() + types.len() - 1) as u32
                }));
            });
            if self.documents {
                ids.push(EOS_TYPE);
            }
            if ids.len() - before > 2 * usize::from(self.documents) {
                starts.push(before);
            } else {
                ids.truncate(before);
            }
            begin = end;
        }
        drop(numbers);
        TokenizedBlock { normalized, types, ids, starts }
    }
}

/// All types seen so far.
pub struct Types {
    pieces: Interner,
}

impl Types {
    pub fn new(pre_tokenizer: PreTokenizer) -> Self {
        let mut pieces = Interner::default();
        pieces.extend(RESERVED);
        if pre_tokenizer == PreTokenizer::Byte {
            pieces.extend(bytes::pieces());
        }
        Self { pieces }
    }

    /// Returns the ids of a block as global numbers; adds the block's new types.
    pub fn merge(&mut self, block: TokenizedBlock) -> Vec<u32> {
        let mut map: Vec<u32> = (0..RESERVED.len() as u32).collect();
        map.extend(block.types.iter().map(|&(start, end)| self.pieces.intern(&block.normalized[start..end])));
        let mut ids = block.ids;
        ids.iter_mut().for_each(|id| *id = map[*id as usize]);
        ids
    }

    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// Returns the pieces by number, the reserved ones first.
    pub fn pieces(&self) -> &Interner {
        &self.pieces
    }

    /// Returns whether a number belongs to a piece of the text rather than a special token.
    pub fn is_text(number: usize) -> bool {
        number >= RESERVED.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separate_blocks_share_their_numbers() {
        let tokenizer = BlockTokenizer { pre_tokenizer: PreTokenizer::Plain, documents: false, unwrap: false };
        let mut types = Types::new(PreTokenizer::Plain);
        let first = types.merge(tokenizer.tokenize(&["a b a\n".into()]));
        let second = types.merge(tokenizer.tokenize(&["b c a".into()]));
        assert_eq!((first, second), (vec![3, 4, 3, 5], vec![4, 6, 3]));
        assert!(types.pieces().iter().eq(["<unk>", "<bos>", "<eos>", "a", "b", "\n", "c"]));
    }

    #[test]
    fn documents_are_enclosed_in_special_tokens_and_empty_ones_are_skipped() {
        let tokenizer = BlockTokenizer { pre_tokenizer: PreTokenizer::Plain, documents: true, unwrap: false };
        let block = tokenizer.tokenize(&["a".into(), "  ".into(), "b a".into()]);
        assert_eq!(block.starts, [0, 3]);
        assert_eq!(Types::new(PreTokenizer::Plain).merge(block), [1, 3, 2, 1, 4, 3, 2]);
    }
}
