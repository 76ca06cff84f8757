//! Words hyphenated at line ends, such as `exam-` and `ple`.
//!
//! Such a word is joined if the text has it without a hyphen, more often than with one. Otherwise it stays as it is: in
//! many books, only words that are always written with a hyphen are divided.

use std::hash::Hasher;
use std::ops::Range;

use rustc_hash::{FxHashMap, FxHasher};

/// The maximum length of one part of a word, in bytes.
const MAX_BYTES: usize = 60;

/// Joins words hyphenated at line ends; the rest of a word moves up to its first part.
pub fn clean(text: &str) -> (String, usize) {
    let counts = counts(text);
    let mut out = String::with_capacity(text.len());
    let (mut at, mut count) = (0, 0);
    for hyphen in hyphens(text).take_while(|_| !counts.is_empty()) {
        let (first, second) = (first_part(text, hyphen), second_part(text, hyphen));
        let forms = forms(&text[first.clone()], &text[second.clone()]);
        if first.start < at || counts[&forms[0]] <= counts[&forms[1]] {
            continue;
        }
        out.push_str(&text[at..hyphen]);
        let rest = &text[second.start..];
        let end = rest.find([' ', '\n']).unwrap_or(rest.len());
        out.push_str(&rest[..end]);
        let blank = rest[end..].len() - rest[end..].trim_start_matches(' ').len();
        let breaks = rest[end + blank..].starts_with('\n');
        if blank > 0 && !breaks {
            out.push('\n');
        }
        at = second.start + end + blank;
        count += 1;
    }
    out.push_str(&text[at..]);
    (out, count)
}

/// Returns the places of hyphens between two parts of what may be one word.
fn hyphens(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices("-\n").map(|(at, _)| at).filter(|&at| {
        let (first, second) = (first_part(text, at), second_part(text, at));
        let is_part = |part: &Range<usize>| !part.is_empty() && part.len() < MAX_BYTES;
        is_part(&first)
            && is_part(&second)
            && text[second.clone()].starts_with(char::is_lowercase)
            // Compounds of more parts have hyphens of their own.
            && !text[..first.start].ends_with(['-', '\'', '’'])
            && !text[second.end..].starts_with('-')
    })
}

fn first_part(text: &str, hyphen: usize) -> Range<usize> {
    let letters = text[..hyphen].chars().rev().take(MAX_BYTES).take_while(|c| c.is_alphabetic());
    hyphen - letters.map(char::len_utf8).sum::<usize>()..hyphen
}

fn second_part(text: &str, hyphen: usize) -> Range<usize> {
    let start = hyphen + "-\n".len();
    let letters = text[start..].chars().take(MAX_BYTES).take_while(|c| c.is_alphabetic());
    start..start + letters.map(char::len_utf8).sum::<usize>()
}

/// Returns the hashes of a word without and with a hyphen, in any case.
fn forms(first: &str, second: &str) -> [u64; 2] {
    ["", "-"].map(|hyphen| hash([first, hyphen, second]))
}

fn hash<const N: usize>(parts: [&str; N]) -> u64 {
    let mut hash = FxHasher::default();
    parts.iter().flat_map(|part| part.chars()).flat_map(char::to_lowercase).for_each(|c| hash.write_u32(c.into()));
    hash.finish()
}

/// Counts both forms of every word hyphenated at a line end in the whole text.
fn counts(text: &str) -> FxHashMap<u64, usize> {
    let mut counts = FxHashMap::default();
    for hyphen in hyphens(text) {
        let forms = forms(&text[first_part(text, hyphen)], &text[second_part(text, hyphen)]);
        counts.extend(forms.map(|form| (form, 0)));
    }
    if counts.is_empty() {
        return counts;
    }
    let mut count = |form| {
        if let Some(count) = counts.get_mut(&form) {
            *count += 1;
        }
    };
    for word in text.split(|c: char| !c.is_alphabetic() && c != '-') {
        let mut before = None;
        for part in word.split('-').filter(|part| part.len() < MAX_BYTES) {
            count(hash([part]));
            if let Some(before) = before.replace(part) {
                count(hash([before, "-", part]));
            }
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn a_word_is_joined_if_the_text_has_it_without_a_hyphen() {
        for (text, kept) in [
            ("the Fer-\nry, late. A ferry.", "the Ferry,\nlate. A ferry."),
            ("the fer-\nry\nlate. A ferry.", "the ferry\nlate. A ferry."),
            ("a bell, bell, a be-\nll.", "a bell, bell, a bell."),
            ("été l’é-\nté là", "été l’é-\nté là"),
            ("the fer-\nry fer-\nry ferry", "the ferry\nferry\nferry"),
        ] {
            assert_eq!(clean(text).0, kept, "{text}");
        }
    }

    #[test]
    fn other_hyphens_stay() {
        for text in [
            "the well-\nknown bell",
            "to-\nday to-day to-day today",
            "the fer-\nRy ferry",
            "by-the-\nbye thebye",
            "mother-\nin-law motherin",
            "a --\nferry aferry",
            "-\n",
            "fer-\n",
            "a-\n\nb ab",
        ] {
            assert_eq!(clean(text), (text.into(), 0), "{text}");
        }
    }
}
