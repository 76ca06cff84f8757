//! From features to a number for each token of the vocabulary.

use super::kernels::Start;
use super::matrix::{Inputs, Matrix};
use super::sums::{LANES, Lanes};
use crate::level::{Level, for_every_level};
use crate::math::{exp, highest, ln};

/// An adaptive softmax (Grave et al. 2017), as `torch.nn.AdaptiveLogSoftmaxWithLoss` computes it: a head of the most
/// frequent tokens and one entry for each cluster of rarer ones, which have projections of their own.
pub struct Adaptive {
    /// (first cutoff + clusters, features)
    pub head: Matrix,
    pub bias: Vec<Lanes>,
    pub clusters: Vec<Cluster>,
}

pub struct Cluster {
    /// First token of it.
    pub first: usize,
    /// (size, features)
    pub reduce: Matrix,
    /// (tokens, size)
    pub expand: Matrix,
}

/// Room for [`Adaptive::log_probabilities`].
pub struct Room<'a> {
    /// (batch, head)
    pub head: &'a mut [f32],
    /// (batch, size)
    pub reduced: &'a mut [f32],
    /// (batch, tokens of a cluster)
    pub tail: &'a mut [f32],
    pub inputs: &'a mut Inputs,
}

impl Adaptive {
    /// Logarithms of the probabilities of all tokens, for each of `n` states. `logits`: (n, vocab_size)
    pub fn log_probabilities<'s>(
        &self,
        level: Level,
        n: usize,
        features: impl Fn(usize) -> &'s [f32],
        logits: &mut [f32],
        room: Room,
    ) {
        let Room { head, reduced, tail, inputs } = room;
        let frequent = self.head.rows - self.clusters.len();
        let head = &mut head[..n * self.head.rows];
        self.head.multiply(level, n, &features, Start::Bias(&self.bias), head, inputs);
        let vocab_size = logits.len() / n;
        for (head, logits) in head.chunks_exact_mut(self.head.rows).zip(logits.chunks_exact_mut(vocab_size)) {
            let mut total = 0.0;
            log_sum_exp(level, head, &mut total);
            head.iter_mut().for_each(|x| *x -= total);
            logits[..frequent].copy_from_slice(&head[..frequent]);
        }
        for (c, cluster) in self.clusters.iter().enumerate() {
            let (size, tokens) = (cluster.reduce.rows, cluster.expand.rows);
            let (reduced, tail) = (&mut reduced[..n * size], &mut tail[..n * tokens]);
            reduced.fill(0.0);
            cluster.reduce.multiply(level, n, &features, Start::Y, reduced, inputs);
            tail.fill(0.0);
            cluster.expand.multiply(level, n, |i| &reduced[i * size..][..size], Start::Y, tail, inputs);
            for (i, tail) in tail.chunks_exact(tokens).enumerate() {
                let mut total = 0.0;
                log_sum_exp(level, tail, &mut total);
                let shift = head[i * self.head.rows + frequent + c] - total;
                let logits = &mut logits[i * vocab_size + cluster.first..][..tokens];
                logits.iter_mut().zip(tail).for_each(|(y, x)| *y = x + shift);
            }
        }
    }
}

for_every_level! {
    /// The logarithm of the sum of e^x, in sixteen sums that are added at the end.
    fn log_sum_exp(x: &[f32], result: &mut f32)
    {
        let highest = highest(x);
        let mut sums = [0.0; LANES];
        let chunks = x.chunks_exact(LANES);
        let rest: f32 = chunks.remainder().iter().map(|x| exp(x - highest)).sum();
        for chunk in chunks {
            for lane in 0..LANES {
                sums[lane] += exp(chunk[lane] - highest);
            }
        }
        *result = highest + ln(sums.iter().sum::<f32>() + rest);
    }
}
