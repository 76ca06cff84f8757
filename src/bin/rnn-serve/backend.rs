//! tiny_http, behind the gate: well-formed requests of bounded size in, our own types to the handlers,
//! their answers out.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use rnn_tools::error::{Error, Result};
use tiny_http::{HTTPVersion, Header, Server};

use crate::App;
use crate::http::{Body, Request, Response, decode_path};
use crate::routes;
use crate::visitors::{Visitor, Visitors};

/// The header in which the gate names the visitor; it lets no client's own one through.
pub const VISITOR: &str = "X-Visitor";

/// Answers on the Unix socket until the process ends: a thread a request, as many as the gate lets in.
pub fn start(socket: &Path, visitors: Arc<Visitors>, app: App) -> Result<()> {
    let server = Server::http_unix(socket).map_err(|e| Error::failure(format!("cannot start the server: {e}")))?;
    let app = Arc::new(app);
    let receive = move || {
        loop {
            let request = match server.recv() {
                Ok(request) => request,
                Err(e) => return log::error!("the server has stopped: {e}"),
            };
            let (visitors, app) = (Arc::clone(&visitors), Arc::clone(&app));
            // Where no thread can be had, the dropped request becomes tiny_http's own status 500.
            let _ = thread::Builder::new().name("request".into()).spawn(move || answer(request, &visitors, &app));
        }
    };
    thread::Builder::new()
        .name("backend".into())
        .spawn(receive)
        .map_err(|e| Error::failure(format!("cannot start a thread: {e}")))?;
    Ok(())
}

fn answer(mut raw: tiny_http::Request, visitors: &Visitors, app: &App) {
    let start = Instant::now();
    let number = raw.headers().iter().find(|h| h.field.equiv(VISITOR)).and_then(|h| h.value.as_str().parse().ok());
    let Some(visitor) = number.and_then(|number| visitors.find(number)) else {
        return; // not from the gate, or its client has gone
    };
    let mut body = Vec::new();
    if raw.as_reader().read_to_end(&mut body).is_err() {
        return;
    }
    let request = Request {
        method: raw.method().to_string(),
        path: decode_path(raw.url()).unwrap_or_default(),
        headers: raw
            .headers()
            .iter()
            .map(|h| (h.field.as_str().as_str().to_ascii_lowercase(), h.value.to_string()))
            .collect(),
        body,
        visitor: Arc::clone(&visitor),
    };
    let response = guarded(|| routes::answer(app, &request));
    let status = response.status;
    let target = raw.url().to_string();
    let sent = catch_unwind(AssertUnwindSafe(|| send(raw, response, &visitor)));
    let end = match sent {
        Ok(Ok(())) if !visitor.is_gone() => "",
        Ok(_) => ", client gone",
        Err(_) => ", failed half-way",
    };
    log::debug!("{} {} {target} {status} {:.1?}{end}", visitor.peer, request.method, start.elapsed());
}

/// A fault of ours costs one request its answer, not the others theirs.
fn guarded<'a>(handler: impl FnOnce() -> Response<'a>) -> Response<'a> {
    catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|_| Response::text(500, "Internal Server Error"))
}

fn send(raw: tiny_http::Request, response: Response, visitor: &Visitor) -> io::Result<()> {
    let headers: Vec<Header> = response
        .headers
        .iter()
        .filter(|(_, value)| !value.contains(|c: char| c.is_control())) // Header would take a line break for good
        .filter_map(|(name, value)| Header::from_bytes(*name, value.as_bytes()).ok())
        .collect();
    let events = match response.body {
        Body::Bytes(bytes) => return send_bytes(raw, response.status, headers, &bytes, visitor),
        Body::Events(events) => events,
    };
    if *raw.http_version() < HTTPVersion(1, 1) {
        // Its chunks would be text to an HTTP/1.0 client.
        let all: String = events.collect();
        return send_bytes(raw, response.status, headers, all.as_bytes(), visitor);
    }
    // tiny_http's own way to send a body of unknown length collects 8 KiB first, so it gets only to
    // write the head.
    let head = tiny_http::Response::new(response.status.into(), headers, io::empty(), None, None);
    let version = raw.http_version().clone();
    let mut out = raw.into_writer();
    head.raw_print(&mut out, version, &[], true, None)?;
    out.flush()?;
    for event in events {
        write!(out, "{:x}\r\n{event}\r\n", event.len())?;
        out.flush()?;
    }
    visitor.set_answered();
    out.write_all(b"0\r\n\r\n")?;
    out.flush()
}

fn send_bytes(
    raw: tiny_http::Request,
    status: u16,
    headers: Vec<Header>,
    bytes: &[u8],
    visitor: &Visitor,
) -> io::Result<()> {
    visitor.set_answered();
    let response = tiny_http::Response::new(status.into(), headers, bytes, Some(bytes.len()), None);
    raw.respond(response.with_chunked_threshold(usize::MAX))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// What a client of tiny_http gets where the handler gives `response`, and whether the visitor counts
    /// as answered.
    fn exchange<'a>(head: &str, handler: impl FnOnce() -> Response<'a>) -> (String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let server = Server::http_unix(&socket).unwrap();
        let mut client = UnixStream::connect(&socket).unwrap();
        write!(client, "{head}\r\nConnection: close\r\n\r\n").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let visitors = Visitors::new(1);
        let visit = visitors.enter("127.0.0.1:1".parse().unwrap()).unwrap();
        let raw = server.recv().unwrap();
        let response = guarded(handler);
        let _ = catch_unwind(AssertUnwindSafe(|| send(raw, response, &visit.visitor)));
        (io::read_to_string(client).unwrap(), visit.visitor.is_answered())
    }

    #[test]
    fn a_panic_is_status_500() {
        let (text, answered) = exchange("GET / HTTP/1.1", || panic!("on purpose"));
        assert!(text.starts_with("HTTP/1.1 500 ") && text.ends_with("\r\n\r\nInternal Server Error"), "{text}");
        assert!(answered);
    }

    #[test]
    fn a_stream_that_fails_half_way_does_not_look_complete() {
        let events = |fails| {
            let last = move || if fails { panic!("on purpose") } else { "b\n\n".to_string() };
            move || Response::events(["a\n\n".to_string()].into_iter().chain(std::iter::once_with(last)))
        };
        let (text, answered) = exchange("GET / HTTP/1.1", events(false));
        assert!(text.ends_with("3\r\na\n\n\r\n3\r\nb\n\n\r\n0\r\n\r\n") && answered, "{text}");
        let (text, answered) = exchange("GET / HTTP/1.1", events(true));
        assert!(text.ends_with("3\r\na\n\n\r\n") && !answered, "{text}");
    }

    #[test]
    fn no_value_can_add_a_header() {
        let (text, _) = exchange("GET / HTTP/1.1", || Response::text(200, "x").with("X-A", "a\nSet-Cookie: evil=1"));
        assert!(!text.contains("evil"), "{text}");
    }
}
