//! Rows of numbers, in loops that compilers turn into vector instructions: the same bits on every machine.

use crate::level::for_every_level;
use crate::math::{self, exp};

const LANES: usize = 16;

for_every_level! {
    /// y = start + M x. `matrix`: (rows, columns), `x`: (columns), `start` and `y`: (rows)
    pub fn multiply(matrix: &[f32], x: &[f32], start: &[f32], y: &mut [f32]) {
        for ((row, start), y) in matrix.chunks_exact(x.len()).zip(start).zip(y) {
            *y = start + dot(row, x);
        }
    }
}

for_every_level! {
    /// y += a x for each row and its factor. `factors`: (rows), `matrix`: (rows, columns), `y`: (columns)
    pub fn add_rows(factors: &[f32], matrix: &[f32], y: &mut [f32]) {
        for (row, &factor) in matrix.chunks_exact(y.len()).zip(factors) {
            add(y, factor, row);
        }
    }
}

for_every_level! {
    /// Adds x multiplied by each factor to a row of its own. `factors`: (rows), `x`: (columns), `matrix`: (rows, columns)
    pub fn add_outer(factors: &[f32], x: &[f32], matrix: &mut [f32]) {
        for (row, &factor) in matrix.chunks_exact_mut(x.len()).zip(factors) {
            add(row, factor, x);
        }
    }
}

for_every_level! {
    /// e to each logit less the highest, the highest, and the sum in double precision.
    pub fn exponentials(logits: &[f32], powers: &mut [f32], highest: &mut f32, total: &mut f64) {
        *highest = math::highest(logits);
        let mut sums = [0f64; LANES];
        let (mut to, mut from) = (powers.chunks_exact_mut(LANES), logits.chunks_exact(LANES));
        for (to, from) in to.by_ref().zip(from.by_ref()) {
            for lane in 0..LANES {
                to[lane] = exp(from[lane] - *highest);
                sums[lane] += f64::from(to[lane]);
            }
        }
        *total = sums.iter().sum();
        for (to, from) in to.into_remainder().iter_mut().zip(from.remainder()) {
            *to = exp(from - *highest);
            *total += f64::from(*to);
        }
    }
}

for_every_level! {
    /// y = a x
    pub fn scale(a: f32, x: &[f32], y: &mut [f32]) {
        for (y, x) in y.iter_mut().zip(x) {
            *y = a * x;
        }
    }
}

for_every_level! {
    /// y += a x
    pub fn add_scaled(a: f32, x: &[f32], y: &mut [f32]) {
        add(y, a, x);
    }
}

for_every_level! {
    /// Adds to `count` how many numbers are above `least`.
    pub fn count_above(numbers: &[f32], least: f32, count: &mut u32) {
        *count += numbers.iter().map(|&x| u32::from(x > least)).sum::<u32>();
    }
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
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

#[inline(always)]
fn add(y: &mut [f32], a: f32, x: &[f32]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += a * x;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Level;

    /// Small whole numbers, with which every order of a sum gives the same.
    fn numbers(length: usize) -> Vec<f32> {
        (0..length).map(|i| (i * i % 11) as f32 - 5.0).collect()
    }

    #[test]
    fn agree_with_plain_loops_at_every_length_and_level() {
        for level in Level::all() {
            for columns in [1, 15, 16, 17, 47] {
                let rows = 5;
                let (matrix, x, start) = (numbers(rows * columns), numbers(columns), numbers(rows));
                let at = |row: usize, column: usize| matrix[row * columns + column];
                let mut y = vec![0.0; rows];
                multiply(level, &matrix, &x, &start, &mut y);
                let product = |row: usize| start[row] + (0..columns).map(|k| at(row, k) * x[k]).sum::<f32>();
                assert_eq!(y, (0..rows).map(product).collect::<Vec<_>>());
                let mut y = x.clone();
                add_rows(level, &start, &matrix, &mut y);
                let sum = |k: usize| x[k] + (0..rows).map(|row| start[row] * at(row, k)).sum::<f32>();
                assert_eq!(y, (0..columns).map(sum).collect::<Vec<_>>());
                let mut outer = matrix.clone();
                add_outer(level, &start, &x, &mut outer);
                assert!((0..rows * columns).all(|i| outer[i] == matrix[i] + start[i / columns] * x[i % columns]));
            }
        }
    }

    #[test]
    fn exponentials_are_the_same_at_every_level_and_as_exact_as_floats_are() {
        for length in [1, 16, 37] {
            let logits: Vec<f32> = numbers(length).iter().map(|x| 3.3 * x + 100.0).collect();
            let all: Vec<(Vec<f32>, f32, f64)> = Level::all()
                .map(|level| {
                    let (mut powers, mut highest, mut total) = (vec![0.0; length], 0.0, 0.0);
                    exponentials(level, &logits, &mut powers, &mut highest, &mut total);
                    (powers, highest, total)
                })
                .collect();
            assert!(all.iter().all(|one| *one == all[0]));
            let highest = logits.iter().copied().fold(f32::MIN, f32::max);
            let exact: f64 = logits.iter().map(|x| f64::from(x - highest).exp()).sum();
            assert_eq!(all[0].1, highest);
            assert!((all[0].2 - exact).abs() < 1e-6 * exact);
        }
    }
}
