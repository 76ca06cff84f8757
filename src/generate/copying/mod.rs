//! Whether a text copies the book: a guard that keeps it from doing so, and a count of what it has copied.
//!
//! The index is the book's token file, as rnn-prep wrote it; nothing else has to be kept.

mod guard;
mod novelty;

use std::hash::{BuildHasher, Hasher};

use rustc_hash::FxBuildHasher;

pub use guard::Guard;
pub use novelty::{Novelty, RUN, Words};

/// Of a run of words.
fn hash(words: &[u32]) -> u64 {
    let mut hasher = FxBuildHasher.build_hasher();
    words.iter().for_each(|&word| hasher.write_u32(word));
    hasher.finish()
}
