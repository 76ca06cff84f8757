//! Attention over the features of the last tokens.

use super::kernels::Start;
use super::matrix::{Inputs, Matrix};
use super::sums::LANES;
use crate::level::{Level, for_every_level};
use crate::math::{exp, highest};

/// What a network may look back at: with a query W f of the present features f, each of the remembered ones (the present
/// among them) gets the weight softmax(query . f_i / sqrt(size)), and their mean so weighted is added to f.
pub struct Attention {
    /// (features, features)
    pub query: Matrix,
}

impl Attention {
    /// `features(i)` and `memory(i)`, the features remembered, of each of `n` states; `queries` and `output`: (n, features)
    #[expect(clippy::too_many_arguments)]
    pub fn attend<'s>(
        &self,
        level: Level,
        n: usize,
        features: impl Fn(usize) -> &'s [f32],
        memory: impl Fn(usize) -> &'s [f32],
        queries: &mut [f32],
        scores: &mut [f32],
        output: &mut [f32],
        inputs: &mut Inputs,
    ) {
        let size = self.query.columns;
        let queries = &mut queries[..n * size];
        queries.fill(0.0);
        self.query.multiply(level, n, &features, Start::Y, queries, inputs);
        for (i, (query, output)) in queries.chunks_exact(size).zip(output.chunks_exact_mut(size)).enumerate() {
            output.copy_from_slice(features(i));
            weigh(level, query, memory(i), scores, output);
        }
    }
}

for_every_level! {
    /// Adds the mean of `memory`'s rows to `output`, weighted by the query. `memory`: (rows, size), `scores`: (rows) or more
    fn weigh(query: &[f32], memory: &[f32], scores: &mut [f32], output: &mut [f32])
    {
        let size = query.len();
        let scores = &mut scores[..memory.len() / size];
        let scale = 1.0 / (size as f32).sqrt();
        for (score, row) in scores.iter_mut().zip(memory.chunks_exact(size)) {
            *score = dot(query, row) * scale;
        }
        let highest = highest(scores);
        let mut total = 0.0;
        for score in scores.iter_mut() {
            *score = exp(*score - highest);
            total += *score;
        }
        for (score, row) in scores.iter().zip(memory.chunks_exact(size)) {
            let weight = score / total;
            output.iter_mut().zip(row).for_each(|(y, x)| *y += weight * x);
        }
    }
}

/// The sum of products, in sixteen sums that are added at the end.
#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; LANES];
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f32 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    for (a, b) in a.zip(b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f32>() + rest
}
