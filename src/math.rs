//! The elementary functions of a recurrent network, in plain arithmetic: the same bits on every machine,
//! and in a form that compilers turn into vector instructions.

/// e^x to about 1 ulp (the polynomial of Cephes' `expf`, Moshier 1992); 0 below the smallest normal number.
#[inline(always)]
pub fn exp(x: f32) -> f32 {
    const ROUND: f32 = 12_582_912.0; // 1.5 * 2^23: adding it rounds to the nearest integer
    const LN2_HIGH: f32 = 0.693_359_4; // few bits, so that n * LN2_HIGH is exact
    const LN2_LOW: f32 = -2.121_944_4e-4;
    let y = x.clamp(-87.336_54, 88.376_26);
    let n = (y * std::f32::consts::LOG2_E + ROUND) - ROUND;
    let r = y - n * LN2_HIGH - n * LN2_LOW;
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 0.166_666_65, 0.5] {
        p = p * r + coefficient;
    }
    let scale = f32::from_bits((((n as i32) + 127) << 23) as u32);
    let value = (p * r * r + r + 1.0) * scale;
    if x < -87.336_54 { 0.0 } else { value }
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

/// The logistic function 1 / (1 + e^-x).
#[inline(always)]
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// Hyperbolic tangent; a polynomial near zero, where the quotient would lose digits (Cephes' `tanhf`).
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

    /// The largest distance from the exact function over [-20, 20], in units of the exact value's last place.
    fn worst(ours: fn(f32) -> f32, exact: fn(f64) -> f64) -> f64 {
        (-200_000..=200_000)
            .map(|i| {
                let x = i as f32 * 1e-4;
                let truth = exact(f64::from(x));
                let ulp = f64::from((truth as f32).abs().next_up() - (truth as f32).abs());
                (f64::from(ours(x)) - truth).abs() / ulp
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn agree_with_double_precision() {
        assert!(worst(exp, f64::exp) < 2.0);
        assert!(worst(tanh, f64::tanh) < 2.0);
        // One addition and one division more than exp.
        assert!(worst(sigmoid, |x| 1.0 / (1.0 + (-x).exp())) < 4.0);
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
