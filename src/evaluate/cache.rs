//! The continuous cache (Grave, Joulin and Usunier 2017): the tokens that were read, each with the state that stood
//! before it. What followed states like the present one is likely now.

use super::Cache;
use super::vectors::dot;
use crate::math::exp;

/// The mixed caches' thetas where none is given, in units of 1 / mean square length of the states: the right
/// theta depends on how long a network's states are.
const THETAS: [f32; 3] = [5.0, 10.0, 20.0];

pub struct Memory {
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

impl Memory {
    pub fn new(cache: Cache, size: usize) -> Self {
        let Cache { window, theta, .. } = cache;
        let (states, tokens, scales) = (Vec::new(), Vec::new(), Vec::new());
        Self { window, theta, size, states, tokens, scales, first: 0, squares: 0.0 }
    }

    /// How many caches there are: one for each theta.
    pub fn caches(&self) -> usize {
        if self.theta.is_some() { 1 } else { THETAS.len() }
    }

    /// Adds a token with the state before it, and gives its place.
    pub fn push(&mut self, state: &[f32], token: u32) -> usize {
        let place = self.first + self.tokens.len();
        self.squares += f64::from(dot(state, state));
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

    /// The tokens before a place that was added, and each cache's weights of them. Nothing at the first place.
    pub fn look_back(&self, place: usize) -> (&[u32], Vec<Vec<f32>>) {
        let end = place - self.first;
        let begin = end.saturating_sub(self.window);
        if begin == end {
            return (&[], Vec::new());
        }
        let state = &self.states[end * self.size..][..self.size];
        let before = self.states[begin * self.size..end * self.size].chunks_exact(self.size);
        let likeness: Vec<f32> = before.map(|other| dot(other, state)).collect();
        let highest = likeness.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let scale = self.scales[end].max(f32::MIN_POSITIVE);
        let thetas = self.theta.map_or_else(|| THETAS.map(|theta| theta / scale).to_vec(), |theta| vec![theta]);
        let weights = |theta: f32| {
            let mut weights: Vec<f32> = likeness.iter().map(|like| exp(theta * (like - highest))).collect();
            let total: f64 = weights.iter().map(|&weight| f64::from(weight)).sum();
            weights.iter_mut().for_each(|weight| *weight = (f64::from(*weight) / total) as f32);
            weights
        };
        (&self.tokens[begin..end], thetas.into_iter().map(weights).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory(window: usize, theta: Option<f32>) -> Memory {
        Memory::new(Cache { window, theta, share: None }, 2)
    }

    #[test]
    fn weights_are_those_of_the_formula() {
        let mut memory = memory(2, Some(0.5));
        let states = [[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [2.0, 1.0]];
        let places: Vec<usize> = states.iter().zip(5..).map(|(state, token)| memory.push(state, token)).collect();
        assert_eq!(memory.look_back(places[0]), (&[][..], vec![]));
        let (tokens, weights) = memory.look_back(places[3]);
        // Likeness 2 and 3, theta a half.
        let (a, b) = (1f32.exp(), 1.5f32.exp());
        assert_eq!(tokens, [6, 7]);
        assert!((weights[0][0] - a / (a + b)).abs() < 1e-6 && (weights[0][1] - b / (a + b)).abs() < 1e-6);
    }

    #[test]
    fn what_is_forgotten_is_not_missed() {
        let (mut whole, mut short) = (memory(3, None), memory(3, None));
        for step in 0..50u32 {
            let state = [(step % 7) as f32, (step % 3) as f32];
            let place = whole.push(&state, step);
            assert_eq!(short.push(&state, step), place);
            assert_eq!(whole.look_back(place), short.look_back(place));
            short.forget();
        }
        assert!(short.tokens.len() <= 7);
    }
}
