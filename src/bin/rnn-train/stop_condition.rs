//! Conditions that stop a run early: a signal, a time limit, a limit of steps.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use rnn_tools::cli::train::Limits;
use rnn_tools::error::{Error, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

pub enum StopReason {
    Signal(u8),
    MaxTime,
    MaxSteps,
}

pub struct StopCondition {
    /// The signal received, or 0.
    signal: Arc<AtomicUsize>,
    /// Whether SIGUSR1 was received.
    save: Arc<AtomicBool>,
    deadline: Option<Instant>,
    max_steps: Option<usize>,
}

impl StopCondition {
    /// Starts the clock of `--max-time`. SIGUSR1 saves from now on.
    pub fn new(limits: &Limits) -> Result<Self> {
        let save = Arc::new(AtomicBool::new(false));
        flag::register(SIGUSR1, save.clone()).map_err(signal_error)?;
        let deadline = limits.max_time.and_then(|time| Instant::now().checked_add(time));
        Ok(Self { signal: Arc::default(), save, deadline, max_steps: limits.max_steps })
    }

    /// Handles SIGINT, SIGTERM and SIGHUP from now on: the first one is reported by [`reason`](Self::reason), and the
    /// second one ends the program at once. (That is safe at any time, since files are replaced atomically.) Until then
    /// they end the program, which may be waiting for standard input.
    pub fn catch_signals(&self) -> Result<()> {
        let again = Arc::new(AtomicBool::new(false));
        for number in [SIGINT, SIGTERM, SIGHUP] {
            // nohup ignores it.
            if number == SIGHUP && is_ignored(number) {
                continue;
            }
            flag::register_conditional_shutdown(number, 128 + number, again.clone())
                .and_then(|_| flag::register(number, again.clone()))
                .and_then(|_| flag::register_usize(number, self.signal.clone(), number as usize))
                .map_err(signal_error)?;
        }
        Ok(())
    }

    /// Returns whether SIGUSR1 has asked for a checkpoint since the last call.
    pub fn takes_save_request(&self) -> bool {
        self.save.swap(false, Ordering::Relaxed)
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

fn signal_error(error: std::io::Error) -> Error {
    Error::io("wait for", "signals", error)
}

/// Returns whether a signal is ignored, as its parent may have arranged.
fn is_ignored(signal: i32) -> bool {
    // SAFETY: a zeroed `sigaction` is valid, and with a null pointer the call only reads the current action.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action) == 0 && action.sa_sigaction == libc::SIG_IGN
    }
}
