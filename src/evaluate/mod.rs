//! What a model thinks of a text: the probability of every token, by the network alone and with whatever stands
//! beside it (the book's n-grams, a cache of what was read, weights that go on learning).
//!
//! A token's probabilities come from what stands before it in its text and from nothing else, also where shares
//! and weights are learned on the way: so every figure is an honest prediction.

mod cache;
mod chunks;
mod distributions;
mod dynamic;
mod interpolation;
mod metrics;
mod sequential;
mod text;

use rayon::prelude::*;

use crate::engine::{Model, Precision};
use crate::error::{Error, Result};
use crate::model::{Parts, StoredModel, Training};
use crate::ngram::Ngram;
use crate::text::Tokenizer;
pub use dynamic::Dynamic;
pub use metrics::{MetricSums, Metrics};
pub use text::{Piece, Text};

/// What stands beside the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Leaves out the n-grams of the model file.
    pub without_ngram: bool,
    pub cache: Option<CacheOptions>,
    pub dynamic: Option<Dynamic>,
    /// Reads a long text in one go instead of in pieces side by side.
    pub exact: bool,
    /// With which the network computes; dynamic evaluation always has the weights of the file.
    pub precision: Precision,
}

/// The continuous cache (Grave, Joulin and Usunier 2017): words that followed like states are likely again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheOptions {
    /// Tokens that it remembers.
    pub window: usize,
    /// Theta: how much likeness of states counts. None mixes three caches, of different flatness.
    pub theta: Option<f32>,
    /// Lambda: its share in the mixture. None learns the shares while the text is read, each from the tokens before.
    pub share: Option<f32>,
}

/// What a predictor gave to a token.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenScore {
    /// Natural logarithm of the probability.
    pub log_likelihood: f64,
    /// 1 for the likeliest token.
    pub rank: u32,
}

/// A model ready to read. Shared freely between threads.
pub struct Evaluator {
    network: Model,
    ngram: Option<Ngram>,
    /// Weights to start learning from.
    learner: Option<dynamic::Learner>,
    options: Options,
    pub tokenizer: Tokenizer,
    pub training: Training,
}

impl Evaluator {
    /// Refuses values that mean nothing, and networks whose weights cannot go on learning here.
    pub fn open(file: StoredModel, options: Options) -> Result<Self> {
        if let Some(cache) = options.cache {
            if cache.window == 0 {
                return Err(Error::usage("a cache of 0 tokens remembers nothing").hint("--cache 2000"));
            }
            if cache.theta.is_some_and(|theta| !(theta >= 0.0 && theta.is_finite())) {
                return Err(Error::usage("the cache's theta must be 0 or more"));
            }
            if cache.share.is_some_and(|share| !(0.0..1.0).contains(&share)) {
                return Err(Error::usage("the cache's share must be 0 or more and below 1"));
            }
        }
        let learner = options.dynamic.map(|dynamic| dynamic::Learner::new(&file, dynamic)).transpose()?;
        let network = Model::read(&file, options.precision)?;
        let Parts { ngram, tokenizer, training, .. } = file.parts;
        Ok(Self { network, ngram: ngram.filter(|_| !options.without_ngram), learner, options, tokenizer, training })
    }

    /// Who scores, in the order of the scores: each adds something to the one before.
    pub fn predictors(&self) -> Vec<&'static str> {
        let (dynamic, ngram, cache) = (self.learner.is_some(), self.ngram.is_some(), self.options.cache.is_some());
        let mut names = vec![if dynamic { "dynamic" } else { "network" }];
        if ngram {
            names.push(if dynamic { "dynamic+ngrams" } else { "network+ngrams" });
        }
        if cache {
            names.push(match (dynamic, ngram) {
                (false, false) => "network+cache",
                (false, true) => "network+ngrams+cache",
                (true, false) => "dynamic+cache",
                (true, true) => "dynamic+ngrams+cache",
            });
        }
        names
    }

    /// The scores about each text's tokens from [`Text::context`] on, of all predictors. Each text is read from a
    /// fresh start, all of them on all cores. (texts)(tokens, predictors)
    pub fn scores(&self, texts: &[Text]) -> Vec<Vec<TokenScore>> {
        if self.learner.is_none() && self.options.cache.is_none() {
            return chunks::read(self, texts);
        }
        texts.par_iter().map(|text| sequential::read(self, text)).collect()
    }
}

#[cfg(test)]
mod tests;
