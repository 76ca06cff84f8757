//! Reads the tensors of a block into the layout of the kernels.

use super::Precision;
use super::matrix::Matrix;
use crate::error::Result;
use crate::model::{Block, Weights};
use crate::simd::{F32x16, LANES};

/// The tensors of a network.
pub struct Tensors<'a> {
    weights: &'a dyn Weights,
    precision: Precision,
}

impl<'a> Tensors<'a> {
    pub fn new(weights: &'a dyn Weights, precision: Precision) -> Self {
        Self { weights, precision }
    }

    /// Reads the block's tensor `index`, a matrix.
    pub fn matrix(&self, block: &Block, index: usize) -> Result<Matrix> {
        let (name, shape) = &block.tensors()[index];
        let shape = [shape[0], shape[1]];
        if self.weights.is_int8(name) {
            return Matrix::from_int8(shape, |first, to, scales| self.weights.integers(name, first, to, scales));
        }
        let read = |first: usize, to: &mut [f32]| self.weights.floats(name, first, to);
        match self.precision {
            Precision::Stored => Matrix::from_floats(shape, read),
            Precision::Int8 => Matrix::rounded(shape, read),
        }
    }

    /// Returns the sum of the block's tensors `indices`, which are vectors of equal size.
    pub fn bias(&self, block: &Block, indices: &[usize]) -> Result<Vec<F32x16>> {
        let tensors = block.tensors();
        let rows = tensors[indices[0]].1[0];
        let mut sum = vec![0.0; rows];
        for &index in indices {
            let mut row = vec![0.0; rows];
            self.weights.floats(&tensors[index].0, 0, &mut row)?;
            sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
        }
        sum.resize(rows.next_multiple_of(LANES), 0.0);
        Ok(sum.chunks_exact(LANES).map(|lanes| F32x16(lanes.try_into().unwrap())).collect())
    }
}
