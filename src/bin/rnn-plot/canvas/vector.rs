//! Renders SVG with plotters' own backend; the viewer supplies the font.

use plotters::backend::SVGBackend;
use plotters::prelude::IntoDrawingArea;
use rnn_tools::error::{Error, Result};

use super::paint::{FINE, Painter};
use super::{Canvas, Shape};
use crate::wording;

/// Fonts as wide as the one used for the layout, if the viewer has any of them.
const FAMILY: &str = "font-family=\"DejaVu Sans, Verdana, sans-serif\"";

/// Renders the picture as an SVG file.
pub fn render(canvas: &Canvas, title: &str) -> Result<Vec<u8>> {
    let (width, height) = (canvas.size.0.ceil() as u32, canvas.size.1.ceil() as u32);
    let mut drawn = String::new();
    let failed = |e| Error::failure(format!("cannot draw: {e}"));
    {
        let area = SVGBackend::with_string(&mut drawn, (width * FINE, height * FINE)).into_drawing_area();
        let painter = Painter { area: &area, scale: f64::from(FINE) };
        let (from, to) = ((0.0, 0.0), (f64::from(width), f64::from(height)));
        let page = Shape::Rect { from, to, color: canvas.theme.page };
        [&page].into_iter().chain(&canvas.shapes).try_for_each(|shape| painter.paint(shape)).map_err(failed)?;
        area.present().map_err(failed)?;
    }

    // replaces the head: the picture's size is in pixels, its content in finer units
    let content = drawn.split_once('\n').map_or("", |(_, content)| content);
    let content = content.replace("\n</text>", "</text>"); // some viewers count the line break as a character
    let content = content.replace("font-family=\"sans-serif\"", FAMILY);
    let title = wording::escaped(title);
    let head = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {} {}\" stroke-linejoin=\"round\">\n<title>{title}</title>\n",
        width * FINE,
        height * FINE
    );
    Ok((head + &content).into_bytes())
}
