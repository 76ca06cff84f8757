//! The output layer: projection to the vocabulary, softmax, cross-entropy, and their gradients, in blocks of
//! rows. A block's logits stay in the cache and are overwritten by their own gradient, so that memory does
//! not grow with batch x length x vocabulary, and each is touched once.

use tch::{Device, Kind, Tensor, no_grad};

/// The output layer's parameters.
pub struct Output<'a> {
    /// (vocab_size, hidden_size)
    pub weight: &'a Tensor,
    /// (vocab_size)
    pub bias: &'a Tensor,
}

/// What comes of a pass over some positions.
pub struct Pass {
    /// Logarithms of the probabilities of the targets. (n)
    pub log_likelihoods: Tensor,
    /// Right first choices, summed over the positions. Double precision, without dimensions.
    pub right: Tensor,
    /// Of the mean smoothed cross-entropy; None where they were not asked for.
    pub gradients: Option<Gradients>,
}

pub struct Gradients {
    /// (n, hidden_size)
    pub hidden: Tensor,
    /// (vocab_size, hidden_size)
    pub weight: Tensor,
    /// (vocab_size)
    pub bias: Tensor,
}

impl Output<'_> {
    /// Scores without gradients. `hidden`: (n, hidden_size), `targets`: (n)
    pub fn score(&self, hidden: &Tensor, targets: &Tensor) -> Pass {
        self.pass(hidden, targets, None)
    }

    /// Scores, and the gradients of the mean cross-entropy against targets of which the share `smoothing` is
    /// spread evenly over the vocabulary.
    pub fn score_with_gradients(&self, hidden: &Tensor, targets: &Tensor, smoothing: f64) -> Pass {
        self.pass(hidden, targets, Some(smoothing))
    }

    fn pass(&self, hidden: &Tensor, targets: &Tensor, smoothing: Option<f64>) -> Pass {
        no_grad(|| {
            let (n, device) = (hidden.size()[0], hidden.device());
            let vocab_size = self.weight.size()[0];
            let (weight, hidden) = (self.weight.detach(), hidden.detach());
            let mut gradients = smoothing.map(|_| Gradients {
                hidden: hidden.zeros_like(),
                weight: weight.zeros_like(),
                bias: self.bias.detach().zeros_like(),
            });
            let mut log_likelihoods = Vec::new();
            let mut right = Tensor::zeros([], (Kind::Double, device));
            let rows = block_rows(vocab_size, device);
            for start in (0..n).step_by(rows as usize) {
                let length = rows.min(n - start);
                let h = hidden.narrow(0, start, length);
                let target = targets.narrow(0, start, length).unsqueeze(-1);
                let mut block = h.linear(&weight, Some(&self.bias.detach())).log_softmax(-1, Kind::Float);
                let chosen = block.gather(-1, &target, false);
                right += chosen.ge_tensor(&block.amax(-1, true)).sum(Kind::Double);
                if let (Some(gradients), Some(smoothing)) = (&mut gradients, smoothing) {
                    // Softmax less the target distribution.
                    let _ = block.exp_();
                    if smoothing > 0.0 {
                        let _ = block.g_sub_scalar_(smoothing / vocab_size as f64);
                    }
                    let _ = block.scatter_add_(-1, &target, &chosen.full_like(smoothing - 1.0));
                    let _ = block.g_div_scalar_(n as f64);
                    gradients.hidden.narrow(0, start, length).copy_(&block.mm(&weight));
                    let _ = gradients.weight.addmm_(&block.tr(), &h);
                    gradients.bias += block.sum_dim_intlist(0i64, false, Kind::Float);
                }
                log_likelihoods.push(chosen.squeeze_dim(-1));
            }
            Pass { log_likelihoods: Tensor::cat(&log_likelihoods, 0), right, gradients }
        })
    }
}

/// Rows whose logits stay in the cache of a CPU (the fastest size measured), or a modest part of a GPU's memory.
fn block_rows(vocab_size: i64, device: Device) -> i64 {
    let (elements, least): (i64, i64) = if device == Device::Cpu { (1 << 20, 64) } else { (1 << 27, 1024) };
    (elements / vocab_size).max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_give_what_autograd_gives() {
        tch::manual_seed(3);
        // Several blocks, the last a part of one.
        let (n, size, vocab_size) = (150, 12, 11_000);
        assert!(block_rows(vocab_size, Device::Cpu) < n);
        let float = (Kind::Float, Device::Cpu);
        let leaf = |tensor: Tensor| tensor.set_requires_grad(true);
        let hidden = leaf(Tensor::randn([n, size], float));
        let (weight, bias) = (leaf(Tensor::randn([vocab_size, size], float)), leaf(Tensor::randn([vocab_size], float)));
        let targets = Tensor::randint(vocab_size, [n], (Kind::Int64, Device::Cpu));
        for smoothing in [0.0, 0.15] {
            let logits = hidden.linear(&weight, Some(&bias));
            let loss = logits.cross_entropy_loss(&targets, None::<&Tensor>, tch::Reduction::Mean, -100, smoothing);
            let expected = Tensor::run_backward(&[loss], &[&hidden, &weight, &bias], false, false);
            let pass = Output { weight: &weight, bias: &bias }.score_with_gradients(&hidden, &targets, smoothing);
            let found = pass.gradients.unwrap();
            for (ours, expected) in [found.hidden, found.weight, found.bias].iter().zip(&expected) {
                assert!(ours.allclose(expected, 1e-4, 1e-7, false), "{}", (ours - expected).abs().max());
            }
            let mean = hidden.linear(&weight, Some(&bias)).cross_entropy_for_logits(&targets);
            let ours = -pass.log_likelihoods.mean(Kind::Float);
            assert!((f64::try_from(&ours).unwrap() - f64::try_from(&mean).unwrap()).abs() < 1e-5);
            let right = logits.argmax(-1, false).eq_tensor(&targets).sum(Kind::Double);
            assert_eq!(f64::try_from(&pass.right).unwrap(), f64::try_from(&right).unwrap());
        }
    }
}
