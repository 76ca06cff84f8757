//! The classic preprocessing of teaching projects: lower case, no punctuation, words only.

use unicode_normalization::UnicodeNormalization;

use super::plain;

/// [`normalize`], as replacements in order (Oniguruma syntax), after NFC and lower-casing.
pub const NORMALIZATION: [(&str, &str); 2] = [("['’]", ""), (r"[^\p{L}\p{M}\p{N}]+", " ")];

/// Lower case; apostrophes vanish, so that `don't` stays one word; everything else that is no letter,
/// mark or digit becomes a blank.
pub fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    if plain::is_surely_nfc(text) {
        text.chars().for_each(|c| push(&mut out, c));
    } else {
        text.nfc().for_each(|c| push(&mut out, c));
    }
    out
}

fn push(out: &mut String, c: char) {
    if c.is_ascii() {
        return push_lower(out, c.to_ascii_lowercase());
    }
    c.to_lowercase().for_each(|c| push_lower(out, c));
}

fn push_lower(out: &mut String, c: char) {
    if plain::is_letter_or_digit(c) {
        out.push(c);
    } else if c != '\'' && c != '’' && !out.ends_with(' ') {
        out.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_lower_case_words_only() {
        assert_eq!(normalize("“Don’t!” said ALICE—twice,\n\n3 times_"), " dont said alice twice 3 times ");
    }
}
