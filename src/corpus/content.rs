//! Checks that a server's response is a text: servers often send HTML pages and captchas to programs.

use std::fmt::Write;
use std::path::Path;

use crate::corpus::documents::{self, Declared, FileType};
use crate::error::{Error, Result};
use crate::io;

/// The signs of a page that tells programs from people, in lower case.
const CAPTCHA: [&str; 6] = [
    "captcha",
    "cf-challenge",
    "challenge-platform",
    "are you a robot",
    "verify you are human",
    "<title>just a moment",
];

/// The least text of a page that is more than a captcha; many articles have one for their comments.
const ARTICLE_BYTES: usize = 2000;

/// Fails with a description of the response if it is not a text. A page is one only if `may_be_page`.
pub fn check(content_type: Option<&str>, body: &[u8], may_be_page: bool) -> Result<()> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Err(Error::invalid("the file is empty"));
    }
    let kind = content_type.unwrap_or("").split(';').next().unwrap_or("").trim().to_ascii_lowercase();
    let file_type = FileType::of(body);
    if file_type == FileType::Html || file_type == FileType::Text && documents::is_page(&kind) {
        return match may_be_page && !is_captcha(body) {
            true => Ok(()),
            false => Err(Error::invalid(page(&String::from_utf8_lossy(body)))),
        };
    }
    if file_type.is_read() && file_type != FileType::Text {
        return Ok(());
    }
    if let Some(error) = file_type.refusal(Path::new(io::STREAM)) {
        return Err(error);
    }
    let is_plain =
        kind.is_empty() || kind == "application/octet-stream" || kind.starts_with("text/") && kind != "text/xml";
    if !is_plain {
        return Err(Error::invalid(format!("{}, not plain text", printable(&kind))));
    }
    Ok(())
}

fn has_captcha(html: &str) -> bool {
    let lower = html.to_ascii_lowercase();
    CAPTCHA.iter().any(|sign| lower.contains(sign))
}

/// Returns whether a page has signs of a captcha, and little else.
fn is_captcha(body: &[u8]) -> bool {
    let has_text = || {
        let page = documents::convert(body, FileType::Html, Declared::default());
        page.is_ok_and(|page| page.text.text.len() >= ARTICLE_BYTES)
    };
    has_captcha(&String::from_utf8_lossy(body)) && !has_text()
}

/// Describes an HTML page by its kind and title.
fn page(html: &str) -> String {
    let lower = html.to_ascii_lowercase();
    let what = if has_captcha(html) { "a captcha" } else { "an HTML page" };
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
            assert!(check(kind, b"<3 said Alice, and the <html> was gone\n", false).is_ok(), "{kind:?}");
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
            let error = check(kind, body.as_bytes(), false).unwrap_err().to_string();
            assert!(error.starts_with(description), "{error}");
        }
    }

    #[test]
    fn a_page_may_be_read_but_a_captcha_may_not() {
        let article = format!("<html><script src=recaptcha.js></script><p>{}", "The bell rang. ".repeat(200));
        for (kind, body, is_read) in [
            (Some("text/html"), "<p>The bell", true),
            (None, "<html><title>Bell</title><p>The bell", true),
            (None, &*article, true),
            (Some("text/html"), "<p>Are you a robot?", false),
            (None, "<html><title>Just a moment...</title>", false),
        ] {
            assert_eq!(check(kind, body.as_bytes(), true).is_ok(), is_read, "{body}");
            assert!(check(kind, body.as_bytes(), false).is_err(), "{body}");
        }
    }

    #[test]
    fn titles_may_contain_any_bytes() {
        assert!(check(None, "<html><title>İstanbul ß</title>".as_bytes(), false).is_err());
        assert!(check(None, b"<html><title>\xff\xfe</title>", false).is_err());
        assert!(check(None, b"<html><title>never closed", false).is_err());
    }
}
