//! Files that hold text in another form: recognizes them by their contents.

mod file_type;

pub use file_type::{FileType, START_BYTES};
