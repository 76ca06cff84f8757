//! The catalogue of books, and what makes a downloaded file a plain text.

pub mod answer;
pub mod catalogue;
pub mod encoding;
pub mod gutenberg;
pub mod lock;
pub mod mirrors;
