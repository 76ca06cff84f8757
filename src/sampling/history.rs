//! The end of a text, as far back as the choice of the next token looks.

use rustc_hash::FxHashMap;

/// Tokens that are remembered at most.
pub const LOOK_BACK: usize = 1 << 14;

/// The last tokens of a text, and how often each stands in the last few.
#[derive(Clone, Debug)]
pub struct TokenHistory {
    /// At least the last [`LOOK_BACK`], at most twice as many.
    tokens: Vec<u32>,
    /// Tokens that are counted.
    window: usize,
    counts: FxHashMap<u32, u32>,
}

impl TokenHistory {
    /// `window`: over how many tokens they are counted.
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
        let count = self.counts.get_mut(&left).expect("what leaves the window was counted");
        *count -= 1;
        if *count == 0 {
            self.counts.remove(&left);
        }
    }

    /// The last tokens, [`LOOK_BACK`] of them at most.
    pub fn tokens(&self) -> &[u32] {
        &self.tokens[self.tokens.len().saturating_sub(LOOK_BACK)..]
    }

    /// The tokens in the window and how often they stand there.
    pub fn counts(&self) -> impl Iterator<Item = (u32, u32)> {
        self.counts.iter().map(|(&token, &count)| (token, count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_those_of_the_window_and_only_so_much_is_kept() {
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
