//! What stands between Gutenberg's marker and the book: who made the file, and a second title block.

use std::ops::Range;

use super::markers::words;

/// A credit is shorter than this many lines; what is longer is a preface.
const LONGEST: usize = 12;

/// How paragraphs of credits begin, in lower case.
const CREDITS: [&str; 43] = [
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
    "note: project gutenberg also has",
    "note: images of the original",
];

/// How the paragraphs of a Gutenberg title block begin, where its first has been seen.
const TITLE_BLOCK: [&str; 26] = [
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

/// Where the book begins within `range`: past blank lines, credits and a title block. `range.end`
/// if there is nothing else.
pub fn skip(lines: &[&str], range: Range<usize>) -> usize {
    let mut at = range.start;
    let mut in_title_block = false;
    loop {
        while at < range.end && lines[at].trim().is_empty() {
            at += 1;
        }
        let length = lines[at..range.end].iter().take_while(|line| !line.trim().is_empty()).count();
        if length == 0 {
            return range.end;
        }
        let first = lines[at].trim().trim_start_matches(['*', '[', '(', '_']).to_lowercase();
        in_title_block |= is_title_line(lines[at]);
        let is_credit = length <= LONGEST && CREDITS.iter().any(|credit| first.starts_with(credit));
        let is_title =
            in_title_block && (is_title_line(lines[at]) || TITLE_BLOCK.iter().any(|begin| first.starts_with(begin)));
        if !is_credit && !is_title {
            return at;
        }
        at += length;
    }
}

/// `The Project Gutenberg EBook of X`, `Project Gutenberg's X, by Y`, `**The Project Gutenberg Etext of X**`.
fn is_title_line(line: &str) -> bool {
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
    fn skips_credits_and_a_second_title_block() {
        for text in [
            "\n\nProduced by A. Person and the Online\nTeam at a site\n\n(This file was produced from images)\n\nBOOK",
            "E-text prepared by A. Person\n\n\n\nNote: Project Gutenberg also has an HTML\n\nBOOK",
            "Transcribed from the 1891 edition by A. Person\n\nBOOK",
            "The Project Gutenberg EBook of X, by Y\n\nThis eBook is for the use of\nanyone\n\nTitle: X\n\nBOOK",
            "**The Project Gutenberg Etext of X**\n#3 in our series\n\nBOOK",
            "BOOK",
        ] {
            assert_eq!(first(text), "BOOK", "{text}");
        }
    }

    #[test]
    fn a_book_may_begin_like_a_title_block() {
        assert_eq!(first("Title: a farce\n\nBOOK"), "Title: a farce");
        assert_eq!(first("The Project failed\n\nBOOK"), "The Project failed");
        let long = format!("Produced by\n{}\nBOOK", "a line of a long preface\n".repeat(30));
        assert_eq!(first(&long), "Produced by");
    }
}
