//! Removes Project Gutenberg's header, credits, footer and licence from a book.
//!
//! Markers divide the text into sections; a section belongs to the book if it is between a start and an end. A
//! text without markers is left unchanged.

mod credits;
mod markers;

use std::collections::HashSet;
use std::ops::Range;

use crate::error::{Error, Result};
use markers::{Kind, Marker};

/// A book without Gutenberg's boilerplate, and the number of lines removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stripped {
    pub text: String,
    /// Lines removed before the book: header, credits, blank lines.
    pub header_lines: usize,
    /// Lines removed after the book, or between its volumes.
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

/// Strips a text with LF line ends; idempotent. Fails if nothing would remain.
pub fn strip(text: &str) -> Result<Stripped> {
    let mut result = Stripped::untouched(text);
    loop {
        // Joined files may have a byte order mark before any line, even several.
        let lines: Vec<&str> = result.text.lines().map(|line| line.trim_start_matches('\u{feff}')).collect();
        let Some(ranges) = book_ranges(&lines) else { return Ok(result) };
        let Some(first) = ranges.first() else {
            return Err(
                Error::failure("the text contains only Gutenberg's header and licence").hint("--raw keeps them")
            );
        };
        let kept: usize = ranges.iter().map(|range| range.len()).sum();
        result.header_lines += first.start;
        result.licence_lines += lines.len() - first.start - kept;
        // Separate books with an empty line. Repeat until nothing changes: removing some text can reveal more, and
        // some markers remain, such as a small print without an end.
        let books: Vec<String> = ranges.iter().map(|range| lines[range.clone()].join("\n") + "\n").collect();
        let text = books.join("\n");
        if text == result.text {
            return Ok(result);
        }
        result.text = text;
    }
}

/// Returns the ranges of lines that belong to the book, without surrounding blank lines; None without markers.
fn book_ranges(lines: &[&str]) -> Option<Vec<Range<usize>>> {
    let markers = markers::find_all(lines);
    if markers.is_empty() {
        return None;
    }
    let mut sorter = Extractor::new(lines, title_words(lines, &markers));
    for (i, (marker, bound)) in markers.iter().zip(next_bounds(&markers)).enumerate() {
        let marker = sorter.certain(marker, markers.get(i + 1));
        if let Some(marker) = marker {
            sorter.take(&marker, bound);
        }
    }
    sorter.close(lines.len());
    Some(sorter.kept.into_iter().flat_map(|piece| credits::cut(lines, piece)).collect())
}

/// Returns the words of all titles that headers and start markers name, in lower case.
fn title_words(lines: &[&str], markers: &[Marker]) -> HashSet<String> {
    const COMMON: [&str; 15] =
        ["project", "gutenberg", "s", "etext", "ebook", "e", "text", "of", "the", "this", "a", "an", "and", "by", "in"];
    let starts = markers.iter().filter(|marker| marker.kind == Kind::Start);
    let names_title = |line: &&&str| credits::is_title_line(line) || line.starts_with("Title:");
    let titles = lines.iter().filter(names_title).chain(starts.flat_map(|marker| &lines[marker.at..marker.after()]));
    titles.flat_map(|line| markers::words(line)).filter(|word| !COMMON.contains(&word.as_str())).collect()
}

/// Returns, for each marker, the next marker that unambiguously starts or ends a book.
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

/// Prefix sums of the number of non-blank lines and of lines that mention Gutenberg, for constant-time range queries.
struct LineCounts {
    filled: Vec<usize>,
    mentions: Vec<usize>,
}

impl LineCounts {
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
            mentions: sums(&|line| line.to_lowercase().contains("gutenberg")),
        }
    }

    fn filled(&self, range: Range<usize>) -> usize {
        self.filled[range.end] - self.filled[range.start]
    }

    fn mentions(&self, range: Range<usize>) -> usize {
        self.mentions[range.end] - self.mentions[range.start]
    }
}

/// Processes the markers and collects the ranges of the book.
struct Extractor<'a> {
    lines: &'a [&'a str],
    counts: LineCounts,
    titles: HashSet<String>,
    kept: Vec<Range<usize>>,
    /// The start of the current range.
    open: Option<usize>,
    /// Whether a start marker has been seen; a licence before it belongs to the header.
    started: bool,
    closed_by_licence: bool,
}

impl<'a> Extractor<'a> {
    fn new(lines: &'a [&'a str], titles: HashSet<String>) -> Self {
        let counts = LineCounts::new(lines);
        Self { lines, counts, titles, kept: Vec::new(), open: Some(0), started: false, closed_by_licence: false }
    }

    /// Decides whether an ambiguous marker is one: `End of Project Gutenberg's first decade` may be a heading of an
    /// essay. It is one if it names the book, or if nothing follows. `next` is the next marker of any kind.
    fn certain(&self, marker: &Marker, next: Option<&Marker>) -> Option<Marker> {
        if marker.kind != Kind::AmbiguousEnd {
            return Some(*marker);
        }
        let own = self.lines[marker.at..marker.after()].iter().flat_map(|line| markers::words(line));
        let names_book = own.skip(1).any(|word| self.titles.contains(&word));
        let follows = marker.after()..next.map_or(self.lines.len(), |next| next.at);
        (names_book || self.counts.filled(follows) == 0).then_some(Marker { kind: Kind::PlainEnd, ..*marker })
    }

    fn take(&mut self, marker: &Marker, next: Option<Marker>) {
        match marker.kind {
            Kind::Start => self.begin(marker.after()),
            Kind::End => self.close(marker.at),
            Kind::PlainEnd if self.is_last(marker, next) => self.close(marker.at),
            Kind::AmbiguousEnd => {}
            Kind::PlainEnd => {
                // The end of one of several volumes.
                if self.open.is_some() {
                    self.close(marker.at);
                    self.open = Some(marker.after());
                }
            }
            Kind::SmallPrintEnd if self.is_at_the_end(marker) => self.close(marker.at),
            Kind::SmallPrintEnd => {
                if self.closed_by_licence {
                    self.kept.pop(); // an old header inside a new one, up to its small print
                }
                self.begin(marker.after());
            }
            Kind::SmallPrintStart if !self.started => {}
            Kind::Licence | Kind::SmallPrintStart => {
                if let Some(open) = self.open {
                    self.close(self.licence_start(open, marker.at));
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

    /// Returns whether a plain `End of Project Gutenberg's X` ends the book rather than a volume: only the footer or
    /// text about Gutenberg follows.
    fn is_last(&self, marker: &Marker, next: Option<Marker>) -> bool {
        let (end, most) = match next {
            Some(next) if next.kind == Kind::End => (next.at, 6),
            Some(next) => (next.at, 40),
            None => (self.lines.len(), 40),
        };
        let rest = marker.after()..end;
        let filled = self.counts.filled(rest.clone());
        filled <= most || self.counts.mentions(rest) * 20 >= filled
    }

    /// Returns whether the small print ends the file, as it did from 2002 on, rather than the header.
    fn is_at_the_end(&self, marker: &Marker) -> bool {
        let before = match (self.open, self.kept.last()) {
            (Some(open), _) => open..marker.at,
            (None, Some(piece)) => piece.clone(),
            (None, None) => return false,
        };
        self.started && self.counts.filled(marker.after()..self.lines.len()) < self.counts.filled(before)
    }

    /// Returns the first line of the licence, from `open` on: a note with the file name precedes its title.
    fn licence_start(&self, open: usize, licence: usize) -> usize {
        const MAX_LINES: usize = 200;
        const HEADS: [&str; 3] = [
            "this file should be named",
            "updated editions will replace the previous one",
            "project gutenberg ebooks are often created",
        ];
        let from = open.max(licence.saturating_sub(MAX_LINES));
        let is_head = |line: &&str| {
            let words = markers::words(line).join(" ");
            HEADS.iter().any(|head| words.starts_with(head))
        };
        let head = self.lines[from..licence].iter().position(is_head).map_or(licence, |at| from + at);
        // The book's title may be repeated above it.
        let above = open.max(head.saturating_sub(3))..head;
        above.clone().find(|&at| credits::is_title_line(self.lines[at])).unwrap_or(head)
    }
}

#[cfg(test)]
mod tests;
