//! The front end, which clients connect to. tiny_http trusts its clients: a large Content-Length ends its process, an
//! HTTP/2 preface leaks a thread, and it has no timeouts. So this front end accepts the connections, reads each whole
//! request under limits and deadlines, and forwards it in a normalized form through a private Unix socket, one request
//! at a time per connection. Responses are relayed as they arrive.

mod body;
mod head;
mod idle;
mod limits;
mod refusal;
mod relay;
mod stream;

use std::io::Write;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::backend::CLIENT_ID;
use crate::clients::ClientRegistry;
use head::{Head, Length};
use idle::IdleConnections;
pub use limits::HttpLimits;
use refusal::Refusal;
use stream::Connection;

/// The stack size of a connection's thread, which has no deep calls.
const STACK_SIZE: usize = 256 << 10;
/// The pause before a retry when the system is out of files or threads.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

pub struct Frontend {
    limits: HttpLimits,
    socket: PathBuf,
    clients: Arc<ClientRegistry>,
    idle: IdleConnections,
    closing: AtomicBool,
    /// Whether pages of all sites may read refusals.
    any_origin: bool,
}

/// Why a connection ends.
enum CloseReason {
    /// The client closed or reset it, or it ends without another response.
    Silent,
    Refused(Refusal),
}

impl From<Refusal> for CloseReason {
    fn from(refusal: Refusal) -> Self {
        CloseReason::Refused(refusal)
    }
}

impl Frontend {
    pub fn new(limits: HttpLimits, socket: PathBuf, clients: Arc<ClientRegistry>, any_origin: bool) -> Self {
        let closing = AtomicBool::new(false);
        Self { limits, socket, clients, idle: IdleConnections::default(), closing, any_origin }
    }

    /// Accepts connections until [`Self::close`] is called.
    pub fn run(self: Arc<Self>, listener: &TcpListener) {
        loop {
            match listener.accept() {
                _ if self.closing.load(Ordering::SeqCst) => return,
                Ok((socket, peer)) => self.admit(socket, peer),
                Err(e) => {
                    log::debug!("cannot accept a connection: {e}");
                    thread::sleep(RETRY_PAUSE);
                }
            }
        }
    }

    /// Stops accepting connections and closes idle ones. Requests in progress continue.
    pub fn close(&self, address: SocketAddr) {
        self.closing.store(true, Ordering::SeqCst);
        self.idle.close_all();
        // Wakes `run`, which blocks in `accept`.
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
        self.clients.connections.fetch_add(1, Ordering::SeqCst);
        let counted = OpenConnection(Arc::clone(self));
        let connection = move || counted.0.serve(socket, peer);
        if thread::Builder::new().name("connection".into()).stack_size(STACK_SIZE).spawn(connection).is_err() {
            thread::sleep(RETRY_PAUSE);
        }
    }

    /// If there are too many connections, closes the one that has been idle longest and waits for it to end. Returns
    /// false if there is still no room after a moment.
    fn make_room(&self) -> bool {
        let deadline = Instant::now() + 5 * RETRY_PAUSE;
        let mut is_ending = false;
        while self.clients.connections.load(Ordering::SeqCst) >= self.limits.connections {
            is_ending = is_ending || self.idle.close_oldest();
            if Instant::now() >= deadline {
                return false;
            }
            thread::sleep(RETRY_PAUSE / 20);
        }
        true
    }

    fn serve(&self, socket: TcpStream, peer: SocketAddr) {
        let _ = socket.set_nodelay(true);
        let mut connection = Connection::new(socket);
        let end = loop {
            match self.exchange(&mut connection, peer) {
                Ok(()) => {}
                Err(end) => break end,
            }
        };
        if let CloseReason::Refused(refusal) = end {
            log::debug!("{peer} refused: {} {}", refusal.status, refusal.detail);
            connection.refuse(&refusal, self.any_origin);
        }
    }

    /// Handles one request. Returns an error if it was the last one of the connection.
    fn exchange(&self, connection: &mut Connection, peer: SocketAddr) -> Result<(), CloseReason> {
        let limits = &self.limits;
        self.await_first_byte(connection)?;
        let head = read_head(connection, limits)?;
        if matches!(head.length, Length::Known(length) if length > limits.body_bytes as u64) {
            return Err(Refusal::new(413, "Request body too large").into());
        }
        if head.expects_continue && connection.buffer.is_empty() {
            connection.write(b"HTTP/1.1 100 Continue\r\n\r\n", Instant::now() + limits.write_time)?;
        }
        let body = body::read(connection, head.length, limits)?;

        let busy = || Refusal::new(503, "Too many requests are in progress");
        let registration = self.clients.register(peer).ok_or_else(busy)?;
        let upstream = self.forward(&head, &body, registration.id).map_err(|e| {
            log::error!("cannot reach the HTTP backend: {e}");
            busy()
        })?;
        let closes = head.closes || self.closing.load(Ordering::SeqCst);
        let complete = relay::relay(upstream, connection, &registration.client, closes, limits.write_time);
        if closes || !complete { Err(CloseReason::Silent) } else { Ok(()) }
    }

    /// Waits for a request. A connection that is idle too long is closed without a response.
    fn await_first_byte(&self, connection: &mut Connection) -> Result<(), CloseReason> {
        if !connection.buffer.is_empty() {
            return Ok(());
        }
        let _idle = self.idle.insert(&connection.socket);
        if self.closing.load(Ordering::SeqCst) {
            return Err(CloseReason::Silent);
        }
        match connection.fill(Instant::now() + self.limits.idle_time) {
            Ok(()) => Ok(()),
            Err(_) => Err(CloseReason::Silent),
        }
    }

    fn forward(&self, head: &Head, body: &[u8], client: u64) -> std::io::Result<UnixStream> {
        let mut upstream = UnixStream::connect(&self.socket)?;
        upstream.set_write_timeout(Some(self.limits.write_time))?;
        let mut request = head.forwarded.clone();
        write!(request, "{CLIENT_ID}: {client}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
        request.extend_from_slice(body);
        upstream.write_all(&request)?;
        Ok(upstream)
    }
}

fn read_head(connection: &mut Connection, limits: &HttpLimits) -> Result<Head, CloseReason> {
    let deadline = Instant::now() + limits.head_time;
    let mut searched = 0;
    loop {
        // Empty lines before a request are ignored (RFC 9112, 2.2).
        while connection.buffer.starts_with(b"\r\n") {
            connection.buffer.drain(..2);
            searched = 0;
        }
        if let Some(end) = connection.find(b"\r\n\r\n", &mut searched) {
            let head = head::parse(&connection.buffer[..end], limits)?;
            connection.buffer.drain(..end);
            return Ok(head);
        }
        if connection.buffer.len() > limits.head_bytes {
            return Err(Refusal::new(431, "Request head too large").into());
        }
        connection.fill(deadline)?;
    }
}

/// Counts an open connection until it is dropped.
struct OpenConnection(Arc<Frontend>);

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.0.clients.connections.fetch_sub(1, Ordering::SeqCst);
    }
}
