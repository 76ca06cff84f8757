//! Estimates the memory that training needs from the shape of the network and the batch.

use serde::Serialize;

use crate::model::Block;
use crate::settings::{Optimizer, Settings};

/// Bytes of a process that has loaded libtorch and taken one step.
const PROGRAM: f64 = 160e6;
/// Bytes of a 32-bit float.
const FLOAT: f64 = 4.0;
/// The maximum number of logits that the output layer holds at once on a CPU, and the minimum number of rows.
const BLOCK: usize = 1 << 23;
const BLOCK_ROWS: usize = 64;
/// The maximum number of positions (time steps × streams) evaluated at once.
const EVALUATED: usize = 64 * 128;

/// Bytes by purpose, for training on a CPU; on a GPU `program` is larger.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Memory {
    /// The code and buffers of libtorch.
    pub program: f64,
    /// Parameters, their gradients, and the copies that a step makes of them.
    pub weights: f64,
    /// Moments, accumulated gradients, averaged weights.
    pub optimizer: f64,
    /// Values that the forward pass of a window keeps for the backward pass.
    pub activations: f64,
    /// The tokens and the n-grams of the text.
    pub data: f64,
}

impl Memory {
    /// Estimates the memory for a text of `tokens` tokens.
    pub fn new(settings: &Settings, vocab_size: usize, tokens: usize) -> Self {
        let config = settings.config(vocab_size);
        let blocks = config.blocks();
        let parameters: f64 = blocks.iter().map(|block| block.num_parameters() as f64).sum();
        let positions = product(&[settings.batch_size, settings.seq_length]);
        // Weights of the embedding and of the recurrent layers, units of the layers, values that the embedding and the
        // output layer keep per position, attention scores.
        let (mut embedding, mut layers, mut units) = (0.0, 0.0, 0.0);
        let (mut outer, mut scores) = (3.0 * config.features() as f64, 0.0);
        for block in &blocks {
            match block {
                Block::Embedding(block) => {
                    embedding = product(&[block.vocab_size, block.size]);
                    outer += 3.0 * block.size as f64;
                }
                Block::Recurrent(layer) => {
                    layers += block.multiplications();
                    units += layer.size as f64;
                }
                Block::Attention(block) => scores = 3.0 * positions * (block.window + settings.seq_length) as f64,
                Block::Concatenation(_) | Block::Softmax(_) | Block::AdaptiveSoftmax(_) => {}
            }
        }
        let window = positions * (TRAINED * units + outer);
        let evaluated = (EVALUATED as f64).min(tokens as f64) * (units + outer);
        // Gradients; a dropped embedding and its gradient; a dropped layer, its mask and its gradient; layers in bfloat16.
        let dropped =
            |probability: f64, values: f64, copies: f64| if probability > 0.0 { copies * values } else { 0.0 };
        let copies = parameters
            + dropped(settings.dropout_embedding, embedding, 2.0)
            + dropped(settings.dropout_weight, layers, 3.0)
            + 0.5 * layers;
        let kept = match settings.optimizer {
            Optimizer::Adam | Optimizer::Adamw => 2.0,
            Optimizer::Sgd | Optimizer::NtAsgd => f64::from(u8::from(settings.momentum > 0.0)),
        } + f64::from(u8::from(settings.accumulate > 1))
            + f64::from(u8::from(settings.average > 0.0 || settings.optimizer == Optimizer::NtAsgd));
        let rows = product(&[EVALUATED.min(tokens), vocab_size]);
        let block = rows.min((BLOCK as f64).max(product(&[BLOCK_ROWS, vocab_size])));
        // There are at most as many distinct n-grams of each length as tokens.
        let ngrams = tokens as f64 * settings.ngram as f64;
        Self {
            program: PROGRAM,
            weights: FLOAT * (parameters + copies),
            optimizer: FLOAT * kept * parameters,
            activations: FLOAT * (window.max(evaluated) + scores + block),
            data: 12.0 * tokens as f64 + 40.0 * ngrams,
        }
    }

    pub fn total(&self) -> f64 {
        self.program + self.weights + self.optimizer + self.activations + self.data
    }
}

/// Values that a recurrent layer keeps for the backward pass, per unit and position: gates, states, and their gradients.
const TRAINED: f64 = 11.0;

/// Multiplies in floating point, which does not overflow on absurd shapes.
fn product(numbers: &[usize]) -> f64 {
    numbers.iter().map(|&n| n as f64).product()
}

/// Returns the smaller settings that reduce memory most, with the bytes that each saves, in descending order.
pub fn savings(settings: &Settings, vocab_size: usize, tokens: usize) -> Vec<(Settings, f64)> {
    let half = |n: usize| (n / 2).max(1);
    let has_tied_size = settings.tie_weights && settings.last_size == 0;
    let hidden_size = half(settings.hidden_size);
    let embedding_size = if has_tied_size { hidden_size } else { settings.embedding_size };
    let all = Memory::new(settings, vocab_size, tokens).total();
    let mut savings: Vec<(Settings, f64)> = [
        Settings { hidden_size, embedding_size, ..settings.clone() },
        Settings { batch_size: half(settings.batch_size), ..settings.clone() },
        Settings { seq_length: half(settings.seq_length), ..settings.clone() },
    ]
    .into_iter()
    .map(|smaller| {
        let saved = all - Memory::new(&smaller, vocab_size, tokens).total();
        (smaller, saved)
    })
    .collect();
    savings.sort_by(|a, b| b.1.total_cmp(&a.1));
    savings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Preset;

    #[test]
    fn savings_are_the_difference_of_two_estimates() {
        let settings = Settings { seq_length: 4000, ..Settings::preset(Preset::Awd) };
        let before = Memory::new(&settings, 10_000, 1_000_000).total();
        let savings = savings(&settings, 10_000, 1_000_000);
        assert_eq!(savings.len(), 3);
        assert!(savings.windows(2).all(|pair| pair[0].1 >= pair[1].1));
        let batch = savings.iter().find(|(smaller, _)| smaller.batch_size == 40).unwrap();
        assert_eq!(batch.1, before - Memory::new(&batch.0, 10_000, 1_000_000).total());
        assert!(batch.1 > 0.2 * before);
    }

    #[test]
    fn estimates_are_close_to_measurements() {
        // Peak resident memory of rnn-train on x86-64, including an evaluation and writing the model.
        for (preset, hidden_size, vocab_size, tokens, measured) in [
            (Preset::Small, 256, 2_205, 39_000, 235e6),
            (Preset::Classic, 150, 2_205, 39_000, 250e6),
            (Preset::Char, 512, 2_205, 39_000, 461e6),
            (Preset::Small, 256, 17_691, 460_000, 502e6),
        ] {
            let settings = Settings { hidden_size, ..Settings::preset(preset) };
            let estimate = Memory::new(&settings, vocab_size, tokens).total();
            assert!((0.7..1.3).contains(&(estimate / measured)), "{preset:?} {estimate} {measured}");
        }
    }

    #[test]
    fn absurd_shapes_do_not_overflow() {
        let absurd = Settings {
            hidden_size: 1 << 24,
            embedding_size: 1 << 24,
            num_layers: 1000,
            ..Settings::preset(Preset::Small)
        };
        assert!(Memory::new(&absurd, 1 << 24, 1 << 40).total() > 1e18);
    }
}
