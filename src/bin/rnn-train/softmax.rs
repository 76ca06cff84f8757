//! Projection, softmax, cross-entropy, and their gradients, in blocks of rows. A block's logits stay in the
//! cache and are overwritten by their own gradient, so that memory does not grow with
//! batch x length x vocabulary, and each is touched once.
//!
//! In training, products may be taken of bfloat16: their sums are of 32 bits, and so is all between them. A logit is
//! then off by up to 0.4 %, one way as often as the other.

use tch::{Device, Kind, Tensor, no_grad};

/// A projection to some classes.
pub struct Softmax<'a> {
    /// (classes, size)
    pub weight: &'a Tensor,
    /// (classes)
    pub bias: Option<&'a Tensor>,
    /// The numbers whose products are taken in training.
    pub training_kind: Kind,
}

/// How gradients are made of a pass.
#[derive(Clone, Copy)]
pub struct Loss {
    /// Share of the targets' probability that is spread evenly over the classes.
    pub smoothing: f64,
    /// Positions over which the mean is taken.
    pub positions: i64,
}

/// What comes of a pass over n positions.
pub struct Rows {
    /// Logarithms of the probabilities of the targets. (n)
    pub log_likelihoods: Tensor,
    /// Whether the target is the first choice. (n), booleans
    pub right: Tensor,
    /// Of the mean smoothed cross-entropy; None where they were not asked for.
    pub gradients: Option<Gradients>,
}

pub struct Gradients {
    /// (n, size)
    pub hidden: Tensor,
    /// (classes, size)
    pub weight: Tensor,
    /// (classes); None where there is no bias.
    pub bias: Option<Tensor>,
}

impl Softmax<'_> {
    /// Scores `targets` (n) after `hidden` (n, size). Outside the graph.
    pub fn pass(&self, hidden: &Tensor, targets: &Tensor, loss: Option<Loss>) -> Rows {
        no_grad(|| {
            let (n, device) = (hidden.size()[0], hidden.device());
            let classes = self.weight.size()[0];
            let (weight, bias, hidden) = (self.weight.detach(), self.bias.map(Tensor::detach), hidden.detach());
            let mut gradients = loss.map(|_| Gradients {
                hidden: hidden.zeros_like(),
                weight: weight.zeros_like(),
                bias: bias.as_ref().map(Tensor::zeros_like),
            });
            let (mut log_likelihoods, mut right) = (Vec::new(), Vec::new());
            let rows = block_rows(classes, device);
            let kind = if loss.is_some() { self.training_kind } else { Kind::Float };
            let (weight, hidden) = (weight.to_kind(kind), hidden.to_kind(kind));
            for start in (0..n).step_by(rows as usize) {
                let length = rows.min(n - start);
                let h = hidden.narrow(0, start, length);
                let target = targets.narrow(0, start, length).unsqueeze(-1);
                let mut block = match (&bias, kind) {
                    (bias, Kind::Float) => h.linear(&weight, bias.as_ref()),
                    (None, _) => h.linear(&weight, None::<&Tensor>).to_kind(Kind::Float),
                    (Some(bias), _) => h.linear(&weight, None::<&Tensor>).to_kind(Kind::Float) + bias,
                };
                block = block.log_softmax(-1, Kind::Float);
                let chosen = block.gather(-1, &target, false);
                right.push(chosen.ge_tensor(&block.amax(-1, true)).squeeze_dim(-1));
                if let (Some(gradients), Some(Loss { smoothing, positions })) = (&mut gradients, loss) {
                    // Softmax less the target distribution.
                    let _ = block.exp_();
                    if smoothing > 0.0 {
                        let _ = block.g_sub_scalar_(smoothing / classes as f64);
                    }
                    let _ = block.scatter_add_(-1, &target, &chosen.full_like(smoothing - 1.0));
                    let _ = block.g_div_scalar_(positions as f64);
                    if let Some(bias) = &mut gradients.bias {
                        *bias += block.sum_dim_intlist(0i64, false, Kind::Float);
                    }
                    let block = block.to_kind(kind);
                    gradients.hidden.narrow(0, start, length).copy_(&block.mm(&weight));
                    gradients.weight += block.tr().mm(&h);
                }
                log_likelihoods.push(chosen.squeeze_dim(-1));
            }
            if n == 0 {
                let empty = |kind| Tensor::zeros([0], (kind, device));
                return Rows { log_likelihoods: empty(Kind::Float), right: empty(Kind::Bool), gradients };
            }
            Rows { log_likelihoods: Tensor::cat(&log_likelihoods, 0), right: Tensor::cat(&right, 0), gradients }
        })
    }
}

/// Rows whose logits stay in the cache of a CPU (the fastest size measured), or a modest part of a GPU's memory.
fn block_rows(classes: i64, device: Device) -> i64 {
    let (elements, least): (i64, i64) = if device == Device::Cpu { (1 << 20, 64) } else { (1 << 27, 1024) };
    (elements / classes).max(least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_give_what_autograd_gives() {
        tch::manual_seed(3);
        // Several blocks, the last a part of one.
        let (n, size, classes) = (150, 12, 11_000);
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
            let softmax = Softmax { weight: &weight, bias: Some(&bias), training_kind };
            let rows = softmax.pass(&hidden, &targets, Some(Loss { smoothing, positions: n }));
            let found = rows.gradients.unwrap();
            for (ours, expected) in [found.hidden, found.weight, found.bias.unwrap()].iter().zip(&expected) {
                let error = f64::try_from((ours - expected).norm() / expected.norm()).unwrap();
                let bound = if training_kind == Kind::Float { 1e-5 } else { 1e-2 };
                assert!(error < bound, "{training_kind:?} {error}");
            }
            if training_kind != Kind::Float {
                continue;
            }
            let mean = hidden.linear(&weight, Some(&bias)).cross_entropy_for_logits(&targets);
            let ours = -rows.log_likelihoods.mean(Kind::Float);
            assert!((f64::try_from(&ours).unwrap() - f64::try_from(&mean).unwrap()).abs() < 1e-5);
            assert!(rows.right.equal(&logits.argmax(-1, false).eq_tensor(&targets)));
        }
    }
}
