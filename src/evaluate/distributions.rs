//! The predicted distributions at one position of a text.

use super::TokenScore;
use crate::ngram::Ngram;
use crate::simd::vectors;

/// The distributions at one position. The memory is reused for other positions.
#[derive(Default)]
pub struct Distributions {
    /// The network's probabilities. (vocab_size)
    pub network: Vec<f32>,
    /// The n-gram model's probabilities, if there is one. (vocab_size)
    pub ngram: Vec<f32>,
    /// The mixture. (vocab_size)
    pub mixed: Vec<f32>,
    /// The length of the context that the n-gram model knows.
    pub found: usize,
}

impl Distributions {
    /// Converts the network's logits to probabilities and scores the target.
    pub fn read_network(&mut self, logits: &[f32], target: u32) -> TokenScore {
        self.mixed.clear();
        self.mixed.extend_from_slice(logits);
        self.network.resize(logits.len(), 0.0);
        let max = vectors::max(logits);
        let total = vectors::exp_all_f64(&mut self.mixed, max);
        vectors::scale((1.0 / total) as f32, &self.mixed, &mut self.network);
        // Not computed from the probability, which may underflow.
        let log_likelihood = f64::from(logits[target as usize] - max) - total.ln();
        TokenScore { log_likelihood, rank: rank(target, logits) }
    }

    /// Computes the n-gram model's distribution and scores the target under the mixture with the model's own weights.
    pub fn read_ngram(&mut self, ngram: &Ngram, context: &[u32], target: u32, network: TokenScore) -> TokenScore {
        self.ngram.resize(self.network.len(), 0.0);
        let begin = context.len().saturating_sub(ngram.order() - 1);
        self.found = ngram.distribution(&context[begin..], &mut self.ngram);
        let weight = ngram.weights[self.found];
        if weight == 0.0 {
            return network;
        }
        self.mix(1.0 - weight, weight);
        let (weight, own) = (f64::from(weight), f64::from(self.ngram[target as usize]));
        TokenScore {
            log_likelihood: (weight * own + (1.0 - weight) * network.log_likelihood.exp()).ln(),
            rank: rank(target, &self.mixed),
        }
    }

    /// Stores the weighted sum of the two distributions in [`mixed`](Self::mixed).
    pub fn mix(&mut self, network: f32, ngram: f32) {
        vectors::scale(network, &self.network, &mut self.mixed);
        vectors::add_scaled(ngram, &self.ngram, &mut self.mixed);
    }
}

/// Returns the rank of a token by descending weight, from 1; ties are ranked by id.
pub fn rank(target: u32, weights: &[f32]) -> u32 {
    let (before, rest) = weights.split_at(target as usize);
    1 + vectors::count_above(before, rest[0].next_down()) + vectors::count_above(&rest[1..], rest[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_are_ranked_by_id_and_tiny_probabilities_do_not_underflow() {
        let logits = [1.0, 3.0, 1.0, 2.0];
        assert_eq!([0, 1, 2, 3].map(|token| rank(token, &logits)), [3, 1, 4, 2]);
        let mut row = Distributions::default();
        let score = row.read_network(&[0.0, 300.0], 0);
        assert_eq!((score.log_likelihood, score.rank), (-300.0, 2));
    }
}
