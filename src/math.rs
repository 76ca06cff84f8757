//! The elementary functions of a recurrent network, in plain arithmetic: the same bits on every machine,
//! and in a form that compilers turn into vector instructions.

use crate::level::{Level, for_every_level};

/// e^x to less than 1 ulp (the polynomial of Cephes' `expf`, Moshier 1992); 0 below the smallest normal number.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to the nearest integer
    const LN2_HIGH: f32 = 0.693_359_4; // few bits, so that n * LN2_HIGH is exact
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let y = x.clamp(-87.336_54, 88.376_26);
    let rounded = y * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = y - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        p = p * r + coefficient;
    }
    // 2^n: n stands in the last bits of `rounded`, and ROUND itself has none there. (A conversion to an integer would
    // keep compilers from vectors, since Rust wants it to saturate.)
    let scale = f32::from_bits(rounded.to_bits().wrapping_add(127) << 23);
    // What 1 + r loses to rounding is added to the rest of the series.
    let sum = 1.0 + r;
    let value = (sum + ((r - (sum - 1.0)) + p * r * r)) * scale;
    if x < -87.336_54 { 0.0 } else { value }
}

/// Turns each x into e^((x - shift) / divisor), in vectors as wide as the CPU has; the same bits on every one.
pub fn exp_all(xs: &mut [f32], shift: f32, divisor: f32) {
    exp_each(Level::best(), xs, shift, divisor);
}

for_every_level! {
    fn exp_each(xs: &mut [f32], shift: f32, divisor: f32) {
        xs.iter_mut().for_each(|x| *x = exp((*x - shift) / divisor));
    }
}

/// The highest of some numbers; minus infinity where there is none.
#[inline(always)]
pub fn highest(xs: &[f32]) -> f32 {
    // Several maxima side by side, for a vector of them.
    let mut lanes = [f32::NEG_INFINITY; 16];
    let chunks = xs.chunks_exact(16);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a })
}

/// The sums of the blocks of some numbers, each as [`total`] has it.
pub fn totals(xs: &[f32], block: usize) -> Vec<f64> {
    let mut sums = vec![0.0; xs.len().div_ceil(block)];
    totals_each(Level::best(), xs, block, &mut sums);
    sums
}

for_every_level! {
    fn totals_each(xs: &[f32], block: usize, sums: &mut [f64]) {
        sums.iter_mut().zip(xs.chunks(block)).for_each(|(sum, xs)| *sum = total(xs));
    }
}

/// The sum in double precision, always in the same order.
#[inline(always)]
pub fn total(xs: &[f32]) -> f64 {
    let mut lanes = [0.0f64; 8];
    let chunks = xs.chunks_exact(8);
    let rest = chunks.remainder().iter().map(|&x| f64::from(x)).sum::<f64>();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane += f64::from(x);
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// Natural logarithm to about 1 ulp (Cephes' `logf`); minus infinity for 0. Positive numbers only.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let bits = x.to_bits();
    // x = m * 2^e with m between the root of a half and the root of 2, so that m - 1 is small.
    let mut e = (bits >> 23) as i32 - 126;
    let mut m = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
    if m < std::f32::consts::FRAC_1_SQRT_2 {
        e -= 1;
        m += m;
    }
    m -= 1.0;
    let z = m * m;
    let mut p = 7.037_683_6e-2;
    for coefficient in [
        -0.115_146_1,
        0.116_769_98,
        -0.124_201_41,
        0.142_493_23,
        -0.166_680_58,
        0.200_007_14,
        -0.249_999_94,
        0.333_333_3,
    ] {
        p = p * m + coefficient;
    }
    let e = e as f32;
    let value = (p * z * m + e * LN2_LOW - 0.5 * z) + m + e * LN2_HIGH;
    // Below the smallest normal number there is nothing that matters to a probability.
    if x < f32::MIN_POSITIVE { f32::NEG_INFINITY } else { value }
}

/// The logistic function 1 / (1 + e^-x), to less than 2 ulp.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    let sum = 1.0 + e;
    let quotient = e / sum;
    // Less what the sum lost to rounding; 1 - quotient is 1 / sum.
    let tail = quotient - quotient * (e - (sum - 1.0)) * (1.0 - quotient);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Hyperbolic tangent to less than 1.5 ulp; a polynomial near zero, where the quotient would lose digits (Cephes' `tanhf`).
#[inline(always)]
pub fn tanh(x: f32) -> f32 {
    let z = x * x;
    let mut p = -5.704_988_6e-3;
    for coefficient in [2.063_909e-2, -5.373_971_5e-2, 0.133_314_42, -0.333_332_8] {
        p = p * z + coefficient;
    }
    let small = p * z * x + x;
    let large = 1.0 - 2.0 / (exp(2.0 * x.abs()) + 1.0);
    if x.abs() < 0.625 { small } else { large.copysign(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest distance from the exact function over [-most, most], in units of the exact value's last place.
    fn worst(ours: fn(f32) -> f32, exact: fn(f64) -> f64, most: f32) -> f64 {
        // Every so manyth of the numbers there are, so that the small ones are not left out.
        let magnitudes = (0..most.to_bits()).step_by(2999).map(f32::from_bits);
        let distance = |x: f32| {
            let truth = exact(f64::from(x));
            let near = (truth as f32).abs().max(f32::MIN_POSITIVE);
            (f64::from(ours(x)) - truth).abs() / f64::from(near.next_up() - near)
        };
        magnitudes.flat_map(|x| [x, -x]).map(distance).fold(0.0, f64::max)
    }

    #[test]
    fn agree_with_double_precision() {
        for (worst, bound) in [
            (worst(exp, f64::exp, 87.3), 1.0),
            (worst(tanh, f64::tanh, 30.0), 1.5),
            (worst(sigmoid, |x| 1.0 / (1.0 + (-x).exp()), 87.3), 2.0),
        ] {
            assert!(worst < bound, "{worst} {bound}");
        }
    }

    #[test]
    fn ln_agrees_with_double_precision() {
        let mut x = f32::MIN_POSITIVE;
        while x < 1e30 {
            let truth = f64::from(x).ln();
            assert!((f64::from(ln(x)) - truth).abs() <= 2e-7 * truth.abs().max(0.5), "{x}");
            x *= 1.000_37;
        }
        assert_eq!(ln(0.0), f32::NEG_INFINITY);
        assert_eq!(ln(1.0), 0.0);
    }

    #[test]
    fn a_slice_has_the_bits_of_its_numbers() {
        let numbers: Vec<f32> = (-500..500).map(|i| i as f32 * 0.37).collect();
        let mut all = numbers.clone();
        exp_all(&mut all, 2.5, 0.7);
        assert!(numbers.iter().zip(all).all(|(&x, y)| exp((x - 2.5) / 0.7).to_bits() == y.to_bits()));
    }

    #[test]
    fn ends_of_the_range() {
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(-1e30), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(1e30).is_finite());
        assert_eq!(tanh(1e30), 1.0);
        assert_eq!(tanh(-1e30), -1.0);
        assert!(sigmoid(-1e30) < 1e-37);
    }
}
