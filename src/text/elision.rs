//! Words that lose their vowel to the next one: French `l’homme`, Italian `dell'arte`. Each is a word of its
//! own that ends in the apostrophe, and nothing stands between it and the word after it.

/// Tells whether the letters before an apostrophe, from the start of the word, are an elided word.
pub type Rule = fn(&str) -> bool;

/// No word is elided: an apostrophe inside a word is a letter of it.
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

/// [`FRENCH`], as a regular expression (Oniguruma syntax). Spelt out in both cases: ignoring case, an `s` would
/// also be a long `ſ`.
pub const FRENCH_PATTERN: &str =
    "(?:[cdjlmnstçCDJLMNSTÇ]|(?:[jJ][uU][sS]|[lL][oO][rR][sS]|[pP][uU][iI][sS]|[qQ][uU][oO][iI])?[qQ][uU])";

/// All letters before an apostrophe that is followed by another.
pub const ITALIAN: Rule = |_| true;

#[cfg(test)]
mod tests {
    use crate::text::PreTokenizer;

    #[test]
    fn french_articles_are_words_and_other_apostrophes_are_letters() {
        let cut = |text| PreTokenizer::French.pieces(text);
        assert_eq!(cut("L’homme qu'il"), ["L’", "homme", "qu'", "il"]);
        assert_eq!(cut("d’aujourd’hui"), ["d’", "aujourd’hui"]);
        assert_eq!(cut("jusqu’à l’ ami"), ["jusqu’", "à", "l", "’ ", "ami"]);
        assert_eq!(cut("ç’avait prud’homme"), ["ç’", "avait", "prud’homme"]);
    }

    #[test]
    fn italian_cuts_at_every_apostrophe_between_letters() {
        assert_eq!(
            PreTokenizer::Italian.pieces("dell'arte, un po' d'oro"),
            ["dell'", "arte", ", ", "un", "po", "' ", "d'", "oro"]
        );
    }
}
