//! rnn-plot: pictures of what was trained.

mod architecture;
mod canvas;
mod encode;
mod glyphs;
mod history;
mod layers;
mod panel;
mod raster;
mod scale;
mod theme;
mod vector;
mod wording;

use std::path::Path;
use std::process::ExitCode;

use rnn_tools::cli;
use rnn_tools::cli::plot::{Args, Format, Look, Picture as Asked};
use rnn_tools::error::Result;
use rnn_tools::io;

fn main() -> ExitCode {
    cli::main(|args: Args| match args.picture {
        Asked::History { history, output, look } => {
            show("history", output.as_deref(), look, || history::History::read(&history, theme::of(look.theme)))
        }
        Asked::Architecture { model, output, look } => show("architecture", output.as_deref(), look, || {
            architecture::Architecture::read(&model, theme::of(look.theme))
        }),
    })
}

/// Makes the picture once it is clear where it goes, and writes it.
fn show<P: canvas::Picture>(
    name: &str,
    output: Option<&Path>,
    look: Look,
    picture: impl FnOnce() -> Result<P>,
) -> Result<()> {
    let (path, format) = look.target(output, name)?;
    let picture = picture()?;
    let bytes = match format {
        Format::Png => raster::render(&picture)?,
        Format::Svg => vector::render(&picture)?,
    };
    io::write(&path, |out| out.write_all(&bytes))?;
    if !io::is_stream(&path) {
        let (width, height) = picture.size();
        log::info!("wrote {} ({width} × {height})", rnn_tools::error::quoted(&path));
    }
    Ok(())
}
