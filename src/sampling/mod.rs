//! Samples the next token from a network's logits.
//!
//! The settings and their order are those of Hugging Face's `generate`. [`SamplingParams::process`] changes the logits:
//! bias and bans, repetition penalty, presence and frequency penalties, no repeated n-grams. [`SamplingParams::sample`]
//! converts them to probabilities, filters unlikely tokens and draws one: temperature, top-k, top-p, min-p, typical.

mod filters;
mod history;
mod penalties;
mod settings;

use crate::random::Rng;
use crate::simd::vectors;
pub use crate::simd::vectors::log_sum_exp_f64 as log_sum_exp;
pub use history::{LOOK_BACK, TokenHistory};
pub use settings::SamplingParams;

/// A token and its probability after temperature and filters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SampledToken {
    pub token: u32,
    pub probability: f32,
}

/// Scratch memory, which several texts can share.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The tokens that the filters keep.
    order: Vec<u32>,
    /// Sort keys of tokens: the bits of a value, then the token.
    keys: Vec<u64>,
    /// A copy of the logits before processing, for callers that need the model's own probabilities.
    /// (vocab_size)
    pub(crate) raw: Vec<f32>,
}

impl SamplingParams {
    /// Applies temperature and filters, and draws a token; None if every logit is minus infinity. Overwrites `logits`.
    pub fn sample(
        &self,
        logits: &mut [f32],
        temperature: f32,
        scratch: &mut Scratch,
        rng: &mut Rng,
    ) -> Option<SampledToken> {
        // One random number per token, even if the choice is certain, so that options do not affect later random
        // numbers.
        let uniform = rng.uniform();
        let max = vectors::max(logits);
        if max == f32::NEG_INFINITY {
            return None;
        }
        if temperature == 0.0 {
            let best = logits.iter().position(|&logit| logit == max)?;
            return Some(SampledToken { token: best as u32, probability: 1.0 });
        }
        vectors::exp_scaled(logits, max, temperature);
        let weights = logits;
        if filters::filter(self, weights, scratch) {
            let total = filters::sum(weights, &scratch.order);
            draw(weights, scratch.order.iter().copied(), total, uniform * total)
        } else {
            draw_of_all(weights, uniform)
        }
    }
}

/// Returns the tokens with the highest logits, in descending order, ties by id. Logits of minus infinity are excluded.
pub fn top_k(logits: &[f32], count: usize) -> Vec<u32> {
    let mut order: Vec<u32> = Vec::with_capacity(count + 1);
    let above = |a: u32, b: f32| logits[a as usize] >= b;
    for (token, &logit) in (0..).zip(logits) {
        if logit > f32::NEG_INFINITY && (order.len() < count || order.last().is_some_and(|&last| !above(last, logit))) {
            order.insert(order.partition_point(|&better| above(better, logit)), token);
            order.truncate(count);
        }
    }
    order
}

/// Inverts the cumulative distribution: returns the token at which the sum of the weights, in double precision, exceeds
/// `left`.
fn draw(weights: &[f32], tokens: impl Iterator<Item = u32>, total: f64, mut left: f64) -> Option<SampledToken> {
    let weight = |token: u32| f64::from(weights[token as usize]);
    let mut chosen = None;
    for token in tokens.filter(|&token| weights[token as usize] > 0.0) {
        chosen = Some(token);
        left -= weight(token);
        if left < 0.0 {
            break;
        }
    }
    chosen.map(|token| SampledToken { token, probability: (weight(token) / total) as f32 })
}

/// Draws from all tokens: finds the block that contains the result, then the token.
fn draw_of_all(weights: &[f32], uniform: f64) -> Option<SampledToken> {
    const BLOCK: usize = 128;
    let sums = vectors::block_sums(weights, BLOCK);
    let total: f64 = sums.iter().sum();
    let (mut left, mut block) = (uniform * total, 0);
    // Rounding may leave `left` beyond all sums; the last block with a weight is used then.
    for (next, sum) in sums.iter().enumerate().filter(|(_, sum)| **sum > 0.0) {
        block = next;
        if left < *sum {
            break;
        }
        left -= sum;
    }
    let first = block * BLOCK;
    draw(weights, first as u32..weights.len().min(first + BLOCK) as u32, total, left)
}

#[cfg(test)]
mod tests;
