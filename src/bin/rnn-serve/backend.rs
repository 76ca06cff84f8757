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
    let response = catch_unwind(AssertUnwindSafe(|| routes::answer(app, &request)))
        .unwrap_or_else(|_| Response::text(500, "Internal Server Error"));
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
