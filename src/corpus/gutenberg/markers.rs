//! The marker lines with which Project Gutenberg has delimited books since 1990.

/// The meaning of a marker line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `*** START OF THE PROJECT GUTENBERG EBOOK X ***`: the book follows.
    Start,
    /// `*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*`: the book follows in files from before
    /// 2002; in later ones, this is the end of the file.
    SmallPrintEnd,
    /// `*** END OF THE PROJECT GUTENBERG EBOOK X ***`: the book ends.
    End,
    /// `End of Project Gutenberg's Etext of X`: the book or one of its volumes ends.
    PlainEnd,
    /// `End of Project Gutenberg's X`: perhaps the same, perhaps a heading or a sentence.
    AmbiguousEnd,
    /// `*** START: FULL LICENSE ***`: the licence follows.
    Licence,
    /// `***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***`: the licence follows, in 1993.
    SmallPrintStart,
}

/// A marker that occupies `lines` lines from line `at`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Marker {
    pub kind: Kind,
    pub at: usize,
    pub lines: usize,
}

impl Marker {
    pub fn after(&self) -> usize {
        self.at + self.lines
    }
}

/// The maximum number of continuation lines of a marker with a long title.
const MAX_CONTINUATION: usize = 4;

/// Returns all markers in the text, in order.
pub fn find_all(lines: &[&str]) -> Vec<Marker> {
    let mut markers = Vec::new();
    let mut at = 0;
    while at < lines.len() {
        match marker_at(lines, at) {
            Some(marker) => {
                at = marker.after();
                markers.push(marker);
            }
            None => at += 1,
        }
    }
    markers
}

fn marker_at(lines: &[&str], at: usize) -> Option<Marker> {
    let line = lines[at].trim();
    if !may_be_marker(line) {
        return None;
    }
    let starred = line.starts_with('*');
    let own = words(line);
    let mut both = own.clone();
    both.extend(lines.get(at + 1).map(|next| words(next)).unwrap_or_default());
    let (kind, needed) = classify(starred, &own, &both)?;
    let least = if needed > own.len() { 2 } else { 1 };
    // A sentence of a paragraph may begin in the same way.
    let is_paragraph = (at == 0 || lines[at - 1].trim().is_empty()) && paragraph(lines, at) < MAX_CONTINUATION;
    if kind == Kind::AmbiguousEnd && !is_paragraph {
        return None;
    }
    let lines = match kind {
        Kind::Licence | Kind::SmallPrintStart => least,
        Kind::PlainEnd | Kind::AmbiguousEnd => least.max(paragraph(lines, at)),
        _ => least.max(starred_lines(lines, at)),
    };
    Some(Marker { kind, at, lines })
}

/// A fast test that rules out most lines of a book.
fn may_be_marker(line: &str) -> bool {
    let line = line.trim_start_matches(['*', '_', '[', '(', ' ']);
    let begins = |word: &str| line.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    ["start", "end", "the end", "the full", "the legal", "fin de"].into_iter().any(begins)
}

/// Classifies a marker by its words; returns its kind and the number of words used.
fn classify(starred: bool, own: &[String], both: &[String]) -> Option<(Kind, usize)> {
    let has = |words: &[&str]| both.len() >= words.len() && words.iter().zip(both).all(|(a, b)| a == b);
    if starred && has(&["end", "the", "small", "print"]) {
        return Some((Kind::SmallPrintEnd, 4));
    }
    if starred && has(&["start", "the", "small", "print"]) {
        return Some((Kind::SmallPrintStart, 4));
    }
    if starred && own == ["the", "legal", "small", "print"] {
        return Some((Kind::SmallPrintStart, 4));
    }
    if starred && has(&["start", "full", "license"]) || own == ["the", "full", "project", "gutenberg", "license"] {
        return Some((Kind::Licence, 3));
    }
    let skip = usize::from(own.first().is_some_and(|w| w == "the") && !starred);
    let verb = both.get(skip)?.as_str();
    if !["start", "end", "ende", "fin"].contains(&verb)
        || !["of", "de", "diese", "dieses"].contains(&both.get(skip + 1)?.as_str())
    {
        return None;
    }
    let mut next = skip + 2;
    if own.len() < next {
        return None;
    }
    let word = |at: usize| both.get(at).map_or("", String::as_str);
    let is_book = |at: usize| matches!(word(at), "etext" | "etexts" | "etextes" | "ebook" | "ebooks" | "e");
    next += usize::from(matches!(word(next), "the" | "this"));
    if verb == "end" && !starred && is_book(next) && word(next + 1) == "of" {
        return Some((Kind::AmbiguousEnd, next + 2));
    }
    next += usize::from(word(next) == "copyrighted");
    let project = matches!(word(next), "project" | "projekt");
    next += usize::from(project);
    if word(next) != "gutenberg" {
        return None;
    }
    next += 1;
    let after = next + usize::from(word(next) == "s");
    let names_book = is_book(after);
    let title = word(after + if word(after) == "e" { 2 } else { 1 });
    let is_certain = names_book && matches!(title, "" | "of" | "von" | "de");
    let kind = match (verb, starred) {
        ("start", _) if starred && project || names_book => Kind::Start,
        ("end", true) if project || names_book => Kind::End,
        ("end", false) if is_certain => Kind::PlainEnd,
        ("end", false) if (project && skip == 0) || names_book => Kind::AmbiguousEnd,
        ("ende" | "fin", _) if project => Kind::AmbiguousEnd,
        _ => return None,
    };
    Some((kind, next))
}

/// Returns the number of lines of a starred marker: up to the line that ends with a star, if the paragraph has one.
fn starred_lines(lines: &[&str], at: usize) -> usize {
    let rest =
        lines[at..].iter().map(|line| line.trim()).take_while(|line| !line.is_empty()).take(MAX_CONTINUATION + 1);
    rest.map(|line| line.ends_with('*')).position(|ends| ends).map_or(1, |last| last + 1)
}

fn paragraph(lines: &[&str], at: usize) -> usize {
    lines[at..].iter().take_while(|line| !line.trim().is_empty()).take(MAX_CONTINUATION).count()
}

/// Returns the words of a line in lower case, without punctuation.
pub fn words(line: &str) -> Vec<String> {
    line.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<(Kind, usize)> {
        let lines: Vec<&str> = text.lines().collect();
        find_all(&lines).iter().map(|m| (m.kind, m.lines)).collect()
    }

    #[test]
    fn every_form_is_recognized() {
        use Kind::{AmbiguousEnd, End, Licence, PlainEnd, SmallPrintEnd, SmallPrintStart, Start};
        for (text, kind, lines) in [
            ("*** START OF THE PROJECT GUTENBERG EBOOK X ***", Start, 1),
            ("*** START OF THIS PROJECT GUTENBERG EBOOK X ***", Start, 1),
            ("***START OF THE PROJECT GUTENBERG EBOOK X***", Start, 1),
            ("*** start of the project gutenberg ebook x ***", Start, 1),
            ("*** START OF THE PROJECT GUTENBERG EBOOK, X ***", Start, 1),
            ("*** START OF THE PROJECT GUTENBERG EBOOK 1342 ***", Start, 1),
            ("*** START OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK X ***", Start, 1),
            ("   *** START OF PROJECT GUTENBERG ETEXT X", Start, 1),
            ("*** START OF THE PROJECT GUTENBERG EBOOK A VERY\nLONG TITLE ***\nBody", Start, 2),
            ("*** START OF THE PROJECT\nGUTENBERG EBOOK X ***", Start, 2),
            ("*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*", SmallPrintEnd, 1),
            ("*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.10/04/01*END*", SmallPrintEnd, 1),
            ("*END*THE SMALL PRINT! FOR PUBLIC DOMAIN\nETEXTS*Ver.04.29.93*END*", SmallPrintEnd, 2),
            ("            *** END OF THE PROJECT GUTENBERG EBOOK X ***", End, 1),
            ("***END OF THE PROJECT GUTENBERG EBOOK A\nB\nC***", End, 3),
            ("End of Project Gutenberg's Etext of X, by Y", PlainEnd, 1),
            ("End of the Project Gutenberg EBook of X,\nby Y", PlainEnd, 2),
            ("End of The Project\nGutenberg Etext of X", PlainEnd, 2),
            ("End of this Project Gutenberg Etext of X", PlainEnd, 1),
            ("END OF PROJECT GUTENBERG’S X", AmbiguousEnd, 1),
            ("End of Gutenberg Etext X", AmbiguousEnd, 1),
            ("The end of the Project Gutenberg e-text of X", PlainEnd, 1),
            ("Ende dieses Project Gutenberg Etextes X", AmbiguousEnd, 1),
            ("End of this Etext of X", AmbiguousEnd, 1),
            ("Fin de Project Gutenberg's X", AmbiguousEnd, 1),
            ("*** START: FULL LICENSE ***", Licence, 1),
            ("THE FULL PROJECT GUTENBERG LICENSE", Licence, 1),
            ("***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***", SmallPrintStart, 1),
            ("**The Legal Small Print**", SmallPrintStart, 1),
        ] {
            assert_eq!(kinds(text), [(kind, lines)], "{text}");
        }
    }

    #[test]
    fn lines_of_a_book_are_not_markers() {
        for text in [
            "***",
            "* * * * *",
            "THE END",
            "*** The end of the story ***",
            "End of Gutenberg's workshop, Mainz",
            "the end of Project Gutenberg was near",
            "Start of the day",
            "END OF\nVOL. I",
            "end\nof the Project Gutenberg",
            "It was the\nend of Project Gutenberg's first decade.",
            "*START* he cried",
            "",
        ] {
            assert_eq!(kinds(text), [], "{text}");
        }
    }
}
