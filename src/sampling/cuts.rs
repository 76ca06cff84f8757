//! Which tokens are left to draw from: top-k, top-p, min-p, typical, one after the other, each in the distribution
//! that the one before has left. Nothing here sorts a whole vocabulary: of thousands of tokens a few have most of the
//! probability, and only those are put in order.

use std::cmp::Ordering;

use super::{Sampling, Scratch, total};
use crate::math::ln;

/// Leaves in `scratch.order` the tokens that the cuts keep; false where there is nothing to cut. `weights`:
/// probabilities in shares of the highest one. (vocab_size)
pub fn cut(sampling: &Sampling, weights: &[f32], scratch: &mut Scratch) -> bool {
    let Sampling { top_k, top_p, min_p, typical_p, .. } = *sampling;
    let top_k = top_k.filter(|&k| k < weights.len());
    if top_k.is_none() && top_p == 1.0 && min_p == 0.0 && typical_p == 1.0 {
        return false;
    }
    let order = &mut scratch.order;
    // Falling weight, and of equals the first: a total order, so that the cut is the same everywhere.
    let by_weight = |a: &u32, b: &u32| weights[*b as usize].total_cmp(&weights[*a as usize]).then(a.cmp(b));
    if let Some(k) = top_k {
        collect(weights, order, |count, _| count >= k);
        if k < order.len() {
            order.select_nth_unstable_by(k - 1, by_weight);
            order.truncate(k);
        }
        if top_p == 1.0 {
            order.sort_unstable_by(by_weight);
        }
    }
    if top_p < 1.0 {
        let all = if top_k.is_some() { sum(weights, order) } else { total(weights) };
        let enough = f64::from(top_p) * all;
        if top_k.is_none() {
            collect(weights, order, |_, sum| sum >= enough);
        }
        keep_share(order, weights, enough, by_weight);
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
            order.extend((0..weights.len() as u32).filter(|&token| weights[token as usize] > 0.0));
        }
        keep_typical(order, weights, typical_p, &mut scratch.deviation);
    }
    true
}

fn sum(weights: &[f32], order: &[u32]) -> f64 {
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
        least /= 256.0;
    }
}

/// The tokens of weight `least` or more.
fn collect_above(weights: &[f32], least: f32, order: &mut Vec<u32>) {
    const LANES: usize = 16;
    for (first, lanes) in (0u32..).step_by(LANES).zip(weights.chunks(LANES)) {
        // Most groups have none: one test for all, which is one for a vector.
        if lanes.iter().fold(false, |any, &weight| any | (weight >= least)) {
            order.extend((first..).zip(lanes).filter(|(_, weight)| **weight >= least).map(|(token, _)| token));
        }
    }
}

/// Keeps the first tokens by `before` that together reach the weight `enough`, in this order.
fn keep_share(order: &mut Vec<u32>, weights: &[f32], enough: f64, before: impl Fn(&u32, &u32) -> Ordering) {
    let mut front = 64;
    loop {
        front = front.min(order.len());
        if front < order.len() {
            order.select_nth_unstable_by(front - 1, &before);
        }
        order[..front].sort_unstable_by(&before);
        let mut sum = 0.0;
        let reached = order[..front].iter().position(|&token| {
            sum += f64::from(weights[token as usize]);
            sum >= enough
        });
        if reached.is_some() || front == order.len() {
            order.truncate(reached.map_or(front, |last| last + 1));
            return;
        }
        front *= 4;
    }
}

/// Keeps the tokens whose surprise is nearest to the entropy of the distribution, until they reach probability `p`.
fn keep_typical(order: &mut Vec<u32>, weights: &[f32], p: f32, deviation: &mut Vec<f32>) {
    order.retain(|&token| weights[token as usize] > 0.0);
    let total = sum(weights, order);
    // -ln(w / total) = ln(total) - ln(w), so the mean of it needs that of ln(w) only.
    let mean: f64 = order.iter().map(|&t| f64::from(weights[t as usize]) * f64::from(ln(weights[t as usize]))).sum();
    let mean = (mean / total) as f32;
    deviation.resize(weights.len(), 0.0);
    for &token in order.iter() {
        deviation[token as usize] = (ln(weights[token as usize]) - mean).abs();
    }
    let nearest = |a: &u32, b: &u32| deviation[*a as usize].total_cmp(&deviation[*b as usize]).then(a.cmp(b));
    keep_share(order, weights, f64::from(p) * total, nearest);
}
