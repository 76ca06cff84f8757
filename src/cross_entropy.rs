//! Softmax, cross-entropy and its gradient, row by row: a row is read once, stays in the core's cache, and is
//! overwritten once by its gradient.

use crate::simd::for_every_isa;
use crate::simd::math::ln;
use crate::simd::vectors::{exp_sum, max};

/// A 16-bit float: the upper half of an `f32`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(transparent)]
pub struct Bfloat16(pub u16);

/// The number type of stored logits.
pub trait Logit: Copy + Send + Sync {
    fn to_f32(self) -> f32;
    fn from_f32(x: f32) -> Self;
}

impl Logit for f32 {
    #[inline(always)]
    fn to_f32(self) -> f32 {
        self
    }

    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        x
    }
}

impl Logit for Bfloat16 {
    #[inline(always)]
    fn to_f32(self) -> f32 {
        f32::from_bits(u32::from(self.0) << 16)
    }

    /// Rounds to nearest, ties to even. Finite numbers only.
    #[inline(always)]
    fn from_f32(x: f32) -> Self {
        let bits = x.to_bits();
        Self((bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16) as u16)
    }
}

/// The parameters and the accumulator of the gradient.
pub struct Gradient<'a> {
    /// Label smoothing: the fraction of the target's probability that is distributed evenly over all classes.
    pub smoothing: f32,
    /// The factor of the gradient: 1 / positions for the gradient of the mean.
    pub scale: f32,
    /// The sum to which the gradients of the rows are added. (classes)
    pub sum: &'a mut [f32],
}

/// The score of a row's target.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Score {
    /// The logarithm of its probability.
    pub log_likelihood: f32,
    /// Whether no class is more probable.
    pub is_right: bool,
}

/// Scores `targets` (rows), which must be below the number of classes, under `logits` (rows, classes) + `bias`
/// (classes). With `gradient`, overwrites the logits with the gradient of the cross-entropy. `scratch`: (classes)
pub fn rows<T: Logit>(
    logits: &mut [T],
    bias: Option<&[f32]>,
    targets: &[i64],
    gradient: Option<Gradient>,
    scratch: &mut [f32],
    scores: &mut [Score],
) {
    assert_eq!(logits.len(), targets.len() * scratch.len());
    each_row(logits, bias, targets, gradient, scratch, scores);
}

for_every_isa! {
    fn each_row<T: Logit>(
        logits: &mut [T],
        bias: Option<&[f32]>,
        targets: &[i64],
        gradient: Option<Gradient>,
        scratch: &mut [f32],
        scores: &mut [Score],
    ) {
        let mut gradient = gradient;
        let classes = scratch.len();
        for ((row, &target), score) in logits.chunks_exact_mut(classes).zip(targets).zip(scores) {
            let target = usize::try_from(target).expect("targets are classes");
            match bias {
                Some(bias) => scratch.iter_mut().zip(&*row).zip(bias).for_each(|((x, y), b)| *x = y.to_f32() + b),
                None => scratch.iter_mut().zip(&*row).for_each(|(x, y)| *x = y.to_f32()),
            }
            let max = max(scratch);
            let chosen = scratch[target];
            let total: f32 = exp_sum(scratch, max);
            *score = Score { log_likelihood: chosen - max - ln(total), is_right: chosen >= max };
            if let Some(Gradient { smoothing, scale, sum }) = &mut gradient {
                let (factor, less) = (*scale / total, *scale * *smoothing / classes as f32);
                for ((x, y), sum) in scratch.iter().zip(row.iter_mut()).zip(sum.iter_mut()) {
                    let slope = x * factor - less;
                    *sum += slope;
                    *y = T::from_f32(slope);
                }
                let target_term = *scale * (*smoothing - 1.0);
                sum[target] += target_term;
                row[target] = T::from_f32(scratch[target] * factor - less + target_term);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Rng;
    use crate::simd::Isa;

    /// Returns the log-likelihood of the target and the gradient, in double precision.
    fn formula(logits: &[f64], target: usize, smoothing: f64, scale: f64) -> (f64, Vec<f64>) {
        let total: f64 = logits.iter().map(|x| x.exp()).sum();
        let uniform = smoothing / logits.len() as f64;
        let expected = |class| uniform + if class == target { 1.0 - smoothing } else { 0.0 };
        let gradient =
            logits.iter().enumerate().map(|(class, x)| scale * (x.exp() / total - expected(class))).collect();
        (logits[target] - total.ln(), gradient)
    }

    fn agrees<T: Logit>(tolerance: f64) {
        let mut rng = Rng::new(3);
        for (count, classes, has_bias) in
            [(1, 1, false), (3, 15, true), (4, 16, true), (5, 1003, false), (2, 999, true)]
        {
            let logits: Vec<T> = (0..count * classes).map(|_| T::from_f32(3.0 * rng.normal() as f32)).collect();
            let bias: Option<Vec<f32>> = has_bias.then(|| (0..classes).map(|_| rng.normal() as f32).collect());
            let targets: Vec<i64> = (0..count as i64).map(|row| row * 7 % classes as i64).collect();
            let (smoothing, scale) = (0.1, 1.0 / count as f64);
            Isa::for_each(|isa| {
                let (mut found, mut sum) = (logits.clone(), vec![0.0; classes]);
                let (mut scratch, mut scores) = (vec![0.0; classes], vec![Score::default(); count]);
                let gradient = Gradient { smoothing: smoothing as f32, scale: scale as f32, sum: &mut sum };
                rows(&mut found, bias.as_deref(), &targets, Some(gradient), &mut scratch, &mut scores);
                let mut sums = vec![0.0; classes];
                for (row, (&target, score)) in targets.iter().zip(&scores).enumerate() {
                    let with_bias = |class: usize| {
                        let bias = bias.as_ref().map_or(0.0, |bias| f64::from(bias[class]));
                        f64::from(logits[row * classes + class].to_f32()) + bias
                    };
                    let exact: Vec<f64> = (0..classes).map(with_bias).collect();
                    let (log_likelihood, gradient) = formula(&exact, target as usize, smoothing, scale);
                    assert!((f64::from(score.log_likelihood) - log_likelihood).abs() < 1e-5);
                    assert_eq!(score.is_right, exact.iter().all(|&x| x <= exact[target as usize]));
                    for (class, slope) in gradient.iter().enumerate() {
                        let ours = f64::from(found[row * classes + class].to_f32());
                        assert!((ours - slope).abs() <= tolerance * slope.abs() + 1e-7, "{isa:?} {ours} {slope}");
                        sums[class] += slope;
                    }
                }
                assert!(sum.iter().zip(&sums).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-6));
                // Without a gradient the logits are unchanged.
                let (mut same, mut again) = (logits.clone(), vec![Score::default(); count]);
                rows(&mut same, bias.as_deref(), &targets, None, &mut scratch, &mut again);
                assert_eq!(again, scores);
                assert!(same.iter().zip(&logits).all(|(a, b)| a.to_f32() == b.to_f32()));
            });
        }
    }

    #[test]
    fn rows_match_the_formula_for_every_instruction_set() {
        agrees::<f32>(1e-5);
        agrees::<Bfloat16>(0.5f64.powi(8));
    }

    #[test]
    fn bfloat16_rounds_to_nearest_ties_to_even() {
        for (x, bits) in [(1.0, 0x3f80), (1.003_906_3, 0x3f80), (1.011_718_8, 0x3f82), (1.004, 0x3f81), (-0.0, 0x8000)]
        {
            assert_eq!(Bfloat16::from_f32(x), Bfloat16(bits), "{x}");
        }
        assert_eq!(Bfloat16(0xc049).to_f32(), -3.140_625);
    }
}
