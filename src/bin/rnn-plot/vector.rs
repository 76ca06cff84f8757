//! SVG, through plotters' own backend; the viewer draws the letters.

use plotters::backend::SVGBackend;
use plotters::prelude::IntoDrawingArea;
use rnn_tools::error::{Error, Result};

use crate::canvas::{Canvas, FINE, Picture};

/// The picture as an SVG file.
pub fn render(picture: &impl Picture) -> Result<Vec<u8>> {
    let (width, height) = picture.size();
    let mut drawn = String::new();
    let canvas =
        Canvas { area: SVGBackend::with_string(&mut drawn, (width * FINE, height * FINE)).into_drawing_area() };
    let failed = |e| Error::failure(format!("cannot draw: {e}"));
    picture.draw(&canvas).map_err(failed)?;
    canvas.area.present().map_err(failed)?;
    drop(canvas);

    // the head again: the picture's size is in pixels, its content in finer units
    let content = drawn.split_once('\n').map_or("", |(_, content)| content);
    let content = content.replace("\n</text>", "</text>"); // some viewers count it as a letter
    let title = picture.title().replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" stroke-linejoin=\"round\">\n<title>{title}</title>\n",
        width * FINE,
        height * FINE
    );
    Ok((head + &content).into_bytes())
}
