//! The preprocessing of many tutorials: lower-case words without punctuation.

use unicode_normalization::UnicodeNormalization;

use super::plain;

/// [`normalize`] as a sequence of replacements (Oniguruma syntax), applied after NFC and lower-casing.
pub const NORMALIZATION: [(&str, &str); 2] = [("['’]", ""), (r"[^\p{L}\p{M}\p{N}]+", " ")];

/// Lower-cases the text, drops apostrophes so that `don't` stays one word, and replaces everything else that is
/// not a letter, mark or digit with a space.
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
    fn only_lower_case_words_remain() {
        assert_eq!(normalize("“Don’t!” said ALICE—twice,\n\n3 times_"), " dont said alice twice 3 times ");
    }
}
