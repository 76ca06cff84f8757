//! Text that is tokenized already, such as the Penn Treebank and WikiText: tokens are separated by white space, and a
//! line break is a token too. `<unk>` in such a text is the unknown token itself.

/// [`each`] as a regular expression (Oniguruma syntax).
pub const PATTERN: &str = r"\n|\S+";

/// Calls `found` with the tokens of a text, in order.
pub fn each<'a>(text: &'a str, mut found: impl FnMut(&'a str)) {
    for line in text.split_inclusive('\n') {
        line.split_whitespace().for_each(&mut found);
        if line.ends_with('\n') {
            found(&line[line.len() - 1..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::text::{PreTokenizer, Tokenizer};

    #[test]
    fn white_space_separates_tokens_and_line_breaks_are_tokens() {
        let text = " the <unk> @-@ boy , \n \n = Title = \r\nthe\u{a0}end";
        assert_eq!(
            PreTokenizer::Tokens.pieces(text),
            ["the", "<unk>", "@-@", "boy", ",", "\n", "\n", "=", "Title", "=", "\n", "the", "end"]
        );
        let pieces = ["<unk>", "the", "@-@", ",", "\n"];
        let tokenizer = Tokenizer::new(PreTokenizer::Tokens, pieces).unwrap();
        let ids = tokenizer.encode(text);
        assert_eq!(ids, [1, 0, 2, 0, 3, 4, 4, 0, 0, 0, 4, 1, 0]);
        assert_eq!(tokenizer.decode(&ids[..7]), "the <unk> @-@ <unk> ,\n\n");
    }
}
