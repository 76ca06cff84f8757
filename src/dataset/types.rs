//! The distinct pieces of a text, numbered as they come.
//!
//! A text is read once. Its pieces get numbers in order of appearance, before anybody knows which of them
//! the vocabulary will keep; the ids of the vocabulary come later, from the numbers. Blocks of text are cut
//! by all cores, each with numbers of its own, which are then made one.

use rustc_hash::FxHashMap;

use crate::text::unwrap::unwrap;
use crate::text::{BOS, EOS, PreTokenizer, UNKNOWN, bytes};

/// The first numbers stand for pieces that no text contains.
pub const UNKNOWN_TYPE: u32 = 0;
pub const BOS_TYPE: u32 = 1;
pub const EOS_TYPE: u32 = 2;
const RESERVED: [&str; 3] = [UNKNOWN, BOS, EOS];

/// How texts are cut.
#[derive(Clone, Copy, Debug)]
pub struct Cutter {
    pub style: PreTokenizer,
    /// Each text is a document, with a mark before and after it.
    pub documents: bool,
    /// Wrapped lines are joined first.
    pub unwrap: bool,
}

/// A block of text, cut.
pub struct Cut {
    normalized: String,
    /// Where in it each of the block's types stands first.
    types: Vec<(usize, usize)>,
    /// Numbers of the reserved pieces, then of the block's types.
    ids: Vec<u32>,
    /// At which id each text that has any begins.
    pub starts: Vec<usize>,
}

impl Cutter {
    pub fn cut(&self, texts: &[String]) -> Cut {
        let mut normalized = String::new();
        let ends: Vec<usize> = texts
            .iter()
            .map(|text| {
                let part = if self.unwrap { self.style.normalize(&unwrap(text)) } else { self.style.normalize(text) };
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
            self.style.each_piece(&normalized[begin..end], |piece| {
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
        Cut { normalized, types, ids, starts }
    }
}

/// Every type seen so far.
pub struct Types {
    pieces: Vec<Box<str>>,
    numbers: FxHashMap<Box<str>, u32>,
}

impl Types {
    pub fn new(style: PreTokenizer) -> Self {
        let mut types = Self { pieces: Vec::new(), numbers: FxHashMap::default() };
        RESERVED.iter().for_each(|piece| types.pieces.push((*piece).into()));
        if style == PreTokenizer::Byte {
            bytes::pieces().for_each(|piece| {
                types.number(&piece);
            });
        }
        types
    }

    fn number(&mut self, piece: &str) -> u32 {
        if let Some(&number) = self.numbers.get(piece) {
            return number;
        }
        let number = self.pieces.len() as u32;
        self.pieces.push(piece.into());
        self.numbers.insert(piece.into(), number);
        number
    }

    /// The ids of a block in the numbers of all blocks.
    pub fn adopt(&mut self, cut: Cut) -> Vec<u32> {
        let mut map: Vec<u32> = (0..RESERVED.len() as u32).collect();
        map.extend(cut.types.iter().map(|&(start, end)| self.number(&cut.normalized[start..end])));
        let mut ids = cut.ids;
        ids.iter_mut().for_each(|id| *id = map[*id as usize]);
        ids
    }

    pub fn len(&self) -> usize {
        self.pieces.len()
    }

    /// The pieces by number, the reserved ones first.
    pub fn pieces(&self) -> &[Box<str>] {
        &self.pieces
    }

    /// Whether a number stands for a piece of the text.
    pub fn is_of_text(number: usize) -> bool {
        number >= RESERVED.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cut_apart_are_numbered_as_one() {
        let cutter = Cutter { style: PreTokenizer::Plain, documents: false, unwrap: false };
        let mut types = Types::new(PreTokenizer::Plain);
        let first = types.adopt(cutter.cut(&["a b a\n".into()]));
        let second = types.adopt(cutter.cut(&["b c a".into()]));
        assert_eq!((first, second), (vec![3, 4, 3, 5], vec![4, 6, 3]));
        assert_eq!(
            types.pieces().iter().map(|p| &**p).collect::<Vec<_>>(),
            ["<unk>", "<bos>", "<eos>", "a", "b", "\n", "c"]
        );
    }

    #[test]
    fn documents_stand_between_marks_and_empty_ones_are_left_out() {
        let cutter = Cutter { style: PreTokenizer::Plain, documents: true, unwrap: false };
        let cut = cutter.cut(&["a".into(), "  ".into(), "b a".into()]);
        assert_eq!(cut.starts, [0, 3]);
        assert_eq!(Types::new(PreTokenizer::Plain).adopt(cut), [1, 3, 2, 1, 4, 3, 2]);
    }
}
