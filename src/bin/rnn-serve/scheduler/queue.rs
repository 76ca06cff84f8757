//! The queue between the scheduler and the threads that run the model.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

use super::prefix_cache::PrefixCache;
use super::response::Job;

pub struct Queue {
    pub threads: usize,
    /// The total over all threads.
    pub max_sequences: usize,
    pub state: Mutex<QueueState>,
    pub changed: Condvar,
    pub prefix_cache: Mutex<PrefixCache>,
}

#[derive(Default)]
pub struct QueueState {
    pub waiting: VecDeque<Arc<Job>>,
    pub running_requests: usize,
    pub active_sequences: usize,
    pub closed: bool,
}
