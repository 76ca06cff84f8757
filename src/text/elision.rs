//! Elision: words that lose their final vowel before another word, as in French `l’homme` and Italian `dell'arte`.
//! The elided word is a separate token that ends in the apostrophe; no space follows it.

/// Returns whether the letters before an apostrophe, from the start of the word, are an elided word.
pub type Rule = fn(&str) -> bool;

/// No elision: an apostrophe inside a word belongs to it.
pub const NONE: Rule = |_| false;

/// Articles, pronouns and conjunctions. Other apostrophes (`aujourd’hui`, `prud’homme`) stay inside their word.
pub const FRENCH: Rule = |letters| {
    let letters = letters.as_bytes();
    match letters {
        [c] => b"cdjlmnst".contains(&c.to_ascii_lowercase()),
        [0xc3, 0xa7 | 0x87] => true, // ç, Ç
        _ => [&b"qu"[..], b"jusqu", b"lorsqu", b"puisqu", b"quoiqu"]
            .iter()
            .any(|word| letters.eq_ignore_ascii_case(word)),
    }
};

/// [`FRENCH`] as a regular expression (Oniguruma syntax). Both cases are spelled out because a case-insensitive
/// `s` would also match a long `ſ`.
pub const FRENCH_PATTERN: &str =
    "(?:[cdjlmnstçCDJLMNSTÇ]|(?:[jJ][uU][sS]|[lL][oO][rR][sS]|[pP][uU][iI][sS]|[qQ][uU][oO][iI])?[qQ][uU])";

/// Every word before an apostrophe that is followed by a letter is elided.
pub const ITALIAN: Rule = |_| true;

#[cfg(test)]
mod tests {
    use crate::text::PreTokenizer;

    #[test]
    fn french_articles_are_separate_words_and_other_apostrophes_are_not() {
        let cut = |text| PreTokenizer::French.pieces(text);
        assert_eq!(cut("L’homme qu'il"), ["L’", "homme", "qu'", "il"]);
        assert_eq!(cut("d’aujourd’hui"), ["d’", "aujourd’hui"]);
        assert_eq!(cut("jusqu’à l’ ami"), ["jusqu’", "à", "l", "’ ", "ami"]);
        assert_eq!(cut("ç’avait prud’homme"), ["ç’", "avait", "prud’homme"]);
    }

    #[test]
    fn italian_splits_at_every_apostrophe_between_letters() {
        assert_eq!(
            PreTokenizer::Italian.pieces("dell'arte, un po' d'oro"),
            ["dell'", "arte", ", ", "un", "po", "' ", "d'", "oro"]
        );
    }
}
