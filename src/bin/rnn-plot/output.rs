//! The destination and format of a picture.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};

use rnn_tools::cli::plot::{Format, Look};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::outputs::{self, Kind};
use rnn_tools::{history, io, model};

use crate::canvas::{Canvas, Medium, Picture, raster, terminal, vector};
use crate::theme;

/// The number of columns assumed if the terminal's width is unknown.
const COLUMNS: f64 = 100.0;

/// The requested width and height, in pixels.
pub type RequestedSize = (Option<u16>, Option<u16>);

/// The destination of a picture, checked before its data are read.
pub struct Output<'a> {
    look: &'a Look,
    requested: RequestedSize,
    /// `None` for the terminal.
    target: Option<(PathBuf, Format)>,
}

impl<'a> Output<'a> {
    /// Creates an output that is not HTML; without -o the file is named `name`. Fails if it is one of the inputs, files
    /// or folders.
    pub fn new(look: &'a Look, requested: RequestedSize, name: &str, inputs: &[&Path]) -> Result<Self> {
        let output = Self::of_any_format(look, requested, name, inputs)?;
        match output.page() {
            Some(_) => Err(html_not_supported()),
            None => Ok(output),
        }
    }

    /// Like [`new`](Self::new), but allows HTML.
    pub fn of_any_format(look: &'a Look, requested: RequestedSize, name: &str, inputs: &[&Path]) -> Result<Self> {
        let target = if look.term { None } else { Some(look.target(name)?) };
        if let Some((path, _)) = &target {
            let within = |input: &&Path| [model::FILE_NAME, history::FILE_NAME].map(|name| input.join(name));
            let members: Vec<PathBuf> = inputs.iter().flat_map(within).collect();
            let inputs: Vec<&Path> = inputs.iter().copied().chain(members.iter().map(PathBuf::as_path)).collect();
            outputs::check(&[(path, Kind::Picture)], &inputs, look.force.force)?;
        }
        Ok(Self { look, requested, target })
    }

    /// Returns the path of the file if its format is HTML.
    pub fn page(&self) -> Option<&Path> {
        self.target.as_ref().filter(|(_, format)| *format == Format::Html).map(|(path, _)| path.as_path())
    }

    /// Replaces the previous picture.
    pub fn redraw(&self, picture: &impl Picture) -> Result<()> {
        match &self.target {
            None if std::io::stdout().is_terminal() => print!("\x1b[H\x1b[2J"), // cursor home, clear
            Some((path, _)) if io::is_stream(path) => {
                return Err(
                    Error::usage("standard output cannot be redrawn").hint("name a file with -o, or use --term")
                );
            }
            _ => {}
        }
        self.show(picture)
    }

    pub fn show(&self, picture: &impl Picture) -> Result<()> {
        let theme = theme::of(self.look.theme);
        let requested = (self.requested.0.map(f64::from), self.requested.1.map(f64::from));
        let Some((path, format)) = &self.target else {
            let columns = terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| f64::from(width.0).max(60.0));
            let width = requested.0.unwrap_or(columns * terminal::CELL.0);
            let mut canvas = Canvas::new(theme, Medium::Terminal, (Some(width), requested.1));
            picture.draw(&mut canvas);
            return io::write(Path::new(io::STREAM), |out| out.write_all(terminal::render(&canvas).as_bytes()));
        };
        let mut canvas = Canvas::new(theme, Medium::Page, requested);
        picture.draw(&mut canvas);
        if canvas.is_taller_than_requested() {
            log::warn!("--height is too small; the picture is {} pixels high", canvas.size.1.ceil());
        }
        let bytes = match format {
            Format::Png => raster::render(&canvas, f64::from(self.look.dpi))?,
            Format::Svg => vector::render(&canvas, &picture.title())?,
            Format::Html => return Err(html_not_supported()),
        };
        io::write(path, |out| out.write_all(&bytes))?;
        if !io::is_stream(path) {
            log::info!("wrote {} ({} × {})", quoted(path), canvas.size.0.ceil(), canvas.size.1.ceil());
        }
        Ok(())
    }
}

fn html_not_supported() -> Error {
    Error::usage("only probabilities can be written as HTML").hint("name it NAME.png or NAME.svg")
}
