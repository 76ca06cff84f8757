//! Text from a language model: it reads a seed text, then continues it token by token.

pub mod beam;
pub mod copy_filter;
mod ensemble;
pub mod novelty;
mod prompt;
mod prompt_boundary;
mod sequence;
mod sequence_state;
pub mod state_file;
mod stopping;

use std::path::Path;

use crate::engine::{Model, Precision};
use crate::error::Result;
use crate::model::{ModelFile, Parts, StoredModel, Training};
use crate::ngram::Ngram;
use crate::sampling::SamplingParams;
pub use crate::sampling::Scratch;
use crate::text::Tokenizer;
pub use ensemble::{Ensemble, Generation};
pub use prompt::{Prompt, UnknownWord, UnknownWordPolicy};
pub use sequence::{Sequence, token_stats};
pub use sequence_state::SequenceState;
pub use stopping::{FinishReason, StoppingCriteria};

/// A model that can generate text: the network, its tokenizer and its training data. Threads can share it.
pub struct LanguageModel {
    pub network: Model,
    /// The n-gram model that is interpolated with the network, if the model file contains one.
    pub ngram: Option<Ngram>,
    pub tokenizer: Tokenizer,
    pub training: Training,
}

/// The settings of one generated text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GenerationRequest {
    /// The text to continue; may be empty.
    pub seed_text: String,
    /// How to treat words of the seed text that are not in the vocabulary.
    pub unknown: UnknownWordPolicy,
    /// The maximum number of words, not counting punctuation and line breaks. Characters are counted instead at the
    /// levels of characters and bytes, and in scripts without spaces. None: until the document ends, or forever.
    pub num_words: Option<usize>,
    /// The maximum number of tokens of any kind.
    pub num_tokens: Option<usize>,
    /// Further conditions that end the text.
    pub stopping_criteria: StoppingCriteria,
    pub sampling: SamplingParams,
    /// Whether the unknown token may be generated.
    pub allow_unknown: bool,
    pub random_seed: u64,
    /// The index of this text among those with the same random seed; each index has its own random stream.
    pub sample_index: u64,
    /// If set, each piece comes with its [`TokenStats`], which list this many of the most likely tokens.
    pub alternatives: Option<usize>,
}

/// The next piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// The text, including the space that separates it from the previous word.
    pub text: String,
    /// The last token of the piece; it has several only if a character consists of several byte tokens.
    pub token: u32,
    pub is_word: bool,
    /// The probability it was sampled with, after temperature and filters.
    pub probability: f32,
    /// Present if the request sets `alternatives`.
    pub stats: Option<TokenStats>,
}

/// A token under the model itself: at temperature 1, before penalties, bias and filters.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenStats {
    pub probability: f32,
    /// 1 for the most likely token.
    pub rank: usize,
    /// The most likely tokens at this position with their probabilities, in descending order.
    pub alternatives: Vec<(u32, f32)>,
}

impl Piece {
    /// Joins two consecutive pieces.
    fn join(self, next: Self) -> Self {
        let stats = match (self.stats, next.stats) {
            (Some(a), Some(b)) => {
                Some(TokenStats { probability: a.probability * b.probability, rank: a.rank.max(b.rank), ..a })
            }
            (a, b) => a.or(b),
        };
        let (text, probability) = (self.text + &next.text, self.probability * next.probability);
        Self { text, probability, stats, ..next }
    }
}

impl LanguageModel {
    /// Reads a model file, or the model file in a folder.
    pub fn read(path: &Path, precision: Precision) -> Result<Self> {
        let file = StoredModel::open(path)?;
        let network = Model::read(&file, precision)?;
        let Parts { tokenizer, training, ngram, .. } = file.parts;
        Ok(Self { network, ngram, tokenizer, training })
    }

    pub fn new(file: ModelFile) -> Self {
        let network = Model::new(&file);
        Self { network, ngram: file.ngram, tokenizer: file.tokenizer, training: file.training }
    }

    /// Returns a sequence that the network has yet to read. It lists the unknown words of the seed text; a seed text
    /// without any known word is an error.
    pub fn begin(&self, request: GenerationRequest) -> Result<Sequence<'_>> {
        Sequence::new(&self.tokenizer, request)
    }

    /// Interpolates the network's logits with the n-gram probabilities after `context`, if the model has n-grams.
    /// `logits` and `scratch`: (vocab_size)
    pub fn interpolate_ngrams(&self, context: &[u32], logits: &mut [f32], scratch: &mut [f32]) {
        if let Some(ngram) = &self.ngram {
            let begin = context.len().saturating_sub(ngram.order() - 1);
            ngram.interpolate(&context[begin..], logits, scratch);
        }
    }

    /// Generates one text.
    pub fn generate(&self, request: GenerationRequest) -> Result<Pieces<'_>> {
        let ensemble = Ensemble::single(self);
        Ok(Pieces { generation: ensemble.begin(request)?, ensemble, scratch: Scratch::default() })
    }
}

/// An iterator over the pieces of a text as they are generated; appended to the seed text, they form the whole text.
pub struct Pieces<'a> {
    ensemble: Ensemble<'a>,
    generation: Generation<'a>,
    scratch: Scratch,
}

impl Iterator for Pieces<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.generation.sequence.next_piece() {
                return Some(piece);
            }
            if self.generation.sequence.is_finished() {
                return None;
            }
            let logits = self.ensemble.predict(&mut [&mut self.generation]);
            self.generation.sequence.sample(logits, &mut self.scratch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Config, ModelFile};
    use crate::text::{PreTokenizer, UNKNOWN};

    /// A small model of random weights.
    pub fn random_model(seed: u64) -> LanguageModel {
        let words = [UNKNOWN, "the", "cat", "dog", "sat", "ran", ", ", ". ", "Once", "\n\n"];
        let config =
            Config { vocab_size: words.len(), embedding_size: 6, hidden_size: 8, num_layers: 1, ..Config::default() };
        let tokenizer = Tokenizer::new(PreTokenizer::Plain, words).unwrap();
        let file = ModelFile::random(config, tokenizer, seed);
        LanguageModel { network: Model::new(&file), ngram: None, tokenizer: file.tokenizer, training: file.training }
    }
}
