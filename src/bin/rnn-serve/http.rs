//! A request and its answer as the handlers see them: no sockets, no crate.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::visitors::Visitor;

pub struct Request {
    pub method: String,
    /// Decoded, without the query.
    pub path: String,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Who waits for the answer.
    pub visitor: Arc<Visitor>,
}

impl Request {
    /// The first header of that name, given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }
}

pub struct Response<'a> {
    pub status: u16,
    pub headers: Vec<(&'static str, Cow<'static, str>)>,
    pub body: Body<'a>,
}

pub enum Body<'a> {
    Bytes(Cow<'static, [u8]>),
    /// Server-sent events, made while they are sent: the next one when the one before is on its way.
    Events(Box<dyn Iterator<Item = String> + 'a>),
}

impl<'a> Response<'a> {
    pub fn new(status: u16, content_type: &'static str, body: impl Into<Cow<'static, [u8]>>) -> Self {
        let headers = vec![("Content-Type", content_type.into()), ("X-Content-Type-Options", "nosniff".into())];
        Self { status, headers, body: Body::Bytes(body.into()) }
    }

    pub fn json(status: u16, value: &Value) -> Self {
        Self::new(status, "application/json", value.to_string().into_bytes())
    }

    /// A refusal in the form of FastAPI's.
    pub fn refusal(status: u16, detail: &str) -> Self {
        Self::json(status, &json!({ "detail": detail }))
    }

    pub fn text(status: u16, text: &'static str) -> Self {
        Self::new(status, "text/plain; charset=utf-8", text.as_bytes())
    }

    /// The headers keep proxies from saving the events up.
    pub fn events(events: impl Iterator<Item = String> + 'a) -> Self {
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

/// The path of a request target: without query, percent-encoding undone. None where that is not text.
pub fn decode_path(target: &str) -> Option<String> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            (digit()? * 16 + digit()?) as u8
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_decoded_and_nonsense_is_not() {
        assert_eq!(decode_path("/%68ealth?x=%ff").as_deref(), Some("/health"));
        assert_eq!(decode_path("/caf%C3%A9").as_deref(), Some("/café"));
        for nonsense in ["/%", "/%6", "/%zz", "/%ff", "/%+1"] {
            assert_eq!(decode_path(nonsense), None, "{nonsense}");
        }
    }
}
