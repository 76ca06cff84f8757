//! The classic preprocessing of teaching projects: lower case, no punctuation, words only.

use unicode_normalization::UnicodeNormalization;

/// [`normalize`], as replacements in order (Oniguruma syntax), after NFC and lower-casing.
pub const NORMALIZATION: [(&str, &str); 2] = [("['’]", ""), (r"[^\p{L}\p{M}\p{N}]+", " ")];

/// Lower case; apostrophes vanish, so that `don't` stays one word; everything else that is no letter,
/// mark or digit becomes a blank.
pub fn normalize(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc().flat_map(char::to_lowercase) {
        if super::plain::is_letter_or_digit(c) {
            out.push(c);
        } else if c != '\'' && c != '’' && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_lower_case_words_only() {
        assert_eq!(normalize("“Don’t!” said ALICE—twice,\n\n3 times_"), " dont said alice twice 3 times ");
    }
}
