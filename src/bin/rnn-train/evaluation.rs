//! Loss and accuracy over many batches, and the pass over the validation part.

use tch::{Device, Kind, Tensor, no_grad};

use crate::batches::Batches;
use crate::network::Network;
use crate::output::Pass;

/// Steps of time evaluated at once.
const LENGTH: usize = 128;

/// Sums over tokens, kept on the device until they are asked for.
pub struct Score {
    /// Cross-entropy in nats, and right first choices. (2)
    pub sums: Tensor,
    pub tokens: usize,
    /// Of each window, one a target, where they are collected.
    log_likelihoods: Option<Vec<Tensor>>,
}

impl Score {
    pub fn new(device: Device) -> Self {
        Self { sums: Tensor::zeros([2], (Kind::Double, device)), tokens: 0, log_likelihoods: None }
    }

    pub fn add(&mut self, pass: &Pass) {
        self.sums += Tensor::stack(&[&-pass.log_likelihoods.sum(Kind::Double), &pass.right], 0);
        self.tokens += pass.log_likelihoods.size()[0] as usize;
        if let Some(all) = &mut self.log_likelihoods {
            all.push(pass.log_likelihoods.shallow_clone());
        }
    }

    /// Nats a token, and share of right first choices. Waits for the device.
    pub fn means(&self) -> (f64, f64) {
        let sums = Vec::<f64>::try_from(&self.sums).expect("two doubles");
        (sums[0] / self.tokens as f64, sums[1] / self.tokens as f64)
    }

    /// One a target, in the order (time, stream). Waits for the device.
    pub fn log_likelihoods(&self) -> Vec<f32> {
        let all = Tensor::cat(self.log_likelihoods.as_deref().unwrap_or_default(), 0);
        Vec::try_from(all).expect("a row of floats")
    }
}

/// The score of a part of the text, with log-likelihoods, dropout off.
pub fn evaluate(network: &Network, part: &Batches) -> Score {
    no_grad(|| {
        let mut state = network.zero_state(part.streams.count as i64);
        let mut score = Score { log_likelihoods: Some(Vec::new()), ..Score::new(part.device()) };
        for window in part.streams.windows(LENGTH, 0) {
            let batch = part.batch(&window);
            let forward = network.forward(&batch.input, &state, None);
            score.add(&network.output().score(&forward.features, &batch.target));
            state = forward.state;
        }
        score
    })
}
