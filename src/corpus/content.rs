//! Checks that a server's response is plain text: servers often send HTML pages and captchas to programs.

use std::fmt::Write;

use crate::error::{Error, Result};

/// The maximum size of a response; the longest books are about 10 MB.
pub const MAX_BYTES: u64 = 100_000_000;

/// The number of bytes that reveal the type of a response.
const SNIFFED_BYTES: usize = 2000;

/// Fails with a description of the response if it is not plain text.
pub fn check(content_type: Option<&str>, body: &[u8]) -> Result<()> {
    let start = &body[..body.len().min(SNIFFED_BYTES)];
    let text = String::from_utf8_lossy(start).trim_start_matches('\u{feff}').trim_start().to_lowercase();
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid("the file is empty"));
    }
    let kind = content_type.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let is_page = ["<!doctype html", "<html", "<head", "<?xml"].iter().any(|tag| text.starts_with(tag));
    if is_page || kind == "text/html" || kind == "application/xhtml+xml" {
        return Err(Error::invalid(page(&String::from_utf8_lossy(body))));
    }
    if let Some(name) = archive(body) {
        return Err(Error::invalid(format!("{name}, not plain text")));
    }
    let plain = kind.is_empty()
        || kind.starts_with("text/")
        || ["application/octet-stream", "application/gzip", "application/x-gzip"].contains(&&*kind);
    if !plain {
        return Err(Error::invalid(format!("{}, not plain text", printable(&kind))));
    }
    Ok(())
}

/// Describes an HTML page by its kind and title.
fn page(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let captcha = ["captcha", "cf-challenge", "challenge-platform", "are you a robot", "verify you are human"];
    let what = if captcha.iter().any(|sign| lower.contains(sign)) { "a captcha" } else { "an HTML page" };
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
    let kinds: [(&[u8], &str); 4] = [
        (b"PK\x03\x04", "a zip archive or an EPUB"),
        (b"%PDF", "a PDF"),
        (b"\x89PNG", "a picture"),
        (b"\xff\xd8\xff", "a picture"),
    ];
    kinds.iter().find(|(magic, _)| body.starts_with(magic)).map(|(_, name)| *name)
}

/// Makes untrusted text safe to show on one line of a terminal.
fn printable(text: &str) -> String {
    const MAX_CHARS: usize = 60;
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(MAX_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_any_content_type_passes() {
        for kind in [None, Some("text/plain; charset=utf-8"), Some("application/octet-stream"), Some("text/x-any")] {
            assert!(check(kind, b"<3 said Alice, and the <html> was gone\n").is_ok(), "{kind:?}");
        }
    }

    #[test]
    fn other_content_is_described() {
        for (kind, body, description) in [
            (Some("text/plain"), "\n <!DOCTYPE HTML><title>Not\nhere\x1b[2J</title>", "an HTML page (“Not here [2J”)"),
            (Some("text/html"), "nothing", "an HTML page"),
            (None, "\u{feff}<html><body>Solve this CAPTCHA", "a captcha"),
            (None, "", "the file is empty"),
            (None, " \r\n", "the file is empty"),
            (None, "PK\x03\x04rest", "a zip archive"),
            (Some("application/json"), "{}", "application/json"),
        ] {
            let error = check(kind, body.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with(description), "{error}");
        }
    }

    #[test]
    fn titles_may_contain_any_bytes() {
        assert!(check(None, "<html><title>İstanbul ß</title>".as_bytes()).is_err());
        assert!(check(None, b"<html><title>\xff\xfe</title>").is_err());
        assert!(check(None, b"<html><title>never closed").is_err());
    }
}
