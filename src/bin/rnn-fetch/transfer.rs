//! One request and its answer, judged: a text, the news that nothing changed, or what went wrong.

use std::io::{self, Read};
use std::time::Duration;

use indicatif::ProgressBar;
use rnn_tools::corpus::content::{self, MAX_BYTES};
use ureq::http::{HeaderMap, Response, StatusCode, header};
use ureq::{Agent, Body};

use crate::cache::{Entry, Validators};

pub enum Answer {
    NotModified,
    Text(Entry),
}

/// Why there is no text, and what may help.
pub enum Failure {
    /// Another try may go better, after the time the server asked for.
    Retry(String, Option<Duration>),
    /// No server was reached.
    Unreachable(String),
    /// This address has no such text.
    Permanent(String),
}

/// Asks for `url`: for the rest of it if `begun` holds its beginning, for news if `held` is an older copy.
/// When the transfer breaks, `begun` is what has come so far.
pub fn transfer(
    agent: &Agent,
    url: &str,
    cached: Option<&Entry>,
    partial: &mut Entry,
    bar: &ProgressBar,
) -> Result<Answer, Failure> {
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
        StatusCode::OK => *partial = Entry { body: Vec::new(), validators: Validators::of(response.headers()) },
        StatusCode::PARTIAL_CONTENT if continues(response.headers(), partial.body.len()) => {}
        StatusCode::NOT_MODIFIED if cached.is_some() => return Ok(Answer::NotModified),
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
            *partial = Entry::default();
            return Err(Failure::Retry("the server sent another part than was asked for".into(), None));
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
            return Err(Failure::Retry(status.to_string(), retry_after(response.headers())));
        }
        _ if status.is_server_error() => {
            return Err(Failure::Retry(status.to_string(), retry_after(response.headers())));
        }
        _ => return Err(Failure::Permanent(status.to_string())),
    }
    let kind = text_header(response.headers(), header::CONTENT_TYPE);
    read_body(response, partial, bar)?;
    content::check(kind.as_deref(), &partial.body).map_err(|e| Failure::Permanent(e.to_string()))?;
    Ok(Answer::Text(std::mem::take(partial)))
}

/// Adds the body to `begun`, and makes sure that all of it came.
fn read_body(response: Response<Body>, partial: &mut Entry, bar: &ProgressBar) -> Result<(), Failure> {
    let too_large = || Failure::Permanent(format!("more than {} MB, which no book has", MAX_BYTES / 1_000_000));
    let before = partial.body.len() as u64;
    // Of a compressed answer this is not the length of what is read.
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

    /// A range may be asked for only by a version that is exact to the byte: not by a weak tag.
    fn for_range(&self) -> Option<&str> {
        let strong = self.etag.as_deref().filter(|tag| !tag.starts_with("W/"));
        strong.or(self.last_modified.as_deref())
    }
}

/// Whether a partial answer begins where our beginning ends: `Content-Range: bytes 100-199/200`.
fn continues(headers: &HeaderMap, at: usize) -> bool {
    let range = text_header(headers, header::CONTENT_RANGE);
    let start = range.as_deref().and_then(|r| r.strip_prefix("bytes "));
    start.and_then(|r| r.split_once('-')).is_some_and(|(start, _)| start.trim() == at.to_string())
}

/// In seconds; the form with a date is too rare to be worth a calendar.
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
        Error::ConnectionFailed => Failure::Unreachable("no connection".into()),
        Error::Timeout(Timeout::Resolve | Timeout::Connect) => Failure::Unreachable("no connection in time".into()),
        Error::Timeout(_) => Failure::Retry("no answer in time".into(), None),
        // A connection that was there and broke, as against a name or a server that was not found.
        Error::Io(error) if broke(error.kind()) => Failure::Retry(one_line(&error), None),
        // A certificate that does not hold will not hold next time.
        Error::Io(error) if error.kind() == io::ErrorKind::InvalidData => Failure::Permanent(one_line(&error)),
        Error::Io(error) => Failure::Unreachable(one_line(&error)),
        error => Failure::Permanent(one_line(&error)),
    }
}

fn broke(kind: io::ErrorKind) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, TimedOut, UnexpectedEof};
    matches!(kind, BrokenPipe | ConnectionAborted | ConnectionReset | TimedOut | UnexpectedEof)
}

/// Without Rust's "(os error 2)", which says the same again.
fn one_line(error: &dyn std::fmt::Display) -> String {
    let text = error.to_string();
    let line = text.split(['\n', '\r']).next().unwrap_or("");
    line.split(" (os error").next().unwrap_or(line).to_string()
}
