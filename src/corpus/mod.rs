//! The catalogue of books, and what makes a downloaded file a plain text.
