//! tiny_http, behind the front end: receives well-formed requests of bounded size, passes them to the handlers as our
//! own types, and sends the responses.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use rnn_tools::error::{Error, Result};
use rnn_tools::random::fresh_seed;
use tiny_http::{HTTPVersion, Header, Server};

use crate::App;
use crate::clients::{Client, ClientRegistry};
use crate::http::{Body, Request, Response, decode};
use crate::routes;

/// The header in which the front end identifies the client. It drops this header from the clients' own requests.
pub const CLIENT_ID: &str = "X-Client-Id";
/// The header that identifies a request in the logs of all servers it passes through.
const REQUEST_ID: &str = "X-Request-Id";
const MAX_ID_LENGTH: usize = 128;
/// The number of idle threads to keep.
const MAX_IDLE: usize = 8;

/// Threads that handle requests: one per request, and some idle ones.
struct Workers {
    server: Server,
    clients: Arc<ClientRegistry>,
    app: Arc<App>,
    idle: AtomicUsize,
}

/// Serves the Unix socket until the process ends. The front end limits the number of concurrent requests.
pub fn start(socket: &Path, clients: Arc<ClientRegistry>, app: Arc<App>) -> Result<()> {
    let server = Server::http_unix(socket).map_err(|e| Error::failure(format!("cannot start the server: {e}")))?;
    let workers = Arc::new(Workers { server, clients, app, idle: AtomicUsize::new(0) });
    workers.spawn().map_err(|e| Error::failure(format!("cannot start a thread: {e}")))
}

impl Workers {
    fn spawn(self: &Arc<Self>) -> io::Result<()> {
        let workers = Arc::clone(self);
        self.idle.fetch_add(1, Ordering::SeqCst);
        let spawned = thread::Builder::new().name("request".into()).spawn(move || workers.run());
        if spawned.is_err() {
            self.idle.fetch_sub(1, Ordering::SeqCst);
        }
        spawned.map(|_| ())
    }

    fn run(self: Arc<Self>) {
        loop {
            let request = match self.server.recv() {
                Ok(request) => request,
                Err(e) => return log::error!("the server has stopped: {e}"),
            };
            if self.idle.fetch_sub(1, Ordering::SeqCst) == 1 {
                // If no thread can be started, the next request waits for an existing one.
                let _ = self.spawn();
            }
            answer(request, &self.clients, &self.app);
            if self.idle.fetch_add(1, Ordering::SeqCst) >= MAX_IDLE {
                self.idle.fetch_sub(1, Ordering::SeqCst);
                return;
            }
        }
    }
}

fn answer(mut raw: tiny_http::Request, clients: &ClientRegistry, app: &App) {
    let start = Instant::now();
    let number = raw.headers().iter().find(|h| h.field.equiv(CLIENT_ID)).and_then(|h| h.value.as_str().parse().ok());
    let Some(client) = number.and_then(|number| clients.find(number)) else {
        return; // not from the front end, or the client is gone
    };
    let mut body = Vec::new();
    if raw.as_reader().read_to_end(&mut body).is_err() {
        return;
    }
    let target = raw.url().to_string();
    let (path, query) = target.split_once('?').unwrap_or((&target, ""));
    let headers = raw.headers().iter();
    let request = Request {
        method: raw.method().to_string(),
        path: decode(path).unwrap_or_default(),
        query: query.to_string(),
        headers: headers.map(|h| (h.field.as_str().as_str().to_ascii_lowercase(), h.value.to_string())).collect(),
        body,
        client: Arc::clone(&client),
    };
    let id = request_id(&request);
    let (response, route) = guarded(|| routes::answer(app, &request));
    let response = response.with(REQUEST_ID, id.clone());
    let status = response.status;
    let sent = catch_unwind(AssertUnwindSafe(|| send(raw, response, &client)));
    let end = match sent {
        Ok(Ok(())) if !client.is_gone() => "",
        Ok(_) => ", client gone",
        Err(_) => ", failed midway",
    };
    app.metrics.answered(&request.method, route, status, start.elapsed());
    log::info!("{} \"{} {target}\" {status} {:.1?} {id}{end}", client.peer, request.method, start.elapsed());
}

/// Returns the client's own id if it is valid, or else a new one.
fn request_id(request: &Request) -> String {
    let is_id = |id: &&str| {
        (1..=MAX_ID_LENGTH).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b))
    };
    let given = request.header("x-request-id").filter(is_id);
    given.map_or_else(|| format!("{:08x}{:08x}", fresh_seed(), fresh_seed()), str::to_string)
}

/// Turns a panic of a handler into status 500, so that it does not affect other requests.
fn guarded(handler: impl FnOnce() -> (Response, &'static str)) -> (Response, &'static str) {
    catch_unwind(AssertUnwindSafe(handler))
        .unwrap_or_else(|_| (Response::text(500, "Internal Server Error"), "unknown"))
}

fn send(raw: tiny_http::Request, response: Response, client: &Client) -> io::Result<()> {
    let headers: Vec<Header> = response
        .headers
        .iter()
        .filter(|(_, value)| !value.contains(|c: char| c.is_control())) // Header accepts line breaks
        .filter_map(|(name, value)| Header::from_bytes(*name, value.as_bytes()).ok())
        .collect();
    let events = match response.body {
        Body::Bytes(bytes) => return send_bytes(raw, response.status, headers, &bytes, client),
        Body::Events(events) => events,
    };
    if *raw.http_version() < HTTPVersion(1, 1) {
        // An HTTP/1.0 client would take the chunk sizes for text.
        let all: String = events.collect();
        return send_bytes(raw, response.status, headers, all.as_bytes(), client);
    }
    // tiny_http buffers 8 KiB of a body of unknown length before it sends any, so it writes only the head.
    let head = tiny_http::Response::new(response.status.into(), headers, io::empty(), None, None);
    let version = raw.http_version().clone();
    let mut out = raw.into_writer();
    head.raw_print(&mut out, version, &[], true, None)?;
    out.flush()?;
    for event in events {
        write!(out, "{:x}\r\n{event}\r\n", event.len())?;
        out.flush()?;
    }
    client.set_answered();
    out.write_all(b"0\r\n\r\n")?;
    out.flush()
}

fn send_bytes(
    raw: tiny_http::Request,
    status: u16,
    headers: Vec<Header>,
    bytes: &[u8],
    client: &Client,
) -> io::Result<()> {
    client.set_answered();
    let response = tiny_http::Response::new(status.into(), headers, bytes, Some(bytes.len()), None);
    raw.respond(response.with_chunked_threshold(usize::MAX))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::net::Shutdown;
    use std::os::unix::net::UnixStream;

    use super::*;

    /// Returns what a client of tiny_http receives for the handler's response, and whether the client is marked as
    /// answered.
    fn exchange(head: &str, handler: impl FnOnce() -> Response) -> (String, bool) {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("socket");
        let server = Server::http_unix(&socket).unwrap();
        let mut client = UnixStream::connect(&socket).unwrap();
        write!(client, "{head}\r\nConnection: close\r\n\r\n").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
        let clients = ClientRegistry::new(1);
        let registration = clients.register("127.0.0.1:1".parse().unwrap()).unwrap();
        let raw = server.recv().unwrap();
        let (response, _) = guarded(|| (handler(), ""));
        let _ = catch_unwind(AssertUnwindSafe(|| send(raw, response, &registration.client)));
        (io::read_to_string(client).unwrap(), registration.client.is_answered())
    }

    #[test]
    fn a_panic_is_status_500() {
        let (text, answered) = exchange("GET / HTTP/1.1", || panic!("on purpose"));
        assert!(text.starts_with("HTTP/1.1 500 ") && text.ends_with("\r\n\r\nInternal Server Error"), "{text}");
        assert!(answered);
    }

    #[test]
    fn a_stream_that_fails_midway_does_not_look_complete() {
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
