//! The cutting of a part of a text into batches.

/// A part of a text read as parallel streams, so that a batch of windows goes on where the last one
/// ended and the hidden state can be carried over (truncated backpropagation through time).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Streams {
    /// How many streams there are: the batch size.
    pub count: usize,
    /// Tokens in each; what is left over at the end of the text is not read.
    pub length: usize,
}

/// A batch: inputs are the tokens `start .. start + length` of each stream, targets those one later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub start: usize,
    pub length: usize,
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
            windows.push(Window { start, length: next - start });
            start = next;
            next = (next + length).min(targets);
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
}
