//! Arguments of rnn-gen.

use std::path::PathBuf;

use clap::builder::RangedU64ValueParser;
use clap::{Parser, ValueEnum};

use super::{Command, Common, Configuration, Force};
use crate::generate::UnknownWordPolicy;
use crate::sampling::SamplingParams;

/// Generate text in the style of the book that a model was trained on
#[derive(Parser, Debug)]
#[command(name = "rnn-gen", version)]
pub struct Args {
    /// Model file, or a folder written by rnn-train; repeat it for --mix or --turns
    #[arg(short, long, value_name = "PATH", required = true)]
    pub model: Vec<PathBuf>,

    /// Round the weights to 8-bit integers: up to four times as fast, and almost the same text
    #[arg(long)]
    pub int8: bool,

    /// Text to continue; `-` reads it from standard input
    #[arg(short, long, visible_alias = "prompt", value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub seed: String,

    /// Read the seed text from a file
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    pub seed_file: Option<PathBuf>,

    /// How to treat words of the seed text that are not in the vocabulary
    #[arg(long, value_name = "POLICY", value_enum, default_value_t = UnknownWordPolicy::Skip)]
    pub unknown: UnknownWordPolicy,

    /// Number of words to generate (characters for models of characters or bytes); with 0, generate until the
    /// document ends or the reader closes the pipe [default: 50, or 10000 if another option ends the text]
    #[arg(short = 'n', long, value_name = "N", help_heading = "Length")]
    pub words: Option<usize>,

    /// Generate at most N characters, in whole words
    #[arg(long, value_name = "N", help_heading = "Length")]
    pub chars: Option<usize>,

    /// Stop after N sentences
    #[arg(long, value_name = "N", help_heading = "Length")]
    pub sentences: Option<usize>,

    /// Stop after N paragraphs
    #[arg(long, value_name = "N", help_heading = "Length")]
    pub paragraphs: Option<usize>,

    /// Stop after STRING; may be given several times
    #[arg(long, value_name = "STRING", help_heading = "Length")]
    pub until: Vec<String>,

    /// Divide the logits by T: below 1 favours likely words, above 1 rare ones; 0 always takes the most likely word.
    /// T@WORD,T@WORD... changes it linearly between the given word counts: 1.2@0,0.6@100
    #[arg(short, long, value_name = "T", default_value_t = SamplingParams::default().temperature.to_string(), help_heading = "Sampling, in this order")]
    pub temperature: String,

    /// Sample from the K most likely words only
    #[arg(long, value_name = "K", help_heading = "Sampling, in this order")]
    pub top_k: Option<usize>,

    /// Sample from the smallest set of most likely words whose total probability is at least P; 1 keeps all words
    /// [default: 0.6, or 1 with --top-k, --min-p or --typical]
    #[arg(long, value_name = "P", help_heading = "Sampling, in this order")]
    pub top_p: Option<f32>,

    /// Sample from words with at least P times the probability of the most likely one
    #[arg(long, value_name = "P", help_heading = "Sampling, in this order")]
    pub min_p: Option<f32>,

    /// Locally typical sampling: sample from the words whose surprisal is closest to the entropy, up to a total
    /// probability of P
    #[arg(long, value_name = "P", help_heading = "Sampling, in this order")]
    pub typical: Option<f32>,

    /// Divide positive logits of recent words by X, and multiply negative ones; 1 disables it
    #[arg(long, value_name = "X", default_value_t = 1.0, help_heading = "Repetition")]
    pub repetition_penalty: f32,

    /// Subtract X from the logits of recent words
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Repetition")]
    pub presence_penalty: f32,

    /// Subtract X from the logits of recent words for each of their occurrences
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Repetition")]
    pub frequency_penalty: f32,

    /// Apply these three penalties to the last N words and punctuation marks, including the seed text
    #[arg(long, value_name = "N", default_value_t = 64, help_heading = "Repetition")]
    pub penalty_window: usize,

    /// Do not repeat any sequence of N words and punctuation marks from the last 16,384
    #[arg(long, value_name = "N", help_heading = "Repetition")]
    pub no_repeat_ngram: Option<usize>,

    /// Do not copy any run of N words from the book (see --book)
    #[arg(long, value_name = "N", requires = "book", help_heading = "Copying")]
    pub no_copy: Option<usize>,

    /// Report on standard error how many runs of 5 words are copied from the book, and the longest run
    #[arg(long, requires = "book", help_heading = "Copying")]
    pub novelty: bool,

    /// Token file of the book, from rnn-prep. Reading a million words takes --no-copy about 0.1 s and 30 MB, and
    /// --novelty 0.5 s and 80 MB
    #[arg(long, value_name = "NAME.tokens", help_heading = "Copying")]
    pub book: Option<PathBuf>,

    /// Add X to the logit of a word: above 0 makes it more likely. The spelling must match; `\n` is a line break; may
    /// be given several times
    #[arg(long, value_name = "WORD=X", allow_hyphen_values = true, help_heading = "Words")]
    pub bias: Vec<String>,

    /// Never generate WORD; may be given several times
    #[arg(long, value_name = "WORD", help_heading = "Words")]
    pub ban: Vec<String>,

    /// Allow the unknown token <unk> in the text
    #[arg(long, help_heading = "Words")]
    pub allow_unk: bool,

    /// Seed of the random generator; the same seed, model and options produce the same text [default: random, and
    /// reported]
    #[arg(short, long, value_name = "N", help_heading = "Samples")]
    pub random_seed: Option<u64>,

    /// Generate N texts from the same seed text, in batches
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Samples")]
    pub samples: usize,

    /// Number of the first text: --first-sample 7 generates the seventh text of a random seed alone
    #[arg(long, value_name = "K", default_value_t = 1, help_heading = "Samples")]
    pub first_sample: u64,

    /// Search for the most likely text with N beams instead of sampling; --samples sets how many texts are printed
    #[arg(
        long,
        value_name = "N",
        conflicts_with_all = ["temperature", "top_k", "top_p", "min_p", "typical", "interactive", "turns", "state_in", "state_out"],
        value_parser = RangedU64ValueParser::<usize>::new().range(1..=1024),
        help_heading = "Beam search"
    )]
    pub beams: Option<usize>,

    /// Score texts by log-probability / length^A: larger values favour longer texts
    #[arg(
        long,
        value_name = "A",
        default_value_t = 1.0,
        allow_negative_numbers = true,
        requires = "beams",
        help_heading = "Beam search"
    )]
    pub length_penalty: f64,

    /// Average the probabilities of several models with the same vocabulary, with these weights: 0.7,0.3
    #[arg(
        long,
        value_name = "WEIGHTS",
        value_delimiter = ',',
        conflicts_with = "turns",
        help_heading = "Several models"
    )]
    pub mix: Vec<f32>,

    /// Let several models take turns of a sentence, a paragraph or N words; each reads the text of the others
    #[arg(
        long,
        value_name = "sentence|paragraph|N",
        conflicts_with_all = ["sentences", "paragraphs", "chars", "samples", "interactive", "state_in", "state_out"],
        help_heading = "Several models"
    )]
    pub turns: Option<String>,

    /// Choose each word from the most likely ones, type your own, or undo; `?` for help
    #[arg(short, long, conflicts_with = "samples", help_heading = "Interactive")]
    pub interactive: bool,

    /// Number of most likely words to show, here and with --json [default: 6 with --interactive]
    #[arg(long, value_name = "N", help_heading = "Interactive")]
    pub best: Option<usize>,

    /// Continue from a saved state as if uninterrupted; --random-seed starts another continuation
    #[arg(long, value_name = "FILE", help_heading = "State")]
    pub state_in: Option<PathBuf>,

    /// Save the state at the end of the text, for --state-in
    #[arg(long, value_name = "FILE", conflicts_with = "samples", help_heading = "State")]
    pub state_out: Option<PathBuf>,

    #[command(flatten)]
    pub force: Force,

    /// Print one JSON object per text: the text, its tokens, their probabilities, and what is needed to reproduce it
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// Print a tab-separated table of tokens: probability under the model, probability after filters, rank
    #[arg(long, conflicts_with_all = ["json", "interactive"], help_heading = "Output")]
    pub probs: bool,

    /// Colour words by their probability under the model: green from 0.1, yellow from 0.01, red from 0.001, magenta
    /// below. `auto` colours on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", value_enum, default_value_t = Color::Auto, help_heading = "Output")]
    pub color: Color,

    #[command(flatten)]
    pub configuration: Configuration,

    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    Auto,
    Always,
    Never,
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}
