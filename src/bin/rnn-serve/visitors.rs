//! Clients whose request is being answered. The gate, which holds their connection, and the handlers,
//! which know nothing of connections, tell each other here how it goes.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a wait looks whether it still makes sense.
pub const GLANCE: Duration = Duration::from_millis(50);

pub struct Visitor {
    pub peer: SocketAddr,
    gone: AtomicBool,
    answered: AtomicBool,
}

impl Visitor {
    /// Whether nobody waits for the answer any more.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    pub fn set_gone(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    /// Whether the answer has come to its end, so that another one can follow on the same connection.
    pub fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Acquire)
    }

    /// To be called before the last byte is sent: the gate asks when it has that byte.
    pub fn set_answered(&self) {
        self.answered.store(true, Ordering::Release);
    }
}

/// All of them, by number, and no more than a given many.
pub struct Visitors {
    /// Open ones, also those on which nothing is asked.
    pub connections: AtomicUsize,
    most: usize,
    inside: Mutex<Inside>,
    left: Condvar,
}

#[derive(Default)]
struct Inside {
    next: u64,
    visitors: HashMap<u64, Arc<Visitor>>,
}

/// A visitor's stay, which ends when it is dropped.
pub struct Visit<'a> {
    pub number: u64,
    pub visitor: Arc<Visitor>,
    visitors: &'a Visitors,
}

impl Visitors {
    pub fn new(most: usize) -> Self {
        Self { connections: AtomicUsize::new(0), most, inside: Mutex::default(), left: Condvar::new() }
    }

    /// None where the house is full.
    pub fn enter(&self, peer: SocketAddr) -> Option<Visit<'_>> {
        let mut inside = self.lock();
        if inside.visitors.len() >= self.most {
            return None;
        }
        let number = inside.next;
        inside.next += 1;
        let visitor = Arc::new(Visitor { peer, gone: AtomicBool::new(false), answered: AtomicBool::new(false) });
        inside.visitors.insert(number, Arc::clone(&visitor));
        Some(Visit { number, visitor, visitors: self })
    }

    pub fn find(&self, number: u64) -> Option<Arc<Visitor>> {
        self.lock().visitors.get(&number).cloned()
    }

    /// Whether everybody has left before the deadline and before somebody became impatient.
    pub fn wait_until_none(&self, deadline: Instant, impatient: &AtomicBool) -> bool {
        let mut inside = self.lock();
        while !inside.visitors.is_empty() {
            if Instant::now() >= deadline || impatient.load(Ordering::Relaxed) {
                return false;
            }
            inside = self.left.wait_timeout(inside, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Treats everybody as gone, which ends their generations.
    pub fn send_away(&self) {
        self.lock().visitors.values().for_each(|visitor| visitor.set_gone());
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        self.visitors.lock().visitors.remove(&self.number);
        self.visitors.left.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_full_until_somebody_leaves() {
        let visitors = Visitors::new(1);
        let peer = "127.0.0.1:1".parse().unwrap();
        let never = AtomicBool::new(false);
        let visit = visitors.enter(peer).unwrap();
        assert!(visitors.enter(peer).is_none());
        assert!(!visitors.wait_until_none(Instant::now(), &never));
        visitors.send_away();
        assert!(visit.visitor.is_gone() && visitors.find(visit.number).is_some());
        drop(visit);
        assert!(visitors.wait_until_none(Instant::now(), &never));
        assert!(visitors.enter(peer).is_some());
    }
}
