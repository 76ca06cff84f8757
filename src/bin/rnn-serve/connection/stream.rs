//! A client's connection, with deadlines for whole operations: a client that sends or receives a byte per second does
//! not extend them.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::CloseReason;
use super::refusal::Refusal;

pub struct Connection {
    pub socket: Arc<TcpStream>,
    /// Bytes received and not yet used.
    pub buffer: Vec<u8>,
}

impl Connection {
    pub fn new(socket: TcpStream) -> Self {
        Self { socket: Arc::new(socket), buffer: Vec::new() }
    }

    /// Receives at least one more byte.
    pub fn fill(&mut self, deadline: Instant) -> Result<(), CloseReason> {
        let mut bytes = [0; 8192];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.socket.set_read_timeout(Some(left)).is_err() {
                return Err(Refusal::new(408, "The request did not arrive in time").into());
            }
            match (&*self.socket).read(&mut bytes) {
                Ok(0) => return Err(CloseReason::Silent),
                Ok(count) => {
                    self.buffer.extend_from_slice(&bytes[..count]);
                    return Ok(());
                }
                Err(e) if is_transient(&e) => {}
                Err(_) => return Err(CloseReason::Silent),
            }
        }
    }

    /// Sends all of `bytes`.
    pub fn write(&mut self, mut bytes: &[u8], deadline: Instant) -> Result<(), CloseReason> {
        while !bytes.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() || self.socket.set_write_timeout(Some(left)).is_err() {
                return Err(CloseReason::Silent);
            }
            match (&*self.socket).write(bytes) {
                Ok(0) => return Err(CloseReason::Silent),
                Ok(count) => bytes = &bytes[count..],
                Err(e) if is_transient(&e) => {}
                Err(_) => return Err(CloseReason::Silent),
            }
        }
        Ok(())
    }

    /// Sends a refusal, then keeps reading for a moment: closing with unread bytes would reset the connection, and the
    /// client might never see the response.
    pub fn refuse(&mut self, refusal: &Refusal, any_origin: bool) {
        let end = Instant::now() + Duration::from_millis(500);
        if self.write(&refusal.bytes(any_origin), end).is_err() || self.socket.shutdown(Shutdown::Write).is_err() {
            return;
        }
        let _ = self.socket.set_read_timeout(Some(Duration::from_millis(250)));
        let mut bytes = [0; 8192];
        while Instant::now() < end && matches!((&*self.socket).read(&mut bytes), Ok(count) if count > 0) {}
    }

    /// Returns whether the client has closed the connection. A client that closes only its sending side counts as gone
    /// too, as in other servers.
    pub fn is_gone(&self) -> bool {
        if self.socket.set_nonblocking(true).is_err() {
            return true;
        }
        let peeked = self.socket.peek(&mut [0]);
        let blocks_again = self.socket.set_nonblocking(false).is_ok();
        match peeked {
            Ok(count) => count == 0 || !blocks_again,
            Err(e) => !is_transient(&e) || !blocks_again,
        }
    }

    /// Returns the position after the first `end` in the buffer; `searched` bytes are known not to contain it.
    pub fn find(&self, end: &[u8], searched: &mut usize) -> Option<usize> {
        let from = searched.saturating_sub(end.len() - 1).min(self.buffer.len());
        let found = self.buffer[from..].windows(end.len()).position(|window| window == end);
        *searched = self.buffer.len();
        found.map(|at| from + at + end.len())
    }
}

fn is_transient(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted)
}
