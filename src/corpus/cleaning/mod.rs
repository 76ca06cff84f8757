//! Cleaning: removes what transcribers add to a text, and invisible characters. What the author wrote stays.
//!
//! Every kind is a function from a text with LF line ends to the cleaned text and the number of changes. All take linear
//! time. They need the whole text, because a mark may extend over lines, and because a note at the end or another
//! occurrence of a word decides about a place before.

mod brackets;
mod cutter;
mod emphasis;
mod footnotes;
mod hyphens;
mod illustrations;
mod invisible;
#[cfg(test)]
mod tests;
mod transcriber;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::encoding::with_lf;
use crate::format::plural;

/// Something to clean, in the order in which it is done: a footnote may be in italics, and a word of a footnote
/// hyphenated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Transcriber,
    Illustrations,
    Footnotes,
    Emphasis,
    Hyphens,
    Invisible,
}

pub type Kinds = BTreeSet<Kind>;

impl Kind {
    pub const ALL: [Self; 6] =
        [Self::Transcriber, Self::Illustrations, Self::Footnotes, Self::Emphasis, Self::Hyphens, Self::Invisible];

    fn clean(self, text: &str) -> (String, usize) {
        match self {
            Self::Transcriber => transcriber::clean(text),
            Self::Illustrations => illustrations::clean(text),
            Self::Footnotes => footnotes::clean(text),
            Self::Emphasis => emphasis::clean(text),
            Self::Hyphens => hyphens::clean(text),
            Self::Invisible => invisible::clean(text),
        }
    }

    /// The singular and plural of what is counted.
    fn counted(self) -> (&'static str, &'static str) {
        match self {
            Self::Transcriber => ("transcriber's note", "transcriber's notes"),
            Self::Illustrations => ("illustration", "illustrations"),
            Self::Footnotes => ("footnote mark", "footnote marks"),
            Self::Emphasis => ("mark of emphasis", "marks of emphasis"),
            Self::Hyphens => ("word hyphenated at a line end", "words hyphenated at line ends"),
            Self::Invisible => ("invisible character", "invisible characters"),
        }
    }
}

/// The number of changes of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; Kind::ALL.len()]);

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(count, more)| *count += more);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let changes = Kind::ALL.iter().zip(self.0).filter(|&(_, count)| count > 0);
        let changes = changes.map(|(kind, count)| plural(count, kind.counted().0, kind.counted().1));
        let changes = changes.collect::<Vec<_>>().join(", ");
        f.write_str(if changes.is_empty() { "nothing" } else { &changes })
    }
}

/// The maximum number of rounds. A removal may reveal another mark, but only a text that is made for it needs many.
const MAX_ROUNDS: usize = 8;

/// Cleans a text of these kinds of marks, until none is left. Converts its line ends to LF.
pub fn clean(text: &str, kinds: &Kinds) -> (String, Counts) {
    let (mut text, mut counts) = (with_lf(text), Counts::default());
    for _ in 0..MAX_ROUNDS {
        let before = counts;
        for &kind in kinds {
            let (cleaned, count) = kind.clean(&text);
            if count > 0 {
                text = cleaned;
                counts.0[kind as usize] += count;
            }
        }
        if counts == before {
            break;
        }
    }
    (text, counts)
}
