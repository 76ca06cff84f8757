//! Who may generate now: one generation a core, the others in the order in which they came, and no
//! queue longer than somebody would wait in.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use crate::visitors::GLANCE;

/// Together with the other limits this keeps the open files below the usual 1024.
const MOST_AT_ONCE: usize = 64;
const MOST_WAITING: usize = 32;

pub struct Turns {
    at_once: usize,
    waiting: usize,
    line: Mutex<Line>,
    moved: Condvar,
}

#[derive(Default)]
struct Line {
    running: usize,
    next: u64,
    waiting: VecDeque<u64>,
}

/// The right to generate, given back when it is dropped.
pub struct Turn<'a>(&'a Turns);

#[derive(Debug, PartialEq, Eq)]
pub enum NoTurn {
    /// The line is as long as it may get.
    Full,
    /// The one who waited has gone.
    Gone,
}

impl Turns {
    pub fn new(at_once: usize, waiting: usize) -> Self {
        Self { at_once, waiting, line: Mutex::default(), moved: Condvar::new() }
    }

    pub fn for_this_machine() -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self::new(cores.min(MOST_AT_ONCE), MOST_WAITING)
    }

    /// Waits for a turn, for as long as `gone` is false.
    pub fn take(&self, gone: impl Fn() -> bool) -> Result<Turn<'_>, NoTurn> {
        let mut line = self.lock();
        let must_wait = line.running >= self.at_once || !line.waiting.is_empty();
        if must_wait && line.waiting.len() >= self.waiting {
            return Err(NoTurn::Full);
        }
        let number = line.next;
        line.next += 1;
        line.waiting.push_back(number);
        while line.running >= self.at_once || line.waiting.front() != Some(&number) {
            if gone() {
                line.waiting.retain(|&other| other != number);
                self.moved.notify_all();
                return Err(NoTurn::Gone);
            }
            line = self.moved.wait_timeout(line, GLANCE).unwrap_or_else(PoisonError::into_inner).0;
        }
        line.waiting.pop_front();
        line.running += 1;
        self.moved.notify_all();
        Ok(Turn(self))
    }

    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.lock().running -= 1;
        self.0.moved.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc;

    use super::*;

    fn wait_for_line(turns: &Turns, length: usize) {
        while turns.lock().waiting.len() != length {
            thread::yield_now();
        }
    }

    #[test]
    fn turns_come_in_order_and_the_line_is_bounded() {
        let turns = Turns::new(1, 2);
        let first = turns.take(|| false).unwrap();
        let (sender, order) = mpsc::channel();
        thread::scope(|scope| {
            for name in 1..=2 {
                let (turns, sender) = (&turns, sender.clone());
                scope.spawn(move || {
                    let _turn = turns.take(|| false).unwrap();
                    sender.send(name).unwrap();
                });
                wait_for_line(turns, name);
            }
            assert_eq!(turns.take(|| false).err(), Some(NoTurn::Full));
            assert!(order.try_recv().is_err());
            drop(first);
        });
        assert_eq!(order.try_iter().collect::<Vec<_>>(), [1, 2]);
        assert!(turns.take(|| false).is_ok());
    }

    #[test]
    fn one_who_goes_leaves_the_line() {
        let turns = Turns::new(1, 2);
        let first = turns.take(|| false).unwrap();
        let gone = AtomicBool::new(false);
        thread::scope(|scope| {
            let waiting = scope.spawn(|| turns.take(|| gone.load(Ordering::Relaxed)).err());
            wait_for_line(&turns, 1);
            gone.store(true, Ordering::Relaxed);
            assert_eq!(waiting.join().unwrap(), Some(NoTurn::Gone));
        });
        drop(first);
        assert!(turns.take(|| true).is_ok(), "the line is empty again");
    }
}
