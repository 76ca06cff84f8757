//! An adaptive softmax (Grave et al. 2017), like `torch.nn.AdaptiveLogSoftmaxWithLoss`: the head has the most frequent
//! tokens and one class for each cluster of rarer tokens; each cluster has its own projections.

use super::Output;
use crate::engine::kernels::Start;
use crate::engine::matrix::Matrix;
use crate::engine::state::Workspace;
use crate::engine::tensors::Tensors;
use crate::error::Result;
use crate::model::{Block, blocks};
use crate::simd::F32x16;
use crate::simd::vectors::log_sum_exp;

pub struct AdaptiveSoftmax {
    /// (shortlist + clusters, features)
    head: Matrix,
    bias: Vec<F32x16>,
    clusters: Vec<Cluster>,
}

struct Cluster {
    /// The first token of the cluster.
    first: usize,
    /// (size, features)
    reduce: Matrix,
    /// (tokens, size)
    expand: Matrix,
}

impl AdaptiveSoftmax {
    pub fn load(block: &Block, softmax: &blocks::AdaptiveSoftmax, tensors: &Tensors) -> Result<Self> {
        // The head's weight and bias, then two matrices for each cluster.
        let cluster = |(i, cluster): (usize, &blocks::Cluster)| {
            let (reduce, expand) = (tensors.matrix(block, 2 + 2 * i)?, tensors.matrix(block, 3 + 2 * i)?);
            Ok::<_, crate::error::Error>(Cluster { first: cluster.tokens.start, reduce, expand })
        };
        Ok(Self {
            head: tensors.matrix(block, 0)?,
            bias: tensors.bias(block, &[1])?,
            clusters: softmax.clusters.iter().enumerate().map(cluster).collect::<Result<_>>()?,
        })
    }
}

impl Output for AdaptiveSoftmax {
    /// Computes normalized log-probabilities.
    fn logits(&self, n: usize, logits: &mut [f32], work: &mut Workspace) {
        let Workspace { x, head, reduced, tail, inputs, .. } = work;
        let width = self.head.columns;
        let features = |i: usize| &x[i * width..][..width];
        let frequent = self.head.rows - self.clusters.len();
        let head = &mut head[..n * self.head.rows];
        self.head.multiply(n, features, Start::Bias(&self.bias), head, inputs);
        let vocab_size = logits.len() / n;
        for (head, logits) in head.chunks_exact_mut(self.head.rows).zip(logits.chunks_exact_mut(vocab_size)) {
            let total = log_sum_exp(head);
            head.iter_mut().for_each(|x| *x -= total);
            logits[..frequent].copy_from_slice(&head[..frequent]);
        }
        for (c, cluster) in self.clusters.iter().enumerate() {
            let (size, tokens) = (cluster.reduce.rows, cluster.expand.rows);
            let (reduced, tail) = (&mut reduced[..n * size], &mut tail[..n * tokens]);
            reduced.fill(0.0);
            cluster.reduce.multiply(n, features, Start::Y, reduced, inputs);
            tail.fill(0.0);
            cluster.expand.multiply(n, |i| &reduced[i * size..][..size], Start::Y, tail, inputs);
            for (i, tail) in tail.chunks_exact(tokens).enumerate() {
                let total = log_sum_exp(tail);
                let shift = head[i * self.head.rows + frequent + c] - total;
                let logits = &mut logits[i * vocab_size + cluster.first..][..tokens];
                logits.iter_mut().zip(tail).for_each(|(y, x)| *y = x + shift);
            }
        }
    }
}
