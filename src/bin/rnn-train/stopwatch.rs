//! A stopwatch that can be paused.

use std::time::Instant;

pub struct Stopwatch {
    before: f64,
    since: Option<Instant>,
}

impl Stopwatch {
    /// Starts a stopwatch at this number of seconds.
    pub fn from(seconds: f64) -> Self {
        Self { before: seconds, since: Some(Instant::now()) }
    }

    pub fn seconds(&self) -> f64 {
        self.before + self.since.map_or(0.0, |since| since.elapsed().as_secs_f64())
    }

    pub fn stop(&mut self) {
        *self = Self { before: self.seconds(), since: None };
    }

    pub fn start(&mut self) {
        self.since.get_or_insert_with(Instant::now);
    }
}
