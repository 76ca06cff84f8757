//! Accumulators for the sums of sixteen rows, in the vector registers of each instruction set.

use super::LANES;

/// One value for each of sixteen rows, aligned so that no load straddles two cache lines.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(64))]
pub struct F32x16(pub [f32; LANES]);

/// The weights of two columns of sixteen rows: both columns of the first row, then of the next.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(C, align(32))]
pub struct I8x32(pub [i8; 2 * LANES]);

/// A sum for each of sixteen rows. All implementations for the same weights return the same bits.
pub trait Accumulator: Copy {
    /// The weights of sixteen rows.
    type Weights: Copy;
    /// The other factor of a product.
    type Input: Copy;

    fn zero() -> Self;

    /// Returns the sums with the products of another column, or pair of columns, added.
    fn add(self, weights: &Self::Weights, input: Self::Input) -> Self;

    /// Returns the sums as floats; integers are multiplied by the scale of their row and `by`, the scale of the input.
    fn finish(self, scales: Option<&F32x16>, by: f32) -> [f32; LANES];
}

impl Accumulator for [f32; LANES] {
    type Weights = F32x16;
    type Input = f32;

    #[inline(always)]
    fn zero() -> Self {
        [0.0; LANES]
    }

    #[inline(always)]
    fn add(mut self, weights: &F32x16, input: f32) -> Self {
        for (sum, weight) in self.iter_mut().zip(&weights.0) {
            *sum = weight.mul_add(input, *sum);
        }
        self
    }

    #[inline(always)]
    fn finish(self, _: Option<&F32x16>, _: f32) -> [f32; LANES] {
        self
    }
}

/// Integer sums are exact in any order. The inputs are small enough that no sum overflows.
impl Accumulator for [i32; LANES] {
    type Weights = I8x32;
    type Input = [i16; 2];

    #[inline(always)]
    fn zero() -> Self {
        [0; LANES]
    }

    #[inline(always)]
    fn add(mut self, weights: &I8x32, input: [i16; 2]) -> Self {
        let [a, b] = input.map(i32::from);
        for (lane, sum) in self.iter_mut().enumerate() {
            *sum += i32::from(weights.0[2 * lane]) * a + i32::from(weights.0[2 * lane + 1]) * b;
        }
        self
    }

    #[inline(always)]
    fn finish(self, scales: Option<&F32x16>, by: f32) -> [f32; LANES] {
        let scales = scales.expect("integer weights have scales");
        std::array::from_fn(|lane| self[lane] as f32 * (scales.0[lane] * by))
    }
}

/// AVX2 and AVX-512 have an instruction that multiplies pairs of 16-bit integers and adds the two products. CPUs
/// without them may have no fused multiply-add.
#[cfg(target_arch = "x86_64")]
pub mod x86 {
    use std::arch::x86_64::*;

    use super::{Accumulator, F32x16, I8x32, LANES};

    /// Fused multiply-add for CPUs without the instruction, computed with vector instructions.
    #[derive(Clone, Copy)]
    pub struct Unfused([f32; LANES]);

    impl Accumulator for Unfused {
        type Weights = F32x16;
        type Input = f32;

        #[inline(always)]
        fn zero() -> Self {
            Self([0.0; LANES])
        }

        #[inline(always)]
        fn add(self, weights: &F32x16, input: f32) -> Self {
            let (mut sums, mut doubtful) = ([0.0; LANES], false);
            for (lane, to) in sums.iter_mut().enumerate() {
                // In double precision the product is exact. The sum is rounded twice, which can be wrong only if the
                // first rounding ended halfway between two floats or in the subnormal range.
                let sum = f64::from(weights.0[lane]) * f64::from(input) + f64::from(self.0[lane]);
                *to = sum as f32;
                let halfway = sum.to_bits() & 0x1fff_ffff == 0x1000_0000;
                doubtful |= halfway | (sum.abs() < f64::from(f32::MIN_POSITIVE) && sum != 0.0);
            }
            Self(if doubtful { self.0.add(weights, input) } else { sums })
        }

        #[inline(always)]
        fn finish(self, _: Option<&F32x16>, _: f32) -> [f32; LANES] {
            self.0
        }
    }

    /// Sixteen sums in one register. Only for functions compiled for AVX-512BW.
    #[derive(Clone, Copy)]
    pub struct Avx512(__m512i);

    /// Eight sums in each of two registers. Only for functions compiled for AVX2.
    #[derive(Clone, Copy)]
    pub struct Avx2([__m256i; 2]);

    /// Packs both inputs of a pair into 32 bits.
    #[inline(always)]
    fn packed([a, b]: [i16; 2]) -> i32 {
        i32::from(a) & 0xffff | i32::from(b) << 16
    }

    // SAFETY of all code below: the CPU has the instructions, as both types require, and every load and store is of a
    // whole array.
    impl Accumulator for Avx512 {
        type Weights = I8x32;
        type Input = [i16; 2];

        #[inline(always)]
        fn zero() -> Self {
            unsafe { Self(_mm512_setzero_si512()) }
        }

        #[inline(always)]
        fn add(self, weights: &I8x32, input: [i16; 2]) -> Self {
            unsafe {
                let weights = _mm512_cvtepi8_epi16(_mm256_loadu_si256(weights.0.as_ptr().cast()));
                Self(_mm512_add_epi32(self.0, _mm512_madd_epi16(weights, _mm512_set1_epi32(packed(input)))))
            }
        }

        #[inline(always)]
        fn finish(self, scales: Option<&F32x16>, by: f32) -> [f32; LANES] {
            let mut sums = [0i32; LANES];
            unsafe { _mm512_storeu_si512(sums.as_mut_ptr().cast(), self.0) };
            sums.finish(scales, by)
        }
    }

    impl Accumulator for Avx2 {
        type Weights = I8x32;
        type Input = [i16; 2];

        #[inline(always)]
        fn zero() -> Self {
            unsafe { Self([_mm256_setzero_si256(); 2]) }
        }

        #[inline(always)]
        fn add(self, weights: &I8x32, input: [i16; 2]) -> Self {
            unsafe {
                let input = _mm256_set1_epi32(packed(input));
                let half = |sums, at: usize| {
                    let weights = _mm256_cvtepi8_epi16(_mm_loadu_si128(weights.0[at..at + LANES].as_ptr().cast()));
                    _mm256_add_epi32(sums, _mm256_madd_epi16(weights, input))
                };
                Self([half(self.0[0], 0), half(self.0[1], LANES)])
            }
        }

        #[inline(always)]
        fn finish(self, scales: Option<&F32x16>, by: f32) -> [f32; LANES] {
            let mut sums = [0i32; LANES];
            let (low, high) = sums.split_at_mut(LANES / 2);
            unsafe {
                _mm256_storeu_si256(low.as_mut_ptr().cast(), self.0[0]);
                _mm256_storeu_si256(high.as_mut_ptr().cast(), self.0[1]);
            }
            sums.finish(scales, by)
        }
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::{Accumulator, F32x16, LANES, x86::Unfused};
    use crate::random::Rng;

    #[test]
    fn unfused_multiply_add_returns_the_fused_bits() {
        let mut rng = Rng::new(5);
        // With few digits, many sums end halfway; the exponents range from subnormal numbers to just below overflow.
        let mut number = |digits: u32| {
            let bits = rng.next_u64();
            let exponent = [0, 1, 40, 64, 103, 115, 126, 127, 128, 139, 150][(bits >> 32) as usize % 11];
            let mantissa = (bits as u32 & 0x7f_ffff) >> (23 - digits) << (23 - digits);
            f32::from_bits((bits >> 63 << 31) as u32 | exponent << 23 | mantissa)
        };
        for round in 0..20_000 {
            let digits = [23, 12, 3][round % 3];
            let [start, weights]: [[f32; LANES]; 2] = [(); 2].map(|()| std::array::from_fn(|_| number(digits)));
            let input = number(digits);
            let begun = Unfused::zero().add(&F32x16(start), 1.0);
            let (ours, fused) =
                (begun.add(&F32x16(weights), input), begun.finish(None, 1.0).add(&F32x16(weights), input));
            assert_eq!(
                ours.finish(None, 1.0).map(f32::to_bits),
                fused.map(f32::to_bits),
                "{start:?} {weights:?} {input}"
            );
        }
    }
}
