//! The catalogue of books, and what makes a downloaded file a plain text.

pub mod catalogue;
pub mod content;
pub mod encoding;
pub mod gutenberg;
pub mod lock;
pub mod mirrors;
