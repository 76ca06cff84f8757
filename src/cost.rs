//! What a training needs of memory, from its shape alone.

use serde::Serialize;

use crate::model::Block;
use crate::settings::{Optimizer, Settings};

/// A process that has loaded libtorch and trained a step.
const PROGRAM: f64 = 160e6;
const FLOAT: f64 = 4.0;
/// Logits that the output layer holds at once on a CPU, at most, but for so many rows at least.
const BLOCK: usize = 1 << 23;
const BLOCK_ROWS: usize = 64;
/// Steps of time times streams that are evaluated at once, at most.
const EVALUATED: usize = 64 * 128;

/// Bytes, by what they are for. Of a training on a CPU; on a GPU the program's own part is larger.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Memory {
    /// Code and buffers of libtorch.
    pub program: f64,
    /// Parameters, their gradients, and the copies that a step makes of them.
    pub weights: f64,
    /// Moments, pending gradients, the average of the weights.
    pub optimizer: f64,
    /// What the forward pass of a window leaves for the backward pass.
    pub activations: f64,
    /// Tokens, and the n-grams of the text.
    pub data: f64,
}

impl Memory {
    /// For a text of so many tokens.
    pub fn new(settings: &Settings, vocab_size: usize, tokens: usize) -> Self {
        let config = settings.config(vocab_size);
        let blocks = config.blocks();
        let parameters: f64 = blocks.iter().map(|block| block.num_parameters() as f64).sum();
        let positions = product(&[settings.batch_size, settings.seq_length]);
        // Weights of the embedding and of the recurrent layers; units of the layers; what embedding and output layer keep
        // per position; attention's scores.
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
        // Distinct n-grams of each length: at most as many as there are tokens.
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

/// In floats, which do not overflow where shapes are absurd.
fn product(numbers: &[usize]) -> f64 {
    numbers.iter().map(|&n| n as f64).product()
}

/// The options that save most, with the value to set and the bytes that it saves, falling.
pub fn savings(settings: &Settings, vocab_size: usize, tokens: usize) -> Vec<(String, f64)> {
    let half = |n: usize| (n / 2).max(1);
    let smaller = Settings {
        hidden_size: half(settings.hidden_size),
        embedding_size: if settings.tie_weights && settings.last_size == 0 {
            half(settings.hidden_size)
        } else {
            settings.embedding_size
        },
        ..settings.clone()
    };
    let size = match smaller.embedding_size == settings.embedding_size {
        true => format!("--hidden-size {}", smaller.hidden_size),
        false => format!("--hidden-size {0} --embedding-size {0}", smaller.hidden_size),
    };
    let batch = Settings { batch_size: half(settings.batch_size), ..settings.clone() };
    let length = Settings { seq_length: half(settings.seq_length), ..settings.clone() };
    let all = Memory::new(settings, vocab_size, tokens).total();
    let mut savings: Vec<(String, f64)> = [
        (size, smaller),
        (format!("--batch-size {}", batch.batch_size), batch),
        (format!("--seq-length {}", length.seq_length), length),
    ]
    .into_iter()
    .map(|(option, settings)| (option, all - Memory::new(&settings, vocab_size, tokens).total()))
    .collect();
    savings.sort_by(|a, b| b.1.total_cmp(&a.1));
    savings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Preset;

    #[test]
    fn savings_are_what_the_options_save() {
        let settings = Settings { seq_length: 4000, ..Settings::preset(Preset::Awd) };
        let before = Memory::new(&settings, 10_000, 1_000_000).total();
        let savings = savings(&settings, 10_000, 1_000_000);
        assert_eq!(savings.len(), 3);
        assert!(savings.windows(2).all(|pair| pair[0].1 >= pair[1].1));
        let batch = savings.iter().find(|(option, _)| option == "--batch-size 40").unwrap();
        let after = Memory::new(&Settings { batch_size: 40, ..settings }, 10_000, 1_000_000).total();
        assert_eq!(batch.1, before - after);
        assert!(batch.1 > 0.2 * before);
    }

    #[test]
    fn estimates_are_near_what_was_measured() {
        // Peak of rnn-train's resident memory on x86-64, an evaluation and the writing of the model included.
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
    fn absurd_shapes_overflow_nothing() {
        let absurd = Settings {
            hidden_size: 1 << 24,
            embedding_size: 1 << 24,
            num_layers: 1000,
            ..Settings::preset(Preset::Small)
        };
        assert!(Memory::new(&absurd, 1 << 24, 1 << 40).total() > 1e18);
    }
}
