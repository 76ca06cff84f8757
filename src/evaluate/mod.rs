//! Evaluation of a model on texts: the probability of every token, under the network alone and combined with an
//! n-gram model, a continuous cache, and dynamic evaluation.
//!
//! The probability of a token depends only on the tokens before it in its text, even if interpolation weights or
//! network weights are learned while reading, so every metric measures a true prediction.

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

/// How texts are read, and which models are added to the network.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Ignores the n-gram model in the model file.
    pub without_ngram: bool,
    pub cache: Option<CacheOptions>,
    pub dynamic: Option<Dynamic>,
    /// Reads long texts sequentially instead of in parallel chunks.
    pub exact: bool,
    /// The precision of the weights; dynamic evaluation always uses the stored one.
    pub precision: Precision,
}

/// Options of the continuous cache (Grave, Joulin and Usunier 2017): tokens that followed similar states are likely.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CacheOptions {
    /// The maximum number of tokens in the cache.
    pub window: usize,
    /// Theta: the sharpness of the distribution. None: caches with several values are interpolated.
    pub theta: Option<f32>,
    /// Lambda: the interpolation weight of the cache. None: the weights are learned from the tokens already read.
    pub weight: Option<f32>,
}

/// The score of a token under a predictor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TokenScore {
    /// Natural logarithm of the probability.
    pub log_likelihood: f64,
    /// The rank of the token; 1 is the most probable.
    pub rank: u32,
}

/// A model that evaluates texts. Threads can share it.
pub struct Evaluator {
    network: Model,
    ngram: Option<Ngram>,
    /// The initial weights and learning rates of dynamic evaluation.
    learner: Option<dynamic::Learner>,
    options: Options,
    pub tokenizer: Tokenizer,
    pub training: Training,
}

impl Evaluator {
    /// Rejects invalid options, and networks that dynamic evaluation does not support.
    pub fn open(file: StoredModel, options: Options) -> Result<Self> {
        if let Some(cache) = options.cache {
            if cache.window == 0 {
                return Err(Error::value("cache", "at least 1 token", 0).hint("--cache 2000"));
            }
            if let Some(theta) = cache.theta.filter(|theta| !(*theta >= 0.0 && theta.is_finite())) {
                return Err(Error::value("cache_theta", "0 or more", theta));
            }
            if let Some(weight) = cache.weight.filter(|weight| !(0.0..1.0).contains(weight)) {
                return Err(Error::value("cache_share", "at least 0 and below 1", weight));
            }
        }
        let learner = options.dynamic.map(|dynamic| dynamic::Learner::new(&file, dynamic)).transpose()?;
        let network = Model::read(&file, options.precision)?;
        let Parts { ngram, tokenizer, training, .. } = file.parts;
        Ok(Self { network, ngram: ngram.filter(|_| !options.without_ngram), learner, options, tokenizer, training })
    }

    /// Returns the names of the predictors in the order of their scores; each adds a model to the previous one.
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

    /// Returns the scores of each text's tokens from [`Text::context`] on, under all predictors. The texts are
    /// independent and are read in parallel. (texts)(tokens, predictors)
    pub fn scores(&self, texts: &[Text]) -> Vec<Vec<TokenScore>> {
        if self.learner.is_none() && self.options.cache.is_none() {
            return chunks::read(self, texts);
        }
        texts.par_iter().map(|text| sequential::read(self, text)).collect()
    }
}

#[cfg(test)]
mod tests;
