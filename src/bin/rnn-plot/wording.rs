//! Formats names and texts for display.

use std::path::Path;

use rnn_tools::history;

/// The name of a file or folder for a title: without control characters, and the real name for `.`.
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

/// The name of a history's run, which is that of its folder.
pub fn run(path: &Path) -> String {
    match path.parent() {
        Some(folder) if path.ends_with(history::FILE_NAME) && folder == Path::new("") => title(Path::new(".")),
        Some(folder) if path.ends_with(history::FILE_NAME) => title(folder),
        _ => title(path),
    }
}

/// Replaces characters that XML forbids or terminals interpret: control characters, U+FFFE and U+FFFF.
pub fn printable(text: &str) -> String {
    text.replace(|c: char| c.is_control() || c == '\u{fffe}' || c == '\u{ffff}', "\u{fffd}")
}

/// A token for display: line breaks and tabs as arrows, without spaces at its ends.
pub fn token(piece: &str) -> String {
    let shown: String = piece.trim_matches(' ').replace('\n', "↵").replace('\t', "→");
    if shown.is_empty() { "␣".into() } else { printable(&shown) }
}

/// Escapes a text for XML and HTML.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Cuts `text` at its end until it `fits`; an ellipsis marks the cut.
pub fn shortened(text: &str, fits: impl Fn(&str) -> bool) -> String {
    if fits(text) {
        return text.into();
    }
    let heads = text.char_indices().rev().map(|(at, _)| format!("{}…", text[..at].trim_end()));
    heads.into_iter().find(|head| fits(head)).unwrap_or_else(|| "…".into())
}

/// Cuts `text` at its beginning until it `fits`; an ellipsis marks the cut.
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
    fn every_token_is_visible() {
        assert_eq!(["the", ", ", "\n\n", " ", "a\u{1b}"].map(token), ["the", ",", "↵↵", "␣", "a\u{fffd}"]);
    }
}
