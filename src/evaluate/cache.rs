//! The continuous cache (Grave, Joulin and Usunier 2017): the tokens read so far, each with the state before it. Tokens
//! that followed states similar to the current one are likely.

use super::CacheOptions;
use crate::simd::math::exp;
use crate::simd::vectors::{self, max};

/// The default thetas, whose caches are interpolated, in units of 1 / mean squared norm of the states: the right theta
/// depends on the norm of a network's states.
const THETAS: [f32; 3] = [5.0, 10.0, 20.0];

/// The maximum match length of an additional cache, which contains the positions preceded by the longest match of the
/// last tokens: books repeat phrases.
pub const LONGEST_MATCH: usize = 2;

pub struct ContinuousCache {
    window: usize,
    theta: Option<f32>,
    /// The size of a state.
    size: usize,
    /// (positions, size)
    states: Vec<f32>,
    tokens: Vec<u32>,
    /// The mean squared norm of all states up to each position.
    scales: Vec<f32>,
    /// The first position that is still in the cache.
    first: usize,
    /// The sum of the squared norms of all states.
    squares: f64,
}

/// The predictions of the caches at a position.
#[derive(Debug, Default, PartialEq)]
pub struct Lookup<'a> {
    /// The tokens in the cache, the oldest first.
    pub tokens: &'a [u32],
    /// Each cache's weights of the tokens, which add up to 1. Empty at the first position; without the last cache if
    /// nothing matches.
    pub weights: Vec<Vec<f32>>,
    /// The length of the match before the position, up to [`LONGEST_MATCH`].
    pub matched: usize,
}

impl ContinuousCache {
    pub fn new(cache: CacheOptions, size: usize) -> Self {
        let CacheOptions { window, theta, .. } = cache;
        let (states, tokens, scales) = (Vec::new(), Vec::new(), Vec::new());
        Self { window, theta, size, states, tokens, scales, first: 0, squares: 0.0 }
    }

    /// Returns the number of caches.
    pub fn caches(&self) -> usize {
        if self.theta.is_some() { 1 } else { THETAS.len() + 1 }
    }

    /// Adds a token and the state before it; returns its position.
    pub fn push(&mut self, state: &[f32], token: u32) -> usize {
        let position = self.first + self.tokens.len();
        self.squares += state.iter().map(|x| f64::from(x * x)).sum::<f64>();
        self.states.extend_from_slice(state);
        self.tokens.push(token);
        self.scales.push((self.squares / (position + 1) as f64) as f32);
        position
    }

    /// Removes entries that no later position looks back to.
    pub fn evict(&mut self) {
        let old = self.tokens.len().saturating_sub(self.window);
        if old > self.window {
            self.states.drain(..old * self.size);
            self.tokens.drain(..old);
            self.scales.drain(..old);
            self.first += old;
        }
    }

    /// Returns the predictions for an added position from the tokens before it.
    pub fn look_back(&self, position: usize) -> Lookup<'_> {
        let end = position - self.first;
        let begin = end.saturating_sub(self.window);
        if begin == end {
            return Lookup::default();
        }
        let state = &self.states[end * self.size..][..self.size];
        let before = &self.states[begin * self.size..end * self.size];
        let none = vec![0.0; end - begin];
        let mut similarity = none.clone();
        vectors::multiply(before, state, &none, &mut similarity);
        let max = max(&similarity);
        let weigh =
            |theta: f32| normalized(similarity.iter().map(|similarity| exp(theta * (similarity - max))).collect());
        let tokens = &self.tokens[begin..end];
        if let Some(theta) = self.theta {
            return Lookup { tokens, weights: vec![weigh(theta)], matched: 0 };
        }
        let scale = self.scales[end].max(f32::MIN_POSITIVE);
        let mut weights: Vec<Vec<f32>> = THETAS.iter().map(|theta| weigh(theta / scale)).collect();
        let matches = matches(tokens);
        let matched = matches.iter().copied().max().unwrap_or(0);
        if matched > 0 {
            weights.push(normalized(matches.iter().map(|&count| f32::from(u8::from(count == matched))).collect()));
        }
        Lookup { tokens, weights, matched }
    }
}

fn normalized(mut weights: Vec<f32>) -> Vec<f32> {
    let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
    weights.iter_mut().for_each(|weight| *weight = (f64::from(*weight) / total) as f32);
    weights
}

/// Returns, for each token, how many of the tokens before it match the last tokens.
fn matches(tokens: &[u32]) -> Vec<usize> {
    let common = |end: usize| {
        let pairs = tokens[..end].iter().rev().zip(tokens.iter().rev());
        pairs.take(LONGEST_MATCH).take_while(|(a, b)| a == b).count()
    };
    (0..tokens.len()).map(common).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(window: usize, theta: Option<f32>) -> ContinuousCache {
        ContinuousCache::new(CacheOptions { window, theta, weight: None }, 2)
    }

    #[test]
    fn weights_match_the_formula() {
        let mut memory = memory(2, Some(0.5));
        let states = [[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [2.0, 1.0]];
        let positions: Vec<usize> = states.iter().zip(5..).map(|(state, token)| memory.push(state, token)).collect();
        assert_eq!(memory.look_back(positions[0]), Lookup::default());
        let Lookup { tokens, weights, .. } = memory.look_back(positions[3]);
        // The dot products are 2 and 3, and theta is 0.5.
        let (a, b) = (1f32.exp(), 1.5f32.exp());
        assert_eq!(tokens, [6, 7]);
        assert!((weights[0][0] - a / (a + b)).abs() < 1e-6 && (weights[0][1] - b / (a + b)).abs() < 1e-6);
    }

    #[test]
    fn the_last_cache_contains_tokens_that_followed_a_match() {
        let mut memory = memory(100, None);
        for token in [1, 2, 7, 3, 2, 8, 1, 2, 9] {
            memory.push(&[1.0, 1.0], token);
        }
        let lookup = memory.look_back(8);
        assert_eq!((lookup.matched, lookup.weights.len()), (2, 4));
        assert_eq!(lookup.weights[3], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let lookup = memory.look_back(5);
        assert_eq!((lookup.matched, &lookup.weights[3][..]), (1, &[0.0, 0.0, 1.0, 0.0, 0.0][..]));
        let lookup = memory.look_back(3);
        assert_eq!((lookup.matched, lookup.weights.len()), (0, 3));
    }

    #[test]
    fn removed_entries_do_not_change_lookups() {
        let (mut whole, mut short) = (memory(3, None), memory(3, None));
        for step in 0..50u32 {
            let state = [(step % 7) as f32, (step % 3) as f32];
            let position = whole.push(&state, step % 4);
            assert_eq!(short.push(&state, step % 4), position);
            assert_eq!(whole.look_back(position), short.look_back(position));
            short.evict();
        }
        assert!(short.tokens.len() <= 7);
    }
}
