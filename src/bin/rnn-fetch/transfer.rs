//! A single HTTP request and the classification of its outcome.

use std::io::{self, Read};
use std::time::Duration;

use indicatif::ProgressBar;
use rnn_tools::corpus::content;
use rnn_tools::corpus::documents::MAX_BYTES;
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body};

use crate::cache::{Entry, Validators};

pub enum Outcome {
    NotModified,
    Text(Entry),
}

/// The reason for a failed transfer.
pub enum Failure {
    /// A retry may help, after the delay that the server requests.
    Retry(String, Option<Duration>),
    /// The server is unreachable.
    Unreachable(String),
    /// The URL does not have the text.
    Permanent(String),
}

/// Requests `url`: only the rest if `partial` contains its start, conditionally if `cached` is an earlier copy. If the
/// transfer is interrupted, `partial` contains the data received so far. An HTML page is a text only if `may_be_page`.
pub fn transfer(
    agent: &Agent,
    url: &str,
    cached: Option<&Entry>,
    partial: &mut Entry,
    may_be_page: bool,
    bar: &ProgressBar,
) -> Result<Outcome, Failure> {
    let mut request = agent.get(url);
    if !partial.body.is_empty() {
        match partial.validators.for_range() {
            Some(version) => {
                request = request.header(header::RANGE, format!("bytes={}-", partial.body.len()));
                request = request.header(header::IF_RANGE, version);
            }
            None => partial.body.clear(),
        }
    }
    if let (true, Some(cached)) = (partial.body.is_empty(), cached) {
        if let Some(etag) = &cached.validators.etag {
            request = request.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &cached.validators.last_modified {
            request = request.header(header::IF_MODIFIED_SINCE, date);
        }
    }
    let response = request.call().map_err(failure)?;
    let status = response.status();
    match status {
        StatusCode::OK => {
            let content_type = text_header(response.headers(), header::CONTENT_TYPE);
            *partial = Entry { body: Vec::new(), validators: Validators::of(response.headers()), content_type };
        }
        StatusCode::PARTIAL_CONTENT if continues(response.headers(), partial.body.len()) => {}
        StatusCode::NOT_MODIFIED if cached.is_some() => return Ok(Outcome::NotModified),
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
            *partial = Entry::default();
            return Err(Failure::Retry("the server sent a range that was not requested".into(), None));
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            return Err(Failure::Retry(status.to_string(), retry_after(response.headers())));
        }
        _ if status.is_server_error() => {
            return Err(Failure::Retry(status.to_string(), retry_after(response.headers())));
        }
        _ => return Err(Failure::Permanent(status.to_string())),
    }
    read_body(response, partial, bar)?;
    content::check(partial.content_type.as_deref(), &partial.body, may_be_page)
        .map_err(|e| Failure::Permanent(e.to_string()))?;
    Ok(Outcome::Text(std::mem::take(partial)))
}

/// Appends the body to `partial` and checks that it is complete.
fn read_body(response: Response<Body>, partial: &mut Entry, bar: &ProgressBar) -> Result<(), Failure> {
    let too_large = || Failure::Permanent(format!("more than {} MB, too large for a book", MAX_BYTES / 1_000_000));
    let before = partial.body.len() as u64;
    // The length of a compressed response is not that of its contents.
    let plain = !response.headers().contains_key(header::CONTENT_ENCODING);
    let length = text_header(response.headers(), header::CONTENT_LENGTH).and_then(|text| text.parse::<u64>().ok());
    let expected = length.filter(|_| plain).map(|length| before.saturating_add(length));
    if expected.is_some_and(|bytes| bytes > MAX_BYTES) {
        return Err(too_large());
    }
    if let Some(bytes) = expected {
        bar.set_length(bytes);
    }
    let mut reader = response.into_body().into_with_config().limit(MAX_BYTES + 1).reader();
    let mut chunk = vec![0; 1 << 16];
    loop {
        bar.set_position(partial.body.len() as u64);
        let result = reader.read(&mut chunk);
        let received = partial.body.len() as u64;
        let broken = |why: &str| {
            let of = expected.map(|bytes| format!(" of {bytes}")).unwrap_or_default();
            Failure::Retry(format!("{why} after {received}{of} bytes"), None)
        };
        match result {
            Ok(0) if expected.is_some_and(|bytes| received < bytes) => return Err(broken("broke off")),
            Ok(0) => return Ok(()),
            Ok(n) if received + n as u64 > MAX_BYTES => return Err(too_large()),
            Ok(n) => partial.body.extend_from_slice(&chunk[..n]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Err(broken("broke off")),
            Err(error) => return Err(broken(&format!("{error},"))),
        }
    }
}

impl Validators {
    fn of(headers: &HeaderMap) -> Self {
        let text = |name| text_header(headers, name);
        Self { etag: text(header::ETAG), last_modified: text(header::LAST_MODIFIED) }
    }

    /// Returns the validator for a range request, for which weak tags are not allowed.
    fn for_range(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|tag| !tag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }
}

/// Returns whether a partial response starts at offset `at`: `Content-Range: bytes 100-199/200`.
fn continues(headers: &HeaderMap, at: usize) -> bool {
    let range = text_header(headers, header::CONTENT_RANGE);
    let start = range.as_deref().and_then(|r| r.strip_prefix("bytes "));
    start.and_then(|r| r.split_once('-')).is_some_and(|(start, _)| start.trim() == at.to_string())
}

/// Parses `Retry-After` in seconds; the rare date format is not supported.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    text_header(headers, header::RETRY_AFTER)?.trim().parse().ok().map(Duration::from_secs)
}

fn text_header(headers: &HeaderMap, name: header::HeaderName) -> Option<String> {
    headers.get(name)?.to_str().ok().map(String::from)
}

fn failure(error: ureq::Error) -> Failure {
    use ureq::{Error, Timeout};
    match error {
        Error::HostNotFound => Failure::Unreachable("no such host".into()),
        Error::ConnectionFailed => Failure::Unreachable("connection failed".into()),
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => Failure::Unreachable("connection timed out".into()),
        Error::Timeout(_) => Failure::Retry("timed out waiting for data".into(), None),
        // An established connection broke.
        Error::Io(error) if broke(error.kind()) => Failure::Retry(one_line(&error), None),
        // An invalid certificate stays invalid.
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Failure::Permanent(one_line(&error)),
        Error::Io(error) => Failure::Unreachable(one_line(&error)),
        error => Failure::Permanent(one_line(&error)),
    }
}

fn broke(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | TimedOut | UnexpectedEof)
}

/// Formats an error on one line, without Rust's redundant "(os error 2)".
fn one_line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let line = text.split(['\n', '\r']).next().unwrap_or("");
    line.split(" (os error").next().unwrap_or(line).to_string()
}
