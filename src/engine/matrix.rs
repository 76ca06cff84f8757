//! A matrix in the layout of the kernels, of 32-bit floats or of 8-bit integers with one scale per row.

use std::array;
use std::mem::MaybeUninit;

use rayon::prelude::*;

use super::kernels::{self, BLOCK, Product, Shared, Start, TILE};
use super::memory;
use crate::error::{Error, Result};
use crate::model::quantize;
use crate::simd::{F32x16, I8x32, LANES, ROUND};

/// The minimum number of weights for laying out a matrix on several threads.
const LARGE: usize = 1 << 20;
/// The minimum number of float multiplications for computing a product on several threads.
const PARALLEL: usize = 1 << 23;
/// The number of parts per thread of a parallel product.
const PARTS: usize = 4;

pub struct Matrix {
    pub rows: usize,
    pub columns: usize,
    weights: Weights,
}

/// Groups of sixteen rows, in blocks of up to [`BLOCK`]; padding rows of the last group are zero.
enum Weights {
    /// Blocks of (columns, groups).
    Floats(Vec<F32x16>),
    /// Blocks of (pairs of columns, groups), and the scales of (groups).
    Int8(Vec<I8x32>, Vec<F32x16>),
}

/// Vectors in the layout of a product. The allocation is reused by the next product.
#[derive(Default)]
pub struct Inputs {
    floats: Vec<f32>,
    pairs: Vec<[i16; 2]>,
    /// The scale of each vector of integers.
    scales: Vec<f32>,
    /// Whether even large products run on the calling thread only.
    pub single_threaded: bool,
}

impl Inputs {
    /// Allocates for `batch` vectors of up to `columns` numbers.
    pub fn with_capacity(batch: usize, columns: usize) -> Self {
        let batch = if batch == 1 { 1 } else { batch.next_multiple_of(TILE) };
        Self {
            floats: Vec::with_capacity(batch * columns),
            pairs: Vec::with_capacity(batch * columns.div_ceil(2)),
            scales: Vec::with_capacity(batch),
            single_threaded: false,
        }
    }
}

impl Matrix {
    /// Creates a matrix of floats. `read(first, rows)` fills whole rows, from row `first` on, with finite floats.
    pub fn from_floats(
        [rows, columns]: [usize; 2],
        read: impl Fn(usize, &mut [f32]) -> Result<()> + Sync,
    ) -> Result<Self> {
        let lay_out = |buffer: &[f32], width: usize, block: &mut [MaybeUninit<F32x16>]| {
            for (p, rows) in buffer.chunks_exact(LANES * columns).enumerate() {
                let rows: [&[f32]; LANES] = array::from_fn(|lane| &rows[lane * columns..][..columns]);
                for (column, lanes) in block[p..].iter_mut().step_by(width).enumerate() {
                    lanes.write(F32x16(array::from_fn(|lane| rows[lane][column])));
                }
            }
        };
        let (weights, _) = blocks([rows, columns], columns, |first, to: &mut [f32], _| read(first, to), lay_out)?;
        Ok(Self { rows, columns, weights: Weights::Floats(weights) })
    }

    /// Creates a matrix of integers. `read(first, rows, scales)` fills whole rows, from row `first` on, and their
    /// scales.
    pub fn from_int8(
        [rows, columns]: [usize; 2],
        read: impl Fn(usize, &mut [i8], &mut [f32]) -> Result<()> + Sync,
    ) -> Result<Self> {
        let steps = columns.div_ceil(2);
        let lay_out = |buffer: &[i8], width: usize, block: &mut [MaybeUninit<I8x32>]| {
            for (p, rows) in buffer.chunks_exact(LANES * columns).enumerate() {
                let rows: [&[i8]; LANES] = array::from_fn(|lane| &rows[lane * columns..][..columns]);
                for (step, pairs) in block[p..].iter_mut().step_by(width).enumerate() {
                    let weight = |i: usize| rows[i / 2].get(2 * step + i % 2).copied().unwrap_or(0);
                    pairs.write(I8x32(array::from_fn(weight)));
                }
            }
        };
        let (weights, scales) = blocks([rows, columns], steps, read, lay_out)?;
        Ok(Self { rows, columns, weights: Weights::Int8(weights, scales) })
    }

    /// Like [`from_floats`](Self::from_floats), but rounds the floats to integers with one scale per row.
    pub fn rounded(shape: [usize; 2], read: impl Fn(usize, &mut [f32]) -> Result<()> + Sync) -> Result<Self> {
        let columns = shape[1];
        Self::from_int8(shape, |first, integers, scales| {
            let mut floats = vec![0.0; integers.len()];
            read(first, &mut floats)?;
            let rows = floats.chunks_exact(columns).zip(integers.chunks_exact_mut(columns));
            rows.zip(scales).for_each(|((row, integers), scale)| *scale = quantize(row, integers));
            Ok(())
        })
    }

    /// Copies a row to `to`. (columns)
    pub fn row(&self, row: usize, to: &mut [f32]) {
        assert!(row < self.rows && to.len() == self.columns);
        let (group, lane) = (row / LANES, row % LANES);
        let first = group / BLOCK * BLOCK;
        let (width, p) = (BLOCK.min(self.rows.div_ceil(LANES) - first), group - first);
        match &self.weights {
            Weights::Floats(lanes) => {
                let block = &lanes[first * self.columns..][p..];
                for (x, lanes) in to.iter_mut().zip(block.iter().step_by(width)) {
                    *x = lanes.0[lane];
                }
            }
            Weights::Int8(pairs, scales) => {
                let block = &pairs[first * self.columns.div_ceil(2)..][p..];
                let scale = scales[group].0[lane];
                for (x, pairs) in to.chunks_mut(2).zip(block.iter().step_by(width)) {
                    for (x, weight) in x.iter_mut().zip(&pairs.0[2 * lane..]) {
                        *x = f32::from(*weight) * scale;
                    }
                }
            }
        }
    }

    /// Computes y = start + M x for each of `batch` vectors. `vector(i)`: (columns), `y`: (batch, rows)
    pub fn multiply<'v>(
        &self,
        batch: usize,
        vector: impl Fn(usize) -> &'v [f32],
        start: Start,
        y: &mut [f32],
        inputs: &mut Inputs,
    ) {
        assert_eq!(y.len(), batch * self.rows);
        let y = Shared::new(y);
        let Inputs { floats, pairs, scales: by, single_threaded } = inputs;
        let tile = if batch == 1 { 1 } else { TILE };
        let padded = batch.next_multiple_of(tile);
        by.clear();
        by.resize(padded, 1.0);
        let blocks = 0..self.rows.div_ceil(BLOCK * LANES);
        let work = if *single_threaded { 0 } else { batch * self.rows * self.columns };
        match &self.weights {
            Weights::Floats(weights) => {
                floats.clear();
                floats.resize(padded * self.columns, 0.0);
                for i in 0..batch {
                    let to = floats[i / tile * tile * self.columns + i % tile..].iter_mut().step_by(tile);
                    to.zip(vector(i)).for_each(|(to, x)| *to = *x);
                }
                let (rows, steps, scales) = (self.rows, self.columns, None);
                let job = Product { weights, steps, rows, blocks, scales, inputs: floats, by, batch, start, y };
                parallelize(work, &job, kernels::multiply_floats);
            }
            Weights::Int8(weights, scales) => {
                let steps = self.columns.div_ceil(2);
                pairs.clear();
                pairs.resize(padded * steps, [0; 2]);
                for i in 0..batch {
                    let to = pairs[i / tile * tile * steps + i % tile..].iter_mut().step_by(tile);
                    by[i] = to_integers(vector(i), to);
                }
                let (rows, scales) = (self.rows, Some(&scales[..]));
                let job = Product { weights, steps, rows, blocks, scales, inputs: pairs, by, batch, start, y };
                parallelize(work / 2, &job, kernels::multiply_int8); // integers take at most half the time
            }
        }
    }
}

/// Rounds a vector to integers, as large as possible without overflow in a sum of products with 8-bit weights; returns
/// their scale.
fn to_integers<'a>(x: &[f32], pairs: impl Iterator<Item = &'a mut [i16; 2]>) -> f32 {
    let limit = (i32::MAX as usize / 128 / x.len()).min(i16::MAX as usize) as f32;
    let largest = x.iter().fold(0f32, |largest, x| largest.max(x.abs()));
    if largest == 0.0 {
        return 0.0;
    }
    let factor = limit / largest;
    let round = |x: f32| ((x * factor + ROUND) - ROUND) as i16;
    for (pair, x) in pairs.zip(x.chunks(2)) {
        *pair = [round(x[0]), x.get(1).map_or(0, |x| round(*x))];
    }
    largest / limit
}

/// Runs a product, in parts on several threads if it is large enough. Products started on a pool thread stay on it,
/// since the other threads of the pool have work of their own. No row is shared between parts, so the results are the
/// same.
fn parallelize<W: Sync, X: Sync>(work: usize, job: &Product<W, X>, run: impl Fn(&Product<W, X>) + Sync) {
    // Checked last, because `current_num_threads` starts the threads.
    let threads =
        if work < PARALLEL || rayon::current_thread_index().is_some() { 1 } else { rayon::current_num_threads() };
    if threads == 1 {
        return run(job);
    }
    let (begin, end) = (job.blocks.start, job.blocks.end);
    // More parts than threads, so that other threads take over the work of a delayed one.
    let parts = (PARTS * threads).min(end - begin);
    (0..parts).into_par_iter().for_each(|part| {
        let at = |part: usize| begin + (end - begin) * part / parts;
        run(&Product { blocks: at(part)..at(part + 1), ..job.clone() });
    });
}

/// Lays out a matrix block by block, on several threads if it is large. `read(first, rows, scales)` fills whole rows,
/// from row `first` on, and their scales; `lay_out(rows, groups, block)` writes the steps of a block.
fn blocks<T: Copy + Default + Send, W: Send>(
    [rows, columns]: [usize; 2],
    steps: usize,
    read: impl Fn(usize, &mut [T], &mut [f32]) -> Result<()> + Sync,
    lay_out: impl Fn(&[T], usize, &mut [MaybeUninit<W>]) + Sync,
) -> Result<(Vec<W>, Vec<F32x16>)> {
    let groups = rows.div_ceil(LANES);
    let mut weights = Vec::with_capacity(groups * steps);
    let mut scales = vec![F32x16([0.0; LANES]); groups];
    let spare = &mut weights.spare_capacity_mut()[..groups * steps];
    memory::prefer_large_pages(spare);
    let run = |buffer: &mut Vec<T>, (block, (weights, scales)): (usize, (&mut [MaybeUninit<W>], &mut [F32x16]))| {
        let (first, width) = (block * BLOCK * LANES, scales.len());
        let n = (width * LANES).min(rows - first);
        // Padding rows of the last group are zero.
        buffer.resize(width * LANES * columns, T::default());
        buffer[n * columns..].fill(T::default());
        let mut factors = [0.0; BLOCK * LANES];
        read(first, &mut buffer[..n * columns], &mut factors[..n])?;
        for (lanes, factors) in scales.iter_mut().zip(factors.chunks_exact(LANES)) {
            lanes.0.copy_from_slice(factors);
        }
        lay_out(buffer, width, weights);
        Ok::<_, Error>(())
    };
    if rows * columns >= LARGE {
        let blocks = spare.par_chunks_mut(BLOCK * steps).zip(scales.par_chunks_mut(BLOCK));
        blocks.enumerate().try_for_each_init(Vec::new, run)?;
    } else {
        let mut blocks = spare.chunks_mut(BLOCK * steps).zip(scales.chunks_mut(BLOCK)).enumerate();
        let mut buffer = Vec::new();
        blocks.try_for_each(|block| run(&mut buffer, block))?;
    }
    // SAFETY: `run` has written every step of every block.
    unsafe { weights.set_len(groups * steps) };
    Ok((weights, scales))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Rng;
    use crate::simd::Isa;

    const SHAPES: [[usize; 2]; 9] =
        [[1, 1], [3, 16], [4, 17], [16, 2], [63, 5], [64, 7], [65, 9], [130, 150], [31, 333]];

    fn numbers(n: usize, rng: &mut Rng) -> Vec<f32> {
        (0..n).map(|_| rng.uniform() as f32 * 2.0 - 1.0).collect()
    }

    /// Returns the bits of bias + M x, or of y + M x if there is no bias.
    fn product(matrix: &Matrix, vectors: &[Vec<f32>], bias: Option<&[f32]>, y: &[f32]) -> Vec<u32> {
        let mut y = y.to_vec();
        let lanes: Option<Vec<F32x16>> = bias.map(|bias| {
            let mut bias = bias.to_vec();
            bias.resize(matrix.rows.next_multiple_of(LANES), 0.0);
            bias.chunks_exact(LANES).map(|lanes| F32x16(lanes.try_into().unwrap())).collect()
        });
        let start = lanes.as_ref().map_or(Start::Y, |lanes| Start::Bias(lanes));
        matrix.multiply(vectors.len(), |i| &vectors[i], start, &mut y, &mut Inputs::default());
        y.iter().map(|y| y.to_bits()).collect()
    }

    #[test]
    fn every_instruction_set_matches_the_plain_loop_bit_for_bit() {
        let mut rng = Rng::new(3);
        for [rows, columns] in SHAPES {
            let data = numbers(rows * columns, &mut rng);
            let matrix = Matrix::from_floats([rows, columns], |first, to| {
                to.copy_from_slice(&data[first * columns..][..to.len()]);
                Ok(())
            })
            .unwrap();
            for batch in [1, 2, 4, 7] {
                let vectors: Vec<Vec<f32>> = (0..batch).map(|_| numbers(columns, &mut rng)).collect();
                let (bias, y) = (numbers(rows, &mut rng), numbers(batch * rows, &mut rng));
                let plain = |start: &dyn Fn(usize, usize) -> f32| -> Vec<u32> {
                    let cell = |i: usize, r: usize| {
                        let row = data[r * columns..][..columns].iter().zip(&vectors[i]);
                        (start(i, r) + row.fold(0.0, |sum: f32, (w, x)| w.mul_add(*x, sum))).to_bits()
                    };
                    (0..batch).flat_map(|i| (0..rows).map(move |r| (i, r))).map(|(i, r)| cell(i, r)).collect()
                };
                Isa::for_each(|isa| {
                    let biased = product(&matrix, &vectors, Some(&bias), &y);
                    assert_eq!(biased, plain(&|_, r| bias[r]), "{isa:?} {rows} x {columns} {batch}");
                    let added = product(&matrix, &vectors, None, &y);
                    assert_eq!(added, plain(&|i, r| y[i * rows + r]), "{isa:?} {rows} x {columns} {batch}");
                });
            }
        }
    }

    #[test]
    fn integer_products_match_the_plain_loop_bit_for_bit() {
        let mut rng = Rng::new(4);
        for [rows, columns] in SHAPES.into_iter().chain([[20, 4000]]) {
            // 4,000 columns test the largest possible sums.
            let extreme = columns == 4000;
            let data: Vec<i8> =
                (0..rows * columns).map(|_| if extreme { -128 } else { rng.next_u64() as i8 }).collect();
            let scales = numbers(rows, &mut rng);
            let matrix = Matrix::from_int8([rows, columns], |first, to, factors| {
                to.copy_from_slice(&data[first * columns..][..to.len()]);
                factors.copy_from_slice(&scales[first..][..factors.len()]);
                Ok(())
            })
            .unwrap();
            for batch in [1, 5] {
                let mut vectors: Vec<Vec<f32>> = (0..batch).map(|_| numbers(columns, &mut rng)).collect();
                vectors[0].fill(if extreme { 0.7 } else { 0.0 });
                let mut expected = Vec::new();
                for x in &vectors {
                    let mut pairs = vec![[0; 2]; columns.div_ceil(2)];
                    let by = to_integers(x, pairs.iter_mut());
                    let x: Vec<i64> = pairs.into_iter().flatten().map(i64::from).collect();
                    for (row, scale) in data.chunks_exact(columns).zip(&scales) {
                        let sum: i64 = row.iter().zip(&x).map(|(w, x)| i64::from(*w) * x).sum();
                        expected.push((0.25 + i32::try_from(sum).unwrap() as f32 * (scale * by)).to_bits());
                    }
                }
                Isa::for_each(|isa| {
                    let y = product(&matrix, &vectors, Some(&vec![0.25; rows]), &vec![0.0; batch * rows]);
                    assert_eq!(y, expected, "{isa:?} {rows} x {columns} {batch}");
                });
            }
        }
    }

    #[test]
    fn several_threads_return_the_same_bits_as_one() {
        let mut rng = Rng::new(7);
        let (shape, batch) = ([1111, 500], 16);
        assert!(shape[0] * shape[1] * batch >= PARALLEL);
        let data = numbers(shape[0] * shape[1], &mut rng);
        let read = |first: usize, to: &mut [f32]| {
            to.copy_from_slice(&data[first * shape[1]..][..to.len()]);
            Ok(())
        };
        let vectors: Vec<Vec<f32>> = (0..batch).map(|_| numbers(shape[1], &mut rng)).collect();
        let y = numbers(batch * shape[0], &mut rng);
        for matrix in [Matrix::from_floats(shape, read).unwrap(), Matrix::rounded(shape, read).unwrap()] {
            let run = || product(&matrix, &vectors, None, &y);
            // A product within a pool stays on its thread.
            let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
            assert_eq!(pool.install(run), run());
        }
    }

    #[test]
    fn rows_are_returned_as_they_were_read() {
        let mut rng = Rng::new(6);
        for [rows, columns] in SHAPES {
            let data = numbers(rows * columns, &mut rng);
            let read = |first: usize, to: &mut [f32]| {
                to.copy_from_slice(&data[first * columns..][..to.len()]);
                Ok(())
            };
            let (floats, integers) =
                (Matrix::from_floats([rows, columns], read).unwrap(), Matrix::rounded([rows, columns], read).unwrap());
            let mut out = vec![0.0; columns];
            for (row, numbers) in data.chunks_exact(columns).enumerate() {
                floats.row(row, &mut out);
                assert_eq!(out, numbers);
                integers.row(row, &mut out);
                let largest = numbers.iter().fold(0f32, |largest, x| largest.max(x.abs()));
                assert!(out.iter().zip(numbers).all(|(a, b)| (a - b).abs() <= largest / 253.0));
            }
        }
    }

    #[test]
    fn read_errors_are_returned() {
        for rows in [10, 2000] {
            let read =
                |first: usize, _: &mut [f32]| if first + 64 >= rows { Err(Error::invalid("torn")) } else { Ok(()) };
            assert_eq!(Matrix::from_floats([rows, 1000], read).err().unwrap().to_string(), "torn");
        }
    }
}
