//! Arguments of rnn-train.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgMatches, FromArgMatches, Parser, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{Command, Common, Configuration, configuration, duration, thread_count};
use crate::error::{Error, Result};
use crate::model::{Cell, ModelFile};
use crate::schedule::Schedule;
use crate::settings::{Optimizer, OutputBias, Preset, Settings};

/// Train a recurrent network on a token file
#[derive(Parser, Debug)]
#[command(name = "rnn-train", version, args_override_self = true)]
pub struct Args {
    /// Token file written by rnn-prep; `-` reads standard input
    #[arg(value_name = "TOKENS", default_value = "-")]
    pub tokens: PathBuf,

    /// Folder for the model, the history and the checkpoint
    #[arg(short, long, value_name = "FOLDER", required_unless_present = "dry_run")]
    pub output: Option<PathBuf>,

    /// Named set of settings; the options below override individual settings
    #[arg(long, value_enum, default_value_t = Preset::Small)]
    pub preset: Preset,

    /// Device to train on
    #[arg(long, value_enum, default_value_t = Device::Auto)]
    pub device: Device,

    /// Number of CPU threads [default: tuned while training]
    #[arg(long, value_name = "N", value_parser = thread_count())]
    pub threads: Option<usize>,

    /// Seed for initial weights and dropout [default: random, and reported]
    #[arg(short, long, value_name = "N")]
    pub random_seed: Option<u64>,

    /// Continue the run in FOLDER, with its settings; --epochs and --patience may be higher
    #[arg(long, value_enum, value_name = "WHEN", num_args = 0..=1, require_equals = true)]
    #[arg(default_value_t = Resume::Never, default_missing_value = "always")]
    pub resume: Resume,

    /// Replace the run in FOLDER, or its tuned.json, if a new one starts
    #[arg(long)]
    pub overwrite: bool,

    /// Write the model's matrices as 8-bit integers, a quarter of the size
    #[arg(long)]
    pub int8: bool,

    /// Print each evaluation, each trial of --tune, or the estimate of --dry-run as a JSON line on standard output
    #[arg(long)]
    pub json: bool,

    /// Fine-tune this model (a file, or a folder written by rnn-train); its architecture is kept
    #[arg(long, value_name = "MODEL")]
    pub from: Option<PathBuf>,

    /// Add the words that are not in MODEL's vocabulary to it
    #[arg(long, requires = "from")]
    pub grow_vocab: bool,

    /// Print a sample of generated text on standard error every N steps
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub sample_every: Option<u64>,

    /// Only estimate the cost of training: parameters, memory, seconds per epoch; write nothing
    #[arg(long, conflicts_with = "resume")]
    pub dry_run: bool,

    /// Search for better settings for this many minutes, and write them to FOLDER/tuned.json for --config
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
pub enum Resume {
    /// Fail if there is nothing to continue
    #[value(alias = "true")]
    Always,
    /// Start a run if there is none: for scripts that are started again
    Auto,
    /// Start a run
    #[value(alias = "false")]
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Device {
    /// A CUDA GPU if there is one, otherwise the CPU
    Auto,
    Cpu,
    Cuda,
}

/// Individual settings.
#[derive(clap::Args, Clone, Debug, Default, Serialize)]
pub struct Overrides {
    /// Cell of the recurrent layers
    #[arg(long, value_enum, help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cell: Option<Cell>,

    /// Embedding dimension
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub embedding_size: Option<usize>,

    /// Number of units of each recurrent layer
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hidden_size: Option<usize>,

    /// Number of recurrent layers
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub num_layers: Option<usize>,

    /// Number of units of the last layer; 0 for the same as the others
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_size: Option<usize>,

    /// Connect the embedding and every layer to the output (skip connections)
    #[arg(long, value_name = "BOOL", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_connections: Option<bool>,

    /// Attend over the last N steps; 0 disables attention
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attention: Option<usize>,

    /// Tie the weights of the embedding and the output layer; requires equal sizes
    #[arg(long, value_name = "BOOL", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tie_weights: Option<bool>,

    /// Adaptive softmax: ranks at which clusters of rarer words begin, such as 2000,10000
    #[arg(long, value_name = "RANKS", value_delimiter = ',', help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cutoffs: Option<Vec<usize>>,

    /// Initial output bias
    #[arg(long, value_enum, help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_bias: Option<OutputBias>,

    /// Interpolate with an n-gram model of this order; 0 disables it
    #[arg(long, value_name = "N", help_heading = "Network")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ngram: Option<usize>,

    /// Dropout between the embedding and the first layer
    #[arg(long, value_name = "FRACTION", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_input: Option<f64>,

    /// Dropout between layers
    #[arg(long, value_name = "FRACTION", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_hidden: Option<f64>,

    /// Dropout before the output layer
    #[arg(long, value_name = "FRACTION", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_output: Option<f64>,

    /// Drop the same units at every step of a window (variational dropout)
    #[arg(long, value_name = "BOOL", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locked_dropout: Option<bool>,

    /// Dropout of whole words in the embedding
    #[arg(long, value_name = "FRACTION", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_embedding: Option<f64>,

    /// Dropout of hidden-to-hidden weights (DropConnect)
    #[arg(long, value_name = "FRACTION", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropout_weight: Option<f64>,

    /// Weight of activation regularization (AR)
    #[arg(long, value_name = "WEIGHT", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation_penalty: Option<f64>,

    /// Weight of temporal activation regularization (TAR)
    #[arg(long, value_name = "WEIGHT", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temporal_penalty: Option<f64>,

    /// Label smoothing: fraction of the target's probability spread over all words
    #[arg(long, value_name = "FRACTION", help_heading = "Regularization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_smoothing: Option<f64>,

    /// Passes over the training text (epochs)
    #[arg(short, long, value_name = "N", help_heading = "Batches and epochs")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub epochs: Option<usize>,

    /// Stop after N evaluations without a better validation loss; 0 disables early stopping
    #[arg(long, value_name = "N", help_heading = "Batches and epochs")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patience: Option<usize>,

    /// Number of streams of text read in parallel
    #[arg(short, long, value_name = "N", help_heading = "Batches and epochs")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<usize>,

    /// Steps of truncated backpropagation through time
    #[arg(long, value_name = "N", help_heading = "Batches and epochs")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seq_length: Option<usize>,

    /// Vary the sequence length randomly, and the learning rate with it
    #[arg(long, value_name = "BOOL", help_heading = "Batches and epochs")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_length: Option<bool>,

    /// Accumulate the gradients of N windows per optimizer step
    #[arg(long, value_name = "N", help_heading = "Batches and epochs")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accumulate: Option<usize>,

    /// Optimizer
    #[arg(long, value_enum, help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub optimizer: Option<Optimizer>,

    /// Learning rate
    #[arg(long, value_name = "RATE", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,

    /// Learning rate schedule
    #[arg(long, value_enum, help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Schedule>,

    /// Fraction of the steps spent on warm-up (cosine, one-cycle)
    #[arg(long, value_name = "FRACTION", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warmup: Option<f64>,

    /// Multiply the learning rate by this at each decay (step, plateau)
    #[arg(long, value_name = "FACTOR", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_factor: Option<f64>,

    /// Decay every N epochs (step), or after N evaluations without a better validation loss (plateau)
    #[arg(long, value_name = "N", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_every: Option<usize>,

    /// First decay after N epochs (step)
    #[arg(long, value_name = "N", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decay_after: Option<usize>,

    /// Adam's beta1
    #[arg(long, value_name = "BETA", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta1: Option<f64>,

    /// Adam's beta2
    #[arg(long, value_name = "BETA", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta2: Option<f64>,

    /// Momentum of SGD
    #[arg(long, value_name = "FACTOR", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f64>,

    /// Weight decay
    #[arg(long, value_name = "RATE", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight_decay: Option<f64>,

    /// Clip gradients to this norm; 0 disables clipping
    #[arg(long, value_name = "NORM", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_norm: Option<f64>,

    /// Clip each gradient value to this magnitude; 0 disables clipping
    #[arg(long, value_name = "VALUE", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clip_value: Option<f64>,

    /// Decay of the exponential moving average of the weights; 0 disables it
    #[arg(long, value_name = "DECAY", help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub average: Option<f64>,

    /// Also evaluate every N steps; --patience then counts these evaluations
    #[arg(long, value_name = "N", help_heading = "Batches and epochs")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eval_every: Option<usize>,

    /// Freeze parts of the network, optionally for the first N epochs only: embedding:3,lstm.0,output
    #[arg(long, value_name = "NAMES", value_delimiter = ',', help_heading = "Optimization")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub freeze: Option<Vec<String>>,
}

/// When to stop and which checkpoints to keep. These options do not affect training itself.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Stopping and checkpoints")]
pub struct Limits {
    /// Save and stop after this time (90s, 10m, 2h); --resume continues
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub max_time: Option<Duration>,

    /// Save and stop after N steps in total; --resume continues
    #[arg(long, value_name = "N")]
    pub max_steps: Option<usize>,

    /// Also save a checkpoint at this interval, not only after each evaluation
    #[arg(long, value_name = "TIME", default_value = "5m", value_parser = duration::parse)]
    pub checkpoint_every: Duration,

    /// Keep the last N checkpoints; older ones are named checkpoint-STEP.safetensors
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub keep: usize,
}

impl Overrides {
    /// Returns the settings with these overrides applied.
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

    /// Adds all settings of the preset or of the model of --from.
    fn effective(matches: &ArgMatches) -> Result<Map<String, Value>> {
        let mut values = configuration::effective(&<Self as clap::CommandFactory>::command(), matches);
        if matches.get_one("resume") == Some(&Resume::Always) {
            return Err(Error::usage(
                "--print-config cannot be used with --resume, which keeps the settings of the run",
            ));
        }
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
