//! Continuous batching: requests for one model wait in a queue of bounded length, and the threads that run the model
//! ([`batch`]) generate one token per step for all of their active sequences.

mod batch;
mod prefix_cache;
mod queue;
mod request;
mod response;

use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rnn_tools::error::{Error, Result};
use rnn_tools::generate::LanguageModel;

use crate::clients::Client;
use crate::lock::lock;
use crate::metrics::Metrics;
use queue::{Queue, QueueState};
pub use request::{Request, Samples};
use response::Job;
pub use response::{Event, RequestError, ResponseHandle};

#[derive(Clone, Copy)]
pub struct SchedulerConfig {
    /// The maximum number of sequences generated at the same time.
    pub max_sequences: usize,
    /// The maximum number of requests in the queue.
    pub max_waiting: usize,
    /// The maximum time from the submission of a request to its end.
    pub timeout: Duration,
}

/// Accepts requests for one model. When it is dropped, accepted requests are still completed.
pub struct Scheduler {
    queue: Arc<Queue>,
    config: SchedulerConfig,
}

/// The number of requests in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub running: usize,
    pub waiting: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct QueueFull;

impl Scheduler {
    pub fn start(model: Arc<LanguageModel>, config: SchedulerConfig, metrics: Arc<Metrics>) -> Result<Self> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(config.max_sequences);
        let queue = Arc::new(Queue {
            threads,
            max_sequences: config.max_sequences,
            state: Mutex::default(),
            changed: Condvar::new(),
            prefix_cache: Mutex::default(),
        });
        // If a thread cannot be started, dropping the scheduler stops the others.
        let scheduler = Self { queue: Arc::clone(&queue), config };
        for _ in 0..threads {
            let (queue, model, metrics) = (Arc::clone(&queue), Arc::clone(&model), Arc::clone(&metrics));
            thread::Builder::new()
                .name("model".into())
                .spawn(move || batch::serve(&queue, &model, &metrics))
                .map_err(|e| Error::failure(format!("cannot start a thread: {e}")))?;
        }
        Ok(scheduler)
    }

    /// Queues a request. With `stream` its events can be received as they happen, otherwise once it has ended.
    pub fn submit(
        &self,
        request: Request,
        stream: bool,
        client: &Arc<Client>,
    ) -> std::result::Result<ResponseHandle, QueueFull> {
        let job = Arc::new(Job::new(request, stream, client, self.config.timeout));
        let mut state = lock(&self.queue.state);
        // Requests that the next step will admit do not count as waiting.
        let capacity = self.config.max_waiting + self.config.max_sequences.saturating_sub(state.active_sequences);
        let is_full = |state: &QueueState| state.waiting.len() >= capacity;
        if is_full(&state) {
            let now = Instant::now();
            state.waiting.retain(|job| !job.abort_if_expired(now));
        }
        if is_full(&state) {
            return Err(QueueFull);
        }
        state.waiting.push_back(Arc::clone(&job));
        self.queue.changed.notify_one();
        Ok(ResponseHandle(job))
    }

    pub fn load(&self) -> Load {
        let state = lock(&self.queue.state);
        Load { running: state.running_requests, waiting: state.waiting.len() }
    }
}

impl Drop for Scheduler {
    fn drop(&mut self) {
        lock(&self.queue.state).closed = true;
        self.queue.changed.notify_all();
    }
}
