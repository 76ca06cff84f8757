//! Connections between two requests. They cost little, but there are only so many: the one that has
//! been silent longest goes first.

use std::collections::BTreeMap;
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct Idle(Mutex<Sleepers>);

#[derive(Default)]
struct Sleepers {
    next: u64,
    sockets: BTreeMap<u64, Arc<TcpStream>>,
}

/// A connection's stay among the idle ones, which ends when it is dropped.
pub struct Stay<'a> {
    number: u64,
    idle: &'a Idle,
}

impl Idle {
    pub fn enter(&self, socket: &Arc<TcpStream>) -> Stay<'_> {
        let mut sleepers = self.lock();
        let number = sleepers.next;
        sleepers.next += 1;
        sleepers.sockets.insert(number, Arc::clone(socket));
        Stay { number, idle: self }
    }

    /// Ends the connection that has been idle longest; its thread wakes up and finds it closed. False
    /// where there is none.
    pub fn end_oldest(&self) -> bool {
        let oldest = self.lock().sockets.pop_first();
        oldest.is_some_and(|(_, socket)| socket.shutdown(Shutdown::Both).is_ok())
    }

    pub fn end_all(&self) {
        while let Some((_, socket)) = { self.lock().sockets.pop_first() } {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Sleepers> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        self.idle.lock().sockets.remove(&self.number);
    }
}
