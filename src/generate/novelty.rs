//! Novelty: how much of a text is copied from the book, and the longest copied run.

use rustc_hash::FxHashMap;

use super::copy_filter::hash;
use crate::dataset::TokenFile;
use crate::text::{PreTokenizer, plain};

/// The minimum number of consecutive words that count as copied.
pub const RUN_LENGTH: usize = 5;

/// An index of all runs of [`RUN_LENGTH`] words in the book. Case and punctuation are ignored.
pub struct BookIndex {
    /// The number of each distinct word.
    numbers: FxHashMap<String, u32>,
    /// The words of the book, in order.
    book: Vec<u32>,
    /// The hash of each run and the position at which it starts, sorted.
    runs: Vec<(u64, u32)>,
}

/// The overlap of a text with the book.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Novelty {
    /// The number of runs of [`RUN_LENGTH`] words in the text.
    pub runs: usize,
    /// The number of these runs that occur in the book.
    pub copied: usize,
    /// The longest run that occurs in the book, as spelled in the text; empty if it has fewer than [`RUN_LENGTH`]
    /// words.
    pub longest: String,
    /// The number of words in `longest`.
    pub longest_words: usize,
}

impl BookIndex {
    pub fn new(book: &TokenFile) -> Self {
        let mut index = Self { numbers: FxHashMap::default(), book: Vec::new(), runs: Vec::new() };
        for (_, part) in book.parts() {
            let text = book.tokenizer.decode(part);
            for (word, _, _) in word_spans(&PreTokenizer::Plain.normalize(&text)) {
                let next = index.numbers.len() as u32;
                index.book.push(*index.numbers.entry(word).or_insert(next));
            }
        }
        index.runs = index.book.windows(RUN_LENGTH).map(hash).zip(0..).collect();
        index.runs.sort_unstable();
        index
    }

    pub fn compare(&self, text: &str) -> Novelty {
        let text = PreTokenizer::Plain.normalize(text);
        let places: Vec<(String, usize, usize)> = word_spans(&text).collect();
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
            // Shorter if the hashes of two runs collide.
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

/// Returns the words of a normalized text in lower case, with the byte positions of their starts and ends.
fn word_spans(normalized: &str) -> impl Iterator<Item = (String, usize, usize)> {
    let mut words = Vec::new();
    let mut end = 0;
    PreTokenizer::Plain.each_piece(normalized, |piece| {
        let begin = end + normalized[end..].find(piece).expect("a piece occurs in its text");
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
        let pieces = [UNKNOWN.into()].into_iter().chain(letters.iter().map(char::to_string));
        let tokenizer = Tokenizer::new(PreTokenizer::Char, pieces).unwrap();
        let (train, valid) = (tokenizer.encode(text), tokenizer.encode("six six six six six"));
        let prep = Default::default();
        let book = TokenFile { tokenizer, prep, train, valid, test: Vec::new(), embeddings: None };
        let index = BookIndex::new(&book);
        assert_eq!(
            index.compare("zero ONE two three four, five — zero six seven eight nine ten eleven! six seven"),
            Novelty { runs: 11, copied: 3, longest: "six seven eight nine ten eleven".into(), longest_words: 6 }
        );
        assert_eq!(index.compare("two three four five"), Novelty::default());
        assert_eq!(index.compare("five four three two one").copied, 0);
        assert_eq!(index.compare(text).longest, text);
        assert_eq!(index.compare(""), Novelty::default());
    }
}
