//! One place of a text: the distributions over the token that stands there.

use super::Guess;
use crate::math::exp;
use crate::ngram::Ngram;

const LANES: usize = 16;

/// The distributions at one place, and room for the next.
#[derive(Default)]
pub struct Row {
    /// The network's probabilities. (vocab_size)
    pub network: Vec<f32>,
    /// The n-gram model's, where there is one. (vocab_size)
    pub ngram: Vec<f32>,
    /// Length of the context that the n-gram model knows.
    pub found: usize,
}

impl Row {
    /// Takes the network's logits, and guesses the target from them.
    pub fn read_network(&mut self, logits: &[f32], target: u32) -> Guess {
        let highest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        self.network.clear();
        self.network.extend(logits.iter().map(|&logit| exp(logit - highest)));
        let total = sum(&self.network);
        let scale = (1.0 / total) as f32;
        self.network.iter_mut().for_each(|p| *p *= scale);
        // Not from the probability, which may be too small for a float.
        let log_likelihood = f64::from(logits[target as usize] - highest) - total.ln();
        Guess { log_likelihood, rank: rank(target, |token| logits[token], logits.len()) }
    }

    /// Takes the n-gram model's distribution after the context, and guesses from both with its shares.
    pub fn read_ngram(&mut self, ngram: &Ngram, context: &[u32], target: u32, network: Guess) -> Guess {
        self.ngram.resize(self.network.len(), 0.0);
        let begin = context.len().saturating_sub(ngram.order() - 1);
        self.found = ngram.distribution(&context[begin..], &mut self.ngram);
        let share = ngram.shares[self.found];
        if share == 0.0 {
            return network;
        }
        let mixed = |token: usize| share * self.ngram[token] + (1.0 - share) * self.network[token];
        let (share, own) = (f64::from(share), f64::from(self.ngram[target as usize]));
        Guess {
            log_likelihood: (share * own + (1.0 - share) * network.log_likelihood.exp()).ln(),
            rank: rank(target, mixed, self.network.len()),
        }
    }
}

/// The place of a token by falling weight, from 1; of equals the first token comes first.
pub fn rank(target: u32, weight: impl Fn(usize) -> f32, vocab_size: usize) -> u32 {
    let target = target as usize;
    let own = weight(target);
    let before: usize = (0..target).map(|token| usize::from(weight(token) >= own)).sum();
    let after: usize = (target + 1..vocab_size).map(|token| usize::from(weight(token) > own)).sum();
    (1 + before + after) as u32
}

/// In double precision, in a fixed order that vector instructions can follow.
fn sum(numbers: &[f32]) -> f64 {
    let mut lanes = [0f64; LANES];
    let chunks = numbers.chunks_exact(LANES);
    let rest: f64 = chunks.remainder().iter().map(|&x| f64::from(x)).sum();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f64::from(x);
        }
    }
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_are_ranked_in_order_and_tiny_probabilities_kept() {
        let logits = [1.0, 3.0, 1.0, 2.0];
        assert_eq!([0, 1, 2, 3].map(|token| rank(token, |t| logits[t as usize], 4)), [3, 1, 4, 2]);
        let mut row = Row::default();
        let guess = row.read_network(&[0.0, 300.0], 0);
        assert_eq!((guess.log_likelihood, guess.rank), (-300.0, 2));
    }
}
