//! Loss and accuracy over many batches, and evaluation on the validation part.

use tch::{Device, Kind, Tensor, no_grad};

use crate::batches::Batches;
use crate::blocks::Pass;
use crate::network::Network;

/// Sums over tokens, kept on the device until they are read.
pub struct Score {
    /// The sum of the cross-entropy in nats, and the number of correct predictions. (2)
    pub sums: Tensor,
    pub tokens: usize,
    /// The log-likelihoods of each window's targets, if they are collected.
    log_likelihoods: Option<Vec<Tensor>>,
}

impl Score {
    pub fn new(device: Device) -> Self {
        Self { sums: Tensor::zeros([2], (Kind::Double, device)), tokens: 0, log_likelihoods: None }
    }

    pub fn add(&mut self, pass: &Pass) {
        self.sums += Tensor::stack(&[&-pass.log_likelihoods.sum(Kind::Double), &pass.correct], 0);
        self.tokens += pass.log_likelihoods.size()[0] as usize;
        if let Some(all) = &mut self.log_likelihoods {
            all.push(pass.log_likelihoods.shallow_clone());
        }
    }

    /// Returns the loss in nats per token, and the accuracy. Waits for the device.
    pub fn means(&self) -> (f64, f64) {
        let sums = Vec::<f64>::try_from(&self.sums).expect("two doubles");
        (sums[0] / self.tokens as f64, sums[1] / self.tokens as f64)
    }

    /// Returns one log-likelihood per target, in the order of [`Batches::eval_targets`]. Waits for the device.
    pub fn log_likelihoods(&self) -> Vec<f32> {
        let all = Tensor::cat(self.log_likelihoods.as_deref().unwrap_or_default(), 0);
        Vec::try_from(all).expect("a vector of floats")
    }
}

/// Scores a part of the text without dropout, and collects the log-likelihoods.
pub fn evaluate(network: &Network, part: &Batches) -> Score {
    no_grad(|| {
        let mut state = network.zero_state(0);
        let mut score = Score { log_likelihoods: Some(Vec::new()), ..Score::new(part.device()) };
        for window in part.eval_windows() {
            if window.start == 0 {
                state = network.zero_state(part.count(&window));
            }
            let batch = part.batch(&window);
            let forward = network.forward(&batch.input, &state, None);
            score.add(&network.score(&batch.select(forward.features), &batch.targets));
            state = forward.state;
        }
        score
    })
}

#[cfg(test)]
mod tests {
    use rnn_tools::dataset::{Prep, TokenFile};
    use rnn_tools::model::Config;
    use rnn_tools::settings::{Preset, Settings};
    use rnn_tools::text::{BOS, EOS, PreTokenizer, Tokenizer, UNKNOWN};

    use super::*;

    /// Documents of random length, each between `<bos>` and `<eos>`.
    fn documents(count: usize) -> TokenFile {
        let mut ids = Vec::new();
        for n in 0..count {
            ids.push(1);
            ids.extend((0..n * 7919 % 300).map(|k| 3 + (n + k * k) as u32 % 10));
            ids.push(2);
        }
        let pieces = [UNKNOWN, BOS, EOS, "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        let tokenizer = Tokenizer::new(PreTokenizer::Plain, pieces).unwrap();
        let prep = Prep { documents: count as u64, ..Prep::default() };
        TokenFile { tokenizer, prep, valid: ids.clone(), train: ids, test: Vec::new(), embeddings: None }
    }

    #[test]
    fn documents_side_by_side_score_the_same_as_alone() {
        let _generator = crate::seeded(6);
        let file = documents(9);
        for config in [
            Config { vocab_size: 13, embedding_size: 6, hidden_size: 8, num_layers: 2, ..Config::default() },
            Config {
                vocab_size: 13,
                embedding_size: 6,
                hidden_size: 8,
                num_layers: 1,
                attention: 5,
                ..Config::default()
            },
        ] {
            let network = Network::new(config, Device::Cpu);
            let settings = Settings { batch_size: 4, ..Settings::preset(Preset::Classic) };
            let part = Batches::train(&file, &settings, Device::Cpu).unwrap().valid(&file).unwrap();
            assert_eq!(part.num_documents(), Some(9));
            let together = evaluate(&network, &part);
            let (mut sum, mut targets) = (0.0, 0);
            for document in file.valid.split_inclusive(|&id| id == 2) {
                let ids: Vec<i64> = document.iter().map(|&id| id.into()).collect();
                let ids = Tensor::from_slice(&ids).view([-1, 1]);
                let n = document.len() as i64 - 1;
                let forward = no_grad(|| network.forward(&ids.narrow(0, 0, n), &network.zero_state(1), None));
                let pass = network.score(&forward.features, &ids.narrow(0, 1, n).view(-1));
                sum -= f64::try_from(pass.log_likelihoods.sum(Kind::Double)).unwrap();
                targets += n as usize;
            }
            assert_eq!(together.tokens, targets);
            assert!((together.means().0 - sum / targets as f64).abs() < 1e-6, "{:?}", together.means());
        }
    }

    #[test]
    fn padding_does_not_affect_the_gradient() {
        let _generator = crate::seeded(7);
        let config = Config { vocab_size: 13, embedding_size: 6, hidden_size: 8, num_layers: 1, ..Config::default() };
        let network = Network::new(config, Device::Cpu);
        let file = documents(6);
        let settings = Settings { batch_size: 6, seq_length: 1000, ..Settings::preset(Preset::Classic) };
        let gradients = |settings: &Settings| {
            let part = Batches::train(&file, settings, Device::Cpu).unwrap();
            let mut sums: Vec<Tensor> = Vec::new();
            for window in part.windows(settings, 1, 1) {
                let batch = part.batch(&window);
                let mut forward = network.forward(&batch.input, &network.zero_state(part.count(&window)), None);
                forward.features = batch.select(forward.features);
                let pass = network.score_with_gradients(&forward.features, &batch.targets, 0.0);
                let n = batch.targets.size()[0] as f64;
                let of_window: Vec<Tensor> =
                    network.gradients(&forward, pass.gradients.unwrap()).iter().map(|g| g * n).collect();
                sums =
                    if sums.is_empty() { of_window } else { sums.iter().zip(&of_window).map(|(a, b)| a + b).collect() };
            }
            sums
        };
        let one_by_one = gradients(&Settings { batch_size: 1, ..settings.clone() });
        for (together, alone) in gradients(&settings).iter().zip(&one_by_one) {
            // Within the precision of bfloat16; a third of the positions are padding.
            let error = f64::try_from((together - alone).norm() / alone.norm()).unwrap();
            assert!(error < 0.01, "{error}");
        }
    }
}
