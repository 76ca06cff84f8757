//! What each element of a page means for its text.

use html5gum::StartTag;

/// How an element divides the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Break {
    #[default]
    None,
    Cell,
    Line,
    /// `<br>`, two of which make a blank line.
    LineEnd,
    Paragraph,
}

/// An element that holds the main text.
#[derive(Clone, Copy, Debug)]
pub enum Region {
    Main,
    Article,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Tag {
    pub breaks: Break,
    /// Whether it has no contents.
    pub is_void: bool,
    /// Whether its end tag matters. Most elements within a paragraph say nothing about the text.
    pub is_structure: bool,
    /// Whether its contents do not belong to the text.
    pub is_skipped: bool,
    pub is_preformatted: bool,
    /// Whether a `<header>` in it belongs to the text.
    pub is_section: bool,
    pub region: Option<Region>,
}

impl Tag {
    /// Describes an element, which may be `in_section`.
    pub fn of(start: &StartTag<()>, in_section: bool) -> Self {
        let mut tag = Self { is_structure: true, ..Self::default() };
        match &start.name[..] {
            b"br" => (tag.breaks, tag.is_void) = (Break::LineEnd, true),
            b"hr" => (tag.breaks, tag.is_void) = (Break::Paragraph, true),
            b"img" | b"input" | b"meta" | b"link" | b"base" | b"wbr" | b"col" | b"area" | b"embed" | b"source"
            | b"track" | b"param" => tag.is_void = true,
            b"script" | b"style" | b"noscript" | b"template" | b"svg" | b"title" | b"iframe" | b"object" | b"audio"
            | b"video" | b"canvas" | b"select" | b"textarea" | b"button" | b"rt" | b"rp" | b"annotation" => {
                tag.is_skipped = true;
            }
            b"nav" | b"aside" | b"form" | b"dialog" => (tag.breaks, tag.is_skipped) = (Break::Paragraph, true),
            b"header" | b"footer" => (tag.breaks, tag.is_skipped) = (Break::Paragraph, !in_section),
            b"main" => (tag.breaks, tag.is_section, tag.region) = (Break::Paragraph, true, Some(Region::Main)),
            b"article" => (tag.breaks, tag.is_section, tag.region) = (Break::Paragraph, true, Some(Region::Article)),
            b"section" => (tag.breaks, tag.is_section) = (Break::Paragraph, true),
            b"pre" | b"listing" => (tag.breaks, tag.is_preformatted) = (Break::Paragraph, true),
            b"div" if has_word(start, "class", &["verse", "line", "l", "vers"]) => tag.breaks = Break::Line,
            b"p" | b"div" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"ul" | b"ol" | b"dl" | b"menu"
            | b"table" | b"blockquote" | b"figure" | b"figcaption" | b"center" | b"address" | b"fieldset"
            | b"details" | b"hgroup" | b"body" => tag.breaks = Break::Paragraph,
            b"li" | b"dt" | b"dd" | b"tr" | b"caption" | b"option" | b"summary" | b"legend" => tag.breaks = Break::Line,
            b"td" | b"th" => tag.breaks = Break::Cell,
            b"html" | b"ruby" | b"thead" | b"tbody" | b"tfoot" => {}
            _ => tag.is_structure = false,
        }
        tag.is_skipped |= is_hidden(start) || is_boilerplate(start);
        tag
    }
}

fn attribute<'t>(start: &'t StartTag<()>, name: &str) -> Option<&'t [u8]> {
    start.attributes.get(name.as_bytes()).map(|value| &value.value.0[..])
}

/// Returns whether an attribute contains one of these words.
fn has_word(start: &StartTag<()>, name: &str, words: &[&str]) -> bool {
    attribute(start, name).is_some_and(|value| {
        value
            .split(u8::is_ascii_whitespace)
            .any(|word| words.iter().any(|other| word.eq_ignore_ascii_case(other.as_bytes())))
    })
}

fn is_hidden(start: &StartTag<()>) -> bool {
    let style = attribute(start, "style").map(|style| {
        let letters = style.iter().filter(|byte| !byte.is_ascii_whitespace());
        letters.map(u8::to_ascii_lowercase).collect::<Vec<_>>()
    });
    attribute(start, "hidden").is_some_and(|value| !value.eq_ignore_ascii_case(b"until-found"))
        || has_word(start, "aria-hidden", &["true"])
        || style.is_some_and(|style| style.windows(12).any(|part| part == b"display:none"))
}

/// Returns whether an element holds a page number of a printed book, or Gutenberg's licence.
fn is_boilerplate(start: &StartTag<()>) -> bool {
    has_word(start, "class", &["pagenum", "pageno", "page-number", "pagebreak", "pg-boilerplate"])
        || has_word(start, "id", &["pg-header", "pg-footer"])
        || has_word(start, "epub:type", &["pagebreak"])
        || has_word(start, "role", &["doc-pagebreak", "navigation", "banner", "contentinfo", "search"])
}
