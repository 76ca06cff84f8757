//! Names and texts as people see them.

use std::path::Path;

use rnn_tools::history;

/// A file's or folder's name for a title: no control characters, and a name even for `.`.
pub fn title(path: &Path) -> String {
    if path == Path::new("-") {
        return "standard input".into();
    }
    let named = match path.file_name() {
        Some(_) => path.to_path_buf(),
        None => path.canonicalize().unwrap_or_else(|_| path.to_path_buf()),
    };
    printable(&named.to_string_lossy())
}

/// The name of the run that a history is of: its folder's.
pub fn run(path: &Path) -> String {
    match path.parent() {
        Some(folder) if path.ends_with(history::FILE_NAME) && folder == Path::new("") => title(Path::new(".")),
        Some(folder) if path.ends_with(history::FILE_NAME) => title(folder),
        _ => title(path),
    }
}

/// A text without what XML has no place for, and terminals obey: control characters, U+FFFE and U+FFFF.
pub fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() || c == '\u{fffe}' || c == '\u{ffff}', "\u{fffd}")
}

/// A token as it is shown: line breaks as an arrow, blanks at its ends left out.
pub fn token(piece: &str) -> String {
    let shown: String = piece.trim_matches(' ').replace('\n', "↵").replace('\t', "→");
    if shown.is_empty() { "␣".into() } else { printable(&shown) }
}

/// A text as it stands in XML and HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// As much of the beginning of `text` as `fits`, before an ellipsis if something is missing.
pub fn shortened(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.into();
    }
    let heads = text.char_indices().rev().map(|(at, _)| format!("{}…", text[..at].trim_end()));
    heads.into_iter().find(|head| fits(head)).unwrap_or_else(|| "…".into())
}

/// As much of the end of `text` as `fits`, after an ellipsis if something is missing.
pub fn elided(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.into();
    }
    let tails = text.char_indices().skip(1).map(|(at, _)| format!("…{}", &text[at..]));
    tails.into_iter().find(|tail| fits(tail)).unwrap_or_else(|| "…".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_keep_their_end_and_long_texts_their_beginning() {
        assert_eq!(elided("books/alice/history.csv", |t| t.chars().count() <= 12), "…history.csv");
        assert_eq!(elided("é", |_| false), "…");
        assert_eq!(elided("short", |_| true), "short");
        assert_eq!(shortened("weights and bias", |t| t.chars().count() <= 9), "weights…");
        assert_eq!(title(Path::new("a\u{1}b")), "a\u{fffd}b");
    }

    #[test]
    fn tokens_are_seen() {
        assert_eq!(["the", ", ", "\n\n", " ", "a\u{1b}"].map(token), ["the", ",", "↵↵", "␣", "a\u{fffd}"]);
    }
}
