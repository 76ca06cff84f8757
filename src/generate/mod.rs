//! Text from a model: reading a seed text, then writing on.

pub mod beam;
pub mod copying;
mod ends;
mod mixture;
mod position;
mod prompt;
pub mod saved;
mod seam;
mod sequence;

use std::path::Path;

use crate::engine::{Model, Precision};
use crate::error::Result;
use crate::model::{ModelFile, Parts, StoredModel, Training};
use crate::ngram::Ngram;
use crate::sampling::Sampling;
use crate::text::Tokenizer;
pub use ends::{End, Limits};
pub use mixture::{Draft, Mixture};
pub use position::Position;
pub use prompt::{Prompt, Unknown, UnknownWord};
pub use sequence::{Room, Sequence, measure};

/// A model ready to write: the network, its tokenizer and its origin. Shared freely between threads.
pub struct Author {
    pub network: Model,
    /// Mixed with the network, where the model file has one.
    pub ngram: Option<Ngram>,
    pub tokenizer: Tokenizer,
    pub training: Training,
}

/// What to write.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Request {
    /// The text to go on from; may be empty.
    pub seed_text: String,
    /// What becomes of words of the seed text that the model does not know.
    pub unknown: Unknown,
    /// Words to write; punctuation and line breaks are not counted. At the levels of characters and bytes, and in
    /// scripts without blanks, characters. None goes on for ever, or to the end of a document.
    pub num_words: Option<usize>,
    /// Tokens to write, whatever they are.
    pub num_tokens: Option<usize>,
    /// What else ends the text.
    pub limits: Limits,
    pub sampling: Sampling,
    /// The unknown token may be written.
    pub allow_unknown: bool,
    pub random_seed: u64,
    /// Which of several texts with the same random seed this is, from 0: each has a stream of its own.
    pub sample: u64,
    /// Each piece comes with what the model makes of it, and with so many of the likeliest tokens in its place.
    pub alternatives: Option<usize>,
}

/// The next piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// With the blank that parts it from the word before.
    pub text: String,
    /// The last token of it; there are several only where a character has several bytes.
    pub token: u32,
    pub is_word: bool,
    /// With which the piece was chosen, after temperature and cuts.
    pub probability: f32,
    /// Where the request asks for it.
    pub measure: Option<Measure>,
}

/// What the model itself makes of a token, at temperature 1 and before anything is done to its logits.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub probability: f32,
    /// 1 for the likeliest token.
    pub rank: usize,
    /// The likeliest tokens in its place, and their probabilities, falling.
    pub alternatives: Vec<(u32, f32)>,
}

impl Piece {
    /// This piece and the next as one.
    fn and(self, next: Self) -> Self {
        let measure = match (self.measure, next.measure) {
            (Some(a), Some(b)) => {
                Some(Measure { probability: a.probability * b.probability, rank: a.rank.max(b.rank), ..a })
            }
            (a, b) => a.or(b),
        };
        let (text, probability) = (self.text + &next.text, self.probability * next.probability);
        Self { text, probability, measure, ..next }
    }
}

impl Author {
    /// Reads a model file, or the one in a folder.
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

    /// A text that the network has not begun to read. Words of the seed text that the model does not know are named
    /// in it; where there is none that it knows, that is an error.
    pub fn begin(&self, request: Request) -> Result<Sequence<'_>> {
        Sequence::new(&self.tokenizer, request)
    }

    /// Mixes the n-grams after `context` into the network's logits, where there are n-grams. `logits` and `scratch`:
    /// (vocab_size)
    pub fn mix_ngrams(&self, context: &[u32], logits: &mut [f32], scratch: &mut [f32]) {
        if let Some(ngram) = &self.ngram {
            let begin = context.len().saturating_sub(ngram.order() - 1);
            ngram.mix(&context[begin..], logits, scratch);
        }
    }

    /// One text, written alone.
    pub fn write(&self, request: Request) -> Result<Generation<'_>> {
        let mixture = Mixture::of(self);
        Ok(Generation { draft: mixture.begin(request)?, mixture, room: Room::default() })
    }
}

/// One text in the making, with the network: an iterator over its pieces, each to be appended to what came before,
/// first of all to the seed text.
pub struct Generation<'a> {
    mixture: Mixture<'a>,
    draft: Draft<'a>,
    room: Room,
}

impl Iterator for Generation<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        loop {
            if let Some(piece) = self.draft.sequence.next_piece() {
                return Some(piece);
            }
            if self.draft.sequence.is_done() {
                return None;
            }
            let logits = self.mixture.predict(&mut [&mut self.draft]);
            self.draft.sequence.choose(logits, &mut self.room);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Config, ModelFile};
    use crate::text::{Style, UNKNOWN};

    /// A small model of random weights.
    pub fn author(seed: u64) -> Author {
        let words = [UNKNOWN, "the", "cat", "dog", "sat", "ran", ", ", ". ", "Once", "\n\n"];
        let config =
            Config { vocab_size: words.len(), embedding_size: 6, hidden_size: 8, num_layers: 1, ..Config::default() };
        let tokenizer = Tokenizer::new(Style::Plain, words.map(Into::into).to_vec()).unwrap();
        let file = ModelFile::random(config, tokenizer, seed);
        Author { network: Model::new(&file), ngram: None, tokenizer: file.tokenizer, training: file.training }
    }
}
