//! A full softmax over the vocabulary.

use std::sync::Arc;

use super::Output;
use crate::engine::kernels::Start;
use crate::engine::matrix::Matrix;
use crate::engine::state::Workspace;
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::Block;
use crate::simd::F32x16;

pub struct Softmax {
    /// (vocab_size, size)
    weight: Arc<Matrix>,
    /// (vocab_size)
    bias: Vec<F32x16>,
}

impl Softmax {
    /// Uses `embedding` as the weight if the block has none of its own.
    pub fn load(block: &Block, embedding: &Arc<Matrix>, tensors: &Tensors) -> Result<Self> {
        let bias = block.tensors().len() - 1;
        let weight = if bias == 0 { embedding.clone() } else { Arc::new(tensors.matrix(block, 0)?) };
        Ok(Self { weight, bias: tensors.bias(block, &[bias])? })
    }
}

impl Output for Softmax {
    fn logits(&self, n: usize, logits: &mut [f32], work: &mut Workspace) {
        let Workspace { x, inputs, .. } = work;
        let width = self.weight.columns;
        self.weight.multiply(n, |i| &x[i * width..][..width], Start::Bias(&self.bias), logits, inputs);
    }
}
