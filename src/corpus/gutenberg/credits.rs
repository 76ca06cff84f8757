//! Front matter between Gutenberg's marker and the book: credits for the file and a second title block.

use std::ops::Range;

use super::markers::words;

/// The maximum length of a credit, in lines; anything longer is a preface.
const MAX_CREDIT_LINES: usize = 12;

/// The first words of credit paragraphs, in lower case.
const CREDITS: &[&str] = &[
    "produced by",
    "prepared by",
    "e-text prepared",
    "e-text produced",
    "etext prepared",
    "etext produced",
    "etext by",
    "etext scanned",
    "etext transcribed",
    "ebook prepared",
    "ebook produced",
    "text file produced by",
    "this etext was",
    "this etext is prepared",
    "this etext prepared",
    "this e-text was",
    "this ebook was",
    "this text was prepared by",
    "this file was produced",
    "this file was prepared",
    "this file was first posted",
    "this book was produced from",
    "file produced from images",
    "produced from images",
    "images generously made available",
    "scanned by",
    "scanned and",
    "scanning by",
    "transcribed by",
    "transcribed from",
    "transcription by",
    "digitized by",
    "digitised by",
    "proofread by",
    "proofed by",
    "proofreading by",
    "typed by",
    "html version by",
    "credits:",
    "and the online distributed proofreading",
    "and the project gutenberg online",
    "additional editing by",
    "an anonymous volunteer",
    "we thank the biblioth",
    "nous remercions la biblioth",
    "note: project gutenberg also has",
    "note: please see project gutenberg",
    "note: images of the original",
    "note from the original file",
];

/// A short paragraph that contains words of both lists is a credit, too.
const ABOUT_FILES: [&str; 6] = ["etext", "e-text", "ebook", "electronic text", "proofread", "gutenberg"];
const MAKING: [&str; 8] =
    ["thanks", "prepared", "produced", "scanned", "transcribed", "digitized", "made available", "volunteer"];

/// The first words of paragraphs in a Gutenberg title block, after its title line.
const TITLE_BLOCK: &[&str] = &[
    "title:",
    "author:",
    "translator:",
    "illustrator:",
    "editor:",
    "contributor:",
    "commentator:",
    "release date",
    "posting date",
    "last updated",
    "most recently updated",
    "date last updated",
    "official release date",
    "original publication",
    "language:",
    "edition:",
    "character set encoding",
    "copyright laws are changing",
    "this ebook is for the use",
    "this etext is for the use",
    "this header should be",
    "please take a look at the important",
    "please read the \"legal small print",
    "welcome to the world of free",
    "etexts readable by both",
    "ebooks readable by both",
];

/// Returns the line in `range` at which the book starts, after blank lines, credits and a title block, or
/// `range.end` if there is no book.
pub fn skip(lines: &[&str], range: Range<usize>) -> usize {
    let mut start = first_filled(lines, range.start, range.end);
    let mut at = start;
    let mut in_title_block = false;
    while at < range.end {
        let is_rule = is_rule(lines[at]);
        let filled = lines[at..range.end].iter().take_while(|line| !line.trim().is_empty()).count();
        let length = if is_rule { 1 } else { filled };
        let paragraph = &lines[at..at + length];
        in_title_block |= is_title_line(paragraph[0]);
        let is_front_matter = is_credit(paragraph) || in_title_block && is_of_title_block(paragraph[0]);
        if !is_front_matter && !is_rule {
            break;
        }
        at = first_filled(lines, at + length, range.end);
        // A rule is skipped only before a credit: it may belong to the book.
        if is_front_matter {
            start = at;
        }
    }
    start
}

fn first_filled(lines: &[&str], from: usize, end: usize) -> usize {
    lines[from..end].iter().position(|line| !line.trim().is_empty()).map_or(end, |blank| from + blank)
}

/// Returns whether a line consists of stars or dashes.
fn is_rule(line: &str) -> bool {
    line.trim().chars().all(|c| matches!(c, '*' | '-' | '=' | ' '))
}

fn beginning(line: &str) -> String {
    line.trim().trim_start_matches(['*', '[', '(', '_']).to_lowercase()
}

fn is_credit(paragraph: &[&str]) -> bool {
    if paragraph.len() > MAX_CREDIT_LINES {
        return false;
    }
    let first = beginning(paragraph[0]);
    let text = paragraph.join(" ").to_lowercase();
    let contains_any = |words: &[&str]| words.iter().any(|word| text.contains(word));
    CREDITS.iter().any(|credit| first.starts_with(credit)) || contains_any(&ABOUT_FILES) && contains_any(&MAKING)
}

fn is_of_title_block(line: &str) -> bool {
    let first = beginning(line);
    is_title_line(line) || TITLE_BLOCK.iter().any(|begin| first.starts_with(begin))
}

/// Returns whether a line is a title such as `The Project Gutenberg EBook of X`, `Project Gutenberg's X, by Y` or
/// `**The Project Gutenberg Etext of X**`.
pub fn is_title_line(line: &str) -> bool {
    let words = words(line);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let rest = match words.as_slice() {
        ["this", "is", "the", rest @ ..] | ["the", rest @ ..] => rest,
        rest => rest,
    };
    matches!(rest, ["project", "gutenberg", "s" | "etext" | "ebook" | "e", ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(text: &str) -> &str {
        let lines: Vec<&str> = text.lines().collect();
        lines.get(skip(&lines, 0..lines.len())).copied().unwrap_or("")
    }

    #[test]
    fn credits_and_a_second_title_block_are_skipped() {
        for text in [
            "\n\nProduced by A. Person and the Online\nTeam at a site\n\n(This file was produced from images)\n\nBOOK",
            "E-text prepared by A. Person\n\n\n\nNote: Project Gutenberg also has an HTML\n\nBOOK",
            "Transcribed from the 1891 edition by A. Person\n\nBOOK",
            "The Project Gutenberg EBook of X, by Y\n\nThis eBook is for the use of\nanyone\n\nTitle: X\n\nBOOK",
            "**The Project Gutenberg Etext of X**\n#3 in our series\n\nBOOK",
            "(Additional editing by A. Person)\n\n***\nProduced by A. Person\n\n***\n\nProduced by A\n\nBOOK",
            "Special thanks are due to A. Person for\nproofreading of this etext.\n\nBOOK",
            "BOOK",
        ] {
            assert_eq!(first(text), "BOOK", "{text}");
        }
    }

    #[test]
    fn a_book_may_start_like_a_title_block() {
        assert_eq!(first("Title: a farce\n\nBOOK"), "Title: a farce");
        assert_eq!(first("The Project failed\n\nBOOK"), "The Project failed");
        assert_eq!(first("* * *\n\nBOOK"), "* * *");
        assert_eq!(first("Produced by A\n\n***\n\nBOOK"), "***");
        let long = format!("Produced by\n{}\nBOOK", "a line of a long preface\n".repeat(30));
        assert_eq!(first(&long), "Produced by");
    }
}
