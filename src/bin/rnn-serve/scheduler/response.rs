//! A submitted request, shared by the scheduler, which posts events to it, and the handle that receives them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rnn_tools::generate::{FinishReason, Piece, TokenStats};

use super::request::Request;
use crate::clients::Client;
use crate::lock::lock;

#[derive(Debug)]
pub enum Event {
    /// The prompt has been processed, and its tokens have been scored if requested.
    PrefillDone {
        tokens: usize,
        scores: Vec<(u32, TokenStats)>,
    },
    Piece {
        sample: usize,
        piece: Piece,
    },
    Finished {
        sample: usize,
        reason: FinishReason,
        num_words: usize,
        num_tokens: usize,
    },
}

/// Why a request was aborted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestError {
    DeadlineExceeded,
    ClientGone,
    /// A bug in the server.
    Internal,
}

pub struct Job {
    pub request: Request,
    pub submitted: Instant,
    deadline: Instant,
    client: Arc<Client>,
    /// Whether to wake the receiver at every event rather than only at the end.
    stream: bool,
    cancelled: AtomicBool,
    inbox: Mutex<Inbox>,
    arrived: Condvar,
}

#[derive(Default)]
struct Inbox {
    events: VecDeque<Event>,
    result: Option<Result<(), RequestError>>,
}

/// Handle to a submitted request; dropping it cancels it.
pub struct ResponseHandle(pub Arc<Job>);

impl Job {
    pub fn new(request: Request, stream: bool, client: &Arc<Client>, timeout: Duration) -> Self {
        let submitted = Instant::now();
        Self {
            request,
            submitted,
            deadline: submitted + timeout,
            client: Arc::clone(client),
            stream,
            cancelled: AtomicBool::new(false),
            inbox: Mutex::default(),
            arrived: Condvar::new(),
        }
    }

    pub fn post(&self, event: Event) {
        lock(&self.inbox).events.push_back(event);
        if self.stream {
            self.arrived.notify_one();
        }
    }

    /// Ends the job. Only the first call has an effect.
    pub fn finish(&self, result: Result<(), RequestError>) {
        lock(&self.inbox).result.get_or_insert(result);
        self.arrived.notify_one();
    }

    /// Ends a job that was cancelled or is past its deadline, and returns whether it did.
    pub fn abort_if_expired(&self, now: Instant) -> bool {
        let error = if self.cancelled.load(Ordering::Relaxed) || self.client.is_gone() {
            RequestError::ClientGone
        } else if now >= self.deadline {
            RequestError::DeadlineExceeded
        } else {
            return false;
        };
        self.finish(Err(error));
        true
    }
}

impl ResponseHandle {
    /// Waits until [`Self::next`] would not block; returns false after `timeout`.
    pub fn wait(&self, timeout: Duration) -> bool {
        let job = &self.0;
        let blocks = |inbox: &mut Inbox| inbox.result.is_none() && (inbox.events.is_empty() || !job.stream);
        let waited = job.arrived.wait_timeout_while(lock(&job.inbox), timeout, blocks);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// Blocks for the next event; returns None after the last.
    pub fn next(&self) -> Result<Option<Event>, RequestError> {
        let job = &self.0;
        let mut inbox = lock(&job.inbox);
        loop {
            if job.stream || inbox.result.is_some() {
                if let Some(event) = inbox.events.pop_front() {
                    return Ok(Some(event));
                }
                if let Some(result) = inbox.result {
                    return result.map(|()| None);
                }
            }
            inbox = job.arrived.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for ResponseHandle {
    fn drop(&mut self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }
}
