//! Rows of numbers, in loops that compilers turn into vector instructions.

use std::iter::Sum;
use std::ops::AddAssign;

use super::math::exp;
use super::{LANES, for_every_isa};

for_every_isa! {
    /// y = start + M x. `matrix`: (rows, columns), `x`: (columns), `start` and `y`: (rows)
    pub fn multiply(matrix: &[f32], x: &[f32], start: &[f32], y: &mut [f32]) {
        for ((row, start), y) in matrix.chunks_exact(x.len()).zip(start).zip(y) {
            *y = start + dot(row, x);
        }
    }
}

for_every_isa! {
    /// y += a x for each row and its factor. `factors`: (rows), `matrix`: (rows, columns), `y`: (columns)
    pub fn add_rows(factors: &[f32], matrix: &[f32], y: &mut [f32]) {
        for (row, &factor) in matrix.chunks_exact(y.len()).zip(factors) {
            add(y, factor, row);
        }
    }
}

for_every_isa! {
    /// Adds x multiplied by each factor to a row of its own. `factors`: (rows), `x`: (columns), `matrix`: (rows, columns)
    pub fn add_outer(factors: &[f32], x: &[f32], matrix: &mut [f32]) {
        for (row, &factor) in matrix.chunks_exact_mut(x.len()).zip(factors) {
            add(row, factor, x);
        }
    }
}

for_every_isa! {
    /// y = a x
    pub fn scale(a: f32, x: &[f32], y: &mut [f32]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = a * x;
        }
    }
}

for_every_isa! {
    /// y += a x
    pub fn add_scaled(a: f32, x: &[f32], y: &mut [f32]) {
        add(y, a, x);
    }
}

for_every_isa! {
    /// The number of values above `least`.
    pub fn count_above(xs: &[f32], least: f32) -> u32 {
        xs.iter().map(|&x| u32::from(x > least)).sum()
    }
}

for_every_isa! {
    /// Turns each x into e^(x - max); returns the sum of them.
    pub fn exp_all(xs: &mut [f32], max: f32) -> f32 {
        exp_sum(xs, max)
    }
}

for_every_isa! {
    /// As [`exp_all`], with the sum in double precision.
    pub fn exp_all_f64(xs: &mut [f32], max: f32) -> f64 {
        exp_sum(xs, max)
    }
}

for_every_isa! {
    /// Turns each x into e^((x - shift) / divisor).
    pub fn exp_scaled(xs: &mut [f32], shift: f32, divisor: f32) {
        xs.iter_mut().for_each(|x| *x = exp((*x - shift) / divisor));
    }
}

for_every_isa! {
    /// The sum of each block of `block` values, as [`sum`] has it.
    pub fn block_sums(xs: &[f32], block: usize) -> Vec<f64> {
        xs.chunks(block).map(sum).collect()
    }
}

for_every_isa! {
    /// A dropout mask: 0 with the probability `threshold` / 2^32, `value` elsewhere. Each is a hash of its position and
    /// the key (C. Wellons' `triple32`), so that many are computed side by side.
    pub fn dropout_mask(key: u64, threshold: u32, value: f32, to: &mut [f32]) {
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

/// The sum of products, in [`LANES`] sums that are added at the end.
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

/// Turns each x into e^(x - max), and returns the sum of them, in [`LANES`] sums that are added at the end.
#[inline(always)]
pub fn exp_sum<S: Copy + Default + From<f32> + AddAssign + Sum>(xs: &mut [f32], max: f32) -> S {
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

/// The largest value; minus infinity where there is none.
#[inline(always)]
pub fn max(xs: &[f32]) -> f32 {
    // Several maxima side by side, for a vector of them.
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

/// The sum in double precision, always in the same order.
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

    /// Small whole numbers, with which every order of a sum gives the same.
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
    fn exponentials_are_the_same_for_every_instruction_set_and_as_exact_as_floats_are() {
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
                let mut same = logits.clone();
                assert!((f64::from(exp_all(&mut same, largest)) - exact).abs() < 1e-6 * exact);
                assert!(logits.iter().zip(&powers).all(|(x, y)| exp(x - largest).to_bits() == y.to_bits()));
                all.push((powers, same, sum));
            });
            assert!(all.iter().all(|one| *one == all[0]));
        }
    }
}
