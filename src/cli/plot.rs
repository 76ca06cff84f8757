//! Arguments of rnn-plot.

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand, ValueEnum};

use super::{Command, Common};
use crate::error::{Error, Result, quoted};
use crate::io;

/// Draw what was trained: pictures as PNG or SVG, by the name of the output
#[derive(Parser, Debug)]
#[command(name = "rnn-plot", version)]
pub struct Args {
    #[command(subcommand)]
    pub picture: Picture,

    #[command(flatten)]
    pub common: Common,
}

#[derive(Subcommand, Debug)]
pub enum Picture {
    /// Loss and accuracy over the epochs, training and validation, the best epoch marked
    History {
        /// The history that rnn-train wrote, or its folder (`-` is standard input)
        #[arg(value_name = "FILE")]
        history: PathBuf,

        /// Where the picture goes: NAME.png or NAME.svg [default: history.png]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,

        #[command(flatten)]
        look: Look,
    },
    /// The layers of the network with their shapes and parameter counts
    Architecture {
        /// The model file, or the folder that rnn-train made (`-` is standard input)
        #[arg(value_name = "MODEL")]
        model: PathBuf,

        /// Where the picture goes: NAME.png or NAME.svg [default: architecture.png]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,

        #[command(flatten)]
        look: Look,
    },
}

/// What every picture can be asked for.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct Look {
    /// Kind of picture, whatever the output is called; needed for `-o -`
    #[arg(long, value_enum)]
    pub format: Option<Format>,

    /// Colours for a light or a dark page
    #[arg(long, value_enum, default_value_t = Theme::Light)]
    pub theme: Theme,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Pixels
    Png,
    /// Lines and text, sharp at any size
    Svg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Theme {
    Light,
    Dark,
}

impl Look {
    /// The file and the kind of picture that the options ask for; a picture called `name` is a PNG if
    /// nobody says anything.
    pub fn target(&self, output: Option<&Path>, name: &str) -> Result<(PathBuf, Format)> {
        let Some(path) = output else {
            let format = self.format.unwrap_or(Format::Png);
            return Ok((PathBuf::from(name).with_extension(format.extension()), format));
        };
        let format = match self.format {
            Some(format) => format,
            None if io::is_stream(path) => {
                return Err(Error::usage("standard output has no name to tell the kind of picture by")
                    .hint("add --format png or --format svg"));
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
        }
    }

    fn of(path: &Path) -> Result<Self> {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        Self::value_variants().iter().copied().find(|format| format.extension() == extension).ok_or_else(|| {
            Error::usage(format!("cannot tell the kind of picture from the name {}", quoted(path)))
                .hint("name it NAME.png or NAME.svg, or add --format")
        })
    }
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
        Look { format, theme: Theme::Light }.target(output.map(Path::new), "history")
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
}
