//! The book's n-gram model beside the network, and what the two reach together on the validation part.

use rnn_tools::ngram::Ngram;

/// An n-gram model, and what it gives to the validation part's tokens.
pub struct Interpolation {
    /// With the shares that were learned last.
    pub ngram: Ngram,
    /// Probability and length of the found context, one for each target of the validation part.
    probabilities: Vec<(f32, usize)>,
    /// Nats a token, of network and n-gram model together.
    pub loss: f64,
}

impl Interpolation {
    /// Counts the training part. For each target of the validation part `targets` has where its text begins, and where
    /// it stands.
    pub fn new(train: &[u32], valid: &[u32], targets: &[(usize, usize)], vocab_size: usize, order: usize) -> Self {
        let ngram = Ngram::count(train, vocab_size, order);
        let probability = |&(begin, at): &(usize, usize)| {
            let begin = begin.max((at + 1).saturating_sub(order));
            ngram.probability(&valid[begin..at], valid[at])
        };
        Self { probabilities: targets.iter().map(probability).collect(), ngram, loss: f64::NAN }
    }

    /// Learns how much weight the n-gram model deserves beside a network that gives the validation part's
    /// targets these log-likelihoods.
    pub fn learn(&mut self, log_likelihoods: &[f32]) {
        let network: Vec<f32> = log_likelihoods.iter().map(|l| l.exp()).collect();
        self.ngram.fit_weights(&network, &self.probabilities);
        self.loss = self.ngram.interpolated_loss(&network, &self.probabilities);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_do_not_reach_beyond_the_beginning_of_a_text() {
        let train = [0, 1, 2, 0, 1, 2, 0, 1, 2];
        let valid = [0, 1, 2, 0, 2, 2, 1, 0, 1];
        let interpolation = Interpolation::new(&train, &valid, &[(0, 1), (0, 3), (4, 5), (4, 7)], 3, 3);
        let expected: Vec<(f32, usize)> = [(&valid[..1], 1), (&valid[1..3], 0), (&valid[4..5], 2), (&valid[5..7], 0)]
            .iter()
            .map(|&(context, token)| interpolation.ngram.probability(context, token))
            .collect();
        assert_eq!(interpolation.probabilities, expected);
    }
}
