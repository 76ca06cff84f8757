//! Distinct strings, numbered in order of insertion and stored one after the other, without an allocation for each.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::FxBuildHasher;

#[derive(Clone, Debug, Default)]
pub struct Interner {
    text: String,
    /// The end of each string in `text`.
    ends: Vec<usize>,
    /// The numbers of the strings, by the hash of the string.
    numbers: HashTable<u32>,
}

impl Interner {
    /// The number of strings.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Returns a string by its number; panics if there is none.
    pub fn get(&self, number: u32) -> &str {
        get(&self.text, &self.ends, number)
    }

    pub fn number(&self, string: &str) -> Option<u32> {
        self.numbers.find(hash(string), |&number| self.get(number) == string).copied()
    }

    /// Returns the number of a string, which is [`len`](Self::len) if it is new. Panics at 2^32 strings.
    pub fn intern(&mut self, string: &str) -> u32 {
        let Self { text, ends, numbers } = self;
        let is_equal = |&number: &u32| get(text, ends, number) == string;
        match numbers.entry(hash(string), is_equal, |&number| hash(get(text, ends, number))) {
            Entry::Occupied(entry) => *entry.get(),
            Entry::Vacant(entry) => {
                let number = u32::try_from(ends.len()).expect("fewer than 2^32 strings");
                entry.insert(number);
                text.push_str(string);
                ends.push(text.len());
                number
            }
        }
    }

    /// Returns the strings in order of their numbers.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &str> + ExactSizeIterator {
        (0..self.ends.len()).map(|number| self.get(number as u32))
    }
}

impl<S: AsRef<str>> Extend<S> for Interner {
    fn extend<I: IntoIterator<Item = S>>(&mut self, strings: I) {
        for string in strings {
            self.intern(string.as_ref());
        }
    }
}

fn get<'a>(text: &'a str, ends: &[usize], number: u32) -> &'a str {
    let start = number.checked_sub(1).map_or(0, |before| ends[before as usize]);
    &text[start..ends[number as usize]]
}

fn hash(string: &str) -> u64 {
    FxBuildHasher.hash_one(string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_keep_the_number_of_their_first_insertion() {
        let mut interner = Interner::default();
        let words: Vec<String> = (0..5000).map(|i| format!("{}é", i % 1000)).chain(["".into(), "é".into()]).collect();
        let mut oracle: Vec<&str> = Vec::new();
        for word in &words {
            let known = oracle.iter().position(|other| other == word);
            assert_eq!(interner.number(word), known.map(|number| number as u32));
            assert_eq!(interner.intern(word) as usize, known.unwrap_or(oracle.len()));
            if known.is_none() {
                oracle.push(word);
            }
        }
        assert!(interner.iter().eq(oracle.iter().copied()));
        assert_eq!((interner.len(), interner.get(1), interner.number("none")), (1002, "1é", None));
    }
}
