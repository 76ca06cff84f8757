//! Which tokens are left to draw from: top-k, top-p, min-p, typical, one after the other, each in the distribution
//! that the one before has left. Nothing here sorts a whole vocabulary: of thousands of tokens a few have most of the
//! probability, and only those are put in order.

use super::{SamplingParams, Scratch};
use crate::simd::LANES;
use crate::simd::math::ln;
use crate::simd::vectors;

/// Leaves in `scratch.order` the tokens that the filters keep; false where there is nothing to cut. `weights`:
/// probabilities in shares of the highest one. (vocab_size)
pub fn filter(sampling: &SamplingParams, weights: &[f32], scratch: &mut Scratch) -> bool {
    let SamplingParams { top_k, top_p, min_p, typical_p, .. } = *sampling;
    let top_k = top_k.filter(|&k| k < weights.len());
    if top_k.is_none() && top_p == 1.0 && min_p == 0.0 && typical_p == 1.0 {
        return false;
    }
    let Scratch { order, keys, .. } = scratch;
    // Falling weight, and of equals the first: a total order, so that the cut is the same everywhere.
    let falling = |token: u32| !weights[token as usize].to_bits();
    if let Some(k) = top_k {
        collect(weights, order, |count, _| count >= k);
        keep_first(order, keys, falling, |front| (front.len() >= k).then_some(k));
    }
    if top_p < 1.0 {
        let all = if top_k.is_some() { sum(weights, order) } else { vectors::sum(weights) };
        let enough = f64::from(top_p) * all;
        if top_k.is_none() {
            collect(weights, order, |_, sum| sum >= enough);
        }
        keep_first(order, keys, falling, |front| reach(front, weights, enough));
    }
    if min_p > 0.0 {
        if top_k.is_none() && top_p == 1.0 {
            order.clear();
            collect_above(weights, min_p, order);
        } else {
            order.retain(|&token| weights[token as usize] >= min_p);
        }
    }
    if typical_p < 1.0 {
        if top_k.is_none() && top_p == 1.0 && min_p == 0.0 {
            order.clear();
            order.extend(0..weights.len() as u32);
        }
        keep_typical(order, keys, weights, typical_p);
    }
    true
}

pub fn sum(weights: &[f32], order: &[u32]) -> f64 {
    order.iter().map(|&token| f64::from(weights[token as usize])).sum()
}

/// The likeliest tokens, in order of their ids: as many as are `enough` by their number and sum, and perhaps more.
fn collect(weights: &[f32], order: &mut Vec<u32>, enough: impl Fn(usize, f64) -> bool) {
    let mut least = 1.0 / 16.0;
    loop {
        order.clear();
        // Weights of zero are never chosen, but they count as tokens.
        let least_now = if least < f32::MIN_POSITIVE { 0.0 } else { least };
        collect_above(weights, least_now, order);
        if least_now == 0.0 || enough(order.len(), sum(weights, order)) {
            return;
        }
        least /= 16.0;
    }
}

/// The tokens of weight `least` or more.
fn collect_above(weights: &[f32], least: f32, order: &mut Vec<u32>) {
    for (first, lanes) in (0u32..).step_by(LANES).zip(weights.chunks(LANES)) {
        // Most groups have none: one test for all, which is one for a vector.
        if lanes.iter().fold(false, |any, &weight| any | (weight >= least)) {
            order.extend((first..).zip(lanes).filter(|(_, weight)| **weight >= least).map(|(token, _)| token));
        }
    }
}

/// Keeps the first tokens by rising `bits`, of equals the lower ones: as many as `enough` says of the first few, in
/// order, or all where it never does.
fn keep_first(
    order: &mut Vec<u32>,
    keys: &mut Vec<u64>,
    bits: impl Fn(u32) -> u32,
    enough: impl Fn(&[u64]) -> Option<usize>,
) {
    keys.clear();
    keys.extend(order.iter().map(|&token| u64::from(bits(token)) << 32 | u64::from(token)));
    let mut front = 64;
    let kept = loop {
        front = front.min(keys.len());
        if front < keys.len() {
            keys.select_nth_unstable(front - 1);
        }
        keys[..front].sort_unstable();
        match enough(&keys[..front]) {
            Some(kept) => break kept,
            None if front == keys.len() => break front,
            None => front *= 4,
        }
    };
    order.clear();
    order.extend(keys[..kept].iter().map(|&key| key as u32));
}

/// How many of the first tokens together reach a weight.
fn reach(keys: &[u64], weights: &[f32], enough: f64) -> Option<usize> {
    let mut sum = 0.0;
    let last = keys.iter().position(|&key| {
        sum += f64::from(weights[key as u32 as usize]);
        sum >= enough
    });
    last.map(|last| last + 1)
}

/// Keeps the tokens whose surprise is nearest to the entropy of the distribution, until they reach probability `p`.
fn keep_typical(order: &mut Vec<u32>, keys: &mut Vec<u64>, weights: &[f32], p: f32) {
    order.retain(|&token| weights[token as usize] > 0.0);
    let total = sum(weights, order);
    // -ln(w / total) = ln(total) - ln(w), so the mean of it needs that of ln(w) only.
    let surprise = |token: u32| ln(weights[token as usize]);
    let mean: f64 = order.iter().map(|&t| f64::from(weights[t as usize]) * f64::from(surprise(t))).sum();
    let mean = (mean / total) as f32;
    let deviation = |token: u32| (surprise(token) - mean).abs().to_bits();
    keep_first(order, keys, deviation, |front| reach(front, weights, f64::from(p) * total));
}
