//! Where a picture goes, and in which form.

use std::io::IsTerminal;
use std::path::Path;

use rnn_tools::cli::plot::{Format, Look};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;

use crate::canvas::{Canvas, Medium, Picture, raster, terminal, vector};
use crate::theme;

/// Columns of a terminal that does not say how many it has.
const COLUMNS: f64 = 100.0;

/// Width and height that were asked for, in pixels.
pub type Asked = (Option<u16>, Option<u16>);

/// A place for a picture, checked before the picture's data are read.
pub struct Output<'a> {
    look: &'a Look,
    asked: Asked,
    /// None is the terminal.
    target: Option<(std::path::PathBuf, Format)>,
}

impl<'a> Output<'a> {
    /// For a picture called `name` unless the options say otherwise.
    pub fn new(look: &'a Look, asked: Asked, name: &str) -> Result<Self> {
        let output = Self::of_any_format(look, asked, name)?;
        match output.page() {
            Some(_) => Err(Error::usage("only probabilities make a page of HTML").hint("name it NAME.png or NAME.svg")),
            None => Ok(output),
        }
    }

    /// As [`new`](Self::new), for what can be a page of HTML too.
    pub fn of_any_format(look: &'a Look, asked: Asked, name: &str) -> Result<Self> {
        let target = if look.term { None } else { Some(look.target(name)?) };
        Ok(Self { look, asked, target })
    }

    /// The file for a page of HTML, if that is what was asked for.
    pub fn page(&self) -> Option<&Path> {
        self.target.as_ref().filter(|(_, format)| *format == Format::Html).map(|(path, _)| path.as_path())
    }

    pub fn is_term(&self) -> bool {
        self.target.is_none()
    }

    /// Shows a picture in the place of the one before.
    pub fn show_anew(&self, picture: &impl Picture) -> Result<()> {
        match &self.target {
            None if std::io::stdout().is_terminal() => print!("\x1b[H\x1b[2J"), // home, and nothing else there
            Some((path, _)) if io::is_stream(path) => {
                return Err(Error::usage("standard output cannot be drawn anew").hint("name a file with -o, or --term"));
            }
            _ => {}
        }
        self.show(picture)
    }

    pub fn show(&self, picture: &impl Picture) -> Result<()> {
        let theme = theme::of(self.look.theme);
        let asked = (self.asked.0.map(f64::from), self.asked.1.map(f64::from));
        let Some((path, format)) = &self.target else {
            let columns = terminal_size::terminal_size().map_or(COLUMNS, |(width, _)| f64::from(width.0).max(60.0));
            let width = asked.0.unwrap_or(columns * terminal::CELL.0);
            let mut canvas = Canvas::new(theme, Medium::Terminal, (Some(width), asked.1));
            picture.draw(&mut canvas);
            return io::write(Path::new(io::STREAM), |out| out.write_all(terminal::render(&canvas).as_bytes()));
        };
        let mut canvas = Canvas::new(theme, Medium::Page, asked);
        picture.draw(&mut canvas);
        if canvas.is_higher_than_asked() {
            log::warn!("there is no room in that height; the picture is {} pixels high", canvas.size.1.ceil());
        }
        let bytes = match format {
            Format::Png => raster::render(&canvas, f64::from(self.look.dpi))?,
            Format::Svg => vector::render(&canvas, &picture.title())?,
            Format::Html => {
                return Err(Error::usage("only probabilities make a page of HTML").hint("name a PNG or an SVG"));
            }
        };
        io::write(path, |out| out.write_all(&bytes))?;
        if !io::is_stream(path) {
            log::info!("wrote {} ({} × {})", quoted(path), canvas.size.0.ceil(), canvas.size.1.ceil());
        }
        Ok(())
    }
}
