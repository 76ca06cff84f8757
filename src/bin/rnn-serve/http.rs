//! HTTP requests and responses as the handlers see them, independent of sockets and of the HTTP crate.

use std::borrow::Cow;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use crate::clients::Client;

pub struct Request {
    pub method: String,
    /// Percent-decoded.
    pub path: String,
    /// The part after `?`, still encoded.
    pub query: String,
    /// Names are in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The client that waits for the response.
    pub client: Arc<Client>,
}

impl Request {
    /// Returns the first header with this name, which must be in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// Returns a parameter of the query.
    pub fn parameter(&self, name: &str) -> Option<String> {
        self.query.split('&').find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key)? == name).then(|| decode(&value.replace('+', " "))).flatten()
        })
    }

    /// Returns the media type that the client prefers, the first among equals (RFC 9110, 12.5.1), or None if it accepts
    /// none of them.
    pub fn preferred<'a>(&self, offered: &[&'a str]) -> Option<&'a str> {
        let accept = self.header("accept").filter(|accept| !accept.trim().is_empty()).unwrap_or("*/*");
        let mut best = (0.0, None);
        for &kind in offered {
            let quality = quality(accept, kind);
            if quality > best.0 {
                best = (quality, Some(kind));
            }
        }
        best.1
    }
}

/// Returns the quality value of a media type in an Accept header: that of the most specific range that matches it.
fn quality(accept: &str, kind: &str) -> f64 {
    let group = kind.split('/').next().unwrap_or_default();
    let mut found = (0, 0.0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let weight = parts.find_map(|p| p.strip_prefix("q=")).map_or(1.0, |q| q.trim().parse().unwrap_or(0.0));
        let precision = match name.as_str() {
            "*/*" => 1,
            name if name.strip_suffix("/*") == Some(group) => 2,
            name if name == kind => 3,
            _ => 0,
        };
        if precision > found.0 {
            found = (precision, weight);
        }
    }
    found.1
}

pub struct Response {
    pub status: u16,
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    pub body: Body,
}

pub enum Body {
    Bytes(Cow<'static, [u8]>),
    /// Server-sent events, each produced only after the previous one has been sent.
    Events(Box<dyn Iterator<Item = String>>),
}

impl Response {
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        let headers = vec![("Content-Type", content_type.into()), ("X-Content-Type-Options", "nosniff".into())];
        Self { status, headers, body: Body::Bytes(body.into()) }
    }

    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string().into_bytes())
    }

    /// Returns an error in FastAPI's format.
    pub fn refusal(status: u16, detail: &str) -> Self {
        Self::json(status, &json!({ "detail": detail }))
    }

    pub fn text(status: u16, text: &'static str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.as_bytes())
    }

    /// Returns a stream of events, with headers that keep proxies from buffering them.
    pub fn events(events: impl Iterator<Item = String> + 'static) -> Self {
        let headers = vec![
            ("Content-Type", "text/event-stream; charset=utf-8".into()),
            ("Cache-Control", "no-cache, no-transform".into()),
            ("X-Accel-Buffering", "no".into()),
        ];
        Self { status: 200, headers, body: Body::Events(Box::new(events)) }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }
}

/// Decodes percent-encoding; returns None if the result is not UTF-8.
pub fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::ClientRegistry;

    #[test]
    fn paths_are_decoded_to_text() {
        assert_eq!(decode("/%68ealth").as_deref(), Some("/health"));
        assert_eq!(decode("/caf%C3%A9").as_deref(), Some("/café"));
        assert_eq!(decode("/%ff"), None);
        for malformed in ["/%", "/%6", "/%zz", "/%+1"] {
            assert_eq!(decode(malformed).as_deref(), Some(malformed));
        }
    }

    fn request(query: &str, accept: Option<&str>) -> Request {
        let clients = ClientRegistry::new(1);
        let client = clients.register("127.0.0.1:1".parse().unwrap()).unwrap().client.clone();
        let headers = accept.map(|value| ("accept".to_string(), value.to_string())).into_iter().collect();
        let (method, path, query) = ("GET".to_string(), "/".to_string(), query.to_string());
        Request { method, path, query, headers, body: Vec::new(), client }
    }

    #[test]
    fn parameters_are_decoded() {
        let request = request("a=b%20c&model=my+model&c", None);
        assert_eq!(request.parameter("a").as_deref(), Some("b c"));
        assert_eq!(request.parameter("model").as_deref(), Some("my model"));
        assert_eq!(request.parameter("c").as_deref(), Some(""));
        assert_eq!(request.parameter("d"), None);
    }

    #[test]
    fn the_preferred_media_type_is_chosen() {
        let offered = ["application/json", "text/html"];
        for (accept, expected) in [
            (None, Some("application/json")),
            (Some("*/*"), Some("application/json")),
            (Some("text/html,application/xhtml+xml,*/*;q=0.8"), Some("text/html")),
            (Some("text/*"), Some("text/html")),
            (Some("application/json;q=0.2, TEXT/HTML;q=0.3"), Some("text/html")),
            (Some("text/html;q=0, */*"), Some("application/json")),
            (Some("image/png"), None),
            (Some(""), Some("application/json")),
        ] {
            assert_eq!(request("", accept).preferred(&offered), expected, "{accept:?}");
        }
    }
}
