//! The cutting of a part of a text into batches.

use std::ops::Range;
use std::sync::Arc;

use crate::random::Rng;

/// A part of a text read as parallel streams, so that a batch of windows goes on where the last one
/// ended and the hidden state can be carried over (truncated backpropagation through time).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// How many streams there are: the batch size.
    pub count: usize,
    /// Tokens in each; what is left over at the end of the text is not read.
    pub length: usize,
}

/// A batch: inputs are the tokens `start .. start + length` of each stream or document, targets those one later.
/// Where `start` is 0, nothing comes before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: usize,
    pub length: usize,
    /// None where streams are read.
    pub documents: Option<Arc<[Range<usize>]>>,
}

impl Streams {
    /// Fails where a stream would have no target.
    pub fn new(tokens: usize, count: usize) -> Option<Self> {
        let length = tokens.checked_div(count)?;
        (length >= 2).then_some(Self { count, length })
    }

    /// The windows of an epoch, each of `length` tokens, the first and last perhaps shorter. Every target
    /// comes once. The seams move from epoch to epoch, so that no token is always the first of a window.
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

    /// The windows of an epoch whose lengths vary as Merity et al. (2017) have it: about `length`, once in twenty
    /// half of it, normally distributed with a deviation of 5, and 5 at least. Every target comes once.
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
    fn windows_hold_every_target_once() {
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
    fn windows_of_random_length_hold_every_target_once() {
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
