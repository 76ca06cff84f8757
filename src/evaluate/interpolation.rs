//! Interpolation of predictors with weights that are learned while the text is read; those of each token depend only on
//! the tokens before it.
//!
//! Each token is one step of expectation maximization. There are separate weights for each length of context that the
//! n-gram model knows and each length of match in the cache.

use super::cache::LONGEST_MATCH;

/// The strength of the prior, in tokens.
const PRIOR: f64 = 30.0;
/// The prior weight of all caches together, and that of the n-gram model among the other predictors.
const CACHE_WEIGHT: f64 = 0.1;
const NGRAM_WEIGHT: f64 = 1.0 / 3.0;

pub struct Interpolation {
    /// The expected counts of each predictor: network, n-grams (if any), caches. (contexts * matches, predictors)
    expected_counts: Vec<Vec<f64>>,
    learns: bool,
}

impl Interpolation {
    /// `ngram_weights`: those of the model file, used if `cache_weight` is given and nothing is learned; empty without
    /// an n-gram model.
    pub fn new(ngram_weights: &[f32], caches: usize, cache_weight: Option<f32>) -> Self {
        let divide = |ngram: Option<f64>| {
            let cache = cache_weight.map_or(CACHE_WEIGHT, f64::from);
            let mut weights = vec![(1.0 - cache) * (1.0 - ngram.unwrap_or(0.0))];
            weights.extend(ngram.map(|weight| (1.0 - cache) * weight));
            weights.extend(vec![cache / caches as f64; caches]);
            weights.iter().map(|weight| PRIOR * weight).collect()
        };
        let learns = cache_weight.is_none();
        let expected_counts = if ngram_weights.is_empty() {
            vec![divide(None)]
        } else {
            let weight = |weight: &f32| if learns { NGRAM_WEIGHT } else { f64::from(*weight) };
            ngram_weights.iter().map(|own| divide(Some(weight(own)))).collect::<Vec<_>>()
        };
        let expected_counts = expected_counts.into_iter().flat_map(|counts| vec![counts; LONGEST_MATCH + 1]).collect();
        Self { expected_counts, learns }
    }

    /// Returns the weights of the first `predictors`, which add up to 1, after a context of which the n-gram model
    /// knows `found` tokens and the cache `matched`.
    pub fn weights(&self, (found, matched): (usize, usize), predictors: usize) -> Vec<f64> {
        let counts = &self.expected_counts[found * (LONGEST_MATCH + 1) + matched][..predictors];
        let total: f64 = counts.iter().sum();
        counts.iter().map(|count| count / total).collect()
    }

    /// Updates the weights with the probability of the token under each predictor.
    pub fn learn(&mut self, (found, matched): (usize, usize), probabilities: &[f64]) {
        if !self.learns {
            return;
        }
        let weights = self.weights((found, matched), probabilities.len());
        let parts: Vec<f64> = weights.iter().zip(probabilities).map(|(weight, p)| weight * p).collect();
        let total: f64 = parts.iter().sum();
        if total > 0.0 {
            self.expected_counts[found * (LONGEST_MATCH + 1) + matched]
                .iter_mut()
                .zip(parts)
                .for_each(|(count, part)| *count += part / total);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_predictor_gets_nearly_all_the_weight_in_its_context() {
        let mut interpolation = Interpolation::new(&[0.5, 0.5], 1, None);
        for _ in 0..3000 {
            interpolation.learn((1, 2), &[0.01, 0.001, 0.2]);
        }
        assert!(interpolation.weights((1, 2), 3)[2] > 0.95, "{:?}", interpolation.weights((1, 2), 3));
        for other in [(0, 2), (1, 0)] {
            assert_eq!(interpolation.weights(other, 3), Interpolation::new(&[0.5, 0.5], 1, None).weights(other, 3));
        }
    }

    #[test]
    fn fixed_weights_do_not_change() {
        let mut interpolation = Interpolation::new(&[0.25], 2, Some(0.2));
        interpolation.learn((0, 0), &[0.0, 1.0, 0.0, 0.0]);
        let weights = interpolation.weights((0, 0), 4);
        for (weight, expected) in weights.iter().zip([0.6, 0.2, 0.1, 0.1]) {
            assert!((weight - expected).abs() < 1e-6, "{weights:?}");
        }
        // An empty cache has no weight.
        assert!((interpolation.weights((0, 0), 2)[0] - 0.75).abs() < 1e-6);
    }
}
