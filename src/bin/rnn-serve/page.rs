//! The pages for people: files in the binary, nothing from elsewhere.

use crate::App;
use crate::about;
use crate::http::{Request, Response};
use crate::openapi;

/// For a browser the page, for programs what there is.
pub fn index(app: &App, request: &Request) -> Response {
    match request.preferred(&["application/json", "text/html"]) {
        Some("text/html") => page(include_str!("page/write.html")),
        _ => about::root(app),
    }
    .with("Vary", "Accept")
}

pub fn docs(_: &App, _: &Request) -> Response {
    page(include_str!("page/docs.html"))
}

pub fn redoc(_: &App, _: &Request) -> Response {
    Response::text(307, "").with("Location", "/docs")
}

pub fn openapi(app: &App, _: &Request) -> Response {
    Response::json(200, &openapi::document(app.keys.are_needed())).with("Cache-Control", "no-cache")
}

pub fn base_style(_: &App, _: &Request) -> Response {
    file("text/css; charset=utf-8", include_str!("page/base.css"))
}

pub fn write_style(_: &App, _: &Request) -> Response {
    file("text/css; charset=utf-8", include_str!("page/write.css"))
}

pub fn docs_style(_: &App, _: &Request) -> Response {
    file("text/css; charset=utf-8", include_str!("page/docs.css"))
}

pub fn write_script(_: &App, _: &Request) -> Response {
    file("text/javascript; charset=utf-8", include_str!("page/write.js"))
}

pub fn docs_script(_: &App, _: &Request) -> Response {
    file("text/javascript; charset=utf-8", include_str!("page/docs.js"))
}

pub fn stream_script(_: &App, _: &Request) -> Response {
    file("text/javascript; charset=utf-8", include_str!("page/stream.js"))
}

pub fn icon(_: &App, _: &Request) -> Response {
    file("image/svg+xml", include_str!("page/icon.svg"))
}

fn page(html: &'static str) -> Response {
    file("text/html; charset=utf-8", html)
        .with(
            "Content-Security-Policy",
            "default-src 'self'; img-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'",
        )
        .with("Referrer-Policy", "no-referrer")
}

/// Not kept by browsers, so that a new version of the server is seen at once.
fn file(content_type: &'static str, text: &'static str) -> Response {
    Response::new(200, content_type, text.as_bytes()).with("Cache-Control", "no-cache")
}
