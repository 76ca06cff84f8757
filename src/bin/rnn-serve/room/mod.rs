//! Where texts are written: requests for one model come in at the door, wait in a line of bounded length, and are written
//! together by the threads that own the model ([`batch`]), one token of each at a time.

mod batch;
mod cache;
mod voice;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rnn_tools::error::{Error, Result};
use rnn_tools::generate::{FinishReason, LanguageModel, Piece, TokenStats};

use crate::metrics::Metrics;
use crate::visitors::Visitor;
use cache::Cache;
pub use voice::{Order, Writing};

#[derive(Clone, Copy)]
pub struct Limits {
    /// Texts written together.
    pub batch: usize,
    /// Requests that wait.
    pub queue: usize,
    /// For a request, from its coming to its end.
    pub time: Duration,
}

/// The door to a model. When it is dropped, those inside are still served.
pub struct Room {
    line: Arc<Line>,
    limits: Limits,
}

/// What is done and what is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    pub running: usize,
    pub waiting: usize,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Full;

/// Why a text has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It took too long.
    Late,
    /// The one who asked has gone.
    Gone,
    /// A fault of the server.
    Internal,
}

/// What happens to an order.
#[derive(Debug)]
pub enum Event {
    /// So many tokens of the prompt are read; what the model makes of those that it was asked about.
    Read {
        tokens: usize,
        measures: Vec<(u32, TokenStats)>,
    },
    Piece {
        sample: usize,
        piece: Piece,
    },
    End {
        sample: usize,
        end: FinishReason,
        num_words: usize,
        num_tokens: usize,
    },
}

struct Line {
    threads: usize,
    /// Texts that they write together.
    batch: usize,
    queue: Mutex<Queue>,
    moved: Condvar,
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Arc<Job>>,
    /// Requests and texts that are being written.
    running: usize,
    inside: usize,
    closed: bool,
}

/// An order on its way, seen from both sides.
struct Job {
    order: Order,
    visitor: Arc<Visitor>,
    /// When it came, and when it must be done.
    begun: Instant,
    deadline: Instant,
    /// Each event is worth waking up for, not only the last.
    eager: bool,
    dropped: AtomicBool,
    inbox: Mutex<Inbox>,
    news: Condvar,
}

#[derive(Default)]
struct Inbox {
    events: VecDeque<Event>,
    end: Option<std::result::Result<(), Failure>>,
}

/// The claim to what becomes of an order. Dropping it gives the order up.
pub struct Ticket(Arc<Job>);

impl Room {
    pub fn open(author: Arc<LanguageModel>, limits: Limits, metrics: Arc<Metrics>) -> Result<Self> {
        let threads = thread::available_parallelism().map_or(1, usize::from).min(limits.batch);
        let cache = Mutex::default();
        let line =
            Arc::new(Line { threads, batch: limits.batch, queue: Mutex::default(), moved: Condvar::new(), cache });
        // Where a thread cannot be had, those that are there end with the room.
        let room = Self { line: Arc::clone(&line), limits };
        for _ in 0..threads {
            let (inside, author, metrics) = (Arc::clone(&line), Arc::clone(&author), Arc::clone(&metrics));
            thread::Builder::new()
                .name("model".into())
                .spawn(move || batch::serve(&inside, &author, &metrics))
                .map_err(|e| Error::failure(format!("cannot start a thread: {e}")))?;
        }
        Ok(room)
    }

    /// Takes an order. With `eager` its events can be had one by one as they happen, without it all at the end.
    pub fn enter(&self, order: Order, eager: bool, visitor: &Arc<Visitor>) -> std::result::Result<Ticket, Full> {
        let begun = Instant::now();
        let job = Arc::new(Job {
            order,
            visitor: Arc::clone(visitor),
            begun,
            deadline: begun + self.limits.time,
            eager,
            dropped: AtomicBool::new(false),
            inbox: Mutex::default(),
            news: Condvar::new(),
        });
        let mut queue = lock(&self.line.queue);
        // Those whom the next step takes in do not wait.
        let room = self.limits.queue + self.limits.batch.saturating_sub(queue.inside);
        let full = |queue: &Queue| queue.waiting.len() >= room;
        // Whoever has gone or waited too long is in nobody's way.
        if full(&queue) {
            queue.waiting.retain(|job| !job.give_up(begun));
        }
        if full(&queue) {
            return Err(Full);
        }
        queue.waiting.push_back(Arc::clone(&job));
        self.line.moved.notify_one();
        Ok(Ticket(job))
    }

    pub fn load(&self) -> Load {
        let queue = lock(&self.line.queue);
        Load { running: queue.running, waiting: queue.waiting.len() }
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        lock(&self.line.queue).closed = true;
        self.line.moved.notify_all();
    }
}

impl Job {
    fn post(&self, event: Event) {
        lock(&self.inbox).events.push_back(event);
        if self.eager {
            self.news.notify_one();
        }
    }

    /// The first end counts.
    fn end(&self, end: std::result::Result<(), Failure>) {
        lock(&self.inbox).end.get_or_insert(end);
        self.news.notify_one();
    }

    fn failure(&self, now: Instant) -> Option<Failure> {
        if self.dropped.load(Ordering::Relaxed) || self.visitor.is_gone() {
            Some(Failure::Gone)
        } else {
            (now >= self.deadline).then_some(Failure::Late)
        }
    }

    /// Ends a job that nobody waits for any more, or that is late.
    fn give_up(&self, now: Instant) -> bool {
        let failure = self.failure(now);
        failure.is_some_and(|failure| {
            self.end(Err(failure));
            true
        })
    }
}

impl Ticket {
    /// Whether there is news, within so much time.
    pub fn wait(&self, patience: Duration) -> bool {
        let job = &self.0;
        let inbox = lock(&job.inbox);
        let silent = |inbox: &mut Inbox| inbox.end.is_none() && (inbox.events.is_empty() || !job.eager);
        !job.news.wait_timeout_while(inbox, patience, silent).unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// The next event, None after the last.
    pub fn next(&self) -> std::result::Result<Option<Event>, Failure> {
        let job = &self.0;
        let mut inbox = lock(&job.inbox);
        loop {
            if job.eager || inbox.end.is_some() {
                if let Some(event) = inbox.events.pop_front() {
                    return Ok(Some(event));
                }
                if let Some(end) = inbox.end {
                    return end.map(|()| None);
                }
            }
            inbox = job.news.wait(inbox).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.0.dropped.store(true, Ordering::Relaxed);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
