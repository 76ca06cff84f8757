//! Renders PNG from the SVG of a picture, with resvg.

use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::Tree;
use rnn_tools::error::{Error, Result};

use super::{Canvas, Shape, encode, fonts, vector};

/// Larger pictures would take gigabytes to draw.
const MAX_PIXELS: u64 = 200_000_000;

/// The resolution at which pixels of the canvas are pixels of the PNG.
pub const DPI: f64 = 96.0;

/// Renders the picture as a PNG file with `dpi` pixels per inch.
pub fn render(canvas: &Canvas, dpi: f64) -> Result<Vec<u8>> {
    let scale = dpi / DPI;
    let pixels = |length: f64| (length * scale).ceil().max(1.0) as u32;
    let (width, height) = (pixels(canvas.size.0), pixels(canvas.size.1));
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Error::usage(format!("a PNG of {width} × {height} pixels is too large"))
            .hint("lower --dpi or the size, or write an SVG"));
    }
    let failed = |reason: &dyn std::fmt::Display| Error::failure(format!("cannot draw: {reason}"));
    let texts = canvas.shapes.iter().filter_map(|shape| match shape {
        Shape::Text { text, font, .. } => Some((text.as_str(), *font)),
        _ => None,
    });
    let options = fonts::options(texts);
    let svg = vector::render(canvas, "")?;
    let tree = Tree::from_data(&svg, &options).map_err(|e| failed(&e))?;
    let mut pixmap = Pixmap::new(width, height).ok_or_else(|| failed(&"not enough memory"))?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixmap.as_mut());
    fonts::warn_of_missing();
    let opaque: Vec<u8> = pixmap.data().as_chunks::<4>().0.iter().flat_map(|&[r, g, b, _]| [r, g, b]).collect();
    encode::png(&opaque, (width, height), dpi).map_err(|e| failed(&e))
}
