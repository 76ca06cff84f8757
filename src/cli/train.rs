//! Arguments of rnn-train.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::{Command, Common};
use crate::schedule::Schedule;
use crate::settings::{Preset, Settings};

/// Train an LSTM on a token file
#[derive(Parser, Debug)]
#[command(name = "rnn-train", version)]
pub struct Args {
    /// The token file that rnn-prep wrote; `-` is standard input
    #[arg(value_name = "TOKENS", default_value = "-")]
    pub tokens: PathBuf,

    /// Folder for the model file, the history and the checkpoint
    #[arg(short, long, value_name = "FOLDER")]
    pub output: PathBuf,

    /// The settings to start from; the options below change single ones
    #[arg(long, value_enum, default_value_t = Preset::Small)]
    pub preset: Preset,

    /// Where to train
    #[arg(long, value_enum, default_value_t = Device::Auto)]
    pub device: Device,

    /// CPU threads [default: one a core]
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,

    /// Starts the weights and the dropout masks; chosen freshly and reported if left out
    #[arg(short, long, value_name = "N")]
    pub random_seed: Option<u64>,

    /// Go on with the training in FOLDER where it was stopped, with its settings
    #[arg(long, conflicts_with = "preset")]
    pub resume: bool,

    /// Print each epoch as a line of JSON on standard output
    #[arg(long)]
    pub json: bool,

    #[command(flatten)]
    pub overrides: Overrides,

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
#[derive(clap::Args, Clone, Debug, Default)]
#[command(next_help_heading = "Settings")]
pub struct Overrides {
    /// Numbers that stand for a word
    #[arg(long, value_name = "N")]
    pub embedding_size: Option<usize>,

    /// Units of each LSTM layer
    #[arg(long, value_name = "N")]
    pub hidden_size: Option<usize>,

    /// LSTM layers
    #[arg(long, value_name = "N")]
    pub num_layers: Option<usize>,

    /// Use the embedding for the output too; needs equal embedding and hidden sizes
    #[arg(long, value_name = "BOOL")]
    pub tie_weights: Option<bool>,

    /// Dropout between embedding and first layer
    #[arg(long, value_name = "SHARE")]
    pub dropout_input: Option<f64>,

    /// Dropout between layers
    #[arg(long, value_name = "SHARE")]
    pub dropout_hidden: Option<f64>,

    /// Dropout after the last layer
    #[arg(long, value_name = "SHARE")]
    pub dropout_output: Option<f64>,

    /// Dropout of whole words
    #[arg(long, value_name = "SHARE")]
    pub dropout_embedding: Option<f64>,

    /// Dropout of hidden-to-hidden weights
    #[arg(long, value_name = "SHARE")]
    pub dropout_weight: Option<f64>,

    /// Probability that the target gives up to all words
    #[arg(long, value_name = "SHARE")]
    pub label_smoothing: Option<f64>,

    /// Fix the output bias at the logarithm of the word frequencies
    #[arg(long, value_name = "BOOL")]
    pub unigram_bias: Option<bool>,

    /// Mix in the book's own n-grams, up to N words long; 0 leaves them out
    #[arg(long, value_name = "N")]
    pub ngram: Option<usize>,

    /// Times to read the text
    #[arg(short, long, value_name = "N")]
    pub epochs: Option<usize>,

    /// Stop after N epochs without a better validation loss; 0 never does
    #[arg(long, value_name = "N")]
    pub patience: Option<usize>,

    /// Streams read in parallel
    #[arg(short, long, value_name = "N")]
    pub batch_size: Option<usize>,

    /// Words through which gradients flow back
    #[arg(long, value_name = "N")]
    pub seq_length: Option<usize>,

    /// Step size of AdamW
    #[arg(long, value_name = "RATE")]
    pub learning_rate: Option<f64>,

    /// How the learning rate changes
    #[arg(long, value_enum)]
    pub schedule: Option<Schedule>,

    /// Weight decay of AdamW
    #[arg(long, value_name = "RATE")]
    pub weight_decay: Option<f64>,

    /// Shorten longer gradients to this norm; 0 leaves them
    #[arg(long, value_name = "NORM")]
    pub clip_norm: Option<f64>,

    /// Decay of the moving average of the weights; 0 for none
    #[arg(long, value_name = "SHARE")]
    pub average: Option<f64>,
}

impl Overrides {
    /// Settings with these single ones put in.
    pub fn put_into(&self, mut settings: Settings) -> Settings {
        macro_rules! put_in {
            ($($field:ident)*) => {
                let Overrides { $($field),* } = self;
                $(if let Some(value) = $field {
                    settings.$field = *value;
                })*
            };
        }
        put_in!(embedding_size hidden_size num_layers tie_weights dropout_input dropout_hidden dropout_output
            dropout_embedding dropout_weight label_smoothing unigram_bias ngram epochs patience batch_size seq_length
            learning_rate schedule weight_decay clip_norm average);
        settings
    }
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
