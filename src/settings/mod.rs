//! Everything that can be set about a training run, and the presets.

mod presets;

use std::fmt::Display;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result};
use crate::model::{Cell, Config};
use crate::schedule::{self, Schedule};
pub use presets::Preset;

/// Epochs, streams or steps of time: more are a slip of the hand.
const MOST: usize = 1_000_000;

/// Longer n-grams than this repeat the book and predict no better.
const MOST_NGRAM: usize = 8;

/// How gradients change the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Optimizer {
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019)
    Adamw,
    /// Adam, weight decay as a part of the gradient (Kingma and Ba 2015)
    Adam,
    /// Stochastic gradient descent, with momentum where it is set
    Sgd,
    /// SGD that averages the weights once the validation loss no longer falls (Merity et al. 2017)
    NtAsgd,
}

/// What the output bias starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputBias {
    /// Zeros
    Zero,
    /// The logarithms of the word frequencies
    Unigram,
    /// The logarithms of the word frequencies, and it is not learned
    FixedUnigram,
}

/// The settings of a run, under the names of rnn-train's options.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    pub cell: Cell,
    pub embedding_size: usize,
    pub hidden_size: usize,
    pub num_layers: usize,
    /// Units of the last layer; 0 as the others.
    pub last_size: usize,
    pub skip_connections: bool,
    pub attention: usize,
    pub tie_weights: bool,
    pub cutoffs: Vec<usize>,

    /// Shares of units that are zeroed: between embedding and first layer, between layers, before the output layer.
    pub dropout_input: f64,
    pub dropout_hidden: f64,
    pub dropout_output: f64,
    /// Those three have one mask for all steps of a window (Gal and Ghahramani 2016), not one a step.
    pub locked_dropout: bool,
    /// Share of words whose embedding is zeroed.
    pub dropout_embedding: f64,
    /// Share of hidden-to-hidden weights that are zeroed (DropConnect; Merity et al. 2017).
    pub dropout_weight: f64,
    /// Of large activations, and of changes from step to step (alpha and beta of Merity, McCann and Socher 2017).
    pub activation_penalty: f64,
    pub temporal_penalty: f64,
    /// Probability that the target gives up, shared by all words (Szegedy et al. 2016).
    pub label_smoothing: f64,
    pub output_bias: OutputBias,

    /// Longest n-grams of the book's own n-gram model, which is mixed with the network; 0 leaves it out.
    pub ngram: usize,

    pub epochs: usize,
    /// Stops after so many evaluations without a better validation loss; 0 never does.
    pub patience: usize,
    /// Streams read in parallel.
    pub batch_size: usize,
    /// Steps of time through which gradients flow back.
    pub seq_length: usize,
    /// The length varies from window to window, and the learning rate with it (Merity et al. 2017).
    pub random_length: bool,
    /// Windows whose gradients are added up for a step.
    pub accumulate: usize,

    pub optimizer: Optimizer,
    pub learning_rate: f64,
    pub schedule: Schedule,
    /// Share of the steps in which the rate rises, where the schedule has such.
    pub warmup: f64,
    /// What the rate is multiplied with, in the schedules `step` and `plateau`.
    pub decay_factor: f64,
    /// How often: every so many epochs, or after so many evaluations without a better validation loss.
    pub decay_every: usize,
    /// Epochs before the first such step.
    pub decay_after: usize,
    /// Decays of Adam's first and second moments.
    pub beta1: f64,
    pub beta2: f64,
    /// Of SGD.
    pub momentum: f64,
    pub weight_decay: f64,
    /// Longer gradients are shortened to this norm; 0 leaves them.
    pub clip_norm: f64,
    /// Larger numbers of a gradient are cut to this one; 0 leaves them.
    pub clip_value: f64,
    /// Decay of the moving average of the weights, which is what is kept; 0 keeps the weights themselves.
    pub average: f64,

    /// Evaluates every so many steps too, not only after each epoch; 0 does not.
    pub eval_every: usize,
    /// Parts of the network that are not learned, each perhaps for some epochs only: `embedding:3`.
    pub freeze: Vec<String>,
}

impl Settings {
    /// The network that these settings make for a vocabulary.
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

    /// The learning rate in `step` (from 0) of `steps`, in `epoch` (from 1).
    pub fn rate(&self, step: usize, steps: usize, epoch: usize) -> f64 {
        let factor = match self.schedule {
            Schedule::Constant | Schedule::Plateau => 1.0,
            Schedule::Step => schedule::step(epoch, self.decay_after, self.decay_every, self.decay_factor),
            Schedule::Cosine => schedule::cycle(step, steps, self.warmup, 0.0, 0.0),
            Schedule::OneCycle => schedule::cycle(step, steps, self.warmup, 0.05, 0.005),
        };
        self.learning_rate * factor
    }

    /// These settings, for a network of another shape.
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

    /// The settings under their names.
    pub fn to_values(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => unreachable!("settings are a JSON object"),
        }
    }

    /// These settings with some values replaced, by name.
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

    /// What differs from other settings: the options' names, and their values here and there.
    pub fn differences(&self, other: &Self) -> Vec<(String, Value, Value)> {
        let pairs = self.to_values().into_iter().zip(other.to_values().into_values());
        pairs.filter(|((_, a), b)| a != b).map(|((name, a), b)| (name.replace('_', "-"), a, b)).collect()
    }

    /// Refuses values outside their range.
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
            in_range(name, value, (1..=MOST).contains(&value), format!("between 1 and {MOST}"))?;
        }
        in_range("ngram", self.ngram, self.ngram <= MOST_NGRAM, format!("at most {MOST_NGRAM}"))?;
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
        // The largest vocabulary will do to check the rest of the shape.
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
    fn presets_are_valid_and_classic_is_the_classic() {
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
    fn shapes_are_taken_over_and_differences_are_named() {
        let small = Settings::preset(Preset::Small);
        let shape = Settings { last_size: 7, cutoffs: vec![3], tie_weights: false, ..Settings::preset(Preset::Char) };
        let taken = small.clone().with_shape(&shape.config(50));
        assert_eq!(taken.config(50), shape.config(50));
        assert_eq!(taken.learning_rate, small.learning_rate);

        let put =
            Settings { hidden_size: 64, schedule: Schedule::Cosine, freeze: vec!["lstm".into()], ..small.clone() };
        assert_eq!(small.differences(&put).len(), 3);
        assert_eq!(
            small.differences(&put)[0],
            ("hidden-size".into(), small.to_values()["hidden_size"].clone(), 64.into())
        );
    }
}
