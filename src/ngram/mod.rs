//! An n-gram model of the training text, which is interpolated with the network.
//!
//! It uses interpolated modified Kneser-Ney smoothing (Chen and Goodman 1999) over a trie of token counts. Counts
//! capture exact phrases better than a network trained on one book, and the network captures everything else; together
//! they predict better than either. The interpolation weights are fitted on the validation split.

mod count;
mod file;

use crate::error::{Error, Result};
use crate::simd::math::ln;
use crate::simd::vectors;
pub use file::{entries, from_container};

/// An n-gram model of one text.
#[derive(Clone, Debug, PartialEq)]
pub struct Ngram {
    /// One level for each n-gram length, from 1 to order. The first contains every token of the vocabulary.
    pub levels: Vec<TrieLevel>,
    /// The weights of the n-gram model in the mixture, by the length of the longest known context. (order)
    pub weights: Vec<f32>,
}

/// The n-grams of one length, sorted. An n-gram's continuations are a range of the next level.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TrieLevel {
    /// The last token of each n-gram.
    pub tokens: Vec<u32>,
    /// At the last level, the number of occurrences; at the others, the number of different preceding tokens.
    pub counts: Vec<u32>,
    /// The start of each n-gram's continuations in the next level, and the end of the last one's. Empty at the last
    /// level.
    pub children: Vec<u32>,
    /// The discounts of counts of 1, 2, and 3 or more.
    pub discounts: [f32; 3],
}

impl Ngram {
    /// Counts the n-grams of a text, up to `order` tokens long. The weights are zero until they are fitted.
    pub fn count(tokens: &[u32], vocab_size: usize, order: usize) -> Self {
        Self { levels: count::levels(tokens, vocab_size, order), weights: vec![0.0; order] }
    }

    pub fn order(&self) -> usize {
        self.levels.len()
    }

    /// Rejects a trie that contains invalid indices or does not match the vocabulary.
    pub fn check(&self, vocab_size: usize) -> Result<()> {
        let damaged = |what: &str| Err(Error::invalid(format!("the n-gram model is damaged: {what}")));
        if self.levels.is_empty() || self.weights.len() != self.levels.len() {
            return damaged("the numbers of weights and levels differ");
        }
        if !self.weights.iter().all(|weight| (0.0..=1.0).contains(weight)) {
            return damaged("a weight is not between 0 and 1");
        }
        if !self.levels[0].tokens.iter().copied().eq(0..vocab_size as u32) {
            return damaged("the first level is not the vocabulary");
        }
        for (index, level) in self.levels.iter().enumerate() {
            if level.counts.len() != level.tokens.len() || level.tokens.iter().any(|&t| t as usize >= vocab_size) {
                return damaged("the tokens and counts of a level do not match");
            }
            if !level.discounts.iter().all(|d| d.is_finite() && *d >= 0.0) {
                return damaged("a discount is not a finite number of 0 or more");
            }
            let Some(next) = self.levels.get(index + 1) else { break };
            let ends = (level.children.first(), level.children.last());
            if level.children.len() != level.tokens.len() + 1
                || ends != (Some(&0), Some(&(next.tokens.len() as u32)))
                || !level.children.is_sorted()
            {
                return damaged("the continuations of a level do not match the next level");
            }
        }
        Ok(())
    }

    /// Computes the probability of each token after a context; returns the length of the longest known suffix of the
    /// context. `probabilities`: (vocab_size)
    pub fn distribution(&self, context: &[u32], probabilities: &mut [f32]) -> usize {
        probabilities.fill(1.0 / probabilities.len() as f32);
        self.for_each_suffix(context, |level, range, total, rest| {
            for p in probabilities.iter_mut() {
                *p *= rest;
            }
            for at in range {
                probabilities[level.tokens[at] as usize] += level.discounted(at) / total;
            }
        })
    }

    /// Returns the probability of one token after a context, and the length of the longest known suffix of the context.
    pub fn probability(&self, context: &[u32], token: u32) -> (f32, usize) {
        let mut probability = 1.0 / self.levels[0].tokens.len() as f32;
        let found = self.for_each_suffix(context, |level, range, total, rest| {
            probability *= rest;
            if let Ok(at) = level.tokens[range.clone()].binary_search(&token) {
                probability += level.discounted(range.start + at) / total;
            }
        });
        (probability, found)
    }

    /// Calls `add` for each known suffix of the context, from the empty one up, with the level and range of its
    /// continuations, the sum of their counts, and the weight of shorter contexts. Returns the length of the longest
    /// known suffix.
    fn for_each_suffix(
        &self,
        context: &[u32],
        mut add: impl FnMut(&TrieLevel, std::ops::Range<usize>, f32, f32),
    ) -> usize {
        let mut found = 0;
        for length in 0..self.order().min(context.len() + 1) {
            let Some(range) = self.continuations(&context[context.len() - length..]) else { break };
            let level = &self.levels[length];
            let (mut total, mut taken) = (0.0, 0.0);
            for at in range.clone() {
                total += level.counts[at] as f32;
                taken += level.counts[at] as f32 - level.discounted(at);
            }
            if total == 0.0 {
                break;
            }
            add(level, range, total, taken / total);
            found = length;
        }
        found
    }

    /// Returns the range of the continuations of `context` in the next level, if it has any.
    fn continuations(&self, context: &[u32]) -> Option<std::ops::Range<usize>> {
        let mut range = 0..self.levels[0].tokens.len();
        for (level, token) in self.levels.iter().zip(context) {
            let at = range.start + level.tokens[range].binary_search(token).ok()?;
            range = level.children[at] as usize..level.children[at + 1] as usize;
        }
        (!range.is_empty()).then_some(range)
    }

    /// Replaces a network's logits after `context` with the log-probabilities of the mixture. `logits` and `scratch`:
    /// (vocab_size)
    pub fn interpolate(&self, context: &[u32], logits: &mut [f32], scratch: &mut [f32]) {
        let found = self.distribution(context, scratch);
        let weight = self.weights[found];
        let max = vectors::max(logits);
        vectors::exp_scaled(logits, max, 1.0);
        let rest = ((1.0 - f64::from(weight)) / vectors::sum(logits)) as f32;
        for (logit, probability) in logits.iter_mut().zip(scratch) {
            *logit = ln(rest * *logit + weight * *probability);
        }
    }

    /// Fits the weights by expectation maximization, one for each length of known context, to the probabilities of the
    /// tokens of a held-out text. `network`: the probability of each token. `ngram`: the probability and context length
    /// of each token.
    pub fn fit_weights(&mut self, network: &[f32], ngram: &[(f32, usize)]) {
        const ROUNDS: usize = 50;
        /// The strength of the uniform prior, in tokens.
        const PRIOR: f32 = 1.0;
        let mut weights = vec![0.5; self.order()];
        for _ in 0..ROUNDS {
            let (mut credit, mut tokens) = (vec![PRIOR / 2.0; weights.len()], vec![PRIOR; weights.len()]);
            for (&p, &(q, found)) in network.iter().zip(ngram) {
                let (ours, theirs) = (weights[found] * q, (1.0 - weights[found]) * p);
                credit[found] += ours / (ours + theirs).max(f32::MIN_POSITIVE);
                tokens[found] += 1.0;
            }
            for (weight, (credit, tokens)) in weights.iter_mut().zip(credit.iter().zip(&tokens)) {
                *weight = credit / tokens;
            }
        }
        self.weights = weights;
    }

    /// Returns the mean cross-entropy of the mixture in nats per token. The arguments are those of
    /// [`fit_weights`](Self::fit_weights).
    pub fn interpolated_loss(&self, network: &[f32], ngram: &[(f32, usize)]) -> f64 {
        let nats = network.iter().zip(ngram).map(|(&p, &(q, found))| {
            let weight = self.weights[found];
            -f64::from(weight * q + (1.0 - weight) * p).ln()
        });
        nats.sum::<f64>() / network.len() as f64
    }
}

impl TrieLevel {
    fn discounted(&self, at: usize) -> f32 {
        match self.counts[at] {
            0 => 0.0,
            count => count as f32 - self.discounts[count.min(3) as usize - 1],
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;
    use crate::random::Rng;

    fn text(length: usize, vocab_size: u32) -> Vec<u32> {
        let mut rng = Rng::new(9);
        // Small ids are frequent, like common words.
        (0..length).map(|_| (rng.uniform().powi(2) * f64::from(vocab_size)) as u32).collect()
    }

    /// Computes the formula of Chen and Goodman from maps of counts, in double precision.
    fn naive(text: &[u32], vocab_size: usize, order: usize, context: &[u32], token: u32) -> f64 {
        let mut probability = 1.0 / vocab_size as f64;
        for n in 1..=order.min(context.len() + 1) {
            let raw: HashSet<&[u32]> = text.windows(n).collect();
            let count = |gram: &[u32]| -> usize {
                if n == order {
                    text.windows(n).filter(|w| *w == gram).count()
                } else {
                    let before = text.windows(n + 1).filter(|w| &w[1..] == gram).map(|w| w[0]);
                    before.collect::<HashSet<u32>>().len().max(usize::from(raw.contains(gram)))
                }
            };
            let counts: HashMap<&[u32], usize> = raw.iter().map(|gram| (*gram, count(gram))).collect();
            let of = |c: usize| counts.values().filter(|&&v| v == c).count() as f64;
            let y = of(1) / (of(1) + 2.0 * of(2));
            let discount = |c: usize| match (c, c as f64 - (c + 1) as f64 * y * of(c + 1) / of(c)) {
                (0, _) => 0.0,
                (1 | 2, d) if d > 0.0 && d < c as f64 => d,
                (1 | 2, _) => c as f64 / 2.0,
                _ => match 3.0 - 4.0 * y * of(4) / of(3) {
                    d if d > 0.0 && d < 3.0 => d,
                    _ => 1.5,
                },
            };
            let start = &context[context.len() + 1 - n..];
            let after: Vec<usize> =
                counts.iter().filter(|(gram, _)| gram.starts_with(start)).map(|(_, &c)| c).collect();
            let total: usize = after.iter().sum();
            if total == 0 {
                break;
            }
            let rest: f64 = after.iter().map(|&c| discount(c)).sum::<f64>() / total as f64;
            let own = counts.get([start, &[token]].concat().as_slice()).copied().unwrap_or(0);
            probability = (own as f64 - discount(own)) / total as f64 + rest * probability;
        }
        probability
    }

    #[test]
    fn probabilities_match_the_formula() {
        let (text, vocab_size) = (text(600, 25), 30);
        for order in 1..=3 {
            let ngram = Ngram::count(&text, vocab_size, order);
            ngram.check(vocab_size).unwrap();
            let mut all = vec![0.0; vocab_size];
            for context in [&[][..], &[3], &[0, 1], &[29], &[7, 29], &[29, 7], &text[100..104]] {
                let found = ngram.distribution(context, &mut all);
                assert!((all.iter().sum::<f32>() - 1.0).abs() < 1e-4);
                for token in 0..vocab_size as u32 {
                    let expected = naive(&text, vocab_size, order, context, token);
                    assert!((f64::from(all[token as usize]) - expected).abs() < 1e-5, "{order} {context:?} {token}");
                    let (probability, also_found) = ngram.probability(context, token);
                    assert!((probability - all[token as usize]).abs() < 1e-6);
                    assert_eq!(also_found, found);
                }
            }
        }
    }

    #[test]
    fn short_and_uniform_texts_have_a_distribution_too() {
        for text in [&[1u32][..], &[1, 1, 1, 1], &[0, 1, 2, 3, 4]] {
            let ngram = Ngram::count(text, 5, 3);
            ngram.check(5).unwrap();
            let mut all = vec![0.0; 5];
            for context in [&[][..], &[1], &[1, 1], &[4, 0]] {
                ngram.distribution(context, &mut all);
                assert!((all.iter().sum::<f32>() - 1.0).abs() < 1e-5 && all.iter().all(|p| *p >= 0.0), "{all:?}");
            }
        }
    }

    #[test]
    fn the_better_model_gets_the_larger_weight() {
        let mut ngram = Ngram::count(&[0, 1, 0, 1], 2, 2);
        let network = [0.5, 0.5, 0.1, 0.1];
        ngram.fit_weights(&network, &[(0.1, 0), (0.1, 0), (0.9, 1), (0.9, 1)]);
        assert!(ngram.weights[0] < 0.3 && ngram.weights[1] > 0.7, "{:?}", ngram.weights);
        let alone = network.iter().map(|p| -f64::from(*p).ln()).sum::<f64>() / 4.0;
        assert!(ngram.interpolated_loss(&network, &[(0.1, 0), (0.1, 0), (0.9, 1), (0.9, 1)]) < alone);
    }

    #[test]
    fn a_mixture_is_the_weighted_sum_of_probabilities() {
        let mut ngram = Ngram::count(&text(200, 8), 8, 3);
        ngram.weights = vec![0.0, 0.25, 1.0];
        let logits: Vec<f32> = (0..8).map(|i| (i * i % 5) as f32).collect();
        let total: f32 = logits.iter().map(|l| l.exp()).sum();
        for context in [&[][..], &[2], &[0, 0]] {
            let (mut mixed, mut scratch) = (logits.clone(), vec![0.0; 8]);
            ngram.interpolate(context, &mut mixed, &mut scratch);
            for token in 0..8 {
                let (q, found) = ngram.probability(context, token as u32);
                let weight = ngram.weights[found];
                let expected = weight * q + (1.0 - weight) * logits[token].exp() / total;
                assert!((mixed[token].exp() - expected).abs() < 1e-5);
            }
        }
    }

    #[test]
    fn damaged_models_are_rejected() {
        let good = Ngram::count(&text(200, 8), 8, 3);
        let damaged = |harm: &dyn Fn(&mut Ngram)| {
            let mut bad = good.clone();
            harm(&mut bad);
            bad.check(8).is_err()
        };
        assert!(damaged(&|n| n.levels[1].tokens[3] = 8));
        assert!(damaged(&|n| n.levels[0].children[3] = u32::MAX));
        assert!(damaged(&|n| *n.levels[1].children.last_mut().unwrap() += 1));
        assert!(damaged(&|n| n.levels[2].counts.truncate(1)));
        assert!(damaged(&|n| n.weights[0] = f32::NAN));
        assert!(damaged(&|n| n.levels[1].discounts[0] = f32::INFINITY));
        assert!(good.check(9).is_err());
    }
}
