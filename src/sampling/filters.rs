//! The filters top-k, top-p, min-p and typical, each applied to the distribution that the previous one leaves. The
//! whole vocabulary is never sorted: a few tokens out of thousands hold most of the probability, and only those are
//! sorted.

use super::{SamplingParams, Scratch};
use crate::simd::LANES;
use crate::simd::math::ln;
use crate::simd::vectors;

/// Stores the tokens that the filters keep in `scratch.order`; returns false if no filter is active. `weights`:
/// probabilities relative to the highest one. (vocab_size)
pub fn filter(sampling: &SamplingParams, weights: &[f32], scratch: &mut Scratch) -> bool {
    let SamplingParams { top_k, top_p, min_p, typical_p, .. } = *sampling;
    let top_k = top_k.filter(|&k| k < weights.len());
    if top_k.is_none() && top_p == 1.0 && min_p == 0.0 && typical_p == 1.0 {
        return false;
    }
    let Scratch { order, keys, .. } = scratch;
    // By descending weight, then by id: a total order, so that the result is the same everywhere.
    let descending = |token: u32| !weights[token as usize].to_bits();
    if let Some(k) = top_k {
        collect(weights, order, |count, _| count >= k);
        keep_first(order, keys, descending, |front| (front.len() >= k).then_some(k));
    }
    if top_p < 1.0 {
        let all = if top_k.is_some() { sum(weights, order) } else { vectors::sum(weights) };
        let enough = f64::from(top_p) * all;
        if top_k.is_none() {
            collect(weights, order, |_, sum| sum >= enough);
        }
        keep_first(order, keys, descending, |front| reach(front, weights, enough));
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

/// Collects the most probable tokens in the order of their ids, until their number and sum are `enough`; may collect
/// more.
fn collect(weights: &[f32], order: &mut Vec<u32>, enough: impl Fn(usize, f64) -> bool) {
    let mut least = 1.0 / 16.0;
    loop {
        order.clear();
        // Tokens of weight zero are never chosen, but they count towards top-k.
        let least_now = if least < f32::MIN_POSITIVE { 0.0 } else { least };
        collect_above(weights, least_now, order);
        if least_now == 0.0 || enough(order.len(), sum(weights, order)) {
            return;
        }
        least /= 16.0;
    }
}

/// Appends the tokens of weight `least` or more.
fn collect_above(weights: &[f32], least: f32, order: &mut Vec<u32>) {
    for (first, lanes) in (0u32..).step_by(LANES).zip(weights.chunks(LANES)) {
        // Most groups have none, so the whole group is tested at once with vector instructions.
        if lanes.iter().fold(false, |any, &weight| any | (weight >= least)) {
            order.extend((first..).zip(lanes).filter(|(_, weight)| **weight >= least).map(|(token, _)| token));
        }
    }
}

/// Keeps the first tokens by ascending `bits`, then by id. `enough` receives the sorted keys of the first tokens and
/// returns the number to keep, or None if it needs more; all are kept if it always returns None.
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

/// Returns the number of leading tokens whose weights add up to `enough`.
fn reach(keys: &[u64], weights: &[f32], enough: f64) -> Option<usize> {
    let mut sum = 0.0;
    let last = keys.iter().position(|&key| {
        sum += f64::from(weights[key as u32 as usize]);
        sum >= enough
    });
    last.map(|last| last + 1)
}

/// Keeps the tokens whose surprisal is closest to the entropy of the distribution, until they reach probability `p`.
fn keep_typical(order: &mut Vec<u32>, keys: &mut Vec<u64>, weights: &[f32], p: f32) {
    order.retain(|&token| weights[token as usize] > 0.0);
    let total = sum(weights, order);
    // -ln(w / total) = ln(total) - ln(w), so ln(w) is sufficient.
    let log_weight = |token: u32| ln(weights[token as usize]);
    let mean: f64 = order.iter().map(|&t| f64::from(weights[t as usize]) * f64::from(log_weight(t))).sum();
    let mean = (mean / total) as f32;
    let deviation = |token: u32| (log_weight(token) - mean).abs().to_bits();
    keep_first(order, keys, deviation, |front| reach(front, weights, f64::from(p) * total));
}
