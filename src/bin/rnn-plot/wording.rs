//! Names and numbers as people write them.

use std::path::Path;

use rnn_tools::numerals::{count, grouped};

/// A number with so many decimals and its thousands apart.
pub fn decimal(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    match text.strip_prefix('-') {
        Some(rest) if rest.chars().any(|c| ('1'..='9').contains(&c)) => format!("−{}", grouped(rest)),
        Some(rest) => grouped(rest), // no minus before nought
        None => grouped(&text),
    }
}

/// A loss in nats, to the decimals that mean something.
pub fn loss(loss: f64) -> String {
    let decimals = match loss.abs() {
        size if size < 0.1 => 4,
        size if size < 100.0 => 3,
        _ => 0,
    };
    decimal(loss, decimals)
}

/// Perplexity of a loss, to about three figures.
pub fn perplexity(loss: f64) -> String {
    match loss.exp() {
        p if p >= 1e7 => "over 10 million".into(),
        p if p >= 100.0 => decimal(p, 0),
        p if p >= 10.0 => decimal(p, 1),
        p => decimal(p, 2),
    }
}

/// A share of one as a percentage.
pub fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    format!("{}%", decimal(percent, if percent.abs() < 1.0 { 2 } else { 1 }))
}

/// One thing, or so many of them.
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Bytes in the unit that leaves one to three figures before the point.
pub fn bytes(number: usize) -> String {
    let mut size = number as f64;
    for unit in ["bytes", "kB", "MB", "GB"] {
        if size < 999.5 {
            return format!("{} {unit}", decimal(size, if unit == "bytes" || size >= 99.95 { 0 } else { 1 }));
        }
        size /= 1000.0;
    }
    format!("{} TB", decimal(size, 1))
}

/// A file's or folder's name for a title: no control characters, and a name even for `.`.
pub fn title(path: &Path) -> String {
    if path == Path::new("-") {
        return "standard input".into();
    }
    let named = match path.file_name() {
        Some(_) => path.to_path_buf(),
        None => path.canonicalize().unwrap_or_else(|_| path.to_path_buf()),
    };
    // XML has no place for control characters and U+FFFE, U+FFFF
    named.to_string_lossy().replace(|c: char| c.is_control() || c == '\u{fffe}' || c == '\u{ffff}', "\u{fffd}")
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
    fn thousands_stand_apart() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(decimal(-1234.5, 1), "−1,234.5");
        assert_eq!(decimal(-0.0001, 2), "0.00");
    }

    #[test]
    fn figures_have_the_decimals_that_matter() {
        assert_eq!([4.81249, 0.01234, 1234.5].map(loss), ["4.812", "0.0123", "1,234"]);
        assert_eq!([0.0, 3.0, 5.0, 9.0, 900.0].map(perplexity), ["1.00", "20.1", "148", "8,103", "over 10 million"]);
        assert_eq!([percent(0.2345), percent(0.001234), percent(1.0)], ["23.4%", "0.12%", "100.0%"]);
        assert_eq!(
            [bytes(999), bytes(1500), bytes(999_600), bytes(123_456_789)],
            ["999 bytes", "1.5 kB", "1.0 MB", "123 MB"]
        );
    }

    #[test]
    fn long_names_keep_their_end() {
        assert_eq!(elided("books/alice/history.csv", |t| t.chars().count() <= 12), "…history.csv");
        assert_eq!(elided("é", |_| false), "…");
        assert_eq!(elided("short", |_| true), "short");
        assert_eq!(title(Path::new("a\u{1}b")), "a\u{fffd}b");
    }
}
