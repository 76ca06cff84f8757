//! The output layer: one softmax over the vocabulary, or an adaptive one (Grave et al. 2017) for large ones,
//! whose frequent words are classes of their own and whose rare words are reached through a class a cluster.

use rnn_tools::model::Config;
use tch::{Kind, Tensor, no_grad};

use crate::softmax::{Loss, Rows, Softmax};

/// The output layer's tensors, in the order of [`Config::tensors`].
pub struct Output<'a> {
    pub config: &'a Config,
    /// Of one softmax: weight and bias. Of an adaptive one: the head's, then two projections a cluster.
    pub tensors: &'a [Tensor],
    /// Stands in for a tied weight.
    pub embedding: &'a Tensor,
    /// The numbers whose products are taken in training.
    pub training_kind: Kind,
}

/// What comes of a pass over n positions.
pub struct Pass {
    /// Logarithms of the probabilities of the targets. (n)
    pub log_likelihoods: Tensor,
    /// Right first choices, summed over the positions. Double precision, without dimensions.
    pub right: Tensor,
    /// Of the mean smoothed cross-entropy; None where they were not asked for.
    pub gradients: Option<Gradients>,
}

pub struct Gradients {
    /// (n, features)
    pub hidden: Tensor,
    /// Parallel to the output layer's tensors.
    pub tensors: Vec<Tensor>,
    /// (vocab_size, embedding_size), of a tied weight.
    pub embedding: Option<Tensor>,
}

impl Output<'_> {
    /// Scores without gradients. `hidden`: (n, features), `targets`: (n)
    pub fn score(&self, hidden: &Tensor, targets: &Tensor) -> Pass {
        self.pass(hidden, targets, None)
    }

    /// Scores, and the gradients of the mean cross-entropy against targets of which the share `smoothing` is
    /// spread evenly over the vocabulary; in an adaptive softmax, over the classes of each of its parts.
    pub fn score_with_gradients(&self, hidden: &Tensor, targets: &Tensor, smoothing: f64) -> Pass {
        self.pass(hidden, targets, Some(Loss { smoothing, positions: hidden.size()[0] }))
    }

    fn pass(&self, hidden: &Tensor, targets: &Tensor, loss: Option<Loss>) -> Pass {
        if !self.config.cutoffs.is_empty() {
            return no_grad(|| self.adaptive_pass(&hidden.detach(), targets, loss));
        }
        let tied = self.config.tie_weights;
        let (weight, bias) =
            if tied { (self.embedding, &self.tensors[0]) } else { (&self.tensors[0], &self.tensors[1]) };
        let Rows { log_likelihoods, right, gradients } = self.softmax(weight, Some(bias)).pass(hidden, targets, loss);
        let gradients = gradients.map(|g| {
            let bias = g.bias.expect("there is a bias");
            let (tensors, embedding) = if tied { (vec![bias], Some(g.weight)) } else { (vec![g.weight, bias], None) };
            Gradients { hidden: g.hidden, tensors, embedding }
        });
        Pass { log_likelihoods, right: right.sum(Kind::Double), gradients }
    }

    fn softmax<'b>(&'b self, weight: &'b Tensor, bias: Option<&'b Tensor>) -> Softmax<'b> {
        Softmax { weight, bias, training_kind: self.training_kind }
    }

    /// The first choice is that of the head, and where this is a cluster, the first of the cluster, as
    /// `AdaptiveLogSoftmaxWithLoss.predict` has it.
    fn adaptive_pass(&self, hidden: &Tensor, targets: &Tensor, loss: Option<Loss>) -> Pass {
        let [head_weight, head_bias, tails @ ..] = self.tensors else { unreachable!("a head has two tensors") };
        let clusters = self.config.clusters();
        let shortlist = self.config.cutoffs[0] as i64;
        let inside: Vec<Tensor> = clusters
            .iter()
            .map(|&(first, end, _)| targets.ge(first as i64).logical_and(&targets.lt(end as i64)))
            .collect();
        let mut head_targets = targets.copy();
        for (cluster, inside) in (0..).zip(&inside) {
            head_targets = head_targets.masked_fill(inside, shortlist + cluster);
        }
        let head = self.softmax(head_weight, Some(head_bias)).pass(hidden, &head_targets, loss);
        let (mut log_likelihoods, mut right) = (head.log_likelihoods, head.right.to_kind(Kind::Double));
        let mut gradients = head.gradients.map(|g| Gradients {
            hidden: g.hidden,
            tensors: vec![g.weight, g.bias.expect("a head has a bias")],
            embedding: None,
        });
        for ((inside, (first, ..)), tail) in inside.iter().zip(clusters).zip(tails.chunks_exact(2)) {
            // How many rows there are is known on the device alone: the one thing in a step that waits for it.
            let rows = inside.nonzero().squeeze_dim(-1);
            let h = hidden.index_select(0, &rows);
            let (reduce, project) = (tail[0].detach(), &tail[1]);
            let reduced = h.mm(&reduce.tr());
            let target = targets.index_select(0, &rows) - first as i64;
            let part = self.softmax(project, None).pass(&reduced, &target, loss);
            let _ = log_likelihoods.index_add_(0, &rows, &part.log_likelihoods);
            let both = right.index_select(0, &rows) * part.right.to_kind(Kind::Double);
            let _ = right.index_copy_(0, &rows, &both);
            if let (Some(gradients), Some(of_part)) = (&mut gradients, part.gradients) {
                let _ = gradients.hidden.index_add_(0, &rows, &of_part.hidden.mm(&reduce));
                gradients.tensors.extend([of_part.hidden.tr().mm(&h), of_part.weight]);
            }
        }
        Pass { log_likelihoods, right: right.sum(Kind::Double), gradients }
    }
}

#[cfg(test)]
impl Output<'_> {
    /// The formula, by autograd and all at once. (n, vocab_size)
    pub fn log_probabilities(&self, hidden: &Tensor) -> Tensor {
        let classes = |hidden: &Tensor, weight: &Tensor, bias| hidden.linear(weight, bias).log_softmax(-1, Kind::Float);
        let tensors = self.tensors;
        let Some(&shortlist) = self.config.cutoffs.first() else {
            let weight = if self.config.tie_weights { self.embedding } else { &tensors[0] };
            return classes(hidden, weight, tensors.last());
        };
        let head = classes(hidden, &tensors[0], Some(&tensors[1]));
        let mut parts = vec![head.narrow(1, 0, shortlist as i64)];
        for (i, tail) in tensors[2..].chunks_exact(2).enumerate() {
            let inside = classes(&hidden.mm(&tail[0].tr()), &tail[1], None);
            parts.push(inside + head.narrow(1, (shortlist + i) as i64, 1));
        }
        Tensor::cat(&parts, 1)
    }
}

#[cfg(test)]
mod tests {
    use tch::Device;

    use super::*;

    #[test]
    fn an_adaptive_softmax_is_that_of_the_paper_and_so_are_its_gradients() {
        tch::manual_seed(3);
        let config = Config {
            vocab_size: 60,
            embedding_size: 4,
            hidden_size: 16,
            num_layers: 1,
            cutoffs: vec![10, 25, 26],
            ..Config::default()
        };
        let leaf = |shape: &[i64]| Tensor::randn(shape, (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let shapes = config.tensors().into_iter().filter(|(name, _)| name.starts_with("output."));
        let tensors: Vec<Tensor> =
            shapes.map(|(_, shape)| leaf(&shape.iter().map(|&n| n as i64).collect::<Vec<_>>())).collect();
        let hidden = leaf(&[40, 16]);
        // No target in the last cluster but one, which is of one word.
        let targets = Tensor::from_slice(&(0..40).map(|i| (i * 7) % 25 + 30 * (i % 2)).collect::<Vec<i64>>());
        let output = Output { config: &config, tensors: &tensors, embedding: &hidden, training_kind: Kind::Float };
        let all = output.log_probabilities(&hidden);
        assert!(all.exp().sum_dim_intlist(1i64, false, Kind::Float).allclose(
            &Tensor::ones([40], (Kind::Float, Device::Cpu)),
            1e-5,
            1e-5,
            false
        ));
        let expected = all.gather(1, &targets.unsqueeze(-1), false).squeeze_dim(-1);
        let leaves: Vec<&Tensor> = std::iter::once(&hidden).chain(&tensors).collect();
        let slopes = Tensor::run_backward(&[-expected.mean(Kind::Float)], &leaves, false, false);

        let pass = output.score_with_gradients(&hidden, &targets, 0.0);
        assert!(pass.log_likelihoods.allclose(&expected, 1e-4, 1e-5, false));
        let found = pass.gradients.unwrap();
        let ours = std::iter::once(&found.hidden).chain(&found.tensors);
        assert_eq!(found.tensors.len(), tensors.len());
        for (ours, expected) in ours.zip(&slopes) {
            assert!(ours.allclose(expected, 1e-4, 1e-6, false), "{}", (ours - expected).abs().max());
        }
        assert!(output.score(&hidden, &targets).gradients.is_none());
    }
}
