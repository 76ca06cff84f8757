//! The page for people: four files in the binary, nothing from elsewhere.

use crate::App;
use crate::http::{Request, Response};

pub fn index<'a>(_: &'a App, _: &Request) -> Response<'a> {
    file("text/html; charset=utf-8", include_str!("page/index.html"))
        .with("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'")
        .with("Referrer-Policy", "no-referrer")
}

pub fn style<'a>(_: &'a App, _: &Request) -> Response<'a> {
    file("text/css; charset=utf-8", include_str!("page/style.css"))
}

pub fn script<'a>(_: &'a App, _: &Request) -> Response<'a> {
    file("text/javascript; charset=utf-8", include_str!("page/script.js"))
}

pub fn icon<'a>(_: &'a App, _: &Request) -> Response<'a> {
    file("image/svg+xml", include_str!("page/icon.svg"))
}

/// Not kept by browsers, so that a new version of the server is seen at once.
fn file<'a>(content_type: &'static str, text: &'static str) -> Response<'a> {
    Response::new(200, content_type, text.as_bytes()).with("Cache-Control", "no-cache")
}
