//! The main text of an HTML page or of a chapter of an EPUB.

mod tags;
mod writer;

use std::collections::HashMap;

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use crate::corpus::encoding::{self, Decoded};
use crate::error::Result;

use tags::{Break, Region, Tag};
use writer::Writer;

/// The greatest depth of open elements. Deeper ones are read, but their ends are not looked for.
const MAX_DEPTH: usize = 10_000;

/// The number of bytes at the start of a page in which it declares its encoding.
const DECLARATION_BYTES: usize = 4096;

/// Decodes a page in the encoding `named`, or else in the one that its bytes show, that `declared` (the server) or the
/// page itself declares.
pub fn decode(bytes: &[u8], named: Option<&str>, declared: Option<&str>) -> Result<Decoded> {
    if named.is_some() {
        return encoding::decode(bytes, named);
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION_BYTES)]).to_ascii_lowercase();
    let in_page = || ["charset=", "encoding="].iter().find_map(|mark| label_after(&start, mark));
    encoding::decode_declared(bytes, declared.map(str::to_string).or_else(in_page).as_deref())
}

/// Returns the name of an encoding behind `mark`: `charset=utf-8`.
pub fn label_after(text: &str, mark: &str) -> Option<String> {
    let (_, value) = text.split_once(mark)?;
    let is_label = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
    let label = value.trim_start_matches(['"', '\'', ' ']).split(|c| !is_label(c)).next()?;
    (!label.is_empty()).then(|| label.into())
}

/// Returns the text of a page: of its `<main>` or `<article>` elements if they hold a good part of it, or else of its
/// body. Paragraphs are separated by blank lines.
pub fn main_text(html: &str) -> String {
    let is_xml = html.trim_start_matches('\u{feff}').trim_start().starts_with("<?xml");
    let mut reader = Reader { is_xml, ..Reader::default() };
    reader.read(html);
    reader.finish()
}

/// Returns the text of a chapter of an EPUB, which has no menus.
pub fn chapter_text(xhtml: &str) -> String {
    let mut reader = Reader { is_xml: true, sections: 1, ..Reader::default() };
    reader.read(xhtml);
    reader.finish()
}

/// An open element.
struct Element {
    name: Vec<u8>,
    tag: Tag,
    /// Where its text begins, if it is a region that is not within another of its kind.
    region: Option<usize>,
}

#[derive(Default)]
struct Reader {
    /// Whether `<x/>` has no contents, for all x.
    is_xml: bool,
    open: Vec<Element>,
    /// The number of open elements with each name.
    counts: HashMap<Vec<u8>, usize>,
    /// The numbers of open elements that are skipped, and of those that keep their blanks.
    skipped: usize,
    preformatted: usize,
    /// The number of open elements with a heading of their own.
    sections: usize,
    /// The texts of main elements and of articles.
    regions: [Vec<std::ops::Range<usize>>; 2],
    inside: [usize; 2],
    out: Writer,
}

impl Reader {
    fn read(&mut self, html: &str) {
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(!self.is_xml);
        for token in Tokenizer::new_with_emitter(html, emitter) {
            let Ok(token) = token;
            match token {
                Token::StartTag(tag) => self.start(tag),
                Token::EndTag(tag) => self.end(&tag.name),
                Token::String(text) if self.skipped == 0 => {
                    self.out.text(&String::from_utf8_lossy(&text), self.preformatted > 0);
                }
                _ => {}
            }
        }
        while let Some(element) = self.open.pop() {
            self.close(&element);
        }
    }

    fn start(&mut self, start: StartTag<()>) {
        let tag = Tag::of(&start, self.sections > 0);
        self.end_implied(&start.name, tag);
        if self.skipped == 0 {
            self.out.begin(tag.breaks);
        }
        let is_raw = !self.is_xml && matches!(&start.name[..], b"script" | b"style" | b"textarea" | b"title");
        let is_empty = tag.is_void || start.self_closing && !is_raw;
        let matters = tag.is_structure || tag.is_skipped || self.skipped > 0;
        if is_empty || !matters || self.open.len() >= MAX_DEPTH {
            return;
        }
        self.skipped += usize::from(tag.is_skipped);
        self.preformatted += usize::from(tag.is_preformatted);
        self.sections += usize::from(tag.is_section);
        let mut region = None;
        if let Some(kind) = tag.region {
            if self.skipped == 0 && self.inside[kind as usize] == 0 {
                region = Some(self.out.mark());
            }
            self.inside[kind as usize] += 1;
        }
        let name = start.name.0;
        *self.counts.entry(name.clone()).or_default() += 1;
        self.open.push(Element { name, tag, region });
    }

    /// Ends the elements whose end tags may be left out before this start tag.
    fn end_implied(&mut self, name: &[u8], tag: Tag) {
        let Some(last) = self.open.last() else { return };
        let is_ended = match &last.name[..] {
            b"p" => tag.breaks == Break::Paragraph || matches!(name, b"li" | b"dt" | b"dd" | b"td" | b"th" | b"tr"),
            b"rt" | b"rp" => matches!(name, b"rt" | b"rp" | b"rb"),
            b"dt" | b"dd" => matches!(name, b"dt" | b"dd"),
            b"td" | b"th" => matches!(name, b"td" | b"th" | b"tr"),
            last @ (b"li" | b"tr" | b"option") => last == name,
            _ => false,
        };
        if is_ended {
            let ended = last.name.clone();
            self.end(&ended);
        }
    }

    fn end(&mut self, name: &[u8]) {
        if self.counts.get(name).is_none_or(|count| *count == 0) {
            return;
        }
        while let Some(element) = self.open.pop() {
            self.close(&element);
            if element.name == name {
                break;
            }
        }
    }

    fn close(&mut self, element: &Element) {
        if let Some(count) = self.counts.get_mut(&element.name) {
            *count -= 1;
        }
        if self.skipped == 0 {
            self.out.end(element.tag.breaks);
        }
        self.skipped -= usize::from(element.tag.is_skipped);
        self.preformatted -= usize::from(element.tag.is_preformatted);
        self.sections -= usize::from(element.tag.is_section);
        if let Some(kind) = element.tag.region {
            self.inside[kind as usize] -= 1;
            if let Some(start) = element.region {
                self.regions[kind as usize].push(start..self.out.mark());
            }
        }
    }

    fn finish(self) -> String {
        let text = self.out.text;
        for regions in [Region::Main, Region::Article].map(|kind| &self.regions[kind as usize]) {
            let parts: Vec<&str> = regions.iter().filter_map(|range| text.get(range.clone())).map(trimmed).collect();
            let length: usize = parts.iter().map(|part| part.len()).sum();
            if length > 0 && length * 3 >= text.len() {
                let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                return parts.join("\n\n") + "\n";
            }
        }
        let body = trimmed(&text);
        if body.is_empty() { String::new() } else { format!("{body}\n") }
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches('\n').trim_end()
}

#[cfg(test)]
mod tests;
