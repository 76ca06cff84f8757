//! Finds chapter headings.

/// Words for chapters in common languages.
const NAMES: [&str; 17] = [
    "chapter",
    "chapitre",
    "kapitel",
    "capitulo",
    "capítulo",
    "capitolo",
    "глава",
    "hoofdstuk",
    "rozdział",
    "book",
    "part",
    "act",
    "letter",
    "prologue",
    "epilogue",
    "livre",
    "acte",
];

/// The maximum length of a heading in characters.
const MAX_HEADING_CHARS: usize = 80;

/// Splits a text before each heading. Returns each section and whether it starts with a heading. The text must start
/// at a paragraph.
pub fn split(text: &str) -> Vec<(bool, &str)> {
    let (mut parts, mut begin, mut at, mut after_blank, mut headed) = (Vec::new(), 0, 0, true, false);
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        if after_blank && is_heading(line.trim()) {
            if at + indent > begin {
                parts.push((headed, &text[begin..at + indent]));
            }
            (begin, headed) = (at + indent, true);
        }
        after_blank = line.trim().is_empty();
        at += line.len();
    }
    parts.push((headed, &text[begin..]));
    parts
}

fn is_heading(line: &str) -> bool {
    if line.is_empty() || line.chars().count() > MAX_HEADING_CHARS {
        return false;
    }
    let is_roman = |word: &str| !word.is_empty() && word.bytes().all(|b| b"IVXLC".contains(&b));
    let mut words = line.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let (first, second) = (words.next().unwrap_or_default(), words.next());
    let is_number = |word: &str| is_roman(&word.to_uppercase()) || word.bytes().any(|b| b.is_ascii_digit());
    let in_capitals = line == line.to_uppercase();
    match second {
        None if is_roman(first) => true,
        None => in_capitals && NAMES.contains(&&*first.to_lowercase()),
        Some(second) if NAMES.contains(&&*first.to_lowercase()) => in_capitals || is_number(second),
        Some(_) => first.starts_with('第') && first.ends_with(['章', '回', '節']),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_start_chapters_and_sentences_do_not() {
        let text =
            "Title\n\nCHAPTER I.\nDown\n\nChapter by chapter she read.\nCHAPTER X\n\n  XIV.\n\nGlas\n\nChapitre 2\n";
        let parts = [
            (false, "Title\n\n"),
            (true, "CHAPTER I.\nDown\n\nChapter by chapter she read.\nCHAPTER X\n\n  "),
            (true, "XIV.\n\nGlas\n\n"),
            (true, "Chapitre 2\n"),
        ];
        assert_eq!(split(text), parts);
        assert_eq!(split("CHAPTER I\n"), [(true, "CHAPTER I\n")]);
        for heading in ["CHAPTER THE FIRST", "Глава 3", "Kapitel IV", "PROLOGUE", "ACT II. SCENE 1."] {
            assert!(is_heading(heading), "{heading}");
        }
        for other in ["Part of it", "I am", "Book", "", "Chapter and verse"] {
            assert!(!is_heading(other), "{other}");
        }
    }
}
