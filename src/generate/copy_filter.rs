//! The copy filter: prevents runs of words from being copied from the book. Case and punctuation are ignored.

use std::hash::{BuildHasher, Hasher};

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::dataset::TokenFile;
use crate::error::{self, Error};
use crate::text::{BOS, EOS, Tokenizer, UNKNOWN};

/// Represents a token that is not a word and is skipped.
const MARK: u32 = u32::MAX;
/// Represents a token that ends a run.
const BREAK: u32 = u32::MAX - 1;

/// Bans words that would complete a run of words from the book.
pub struct CopyFilter {
    /// The number of words in a run that must not be copied.
    length: usize,
    /// The word of each token: the first token that differs from it in case only. (vocab_size)
    words: Vec<u32>,
    /// Pairs of word and token, sorted.
    spellings: Vec<(u32, u32)>,
    /// The hash of all words of a run except the last, and the last word; sorted.
    runs: Vec<(u64, u32)>,
}

impl CopyFilter {
    /// `length`: the number of words in a run, at least 2. Uses 16 bytes per word of the book, including its held-out
    /// parts.
    pub fn new(tokenizer: &Tokenizer, book: &TokenFile, length: usize) -> error::Result<Self> {
        if length < 2 {
            return Err(Error::value("no_copy", "at least 2 words", length)
                .hint("5 to 8 allows common phrases but prevents copying"));
        }
        let (words, numbers) = words_of(tokenizer);
        // The book may have another vocabulary. Runs with words that the model cannot generate cannot be copied.
        let of_book: Vec<u32> = (0..book.tokenizer.len() as u32)
            .map(|id| match word(&book.tokenizer, id) {
                Err(other) => other,
                Ok(word) => numbers.get(&word).copied().unwrap_or(BREAK),
            })
            .collect();
        let mut runs = Vec::new();
        for (_, part) in book.parts() {
            let part: Vec<u32> = part.iter().map(|&id| of_book[id as usize]).filter(|&word| word != MARK).collect();
            for run in part.windows(length).filter(|run| !run.contains(&BREAK)) {
                runs.push((hash(&run[..length - 1]), run[length - 1]));
            }
        }
        runs.sort_unstable();
        runs.dedup();
        let mut spellings: Vec<(u32, u32)> = words.iter().zip(0..).map(|(&word, id)| (word, id)).collect();
        spellings.sort_unstable();
        Ok(Self { length, words, spellings, runs })
    }

    /// Bans the words that would complete a run of the book. `text`: the preceding tokens.
    pub fn ban(&self, text: &[u32], logits: &mut [f32]) {
        let mut last: Vec<u32> = Vec::with_capacity(self.length);
        for word in text.iter().rev().map(|&token| self.words[token as usize]).filter(|&word| word != MARK) {
            if last.len() == self.length - 1 || word == BREAK {
                break;
            }
            last.push(word);
        }
        if last.len() < self.length - 1 {
            return;
        }
        last.reverse();
        let hash = hash(&last);
        let from = self.runs.partition_point(|&(other, _)| other < hash);
        for &(_, word) in self.runs[from..].iter().take_while(|&&(other, _)| other == hash) {
            let from = self.spellings.partition_point(|&(other, _)| other < word);
            for &(_, token) in self.spellings[from..].iter().take_while(|&&(other, _)| other == word) {
                logits[token as usize] = f32::NEG_INFINITY;
            }
        }
    }
}

/// Hashes a run of words.
pub(super) fn hash(words: &[u32]) -> u64 {
    let mut hasher = FxBuildHasher.build_hasher();
    words.iter().for_each(|&word| hasher.write_u32(word));
    hasher.finish()
}

/// Returns the word of each token, and the words by their lower-case spelling.
fn words_of(tokenizer: &Tokenizer) -> (Vec<u32>, FxHashMap<String, u32>) {
    let mut numbers = FxHashMap::default();
    let number = |id: u32| match word(tokenizer, id) {
        Err(other) => other,
        Ok(word) => *numbers.entry(word).or_insert(id),
    };
    ((0..tokenizer.len() as u32).map(number).collect(), numbers)
}

/// Returns a token in lower case, or `MARK` or `BREAK` if it is not a word.
fn word(tokenizer: &Tokenizer, id: u32) -> Result<String, u32> {
    match tokenizer.piece(id) {
        UNKNOWN | BOS | EOS => Err(BREAK),
        _ if !tokenizer.is_word(id) => Err(MARK),
        piece => Ok(piece.to_lowercase()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::PreTokenizer;

    fn tokenizer(extra: &[&str]) -> Tokenizer {
        let pieces = [UNKNOWN, "the", "The", "cat", "sat", ", ", ". ", "on", "mat", "dog"];
        Tokenizer::new(PreTokenizer::Plain, pieces.iter().chain(extra)).unwrap()
    }

    fn book(tokenizer: Tokenizer, text: &str) -> TokenFile {
        let train = tokenizer.encode(text);
        let prep = Default::default();
        TokenFile { tokenizer, prep, train, valid: Vec::new(), test: Vec::new(), embeddings: None }
    }

    fn banned(copy_filter: &CopyFilter, tokenizer: &Tokenizer, text: &str) -> Vec<String> {
        let mut logits = vec![0.0; tokenizer.len()];
        copy_filter.ban(&tokenizer.encode(text), &mut logits);
        (0..tokenizer.len() as u32)
            .filter(|&id| logits[id as usize] < 0.0)
            .map(|id| tokenizer.piece(id).into())
            .collect()
    }

    #[test]
    fn the_last_word_of_a_run_is_banned_in_every_spelling() {
        let t = tokenizer(&[]);
        let copy_filter =
            CopyFilter::new(&t, &book(t.clone(), "The cat, sat on the mat. The cat sat. The zebra on mat"), 3).unwrap();
        let banned = |text| banned(&copy_filter, &t, text);
        assert_eq!(banned("sat on"), ["the", "The"]);
        assert_eq!(banned("dog sat, on"), ["the", "The"]);
        assert_eq!(banned("the cat"), ["sat"]);
        assert_eq!(banned("The mat the"), ["cat"]);
        assert_eq!(banned("on"), [""; 0]);
        assert_eq!(banned("the <unk> on"), [""; 0]);
        assert_eq!(banned("dog on"), [""; 0]);
        assert!(CopyFilter::new(&t, &book(t.clone(), "the"), 1).is_err());
    }

    #[test]
    fn the_book_may_have_another_vocabulary() {
        let (model, other) = (tokenizer(&[]), tokenizer(&["CAT", "zebra"]));
        let copy_filter = CopyFilter::new(&model, &book(other, "the CAT sat on zebra mat on the CAT"), 3).unwrap();
        assert_eq!(banned(&copy_filter, &model, "the cat"), ["sat"]);
        assert_eq!(banned(&copy_filter, &model, "on the"), ["cat"]);
        assert_eq!(banned(&copy_filter, &model, "mat on"), ["the", "The"]);
        assert_eq!(banned(&copy_filter, &model, "sat on"), [""; 0]);
    }

    #[test]
    fn a_long_filtered_text_contains_no_run_of_the_book() {
        let t = tokenizer(&[]);
        let book = book(t.clone(), &"the cat sat on the mat the dog sat on the cat ".repeat(3));
        let copy_filter = CopyFilter::new(&t, &book, 3).unwrap();
        let mut rng = crate::random::Rng::new(4);
        let mut text: Vec<u32> = Vec::new();
        for _ in 0..2000 {
            let mut logits = vec![0.0; t.len()];
            copy_filter.ban(&text, &mut logits);
            let open: Vec<u32> = (1..t.len() as u32).filter(|&id| logits[id as usize] == 0.0).collect();
            text.push(open[rng.next_u64() as usize % open.len()]);
        }
        let words = |tokens: &[u32]| -> Vec<String> {
            let words = tokens.iter().filter(|&&id| t.is_word(id));
            words.map(|&id| t.piece(id).to_lowercase()).collect()
        };
        let (text, book) = (words(&text), words(&book.train));
        assert!(text.windows(3).all(|run| !book.windows(3).any(|other| other == run)));
        assert!(text.windows(2).any(|run| book.windows(2).any(|other| other == run)));
    }
}
