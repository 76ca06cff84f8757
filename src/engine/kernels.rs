//! The product of a matrix and a batch of vectors, which takes nearly all of generation time.
//!
//! The weights of sixteen rows are interleaved: a vector register holds one weight of each row, and each lane sums one
//! row from its first column to its last. No sum crosses lanes, so the result is bit-identical to that of a plain loop
//! for every instruction set and batch size.

use std::ops::Range;

use super::memory;
#[cfg(target_arch = "x86_64")]
use crate::simd::x86;
use crate::simd::{Accumulator, F32x16, I8x32, LANES, for_every_isa};

/// The number of groups of sixteen rows that are stored and processed together: independent sums hide the latency of
/// additions.
pub const BLOCK: usize = 4;
/// The number of vectors that are processed together: each weight is loaded once for all of them.
pub const TILE: usize = 4;

/// A product to compute: y = start + M x, for each x of a batch.
pub struct Product<'a, W, X> {
    /// Blocks of up to [`BLOCK`] groups, each of shape (steps, groups).
    pub weights: &'a [W],
    /// The number of columns, or of pairs of columns.
    pub steps: usize,
    /// The number of rows of the matrix.
    pub rows: usize,
    /// The blocks to compute.
    pub blocks: Range<usize>,
    /// The scales of the rows, for integer weights. (groups)
    pub scales: Option<&'a [F32x16]>,
    /// One vector, (steps), or tiles of [`TILE`] vectors, each (steps, TILE).
    pub inputs: &'a [X],
    /// The scale of each vector. (batch, rounded up to whole tiles)
    pub by: &'a [f32],
    pub batch: usize,
    pub start: Start<'a>,
    /// (batch, rows)
    pub y: Shared,
}

/// The initial value of a product.
#[derive(Clone, Copy)]
pub enum Start<'a> {
    /// The same bias for all vectors. (groups)
    Bias(&'a [F32x16]),
    /// The current contents of `y`.
    Y,
}

/// The output of a product. Several threads write to it at once, each to the rows of its own blocks.
#[derive(Clone, Copy)]
pub struct Shared(*mut f32);

// SAFETY: no two threads compute the same blocks of rows.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

impl Shared {
    /// `y` must outlive the product and have shape (batch, rows).
    pub fn new(y: &mut [f32]) -> Self {
        Self(y.as_mut_ptr())
    }
}

// Not derived, because that would require the weights to be `Clone`.
impl<W, X> Clone for Product<'_, W, X> {
    fn clone(&self) -> Self {
        Self { blocks: self.blocks.clone(), ..*self }
    }
}

impl<W, X> Product<'_, W, X> {
    /// Stores the sums of a group of rows for one vector.
    #[inline(always)]
    fn store(&self, group: usize, vector: usize, sums: [f32; LANES]) {
        let row = group * LANES;
        let n = LANES.min(self.rows - row);
        // SAFETY: `y` is (batch, rows), and no other thread writes these rows.
        let y = unsafe { std::slice::from_raw_parts_mut(self.y.0.add(vector * self.rows + row), n) };
        match (self.start, <&mut [f32; LANES]>::try_from(&mut *y)) {
            (Start::Bias(bias), Ok(y)) => *y = std::array::from_fn(|lane| bias[group].0[lane] + sums[lane]),
            (Start::Bias(bias), Err(_)) => (0..n).for_each(|lane| y[lane] = bias[group].0[lane] + sums[lane]),
            (Start::Y, Ok(y)) => *y = std::array::from_fn(|lane| y[lane] + sums[lane]),
            (Start::Y, Err(_)) => (0..n).for_each(|lane| y[lane] += sums[lane]),
        }
    }
}

/// Multiplies `P` groups of rows by `S` of the `T` interleaved vectors.
#[inline(always)]
fn tile<V: Accumulator, const P: usize, const S: usize, const T: usize>(
    job: &Product<V::Weights, V::Input>,
    (weights, width): (&[V::Weights], usize),
    inputs: &[V::Input],
    (group, vector): (usize, usize),
) {
    // Each tile of a batch prefetches a different part of the next block.
    let next = weights.as_ptr_range().end.wrapping_add(vector / T % BLOCK * job.steps);
    let mut sums = [[V::zero(); P]; S];
    for (step, (weights, inputs)) in weights.chunks(width).zip(inputs.chunks(T)).enumerate() {
        if S > 1 {
            memory::prefetch(next.wrapping_add(step));
        }
        let (weights, inputs): (&[_; P], &[_; S]) = (weights[..P].try_into().unwrap(), inputs[..S].try_into().unwrap());
        for p in 0..P {
            for s in 0..S {
                sums[s][p] = sums[s][p].add(&weights[p], inputs[s]);
            }
        }
    }
    for (s, sums) in sums.into_iter().enumerate() {
        if vector + s < job.batch {
            for (p, sums) in sums.into_iter().enumerate() {
                let scales = job.scales.map(|scales| &scales[group + p]);
                job.store(group + p, vector + s, sums.finish(scales, job.by[vector + s]));
            }
        }
    }
}

/// Computes all blocks of a product; the sums of `P` groups and `S` vectors fill the registers.
#[inline(always)]
fn multiply<V: Accumulator, const P: usize, const S: usize>(job: &Product<V::Weights, V::Input>) {
    let groups = job.rows.div_ceil(LANES);
    for block in job.blocks.clone() {
        let first = block * BLOCK;
        let width = BLOCK.min(groups - first);
        let weights = &job.weights[first * job.steps..][..width * job.steps];
        if job.batch == 1 {
            if width == BLOCK {
                tile::<V, BLOCK, 1, 1>(job, (weights, width), job.inputs, (first, 0));
            } else {
                (0..width).for_each(|p| tile::<V, 1, 1, 1>(job, (&weights[p..], width), job.inputs, (first + p, 0)));
            }
            continue;
        }
        for (t, inputs) in job.inputs.chunks(TILE * job.steps).enumerate() {
            for s in (0..TILE).step_by(S) {
                let (inputs, vector) = (&inputs[s..], t * TILE + s);
                if width == BLOCK {
                    for p in (0..BLOCK).step_by(P) {
                        tile::<V, P, S, TILE>(job, (&weights[p..], width), inputs, (first + p, vector));
                    }
                } else {
                    for p in 0..width {
                        tile::<V, 1, S, TILE>(job, (&weights[p..], width), inputs, (first + p, vector));
                    }
                }
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
type Baseline = x86::Unfused;
#[cfg(not(target_arch = "x86_64"))]
type Baseline = [f32; LANES];

for_every_isa! {
    pub fn multiply_floats(job: &Product<F32x16, f32>);
    baseline: multiply::<Baseline, 1, 2>,
    avx2: multiply::<[f32; LANES], 1, 4>,
    avx512: multiply::<[f32; LANES], 4, 4>,
}

for_every_isa! {
    pub fn multiply_int8(job: &Product<I8x32, [i16; 2]>);
    baseline: multiply::<[i32; LANES], 1, 2>,
    avx2: multiply::<x86::Avx2, 1, 4>,
    avx512: multiply::<x86::Avx512, 4, 4>,
}
