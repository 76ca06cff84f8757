//! What strangers meet first. tiny_http trusts its clients: a large Content-Length ends its process, an
//! HTTP/2 preface leaks a thread for ever, nothing in it has a time limit. So this gate accepts the
//! connections, reads each request whole under limits and deadlines, and hands it on in a normal form
//! through a private Unix socket, one at a time for each connection. Answers are passed on as they come.

mod body;
mod client;
mod head;
mod idle;
mod limits;
mod refusal;
mod relay;

use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::VISITOR;
use crate::visitors::Visitors;
use client::Client;
use head::{Head, Length};
use idle::Idle;
pub use limits::Limits;
use refusal::Refusal;

/// Room for a connection's thread, which calls nothing deep.
const STACK: usize = 256 << 10;
/// A pause where the system is out of files or threads.
const BREATH: Duration = Duration::from_millis(20);

pub struct Gate {
    limits: Limits,
    socket: PathBuf,
    visitors: Arc<Visitors>,
    idle: Idle,
    closing: AtomicBool,
    /// Pages of other sites may read refusals.
    any_origin: bool,
}

/// Why a connection ends.
enum End {
    /// The client closed it or broke off, or nothing more is to be said.
    Silent,
    Refused(Refusal),
}

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        End::Refused(refusal)
    }
}

impl Gate {
    pub fn new(limits: Limits, socket: PathBuf, visitors: Arc<Visitors>, any_origin: bool) -> Self {
        let closing = AtomicBool::new(false);
        Self { limits, socket, visitors, idle: Idle::default(), closing, any_origin }
    }

    /// Lets clients in until the gate is closed.
    pub fn run(self: Arc<Self>, listener: &TcpListener) {
        loop {
            match listener.accept() {
                _ if self.closing.load(Ordering::SeqCst) => return,
                Ok((socket, peer)) => self.admit(socket, peer),
                Err(e) => {
                    log::debug!("cannot accept a connection: {e}");
                    thread::sleep(BREATH);
                }
            }
        }
    }

    /// Lets nobody in any more. Requests that are being answered go on, connections without one end.
    pub fn close(&self, address: SocketAddr) {
        self.closing.store(true, Ordering::SeqCst);
        self.idle.end_all();
        // Wakes `run`, which holds the listener.
        let here = match address {
            SocketAddr::V4(a) if a.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, a.port()).into(),
            SocketAddr::V6(a) if a.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, a.port()).into(),
            other => other,
        };
        let _ = TcpStream::connect_timeout(&here, Duration::from_millis(200));
    }

    fn admit(self: &Arc<Self>, socket: TcpStream, peer: SocketAddr) {
        if !self.make_room() {
            log::debug!("{peer} refused: too many connections");
            Refusal::new(503, "Too many connections").send_at_once(&socket, self.any_origin);
            return;
        }
        self.visitors.connections.fetch_add(1, Ordering::SeqCst);
        let counted = Counted(Arc::clone(self));
        let connection = move || counted.0.serve(socket, peer);
        if thread::Builder::new().name("connection".into()).stack_size(STACK).spawn(connection).is_err() {
            thread::sleep(BREATH);
        }
    }

    /// Where there are too many connections, the one that has been idle longest has to go, and a moment
    /// later it has.
    fn make_room(&self) -> bool {
        let deadline = Instant::now() + 5 * BREATH;
        let mut is_ending = false;
        while self.visitors.connections.load(Ordering::SeqCst) >= self.limits.connections {
            is_ending = is_ending || self.idle.end_oldest();
            if Instant::now() >= deadline {
                return false;
            }
            thread::sleep(BREATH / 20);
        }
        true
    }

    fn serve(&self, socket: TcpStream, peer: SocketAddr) {
        let _ = socket.set_nodelay(true);
        let mut client = Client::new(socket);
        let end = loop {
            match self.exchange(&mut client, peer) {
                Ok(()) => {}
                Err(end) => break end,
            }
        };
        if let End::Refused(refusal) = end {
            log::debug!("{peer} refused: {} {}", refusal.status, refusal.detail);
            refusal.send(&mut client, self.any_origin);
        }
    }

    /// One request and its answer. Fails where it was the connection's last.
    fn exchange(&self, client: &mut Client, peer: SocketAddr) -> Result<(), End> {
        let limits = &self.limits;
        self.await_first_byte(client)?;
        let head = read_head(client, limits)?;
        if matches!(head.length, Length::Known(length) if length > limits.body_bytes as u64) {
            return Err(Refusal::new(413, "Request body too large").into());
        }
        if head.expects_continue && client.buffer.is_empty() {
            client.write(b"HTTP/1.1 100 Continue\r\n\r\n", Instant::now() + limits.write_time)?;
        }
        let body = body::read(client, head.length, limits)?;

        let busy = || Refusal::new(503, "Too many requests are being answered");
        let visit = self.visitors.enter(peer).ok_or_else(busy)?;
        let upstream = self.hand_on(&head, &body, visit.number).map_err(|e| {
            log::error!("cannot reach the server behind the gate: {e}");
            busy()
        })?;
        let closes = head.closes || self.closing.load(Ordering::SeqCst);
        let complete = relay::relay(upstream, client, &visit.visitor, closes, limits.write_time);
        if closes || !complete { Err(End::Silent) } else { Ok(()) }
    }

    /// A connection may be silent between two requests, but not too long; nobody is told why it ends.
    fn await_first_byte(&self, client: &mut Client) -> Result<(), End> {
        if !client.buffer.is_empty() {
            return Ok(());
        }
        let _idle = self.idle.enter(&client.socket);
        if self.closing.load(Ordering::SeqCst) {
            return Err(End::Silent);
        }
        match client.fill(Instant::now() + self.limits.idle_time) {
            Ok(()) => Ok(()),
            Err(_) => Err(End::Silent),
        }
    }

    fn hand_on(&self, head: &Head, body: &[u8], visitor: u64) -> std::io::Result<UnixStream> {
        let mut upstream = UnixStream::connect(&self.socket)?;
        upstream.set_write_timeout(Some(self.limits.write_time))?;
        let mut request = head.forwarded.clone();
        write!(request, "{VISITOR}: {visitor}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
        request.extend_from_slice(body);
        upstream.write_all(&request)?;
        Ok(upstream)
    }
}

fn read_head(client: &mut Client, limits: &Limits) -> Result<Head, End> {
    let deadline = Instant::now() + limits.head_time;
    let mut searched = 0;
    loop {
        // Empty lines before a request are to be overlooked (RFC 9112, 2.2).
        while client.buffer.starts_with(b"\r\n") {
            client.buffer.drain(..2);
            searched = 0;
        }
        if let Some(end) = client.find(b"\r\n\r\n", &mut searched) {
            let head = head::parse(&client.buffer[..end], limits)?;
            client.buffer.drain(..end);
            return Ok(head);
        }
        if client.buffer.len() > limits.head_bytes {
            return Err(Refusal::new(431, "Request head too large").into());
        }
        client.fill(deadline)?;
    }
}

/// Counts an open connection until it is dropped.
struct Counted(Arc<Gate>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.visitors.connections.fetch_sub(1, Ordering::SeqCst);
    }
}
