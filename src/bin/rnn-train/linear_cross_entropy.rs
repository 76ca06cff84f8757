//! Projection, softmax, cross-entropy and their gradients, fused. Rows are processed in blocks whose gradients
//! overwrite the logits, so that memory does not grow with batch x length x vocabulary.
//!
//! In training, the operands of matrix products may be bfloat16; sums and everything between products are 32-bit
//! floats. A logit then has an error of up to 0.4 %.

use std::sync::{Mutex, PoisonError};

use rnn_tools::cross_entropy::{self, Bfloat16};
use tch::{Device, Kind, Tensor, no_grad};

use crate::{cpu, ops};

/// A linear projection to classes, followed by the cross-entropy.
pub struct LinearCrossEntropy<'a> {
    /// (classes, size)
    pub weight: &'a Tensor,
    /// (classes)
    pub bias: Option<&'a Tensor>,
    /// The data type of matrix products in training.
    pub training_kind: Kind,
}

/// The loss whose gradients a pass computes.
#[derive(Clone, Copy)]
pub struct Loss {
    /// Label smoothing: the fraction of the target's probability that is spread evenly over the classes.
    pub smoothing: f64,
    /// The number of positions in the mean.
    pub positions: i64,
}

/// Scores of n positions.
pub struct Scores {
    /// Logarithms of the probabilities of the targets. (n)
    pub log_likelihoods: Tensor,
    /// Whether the target is the most probable class. (n), boolean
    pub correct: Tensor,
    /// The gradients of the mean smoothed cross-entropy; None without a loss.
    pub gradients: Option<Gradients>,
}

pub struct Gradients {
    /// (n, size)
    pub hidden: Tensor,
    /// (classes, size)
    pub weight: Tensor,
    /// (classes); None without a bias.
    pub bias: Option<Tensor>,
}

impl LinearCrossEntropy<'_> {
    /// Scores `targets` (n) given `hidden` (n, size), without recording a graph.
    pub fn pass(&self, hidden: &Tensor, targets: &Tensor, loss: Option<Loss>) -> Scores {
        no_grad(|| {
            let (n, device) = (hidden.size()[0], hidden.device());
            let classes = self.weight.size()[0];
            let (weight, bias, hidden) = (self.weight.detach(), self.bias.map(Tensor::detach), hidden.detach());
            if n == 0 {
                let empty = |kind| Tensor::zeros([0], (kind, device));
                let gradients = loss.map(|_| Gradients {
                    hidden: hidden.zeros_like(),
                    weight: weight.zeros_like(),
                    bias: bias.as_ref().map(Tensor::zeros_like),
                });
                return Scores { log_likelihoods: empty(Kind::Float), correct: empty(Kind::Bool), gradients };
            }
            let kind = if loss.is_some() { self.training_kind } else { Kind::Float };
            let (weight, hidden) = (weight.to_kind(kind), hidden.to_kind(kind));
            let (mut log_likelihoods, mut correct, mut hidden_gradients) = (Vec::new(), Vec::new(), Vec::new());
            let (mut weight_gradient, mut bias_gradient) = (None, None);
            let rows = block_rows(classes, device);
            for start in (0..n).step_by(rows as usize) {
                let h = hidden.narrow(0, start, rows.min(n - start));
                let block = Block {
                    logits: h.linear(&weight, None::<&Tensor>),
                    bias: bias.as_ref(),
                    targets: targets.narrow(0, start, rows.min(n - start)),
                    loss,
                };
                let scored = match (device, kind) {
                    (Device::Cpu, Kind::BFloat16) => block.score_on_cpu::<Bfloat16>(),
                    (Device::Cpu, _) => block.score_on_cpu::<f32>(),
                    _ => block.score(),
                };
                log_likelihoods.push(scored.log_likelihoods);
                correct.push(scored.correct);
                if let Some(logit_gradients) = scored.logit_gradients {
                    hidden_gradients.push(logit_gradients.mm(&weight));
                    add(&mut weight_gradient, logit_gradients.tr().mm(&h));
                    scored.bias_gradient.into_iter().for_each(|bias| add(&mut bias_gradient, bias));
                }
            }
            let gradients = weight_gradient.map(|weight| Gradients {
                hidden: Tensor::cat(&hidden_gradients, 0).to_kind(Kind::Float),
                weight,
                bias: bias_gradient,
            });
            Scores { log_likelihoods: Tensor::cat(&log_likelihoods, 0), correct: Tensor::cat(&correct, 0), gradients }
        })
    }
}

/// Adds a term to a sum of 32-bit floats.
fn add(sum: &mut Option<Tensor>, term: Tensor) {
    match sum {
        Some(sum) => *sum += term,
        None => *sum = Some(term.to_kind(Kind::Float)),
    }
}

/// A block of rows.
struct Block<'a> {
    /// The logits before the bias is added. (rows, classes)
    logits: Tensor,
    /// (classes)
    bias: Option<&'a Tensor>,
    /// (rows)
    targets: Tensor,
    loss: Option<Loss>,
}

/// The scores of a block.
struct BlockScores {
    /// (rows)
    log_likelihoods: Tensor,
    correct: Tensor,
    /// The gradients of the logits; None without a loss. (rows, classes)
    logit_gradients: Option<Tensor>,
    /// Their sum over the rows, if there is a bias. (classes)
    bias_gradient: Option<Tensor>,
}

impl Block<'_> {
    /// Scores the rows with libtorch's operators.
    fn score(self) -> BlockScores {
        let (kind, classes) = (self.logits.kind(), self.logits.size()[1]);
        let mut block = self.logits.to_kind(Kind::Float);
        if let Some(bias) = self.bias {
            block += bias;
        }
        block = block.log_softmax(-1, Kind::Float);
        let target = self.targets.unsqueeze(-1);
        let chosen = block.gather(-1, &target, false);
        let correct = chosen.ge_tensor(&block.amax(-1, true)).squeeze_dim(-1);
        let logit_gradients = self.loss.map(|Loss { smoothing, positions }| {
            // Softmax minus the target distribution.
            let _ = block.exp_();
            if smoothing > 0.0 {
                let _ = block.g_sub_scalar_(smoothing / classes as f64);
            }
            let _ = block.scatter_add_(-1, &target, &chosen.full_like(smoothing - 1.0));
            block.g_div_scalar_(positions as f64)
        });
        BlockScores {
            log_likelihoods: chosen.squeeze_dim(-1),
            correct,
            bias_gradient: logit_gradients
                .as_ref()
                .filter(|_| self.bias.is_some())
                .map(|s| s.sum_dim_intlist(0i64, false, Kind::Float)),
            logit_gradients: logit_gradients.map(|logit_gradients| logit_gradients.to_kind(kind)),
        }
    }

    /// Computes the same as [`score`](Self::score) in one pass over each row; libtorch makes ten passes over all of
    /// them.
    fn score_on_cpu<T: cross_entropy::Logit + cpu::Number>(mut self) -> BlockScores {
        let classes = self.logits.size()[1] as usize;
        let mut scores = vec![cross_entropy::Score::default(); self.targets.numel()];
        let bias: Option<&[f32]> = self.bias.map(cpu::numbers);
        // The size of the parts does not depend on the number of threads, and so neither do the sums.
        let size = |rows: usize| rows * classes;
        let mut sums = vec![0.0; if self.loss.is_some() { size(scores.len().div_ceil(PART)) } else { 0 }];
        let mut sum_of_part = sums.chunks_exact_mut(classes);
        let parts = cpu::numbers_mut::<T>(&mut self.logits).chunks_mut(size(PART));
        let parts = parts.zip(cpu::numbers(&self.targets).chunks(PART)).zip(scores.chunks_mut(PART));
        let part = |((logits, targets), scores)| {
            let gradient = self.loss.zip(sum_of_part.next()).map(|(loss, sum)| cross_entropy::Gradient {
                smoothing: loss.smoothing as f32,
                scale: 1.0 / loss.positions as f32,
                sum,
            });
            Mutex::new(Some((logits, targets, gradient, scores)))
        };
        let parts: Vec<_> = parts.map(part).collect();
        ops::parallel_for(parts.len(), |range| {
            let mut scratch = vec![0.0; classes];
            for part in &parts[range] {
                let part = part.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some((logits, targets, gradient, scores)) = part {
                    cross_entropy::rows(logits, bias, targets, gradient, &mut scratch, scores);
                }
            }
        });
        let log_likelihoods: Vec<f32> = scores.iter().map(|score| score.log_likelihood).collect();
        let correct: Vec<bool> = scores.iter().map(|score| score.is_right).collect();
        let sum =
            |_: &Tensor| Tensor::from_slice(&sums).view([-1, classes as i64]).sum_dim_intlist(0i64, false, Kind::Float);
        BlockScores {
            log_likelihoods: Tensor::from_slice(&log_likelihoods),
            correct: Tensor::from_slice(&correct),
            bias_gradient: self.bias.filter(|_| self.loss.is_some()).map(sum),
            logit_gradients: self.loss.is_some().then_some(self.logits),
        }
    }
}

/// Rows per thread task on a CPU.
const PART: usize = 32;

/// Returns the number of rows per block: small enough for the logits to use little memory, and large enough for few
/// blocks, since each adds to the gradient of the whole weight.
fn block_rows(classes: i64, device: Device) -> i64 {
    let (elements, min): (i64, i64) = if device == Device::Cpu { (1 << 23, 64) } else { (1 << 27, 1024) };
    (elements / classes).max(min)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_agree_with_autograd() {
        let _generator = crate::seeded(3);
        // Several blocks, the last one incomplete.
        let (n, size, classes) = (900, 12, 11_000);
        assert!(block_rows(classes, Device::Cpu) < n);
        let float = (Kind::Float, Device::Cpu);
        let leaf = |tensor: Tensor| tensor.set_requires_grad(true);
        let hidden = leaf(Tensor::randn([n, size], float));
        let (weight, bias) = (leaf(Tensor::randn([classes, size], float)), leaf(Tensor::randn([classes], float)));
        let targets = Tensor::randint(classes, [n], (Kind::Int64, Device::Cpu));
        for (smoothing, training_kind) in [(0.0, Kind::Float), (0.15, Kind::Float), (0.1, Kind::BFloat16)] {
            let logits = hidden.linear(&weight, Some(&bias));
            let loss = logits.cross_entropy_loss(&targets, None::<&Tensor>, tch::Reduction::Mean, -100, smoothing);
            let expected = Tensor::run_backward(&[loss], &[&hidden, &weight, &bias], false, false);
            let layer = LinearCrossEntropy { weight: &weight, bias: Some(&bias), training_kind };
            let rows = layer.pass(&hidden, &targets, Some(Loss { smoothing, positions: n }));
            let found = rows.gradients.unwrap();
            for (ours, expected) in [found.hidden, found.weight, found.bias.unwrap()].iter().zip(&expected) {
                let error = f64::try_from((ours - expected).norm() / expected.norm()).unwrap();
                let bound = if training_kind == Kind::Float { 1e-5 } else { 1e-2 };
                assert!(error < bound, "{training_kind:?} {error}");
            }
            if training_kind != Kind::Float {
                continue;
            }
            // The operators used on a GPU, on some of the rows.
            let block = || Block {
                logits: hidden.detach().narrow(0, 0, 70).linear(&weight.detach(), None::<&Tensor>),
                bias: Some(&bias),
                targets: targets.narrow(0, 0, 70),
                loss: Some(Loss { smoothing, positions: n }),
            };
            let (ours, theirs) = no_grad(|| (block().score_on_cpu::<f32>(), block().score()));
            assert!(ours.correct.equal(&theirs.correct));
            assert!(ours.log_likelihoods.allclose(&theirs.log_likelihoods, 1e-5, 1e-5, false));
            for (a, b) in [(ours.logit_gradients, theirs.logit_gradients), (ours.bias_gradient, theirs.bias_gradient)] {
                assert!(a.unwrap().allclose(&b.unwrap(), 1e-4, 1e-9, false));
            }
            let mean = hidden.linear(&weight, Some(&bias)).cross_entropy_for_logits(&targets);
            let ours = -rows.log_likelihoods.mean(Kind::Float);
            assert!((f64::try_from(&ours).unwrap() - f64::try_from(&mean).unwrap()).abs() < 1e-5);
            assert!(rows.correct.equal(&logits.argmax(-1, false).eq_tensor(&targets)));
        }
    }
}
