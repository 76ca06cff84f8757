//! The engine, the trainer and PyTorch's own modules must compute the same probabilities for every block.

use rnn_tools::engine;
use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::Tokenizer;
use tch::{Device, Tensor, no_grad};

use crate::network::Network;

/// PyTorch's logits for the models of [`Config::examples`], as recorded by tests/agreement.
const RECORDED: &str = include_str!("../../../tests/agreement/network.json");

#[derive(serde::Deserialize)]
struct Answer {
    tokens: Vec<u32>,
    /// (tokens, vocab_size)
    logits: Vec<Vec<f64>>,
}

fn log_softmax(logits: &[f64]) -> Vec<f64> {
    let total = logits.iter().map(|logit| logit.exp()).sum::<f64>().ln();
    logits.iter().map(|logit| logit - total).collect()
}

#[test]
fn engine_trainer_and_pytorch_agree_on_every_block() {
    let _generator = crate::seeded(1);
    let answers: Vec<Answer> = serde_json::from_str(RECORDED).unwrap();
    let configs = Config::examples();
    assert_eq!(configs.len(), answers.len());
    for (config, answer) in configs.into_iter().zip(answers) {
        let file = ModelFile::random(config.clone(), Tokenizer::numbered(config.vocab_size()), 1);
        let mut network = Network::new(config.clone(), Device::Cpu);
        network.import(&file.tensors);
        assert_eq!(network.export(), file.tensors, "{config:?}");
        let tokens: Vec<i64> = answer.tokens.iter().map(|&token| token.into()).collect();
        let input = Tensor::from_slice(&tokens).view([-1, 1]);
        let forward = no_grad(|| network.forward(&input, &network.zero_state(1), None));
        let trainer = no_grad(|| network.log_probabilities(&forward.features));
        let trainer = Vec::<Vec<f64>>::try_from(trainer.to_kind(tch::Kind::Double)).unwrap();

        let model = engine::Model::new(&file);
        let (mut state, mut work) = (model.initial_state(), model.workspace(1));
        let mut logits = vec![0.0; config.vocab_size()];
        for ((&token, trainer), pytorch) in answer.tokens.iter().zip(&trainer).zip(&answer.logits) {
            model.step(&[token], &mut [&mut state], &mut work);
            model.logits(&[&state], &mut logits, &mut work);
            let engine = log_softmax(&logits.iter().map(|&logit| logit.into()).collect::<Vec<_>>());
            for ((engine, trainer), pytorch) in engine.iter().zip(trainer).zip(log_softmax(pytorch)) {
                assert!((engine - pytorch).abs() < 1e-5, "engine {engine} PyTorch {pytorch} {config:?}");
                assert!((trainer - pytorch).abs() < 1e-5, "trainer {trainer} PyTorch {pytorch} {config:?}");
            }
        }
    }
}
