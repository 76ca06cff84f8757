//! The book's n-gram model beside the network, and what the two reach together on the validation part.

use rnn_tools::dataset::Streams;
use rnn_tools::ngram::Ngram;

/// An n-gram model, and what it gives to the validation part's tokens.
pub struct Mixture {
    /// With the shares that were learned last.
    pub ngram: Ngram,
    /// Probability and length of the found context, one for each target of the validation part, in the order
    /// (time, stream).
    probabilities: Vec<(f32, usize)>,
    /// Nats a token, of network and n-gram model together.
    pub loss: f64,
}

impl Mixture {
    /// Counts the training part. `streams` are those in which the validation part is read.
    pub fn new(train: &[u32], valid: &[u32], streams: Streams, vocab_size: usize, order: usize) -> Self {
        let ngram = Ngram::count(train, vocab_size, order);
        let places = (1..streams.length).flat_map(|time| (0..streams.count).map(move |stream| (stream, time)));
        let probability = |(stream, time): (usize, usize)| {
            let end = stream * streams.length + time;
            let begin = end - time.min(order - 1);
            ngram.probability(&valid[begin..end], valid[end])
        };
        Self { probabilities: places.map(probability).collect(), ngram, loss: f64::NAN }
    }

    /// Learns how much weight the n-gram model deserves beside a network that gives the validation part's
    /// targets these log-likelihoods, in the order (time, stream).
    pub fn learn(&mut self, log_likelihoods: &[f32]) {
        let network: Vec<f32> = log_likelihoods.iter().map(|l| l.exp()).collect();
        self.ngram.learn_shares(&network, &self.probabilities);
        self.loss = self.ngram.mixed_loss(&network, &self.probabilities);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_stand_in_the_order_of_the_windows() {
        let train = [0, 1, 2, 0, 1, 2, 0, 1, 2];
        let valid = [0, 1, 2, 0, 2, 2, 1, 0, 1];
        let streams = Streams::new(valid.len(), 2).unwrap();
        let mixture = Mixture::new(&train, &valid, streams, 3, 2);
        let expected: Vec<(f32, usize)> = [(0, 1), (2, 2), (1, 2), (2, 1), (2, 0), (1, 0)]
            .iter()
            .map(|&(context, token)| mixture.ngram.probability(&[context], token))
            .collect();
        assert_eq!(mixture.probabilities, expected);
    }
}
