//! The elementary functions of recurrent networks, in plain arithmetic that compilers can vectorize.

use super::ROUND;

/// Returns e^x to less than 1 ulp (the polynomial of Cephes' `expf`, Moshier 1992); 0 below the smallest normal number.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4; // few significant bits, so that n * LN2_HIGH is exact
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let y = x.clamp(-87.336_54, 88.376_26);
    let rounded = y * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = y - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        p = p * r + coefficient;
    }
    // 2^n: the last bits of `rounded` hold n, since those of ROUND are zero. (A conversion to an integer saturates in
    // Rust, which would prevent vectorization.)
    let scale = f32::from_bits(rounded.to_bits().wrapping_add(127) << 23);
    // The rounding error of 1 + r is added to the rest of the series.
    let sum = 1.0 + r;
    let value = (sum + ((r - (sum - 1.0)) + p * r * r)) * scale;
    if x < -87.336_54 { 0.0 } else { value }
}

/// Returns the natural logarithm to about 1 ulp (Cephes' `logf`); minus infinity for 0. Positive numbers only.
#[inline(always)]
pub fn ln(x: f32) -> f32 {
    const LN2_HIGH: f32 = 0.693_359_4;
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let bits = x.to_bits();
    // x = m * 2^e with m between sqrt(0.5) and sqrt(2), so that m - 1 is small.
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
    // A probability below the smallest normal number counts as 0.
    if x < f32::MIN_POSITIVE { f32::NEG_INFINITY } else { value }
}

/// Returns the logistic function 1 / (1 + e^-x), to less than 2 ulp.
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    let e = exp(-x.abs());
    let sum = 1.0 + e;
    let quotient = e / sum;
    // The quotient, corrected for the rounding error of the sum; 1 - quotient is 1 / sum.
    let tail = quotient - quotient * (e - (sum - 1.0)) * (1.0 - quotient);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// Returns the hyperbolic tangent to less than 1.5 ulp; near zero, where the quotient would lose digits, it uses a
/// polynomial (Cephes' `tanhf`).
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

    /// Returns the largest error over [-bound, bound], in units in the last place of the exact value.
    fn worst(ours: fn(f32) -> f32, exact: fn(f64) -> f64, bound: f32) -> f64 {
        // Every 2,999th bit pattern, so that small numbers are tested too.
        let magnitudes = (0..bound.to_bits()).step_by(2999).map(f32::from_bits);
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
    fn limits_of_the_range() {
        assert_eq!(exp(f32::NEG_INFINITY), 0.0);
        assert_eq!(exp(-1e30), 0.0);
        assert_eq!(exp(0.0), 1.0);
        assert!(exp(1e30).is_finite());
        assert_eq!(tanh(1e30), 1.0);
        assert_eq!(tanh(-1e30), -1.0);
        assert!(sigmoid(-1e30) < 1e-37);
    }
}
