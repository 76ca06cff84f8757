//! Stopping criteria other than the number of words and tokens: characters, sentences, paragraphs, strings.

/// Conditions that end a text; by default there are none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StoppingCriteria {
    /// The maximum number of characters; the last piece is whole.
    pub characters: Option<usize>,
    /// The number of sentences. A sentence ends with a full stop, question mark or exclamation mark and any closing
    /// quotation marks and brackets, if white space but no lower-case letter follows.
    pub sentences: Option<usize>,
    /// The number of paragraphs. A paragraph ends with an empty line, or with a line break if the vocabulary has no
    /// empty lines.
    pub paragraphs: Option<usize>,
    /// Stop strings.
    pub strings: Vec<String>,
    /// Whether the text includes the stop string. If not, text that may be the beginning of one is held back.
    pub keep_string: bool,
}

/// Why a text ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FinishReason {
    Words,
    Tokens,
    Characters,
    Sentences,
    Paragraphs,
    String,
    /// The model ended the document.
    Document,
    /// Every possible next token is banned.
    NoCandidates,
}

impl FinishReason {
    /// Returns the name used in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Tokens => "tokens",
            Self::Characters => "characters",
            Self::Sentences => "sentences",
            Self::Paragraphs => "paragraphs",
            Self::String => "string",
            Self::Document => "document",
            Self::NoCandidates => "no choice",
        }
    }
}

/// Detects the end of a text from its pieces.
#[derive(Clone, Debug)]
pub struct StopDetector {
    criteria: StoppingCriteria,
    /// The number of line breaks that end a paragraph.
    paragraph_break: usize,
    characters: usize,
    sentences: usize,
    paragraphs: usize,
    /// Whether the current sentence and paragraph contain a letter or digit.
    has_sentence: bool,
    has_paragraph: bool,
    mark: Mark,
    /// The letters and digits at the end of the text, to recognize abbreviations.
    word: String,
    /// Bytes of white space at the end of the text, and the line breaks among them.
    space: usize,
    breaks: usize,
    /// The end of the text that may be the beginning of a stop string.
    tail: String,
}

/// The end of the text, apart from white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    None,
    /// The end of a sentence, if white space follows.
    Stop,
    /// The end of a sentence, whatever follows.
    FullwidthStop,
}

impl StopDetector {
    /// `paragraph_break`: the number of line breaks that end a paragraph.
    pub fn new(criteria: StoppingCriteria, paragraph_break: usize) -> Self {
        Self {
            criteria,
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

    /// Adds a piece. If the text ends, returns the reason and the number of bytes beyond its end.
    pub fn push(&mut self, text: &str) -> Option<(FinishReason, usize)> {
        let mut stops = [None; 3];
        if let Some(max) = self.criteria.characters {
            let count = text.chars().count();
            self.characters += count;
            stops[0] = match self.characters {
                n if n > max => Some((FinishReason::Characters, text.len())),
                n if n == max => Some((FinishReason::Characters, 0)),
                _ => None,
            };
        }
        if !self.criteria.strings.is_empty() {
            stops[1] = self.find_string(text);
        }
        if self.criteria.sentences.is_some() || self.criteria.paragraphs.is_some() {
            stops[2] = self.count(text);
        }
        // The earliest end in the text.
        stops.into_iter().flatten().max_by_key(|(_, excess)| *excess)
    }

    /// The number of bytes at the end of the text that may turn out to be beyond its end.
    pub fn held_back(&self) -> usize {
        self.space.max(if self.criteria.keep_string { 0 } else { self.tail.len() })
    }

    fn find_string(&mut self, text: &str) -> Option<(FinishReason, usize)> {
        self.tail.push_str(text);
        let found = self.criteria.strings.iter().filter_map(|s| Some((self.tail.find(s.as_str())?, s.len())));
        if let Some((at, length)) = found.min() {
            let keep = if self.criteria.keep_string { at + length } else { at };
            return Some((FinishReason::String, self.tail.len() - keep));
        }
        let begins = |tail: &str| self.criteria.strings.iter().any(|string| string.starts_with(tail));
        let from = self.tail.char_indices().map(|(at, _)| at).find(|&at| begins(&self.tail[at..]));
        self.tail.drain(..from.unwrap_or(self.tail.len()));
        None
    }

    /// Counts sentences and paragraphs.
    fn count(&mut self, text: &str) -> Option<(FinishReason, usize)> {
        for (at, c) in text.char_indices() {
            let rest = text.len() - at;
            if c.is_whitespace() {
                if self.mark == Mark::Stop || self.mark == Mark::FullwidthStop || self.criteria.paragraphs.is_some() {
                    self.space += c.len_utf8();
                }
                self.breaks += usize::from(c == '\n');
                self.word.clear();
                if self.breaks == self.paragraph_break && std::mem::take(&mut self.has_paragraph) {
                    self.paragraphs += 1;
                    if self.criteria.paragraphs == Some(self.paragraphs) {
                        return Some((FinishReason::Paragraphs, self.space + rest - c.len_utf8()));
                    }
                }
                continue;
            }
            let closes = is_closing(c) && self.space == 0;
            let goes_on = match self.mark {
                Mark::None => true,
                // A number, an address, or a lower-case word after a quotation.
                Mark::Stop => (self.space == 0 && self.breaks == 0) || c.is_lowercase(),
                Mark::FullwidthStop => false,
            };
            if !goes_on && !closes && !is_stop(c) && std::mem::take(&mut self.has_sentence) {
                self.sentences += 1;
                if self.criteria.sentences == Some(self.sentences) {
                    return Some((FinishReason::Sentences, self.space + rest));
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

/// Whether a full stop after the word marks an abbreviation: a title or an initial.
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

    /// Returns the text that remains of some pieces and why it ended; checks that released text is not cut off.
    fn cut(criteria: &StoppingCriteria, pieces: &[&str]) -> (String, Option<FinishReason>) {
        let (mut detector, mut text, mut out) = (StopDetector::new(criteria.clone(), 2), String::new(), 0);
        for piece in pieces {
            text.push_str(piece);
            if let Some((reason, excess)) = detector.push(piece) {
                text.truncate(text.len() - excess);
                assert!(out <= text.len(), "more than {text:?} was released");
                return (text, Some(reason));
            }
            out = text.len() - detector.held_back();
        }
        (text, None)
    }

    fn letters(text: &str) -> Vec<&str> {
        text.split("").filter(|c| !c.is_empty()).collect()
    }

    #[test]
    fn sentences_end_where_a_reader_expects() {
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
            let criteria = StoppingCriteria { sentences: Some(1), ..StoppingCriteria::default() };
            assert_eq!(cut(&criteria, &letters(text)), (one.into(), Some(FinishReason::Sentences)));
            assert_eq!(cut(&criteria, &[text]).0, one, "in one piece");
        }
        let two = StoppingCriteria { sentences: Some(2), ..StoppingCriteria::default() };
        assert_eq!(cut(&two, &["One. ", "Two", ". ", "Three"]).0, "One. Two.");
        assert_eq!(cut(&two, &["One. ", "Two", "."]), ("One. Two.".into(), None));
    }

    #[test]
    fn paragraphs_end_with_an_empty_line() {
        let one = StoppingCriteria { paragraphs: Some(1), ..StoppingCriteria::default() };
        for text in ["a\nb\n\nc", "\n\na\nb\n\nc"] {
            for pieces in [letters(text), vec![text]] {
                let (left, end) = cut(&one, &pieces);
                assert_eq!((left.trim_start(), end), ("a\nb", Some(FinishReason::Paragraphs)));
            }
        }
        assert_eq!(cut(&one, &["a", "\n"]).1, None);
    }

    #[test]
    fn a_stop_string_is_found_across_pieces_and_its_beginning_held_back() {
        let strings = vec!["ab ac".to_string(), "x".to_string()];
        let before = StoppingCriteria { strings, ..StoppingCriteria::default() };
        let after = StoppingCriteria { keep_string: true, ..before.clone() };
        for (pieces, kept, left) in [
            (&["ab", " ab", " ac", "a"][..], "ab ab ac", "ab "),
            (&["a", "b", " ", "acb"], "ab ac", ""),
            (&["ab axb"], "ab ax", "ab a"),
        ] {
            assert_eq!(cut(&after, pieces), (kept.into(), Some(FinishReason::String)));
            assert_eq!(cut(&before, pieces), (left.into(), Some(FinishReason::String)));
        }
        assert_eq!(cut(&before, &["ab", " a"]), ("ab a".into(), None));
    }

    #[test]
    fn characters_are_counted_not_bytes() {
        let criteria = StoppingCriteria { characters: Some(4), ..StoppingCriteria::default() };
        assert_eq!(cut(&criteria, &["ää", " ää"]), ("ää".into(), Some(FinishReason::Characters)));
        assert_eq!(cut(&criteria, &["ää", " ä"]), ("ää ä".into(), Some(FinishReason::Characters)));
    }
}
