//! Idle connections, which are between two requests. When there are too many connections, the one that has been idle
//! longest is closed.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct IdleConnections(Mutex<Sockets>);

#[derive(Default)]
struct Sockets {
    next: u64,
    sockets: BTreeMap<u64, Arc<TcpStream>>,
}

/// Marks a connection as idle until it is dropped.
pub struct IdleGuard<'a> {
    number: u64,
    idle: &'a IdleConnections,
}

impl IdleConnections {
    pub fn insert(&self, socket: &Arc<TcpStream>) -> IdleGuard<'_> {
        let mut idle = self.lock();
        let number = idle.next;
        idle.next += 1;
        idle.sockets.insert(number, Arc::clone(socket));
        IdleGuard { number, idle: self }
    }

    /// Closes the connection that has been idle longest, which wakes its thread. Returns false if there is none.
    pub fn close_oldest(&self) -> bool {
        let oldest = self.lock().sockets.pop_first();
        oldest.is_some_and(|(_, socket)| socket.shutdown(Shutdown::Both).is_ok())
    }

    pub fn close_all(&self) {
        while let Some((_, socket)) = { self.lock().sockets.pop_first() } {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sockets> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for IdleGuard<'_> {
    fn drop(&mut self) {
        self.idle.lock().sockets.remove(&self.number);
    }
}
