//! Where a text ends, besides after so many words: characters, sentences, paragraphs, strings.

/// What ends a text. With nothing here it has no end of this kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Limits {
    /// The last piece is one that still fits.
    pub characters: Option<usize>,
    /// A sentence ends in a full stop, question or exclamation mark and the quotation marks and brackets after it,
    /// where blanks follow and no small letter.
    pub sentences: Option<usize>,
    /// A paragraph ends in an empty line, or in a line break where the model knows no empty lines.
    pub paragraphs: Option<usize>,
    pub strings: Vec<String>,
    /// The text ends after the string, not before it. Where it ends before, what may be the beginning of one is held
    /// back until that is certain.
    pub keep_string: bool,
}

/// Why a text ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Words,
    Tokens,
    Characters,
    Sentences,
    Paragraphs,
    String,
    /// The model ended the document.
    Document,
    /// Every token that could come next is banned.
    NoChoice,
}

impl End {
    /// One word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Tokens => "tokens",
            Self::Characters => "characters",
            Self::Sentences => "sentences",
            Self::Paragraphs => "paragraphs",
            Self::String => "string",
            Self::Document => "document",
            Self::NoChoice => "no choice",
        }
    }
}

/// Watches a text as it is written.
#[derive(Clone, Debug)]
pub struct Watch {
    limits: Limits,
    /// Line breaks that end a paragraph.
    paragraph_break: usize,
    characters: usize,
    sentences: usize,
    paragraphs: usize,
    /// A letter or digit stands in this sentence; in this paragraph.
    has_sentence: bool,
    has_paragraph: bool,
    mark: Mark,
    /// Letters since the last other character, for abbreviations.
    word: String,
    /// White space at the end of the text, in bytes, and line breaks in it.
    space: usize,
    breaks: usize,
    /// The end of the text, where it may be the beginning of a string.
    tail: String,
}

/// What stands at the end of the text, before white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    None,
    /// The end of a sentence, if white space follows.
    Stop,
    /// The end of a sentence, whatever follows.
    FullwidthStop,
}

impl Watch {
    /// `paragraph_break`: line breaks that end a paragraph.
    pub fn new(limits: Limits, paragraph_break: usize) -> Self {
        Self {
            limits,
            paragraph_break,
            characters: 0,
            sentences: 0,
            paragraphs: 0,
            has_sentence: false,
            has_paragraph: false,
            mark: Mark::None,
            word: String::new(),
            space: 0,
            breaks: 0,
            tail: String::new(),
        }
    }

    /// The next piece of the text. Where it ends: why, and how many bytes at the end are too many.
    pub fn push(&mut self, text: &str) -> Option<(End, usize)> {
        let mut ends = [None; 3];
        if let Some(most) = self.limits.characters {
            let count = text.chars().count();
            self.characters += count;
            ends[0] = match self.characters {
                n if n > most => Some((End::Characters, text.len())),
                n if n == most => Some((End::Characters, 0)),
                _ => None,
            };
        }
        if !self.limits.strings.is_empty() {
            ends[1] = self.find_string(text);
        }
        if self.limits.sentences.is_some() || self.limits.paragraphs.is_some() {
            ends[2] = self.read(text);
        }
        // The earliest in the text.
        ends.into_iter().flatten().max_by_key(|(_, cut)| *cut)
    }

    /// Bytes at the end of the text that may turn out to be too many.
    pub fn held(&self) -> usize {
        self.space.max(if self.limits.keep_string { 0 } else { self.tail.len() })
    }

    fn find_string(&mut self, text: &str) -> Option<(End, usize)> {
        self.tail.push_str(text);
        let found = self.limits.strings.iter().filter_map(|s| Some((self.tail.find(s.as_str())?, s.len())));
        if let Some((at, length)) = found.min() {
            let keep = if self.limits.keep_string { at + length } else { at };
            return Some((End::String, self.tail.len() - keep));
        }
        let begins = |tail: &str| self.limits.strings.iter().any(|string| string.starts_with(tail));
        let from = self.tail.char_indices().map(|(at, _)| at).find(|&at| begins(&self.tail[at..]));
        self.tail.drain(..from.unwrap_or(self.tail.len()));
        None
    }

    /// Counts sentences and paragraphs.
    fn read(&mut self, text: &str) -> Option<(End, usize)> {
        for (at, c) in text.char_indices() {
            let rest = text.len() - at;
            if c.is_whitespace() {
                if self.mark == Mark::Stop || self.mark == Mark::FullwidthStop || self.limits.paragraphs.is_some() {
                    self.space += c.len_utf8();
                }
                self.breaks += usize::from(c == '\n');
                self.word.clear();
                if self.breaks == self.paragraph_break && std::mem::take(&mut self.has_paragraph) {
                    self.paragraphs += 1;
                    if self.limits.paragraphs == Some(self.paragraphs) {
                        return Some((End::Paragraphs, self.space + rest - c.len_utf8()));
                    }
                }
                continue;
            }
            let closes = is_closing(c) && self.space == 0;
            let goes_on = match self.mark {
                Mark::None => true,
                // A number, an address, a lower-case word after a quotation.
                Mark::Stop => (self.space == 0 && self.breaks == 0) || c.is_lowercase(),
                Mark::FullwidthStop => false,
            };
            if !goes_on && !closes && !is_stop(c) && std::mem::take(&mut self.has_sentence) {
                self.sentences += 1;
                if self.limits.sentences == Some(self.sentences) {
                    return Some((End::Sentences, self.space + rest));
                }
            }
            (self.space, self.breaks) = (0, 0);
            if is_stop(c) {
                let fullwidth = matches!(c, '。' | '！' | '？');
                let abbreviated = c == '.' && is_abbreviation(&self.word);
                self.mark = match (fullwidth, abbreviated) {
                    (true, _) => Mark::FullwidthStop,
                    (_, true) => Mark::None,
                    _ => Mark::Stop,
                };
            } else if !closes {
                self.mark = Mark::None;
            }
            if c.is_alphanumeric() {
                (self.has_sentence, self.has_paragraph) = (true, true);
                self.word.push(c);
            } else {
                self.word.clear();
            }
        }
        None
    }
}

fn is_stop(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？')
}

fn is_closing(c: char) -> bool {
    matches!(c, '”' | '’' | '"' | '\'' | ')' | ']' | '»' | '›' | '」' | '』' | '）')
}

/// Whether a full stop after the word belongs to it: titles, and initials of names.
fn is_abbreviation(word: &str) -> bool {
    let mut letters = word.chars();
    let initial = letters.next().is_some_and(|c| c.is_uppercase() && c != 'I') && letters.next().is_none();
    initial
        || ["Mr", "Mrs", "Ms", "Messrs", "Dr", "St", "Prof", "Rev", "Hon", "Capt", "Col", "Gen", "Mme", "Mlle"]
            .contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left of a text that comes in pieces, and why it ended; checks that nothing is cut that was let out.
    fn cut(limits: &Limits, pieces: &[&str]) -> (String, Option<End>) {
        let (mut watch, mut text, mut out) = (Watch::new(limits.clone(), 2), String::new(), 0);
        for piece in pieces {
            text.push_str(piece);
            if let Some((end, cut)) = watch.push(piece) {
                text.truncate(text.len() - cut);
                assert!(out <= text.len(), "{text:?} was written further");
                return (text, Some(end));
            }
            out = text.len() - watch.held();
        }
        (text, None)
    }

    fn letters(text: &str) -> Vec<&str> {
        text.split("").filter(|c| !c.is_empty()).collect()
    }

    #[test]
    fn sentences_end_where_readers_see_it() {
        for (text, one) in [
            ("The cat sat. The dog ran.", "The cat sat."),
            ("“Stop!” said the cat. “Why?” The dog ran", "“Stop!” said the cat."),
            ("“Why?” The dog ran.", "“Why?”"),
            ("At 3.14 Mr. J. Smith sat. No", "At 3.14 Mr. J. Smith sat."),
            ("It is I. Who?", "It is I."),
            ("What?! No", "What?!"),
            ("Well... Then", "Well..."),
            ("The cat sat.\n\n“No”", "The cat sat."),
            ("猫。犬", "猫。"),
            ("“猫。”犬", "“猫。”"),
            (". The cat. No", ". The cat."),
        ] {
            let limits = Limits { sentences: Some(1), ..Limits::default() };
            assert_eq!(cut(&limits, &letters(text)), (one.into(), Some(End::Sentences)));
            assert_eq!(cut(&limits, &[text]).0, one, "in one piece");
        }
        let two = Limits { sentences: Some(2), ..Limits::default() };
        assert_eq!(cut(&two, &["One. ", "Two", ". ", "Three"]).0, "One. Two.");
        assert_eq!(cut(&two, &["One. ", "Two", "."]), ("One. Two.".into(), None));
    }

    #[test]
    fn paragraphs_end_in_an_empty_line() {
        let one = Limits { paragraphs: Some(1), ..Limits::default() };
        for text in ["a\nb\n\nc", "\n\na\nb\n\nc"] {
            for pieces in [letters(text), vec![text]] {
                let (left, end) = cut(&one, &pieces);
                assert_eq!((left.trim_start(), end), ("a\nb", Some(End::Paragraphs)));
            }
        }
        assert_eq!(cut(&one, &["a", "\n"]).1, None);
    }

    #[test]
    fn a_string_is_found_across_pieces_and_its_beginning_held_back() {
        let strings = vec!["ab ac".to_string(), "x".to_string()];
        let before = Limits { strings, ..Limits::default() };
        let after = Limits { keep_string: true, ..before.clone() };
        for (pieces, kept, left) in [
            (&["ab", " ab", " ac", "a"][..], "ab ab ac", "ab "),
            (&["a", "b", " ", "acb"], "ab ac", ""),
            (&["ab axb"], "ab ax", "ab a"),
        ] {
            assert_eq!(cut(&after, pieces), (kept.into(), Some(End::String)));
            assert_eq!(cut(&before, pieces), (left.into(), Some(End::String)));
        }
        assert_eq!(cut(&before, &["ab", " a"]), ("ab a".into(), None));
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let limits = Limits { characters: Some(4), ..Limits::default() };
        assert_eq!(cut(&limits, &["ää", " ää"]), ("ää".into(), Some(End::Characters)));
        assert_eq!(cut(&limits, &["ää", " ä"]), ("ää ä".into(), Some(End::Characters)));
    }
}
