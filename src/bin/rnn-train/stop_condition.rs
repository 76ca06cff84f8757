//! Conditions that stop a run early: a signal, a time limit, a limit of steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use rnn_tools::cli::train::Limits;
use rnn_tools::error::{Error, Result};
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

pub enum StopReason {
    Signal(u8),
    MaxTime,
    MaxSteps,
}

pub struct StopCondition {
    /// The signal received, or 0.
    signal: Arc<AtomicUsize>,
    deadline: Option<Instant>,
    max_steps: Option<usize>,
}

impl StopCondition {
    /// Handles SIGINT and SIGTERM from now on: the first one is reported by [`reason`](Self::reason), and the second
    /// one ends the program at once. (That is safe at any time, since files are replaced atomically.)
    pub fn new(limits: &Limits) -> Result<Self> {
        let (signal, again) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicBool::new(false)));
        for number in [SIGINT, SIGTERM] {
            flag::register_conditional_shutdown(number, 128 + number, again.clone())
                .and_then(|_| flag::register(number, again.clone()))
                .and_then(|_| flag::register_usize(number, signal.clone(), number as usize))
                .map_err(|e| Error::io("wait for", "signals", e))?;
        }
        let deadline = limits.max_time.and_then(|time| Instant::now().checked_add(time));
        Ok(Self { signal, deadline, max_steps: limits.max_steps })
    }

    /// Returns the reason to stop after this many steps, if there is one.
    pub fn reason(&self, steps: usize) -> Option<StopReason> {
        match self.signal.load(Ordering::Relaxed) {
            0 => {}
            signal => return Some(StopReason::Signal(signal as u8)),
        }
        if self.max_steps.is_some_and(|max| steps >= max) {
            return Some(StopReason::MaxSteps);
        }
        self.deadline.is_some_and(|deadline| Instant::now() >= deadline).then_some(StopReason::MaxTime)
    }
}
