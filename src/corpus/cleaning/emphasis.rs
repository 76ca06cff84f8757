//! Marks of emphasis: `_italics_` and `=bold=`.
//!
//! A mark opens before a word and closes after one, within a paragraph, and between the two is none of the characters
//! that are frequent in code. The `_` of `snake_case` and the `=` of `x = y` therefore stay.

/// Removes the marks of emphasis.
pub fn clean(text: &str) -> (String, usize) {
    let mut marks = pairs(text);
    marks.sort_unstable();
    let (mut out, mut at) = (String::with_capacity(text.len()), 0);
    for &mark in &marks {
        out.push_str(&text[at..mark]);
        at = mark + 1;
    }
    out.push_str(&text[at..]);
    (out, marks.len() / 2)
}

/// Returns the places of all marks that open or close a pair.
fn pairs(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    for mark in ['_', '='] {
        // A mark that may open a pair, and has not been closed.
        let mut open: Option<usize> = None;
        let mut line_is_empty = true;
        for (at, c) in text.char_indices() {
            match c {
                '\n' if line_is_empty => open = None,
                '\n' => line_is_empty = true,
                ' ' | '\t' => {}
                '<' | '>' | '{' | '}' | '|' | '\\' => open = None,
                _ if c != mark => {
                    line_is_empty = false;
                    open = open.filter(|_| c != '=');
                }
                _ => {
                    line_is_empty = false;
                    let (before, after) = (text[..at].chars().next_back(), text[at + 1..].chars().next());
                    let sides = Sides { mark, before, after };
                    match open.take() {
                        Some(start) if sides.close() => found.extend([start, at]),
                        _ if sides.open() => open = Some(at),
                        _ => {}
                    }
                }
            }
        }
    }
    found
}

/// A mark and the characters beside it.
struct Sides {
    mark: char,
    before: Option<char>,
    after: Option<char>,
}

impl Sides {
    fn open(&self) -> bool {
        self.before.is_none_or(|c| !c.is_alphanumeric() && c != self.mark)
            && self.after.is_some_and(|c| !c.is_whitespace() && c != self.mark && !CLOSING.contains(c))
    }

    fn close(&self) -> bool {
        self.before.is_some_and(|c| !c.is_whitespace() && c != self.mark && !OPENING.contains(c))
            && self.after.is_none_or(|c| !c.is_alphanumeric() && c != self.mark && c != '{')
    }
}

const CLOSING: &str = ".,;:!?)]}”»";
const OPENING: &str = "([{“‘«";

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn marks_around_words_go_also_over_line_ends() {
        for (text, kept) in [
            ("It was _very_ late", "It was very late"),
            ("(_The bell\nof the ferry_), “_Ha!_”", "(The bell\nof the ferry), “Ha!”"),
            ("_a_ _b_—_c_, _d_'s", "a b—c, d's"),
            ("=The Gate.= =Ferry=, =_both_=", "The Gate. Ferry, both"),
            ("_“Ring!”_", "“Ring!”"),
            ("_one _two_", "_one two"),
            ("_x_", "x"),
        ] {
            assert_eq!(clean(text).0, kept, "{text}");
        }
        assert_eq!(clean("_a_ =b=").1, 2);
    }

    #[test]
    fn other_uses_of_the_characters_stay() {
        for text in [
            "snake_case a_b _private_name __init__ some_where_",
            "x = y = z",
            "x=y=z",
            "key==value ==== ___ _ _ = Title =",
            "C_{2}H_{5}",
            "for _, x in f(_): g(_)",
            "_a = 1\nb_ = 2",
            "if (a =b) { c= d }",
            "_open\n\nclosed_ _open\n \t\nclosed_",
            "_",
            "",
        ] {
            assert_eq!(clean(text), (text.into(), 0), "{text}");
        }
    }
}
