//! Arguments of rnn-gen.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

use super::{Command, Common, Configuration};
use crate::generate::Unknown;
use crate::sampling::SamplingParams;

/// Write text in the manner of the book that a model was trained on
#[derive(Parser, Debug)]
#[command(name = "rnn-gen", version)]
pub struct Args {
    /// The model file, or the folder that rnn-train made; several for --mix or --turns
    #[arg(short, long, value_name = "PATH", required = true)]
    pub model: Vec<PathBuf>,

    /// Compute with weights rounded to 8-bit integers: up to four times as fast, and nearly the same text
    #[arg(long)]
    pub int8: bool,

    /// The text to go on from; `-` reads it from standard input
    #[arg(short, long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub seed: String,

    /// Read the text to go on from from a file
    #[arg(long, value_name = "FILE", conflicts_with = "seed")]
    pub seed_file: Option<PathBuf>,

    /// What becomes of words of that text that the model does not know
    #[arg(long, value_name = "POLICY", value_enum, default_value_t = Unknown::Skip)]
    pub unknown: Unknown,

    /// How many words to write (characters, if the model is of characters or bytes); 0 goes on until the reader
    /// closes the pipe, or the document ends [default: 50, or 10000 where something else ends the text]
    #[arg(short = 'n', long, value_name = "N", help_heading = "Length")]
    pub words: Option<usize>,

    /// Write no more than N characters, the last word whole
    #[arg(long, value_name = "N", help_heading = "Length")]
    pub chars: Option<usize>,

    /// Stop after N sentences
    #[arg(long, value_name = "N", help_heading = "Length")]
    pub sentences: Option<usize>,

    /// Stop after N paragraphs
    #[arg(long, value_name = "N", help_heading = "Length")]
    pub paragraphs: Option<usize>,

    /// Stop once STRING has been written; may be given several times
    #[arg(long, value_name = "STRING", help_heading = "Length")]
    pub until: Vec<String>,

    /// Below 1 the likely words get likelier, above 1 the rare ones; 0 always takes the likeliest. T@WORD,T@WORD ...
    /// moves from one to the next in the course of the text: 1.2@0,0.6@100
    #[arg(short, long, value_name = "T", default_value_t = SamplingParams::default().temperature.to_string(), help_heading = "Sampling, in this order")]
    pub temperature: String,

    /// Choose among the K likeliest words only
    #[arg(long, value_name = "K", help_heading = "Sampling, in this order")]
    pub top_k: Option<usize>,

    /// Choose among the likeliest words that together have probability P; 1 for all words [default: 0.6, or 1 with
    /// --top-k, --min-p or --typical]
    #[arg(long, value_name = "P", help_heading = "Sampling, in this order")]
    pub top_p: Option<f32>,

    /// Choose among the words at least P times as likely as the likeliest one
    #[arg(long, value_name = "P", help_heading = "Sampling, in this order")]
    pub min_p: Option<f32>,

    /// Choose among the words of most typical probability, neither too likely nor too unlikely, that together have
    /// probability P
    #[arg(long, value_name = "P", help_heading = "Sampling, in this order")]
    pub typical: Option<f32>,

    /// Make words of the last text less likely: divides their logits by X, or multiplies those below 0; 1 is none
    #[arg(long, value_name = "X", default_value_t = 1.0, help_heading = "Repetition")]
    pub repetition_penalty: f32,

    /// Taken once from the logits of words of the last text
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Repetition")]
    pub presence_penalty: f32,

    /// Taken from the logits of words for each time that they stand in the last text
    #[arg(long, value_name = "X", default_value_t = 0.0, allow_negative_numbers = true, help_heading = "Repetition")]
    pub frequency_penalty: f32,

    /// What these three hold to be the last text: N words and marks, the seed text's included
    #[arg(long, value_name = "N", default_value_t = 64, help_heading = "Repetition")]
    pub penalty_window: usize,

    /// Write no sequence of N words and marks twice (in the last 16,384)
    #[arg(long, value_name = "N", help_heading = "Repetition")]
    pub no_repeat_ngram: Option<usize>,

    /// Write no run of N words that stands in the book: see --book
    #[arg(long, value_name = "N", requires = "book", help_heading = "Copying")]
    pub no_copy: Option<usize>,

    /// Say on standard error how much of the text stands in the book: runs of 5 words, and the longest run
    #[arg(long, requires = "book", help_heading = "Copying")]
    pub novelty: bool,

    /// The token file that rnn-prep made of the book. It is read at the start: for a million words that takes --no-copy
    /// about 0.1 s and 30 MB, and --novelty half a second and 80 MB
    #[arg(long, value_name = "NAME.tokens", help_heading = "Copying")]
    pub book: Option<PathBuf>,

    /// Make a word likelier (X above 0) or less likely: X is added to its logit. The word as it is spelt; `\n` is a
    /// line break; may be given several times
    #[arg(long, value_name = "WORD=X", allow_hyphen_values = true, help_heading = "Words")]
    pub bias: Vec<String>,

    /// Never write a word
    #[arg(long, value_name = "WORD", help_heading = "Words")]
    pub ban: Vec<String>,

    /// Write <unk> where the model means a word that it does not know
    #[arg(long, help_heading = "Words")]
    pub allow_unk: bool,

    /// The same seed, model and options give the same text; chosen freshly and reported if left out
    #[arg(short, long, value_name = "N", help_heading = "Samples")]
    pub random_seed: Option<u64>,

    /// Write N texts from the same beginning, in one batch
    #[arg(long, value_name = "N", default_value_t = 1, help_heading = "Samples")]
    pub samples: usize,

    /// The number of the first text: with --first-sample 7, the seventh of the same random seed alone
    #[arg(long, value_name = "K", default_value_t = 1, help_heading = "Samples")]
    pub first_sample: u64,

    /// Instead of drawing, look for the likeliest text with N texts side by side; --samples prints the best few
    #[arg(
        long,
        value_name = "N",
        conflicts_with_all = ["temperature", "top_k", "top_p", "min_p", "typical", "interactive", "turns", "state_in", "state_out"],
        help_heading = "Beam search"
    )]
    pub beams: Option<usize>,

    /// Texts are compared by log-probability / length^A: above 0 prefers longer ones
    #[arg(
        long,
        value_name = "A",
        default_value_t = 1.0,
        allow_negative_numbers = true,
        requires = "beams",
        help_heading = "Beam search"
    )]
    pub length_penalty: f64,

    /// Mix the probabilities of several models of the same vocabulary by these shares, as in 0.7,0.3
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        conflicts_with = "turns",
        help_heading = "Several models"
    )]
    pub mix: Vec<f32>,

    /// Let several models write in turn, each reading what the others wrote: a sentence, a paragraph or N words
    #[arg(
        long,
        value_name = "sentence|paragraph|N",
        conflicts_with_all = ["sentences", "paragraphs", "chars", "samples", "interactive", "state_in", "state_out"],
        help_heading = "Several models"
    )]
    pub turns: Option<String>,

    /// Choose each word yourself among the likeliest, type your own, take back; `?` for help
    #[arg(short, long, conflicts_with = "samples", help_heading = "Interactive")]
    pub interactive: bool,

    /// How many of the likeliest words to show, here and in --json
    #[arg(long, value_name = "N", help_heading = "Interactive")]
    pub best: Option<usize>,

    /// Go on where --state-out stopped, as if it had not; with --random-seed, in another way
    #[arg(long, value_name = "FILE", help_heading = "State")]
    pub state_in: Option<PathBuf>,

    /// Save where the text stands, for --state-in
    #[arg(long, value_name = "FILE", conflicts_with = "samples", help_heading = "State")]
    pub state_out: Option<PathBuf>,

    /// Print one JSON object a text: text, tokens, their probabilities, and all that is needed to write it again
    #[arg(long, help_heading = "Output")]
    pub json: bool,

    /// Print a table with tabs: each word and mark, its probability for the model and after sampling, its rank
    #[arg(long, conflicts_with_all = ["json", "interactive"], help_heading = "Output")]
    pub probs: bool,

    /// Colour words by their probability for the model: green from 0.1, yellow from 0.01, red from 0.001, magenta
    /// below. By itself only on a terminal, and never where NO_COLOR is set
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
