//! Arguments of rnn-train.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, FromArgMatches, Parser, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Command, Common, Configuration, configuration, duration};
use crate::error::Result;
use crate::model::{Cell, ModelFile};
use crate::schedule::Schedule;
use crate::settings::{Optimizer, OutputBias, Preset, Settings};

/// Train a recurrent network on a token file
#[derive(Parser, Debug)]
#[command(name = "rnn-train", version, args_override_self = true)]
pub struct Args {
    /// The token file that rnn-prep wrote; `-` is standard input
    #[arg(value_name = "TOKENS", default_value = "-")]
    pub tokens: PathBuf,

    /// Folder for the model file, the history and the checkpoint
    #[arg(short, long, value_name = "FOLDER", required_unless_present = "dry_run")]
    pub output: Option<PathBuf>,

    /// The settings to start from; the options below change single ones
    #[arg(long, value_enum, default_value_t = Preset::Small)]
    pub preset: Preset,

    /// Where to train
    #[arg(long, value_enum, default_value_t = Device::Auto)]
    pub device: Device,

    /// CPU threads [default: as many as help, found out while training]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,

    /// Starts the weights and the dropout masks; chosen freshly and reported if left out
    #[arg(short, long, value_name = "N")]
    pub random_seed: Option<u64>,

    /// Go on with the training in FOLDER where it was stopped, with its settings
    #[arg(long, conflicts_with_all = ["preset", "print_config"])]
    pub resume: bool,

    /// Write the model's matrices as 8-bit integers: a quarter of the size
    #[arg(long)]
    pub int8: bool,

    /// Print each evaluation, each trial of --tune, or the answer of --dry-run as a line of JSON on standard output
    #[arg(long)]
    pub json: bool,

    /// Go on from a model file, or the one in a folder, on other text; its shape is taken over
    #[arg(long, value_name = "MODEL", conflicts_with = "resume")]
    pub from: Option<PathBuf>,

    /// Add the words of the text that MODEL does not know
    #[arg(long, requires = "from")]
    pub grow_vocab: bool,

    /// Write a sample of text on standard error every N steps
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub sample_every: Option<u64>,

    /// Only say what training would cost: parameters, memory, seconds an epoch; nothing is written
    #[arg(long, conflicts_with = "resume")]
    pub dry_run: bool,

    /// Search for better settings for so many minutes, and write them to tuned.json in FOLDER, for --config
    #[arg(long, value_name = "MINUTES", conflicts_with_all = ["resume", "dry_run", "from"])]
    pub tune: Option<f64>,

    #[command(flatten)]
    pub overrides: Overrides,

    #[command(flatten)]
    pub limits: Limits,

    #[command(flatten)]
    pub configuration: Configuration,

    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// A CUDA GPU if there is one, else the CPU
    Auto,
    Cpu,
    Cuda,
}

/// Settings given one by one.
#[derive(clap::Args, Clone, Debug, Default, Serialize)]
pub struct Overrides {
    /// What the recurrent layers are made of
    #[arg(long, value_enum, help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<Cell>,

    /// Numbers that stand for a word
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_size: Option<usize>,

    /// Units of each layer
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_size: Option<usize>,

    /// Recurrent layers
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_layers: Option<usize>,

    /// Units of the last layer; 0 as the others
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_size: Option<usize>,

    /// Let the output read the embedding and every layer
    #[arg(long, value_name = "BOOL", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_connections: Option<bool>,

    /// Look back over the last N steps; 0 for no attention
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<usize>,

    /// Use the embedding for the output too; needs equal sizes
    #[arg(long, value_name = "BOOL", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie_weights: Option<bool>,

    /// Adaptive softmax for large vocabularies: ranks at which clusters of rarer words begin, say 2000,10000
    #[arg(long, value_name = "RANKS", value_delimiter = ',', help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutoffs: Option<Vec<usize>>,

    /// What the output bias starts from
    #[arg(long, value_enum, help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_bias: Option<OutputBias>,

    /// Mix in the book's own n-grams, up to N words long; 0 leaves them out
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ngram: Option<usize>,

    /// Dropout between embedding and first layer
    #[arg(long, value_name = "SHARE", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_input: Option<f64>,

    /// Dropout between layers
    #[arg(long, value_name = "SHARE", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_hidden: Option<f64>,

    /// Dropout before the output layer
    #[arg(long, value_name = "SHARE", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_output: Option<f64>,

    /// Drop the same units at each step of a window
    #[arg(long, value_name = "BOOL", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_dropout: Option<bool>,

    /// Dropout of whole words
    #[arg(long, value_name = "SHARE", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_embedding: Option<f64>,

    /// Dropout of hidden-to-hidden weights
    #[arg(long, value_name = "SHARE", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_weight: Option<f64>,

    /// Weight of the penalty on large activations
    #[arg(long, value_name = "WEIGHT", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation_penalty: Option<f64>,

    /// Weight of the penalty on activations that change from step to step
    #[arg(long, value_name = "WEIGHT", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal_penalty: Option<f64>,

    /// Probability that the target gives up to all words
    #[arg(long, value_name = "SHARE", help_heading = "Regularisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_smoothing: Option<f64>,

    /// Times to read the text
    #[arg(short, long, value_name = "N", help_heading = "Reading")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<usize>,

    /// Stop after N evaluations without a better validation loss; 0 never does
    #[arg(long, value_name = "N", help_heading = "Reading")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,

    /// Streams read in parallel
    #[arg(short, long, value_name = "N", help_heading = "Reading")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<usize>,

    /// Words through which gradients flow back
    #[arg(long, value_name = "N", help_heading = "Reading")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq_length: Option<usize>,

    /// Vary that length, and the learning rate with it
    #[arg(long, value_name = "BOOL", help_heading = "Reading")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_length: Option<bool>,

    /// Add up the gradients of N windows for a step
    #[arg(long, value_name = "N", help_heading = "Reading")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accumulate: Option<usize>,

    /// How gradients change the weights
    #[arg(long, value_enum, help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimizer: Option<Optimizer>,

    /// Step size
    #[arg(long, value_name = "RATE", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,

    /// How the learning rate changes
    #[arg(long, value_enum, help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,

    /// Share of the steps in which the rate rises (cosine, one-cycle)
    #[arg(long, value_name = "SHARE", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warmup: Option<f64>,

    /// Multiply the rate with this (step, plateau)
    #[arg(long, value_name = "FACTOR", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_factor: Option<f64>,

    /// Do so every N epochs (step), or after N evaluations without a better validation loss (plateau)
    #[arg(long, value_name = "N", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_every: Option<usize>,

    /// Begin with that after N epochs (step)
    #[arg(long, value_name = "N", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_after: Option<usize>,

    /// Decay of Adam's mean of gradients
    #[arg(long, value_name = "SHARE", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta1: Option<f64>,

    /// Decay of Adam's mean of squared gradients
    #[arg(long, value_name = "SHARE", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta2: Option<f64>,

    /// Momentum of SGD
    #[arg(long, value_name = "SHARE", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,

    /// Pull the weights towards zero
    #[arg(long, value_name = "RATE", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,

    /// Shorten longer gradients to this norm; 0 leaves them
    #[arg(long, value_name = "NORM", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,

    /// Cut larger numbers of a gradient to this one; 0 leaves them
    #[arg(long, value_name = "VALUE", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_value: Option<f64>,

    /// Decay of the moving average of the weights; 0 for none
    #[arg(long, value_name = "SHARE", help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,

    /// Evaluate every N steps too, not only after each epoch; patience then counts evaluations
    #[arg(long, value_name = "N", help_heading = "Reading")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_every: Option<usize>,

    /// Leave parts of the network as they are, each perhaps for some epochs only: embedding:3,lstm.0,output
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Optimisation")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Vec<String>>,
}

/// When to stop and what to keep: nothing that changes what is learned.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Stopping and keeping")]
pub struct Limits {
    /// Stop after this time (90s, 10m, 2h), saved, so that --resume can go on
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub max_time: Option<Duration>,

    /// Stop after N steps since training began, saved, so that --resume can go on
    #[arg(long, value_name = "N")]
    pub max_steps: Option<usize>,

    /// Save a checkpoint after this time too, not only after each evaluation
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    pub checkpoint_every: Duration,

    /// Keep the last N checkpoints, the older ones as checkpoint-STEP.safetensors
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub keep: usize,
}

impl Overrides {
    /// Returns settings with these in their place.
    pub fn apply(&self, settings: &Settings) -> Result<Settings> {
        match serde_json::to_value(self) {
            Ok(Value::Object(values)) => settings.with_values(values),
            _ => unreachable!("the options are a JSON object"),
        }
    }
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }

    /// With every setting of the preset, or of the model of --from.
    fn effective(matches: &ArgMatches) -> Result<Map<String, Value>> {
        let mut values = configuration::effective(&<Self as clap::CommandFactory>::command(), matches);
        let preset = matches.get_one::<Preset>("preset").copied().unwrap_or(Preset::Small);
        let mut settings = Settings::preset(preset);
        if let Some(path) = matches.get_one::<PathBuf>("from") {
            settings = settings.with_shape(&ModelFile::read(path)?.config);
        }
        let settings = Overrides::from_arg_matches(matches).map_err(configuration::report)?.apply(&settings)?;
        settings.check()?;
        values.extend(settings.to_values());
        Ok(values)
    }
}
