//! Arguments of rnn-plot.

use std::path::{Path, PathBuf};

use clap::{Args as Group, Parser, Subcommand, ValueEnum};

use super::{Command, Common, Configuration, Force};
use crate::error::{Error, Result, quoted};
use crate::io;

/// Plot training curves, networks, vocabularies and activations, as PNG, as SVG or on the terminal
#[derive(Parser, Debug)]
#[command(name = "rnn-plot", version)]
pub struct Args {
    #[command(subcommand)]
    pub picture: Picture,

    #[command(flatten)]
    pub configuration: Configuration,

    #[command(flatten)]
    pub common: Common,
}

#[derive(Subcommand, Debug)]
pub enum Picture {
    /// Loss, perplexity, accuracy and learning rate by epoch, with the best epoch marked
    History(History),
    /// The layers of a network with their shapes and parameter counts
    Architecture(Architecture),
    /// Word frequencies of a token file, and the fraction of the text that the most frequent words cover
    Vocabulary(Vocabulary),
    /// A text coloured by the probability of each token
    Probabilities(Probabilities),
    /// Activations of a network's units while it reads a text
    Activations(Activations),
    /// A map of the embeddings of the most frequent words
    Embeddings(Embeddings),
    /// Columns of CSV files against each other
    Compare(Compare),
}

#[derive(Group, Clone, Debug)]
pub struct History {
    /// Histories written by rnn-train, or their folders; `-` reads CSV or JSON lines from standard input
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub histories: Vec<PathBuf>,

    /// Smooth the curves by an exponential moving average with this weight of the past
    #[arg(long, value_name = "WEIGHT", value_parser = fraction)]
    pub smooth: Option<f64>,

    /// Redraw after each line of `rnn-train --json` on standard input
    #[arg(long)]
    pub follow: bool,

    #[command(flatten)]
    pub size: Size,

    #[command(flatten)]
    pub look: Look,
}

#[derive(Group, Clone, Debug)]
pub struct Architecture {
    /// Model file, or a folder written by rnn-train (`-` reads standard input)
    #[arg(value_name = "MODEL", required_unless_present = "cell", conflicts_with = "cell")]
    pub model: Option<PathBuf>,

    /// Unroll the network over this many time steps
    #[arg(long, value_name = "STEPS", num_args = 0..=1, require_equals = true, default_missing_value = "4",
          value_parser = clap::value_parser!(u8).range(2..=8), conflicts_with = "cell")]
    pub unrolled: Option<u8>,

    /// Show a cell's gates and equations; needs no model
    #[arg(long, value_enum)]
    pub cell: Option<CellKind>,

    #[command(flatten)]
    pub look: Look,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CellKind {
    /// Long short-term memory
    Lstm,
    /// Gated recurrent unit
    Gru,
    /// Elman network
    Rnn,
}

#[derive(Group, Clone, Debug)]
pub struct Vocabulary {
    /// Token file written by rnn-prep (`-` reads standard input)
    #[arg(value_name = "TOKENS")]
    pub tokens: PathBuf,

    #[command(flatten)]
    pub size: Size,

    #[command(flatten)]
    pub look: Look,
}

#[derive(Group, Clone, Debug)]
pub struct Probabilities {
    /// Output of `rnn-gen --json` or `rnn-eval --per token`, or a TSV with the columns `token` and `probability` or
    /// `log_likelihood`
    #[arg(value_name = "FILE", default_value = "-", hide_default_value = true)]
    pub file: PathBuf,

    #[command(flatten)]
    pub width: Width,

    #[command(flatten)]
    pub look: Look,
}

#[derive(Group, Clone, Debug)]
pub struct Activations {
    /// Model file, or a folder written by rnn-train
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,

    /// Text to read [default: standard input]
    #[arg(value_name = "TEXT", default_value = "-", hide_default_value = true)]
    pub text: PathBuf,

    /// Colour the text by one unit, given as its layer and its number within the layer, both counted from 1
    #[arg(short, long, value_name = "L:I", value_parser = unit, conflicts_with_all = ["layer", "find"])]
    pub unit: Option<(usize, usize)>,

    /// Draw all units of this layer, counted from 1, as a heat map [default: the last layer]
    #[arg(short, long, value_name = "L", conflicts_with = "find")]
    pub layer: Option<usize>,

    /// Print the units that best track a feature of the text, and draw the first with -o: quotes, brackets,
    /// line-length, or a regular expression
    #[arg(long, value_name = "WHAT")]
    pub find: Option<String>,

    #[command(flatten)]
    pub width: Width,

    #[command(flatten)]
    pub look: Look,
}

#[derive(Group, Clone, Debug)]
pub struct Embeddings {
    /// Model file, or a folder written by rnn-train
    #[arg(value_name = "MODEL")]
    pub model: PathBuf,

    /// Number of most frequent words on the map
    #[arg(short = 'n', long, value_name = "N", default_value_t = 250, value_parser = clap::value_parser!(u32).range(3..=5000))]
    pub words: u32,

    /// Print the nearest neighbours of this word and their cosine similarities instead; may be repeated
    #[arg(long, value_name = "WORD", visible_alias = "neighbors", conflicts_with_all = ["words", "Look", "Size"])]
    pub neighbours: Vec<String>,

    #[command(flatten)]
    pub size: Size,

    #[command(flatten)]
    pub look: Look,
}

#[derive(Group, Clone, Debug)]
pub struct Compare {
    /// CSV files with a header, folders written by rnn-train, or `-`
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,

    /// Column for the x axis [default: row number]
    #[arg(short = 'x', long, value_name = "COLUMN")]
    pub across: Option<String>,

    /// Column for the y axis; may be repeated
    #[arg(short = 'y', long, value_name = "COLUMN", required = true)]
    pub up: Vec<String>,

    /// Axes with a logarithmic scale
    #[arg(long, value_enum)]
    pub log: Option<Axes>,

    /// Smooth the curves by an exponential moving average with this weight of the past
    #[arg(long, value_name = "WEIGHT", value_parser = fraction)]
    pub smooth: Option<f64>,

    #[command(flatten)]
    pub size: Size,

    #[command(flatten)]
    pub look: Look,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Axes {
    X,
    Y,
    Both,
}

/// Options of every picture.
#[derive(Group, Clone, Debug)]
pub struct Look {
    /// Output file, NAME.png or NAME.svg [default: the picture's name in the current folder]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Picture format, regardless of the output's name; required with `-o -`
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Colours for a light or a dark background
    #[arg(long, value_enum, default_value_t = Theme::Light)]
    pub theme: Theme,

    /// Resolution of a PNG in pixels per inch; 192 doubles the size of the image and everything in it
    #[arg(long, value_name = "N", default_value_t = 96, value_parser = clap::value_parser!(u16).range(48..=600))]
    pub dpi: u16,

    /// Draw on the terminal with Unicode characters
    #[arg(long, conflicts_with_all = ["output", "format", "dpi"])]
    pub term: bool,

    #[command(flatten)]
    pub force: Force,
}

/// Size of a chart.
#[derive(Group, Clone, Copy, Debug)]
pub struct Size {
    /// Width in pixels at 96 dpi
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(480..=8000))]
    pub width: Option<u16>,

    /// Height in pixels at 96 dpi
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(400..=8000))]
    pub height: Option<u16>,
}

/// Width of a picture whose height follows from its content.
#[derive(Group, Clone, Copy, Debug)]
pub struct Width {
    /// Width in pixels at 96 dpi
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u16).range(480..=8000))]
    pub width: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Bitmap
    Png,
    /// Vector graphics
    Svg,
    /// Self-contained web page (probabilities only)
    Html,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    Light,
    Dark,
}

impl Look {
    /// Returns the output file and its format; the default is a PNG called `name`.
    pub fn target(&self, name: &str) -> Result<(PathBuf, Format)> {
        let Some(path) = &self.output else {
            let format = self.format.unwrap_or(Format::Png);
            return Ok((PathBuf::from(name).with_extension(format.extension()), format));
        };
        let format = match self.format {
            Some(format) => format,
            None if io::is_stream(path) => {
                return Err(Error::usage("-o - needs --format").hint("add --format png or --format svg"));
            }
            None => Format::of(path)?,
        };
        if format == Format::Png {
            io::refuse_terminal(path)?;
        }
        Ok((path.into(), format))
    }
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Format::Png => "png",
            Format::Svg => "svg",
            Format::Html => "html",
        }
    }

    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        Self::value_variants().iter().copied().find(|format| format.extension() == extension).ok_or_else(|| {
            Error::usage(format!("cannot tell the picture format from the name {}", quoted(path)))
                .hint("name it NAME.png or NAME.svg, or add --format")
        })
    }
}

fn fraction(text: &str) -> Result<f64> {
    let fraction = text.parse().ok().filter(|fraction| (0.0..1.0).contains(fraction));
    fraction.ok_or_else(|| Error::usage("must be at least 0 and below 1"))
}

fn unit(text: &str) -> Result<(usize, usize)> {
    let numbers = text.split_once(':').and_then(|(layer, unit)| Some((layer.parse().ok()?, unit.parse().ok()?)));
    numbers
        .filter(|&(layer, unit)| layer > 0 && unit > 0)
        .ok_or_else(|| Error::usage("must be two positive numbers, such as 2:117"))
}

impl Command for Args {
    fn common(&self) -> &Common {
        &self.common
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn target(format: Option<Format>, output: Option<&str>) -> Result<(PathBuf, Format)> {
        let force = Force { force: false };
        let look = Look { output: output.map(Into::into), format, theme: Theme::Light, dpi: 96, term: false, force };
        look.target("history")
    }

    #[test]
    fn the_name_decides_unless_the_option_does() {
        assert_eq!(target(None, Some("a/b.SVG")).unwrap(), ("a/b.SVG".into(), Format::Svg));
        assert_eq!(target(Some(Format::Png), Some("b.svg")).unwrap(), ("b.svg".into(), Format::Png));
        assert_eq!(target(Some(Format::Svg), None).unwrap(), ("history.svg".into(), Format::Svg));
        assert_eq!(target(None, None).unwrap(), ("history.png".into(), Format::Png));
        assert_eq!(target(Some(Format::Svg), Some("-")).unwrap(), ("-".into(), Format::Svg));
    }

    #[test]
    fn other_names_are_usage_errors() {
        for output in ["a.jpg", "png", ".png", "-"] {
            let refused = target(None, Some(output));
            assert_eq!(refused.unwrap_err().kind(), ErrorKind::Usage, "{output}");
        }
    }

    #[test]
    fn units_and_fractions_are_checked() {
        assert_eq!(unit("2:117").unwrap(), (2, 117));
        assert!(["0:1", "1:0", "1", "a:b", "1:2:3"].iter().all(|text| unit(text).is_err()));
        assert_eq!(fraction("0.6").unwrap(), 0.6);
        assert!(["1", "-0.1", "nan", "much"].iter().all(|text| fraction(text).is_err()));
    }
}
