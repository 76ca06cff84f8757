//! A mixture whose shares are learned while the text is read, each token's from the tokens before it.
//!
//! Expectation maximisation with one step a token: whoever saw the token coming gets the credit for it. There are
//! shares of their own for each length of context that the n-gram model knows and each that the cache has seen.

use super::cache::LONGEST_MATCH;

/// Credit that is there before anything is read, as if so many tokens had been divided.
const PRIOR: f64 = 30.0;
/// How it is divided: what all caches together get, and of the rest the n-gram model.
const CACHE_SHARE: f64 = 0.1;
const NGRAM_SHARE: f64 = 1.0 / 3.0;

pub struct Interpolation {
    /// In the order: network, n-grams if there are some, caches. (contexts, matches, predictors)
    credit: Vec<Vec<f64>>,
    learns: bool,
}

impl Interpolation {
    /// `ngram_shares`: those of the model file, used where the caches' share is given and nothing is learned;
    /// empty without n-grams.
    pub fn new(ngram_shares: &[f32], caches: usize, cache_share: Option<f32>) -> Self {
        let divide = |ngram: Option<f64>| {
            let cache = cache_share.map_or(CACHE_SHARE, f64::from);
            let mut shares = vec![(1.0 - cache) * (1.0 - ngram.unwrap_or(0.0))];
            shares.extend(ngram.map(|share| (1.0 - cache) * share));
            shares.extend(vec![cache / caches as f64; caches]);
            shares.iter().map(|share| PRIOR * share).collect()
        };
        let learns = cache_share.is_none();
        let credit = if ngram_shares.is_empty() {
            vec![divide(None)]
        } else {
            let share = |share: &f32| if learns { NGRAM_SHARE } else { f64::from(*share) };
            ngram_shares.iter().map(|own| divide(Some(share(own)))).collect::<Vec<_>>()
        };
        let credit = credit.into_iter().flat_map(|credit| vec![credit; LONGEST_MATCH + 1]).collect();
        Self { credit, learns }
    }

    /// The shares of the first `predictors`, which add up to 1, after a context of which the n-gram model knows `found`
    /// tokens and the cache `matched`.
    pub fn shares(&self, (found, matched): (usize, usize), predictors: usize) -> Vec<f64> {
        let credit = &self.credit[found * (LONGEST_MATCH + 1) + matched][..predictors];
        let total: f64 = credit.iter().sum();
        credit.iter().map(|credit| credit / total).collect()
    }

    /// Tells what each predictor gave to the token that came.
    pub fn learn(&mut self, (found, matched): (usize, usize), probabilities: &[f64]) {
        if !self.learns {
            return;
        }
        let shares = self.shares((found, matched), probabilities.len());
        let parts: Vec<f64> = shares.iter().zip(probabilities).map(|(share, p)| share * p).collect();
        let total: f64 = parts.iter().sum();
        if total > 0.0 {
            self.credit[found * (LONGEST_MATCH + 1) + matched]
                .iter_mut()
                .zip(parts)
                .for_each(|(credit, part)| *credit += part / total);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_predictor_gets_nearly_everything_in_its_context() {
        let mut interpolation = Interpolation::new(&[0.5, 0.5], 1, None);
        for _ in 0..3000 {
            interpolation.learn((1, 2), &[0.01, 0.001, 0.2]);
        }
        assert!(interpolation.shares((1, 2), 3)[2] > 0.95, "{:?}", interpolation.shares((1, 2), 3));
        for other in [(0, 2), (1, 0)] {
            assert_eq!(interpolation.shares(other, 3), Interpolation::new(&[0.5, 0.5], 1, None).shares(other, 3));
        }
    }

    #[test]
    fn given_shares_stay() {
        let mut interpolation = Interpolation::new(&[0.25], 2, Some(0.2));
        interpolation.learn((0, 0), &[0.0, 1.0, 0.0, 0.0]);
        let shares = interpolation.shares((0, 0), 4);
        for (share, expected) in shares.iter().zip([0.6, 0.2, 0.1, 0.1]) {
            assert!((share - expected).abs() < 1e-6, "{shares:?}");
        }
        // A cache that holds nothing yet has no share.
        assert!((interpolation.shares((0, 0), 2)[0] - 0.75).abs() < 1e-6);
    }
}
