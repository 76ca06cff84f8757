//! Whether a text copies the book: a guard that keeps it from doing so, and a count of what it has copied.
//!
//! The index is the book's token file, as rnn-prep wrote it; nothing else has to be kept.

mod guard;
mod novelty;

pub use guard::Guard;
pub use novelty::{Novelty, RUN, Words};
