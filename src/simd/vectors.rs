//! Operations on vectors of numbers, in loops that compilers can vectorize.

use std::iter::Sum;
use std::ops::{Add, AddAssign};

use super::math::{exp, ln};
use super::{LANES, for_every_isa};

for_every_isa! {
    /// Computes y = start + M x. `matrix`: (rows, columns), `x`: (columns), `start` and `y`: (rows)
    pub fn multiply(matrix: &[f32], x: &[f32], start: &[f32], y: &mut [f32]) {
        for ((row, start), y) in matrix.chunks_exact(x.len()).zip(start).zip(y) {
            *y = start + dot(row, x);
        }
    }
}

for_every_isa! {
    /// Adds each row, multiplied by its factor, to y. `factors`: (rows), `matrix`: (rows, columns), `y`: (columns)
    pub fn add_rows(factors: &[f32], matrix: &[f32], y: &mut [f32]) {
        for (row, &factor) in matrix.chunks_exact(y.len()).zip(factors) {
            add(y, factor, row);
        }
    }
}

for_every_isa! {
    /// Adds `factors[row]` * x to each row of the matrix. `factors`: (rows), `x`: (columns), `matrix`: (rows, columns)
    pub fn add_outer(factors: &[f32], x: &[f32], matrix: &mut [f32]) {
        for (row, &factor) in matrix.chunks_exact_mut(x.len()).zip(factors) {
            add(row, factor, x);
        }
    }
}

for_every_isa! {
    /// Computes y = a x.
    pub fn scale(a: f32, x: &[f32], y: &mut [f32]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = a * x;
        }
    }
}

for_every_isa! {
    /// Computes y += a x.
    pub fn add_scaled(a: f32, x: &[f32], y: &mut [f32]) {
        add(y, a, x);
    }
}

for_every_isa! {
    /// Returns the number of values above `bound`.
    pub fn count_above(xs: &[f32], bound: f32) -> u32 {
        xs.iter().map(|&x| u32::from(x > bound)).sum()
    }
}

for_every_isa! {
    /// Replaces each x by e^(x - max); returns the sum in double precision.
    pub fn exp_all_f64(xs: &mut [f32], max: f32) -> f64 {
        exp_sum(xs, max)
    }
}

for_every_isa! {
    /// Returns the logarithm of the sum of e^x.
    pub fn log_sum_exp(xs: &[f32]) -> f32 {
        let max = max(xs);
        max + ln(sum_of_exp::<f32, LANES>(xs, max))
    }
}

for_every_isa! {
    /// Returns the logarithm of the sum of e^x in double precision; minus infinity if every x is. A token's
    /// log-probability is its logit minus this.
    pub fn log_sum_exp_f64(xs: &[f32]) -> f64 {
        let max = max(xs);
        if max == f32::NEG_INFINITY { f64::NEG_INFINITY } else { f64::from(max) + sum_of_exp::<f64, 8>(xs, max).ln() }
    }
}

for_every_isa! {
    /// Replaces each x by e^((x - shift) / divisor).
    pub fn exp_scaled(xs: &mut [f32], shift: f32, divisor: f32) {
        xs.iter_mut().for_each(|x| *x = exp((*x - shift) / divisor));
    }
}

for_every_isa! {
    /// Returns the [`sum`] of each block of `block` values.
    pub fn block_sums(xs: &[f32], block: usize) -> Vec<f64> {
        xs.chunks(block).map(sum).collect()
    }
}

/// Returns the dot product, computed in [`LANES`] partial sums.
#[inline(always)]
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0f32; LANES];
    let (a_chunks, b_chunks) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a_chunks.remainder().iter().zip(b_chunks.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a_chunks.zip(b_chunks) {
        for lane in 0..LANES {
            lanes[lane] += a[lane] * b[lane];
        }
    }
    lanes.iter().sum::<f32>() + rest
}

/// A number type for sums of floats.
pub trait Number: Copy + Default + From<f32> + AddAssign + Sum {}
impl<T: Copy + Default + From<f32> + AddAssign + Sum> Number for T {}

/// Replaces each x by e^(x - max); returns their sum, computed in [`LANES`] partial sums.
#[inline(always)]
pub fn exp_sum<S: Number>(xs: &mut [f32], max: f32) -> S {
    let mut lanes = [S::default(); LANES];
    let mut chunks = xs.chunks_exact_mut(LANES);
    for chunk in &mut chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *x = exp(*x - max);
            *lane += S::from(*x);
        }
    }
    let mut total: S = lanes.into_iter().sum();
    for x in chunks.into_remainder() {
        *x = exp(*x - max);
        total += S::from(*x);
    }
    total
}

/// Returns the sum of e^(x - max), computed in `N` partial sums.
#[inline(always)]
fn sum_of_exp<S: Number + Add<Output = S>, const N: usize>(xs: &[f32], max: f32) -> S {
    let mut lanes = [S::default(); N];
    let chunks = xs.chunks_exact(N);
    let rest: S = chunks.remainder().iter().map(|x| S::from(exp(x - max))).sum();
    for chunk in chunks {
        for (lane, x) in lanes.iter_mut().zip(chunk) {
            *lane += S::from(exp(x - max));
        }
    }
    lanes.into_iter().sum::<S>() + rest
}

/// Returns the largest value; minus infinity for an empty slice.
#[inline(always)]
pub fn max(xs: &[f32]) -> f32 {
    // One maximum per lane, so that the loop can be vectorized.
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let chunks = xs.chunks_exact(LANES);
    let rest = chunks.remainder();
    for chunk in chunks {
        for (lane, &x) in lanes.iter_mut().zip(chunk) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a })
}

/// Returns the sum in double precision, in a fixed order.
#[inline(always)]
pub fn sum(xs: &[f32]) -> f64 {
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

#[inline(always)]
fn add(y: &mut [f32], a: f32, x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simd::Isa;

    /// Small integers, whose sums are exact in any order.
    fn numbers(length: usize) -> Vec<f32> {
        (0..length).map(|i| (i * i % 11) as f32 - 5.0).collect()
    }

    #[test]
    fn agree_with_plain_loops_at_every_length_and_instruction_set() {
        Isa::for_each(|_| {
            for columns in [1, 15, 16, 17, 47] {
                let rows = 5;
                let (matrix, x, start) = (numbers(rows * columns), numbers(columns), numbers(rows));
                let at = |row: usize, column: usize| matrix[row * columns + column];
                let mut y = vec![0.0; rows];
                multiply(&matrix, &x, &start, &mut y);
                let product = |row: usize| start[row] + (0..columns).map(|k| at(row, k) * x[k]).sum::<f32>();
                assert_eq!(y, (0..rows).map(product).collect::<Vec<_>>());
                let mut y = x.clone();
                add_rows(&start, &matrix, &mut y);
                let sum = |k: usize| x[k] + (0..rows).map(|row| start[row] * at(row, k)).sum::<f32>();
                assert_eq!(y, (0..columns).map(sum).collect::<Vec<_>>());
                let mut outer = matrix.clone();
                add_outer(&start, &x, &mut outer);
                assert!((0..rows * columns).all(|i| outer[i] == matrix[i] + start[i / columns] * x[i % columns]));
            }
        });
    }

    #[test]
    fn exponentials_are_accurate_and_the_same_for_every_instruction_set() {
        for length in [1, 16, 37] {
            let logits: Vec<f32> = numbers(length).iter().map(|x| 3.3 * x + 100.0).collect();
            let largest = logits.iter().copied().fold(f32::MIN, f32::max);
            assert_eq!(max(&logits), largest);
            let exact: f64 = logits.iter().map(|x| f64::from(x - largest).exp()).sum();
            let mut all = Vec::new();
            Isa::for_each(|_| {
                let mut powers = logits.clone();
                let sum = exp_all_f64(&mut powers, largest);
                assert!((sum - exact).abs() < 1e-6 * exact);
                let (log, log_f64) = (log_sum_exp(&logits), log_sum_exp_f64(&logits));
                let exact = f64::from(largest) + exact.ln();
                assert!((f64::from(log) - exact).abs() < 1e-5 && (log_f64 - exact).abs() < 1e-6);
                assert!(logits.iter().zip(&powers).all(|(x, y)| exp(x - largest).to_bits() == y.to_bits()));
                all.push((powers, sum, log, log_f64));
            });
            assert!(all.iter().all(|one| *one == all[0]));
        }
    }
}
