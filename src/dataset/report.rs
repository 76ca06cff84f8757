//! What a user wants to know before training: how much text there is, how much of it is known, and what a
//! network for it will cost.

use serde::Serialize;

use super::advice::advice;
use super::builder::PARTS;
use super::types::Types;
use super::{Prep, Prepared};
use crate::cost::Memory;
use crate::model::Block;
use crate::settings::{Preset, Settings};
use crate::text::PreTokenizer;

/// Types shown of those that come often and seldom.
const SHOWN: usize = 10;

/// Of a busy core of a common machine in 32-bit matrix products, measured with rnn-train; good to a factor of
/// two or three. A GPU is far ahead of it.
const OPERATIONS_PER_CORE: f64 = 30e9;

#[derive(Clone, Debug, Serialize)]
pub struct Report<'a> {
    /// How the text is cut.
    pub level: &'static str,
    /// Tokens of the vocabulary.
    pub vocab_size: usize,
    /// Distinct pieces of the training part, and those of them that come once.
    pub types: usize,
    pub seen_once: usize,
    /// Share of the training part's tokens that the vocabulary knows.
    pub coverage: f64,
    pub parts: Vec<PartReport>,
    pub most_frequent: Vec<Type<'a>>,
    pub rarest: Vec<Type<'a>>,
    /// Of one epoch with each preset of rnn-train.
    pub estimates: Vec<Estimate>,
    pub advice: Vec<String>,
    pub prep: &'a Prep,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartReport {
    pub name: &'static str,
    pub tokens: u64,
    pub types: usize,
    /// Tokens that the vocabulary does not know, distinct ones, and their share.
    pub unknown: u64,
    pub unknown_types: usize,
    pub unknown_share: f64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Type<'a> {
    pub token: &'a str,
    pub count: u64,
}

/// The cost of a network.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Estimate {
    pub preset: &'static str,
    pub parameters: usize,
    pub memory_bytes: usize,
    /// Estimated from parameters and tokens.
    pub seconds_per_epoch: f64,
    pub cores: usize,
}

impl<'a> Report<'a> {
    pub fn new(prepared: &'a Prepared) -> Self {
        let parts: Vec<PartReport> = (0..PARTS.len()).map(|part| PartReport::new(prepared, part)).collect();
        let pieces = prepared.types.pieces().iter().zip(&prepared.counts[0]).enumerate();
        let mut types: Vec<Type> = pieces
            .filter(|&(number, (_, &count))| count > 0 && Types::is_of_text(number))
            .map(|(_, (piece, &count))| Type { token: piece, count })
            .collect();
        types.sort_unstable_by(|a, b| b.count.cmp(&a.count).then(a.token.cmp(b.token)));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let vocab_size = prepared.tokenizer.len();
        let estimate = |(name, preset)| Estimate::new(name, preset, vocab_size, parts[0].tokens, cores);
        let mut report = Self {
            level: prepared.tokenizer.pre_tokenizer().name(),
            vocab_size,
            types: types.len(),
            seen_once: types.iter().filter(|t| t.count == 1).count(),
            coverage: 1.0 - parts[0].unknown_share,
            estimates: [("classic", Preset::Classic), ("small", Preset::Small)].map(estimate).to_vec(),
            most_frequent: types.iter().take(SHOWN).cloned().collect(),
            rarest: types.iter().rev().take(SHOWN.min(types.len().saturating_sub(SHOWN))).cloned().collect(),
            parts,
            advice: Vec::new(),
            prep: &prepared.prep,
        };
        let has_returns =
            prepared.tokenizer.pre_tokenizer() == PreTokenizer::Char && prepared.tokenizer.id("\r").is_some();
        report.advice = advice(&report, has_returns);
        report
    }
}

impl PartReport {
    fn new(prepared: &Prepared, part: usize) -> Self {
        let (unknown, unknown_types) = prepared.unknown(part);
        let tokens = prepared.tokens(part);
        let counts = prepared.counts[part].iter().enumerate();
        let types = counts.filter(|&(number, &count)| count > 0 && Types::is_of_text(number)).count();
        let unknown_share = unknown as f64 / tokens.max(1) as f64;
        Self { name: PARTS[part], tokens, types, unknown, unknown_types, unknown_share }
    }
}

impl Estimate {
    pub fn new(name: &'static str, preset: Preset, vocab_size: usize, tokens: u64, cores: usize) -> Self {
        let settings = Settings::preset(preset);
        let config = settings.config(vocab_size);
        // Forward and back, each weight is multiplied and added three times per token.
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
    fn the_estimate_is_near_what_was_measured() {
        // rnn-train on 35,186 tokens with 2205 in the vocabulary, two busy cores.
        let classic = Estimate::new("classic", Preset::Classic, 2205, 35_186, 2);
        assert_eq!(classic.parameters, 885_855);
        assert!((1.0..6.0).contains(&classic.seconds_per_epoch), "{classic:?}");
        let small = Estimate::new("small", Preset::Small, 2205, 35_186, 2);
        assert_eq!(small.parameters, 1_093_021);
        assert!((2.0..8.0).contains(&small.seconds_per_epoch), "{small:?}");
    }
}
