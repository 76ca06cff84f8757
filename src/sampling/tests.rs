//! Chi-squared tests of each setting against a straightforward implementation of its definition.

use super::*;
use crate::simd::vectors::{max, sum};

const LOGITS: [f32; 12] = [1.0, 3.0, f32::NEG_INFINITY, 2.0, 0.5, -1.0, 2.9, -0.2, 1.5, 0.0, -3.0, 2.0];

/// The text so far, for penalties and repeated n-grams.
const TEXT: [u32; 9] = [3, 1, 8, 3, 1, 6, 8, 3, 1];

fn history(window: usize) -> TokenHistory {
    let mut history = TokenHistory::new(window);
    TEXT.iter().for_each(|&token| history.push(token));
    history
}

/// Returns the exact probabilities: Hugging Face's processors and warpers as documented, with full sorts, in double
/// precision.
fn exact(sampling: &SamplingParams, logits: &[f32], text: &[u32]) -> Vec<f64> {
    let mut scores: Vec<f64> = logits.iter().map(|&x| f64::from(x)).collect();
    for &(token, bias) in &sampling.bias {
        scores[token as usize] += f64::from(bias);
    }
    let last = &text[text.len().saturating_sub(sampling.penalty_window)..];
    for (token, score) in scores.iter_mut().enumerate() {
        let count = last.iter().filter(|&&t| t as usize == token).count();
        if count > 0 {
            let penalty = f64::from(sampling.repetition_penalty);
            *score = if *score < 0.0 { *score * penalty } else { *score / penalty };
            *score -= f64::from(sampling.presence_penalty) + f64::from(sampling.frequency_penalty) * count as f64;
        }
    }
    let n = sampling.no_repeat_ngram_size;
    for token in 0..scores.len() as u32 {
        let ngram: Vec<u32> = text.iter().copied().chain([token]).collect();
        if n > 0 && ngram.len() >= n && text.windows(n).any(|w| w == &ngram[ngram.len() - n..]) {
            scores[token as usize] = f64::NEG_INFINITY;
        }
    }
    let softmax = |scores: &[f64]| -> Vec<f64> {
        let highest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let total: f64 = scores.iter().map(|x| (x - highest).exp()).sum();
        scores.iter().map(|x| (x - highest).exp() / total).collect()
    };
    /// Removes all tokens except the first ones in `order` that together reach `probability`.
    fn reach(scores: &mut [f64], p: &[f64], order: &[usize], probability: f64) {
        let mut sum = 0.0;
        for &token in order {
            if sum >= probability {
                scores[token] = f64::NEG_INFINITY;
            }
            sum += p[token];
        }
    }
    let sorted = |key: &dyn Fn(usize) -> f64| {
        let mut order: Vec<usize> = (0..logits.len()).collect();
        order.sort_by(|&a, &b| key(a).total_cmp(&key(b)).then(a.cmp(&b)));
        order
    };
    scores.iter_mut().for_each(|score| *score /= f64::from(sampling.temperature));
    if let Some(k) = sampling.top_k {
        sorted(&|t| -scores[t]).into_iter().skip(k).for_each(|token| scores[token] = f64::NEG_INFINITY);
    }
    if sampling.top_p < 1.0 {
        let (p, order) = (softmax(&scores), sorted(&|t| -scores[t]));
        reach(&mut scores, &p, &order, f64::from(sampling.top_p));
    }
    if sampling.min_p > 0.0 {
        let p = softmax(&scores);
        let least = f64::from(sampling.min_p) * p.iter().copied().fold(0.0, f64::max);
        (0..p.len()).filter(|&t| p[t] < least).for_each(|t| scores[t] = f64::NEG_INFINITY);
    }
    if sampling.typical_p < 1.0 {
        let p = softmax(&scores);
        let entropy: f64 = p.iter().filter(|p| **p > 0.0).map(|p| -p * p.ln()).sum();
        let order = sorted(&|t| if p[t] > 0.0 { (-p[t].ln() - entropy).abs() } else { f64::INFINITY });
        reach(&mut scores, &p, &order, f64::from(sampling.typical_p));
    }
    softmax(&scores)
}

fn one(
    sampling: &SamplingParams,
    logits: &[f32],
    history: &TokenHistory,
    scratch: &mut Scratch,
    rng: &mut Rng,
) -> SampledToken {
    let mut logits = logits.to_vec();
    sampling.process(&mut logits, history);
    sampling.sample(&mut logits, sampling.temperature, scratch, rng).unwrap()
}

/// Compares the counts of many draws, and the probability returned with each, with the exact probabilities.
fn agrees(sampling: &SamplingParams) {
    const DRAWS: usize = 20_000;
    let p = exact(sampling, &LOGITS, &TEXT);
    let (mut rng, mut scratch, mut counts) = (Rng::new(5), Scratch::default(), [0usize; LOGITS.len()]);
    let history = history(sampling.penalty_window);
    for _ in 0..DRAWS {
        let choice = one(sampling, &LOGITS, &history, &mut scratch, &mut rng);
        let claimed = f64::from(choice.probability);
        assert!((claimed - p[choice.token as usize]).abs() < 1e-5, "{choice:?} {p:?} {sampling:?}");
        counts[choice.token as usize] += 1;
    }
    let possible = p.iter().filter(|p| **p > 0.0).count();
    let chi_squared: f64 = (0..LOGITS.len())
        .filter(|&t| p[t] > 0.0)
        .map(|t| (counts[t] as f64 - p[t] * DRAWS as f64).powi(2) / (p[t] * DRAWS as f64))
        .sum();
    // The 99.9% quantile for k degrees of freedom (Wilson and Hilferty 1931); the draws are fixed by the seed.
    let k = (possible - 1).max(1) as f64;
    let quantile = k * (1.0 - 2.0 / (9.0 * k) + 3.09 * (2.0 / (9.0 * k)).sqrt()).powi(3);
    assert!(chi_squared < quantile, "{chi_squared} {quantile} {sampling:?}");
}

#[test]
fn frequencies_match_the_exact_probabilities_for_every_setting() {
    let plain = || SamplingParams { penalty_window: 5, ..SamplingParams::PLAIN };
    let banned = f32::NEG_INFINITY;
    for sampling in [
        plain(),
        SamplingParams { temperature: 0.5, ..plain() },
        SamplingParams { temperature: 2.0, ..plain() },
        SamplingParams { top_k: Some(1), ..plain() },
        SamplingParams { top_k: Some(4), ..plain() },
        SamplingParams { top_k: Some(50), ..plain() },
        SamplingParams { top_p: 0.3, ..plain() },
        SamplingParams { top_p: 0.8, ..plain() },
        SamplingParams { top_p: 0.999, ..plain() },
        SamplingParams { min_p: 0.2, ..plain() },
        SamplingParams { min_p: 1.0, ..plain() },
        SamplingParams { typical_p: 0.2, ..plain() },
        SamplingParams { typical_p: 0.7, ..plain() },
        SamplingParams { repetition_penalty: 1.5, ..plain() },
        SamplingParams { repetition_penalty: 0.7, ..plain() },
        SamplingParams { presence_penalty: 0.8, ..plain() },
        SamplingParams { frequency_penalty: 0.4, ..plain() },
        SamplingParams { frequency_penalty: -0.4, penalty_window: 64, ..plain() },
        SamplingParams { no_repeat_ngram_size: 1, ..plain() },
        SamplingParams { no_repeat_ngram_size: 2, ..plain() },
        SamplingParams { no_repeat_ngram_size: 3, ..plain() },
        SamplingParams { no_repeat_ngram_size: 30, ..plain() },
        SamplingParams { bias: vec![(4, 2.0), (1, -1.0), (3, banned)], ..plain() },
        // Combinations, for which the order matters.
        SamplingParams { temperature: 2.0, top_k: Some(5), top_p: 0.8, ..plain() },
        SamplingParams { top_p: 0.9, min_p: 0.3, ..plain() },
        SamplingParams { top_k: Some(9), min_p: 0.1, typical_p: 0.6, ..plain() },
        SamplingParams { temperature: 0.8, top_p: 0.95, typical_p: 0.5, repetition_penalty: 1.2, ..plain() },
        SamplingParams {
            bias: vec![(1, 1.0), (10, 4.0)],
            repetition_penalty: 1.3,
            presence_penalty: 0.1,
            frequency_penalty: 0.2,
            no_repeat_ngram_size: 2,
            temperature: 1.5,
            top_k: Some(7),
            min_p: 0.05,
            ..plain()
        },
    ] {
        sampling.check().unwrap();
        agrees(&sampling);
    }
}

#[test]
fn filters_keep_the_same_tokens_as_a_full_sort() {
    let mut rng = Rng::new(6);
    let texts = TokenHistory::new(0);
    for spread in [0.5, 4.0, 40.0] {
        let logits: Vec<f32> = (0..3001).map(|_| (rng.uniform() as f32).powi(2) * spread).collect();
        for sampling in [
            SamplingParams { top_p: 0.001, ..SamplingParams::PLAIN },
            SamplingParams { top_p: 0.5, ..SamplingParams::PLAIN },
            SamplingParams { top_p: 0.99, ..SamplingParams::PLAIN },
            SamplingParams { top_k: Some(3), ..SamplingParams::PLAIN },
            SamplingParams { top_k: Some(700), ..SamplingParams::PLAIN },
            SamplingParams { top_k: Some(2000), top_p: 0.7, ..SamplingParams::PLAIN },
            SamplingParams { min_p: 0.01, ..SamplingParams::PLAIN },
            SamplingParams { typical_p: 0.3, ..SamplingParams::PLAIN },
            SamplingParams { typical_p: 0.95, ..SamplingParams::PLAIN },
        ] {
            let exact = exact(&sampling, &logits, &[]);
            let mut scratch = Scratch::default();
            one(&sampling, &logits, &texts, &mut scratch, &mut rng);
            let kept: std::collections::HashSet<u32> = scratch.order.iter().copied().collect();
            assert_eq!(kept.len(), scratch.order.len());
            let expected = exact.iter().filter(|p| **p > 0.0).count();
            // Rounding may keep or drop the last token.
            assert!(kept.len().abs_diff(expected) <= 1, "{} {expected} {spread} {sampling:?}", kept.len());
            let wrong = kept.iter().filter(|&&token| exact[token as usize] == 0.0).count();
            assert!(wrong <= 1, "{wrong} {spread} {sampling:?}");
        }
    }
}

#[test]
fn zero_and_tiny_temperatures_choose_the_most_probable_token() {
    let (mut rng, mut scratch) = (Rng::new(5), Scratch::default());
    for temperature in [0.0, 1e-30] {
        for _ in 0..50 {
            let choice =
                SamplingParams::PLAIN.sample(&mut LOGITS.clone(), temperature, &mut scratch, &mut rng).unwrap();
            assert_eq!(choice, SampledToken { token: 1, probability: 1.0 });
        }
    }
}

#[test]
fn nothing_is_chosen_if_no_token_is_possible() {
    for sampling in
        [SamplingParams::PLAIN, SamplingParams::default(), SamplingParams { typical_p: 0.5, ..SamplingParams::PLAIN }]
    {
        for bad in [f32::NEG_INFINITY, f32::NAN] {
            let (mut rng, mut scratch) = (Rng::new(5), Scratch::default());
            assert_eq!(sampling.sample(&mut [bad; 40], 1.0, &mut scratch, &mut rng), None);
        }
    }
}

#[test]
fn sums_and_maxima_match_a_plain_loop() {
    let mut rng = Rng::new(9);
    for length in [1, 7, 16, 17, 100] {
        let logits: Vec<f32> = (0..length).map(|_| rng.uniform() as f32 * 30.0 - 15.0).collect();
        assert_eq!(max(&logits), logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
        let exact: f64 = logits.iter().map(|&x| f64::from(x).exp()).sum::<f64>().ln();
        assert!((log_sum_exp(&logits) - exact).abs() < 1e-6);
        let plain: f64 = logits.iter().map(|&x| f64::from(x)).sum();
        assert!((sum(&logits) - plain).abs() < 1e-9);
    }
}

#[test]
fn a_temperature_schedule_is_interpolated_linearly() {
    let sampling = SamplingParams { schedule: vec![(10, 1.0), (20, 0.5), (40, 2.0)], ..SamplingParams::PLAIN };
    let at = |words| sampling.temperature_at(words);
    assert_eq!([at(0), at(10), at(15), at(20), at(30), at(40), at(1000)], [1.0, 1.0, 0.75, 0.5, 1.25, 2.0, 2.0]);
    assert_eq!(SamplingParams { temperature: 0.3, ..SamplingParams::PLAIN }.temperature_at(7), 0.3);
}

#[test]
fn invalid_settings_are_usage_errors() {
    let good = || SamplingParams { top_k: Some(1), ..SamplingParams::PLAIN };
    assert!(good().check().is_ok());
    for bad in [
        SamplingParams { temperature: -1.0, ..good() },
        SamplingParams { temperature: f32::NAN, ..good() },
        SamplingParams { temperature: f32::INFINITY, ..good() },
        SamplingParams { schedule: vec![(0, 1.0), (5, -1.0)], ..good() },
        SamplingParams { schedule: vec![(5, 1.0), (5, 0.5)], ..good() },
        SamplingParams { top_k: Some(0), ..good() },
        SamplingParams { top_p: 0.0, ..good() },
        SamplingParams { top_p: f32::NAN, ..good() },
        SamplingParams { min_p: 1.5, ..good() },
        SamplingParams { min_p: f32::NAN, ..good() },
        SamplingParams { typical_p: 0.0, ..good() },
        SamplingParams { repetition_penalty: 0.0, ..good() },
        SamplingParams { repetition_penalty: f32::INFINITY, ..good() },
        SamplingParams { presence_penalty: f32::NAN, ..good() },
        SamplingParams { frequency_penalty: f32::INFINITY, ..good() },
        SamplingParams { bias: vec![(0, f32::NAN)], ..good() },
    ] {
        assert!(bad.check().is_err(), "{bad:?}");
    }
}
