//! Credits for the file, legal notices and a second title block: between Gutenberg's marker and the book, on the title
//! page, and after the last line.

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
    "entered by",
    "electronic edition by",
    "the internet wiretap",
    "you have received this book through",
    "to assist in the preservation of this edition",
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

/// A short paragraph that contains words of the first and of another list is a credit or a legal notice, too.
const ABOUT_FILES: [&str; 6] = ["etext", "e-text", "ebook", "electronic text", "proofread", "gutenberg"];
const MAKING: [&str; 13] = [
    "thanks",
    "prepared",
    "produced",
    "scanned",
    "transcribed",
    "digitized",
    "made available",
    "volunteer",
    "created by",
    "typed by",
    "entered by",
    "credit for",
    "distributed proofreading team",
];
const LEGAL: [&str; 5] = ["copyright", "public domain", "disclaim", "trademark", "permission"];

/// The beginning and the end of a notice that the first electronic Shakespeare repeats after every scene.
const NOTICE: (&str, &str) = ("<<this electronic version of", ">>");

/// The number of paragraphs from the start in which the title page may contain credits.
const TITLE_PAGE: usize = 12;

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

/// Returns the parts of `range` that belong to the book: without credits, notices, a title block and surrounding blank
/// lines.
pub fn cut(lines: &[&str], range: Range<usize>) -> Vec<Range<usize>> {
    let mut kept: Vec<Range<usize>> = Vec::new();
    let mut begin = skip(lines, range.clone());
    let mut at = begin;
    for number in 0.. {
        at = first_filled(lines, at, range.end);
        if at == range.end {
            break;
        }
        let end = at + paragraph(lines, at..range.end);
        let removed = match notice(&lines[at..range.end]) {
            0 if number < TITLE_PAGE && names_its_makers(&lines[at..end]) => end - at,
            0 if number > 0
                && begins_as_credit(&lines[at..end])
                && first_filled(lines, end, range.end) == range.end =>
            {
                end - at
            }
            length => length,
        };
        if removed > 0 {
            kept.push(begin..at);
            begin = at + removed;
        }
        at = end.max(at + removed);
    }
    kept.push(begin..range.end);
    kept.into_iter().map(|piece| trimmed(lines, piece)).filter(|piece| !piece.is_empty()).collect()
}

fn trimmed(lines: &[&str], range: Range<usize>) -> Range<usize> {
    let start = first_filled(lines, range.start, range.end);
    let blank = lines[start..range.end].iter().rev().take_while(|line| line.trim().is_empty()).count();
    start..range.end - blank
}

/// Returns the line in `range` at which the book starts, after blank lines, credits and a title block, or
/// `range.end` if there is no book.
fn skip(lines: &[&str], range: Range<usize>) -> usize {
    let mut start = first_filled(lines, range.start, range.end);
    let mut at = start;
    let mut in_title_block = false;
    while at < range.end {
        let is_rule = is_rule(lines[at]);
        let length = if is_rule { 1 } else { paragraph(lines, at..range.end) };
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

/// Returns the number of lines of the paragraph at the start of `range`.
fn paragraph(lines: &[&str], range: Range<usize>) -> usize {
    lines[range].iter().take_while(|line| !line.trim().is_empty()).count()
}

fn beginning(line: &str) -> String {
    line.trim().trim_start_matches(['*', '[', '(', '_']).to_lowercase()
}

fn contains_any(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

fn is_credit(paragraph: &[&str]) -> bool {
    if begins_as_credit(paragraph) {
        return true;
    }
    let text = paragraph.join(" ").to_lowercase();
    let about_files = contains_any(&text, &ABOUT_FILES);
    paragraph.len() <= MAX_CREDIT_LINES
        && (about_files && (contains_any(&text, &MAKING) || contains_any(&text, &LEGAL))
            || text.contains("public domain") && text.contains("copyright"))
}

fn begins_as_credit(paragraph: &[&str]) -> bool {
    let first = beginning(paragraph[0]);
    paragraph.len() <= MAX_CREDIT_LINES && CREDITS.iter().any(|credit| first.starts_with(credit))
}

/// Returns whether a paragraph of the title page is certainly a credit: the play `Produced by Mr. X` is not.
fn names_its_makers(paragraph: &[&str]) -> bool {
    let text = paragraph.join(" ").to_lowercase();
    begins_as_credit(paragraph) && (text.contains('@') || contains_any(&text, &ABOUT_FILES))
}

/// Returns the number of lines of the notice that starts at the first line; 0 if none does.
fn notice(lines: &[&str]) -> usize {
    if !lines[0].trim_start().to_lowercase().starts_with(NOTICE.0) {
        return 0;
    }
    let end = lines.iter().take(MAX_CREDIT_LINES).position(|line| line.trim_end().ends_with(NOTICE.1));
    end.map_or(0, |last| last + 1)
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
            "[Portions of this header are copyright (C) 2001 by A. Person\nfor these Etexts.]\n[Project Gutenberg is a \
             TradeMark and may not be used.]\n\n\n[Chapters 1-6:  mostly scanned by A,\nproofread by B.\n\nBOOK",
            "You have received this book through the kindness of A.\n\nCredit for e-text: A. Person\n\nBOOK",
            "This Etext created by A. Person\n\nThis Etext typed by B\n\nThis Etext entered by C\n\nBOOK",
            "This edition is in the Public Domain in the United States. There\nare questions concerning the copyright \
             status elsewhere.\n\nDisclaimer:\nNo one claims that this etext is accurate.\n\nBOOK",
            "A, B and the PG Online Distributed Proofreading Team.\n\nBOOK",
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

    fn kept(text: &str) -> String {
        let lines: Vec<&str> = text.lines().collect();
        let parts = cut(&lines, 0..lines.len()).into_iter().map(|part| lines[part].join("\n"));
        parts.collect::<Vec<_>>().join("|")
    }

    #[test]
    fn credits_on_the_title_page_at_the_end_and_repeated_notices_are_cut() {
        assert_eq!(kept("TITLE\n\nEntered by A\na@b.org\n\nIt began.\n\n"), "TITLE|It began.");
        assert_eq!(kept("TITLE\n\nIt ended.\n\nTranscribed by A. Person\n"), "TITLE\n\nIt ended.");
        let notice = "<<THIS ELECTRONIC VERSION OF THE WORKS\nIS COPYRIGHT.>>";
        assert_eq!(
            kept(&format!("ACT I\n\n{notice}\n\nACT II\n{notice}\n\n{notice}\nACT III")),
            format!("ACT I|ACT II\n{notice}|ACT III")
        );
    }

    #[test]
    fn what_only_resembles_a_credit_is_kept() {
        let play =
            "THE PLAY\n\nProduced by Mr. X at the Globe\n\nACT I\n\nTyped by a girl, the letter lay there.\n\nEnd.";
        assert_eq!(kept(play), play);
        let letter = "It was\n\n<<this electronic version of a notice never ends\n\nand so on.";
        assert_eq!(kept(letter), letter);
        assert_eq!(kept("Transcribed by A"), "");
    }
}
