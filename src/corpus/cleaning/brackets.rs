//! Passages in brackets, which may be nested.

use std::collections::VecDeque;
use std::ops::Range;

/// The maximum number of brackets open at once; those before belong to no passage.
const MAX_DEPTH: usize = 32;

/// Returns the passages in brackets of at most `max` bytes whose text `begins` as required; of nested ones, the outer.
pub fn passages(text: &str, max: usize, begins: impl Fn(&str) -> bool) -> Vec<Range<usize>> {
    let mut open = VecDeque::new();
    let mut found: Vec<Range<usize>> = Vec::new();
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'[' => {
                if open.len() == MAX_DEPTH {
                    open.pop_front();
                }
                open.push_back((at, begins(&text[at + 1..])));
            }
            b']' => {
                let Some((start, true)) = open.pop_back() else { continue };
                if at - start < max {
                    while found.pop_if(|inner| inner.start > start).is_some() {}
                    found.push(start..at + 1);
                }
            }
            _ => {}
        }
    }
    found
}

/// Returns whether a text begins with a word, given in lower case, or its plural; it may be emphasized.
pub fn begins_with(text: &str, word: &str) -> bool {
    let text = text.trim_start_matches(['_', '=', '*', ' ']);
    let Some((start, rest)) = text.split_at_checked(word.len()) else { return false };
    let rest = rest.strip_prefix(['s', 'S']).unwrap_or(rest);
    start.eq_ignore_ascii_case(word) && !rest.starts_with(char::is_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<&str> {
        passages(text, 20, |rest| begins_with(rest, "bell")).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn passages_are_known_by_their_first_word_and_may_be_nested() {
        assert_eq!(found("a [Bell: [x] y] b [_BELLS_] [Bellow] [bell1] [the bell]"), ["[Bell: [x] y]", "[_BELLS_]"]);
        assert_eq!(found("[bell [bell] [x]] [bell]"), ["[bell [bell] [x]]", "[bell]"]);
        assert_eq!(found("[bell [bell]] ] [bell"), ["[bell [bell]]"]);
        assert_eq!(found("[bell is too long for a passage]"), [""; 0]);
        assert_eq!(found(&"[".repeat(100)), [""; 0]);
        assert_eq!(found(&("[".repeat(100) + "[bell]" + &"]".repeat(200))), ["[bell]"]);
    }
}
