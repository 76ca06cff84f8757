//! Batches of consecutive text, read as parallel streams.

use std::ops::Range;
use std::sync::Arc;

use crate::random::Rng;

/// Divides a text into parallel streams. Each batch of windows continues where the previous one ended, so that the
/// hidden state can be carried over (truncated backpropagation through time).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// The number of streams: the batch size.
    pub count: usize,
    /// The number of tokens in each stream; the remaining tokens at the end of the text are dropped.
    pub length: usize,
}

/// A batch: the inputs are the tokens `start .. start + length` of each stream or document, the targets the tokens one
/// position later. If `start` is 0, the hidden state is the initial one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: usize,
    pub length: usize,
    /// None for windows of streams.
    pub documents: Option<Arc<[Range<usize>]>>,
}

impl Streams {
    /// Returns None if the streams would have no targets.
    pub fn new(tokens: usize, count: usize) -> Option<Self> {
        let length = tokens.checked_div(count)?;
        (length >= 2).then_some(Self { count, length })
    }

    /// Returns the windows of an epoch, each of `length` tokens; the first and last may be shorter. Every target occurs
    /// once. The boundaries move from epoch to epoch, so that no token is always the first of a window.
    pub fn windows(&self, length: usize, epoch: usize) -> Vec<Window> {
        let targets = self.length - 1;
        let first = match (epoch * 37) % length {
            0 => length,
            shift => shift,
        };
        let mut windows = Vec::with_capacity(targets / length + 2);
        let (mut start, mut next) = (0, first.min(targets));
        while start < targets {
            windows.push(Window { start, length: next - start, documents: None });
            start = next;
            next = (next + length).min(targets);
        }
        windows
    }

    /// Returns the windows of an epoch with random lengths (Merity et al. 2017): normally distributed with a standard
    /// deviation of 5 around `length`, or around half of it with probability 0.05, and at least 5. Every target occurs
    /// once.
    pub fn random_windows(&self, length: usize, rng: &mut Rng) -> Vec<Window> {
        let targets = self.length - 1;
        let (mut windows, mut start) = (Vec::with_capacity(targets / length + 2), 0);
        while start < targets {
            let mean = if rng.uniform() < 0.95 { length as f64 } else { length as f64 / 2.0 };
            let wanted = (mean + 5.0 * rng.normal()).max(5.0) as usize;
            let length = wanted.min(targets - start);
            windows.push(Window { start, length, documents: None });
            start += length;
        }
        windows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_contain_every_target_once() {
        assert_eq!(Streams::new(3, 2), None);
        assert_eq!(Streams::new(3, 0), None);
        for (tokens, length) in [(20, 7), (200, 7), (201, 50), (40, 1), (55, 99)] {
            let streams = Streams::new(tokens, 2).unwrap();
            for epoch in 0..9 {
                let windows = streams.windows(length, epoch);
                let covered: Vec<usize> = windows.iter().flat_map(|w| w.start..w.start + w.length).collect();
                assert_eq!(covered, (0..streams.length - 1).collect::<Vec<_>>());
                assert!(windows.iter().all(|w| (1..=length).contains(&w.length)));
            }
        }
    }

    #[test]
    fn windows_of_random_length_contain_every_target_once() {
        let streams = Streams::new(40_000, 2).unwrap();
        let windows = streams.random_windows(70, &mut Rng::new(3));
        let covered: Vec<usize> = windows.iter().flat_map(|w| w.start..w.start + w.length).collect();
        assert_eq!(covered, (0..streams.length - 1).collect::<Vec<_>>());
        let lengths: Vec<f64> = windows.iter().map(|w| w.length as f64).collect();
        let mean = lengths.iter().sum::<f64>() / lengths.len() as f64;
        // 0.95 x 70 + 0.05 x 35, rounded down
        assert!((mean - 67.75).abs() < 2.0, "{mean}");
        assert!(lengths.iter().any(|&l| l < 50.0) && lengths.iter().any(|&l| l > 72.0));
        assert_ne!(windows, streams.random_windows(70, &mut Rng::new(4)));
    }
}
