//! The cost of training a preset on a given text.

use serde::Serialize;

use crate::memory::Memory;
use crate::model::Block;
use crate::settings::{Preset, Settings};

/// The speed of one busy core in 32-bit matrix products, measured with rnn-train on a common machine. Accurate to
/// a factor of two or three; a GPU is much faster.
const OPERATIONS_PER_CORE: f64 = 30e9;

/// The estimated cost of training one preset.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub preset: &'static str,
    pub parameters: usize,
    pub memory_bytes: usize,
    /// Estimated from the numbers of parameters and tokens.
    pub seconds_per_epoch: f64,
    pub cores: usize,
}

impl Estimate {
    pub fn new(name: &'static str, preset: Preset, vocab_size: usize, tokens: u64, cores: usize) -> Self {
        let settings = Settings::preset(preset);
        let config = settings.config(vocab_size);
        // The forward and backward passes take three multiply-adds per weight and token.
        let multiplications: f64 = config.blocks().iter().map(Block::multiplications).sum();
        let operations = 6.0 * multiplications * tokens as f64;
        Self {
            preset: name,
            parameters: config.num_parameters(),
            memory_bytes: Memory::new(&settings, vocab_size, tokens as usize).total() as usize,
            seconds_per_epoch: operations / (OPERATIONS_PER_CORE * cores as f64),
            cores,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_estimate_is_close_to_the_measured_time() {
        // rnn-train on 35,186 tokens with a vocabulary of 2205, two busy cores.
        let classic = Estimate::new("classic", Preset::Classic, 2205, 35_186, 2);
        assert_eq!(classic.parameters, 885_855);
        assert!((1.0..6.0).contains(&classic.seconds_per_epoch), "{classic:?}");
        let small = Estimate::new("small", Preset::Small, 2205, 35_186, 2);
        assert_eq!(small.parameters, 1_093_021);
        assert!((2.0..8.0).contains(&small.seconds_per_epoch), "{small:?}");
    }
}
