//! The HTML pages, embedded in the binary; they load nothing from other sites.

use std::borrow::Cow;

use crate::http::{Request, Response};
use crate::{App, about};

/// Returns the page for browsers, and JSON for other clients.
pub fn index(app: &App, request: &Request) -> Response {
    match request.preferred(&["application/json", "text/html"]) {
        Some("text/html") => page(
            "write",
            "Continue a text",
            "Begin a text. A recurrent network continues it, one word at a time.",
            r#"<a href="/docs">API</a>"#,
            include_str!("page/write.html"),
        ),
        _ => about::root(app),
    }
    .with("Vary", "Accept")
}

pub fn docs() -> Response {
    page(
        "docs",
        "API",
        "Try every endpoint of this server.",
        r#"<a href="/">Write</a> · <a href="/openapi.json">openapi.json</a>"#,
        include_str!("page/docs.html"),
    )
}

pub fn style(css: &'static str) -> Response {
    file("text/css; charset=utf-8", css)
}

pub fn script(javascript: &'static str) -> Response {
    file("text/javascript; charset=utf-8", javascript)
}

pub fn icon() -> Response {
    file("image/svg+xml", include_str!("page/icon.svg"))
}

/// Composes a page from the common head and its own body; `name` selects its style sheet and script.
fn page(name: &str, title: &str, tagline: &str, links: &str, body: &str) -> Response {
    let head = format!(include_str!("page/head.html"), name = name, title = title, tagline = tagline, links = links);
    file("text/html; charset=utf-8", head + body)
        .with(
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'",
        )
        .with("Referrer-Policy", "no-referrer")
}

/// Returns a file that browsers must revalidate, so that they use a new version of the server at once.
fn file(content_type: &'static str, text: impl Into<Cow<'static, str>>) -> Response {
    let bytes: Cow<'static, [u8]> = match text.into() {
        Cow::Borrowed(text) => text.as_bytes().into(),
        Cow::Owned(text) => text.into_bytes().into(),
    };
    Response::new(200, content_type, bytes).with("Cache-Control", "no-cache")
}
