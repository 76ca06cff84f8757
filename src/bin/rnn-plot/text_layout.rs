//! Lays out running text in lines as wide as the picture.

use crate::canvas::{Canvas, LABEL};
use crate::wording;

/// Shown for a line break.
const LINE_BREAK: &str = "↵";

/// A piece, or part of one, with its position.
#[derive(Clone, Debug, PartialEq)]
pub struct Placed {
    /// Index of the piece.
    pub piece: usize,
    pub text: String,
    /// Left and right edge.
    pub x: (f64, f64),
    /// Line, from 0.
    pub line: usize,
}

/// Part of a piece that is not broken unless it is wider than a line.
type Fragment = (usize, String);

/// Lays out pieces in lines from `left` to `right`. Lines break before a space, which is dropped, and after a line
/// break, which is shown.
pub fn lay_out<'a>(
    canvas: &Canvas,
    pieces: impl IntoIterator<Item = &'a str>,
    (left, right): (f64, f64),
) -> Vec<Placed> {
    let mut all: Vec<Placed> = Vec::new();
    let (mut x, mut line) = (left, 0);
    for mut word in words(pieces) {
        let width = |word: &[Fragment]| word.iter().map(|(_, text)| canvas.width(LABEL, text)).sum::<f64>();
        if x > left && x + width(&word) > right {
            (x, line) = (left, line + 1);
        }
        if x == left {
            word[0].1 = word[0].1.trim_start_matches(' ').into();
        }
        let ends_line = word.last().is_some_and(|(_, text)| text == LINE_BREAK);
        for (piece, text) in word {
            for text in cut(canvas, text, right - left, right - x) {
                let width = canvas.width(LABEL, &text);
                if x > left && x + width > right {
                    (x, line) = (left, line + 1);
                }
                all.push(Placed { piece, text, x: (x, x + width), line });
                x += width;
            }
        }
        if ends_line {
            (x, line) = (left, line + 1);
        }
    }
    all
}

/// Groups fragments into words, which stay on one line. A space begins a word, a line break ends one.
fn words<'a>(pieces: impl IntoIterator<Item = &'a str>) -> Vec<Vec<Fragment>> {
    let mut words: Vec<Vec<Fragment>> = Vec::new();
    for (index, piece) in pieces.into_iter().enumerate() {
        let mut fragments: Vec<String> = Vec::new();
        for c in piece.chars() {
            let is_new = c == ' ' || c == '\n' || fragments.last().is_none_or(|last| last == LINE_BREAK);
            match fragments.last_mut() {
                Some(last) if !is_new => last.push(c),
                _ => fragments.push(if c == '\n' { LINE_BREAK.into() } else { c.into() }),
            }
        }
        for fragment in fragments {
            let after_break = words.last().and_then(|word| word.last()).is_none_or(|(_, last)| last == LINE_BREAK);
            let fragment = (index, wording::printable(&fragment));
            match words.last_mut() {
                Some(word) if !after_break && !fragment.1.starts_with(' ') => word.push(fragment),
                _ => words.push(vec![fragment]),
            }
        }
    }
    words
}

/// Cuts a text into parts no wider than `line`; if it is wider than that, the first part fits into `left`.
fn cut(canvas: &Canvas, mut text: String, line: f64, left: f64) -> Vec<String> {
    let mut parts = Vec::new();
    let mut room = if canvas.width(LABEL, &text) > line { left } else { line };
    while !text.is_empty() {
        let fits = |end: &usize| canvas.width(LABEL, &text[..*end]) <= room;
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let first = text.chars().next().map_or(0, char::len_utf8);
        let end = ends.take_while(fits).last().unwrap_or(first);
        let rest = text.split_off(end);
        parts.push(std::mem::replace(&mut text, rest));
        room = line;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canvas::{Medium, terminal::CELL};
    use crate::theme;

    fn lines(pieces: &[&str], columns: usize) -> Vec<String> {
        let canvas = Canvas::new(theme::of(rnn_tools::cli::plot::Theme::Light), Medium::Terminal, (None, None));
        let all = lay_out(&canvas, pieces.iter().copied(), (0.0, columns as f64 * CELL.0));
        let mut lines = vec![String::new(); all.last().map_or(0, |placed| placed.line + 1)];
        for placed in &all {
            assert!(placed.x.1 <= columns as f64 * CELL.0, "{placed:?}");
            lines[placed.line] += &placed.text;
        }
        lines
    }

    #[test]
    fn lines_break_at_spaces_and_at_line_breaks() {
        assert_eq!(lines(&["The", " cat", " sat", ". ", "It"], 9), ["The cat", "sat. It"]);
        assert_eq!(lines(&["a\n\nb", "\n"], 9), ["a↵", "↵", "b↵"]);
    }

    #[test]
    fn letters_of_a_word_stay_together_and_long_words_are_cut() {
        let letters: Vec<String> = "the long road".chars().map(String::from).collect();
        let letters: Vec<&str> = letters.iter().map(String::as_str).collect();
        assert_eq!(lines(&letters, 10), ["the long", "road"]);
        assert_eq!(lines(&["abcdefghij", "k"], 4), ["abcd", "efgh", "ijk"]);
    }
}
