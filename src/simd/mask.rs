//! Dropout masks.

use super::for_every_isa;
use crate::random::Rng;

/// Sets each number to 0 with the given probability and to `value` otherwise; the same seed produces the same mask.
/// Each number is a hash of its position (C. Wellons' `triple32`), so that many can be computed in parallel.
pub fn fill_mask(seed: u64, probability: f64, value: f32, to: &mut [f32]) {
    fill(Rng::new(seed).state()[0], (probability * f64::from(u32::MAX)) as u32, value, to);
}

for_every_isa! {
    fn fill(key: u64, threshold: u32, value: f32, to: &mut [f32]) {
        let (low, high) = (key as u32, (key >> 32) as u32);
        for (position, x) in (0u32..).zip(to) {
            let mut hash = position.wrapping_mul(0x9e37_79b9) ^ low;
            hash = (hash ^ hash >> 17).wrapping_mul(0xed5a_d4bb).wrapping_add(high);
            hash = (hash ^ hash >> 11).wrapping_mul(0xac4c_1b51);
            hash = (hash ^ hash >> 15).wrapping_mul(0x3184_8bab);
            hash ^= hash >> 14;
            *x = if hash >= threshold { value } else { 0.0 };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_have_the_given_probability_and_do_not_repeat() {
        let n = 1 << 18;
        let mask = |seed, probability| {
            let mut mask = vec![9.0; n];
            fill_mask(seed, probability, 1.25, &mut mask);
            mask
        };
        let kept = |mask: &[f32]| mask.iter().filter(|&&x| x == 1.25).count() as f64 / n as f64;
        for probability in [0.0, 0.05, 0.2, 0.5, 0.9, 1.0] {
            // Five standard deviations.
            let most = 5.0 * (probability * (1.0 - probability) / n as f64).sqrt() + 1e-6;
            assert!((kept(&mask(7, probability)) - (1.0 - probability)).abs() < most, "{probability}");
        }
        assert!(mask(7, 0.5).iter().all(|&x| x == 1.25 || x == 0.0));
        assert_eq!(mask(7, 0.5), mask(7, 0.5));
        // Masks of other seeds, and numbers at any distance in a mask, agree only as often as by chance.
        let same =
            |a: &[f32], b: &[f32]| a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len().min(b.len()) as f64;
        let first = mask(7, 0.5);
        for other in [8, 6, 7 + (1 << 32), 7 + (1 << 60), 7 + (1 << 31)] {
            assert!((same(&first, &mask(other, 0.5)) - 0.5).abs() < 0.005, "{other}");
        }
        for distance in (1..40).chain([100, 150, 512, 600, 1024, 4096, 51_200]) {
            assert!(
                (same(&first, &first[distance..]) - 0.5).abs() < 0.005,
                "{distance} {}",
                same(&first, &first[distance..])
            );
        }
    }
}
