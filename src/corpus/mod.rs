//! The catalogue of books, and the conversion of downloaded files to plain text.

pub mod catalogue;
pub mod cleaning;
pub mod content;
pub mod documents;
pub mod encoding;
pub mod gutenberg;
pub mod lock;
pub mod mirrors;
