//! The metrics of texts, from the scores of their tokens.

use serde::Serialize;

use super::{Text, TokenScore};
use crate::text::UNKNOWN_ID;

/// Sums over the tokens of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MetricSums {
    pub tokens: usize,
    pub unknown: usize,
    characters: usize,
    words: usize,
    /// The negative log-likelihood of all tokens and of the unknown ones, in nats.
    nats: f64,
    unknown_nats: f64,
    first: usize,
    first_five: usize,
}

/// The metrics of a text; NaN if there is nothing to divide by.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Metrics {
    pub tokens: usize,
    /// The number of tokens that are not in the vocabulary.
    pub unknown: usize,
    /// The mean cross-entropy in nats per token.
    pub loss: f64,
    /// The exponential of the loss.
    pub perplexity: f64,
    /// The perplexity of the tokens in the vocabulary.
    pub known_perplexity: f64,
    pub bits_per_character: f64,
    pub bits_per_word: f64,
    /// The fractions of tokens that were ranked first, and among the first five.
    pub accuracy: f64,
    pub top5_accuracy: f64,
}

impl MetricSums {
    /// Adds a text with the scores of its targets under one predictor.
    pub fn add(&mut self, text: &Text, scores: impl Iterator<Item = TokenScore>) {
        self.characters += text.characters;
        self.words += text.words;
        for (&token, score) in text.targets().iter().zip(scores) {
            self.tokens += 1;
            self.nats -= score.log_likelihood;
            if token == UNKNOWN_ID {
                self.unknown += 1;
                self.unknown_nats -= score.log_likelihood;
            }
            self.first += usize::from(score.rank == 1);
            self.first_five += usize::from(score.rank <= 5);
        }
    }

    pub fn metrics(&self) -> Metrics {
        let loss = self.nats / self.tokens as f64;
        let bits = self.nats / std::f64::consts::LN_2;
        Metrics {
            tokens: self.tokens,
            unknown: self.unknown,
            loss,
            perplexity: loss.exp(),
            known_perplexity: ((self.nats - self.unknown_nats) / (self.tokens - self.unknown) as f64).exp(),
            bits_per_character: bits / self.characters as f64,
            bits_per_word: bits / self.words as f64,
            accuracy: self.first as f64 / self.tokens as f64,
            top5_accuracy: self.first_five as f64 / self.tokens as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_match_their_definitions() {
        let text = Text { tokens: vec![9, 1, 0, 2], context: 1, characters: 8, words: 2, unknown: Vec::new() };
        let score = |probability: f64, rank| TokenScore { log_likelihood: probability.ln(), rank };
        let mut sums = MetricSums::default();
        sums.add(&text, [score(0.5, 1), score(0.125, 6), score(0.25, 2)].into_iter());
        let metrics = sums.metrics();
        assert_eq!((metrics.tokens, metrics.unknown), (3, 1));
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(metrics.perplexity, 4.0);
        near(metrics.known_perplexity, 8f64.sqrt());
        near(metrics.bits_per_character, 6.0 / 8.0);
        near(metrics.bits_per_word, 3.0);
        near(metrics.accuracy, 1.0 / 3.0);
        near(metrics.top5_accuracy, 2.0 / 3.0);
    }
}
