//! Whether what a server sent is a text at all: servers answer robots with pages, riddles and halves.

use std::fmt::Write;

use crate::error::{Error, Result};

/// The largest answer taken; the longest books have about 10 MB.
pub const MAX_BYTES: u64 = 100_000_000;

/// How far into an answer its kind shows.
const BEGINNING: usize = 2000;

/// Says what came instead of a text, if something else did.
pub fn check(content_type: Option<&str>, body: &[u8]) -> Result<()> {
    let start = &body[..body.len().min(BEGINNING)];
    let text = String::from_utf8_lossy(start).trim_start_matches('\u{feff}').trim_start().to_lowercase();
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid("an empty file, not a book"));
    }
    let kind = content_type.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let is_page = ["<!doctype html", "<html", "<head", "<?xml"].iter().any(|tag| text.starts_with(tag));
    if is_page || kind == "text/html" || kind == "application/xhtml+xml" {
        return Err(Error::invalid(page(&String::from_utf8_lossy(body))));
    }
    if let Some(name) = archive(body) {
        return Err(Error::invalid(format!("{name}, not plain text")));
    }
    let plain = kind.is_empty() || kind.starts_with("text/") || kind == "application/octet-stream";
    if !plain {
        return Err(Error::invalid(format!("{}, not plain text", printable(&kind))));
    }
    Ok(())
}

/// Describes an HTML page by what it asks for and its title.
fn page(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let riddle = ["captcha", "cf-challenge", "challenge-platform", "are you a robot", "verify you are human"];
    let what = if riddle.iter().any(|sign| lower.contains(sign)) { "a captcha" } else { "an HTML page" };
    let mut message = what.to_string();
    let title = lower.find("<title>").map(|at| at + 7).and_then(|from| {
        let length = lower[from..].find("</title>")?;
        html.get(from..from + length)
    });
    if let Some(title) = title.map(printable).filter(|title| !title.is_empty()) {
        let _ = write!(message, " (“{title}”)");
    }
    message + ", not plain text"
}

fn archive(body: &[u8]) -> Option<&'static str> {
    let kinds: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "a zip archive or an EPUB"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
    ];
    kinds.iter().find(|(magic, _)| body.starts_with(magic)).map(|(_, name)| *name)
}

/// A stranger's words, fit for one line of a terminal.
fn printable(text: &str) -> String {
    const LONGEST: usize = 60;
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_passes_whatever_its_type_is_called() {
        for kind in [None, Some("text/plain; charset=utf-8"), Some("application/octet-stream"), Some("text/x-any")] {
            assert!(check(kind, b"<3 said Alice, and the <html> was gone\n").is_ok(), "{kind:?}");
        }
    }

    #[test]
    fn says_what_came_instead() {
        for (kind, body, says) in [
            (Some("text/plain"), "\n <!DOCTYPE HTML><title>Not\nhere\x1b[2J</title>", "an HTML page (“Not here [2J”)"),
            (Some("text/html"), "nothing", "an HTML page"),
            (None, "\u{feff}<html><body>Solve this CAPTCHA", "a captcha"),
            (None, "", "an empty file"),
            (None, " \r\n", "an empty file"),
            (None, "PK\x03\x04rest", "a zip archive"),
            (Some("application/json"), "{}", "application/json"),
        ] {
            let error = check(kind, body.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(says), "{error}");
        }
    }

    #[test]
    fn survives_titles_in_any_bytes() {
        assert!(check(None, "<html><title>İstanbul ß</title>".as_bytes()).is_err());
        assert!(check(None, b"<html><title>\xff\xfe</title>").is_err());
        assert!(check(None, b"<html><title>never closed").is_err());
    }
}
