//! The random number generator: seeded and portable, with the same numbers on every machine and in every version.

use std::hash::{BuildHasher, RandomState};

/// xoshiro256++ 1.0 (Blackman and Vigna 2019), seeded through SplitMix64 as its authors recommend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rng {
    state: [u64; 4],
}

impl Rng {
    pub fn new(seed: u64) -> Self {
        Self::stream(seed, 0)
    }

    /// Returns an independent generator for each `stream` of one seed, for example one per sample.
    pub fn stream(seed: u64, stream: u64) -> Self {
        let mut split = SplitMix(seed ^ SplitMix(stream).next().wrapping_mul(u64::from(stream != 0)));
        Self { state: std::array::from_fn(|_| split.next()) }
    }

    /// Returns the state, which [`from_state`](Self::from_state) restores.
    pub fn state(&self) -> [u64; 4] {
        self.state
    }

    /// Restores a generator; None for a state of zeros, from which it would return only zeros.
    pub fn from_state(state: [u64; 4]) -> Option<Self> {
        (state != [0; 4]).then_some(Self { state })
    }

    pub fn next_u64(&mut self) -> u64 {
        let s = &mut self.state;
        let result = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// Returns a uniform number in [0, 1) with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Puts the items in random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            items.swap(end, (self.uniform() * (end + 1) as f64) as usize);
        }
    }

    /// Returns a normal number with mean 0 and standard deviation 1 (Box and Muller 1958).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }
}

struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// Returns a random seed below 2^32, short enough to retype.
pub fn fresh_seed() -> u64 {
    RandomState::new().hash_one(std::process::id()) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_reference_implementation() {
        // First outputs of the authors' C programs: splitmix64 from 1234567, xoshiro256++ from state 1, 2, 3, 4.
        let mut split = SplitMix(1_234_567);
        assert_eq!(split.next(), 6_457_827_717_110_365_317);
        assert_eq!(split.next(), 3_203_168_211_198_807_973);
        let mut rng = Rng { state: [1, 2, 3, 4] };
        let first: Vec<u64> = (0..4).map(|_| rng.next_u64()).collect();
        assert_eq!(first, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn uniform_has_the_right_mean_and_variance() {
        let mut rng = Rng::new(7);
        let n = 100_000;
        let draws: Vec<f64> = (0..n).map(|_| rng.uniform()).collect();
        let mean = draws.iter().sum::<f64>() / f64::from(n);
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / f64::from(n);
        // Three standard errors.
        assert!((mean - 0.5).abs() < 3.0 * (1.0 / 12.0 / f64::from(n)).sqrt());
        assert!((variance - 1.0 / 12.0).abs() < 3.0 * (1.0 / 180.0 / f64::from(n)).sqrt());
    }

    #[test]
    fn streams_of_one_seed_differ() {
        assert_ne!(Rng::stream(1, 0), Rng::stream(1, 1));
        assert_eq!(Rng::stream(1, 0), Rng::new(1));
    }
}
