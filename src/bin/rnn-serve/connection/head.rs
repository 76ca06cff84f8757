//! The head of a request: parsed strictly wherever two servers could disagree about its meaning, and rewritten for the
//! backend.

use std::io::Write;

use super::HttpLimits;
use super::refusal::Refusal;
use crate::backend::CLIENT_ID;

#[derive(Debug)]
pub struct Head {
    /// Request line and headers for tiny_http, without the empty line at the end.
    pub forwarded: Vec<u8>,
    pub length: Length,
    /// Whether the connection ends after the response: the client requests it or speaks HTTP/1.0.
    pub closes: bool,
    pub expects_continue: bool,
}

/// The length of the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Length {
    Known(u64),
    Chunked,
}

/// Headers about the connection, which are not forwarded.
const DROPPED: [&str; 7] =
    ["upgrade", "http2-settings", "te", "trailer", "keep-alive", "proxy-connection", "proxy-authorization"];

/// Parses a whole head, including the empty line at its end.
pub fn parse(bytes: &[u8], limits: &HttpLimits) -> Result<Head, Refusal> {
    let bad = |detail| Refusal::new(400, detail);
    if bytes.len() > limits.head_bytes {
        return Err(Refusal::new(431, "Request head too large"));
    }
    let mut headers = vec![httparse::EMPTY_HEADER; limits.headers];
    let mut request = httparse::Request::new(&mut headers);
    match request.parse(bytes) {
        Ok(httparse::Status::Complete(length)) if length == bytes.len() => {}
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::new(431, "Too many request headers")),
        Err(httparse::Error::Version) => return Err(Refusal::new(505, "The HTTP version must be 1.1 or 1.0")),
        _ => return Err(bad("Malformed request")),
    }
    let (Some(method), Some(target), Some(version)) = (request.method, request.path, request.version) else {
        return Err(bad("Malformed request"));
    };
    let target = origin_form(target).ok_or_else(|| bad("Malformed request target"))?;

    let mut forwarded = Vec::with_capacity(bytes.len());
    // Writing to a Vec cannot fail.
    let _ = write!(forwarded, "{method} {target} HTTP/1.{version}\r\n");
    let (mut length, mut chunked, mut expects_continue, mut hosts) = (None, false, false, 0);
    let mut closes = version == 0;
    let connection = tokens(request.headers, "connection");
    for header in request.headers.iter() {
        let name = header.name.to_ascii_lowercase();
        match name.as_str() {
            "content-length" => {
                if length.is_some() || !is_number(header.value) {
                    return Err(bad("Bad Content-Length"));
                }
                length = std::str::from_utf8(header.value).ok().and_then(|text| text.parse::<u64>().ok());
                continue;
            }
            "transfer-encoding" => {
                if chunked || !header.value.eq_ignore_ascii_case(b"chunked") {
                    return Err(Refusal::new(501, "Unsupported Transfer-Encoding"));
                }
                chunked = true;
                continue;
            }
            "expect" => {
                if !header.value.eq_ignore_ascii_case(b"100-continue") {
                    return Err(Refusal::new(417, "Unknown expectation"));
                }
                expects_continue = version == 1;
                continue;
            }
            "connection" => continue,
            "host" => hosts += 1,
            name if name.eq_ignore_ascii_case(CLIENT_ID) || DROPPED.contains(&name) => continue,
            name if connection.iter().any(|token| token == name) => continue,
            _ => {}
        }
        forwarded.extend_from_slice(header.name.as_bytes());
        forwarded.extend_from_slice(b": ");
        // tiny_http closes the connection without a response if a value is not ASCII.
        forwarded.extend(header.value.iter().map(|&b| if b.is_ascii() { b } else { b'?' }));
        forwarded.extend_from_slice(b"\r\n");
    }
    closes |= connection.iter().any(|token| token == "close");
    if hosts > 1 || (hosts == 0 && version == 1) {
        return Err(bad("Exactly one Host header is required"));
    }
    if chunked && (length.is_some() || version == 0) {
        return Err(bad("Ambiguous body length"));
    }
    let length = if chunked { Length::Chunked } else { Length::Known(length.unwrap_or(0)) };
    Ok(Head { forwarded, length, closes, expects_continue })
}

/// Returns the target as path and query. A client may also send an absolute URL (RFC 9112, 3.2.2), or `*`.
fn origin_form(target: &str) -> Option<&str> {
    if !target.is_ascii() {
        return None;
    }
    if target.starts_with('/') || target == "*" {
        return Some(target);
    }
    let scheme = target.get(..7)?;
    let rest = &target[7..];
    if !scheme.eq_ignore_ascii_case("http://") || rest.starts_with(['/', '?']) {
        return None;
    }
    Some(rest.find('/').map_or("/", |slash| &rest[slash..]))
}

/// Accepts only digits: `+3`, `0x3` and `3, 3` mean different things to different servers. Fifteen digits exceed every
/// limit and fit into 64 bits.
fn is_number(value: &[u8]) -> bool {
    (1..=15).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

/// Returns the elements of a comma-separated header, in lower case.
fn tokens(headers: &[httparse::Header], name: &str) -> Vec<String> {
    headers
        .iter()
        .filter(|header| header.name.eq_ignore_ascii_case(name))
        .flat_map(|header| header.value.split(|&b| b == b','))
        .map(|token| String::from_utf8_lossy(token.trim_ascii()).to_ascii_lowercase())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(head: &str) -> u16 {
        parse(head.as_bytes(), &HttpLimits::for_this_process()).map_or_else(|refusal| refusal.status, |_| 0)
    }

    #[test]
    fn ambiguous_requests_are_refused() {
        for (lines, expected) in [
            ("GET / HTTP/1.1\r\nHost: a", 0),
            ("GET / HTTP/1.0", 0),
            ("GET http://a:1/x HTTP/1.1\r\nHost: a", 0),
            ("GET / HTTP/1.1", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\nHost: a", 400),
            ("GET / HTTP/2.0\r\nHost: a", 505),
            ("PRI * HTTP/2.0", 505),
            ("GET /\0 HTTP/1.1\r\nHost: a", 400),
            ("GET /é HTTP/1.1\r\nHost: a", 400),
            ("GET x HTTP/1.1\r\nHost: a", 400),
            ("GET http:///x HTTP/1.1\r\nHost: a", 400),
            ("GET / HTTP/1.1 x\r\nHost: a", 400),
            ("GET / HTTP/1.1\r\nHost : a", 400),
            ("GET / HTTP/1.1\r\nHost: a\r\n : b", 400),
            ("GET / HTTP/1.1\r\nHost: a\nX: y\n", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +3", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3, 3", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 3", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length:", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked", 400),
            ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked", 400),
            ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked", 501),
            ("POST / HTTP/1.1\r\nHost: a\r\nExpect: other", 417),
        ] {
            assert_eq!(status(&format!("{lines}\r\n\r\n")), expected, "{lines:?}");
        }
        let many = "X: y\r\n".repeat(100);
        assert_eq!(status(&format!("GET / HTTP/1.1\r\nHost: a\r\n{many}\r\n")), 431);
        assert_eq!(status(&format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(17_000))), 431);
    }

    #[test]
    fn only_end_to_end_headers_are_forwarded() {
        let head = "GET http://a/b?c HTTP/1.1\r\nHost: a\r\nX-Client-Id: 7\r\nConnection: Close, X-Hop\r\nX-Hop: 1\r\n\
                    Upgrade: h2c\r\nX-Name: caf\u{e9}\r\nContent-Length: 5\r\nExpect: 100-Continue\r\n\r\n";
        let head = parse(head.as_bytes(), &HttpLimits::for_this_process()).ok().unwrap();
        assert_eq!(String::from_utf8(head.forwarded).unwrap(), "GET /b?c HTTP/1.1\r\nHost: a\r\nX-Name: caf??\r\n");
        assert_eq!((head.length, head.closes, head.expects_continue), (Length::Known(5), true, true));
    }

    /// A head that is accepted is forwarded in a form that means the same when it is read again.
    #[test]
    fn fuzzed_heads() {
        crate::mutate::round("head", 1500, |bytes| {
            let limits = HttpLimits::for_this_process();
            let Ok(head) = parse(bytes, &limits) else { return };
            assert!(head.forwarded.is_ascii());
            let whole = [&head.forwarded, b"\r\n".as_slice()].concat();
            let again = parse(&whole, &limits).map_err(|refusal| refusal.status).expect("a forwarded head is valid");
            assert_eq!(again.forwarded, head.forwarded);
            assert_eq!(again.length, Length::Known(0));
        });
    }
}
