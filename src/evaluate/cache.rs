//! The continuous cache (Grave, Joulin and Usunier 2017): the tokens that were read, each with the state that stood
//! before it. What followed states like the present one is likely now.

use super::CacheOptions;
use crate::simd::math::exp;
use crate::simd::vectors::{self, max};

/// The mixed caches' thetas where none is given, in units of 1 / mean square length of the states: the right
/// theta depends on how long a network's states are.
const THETAS: [f32; 3] = [5.0, 10.0, 20.0];

/// Beside them stands a cache of the places before which the same tokens stand, as many of them as anywhere, up to
/// this number: a book repeats its phrases.
pub const LONGEST_MATCH: usize = 2;

pub struct ContinuousCache {
    window: usize,
    theta: Option<f32>,
    /// Numbers of a state.
    size: usize,
    /// (places, size)
    states: Vec<f32>,
    tokens: Vec<u32>,
    /// Mean square length of all states up to each.
    scales: Vec<f32>,
    /// Of the first place that is still held.
    first: usize,
    squares: f64,
}

/// What the caches say at a place.
#[derive(Debug, Default, PartialEq)]
pub struct Lookup<'a> {
    /// Those that were read, the oldest first.
    pub tokens: &'a [u32],
    /// Each cache's weights of them, which add up to 1. Fewer caches where one has nothing to say: none at the first
    /// place, and the last one is missing where nothing matches.
    pub weights: Vec<Vec<f32>>,
    /// How many tokens before the place stood together before, up to [`LONGEST_MATCH`].
    pub matched: usize,
}

impl ContinuousCache {
    pub fn new(cache: CacheOptions, size: usize) -> Self {
        let CacheOptions { window, theta, .. } = cache;
        let (states, tokens, scales) = (Vec::new(), Vec::new(), Vec::new());
        Self { window, theta, size, states, tokens, scales, first: 0, squares: 0.0 }
    }

    /// How many caches there are.
    pub fn caches(&self) -> usize {
        if self.theta.is_some() { 1 } else { THETAS.len() + 1 }
    }

    /// Adds a token with the state before it, and gives its place.
    pub fn push(&mut self, state: &[f32], token: u32) -> usize {
        let place = self.first + self.tokens.len();
        self.squares += state.iter().map(|x| f64::from(x * x)).sum::<f64>();
        self.states.extend_from_slice(state);
        self.tokens.push(token);
        self.scales.push((self.squares / (place + 1) as f64) as f32);
        place
    }

    /// Lets go of what no place from now on looks back to.
    pub fn forget(&mut self) {
        let old = self.tokens.len().saturating_sub(self.window);
        if old > self.window {
            self.states.drain(..old * self.size);
            self.tokens.drain(..old);
            self.scales.drain(..old);
            self.first += old;
        }
    }

    /// What the tokens before a place that was added say about it.
    pub fn look_back(&self, place: usize) -> Lookup<'_> {
        let end = place - self.first;
        let begin = end.saturating_sub(self.window);
        if begin == end {
            return Lookup::default();
        }
        let state = &self.states[end * self.size..][..self.size];
        let before = &self.states[begin * self.size..end * self.size];
        let none = vec![0.0; end - begin];
        let mut likeness = none.clone();
        vectors::multiply(before, state, &none, &mut likeness);
        let max = max(&likeness);
        let weigh = |theta: f32| normalized(likeness.iter().map(|like| exp(theta * (like - max))).collect());
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

/// How many of the tokens before each one are the last tokens of all.
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
    fn weights_are_those_of_the_formula() {
        let mut memory = memory(2, Some(0.5));
        let states = [[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [2.0, 1.0]];
        let places: Vec<usize> = states.iter().zip(5..).map(|(state, token)| memory.push(state, token)).collect();
        assert_eq!(memory.look_back(places[0]), Lookup::default());
        let Lookup { tokens, weights, .. } = memory.look_back(places[3]);
        // Likeness 2 and 3, theta a half.
        let (a, b) = (1f32.exp(), 1.5f32.exp());
        assert_eq!(tokens, [6, 7]);
        assert!((weights[0][0] - a / (a + b)).abs() < 1e-6 && (weights[0][1] - b / (a + b)).abs() < 1e-6);
    }

    #[test]
    fn the_last_cache_knows_what_followed_the_same_tokens() {
        let mut memory = memory(100, None);
        for token in [1, 2, 7, 3, 2, 8, 1, 2, 9] {
            memory.push(&[1.0, 1.0], token);
        }
        let view = memory.look_back(8);
        assert_eq!((view.matched, view.weights.len()), (2, 4));
        assert_eq!(view.weights[3], [0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let view = memory.look_back(5);
        assert_eq!((view.matched, &view.weights[3][..]), (1, &[0.0, 0.0, 1.0, 0.0, 0.0][..]));
        let view = memory.look_back(3);
        assert_eq!((view.matched, view.weights.len()), (0, 3));
    }

    #[test]
    fn what_is_forgotten_is_not_missed() {
        let (mut whole, mut short) = (memory(3, None), memory(3, None));
        for step in 0..50u32 {
            let state = [(step % 7) as f32, (step % 3) as f32];
            let place = whole.push(&state, step % 4);
            assert_eq!(short.push(&state, step % 4), place);
            assert_eq!(whole.look_back(place), short.look_back(place));
            short.forget();
        }
        assert!(short.tokens.len() <= 7);
    }
}
