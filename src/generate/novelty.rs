//! How much of a text stands in the book, and its longest copied run.

use rustc_hash::FxHashMap;

use super::copy_filter::hash;
use crate::dataset::TokenFile;
use crate::text::{PreTokenizer, plain};

/// Words of a run that is looked for.
pub const RUN_LENGTH: usize = 5;

/// The words of the book, in order, and where each run of [`RUN_LENGTH`] of them begins. Words are compared whatever their
/// case; punctuation does not count.
pub struct BookIndex {
    numbers: FxHashMap<String, u32>,
    book: Vec<u32>,
    /// The hash of each run and where it begins, sorted.
    runs: Vec<(u64, u32)>,
}

/// What a text has in common with the book.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Novelty {
    /// Runs of [`RUN_LENGTH`] words in the text, and those that stand in the book.
    pub runs: usize,
    pub copied: usize,
    /// The longest run that stands in the book, as it stands in the text; empty where it would have less than
    /// [`RUN_LENGTH`] words.
    pub longest: String,
    /// Its words.
    pub longest_words: usize,
}

impl BookIndex {
    pub fn new(book: &TokenFile) -> Self {
        let mut words = Self { numbers: FxHashMap::default(), book: Vec::new(), runs: Vec::new() };
        for (_, part) in book.parts() {
            let text = book.tokenizer.decode(part);
            for (word, _, _) in cut(&PreTokenizer::Plain.normalize(&text)) {
                let next = words.numbers.len() as u32;
                words.book.push(*words.numbers.entry(word).or_insert(next));
            }
        }
        words.runs = words.book.windows(RUN_LENGTH).map(hash).zip(0..).collect();
        words.runs.sort_unstable();
        words
    }

    pub fn compare(&self, text: &str) -> Novelty {
        let text = PreTokenizer::Plain.normalize(text);
        let places: Vec<(String, usize, usize)> = cut(&text).collect();
        let words: Vec<u32> =
            places.iter().map(|(word, _, _)| self.numbers.get(word).copied().unwrap_or(u32::MAX)).collect();
        let mut novelty = Novelty { runs: (words.len() + 1).saturating_sub(RUN_LENGTH), ..Novelty::default() };
        for (at, run) in words.windows(RUN_LENGTH).enumerate() {
            let hash = hash(run);
            let found = &self.runs[self.runs.partition_point(|&(other, _)| other < hash)..];
            let same = |&(_, begin): &(u64, u32)| {
                let book = &self.book[begin as usize..];
                words[at..].iter().zip(book).take_while(|(a, b)| a == b).count()
            };
            let longest = found.iter().take_while(|&&(other, _)| other == hash).map(same).max().unwrap_or(0);
            // Less where two runs have one hash.
            if longest < RUN_LENGTH {
                continue;
            }
            novelty.copied += 1;
            if longest > novelty.longest_words {
                novelty.longest_words = longest;
                novelty.longest = text[places[at].1..places[at + longest - 1].2].into();
            }
        }
        novelty
    }
}

/// The words of a normalised text in small letters, and where each begins and ends.
fn cut(normalized: &str) -> impl Iterator<Item = (String, usize, usize)> {
    let mut words = Vec::new();
    let mut end = 0;
    PreTokenizer::Plain.each_piece(normalized, |piece| {
        let begin = end + normalized[end..].find(piece).expect("a piece stands in its text");
        end = begin + piece.len();
        if piece.trim_start_matches(' ').starts_with(plain::is_letter_or_digit) {
            words.push((piece.trim().to_lowercase(), begin, end));
        }
    });
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Tokenizer, UNKNOWN};

    #[test]
    fn runs_are_counted_and_the_longest_is_shown() {
        let text = "One two, three four five six seven. Eight nine ten eleven twelve thirteen fourteen";
        let letters: std::collections::BTreeSet<char> = text.chars().collect();
        let pieces = [UNKNOWN.into()].into_iter().chain(letters.iter().map(|c| c.to_string().into()));
        let tokenizer = Tokenizer::new(PreTokenizer::Char, pieces.collect()).unwrap();
        let (train, valid) = (tokenizer.encode(text), tokenizer.encode("six six six six six"));
        let prep = Default::default();
        let book = TokenFile { tokenizer, prep, train, valid, test: Vec::new(), embeddings: None };
        let words = BookIndex::new(&book);
        assert_eq!(
            words.compare("zero ONE two three four, five — zero six seven eight nine ten eleven! six seven"),
            Novelty { runs: 11, copied: 3, longest: "six seven eight nine ten eleven".into(), longest_words: 6 }
        );
        assert_eq!(words.compare("two three four five"), Novelty::default());
        assert_eq!(words.compare("five four three two one").copied, 0);
        assert_eq!(words.compare(text).longest, text);
        assert_eq!(words.compare(""), Novelty::default());
    }
}
