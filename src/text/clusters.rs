//! The character level: grapheme clusters (Unicode Standard Annex 29), such as letters with their combining marks,
//! Hangul syllables, flags and families of emoji.

use unicode_segmentation::UnicodeSegmentation;

/// [`each`] as a regular expression (Oniguruma syntax).
pub const PATTERN: &str = r"\X";

/// Calls `found` with the clusters of a text, in order.
pub fn each<'a>(text: &'a str, mut found: impl FnMut(&'a str)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        // No cluster contains two ASCII characters, except CR LF.
        let length = if bytes[at].is_ascii() && next.is_ascii() && (bytes[at], next) != (b'\r', b'\n') {
            1
        } else {
            text[at..].graphemes(true).next().map_or(1, str::len)
        };
        found(&text[at..at + length]);
        at += length;
    }
}

/// Returns the start of the last cluster, which later text may continue, unless it is the start of the text.
pub fn last_start(text: &str) -> Option<usize> {
    text.grapheme_indices(true).next_back().map(|(at, _)| at).filter(|&at| at > 0)
}

#[cfg(test)]
mod tests {
    use unicode_segmentation::UnicodeSegmentation;

    use crate::text::PreTokenizer;

    #[test]
    fn what_readers_take_for_a_character_is_one_piece() {
        for cluster in
            ["👨‍👩‍👧‍👦", "🇩🇪", "👩🏽‍🚀", "❤️‍🔥", "1️⃣", "한", "\u{1112}\u{1161}\u{11ab}", "e\u{301}\u{302}", "ที่", "கி", "\r\n"]
        {
            let text = format!("a{cluster}b{cluster}{cluster}");
            assert_eq!(PreTokenizer::Char.pieces(&text), ["a", cluster, "b", cluster, cluster], "{cluster:?}");
            assert!(cluster == "한" || PreTokenizer::Codepoint.pieces(cluster).len() > 1);
        }
    }

    #[test]
    fn the_fast_path_changes_nothing() {
        for text in ["plain ASCII\r\n\n\r", "\u{600}a\u{301}b", "\u{200d}a\u{200d}", "", "\r", "🇩🇪🇫🇷🇬"] {
            assert_eq!(PreTokenizer::Char.pieces(text), text.graphemes(true).collect::<Vec<_>>());
        }
    }
}
