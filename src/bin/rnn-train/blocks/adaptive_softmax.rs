//! The adaptive softmax (Grave et al. 2017) for large vocabularies: each frequent word is a class of the head, and each
//! cluster of rare words is one class of the head.

use rnn_tools::model::blocks;
use tch::{Device, Kind, Tensor, no_grad};

use super::{Block, Gradients, Output, Parameter, Pass, set_unigram};
use crate::linear_cross_entropy::{LinearCrossEntropy, Loss};

pub struct AdaptiveSoftmax {
    shortlist: i64,
    /// (shortlist + clusters, size)
    head_weight: Parameter,
    /// (shortlist + clusters)
    head_bias: Parameter,
    clusters: Vec<Cluster>,
    /// The data type of matrix products in training.
    kind: Kind,
}

struct Cluster {
    /// The first token, and the one after the last.
    first: i64,
    end: i64,
    /// (reduced size, size)
    reduce: Parameter,
    /// (tokens, reduced size)
    expand: Parameter,
}

impl AdaptiveSoftmax {
    /// Draws the weights uniformly from +-0.1; the bias is 0.
    pub fn new(block: &blocks::AdaptiveSoftmax, kind: Kind, device: Device) -> Self {
        let [size, head_size] = [block.input_size, block.head_size()].map(|n| n as i64);
        let uniform = |name: &str, rows: i64, columns: i64| Parameter::uniform(name, &[rows, columns], 0.1, device);
        let cluster = |(i, cluster): (usize, &blocks::Cluster)| {
            let (tokens, reduced) = (&cluster.tokens, cluster.size as i64);
            Cluster {
                first: tokens.start as i64,
                end: tokens.end as i64,
                reduce: uniform(&format!("output.tail.{i}.0.weight"), reduced, size),
                expand: uniform(&format!("output.tail.{i}.1.weight"), tokens.len() as i64, reduced),
            }
        };
        Self {
            shortlist: block.shortlist as i64,
            head_weight: uniform("output.head.weight", head_size, size),
            head_bias: Parameter::new("output.head.bias", Tensor::zeros([head_size], (Kind::Float, device))),
            clusters: block.clusters.iter().enumerate().map(cluster).collect(),
            kind,
        }
    }

    fn linear<'a>(&self, weight: &'a Parameter, bias: Option<&'a Parameter>) -> LinearCrossEntropy<'a> {
        LinearCrossEntropy { weight: &weight.tensor, bias: bias.map(|bias| &bias.tensor), training_kind: self.kind }
    }

    /// The prediction is the head's most probable class; if that is a cluster, the cluster's most probable token, as in
    /// `AdaptiveLogSoftmaxWithLoss.predict`.
    fn pass_detached(&self, features: &Tensor, targets: &Tensor, loss: Option<Loss>) -> Pass {
        let clusters = &self.clusters;
        let is_member: Vec<Tensor> =
            clusters.iter().map(|cluster| targets.ge(cluster.first).logical_and(&targets.lt(cluster.end))).collect();
        let mut head_targets = targets.copy();
        for (cluster, is_member) in (0..).zip(&is_member) {
            head_targets = head_targets.masked_fill(is_member, self.shortlist + cluster);
        }
        let head = self.linear(&self.head_weight, Some(&self.head_bias)).pass(features, &head_targets, loss);
        let (mut log_likelihoods, mut correct) = (head.log_likelihoods, head.correct.to_kind(Kind::Double));
        let mut gradients = head.gradients.map(|g| Gradients {
            features: g.hidden,
            parameters: vec![g.weight, g.bias.expect("a head has a bias")],
            embedding: None,
        });
        for (is_member, cluster) in is_member.iter().zip(clusters) {
            // The number of rows is known only on the device: the only operation of a step that waits for it.
            let rows = is_member.nonzero().squeeze_dim(-1);
            let h = features.index_select(0, &rows);
            let reduce = cluster.reduce.tensor.detach();
            let reduced = h.mm(&reduce.tr());
            let target = targets.index_select(0, &rows) - cluster.first;
            let part = self.linear(&cluster.expand, None).pass(&reduced, &target, loss);
            let _ = log_likelihoods.index_add_(0, &rows, &part.log_likelihoods);
            let both = correct.index_select(0, &rows) * part.correct.to_kind(Kind::Double);
            let _ = correct.index_copy_(0, &rows, &both);
            if let (Some(gradients), Some(part_gradients)) = (&mut gradients, part.gradients) {
                let _ = gradients.features.index_add_(0, &rows, &part_gradients.hidden.mm(&reduce));
                gradients.parameters.extend([part_gradients.hidden.tr().mm(&h), part_gradients.weight]);
            }
        }
        Pass { log_likelihoods, correct: correct.sum(Kind::Double), gradients }
    }
}

impl Block for AdaptiveSoftmax {
    fn parameters(&self) -> Vec<&Parameter> {
        let tails = self.clusters.iter().flat_map(|cluster| [&cluster.reduce, &cluster.expand]);
        [&self.head_weight, &self.head_bias].into_iter().chain(tails).collect()
    }
}

impl Output for AdaptiveSoftmax {
    fn pass(&self, features: &Tensor, targets: &Tensor, loss: Option<Loss>) -> Pass {
        no_grad(|| self.pass_detached(&features.detach(), targets, loss))
    }

    /// The frequency of a cluster is the sum over its tokens.
    fn set_bias(&mut self, counts: &[f64], fixed: bool) {
        let clusters = self.clusters.iter().map(|c| counts[c.first as usize..c.end as usize].iter().sum());
        let classes: Vec<f64> = counts[..self.shortlist as usize].iter().copied().chain(clusters).collect();
        set_unigram(&mut self.head_bias, &classes, fixed);
    }

    #[cfg(test)]
    fn log_probabilities(&self, features: &Tensor) -> Tensor {
        let head = super::log_softmax(features, &self.head_weight.tensor, Some(&self.head_bias.tensor));
        let mut parts = vec![head.narrow(1, 0, self.shortlist)];
        for (i, cluster) in (0..).zip(&self.clusters) {
            let tail = super::log_softmax(&features.mm(&cluster.reduce.tensor.tr()), &cluster.expand.tensor, None);
            parts.push(tail + head.narrow(1, self.shortlist + i, 1));
        }
        Tensor::cat(&parts, 1)
    }
}

#[cfg(test)]
mod tests {
    use rnn_tools::model::{self, Config};

    use super::*;

    #[test]
    fn scores_and_gradients_agree_with_autograd() {
        let _generator = crate::seeded(3);
        let config = Config {
            vocab_size: 60,
            embedding_size: 4,
            hidden_size: 16,
            num_layers: 1,
            cutoffs: vec![10, 25, 26],
            ..Config::default()
        };
        let leaf = |shape: &[i64]| Tensor::randn(shape, (Kind::Float, Device::Cpu)).set_requires_grad(true);
        let Some(model::Block::AdaptiveSoftmax(block)) = config.blocks().pop() else { unreachable!() };
        let output = AdaptiveSoftmax::new(&block, Kind::Float, Device::Cpu);
        let tensors: Vec<Tensor> = output.tensors();
        tch::no_grad(|| tensors.iter().for_each(|tensor| _ = tensor.shallow_clone().normal_(0.0, 1.0)));
        let hidden = leaf(&[40, 16]);
        // No target is in the second cluster, which has a single word.
        let targets = Tensor::from_slice(&(0..40).map(|i| (i * 7) % 25 + 30 * (i % 2)).collect::<Vec<i64>>());
        let all = output.log_probabilities(&hidden);
        assert!(all.exp().sum_dim_intlist(1i64, false, Kind::Float).allclose(
            &Tensor::ones([40], (Kind::Float, Device::Cpu)),
            1e-5,
            1e-5,
            false
        ));
        let expected = all.gather(1, &targets.unsqueeze(-1), false).squeeze_dim(-1);
        let leaves: Vec<&Tensor> = std::iter::once(&hidden).chain(&tensors).collect();
        let expected_gradients = Tensor::run_backward(&[-expected.mean(Kind::Float)], &leaves, false, false);

        let pass = output.pass(&hidden, &targets, Some(Loss { smoothing: 0.0, positions: 40 }));
        assert!(pass.log_likelihoods.allclose(&expected, 1e-4, 1e-5, false));
        let found = pass.gradients.unwrap();
        let ours = std::iter::once(&found.features).chain(&found.parameters);
        assert_eq!(found.parameters.len(), tensors.len());
        for (ours, expected) in ours.zip(&expected_gradients) {
            assert!(ours.allclose(expected, 1e-4, 1e-6, false), "{}", (ours - expected).abs().max());
        }
        assert!(output.pass(&hidden, &targets, None).gradients.is_none());
    }
}
