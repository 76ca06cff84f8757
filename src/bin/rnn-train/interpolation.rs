//! Interpolation of the network with an n-gram model of the text, and its loss on the validation part.

use rnn_tools::ngram::Ngram;

/// An n-gram model, and its probabilities of the validation part's tokens.
pub struct Interpolation {
    /// The n-gram model, with the interpolation weights fitted last.
    pub ngram: Ngram,
    /// The probability of each target of the validation part, and the length of the context found.
    probabilities: Vec<(f32, usize)>,
    /// The loss of network and n-gram model together, in nats per token.
    pub loss: f64,
}

impl Interpolation {
    /// Counts the n-grams of the training part. `targets` holds two positions for each target of the validation part:
    /// where its text begins, and its own.
    pub fn new(train: &[u32], valid: &[u32], targets: &[(usize, usize)], vocab_size: usize, order: usize) -> Self {
        let ngram = Ngram::count(train, vocab_size, order);
        let probability = |&(begin, at): &(usize, usize)| {
            let begin = begin.max((at + 1).saturating_sub(order));
            ngram.probability(&valid[begin..at], valid[at])
        };
        Self { probabilities: targets.iter().map(probability).collect(), ngram, loss: f64::NAN }
    }

    /// Fits the interpolation weights, given the network's log-likelihoods of the validation part's targets.
    pub fn fit(&mut self, log_likelihoods: &[f32]) {
        let network: Vec<f32> = log_likelihoods.iter().map(|l| l.exp()).collect();
        self.ngram.fit_weights(&network, &self.probabilities);
        self.loss = self.ngram.interpolated_loss(&network, &self.probabilities);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contexts_do_not_cross_the_beginning_of_a_text() {
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
