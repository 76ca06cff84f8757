//! Clients whose request is in progress. The front end, which holds their connections, and the handlers, which know
//! nothing about connections, exchange the state of each request here.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a blocked thread checks whether to keep waiting.
pub const POLL_INTERVAL: Duration = Duration::from_millis(50);

pub struct Client {
    pub peer: SocketAddr,
    gone: AtomicBool,
    answered: AtomicBool,
}

impl Client {
    /// Whether the client has stopped waiting for the response.
    pub fn is_gone(&self) -> bool {
        self.gone.load(Ordering::Relaxed)
    }

    pub fn set_gone(&self) {
        self.gone.store(true, Ordering::Relaxed);
    }

    /// Whether the response is complete, so that the connection can carry another one.
    pub fn is_answered(&self) -> bool {
        self.answered.load(Ordering::Acquire)
    }

    /// Must be called before the last byte is sent: the front end checks it when it receives that byte.
    pub fn set_answered(&self) {
        self.answered.store(true, Ordering::Release);
    }
}

/// All clients with a request in progress, up to a maximum.
pub struct ClientRegistry {
    /// Open connections, idle ones included.
    pub connections: AtomicUsize,
    max_clients: usize,
    active: Mutex<Active>,
    removed: Condvar,
}

#[derive(Default)]
struct Active {
    next_id: u64,
    clients: HashMap<u64, Arc<Client>>,
}

/// An entry in the registry, removed when this is dropped.
pub struct Registration<'a> {
    pub id: u64,
    pub client: Arc<Client>,
    registry: &'a ClientRegistry,
}

impl ClientRegistry {
    pub fn new(max_clients: usize) -> Self {
        Self { connections: AtomicUsize::new(0), max_clients, active: Mutex::default(), removed: Condvar::new() }
    }

    /// Returns None if the registry is full.
    pub fn register(&self, peer: SocketAddr) -> Option<Registration<'_>> {
        let mut active = self.lock();
        if active.clients.len() >= self.max_clients {
            return None;
        }
        let id = active.next_id;
        active.next_id += 1;
        let client = Arc::new(Client { peer, gone: AtomicBool::new(false), answered: AtomicBool::new(false) });
        active.clients.insert(id, Arc::clone(&client));
        Some(Registration { id, client, registry: self })
    }

    pub fn find(&self, id: u64) -> Option<Arc<Client>> {
        self.lock().clients.get(&id).cloned()
    }

    /// Waits for the last client to be removed; returns false at the deadline or once `cancelled` is set.
    pub fn wait_until_empty(&self, deadline: Instant, cancelled: &AtomicBool) -> bool {
        let mut active = self.lock();
        while !active.clients.is_empty() {
            if Instant::now() >= deadline || cancelled.load(Ordering::Relaxed) {
                return false;
            }
            active = self.removed.wait_timeout(active, POLL_INTERVAL).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// Marks all clients as gone, which cancels their requests.
    pub fn cancel_all(&self) {
        self.lock().clients.values().for_each(|client| client.set_gone());
    }

    fn lock(&self) -> MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registration<'_> {
    fn drop(&mut self) {
        self.registry.lock().clients.remove(&self.id);
        self.registry.removed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_registry_accepts_a_client_once_another_is_removed() {
        let registry = ClientRegistry::new(1);
        let peer = "127.0.0.1:1".parse().unwrap();
        let never = AtomicBool::new(false);
        let registration = registry.register(peer).unwrap();
        assert!(registry.register(peer).is_none());
        assert!(!registry.wait_until_empty(Instant::now(), &never));
        registry.cancel_all();
        assert!(registration.client.is_gone() && registry.find(registration.id).is_some());
        drop(registration);
        assert!(registry.wait_until_empty(Instant::now(), &never));
        assert!(registry.register(peer).is_some());
    }
}
