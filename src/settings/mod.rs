//! The settings of a training run, and the presets.

mod presets;

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::model::{Cell, Config};
use crate::schedule::{self, Schedule};
pub use presets::Preset;

/// The maximum of counts such as epochs, batch size and sequence length; larger values are typing errors.
const MAX_COUNT: usize = 1_000_000;

/// The maximum order of the n-gram model; longer n-grams repeat the text and do not predict better.
const MAX_NGRAM: usize = 8;

/// The optimizer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Optimizer {
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019)
    Adamw,
    /// Adam, with weight decay as part of the gradient (Kingma and Ba 2015)
    Adam,
    /// Stochastic gradient descent, with optional momentum
    Sgd,
    /// SGD that averages the weights once the validation loss stops falling (Merity et al. 2017)
    NtAsgd,
}

/// The initial output bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputBias {
    /// Zeros
    Zero,
    /// The logarithms of the word frequencies
    Unigram,
    /// The logarithms of the word frequencies, not trained
    FixedUnigram,
}

/// The settings of a run, under the names of rnn-train's options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub cell: Cell,
    pub embedding_size: usize,
    pub hidden_size: usize,
    pub num_layers: usize,
    /// Units of the last layer; 0 for the same as the others.
    pub last_size: usize,
    pub skip_connections: bool,
    pub attention: usize,
    pub tie_weights: bool,
    pub cutoffs: Vec<usize>,

    /// Dropout probabilities: between embedding and first layer, between layers, before the output layer.
    pub dropout_input: f64,
    pub dropout_hidden: f64,
    pub dropout_output: f64,
    /// Uses one dropout mask for all steps of a window (Gal and Ghahramani 2016) instead of one per step.
    pub locked_dropout: bool,
    /// The probability that the embedding of a word is dropped.
    pub dropout_embedding: f64,
    /// The probability that a hidden-to-hidden weight is dropped (DropConnect; Merity et al. 2017).
    pub dropout_weight: f64,
    /// Weights of activation regularization and temporal activation regularization (alpha and beta of Merity, McCann
    /// and Socher 2017).
    pub activation_penalty: f64,
    pub temporal_penalty: f64,
    /// The fraction of the target's probability that is spread over all words (Szegedy et al. 2016).
    pub label_smoothing: f64,
    pub output_bias: OutputBias,

    /// The order of the n-gram model that is interpolated with the network; 0 disables it.
    pub ngram: usize,

    pub epochs: usize,
    /// Evaluations without a better validation loss before early stopping; 0 disables it.
    pub patience: usize,
    /// The number of streams read in parallel.
    pub batch_size: usize,
    /// The number of time steps of truncated backpropagation.
    pub seq_length: usize,
    /// Varies the length from window to window, and the learning rate with it (Merity et al. 2017).
    pub random_length: bool,
    /// The number of windows whose gradients are accumulated for a step.
    pub accumulate: usize,

    pub optimizer: Optimizer,
    pub learning_rate: f64,
    pub schedule: Schedule,
    /// The fraction of the steps in which the rate rises, in the schedules `cosine` and `one-cycle`.
    pub warmup: f64,
    /// The factor of each decay in the schedules `step` and `plateau`.
    pub decay_factor: f64,
    /// Epochs between decays (`step`), or evaluations without a better validation loss before one (`plateau`).
    pub decay_every: usize,
    /// Epochs before the first decay (`step`).
    pub decay_after: usize,
    /// Decay rates of Adam's first and second moments.
    pub beta1: f64,
    pub beta2: f64,
    /// The momentum of SGD.
    pub momentum: f64,
    pub weight_decay: f64,
    /// Clips the norm of the gradient to this maximum; 0 disables it.
    pub clip_norm: f64,
    /// Clips each gradient value to this magnitude; 0 disables it.
    pub clip_value: f64,
    /// The decay of the exponential moving average of the weights, which the model file then holds; 0 disables it.
    pub average: f64,

    /// Steps between evaluations in addition to the one after each epoch; 0 disables them.
    pub eval_every: usize,
    /// Parts of the network that are not trained, each optionally for the first N epochs only: `embedding:3`.
    pub freeze: Vec<String>,
}

impl Settings {
    /// Returns the shape of the network for a vocabulary of this size.
    pub fn config(&self, vocab_size: usize) -> Config {
        Config {
            cell: self.cell,
            vocab_size,
            embedding_size: self.embedding_size,
            hidden_size: self.hidden_size,
            num_layers: self.num_layers,
            last_size: (self.last_size > 0).then_some(self.last_size),
            skip_connections: self.skip_connections,
            attention: self.attention,
            tie_weights: self.tie_weights,
            cutoffs: self.cutoffs.clone(),
        }
    }

    /// Returns the learning rate in `step` (from 0) of `steps`, in `epoch` (from 1).
    pub fn rate(&self, step: usize, steps: usize, epoch: usize) -> f64 {
        let factor = match self.schedule {
            Schedule::Constant | Schedule::Plateau => 1.0,
            Schedule::Step => schedule::step(epoch, self.decay_after, self.decay_every, self.decay_factor),
            Schedule::Cosine => schedule::cycle(step, steps, self.warmup, 0.0, 0.0),
            Schedule::OneCycle => schedule::cycle(step, steps, self.warmup, 0.05, 0.005),
        };
        self.learning_rate * factor
    }

    /// Returns these settings with the shape of `config`.
    pub fn with_shape(self, config: &Config) -> Self {
        let Config { cell, vocab_size: _, embedding_size, hidden_size, num_layers, .. } = *config;
        let Config { last_size, skip_connections, attention, tie_weights, ref cutoffs, .. } = *config;
        Self {
            cell,
            embedding_size,
            hidden_size,
            num_layers,
            last_size: last_size.unwrap_or(0),
            skip_connections,
            attention,
            tie_weights,
            cutoffs: cutoffs.clone(),
            ..self
        }
    }

    /// Returns the settings by name.
    pub fn to_values(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => unreachable!("settings are a JSON object"),
        }
    }

    /// Returns these settings with some values replaced, by name.
    pub fn with_values(&self, values: Map<String, Value>) -> Result<Self> {
        let mut all = self.to_values();
        for (name, value) in values {
            let Some(old) = all.get_mut(&name) else {
                return Err(Error::usage(format!("there is no setting `{name}`")));
            };
            *old = value;
        }
        // JSON has no NaN and no infinity.
        if let Some((name, _)) = all.iter().find(|(_, value)| value.is_null()) {
            return Err(Error::usage(format!("{name} must be a finite number")));
        }
        serde_json::from_value(Value::Object(all)).map_err(Error::usage)
    }

    /// Returns the differences from other settings: option name, value in `self`, value in `other`.
    pub fn differences(&self, other: &Self) -> Vec<(String, Value, Value)> {
        let pairs = self.to_values().into_iter().zip(other.to_values().into_values());
        pairs.filter(|((_, a), b)| a != b).map(|((name, a), b)| (name.replace('_', "-"), a, b)).collect()
    }

    /// Fails if a value is out of range.
    pub fn check(&self) -> Result<()> {
        for (name, value) in [
            ("dropout_input", self.dropout_input),
            ("dropout_hidden", self.dropout_hidden),
            ("dropout_output", self.dropout_output),
            ("dropout_embedding", self.dropout_embedding),
            ("dropout_weight", self.dropout_weight),
            ("label_smoothing", self.label_smoothing),
            ("average", self.average),
            ("beta1", self.beta1),
            ("beta2", self.beta2),
            ("momentum", self.momentum),
            ("warmup", self.warmup),
        ] {
            in_range(name, value, (0.0..1.0).contains(&value), "at least 0 and below 1")?;
        }
        for (name, value) in [
            ("epochs", self.epochs),
            ("batch_size", self.batch_size),
            ("seq_length", self.seq_length),
            ("accumulate", self.accumulate),
            ("decay_every", self.decay_every),
        ] {
            in_range(name, value, (1..=MAX_COUNT).contains(&value), format!("between 1 and {MAX_COUNT}"))?;
        }
        in_range("ngram", self.ngram, self.ngram <= MAX_NGRAM, format!("at most {MAX_NGRAM}"))?;
        for (name, value) in [
            ("weight_decay", self.weight_decay),
            ("clip_norm", self.clip_norm),
            ("clip_value", self.clip_value),
            ("activation_penalty", self.activation_penalty),
            ("temporal_penalty", self.temporal_penalty),
        ] {
            in_range(name, value, value >= 0.0 && value.is_finite(), "0 or more and finite")?;
        }
        let factor = self.decay_factor;
        in_range("decay_factor", factor, factor > 0.0 && factor <= 1.0, "above 0 and at most 1")?;
        let rate = self.learning_rate;
        in_range("learning_rate", rate, rate > 0.0 && rate.is_finite(), "above 0 and finite")?;
        // The rest of the shape is checked with the largest vocabulary.
        self.config(1 << 24).check().map_err(|e| e.with_kind(ErrorKind::Usage))
    }
}

fn in_range(name: &str, value: impl Display, is_in_range: bool, rule: impl Display) -> Result<()> {
    if is_in_range { Ok(()) } else { Err(Error::value(name, rule, value)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_are_valid_and_classic_has_the_classic_size() {
        for preset in Preset::ALL {
            Settings::preset(preset).check().unwrap();
        }
        let config = Settings::preset(Preset::Classic).config(8532);
        // Embedding, two LSTM layers with PyTorch's two biases, dense layer.
        let lstm = |input: usize| 4 * 150 * (input + 150 + 2);
        assert_eq!(config.num_parameters(), 8532 * 100 + lstm(100) + lstm(150) + 8532 * 151);
    }

    #[test]
    fn values_out_of_range_name_their_setting() {
        let good = Settings::preset(Preset::Small);
        for (bad, name) in [
            (Settings { dropout_input: 1.0, ..good.clone() }, "dropout_input"),
            (Settings { label_smoothing: f64::NAN, ..good.clone() }, "label_smoothing"),
            (Settings { batch_size: 0, ..good.clone() }, "batch_size"),
            (Settings { learning_rate: 0.0, ..good.clone() }, "learning_rate"),
            (Settings { weight_decay: -1.0, ..good.clone() }, "weight_decay"),
            (Settings { hidden_size: 0, ..good.clone() }, "hidden_size"),
            (Settings { hidden_size: 100, ..good.clone() }, "tied weights"),
            (Settings { accumulate: 0, ..good.clone() }, "accumulate"),
            (Settings { decay_factor: 0.0, ..good.clone() }, "decay_factor"),
            (Settings { temporal_penalty: f64::INFINITY, ..good.clone() }, "temporal_penalty"),
            (Settings { cutoffs: vec![9, 3], tie_weights: false, ..good.clone() }, "cutoffs"),
        ] {
            let message = bad.check().unwrap_err().to_string();
            assert!(message.contains(name), "{message}");
        }
    }

    #[test]
    fn shapes_are_replaced_and_differences_are_listed() {
        let small = Settings::preset(Preset::Small);
        let shape = Settings { last_size: 7, cutoffs: vec![3], tie_weights: false, ..Settings::preset(Preset::Char) };
        let reshaped = small.clone().with_shape(&shape.config(50));
        assert_eq!(reshaped.config(50), shape.config(50));
        assert_eq!(reshaped.learning_rate, small.learning_rate);

        let changed =
            Settings { hidden_size: 64, schedule: Schedule::Cosine, freeze: vec!["lstm".into()], ..small.clone() };
        assert_eq!(small.differences(&changed).len(), 3);
        assert_eq!(
            small.differences(&changed)[0],
            ("hidden-size".into(), small.to_values()["hidden_size"].clone(), 64.into())
        );
    }
}
