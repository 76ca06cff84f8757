//! Divides a text into chapters.

use crate::headings::{Layout, is_contents, is_heading, is_named};

/// The number of bytes that separates headings of two chapters. Headings closer together, such as those of a part and
/// its first chapter, or of a table of contents, start one chapter together.
const MIN_BYTES: usize = 200;

/// Finds the chapters of a text that arrives in blocks.
pub struct Chapters {
    /// The number of empty lines before the next line.
    blanks: usize,
    /// The number of bytes since the last heading.
    bytes: usize,
}

impl Chapters {
    pub fn new() -> Self {
        Self { blanks: 1, bytes: MIN_BYTES }
    }

    /// Splits the next block before each heading that starts a chapter. Returns each section and whether it starts
    /// with a heading. Blocks must end between paragraphs.
    pub fn split<'a>(&mut self, block: &'a str) -> Vec<(bool, &'a str)> {
        let (mut parts, mut begin, mut headed) = (Vec::new(), 0, false);
        let lines: Vec<&str> = block.split_inclusive('\n').collect();
        let mut at = 0;
        for (i, line) in lines.iter().enumerate() {
            let (next, second) = (lines.get(i + 1), lines.get(i + 2));
            let is_blank = |line: Option<&&str>| line.is_none_or(|line| line.trim().is_empty());
            let layout =
                Layout { blanks: self.blanks, is_alone: is_blank(next), is_short: is_blank(next) || is_blank(second) };
            // A short line above the heading belongs to it: the title of the book, of which this is a part.
            let heads = |line: &str| {
                is_heading(line, layout)
                    || line.trim().chars().count() < 40
                        && !line.trim().ends_with(['.', ',', '?', '!'])
                        && is_blank(second)
                        && next.is_some_and(|line| is_named(line))
            };
            if line.trim().is_empty() {
                self.blanks += 1;
            } else {
                if self.blanks > 0 && heads(line) {
                    if self.bytes >= MIN_BYTES {
                        let start = at + line.len() - line.trim_start().len();
                        if start > begin {
                            parts.push((headed, &block[begin..start]));
                        }
                        (begin, headed) = (start, true);
                    }
                    self.bytes = 0;
                } else if self.bytes < MIN_BYTES && !is_named(line) && !is_contents(line) {
                    self.bytes += line.trim().len();
                }
                self.blanks = 0;
            }
            at += line.len();
        }
        parts.push((headed, &block[begin..]));
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(text: &str) -> Vec<String> {
        let parts = Chapters::new().split(text);
        assert_eq!(parts.iter().map(|part| part.1).collect::<String>(), text);
        let headed = parts.iter().filter(|part| part.0);
        headed.map(|part| part.1.lines().next().unwrap_or_default().to_string()).collect()
    }

    fn body() -> String {
        format!("{}\n\n", "It was a long story, and nobody knew its end.\n".repeat(20))
    }

    #[test]
    fn a_chapter_starts_at_its_first_heading_and_contents_start_none() {
        let contents = "CONTENTS\n\nCHAPTER I.\n\nCHAPTER II.\nCHAPTER III.\n\n";
        let book = format!(
            "A Title\n\n{contents}PART I\n\nCHAPTER I.\nDown\n\n{0}Inferno\nCanto II\n\n{0}\n  XIV.\n\n{0}Chapter by chapter she read.\nCHAPTER X\n",
            body()
        );
        assert_eq!(starts(&book), ["CHAPTER I.", "Inferno", "XIV."]);
        assert_eq!(starts("CHAPTER I\n"), ["CHAPTER I"]);
        let pages: String = (1..40).map(|i| format!("The Story of Number {i}    {}\n\n", 7 * i)).collect();
        assert_eq!(starts(&format!("{pages}\n\n\n{}", body())), [""; 0]);
        assert_eq!(starts(&body().repeat(3)), [""; 0]);
    }

    #[test]
    fn blocks_do_not_change_the_chapters() {
        let book: String = (1..9).map(|i| format!("\n\n\nTHE TALE NO. {i}\n\n\n{}", body())).collect();
        let whole = starts(&book);
        assert_eq!(whole.len(), 8);
        for at in book.match_indices("\n\n").map(|(at, _)| at + 2) {
            let mut chapters = Chapters::new();
            let headed = [&book[..at], &book[at..]].map(|block| chapters.split(block).iter().filter(|p| p.0).count());
            assert_eq!(headed.iter().sum::<usize>(), 8, "{at}");
        }
    }
}
