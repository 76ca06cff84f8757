//! The recent tokens that affect sampling.

use rustc_hash::FxHashMap;

/// The maximum number of tokens in a history.
pub const LOOK_BACK: usize = 1 << 14;

/// The last tokens of a text, and the counts of those in a window.
#[derive(Clone, Debug)]
pub struct TokenHistory {
    /// At least the last [`LOOK_BACK`] tokens, at most twice as many.
    tokens: Vec<u32>,
    /// The number of tokens that are counted.
    window: usize,
    counts: FxHashMap<u32, u32>,
}

impl TokenHistory {
    /// Creates an empty history. `window`: the number of tokens that are counted.
    pub fn new(window: usize) -> Self {
        Self { tokens: Vec::new(), window: window.min(LOOK_BACK), counts: FxHashMap::default() }
    }

    pub fn push(&mut self, token: u32) {
        if self.tokens.len() == 2 * LOOK_BACK {
            self.tokens.drain(..LOOK_BACK);
        }
        self.tokens.push(token);
        if self.window == 0 {
            return;
        }
        *self.counts.entry(token).or_default() += 1;
        let Some(left) = self.tokens.len().checked_sub(self.window + 1) else { return };
        let left = self.tokens[left];
        let count = self.counts.get_mut(&left).expect("tokens in the window are counted");
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&left);
        }
    }

    /// Returns the last tokens, at most [`LOOK_BACK`].
    pub fn tokens(&self) -> &[u32] {
        &self.tokens[self.tokens.len().saturating_sub(LOOK_BACK)..]
    }

    /// Returns the tokens in the window and their counts.
    pub fn counts(&self) -> impl Iterator<Item = (u32, u32)> {
        self.counts.iter().map(|(&token, &count)| (token, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_cover_the_window_and_old_tokens_are_dropped() {
        for window in [0, 1, 3, 64] {
            let mut history = TokenHistory::new(window);
            let all: Vec<u32> = (0..3 * LOOK_BACK as u32 + 5).map(|i| i * i % 7).collect();
            for (i, &token) in all.iter().enumerate() {
                history.push(token);
                if i % 1001 != 0 && i > 100 {
                    continue;
                }
                let last = &all[(i + 1).saturating_sub(window)..=i];
                let mut counts: Vec<(u32, u32)> = history.counts().collect();
                counts.sort_unstable();
                let expected = (0..7).map(|t| (t, last.iter().filter(|&&l| l == t).count() as u32));
                assert_eq!(counts, expected.filter(|&(_, n)| n > 0 && window > 0).collect::<Vec<_>>());
                assert_eq!(history.tokens(), &all[(i + 1).saturating_sub(LOOK_BACK)..=i]);
            }
            assert!(history.tokens.len() <= 2 * LOOK_BACK);
        }
    }
}
