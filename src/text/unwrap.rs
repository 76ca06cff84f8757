//! Joins the hard-wrapped lines of prose, such as those of Project Gutenberg's books, so that every remaining line
//! break is intended. Leaves verse, lists, headings and indented lines as they are.

use super::plain::{is_letter_or_digit, is_word_char};

/// The minimum width of prose; narrower paragraphs are verse, headings or addresses.
const MIN_PROSE_WIDTH: usize = 50;

/// A line of prose that is this much shorter than the longest one ends intentionally.
const SLACK: usize = 18;

/// Joins the lines of every paragraph that looks like prose.
pub fn unwrap(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut paragraph: Vec<&str> = Vec::new();
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            join(&mut out, &paragraph);
            paragraph.clear();
            out.push_str(line);
        } else {
            paragraph.push(line);
        }
    }
    join(&mut out, &paragraph);
    out
}

/// Returns the last position after an empty line, at which a text can be split between paragraphs.
pub fn last_paragraph_break(text: &str) -> Option<usize> {
    text.rfind("\n\n").map(|at| at + 2)
}

fn join(out: &mut String, lines: &[&str]) {
    let width = lines.iter().map(|line| columns(line)).max().unwrap_or(0);
    let is_prose = is_prose(lines, width);
    for (line, next) in lines.iter().zip(lines.iter().skip(1).map(Some).chain([None])) {
        match next {
            Some(next) if is_prose && is_full(line, next, width) => {
                let line = line.trim_end();
                out.push_str(line);
                out.push_str(separator(line, next));
            }
            _ => out.push_str(line),
        }
    }
}

/// Returns the separator of two joined lines: nothing after a hyphen or dash or in scripts without spaces.
fn separator(line: &str, next: &str) -> &'static str {
    let (last, first) = (line.chars().next_back(), next.chars().next());
    let unspaced = |c: char| is_letter_or_digit(c) && !is_word_char(c);
    let is_wide = |c: char| unspaced(c) || matches!(c, '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}');
    match (last, first) {
        (Some('-' | '—' | '–'), _) | (_, Some('—')) => "",
        (Some(last), Some(first)) if is_wide(last) && is_wide(first) => "",
        _ => " ",
    }
}

/// Returns whether the lines are long, start at the margin and mostly do not start with a capital, as verse does.
/// (In German prose, two in five do.)
fn is_prose(lines: &[&str], width: usize) -> bool {
    let Some((_, rest)) = lines.split_first() else { return false };
    let starts_like_verse = |line: &&&str| {
        let first = line.chars().find(|&c| is_letter_or_digit(c));
        first.is_some_and(char::is_uppercase)
    };
    let capitals = rest.iter().filter(starts_like_verse).count();
    width >= MIN_PROSE_WIDTH
        && !rest.iter().any(|line| line.starts_with([' ', '\t', '\u{3000}']))
        && (width > MIN_PROSE_WIDTH + 10 && rest.len() == 1 || 10 * capitals < 7 * rest.len())
}

/// Returns whether a line is full: the first word of the next line would not fit.
fn is_full(line: &str, next: &str, width: usize) -> bool {
    let word = next.split_whitespace().next().map_or(0, |word| word.chars().count().min(SLACK));
    columns(line) + 1 + word + SLACK / 2 > width
}

fn columns(line: &str) -> usize {
    let narrow = line.trim_end().chars();
    // Chinese and Japanese characters are two columns wide.
    narrow.map(|c| if is_letter_or_digit(c) && !is_word_char(c) { 2 } else { 1 }).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROSE: &str = "Alice was beginning to get very tired of sitting by her sister on the\r\n\
        bank, and of having nothing to do: once or twice she had peeped into the well-\r\n\
        known book her sister was reading, but it had no pictures or--\r\n\
        conversations in it.\r\n";
    const VERSE: &str = "  How doth the little crocodile\n    Improve his shining tail,\n";
    const BLANK_VERSE: &str = "When forty winters shall besiege thy brow, O lovely one,\n\
        And dig deep trenches in thy beauty’s field with all thy might,\n\
        Thy youth’s proud livery, so gazed on now,\n";

    #[test]
    fn prose_is_joined() {
        let joined = unwrap(PROSE);
        assert!(joined.contains("on the bank, and"), "{joined}");
        assert!(joined.contains("well-known") && joined.contains("or--conversations in it.\r\n"), "{joined}");
        assert_eq!(joined.lines().count(), 1);
    }

    #[test]
    fn verse_lists_and_short_lines_are_unchanged() {
        for text in [
            VERSE,
            BLANK_VERSE,
            "CHAPTER I.\nDown the Rabbit-Hole\n",
            "First Citizen:\nBefore we proceed, hear me.\n",
            "\n\n",
            "",
        ] {
            assert_eq!(unwrap(text), text);
        }
        let letter = format!("{}Yours,\nJane Austen\n", &PROSE[PROSE.len() - 22..]);
        assert_eq!(unwrap(&letter), letter);
    }

    #[test]
    fn paragraphs_stay_paragraphs_and_joining_twice_changes_nothing() {
        let text = format!("{PROSE}\n{VERSE}\n\n{PROSE}");
        let once = unwrap(&text);
        assert_eq!(once.matches("\n\n").count(), text.matches("\n\n").count());
        assert_eq!(once.split_whitespace().collect::<String>(), text.split_whitespace().collect::<String>());
        assert_eq!(unwrap(&once), once);
    }

    #[test]
    fn japanese_lines_are_joined_without_a_space() {
        let line = "吾輩は猫である名前はまだ無いどこで生れたか頓と見当がつかぬ何でも";
        assert_eq!(unwrap(&format!("{line}\n{line}\n")), format!("{line}{line}\n"));
    }
}
