//! Notes of transcribers: in brackets anywhere, such as `[Transcriber's Note: …]`, and under a heading at the start or
//! the end of the text.

use std::ops::Range;

use super::brackets::passages;
use super::cutter::Cutter;

/// The maximum length of a note in brackets, in bytes.
const MAX_BYTES: usize = 4000;

/// The number of lines at the start and at the end of the text in which a note is looked for.
const MAX_LINES: usize = 250;

/// Removes transcriber's notes.
pub fn clean(text: &str) -> (String, usize) {
    let mut cutter = Cutter::new(text);
    let notes = passages(text, MAX_BYTES, is_note);
    let in_brackets = notes.into_iter().map(|note| cutter.cut(note)).count();
    let text = cutter.finish();
    let mut cutter = Cutter::new(&text);
    let start = at_start(&text);
    let end = at_end(&text).filter(|end| start.as_ref().is_none_or(|start| start.end <= end.start));
    let notes = start.into_iter().chain(end);
    let under_headings = notes.map(|note| cutter.cut(note)).count();
    (cutter.finish(), in_brackets + under_headings)
}

/// Returns whether a text begins with `Transcriber's Note` or the like.
fn is_note(text: &str) -> bool {
    const MAX_CHARS: usize = 60;
    if !text.trim_start_matches(['_', '=', '*', '|', ' ']).starts_with(['T', 't', 'O', 'o', 'E', 'e']) {
        return false;
    }
    let line: String = text.chars().take(MAX_CHARS).take_while(|&c| c != '\n').collect();
    let line = line.to_lowercase();
    let words = line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let mut words = words.skip_while(|word| ["original", "etext", "e", "text"].contains(word));
    let is = |word: Option<&str>, name: &str| word.is_some_and(|word| word.strip_suffix('s').unwrap_or(word) == name);
    is(words.next(), "transcriber") && is(words.find(|&word| word != "s"), "note")
}

/// A paragraph, without its last line break.
struct Paragraph {
    range: Range<usize>,
    lines: usize,
    /// The number of empty lines before it.
    blanks: usize,
}

/// Returns the paragraphs in a part of the text; the part begins and ends with lines.
fn paragraphs(text: &str, part: Range<usize>) -> Vec<Paragraph> {
    let mut found: Vec<Paragraph> = Vec::new();
    let (mut at, mut blanks) = (part.start, 1);
    for line in text[part].split_inclusive('\n') {
        let end = at + line.trim_end().len();
        if line.trim().is_empty() {
            blanks += 1;
        } else if let (0, Some(last)) = (blanks, found.last_mut()) {
            (last.range.end, last.lines) = (end, last.lines + 1);
        } else {
            found.push(Paragraph { range: at..end, lines: 1, blanks });
            blanks = 0;
        }
        at += line.len();
    }
    found
}

/// Returns whether a paragraph begins with a heading, perhaps in a frame.
fn is_headed(text: &str, paragraph: &Paragraph) -> bool {
    let whole = &text[paragraph.range.clone()];
    let (first, rest) = whole.split_once('\n').unwrap_or((whole, ""));
    is_note(if first.contains(char::is_alphanumeric) { first } else { rest })
}

/// Finds a note among the first lines of the text: a paragraph or, if the heading is one of its own, all paragraphs
/// up to the next wide space.
fn at_start(text: &str) -> Option<Range<usize>> {
    let end = text.match_indices('\n').nth(2 * MAX_LINES).map_or(text.len(), |(at, _)| at + 1);
    let all = paragraphs(text, 0..end);
    let mut lines = 0;
    let first = all.iter().position(|paragraph| {
        lines += paragraph.blanks + paragraph.lines;
        // What is in the second half of a short text is at its end.
        lines <= MAX_LINES && 2 * paragraph.range.start < text.len() && is_headed(text, paragraph)
    })?;
    let heading = &text[all[first].range.clone()];
    let is_alone = !heading.trim_end_matches(|c: char| !c.is_alphanumeric()).contains(['\n', ':', '.']);
    let length = match is_alone {
        true => 2 + all.get(first + 2..)?.iter().position(|paragraph| paragraph.blanks > 1)?,
        false => 1,
    };
    let lines: usize = all[first..first + length].iter().map(|paragraph| paragraph.lines).sum();
    (lines <= MAX_LINES).then(|| all[first].range.start..all[first + length - 1].range.end)
}

/// Finds a note among the last lines of the text: everything from the heading on.
fn at_end(text: &str) -> Option<Range<usize>> {
    let start = text.trim_end().rmatch_indices('\n').nth(MAX_LINES).map_or(0, |(at, _)| at + 1);
    let last = paragraphs(text, start..text.len());
    // The first paragraph may be cut.
    let note = last.iter().skip(usize::from(start > 0)).find(|paragraph| is_headed(text, paragraph))?;
    // Half of the text stays at least.
    (2 * note.range.start >= text.len()).then_some(note.range.start..text.len())
}

#[cfg(test)]
mod tests {
    use super::clean;

    const BOOK: &str = "THE BELL\n\n\nIt rang.\nThe goat ran.\n\nIt rang again, and the goat ran away over the hill.\n";

    #[test]
    fn notes_go_from_brackets_and_from_both_ends() {
        for (start, end, count) in [
            ("Transcriber's Note: Words are as\nin the original.\n\n\n", "", 1),
            ("Transcriber’s Notes.\n\nWords are as in the original.\n\n  _bell_\n\n\n\n", "", 1),
            ("TRANSCRIBER'S NOTE ABOUT THE E-TEXT:\n\n\n\nWords are old.\n\n\n", "", 1),
            ("     [Transcriber's Note: [_Words_] are\n\n old.]\n\n", "", 1),
            ("", "\n+-----+\n|Transcriber's note:|\n| |\n+----+\n", 1),
            ("", "\n\n\nORIGINAL TRANSCRIBER’S NOTES:\n\nWords.\n\n\nMore.\n", 1),
            ("[Transcribers' note: Old.]\n\n", "\n[Transcriber's notes: Old.]\n\nTranscriber's Note\n\nOld.\n", 3),
        ] {
            let (cleaned, found) = clean(&format!("{start}{BOOK}{end}"));
            assert_eq!((cleaned.trim(), found), (BOOK.trim(), count), "{start}{end}");
        }
    }

    #[test]
    fn what_only_mentions_transcribers_stays() {
        let middle = "Line.\n\n".repeat(400) + "Transcriber's Note\n\nOld.\n\n\n" + &"Line.\n\n".repeat(400);
        let long = format!("Transcriber's Note\n\n{}\n\n\nThe book.\n\n", "Words.\n".repeat(300));
        for text in [
            BOOK,
            "[The transcriber's note]\n",
            "[Transcriber]\n\nThe transcriber noted it.\n",
            "Transcriber's Note\n\nIs this a book?",
            &middle,
            &long,
            "",
        ] {
            assert_eq!(clean(text).0, text);
        }
    }
}
