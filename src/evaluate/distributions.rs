//! One place of a text: the distributions over the token that stands there.

use super::TokenScore;
use crate::ngram::Ngram;
use crate::simd::vectors;

/// The distributions at one place, and room for the next.
#[derive(Default)]
pub struct Distributions {
    /// The network's probabilities. (vocab_size)
    pub network: Vec<f32>,
    /// The n-gram model's, where there is one. (vocab_size)
    pub ngram: Vec<f32>,
    /// A mixture of them. (vocab_size)
    pub mixed: Vec<f32>,
    /// Length of the context that the n-gram model knows.
    pub found: usize,
}

impl Distributions {
    /// Takes the network's logits, and scores the target from them.
    pub fn read_network(&mut self, logits: &[f32], target: u32) -> TokenScore {
        self.mixed.clear();
        self.mixed.extend_from_slice(logits);
        self.network.resize(logits.len(), 0.0);
        let max = vectors::max(logits);
        let total = vectors::exp_all_f64(&mut self.mixed, max);
        vectors::scale((1.0 / total) as f32, &self.mixed, &mut self.network);
        // Not from the probability, which may be too small for a float.
        let log_likelihood = f64::from(logits[target as usize] - max) - total.ln();
        TokenScore { log_likelihood, rank: rank(target, logits) }
    }

    /// Takes the n-gram model's distribution after the context, and scores from both with its shares.
    pub fn read_ngram(&mut self, ngram: &Ngram, context: &[u32], target: u32, network: TokenScore) -> TokenScore {
        self.ngram.resize(self.network.len(), 0.0);
        let begin = context.len().saturating_sub(ngram.order() - 1);
        self.found = ngram.distribution(&context[begin..], &mut self.ngram);
        let share = ngram.weights[self.found];
        if share == 0.0 {
            return network;
        }
        self.mix(1.0 - share, share);
        let (share, own) = (f64::from(share), f64::from(self.ngram[target as usize]));
        TokenScore {
            log_likelihood: (share * own + (1.0 - share) * network.log_likelihood.exp()).ln(),
            rank: rank(target, &self.mixed),
        }
    }

    /// The two distributions with these shares, in [`mixed`](Self::mixed).
    pub fn mix(&mut self, network: f32, ngram: f32) {
        vectors::scale(network, &self.network, &mut self.mixed);
        vectors::add_scaled(ngram, &self.ngram, &mut self.mixed);
    }
}

/// The place of a token by falling weight, from 1; of equals the first token comes first.
pub fn rank(target: u32, weights: &[f32]) -> u32 {
    let (before, rest) = weights.split_at(target as usize);
    1 + vectors::count_above(before, rest[0].next_down()) + vectors::count_above(&rest[1..], rest[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_are_ranked_in_order_and_tiny_probabilities_kept() {
        let logits = [1.0, 3.0, 1.0, 2.0];
        assert_eq!([0, 1, 2, 3].map(|token| rank(token, &logits)), [3, 1, 4, 2]);
        let mut row = Distributions::default();
        let score = row.read_network(&[0.0, 300.0], 0);
        assert_eq!((score.log_likelihood, score.rank), (-300.0, 2));
    }
}
