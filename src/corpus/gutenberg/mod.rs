//! Takes Project Gutenberg's header, credits, footer and licence off a book, in all their forms.
//!
//! Markers cut the text into pieces; a piece is the book's if it lies between a start and an end.
//! Only what markers enclose is judged: a text without any is nobody's business.

mod credits;
mod markers;

use std::ops::Range;

use crate::error::{Error, Result};
use markers::{Kind, Marker};

/// A book without Gutenberg's words, and how many lines those were.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stripped {
    pub text: String,
    /// Lines cut before the book: header, credits, blank lines.
    pub header_lines: usize,
    /// Lines cut after the book, or within it where volumes end.
    pub licence_lines: usize,
}

impl Stripped {
    pub fn untouched(text: &str) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    pub fn is_untouched(&self) -> bool {
        self.header_lines + self.licence_lines == 0
    }
}

/// Strips a text with LF line ends; stripping twice is stripping once. Refuses to leave nothing.
pub fn strip(text: &str) -> Result<Stripped> {
    let mut result = Stripped::untouched(text);
    loop {
        let lines: Vec<&str> = result.text.lines().collect();
        let Some(pieces) = pieces(&lines) else { return Ok(result) };
        let Some(first) = pieces.first() else {
            return Err(Error::failure("nothing but Gutenberg's header and licence is in this text")
                .hint("--raw keeps the text as it came"));
        };
        let kept: usize = pieces.iter().map(|piece| piece.len()).sum();
        result.header_lines += first.start;
        result.licence_lines += lines.len() - first.start - kept;
        // An empty line parts what a marker parted. A pass that changes nothing is the last: some markers
        // stay, such as a small print that never ends.
        let books: Vec<String> = pieces.iter().map(|piece| lines[piece.clone()].join("\n") + "\n").collect();
        let text = books.join("\n");
        if text == result.text {
            return Ok(result);
        }
        result.text = text;
    }
}

/// The book's own ranges of lines, without blank lines around them; none if there is no marker.
fn pieces(lines: &[&str]) -> Option<Vec<Range<usize>>> {
    let markers = markers::find_all(lines);
    if markers.is_empty() {
        return None;
    }
    let mut sorter = Sorter::new(lines);
    for (marker, next) in markers.iter().zip(next_bounds(&markers)) {
        sorter.take(marker, next);
    }
    sorter.close(lines.len());
    let trimmed = sorter.kept.into_iter().map(|piece| {
        let start = credits::skip(lines, piece.clone());
        let blank = lines[start..piece.end].iter().rev().take_while(|line| line.trim().is_empty()).count();
        start..piece.end - blank
    });
    Some(trimmed.filter(|piece| !piece.is_empty()).collect())
}

/// For each marker the first bound after it: what starts or ends a book beyond doubt.
fn next_bounds(markers: &[Marker]) -> Vec<Option<Marker>> {
    let mut next = None;
    let mut bounds: Vec<Option<Marker>> = markers
        .iter()
        .rev()
        .map(|marker| {
            let after = next;
            if matches!(marker.kind, Kind::Start | Kind::End) {
                next = Some(*marker);
            }
            after
        })
        .collect();
    bounds.reverse();
    bounds
}

/// How many lines with something on them, and with talk of Gutenberg, stand before each line: sums, so
/// that judging every marker of a long text takes no longer than reading it.
struct Tally {
    filled: Vec<usize>,
    talk: Vec<usize>,
}

impl Tally {
    fn new(lines: &[&str]) -> Self {
        let sums = |test: &dyn Fn(&str) -> bool| {
            let mut sum = 0;
            let mut sums = vec![0];
            sums.extend(lines.iter().map(|line| {
                sum += usize::from(test(line));
                sum
            }));
            sums
        };
        Self {
            filled: sums(&|line| !line.trim().is_empty()),
            talk: sums(&|line| line.to_lowercase().contains("gutenberg")),
        }
    }

    fn filled(&self, range: Range<usize>) -> usize {
        self.filled[range.end] - self.filled[range.start]
    }

    fn talk(&self, range: Range<usize>) -> usize {
        self.talk[range.end] - self.talk[range.start]
    }
}

/// Walks over the markers and keeps what is the book's.
struct Sorter<'a> {
    lines: &'a [&'a str],
    tally: Tally,
    kept: Vec<Range<usize>>,
    /// Where the piece being read began.
    open: Option<usize>,
    /// Whether a start has been seen: before it, a licence belongs to the header.
    started: bool,
    closed_by_licence: bool,
}

impl<'a> Sorter<'a> {
    fn new(lines: &'a [&'a str]) -> Self {
        let tally = Tally::new(lines);
        Self { lines, tally, kept: Vec::new(), open: Some(0), started: false, closed_by_licence: false }
    }

    fn take(&mut self, marker: &Marker, next: Option<Marker>) {
        match marker.kind {
            Kind::Start => self.begin(marker.after()),
            Kind::End => self.close(marker.at),
            Kind::PlainEnd if self.is_last(marker, next) => self.close(marker.at),
            Kind::PlainEnd => {
                // The end of a volume in a book of several.
                if self.open.is_some() {
                    self.close(marker.at);
                    self.open = Some(marker.after());
                }
            }
            Kind::SmallPrintEnd if self.is_at_the_end(marker) => self.close(marker.at),
            Kind::SmallPrintEnd => {
                if self.closed_by_licence {
                    self.kept.pop(); // an old header within a new one, cut short where its small print began
                }
                self.begin(marker.after());
            }
            Kind::SmallPrintStart if !self.started => {}
            Kind::Licence | Kind::SmallPrintStart => {
                if let Some(open) = self.open {
                    self.close(self.head_of_licence(open, marker.at));
                    self.closed_by_licence = true;
                }
            }
        }
    }

    fn begin(&mut self, at: usize) {
        self.open = Some(at);
        self.started = true;
        self.closed_by_licence = false;
    }

    fn close(&mut self, at: usize) {
        if let Some(open) = self.open.take() {
            self.kept.push(open..at);
            self.closed_by_licence = false;
        }
    }

    /// Whether a plain `End of Project Gutenberg's X` ends the book: what follows is nothing, the
    /// footer proper, or talk of Gutenberg. In a work of several volumes the next one follows.
    fn is_last(&self, marker: &Marker, next: Option<Marker>) -> bool {
        let (end, most) = match next {
            Some(next) if next.kind == Kind::End => (next.at, 6),
            Some(next) => (next.at, 40),
            None => (self.lines.len(), 40),
        };
        let rest = marker.after()..end;
        let filled = self.tally.filled(rest.clone());
        filled <= most || self.tally.talk(rest) * 20 >= filled
    }

    /// Whether the small print ends the file, as it did from 2002 on, not the header.
    fn is_at_the_end(&self, marker: &Marker) -> bool {
        let before = match (self.open, self.kept.last()) {
            (Some(open), _) => open..marker.at,
            (None, Some(piece)) => piece.clone(),
            (None, None) => return false,
        };
        self.started && self.tally.filled(marker.after()..self.lines.len()) < self.tally.filled(before)
    }

    /// The licence's own first lines, from `open` on: the note that names the file stands well before its title.
    fn head_of_licence(&self, open: usize, licence: usize) -> usize {
        const FARTHEST: usize = 200;
        const HEADS: [&str; 3] = [
            "this file should be named",
            "updated editions will replace the previous one",
            "project gutenberg ebooks are often created",
        ];
        let from = open.max(licence.saturating_sub(FARTHEST));
        let is_head = |line: &&str| {
            let words = markers::words(line).join(" ");
            HEADS.iter().any(|head| words.starts_with(head))
        };
        let head = self.lines[from..licence].iter().position(is_head).map_or(licence, |at| from + at);
        // The book's title may stand above it once more.
        let above = open.max(head.saturating_sub(3))..head;
        above.clone().find(|&at| credits::is_title_line(self.lines[at])).unwrap_or(head)
    }
}

#[cfg(test)]
mod tests;
