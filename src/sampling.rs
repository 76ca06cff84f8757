//! Choosing the next token from a network's logits.

use crate::error::{Error, Result};
use crate::math::exp;
use crate::random::Rng;

/// How a token is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampling {
    /// Divides the logits; 0 always takes the likeliest token.
    pub temperature: f32,
    /// Only the k likeliest tokens (Fan et al. 2018).
    pub top_k: Option<usize>,
    /// Only the likeliest tokens that together reach probability p (Holtzman et al. 2020); 1 keeps all.
    pub top_p: f32,
}

impl Default for Sampling {
    /// What reads best from a model of one book: the unlikely two fifths are mostly noise, and among the rest a lower
    /// temperature prefers the few frequent words to the many rare ones that belong there.
    fn default() -> Self {
        Self { temperature: 1.0, top_k: None, top_p: 0.6 }
    }
}

/// A token and the probability with which it was chosen, after temperature and cuts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Choice {
    pub token: u32,
    pub probability: f32,
}

impl Sampling {
    /// Refuses values that mean nothing.
    pub fn check(&self) -> Result<()> {
        if !(self.temperature >= 0.0 && self.temperature.is_finite()) {
            return Err(Error::usage(format!("temperature {} is not 0 or more", self.temperature))
                .hint("0.5 is careful, 1 is as the book, 0 always takes the likeliest word"));
        }
        if self.top_k == Some(0) {
            return Err(Error::usage("top-k must be at least 1"));
        }
        if !(self.top_p > 0.0 && self.top_p <= 1.0) {
            return Err(Error::usage("top-p must be above 0 and at most 1"));
        }
        Ok(())
    }

    /// Chooses among the tokens whose logit is not minus infinity. Overwrites `logits`; `order` is scratch.
    pub fn choose(&self, logits: &mut [f32], order: &mut Vec<u32>, rng: &mut Rng) -> Choice {
        // A draw for every token, also for a certain one, so that options do not shift the later draws.
        let uniform = rng.uniform();
        let (best, highest) = argmax(logits);
        if self.temperature == 0.0 {
            return Choice { token: best, probability: 1.0 };
        }
        for logit in logits.iter_mut() {
            *logit = exp((*logit - highest) / self.temperature);
        }
        let weights = logits;
        if self.top_k.is_none() && self.top_p == 1.0 {
            return draw(weights, 0..weights.len() as u32, uniform);
        }
        order.clear();
        order.extend(0..weights.len() as u32);
        // Falling weight, and of equals the first: a total order, so that the cut is the same everywhere.
        let by_weight = |a: &u32, b: &u32| weights[*b as usize].total_cmp(&weights[*a as usize]).then(a.cmp(b));
        if let Some(k) = self.top_k.filter(|&k| k < order.len()) {
            order.select_nth_unstable_by(k - 1, by_weight);
            order.truncate(k);
        }
        if self.top_p < 1.0 {
            let weight = |token: &u32| f64::from(weights[*token as usize]);
            let enough = f64::from(self.top_p) * order.iter().map(weight).sum::<f64>();
            // A few tokens have most of the probability: only as many are sorted as are needed.
            let mut front = 64;
            loop {
                front = front.min(order.len());
                if front < order.len() {
                    order.select_nth_unstable_by(front - 1, by_weight);
                }
                order[..front].sort_unstable_by(by_weight);
                let mut sum = 0.0;
                let reached = order[..front].iter().position(|token| {
                    sum += weight(token);
                    sum >= enough
                });
                if reached.is_some() || front == order.len() {
                    order.truncate(reached.map_or(front, |last| last + 1));
                    break;
                }
                front *= 4;
            }
        } else {
            order.sort_unstable_by(by_weight);
        }
        draw(weights, order.iter().copied(), uniform)
    }
}

/// The first of the highest.
fn argmax(logits: &[f32]) -> (u32, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    for (token, &logit) in logits.iter().enumerate() {
        if logit > best.1 {
            best = (token as u32, logit);
        }
    }
    best
}

/// Inverse of the cumulative distribution; sums in double precision.
fn draw(weights: &[f32], tokens: impl Iterator<Item = u32> + Clone, uniform: f64) -> Choice {
    let weight = |token: u32| f64::from(weights[token as usize]);
    let total: f64 = tokens.clone().map(weight).sum();
    let mut left = uniform * total;
    let mut chosen = 0;
    for token in tokens.filter(|&token| weights[token as usize] > 0.0) {
        chosen = token;
        left -= weight(token);
        if left < 0.0 {
            break;
        }
    }
    Choice { token: chosen, probability: (weight(chosen) / total) as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOGITS: [f32; 5] = [1.0, 3.0, f32::NEG_INFINITY, 2.0, 0.5];

    fn counts(sampling: Sampling, draws: usize) -> [f64; 5] {
        let (mut rng, mut order, mut counts) = (Rng::new(5), Vec::new(), [0.0; 5]);
        for _ in 0..draws {
            counts[sampling.choose(&mut LOGITS.clone(), &mut order, &mut rng).token as usize] += 1.0;
        }
        counts
    }

    /// Chi-squared of counts against the exact probabilities; tokens of probability 0 must not occur.
    fn chi_squared(counts: [f64; 5], probabilities: [f64; 5]) -> f64 {
        let total: f64 = counts.iter().sum();
        counts
            .iter()
            .zip(probabilities)
            .map(|(&count, p)| {
                assert!(p > 0.0 || count == 0.0);
                if p > 0.0 { (count - p * total).powi(2) / (p * total) } else { 0.0 }
            })
            .sum()
    }

    fn exact(temperature: f64, keep: &[usize]) -> [f64; 5] {
        let weight = |t: usize| if keep.contains(&t) { (f64::from(LOGITS[t]) / temperature).exp() } else { 0.0 };
        let total: f64 = (0..5).map(weight).sum();
        std::array::from_fn(|t| weight(t) / total)
    }

    #[test]
    fn frequencies_are_the_exact_probabilities() {
        let plain = Sampling { temperature: 1.0, top_k: None, top_p: 1.0 };
        for (sampling, probabilities) in [
            (plain, exact(1.0, &[0, 1, 3, 4])),
            (Sampling { temperature: 0.5, ..plain }, exact(0.5, &[0, 1, 3, 4])),
            (Sampling { top_k: Some(2), ..plain }, exact(1.0, &[1, 3])),
            // 0.62 + 0.23 reach 0.8
            (Sampling { top_p: 0.8, ..plain }, exact(1.0, &[1, 3])),
            (Sampling { temperature: 2.0, top_k: Some(3), ..plain }, exact(2.0, &[0, 1, 3])),
        ] {
            // 99.9 % quantile for 3 degrees of freedom; the draws are fixed by the seed.
            assert!(chi_squared(counts(sampling, 20_000), probabilities) < 16.3, "{sampling:?}");
        }
    }

    #[test]
    fn the_likeliest_tokens_are_found_among_many() {
        let mut rng = Rng::new(6);
        let logits: Vec<f32> = (0..3000).map(|_| rng.uniform() as f32 * 4.0).collect();
        let mut sorted: Vec<usize> = (0..logits.len()).collect();
        sorted.sort_by(|&a, &b| logits[b].total_cmp(&logits[a]));
        let total: f64 = logits.iter().map(|&l| f64::from(l).exp()).sum();
        for top_p in [0.001, 0.03, 0.5, 0.99] {
            let mut sum = 0.0;
            let expected = 1 + sorted
                .iter()
                .position(|&t| {
                    sum += f64::from(logits[t]).exp();
                    sum >= f64::from(top_p) * total
                })
                .unwrap();
            let mut order = Vec::new();
            Sampling { temperature: 1.0, top_k: None, top_p }.choose(&mut logits.clone(), &mut order, &mut rng);
            // The last one may fall on either side of the sum's last digit.
            assert!(order.len().abs_diff(expected) <= 1, "{} {expected}", order.len());
            assert!(order.iter().zip(&sorted).all(|(&a, &b)| a as usize == b));
        }
    }

    #[test]
    fn zero_temperature_and_tiny_ones_take_the_likeliest() {
        for temperature in [0.0, 1e-30] {
            assert_eq!(counts(Sampling { temperature, top_k: None, top_p: 1.0 }, 50)[1], 50.0);
        }
    }

    #[test]
    fn impossible_settings_are_usage_errors() {
        let good = Sampling { temperature: 1.0, top_k: Some(1), top_p: 1.0 };
        assert!(good.check().is_ok());
        for bad in [
            Sampling { temperature: -1.0, ..good },
            Sampling { temperature: f32::NAN, ..good },
            Sampling { temperature: f32::INFINITY, ..good },
            Sampling { top_k: Some(0), ..good },
            Sampling { top_p: 0.0, ..good },
            Sampling { top_p: f32::NAN, ..good },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
