//! Everything that can be set about a training run, and the presets.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::model::Config;
use crate::schedule::Schedule;

/// Epochs, streams or steps of time: more are a slip of the hand.
const MOST: usize = 1_000_000;

/// Longer n-grams than this repeat the book and predict no better.
const MOST_NGRAM: usize = 8;

/// Named sets of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// What learns most from one book in a minute or two: one tied layer, much dropout, label smoothing
    Small,
    /// What teaching projects use: embedding 100, two layers of 150, dropout 0.2, Adam
    Classic,
}

/// The settings of a run, under the names of rnn-train's options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub embedding_size: usize,
    pub hidden_size: usize,
    pub num_layers: usize,
    pub tie_weights: bool,

    /// Shares of units that are zeroed, with one mask for all steps of a window (Gal and Ghahramani 2016):
    /// between embedding and first layer, between layers, after the last.
    pub dropout_input: f64,
    pub dropout_hidden: f64,
    pub dropout_output: f64,
    /// Share of words whose embedding is zeroed.
    pub dropout_embedding: f64,
    /// Share of hidden-to-hidden weights that are zeroed (DropConnect; Merity et al. 2017).
    pub dropout_weight: f64,
    /// Probability that the target gives up, shared by all words (Szegedy et al. 2016).
    pub label_smoothing: f64,
    /// The output bias is fixed at the logarithm of the word frequencies, and not learned.
    pub unigram_bias: bool,

    /// Longest n-grams of the book's own n-gram model, which is mixed with the network; 0 leaves it out.
    pub ngram: usize,

    pub epochs: usize,
    /// Stops after so many epochs without a better validation loss; 0 never does.
    pub patience: usize,
    /// Streams read in parallel.
    pub batch_size: usize,
    /// Steps of time through which gradients flow back.
    pub seq_length: usize,
    pub learning_rate: f64,
    pub schedule: Schedule,
    /// Of AdamW (Loshchilov and Hutter 2019).
    pub weight_decay: f64,
    /// Longer gradients are shortened to this norm; 0 leaves them.
    pub clip_norm: f64,
    /// Decay of the moving average of the weights, which is what is kept; 0 keeps the weights themselves.
    pub average: f64,
}

impl Settings {
    pub fn preset(preset: Preset) -> Self {
        match preset {
            Preset::Small => Self {
                embedding_size: 256,
                hidden_size: 256,
                num_layers: 1,
                tie_weights: true,
                dropout_input: 0.6,
                dropout_hidden: 0.3,
                dropout_output: 0.6,
                dropout_embedding: 0.2,
                dropout_weight: 0.5,
                label_smoothing: 0.15,
                unigram_bias: true,
                ngram: 3,
                epochs: 40,
                patience: 0,
                batch_size: 20,
                seq_length: 35,
                learning_rate: 5e-3,
                schedule: Schedule::OneCycle,
                weight_decay: 0.05,
                clip_norm: 0.25,
                average: 0.99,
            },
            Preset::Classic => Self {
                embedding_size: 100,
                hidden_size: 150,
                num_layers: 2,
                tie_weights: false,
                dropout_input: 0.0,
                dropout_hidden: 0.2,
                dropout_output: 0.2,
                dropout_embedding: 0.0,
                dropout_weight: 0.0,
                label_smoothing: 0.0,
                unigram_bias: false,
                ngram: 0,
                epochs: 100,
                patience: 10,
                batch_size: 32,
                seq_length: 50,
                learning_rate: 1e-3,
                schedule: Schedule::Constant,
                weight_decay: 0.0,
                clip_norm: 0.0,
                average: 0.0,
            },
        }
    }

    /// The network that these settings make for a vocabulary.
    pub fn config(&self, vocab_size: usize) -> Config {
        Config {
            vocab_size,
            embedding_size: self.embedding_size,
            hidden_size: self.hidden_size,
            num_layers: self.num_layers,
            tie_weights: self.tie_weights,
            ..Config::default()
        }
    }

    /// Refuses values outside their range, naming the option.
    pub fn check(&self) -> Result<()> {
        let shares = [
            ("dropout-input", self.dropout_input),
            ("dropout-hidden", self.dropout_hidden),
            ("dropout-output", self.dropout_output),
            ("dropout-embedding", self.dropout_embedding),
            ("dropout-weight", self.dropout_weight),
            ("label-smoothing", self.label_smoothing),
            ("average", self.average),
        ];
        if let Some((name, value)) = shares.iter().find(|(_, value)| !(0.0..1.0).contains(value)) {
            return Err(Error::usage(format!("--{name} {value} is not a share of 0 or more and below 1")));
        }
        let sizes = [("epochs", self.epochs), ("batch-size", self.batch_size), ("seq-length", self.seq_length)];
        if let Some((name, _)) = sizes.iter().find(|(_, value)| !(1..=MOST).contains(value)) {
            return Err(Error::usage(format!("--{name} must be at least 1 and at most {MOST}")));
        }
        if self.ngram > MOST_NGRAM {
            return Err(Error::usage(format!("--ngram {} is more than {MOST_NGRAM}", self.ngram)));
        }
        let rates = [("weight-decay", self.weight_decay), ("clip-norm", self.clip_norm)];
        if let Some((name, value)) = rates.iter().find(|(_, value)| !(*value >= 0.0 && value.is_finite())) {
            return Err(Error::usage(format!("--{name} {value} is not 0 or more")));
        }
        if !(self.learning_rate > 0.0 && self.learning_rate.is_finite()) {
            return Err(Error::usage(format!("--learning-rate {} is not above 0", self.learning_rate)));
        }
        // Any vocabulary will do to check the rest of the shape.
        self.config(2).check().map_err(Error::usage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_valid_and_classic_is_the_classic() {
        for preset in Preset::value_variants() {
            Settings::preset(*preset).check().unwrap();
        }
        let config = Settings::preset(Preset::Classic).config(8532);
        // Embedding, two LSTM layers with PyTorch's two biases, dense layer.
        let lstm = |input: usize| 4 * 150 * (input + 150 + 2);
        assert_eq!(config.num_parameters(), 8532 * 100 + lstm(100) + lstm(150) + 8532 * 151);
    }

    #[test]
    fn values_out_of_range_name_their_option() {
        let good = Settings::preset(Preset::Small);
        for (bad, name) in [
            (Settings { dropout_input: 1.0, ..good.clone() }, "--dropout-input"),
            (Settings { label_smoothing: f64::NAN, ..good.clone() }, "--label-smoothing"),
            (Settings { batch_size: 0, ..good.clone() }, "--batch-size"),
            (Settings { learning_rate: 0.0, ..good.clone() }, "--learning-rate"),
            (Settings { weight_decay: -1.0, ..good.clone() }, "--weight-decay"),
            (Settings { hidden_size: 0, ..good.clone() }, "hidden_size"),
            (Settings { hidden_size: 100, ..good.clone() }, "tied weights"),
        ] {
            let message = bad.check().unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
    }
}
