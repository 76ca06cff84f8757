//! Renders PNG: plotters' bitmap backend draws the shapes on a grid [`FINE`] times finer than the picture, which is
//! then averaged to smooth every edge; text, which is antialiased already, is drawn afterwards.

use plotters::backend::BitMapBackend;
use plotters::prelude::{DrawingBackend, IntoDrawingArea};
use plotters::style::RGBColor;
use plotters_backend::{BackendColor, BackendCoord, BackendStyle, DrawingErrorKind, rasterizer};
use rnn_tools::error::{Error, Result};

use super::paint::{FINE, Painter, reach};
use super::{Align, Canvas, Font, Shape, encode, glyphs};

const SIDE: usize = FINE as usize;

/// The picture is drawn in bands of this many rows: allocating the fine grid of a whole picture would take longer than
/// drawing it.
const BAND: u32 = 128;

/// Larger pictures would take gigabytes to draw.
const MAX_PIXELS: u64 = 200_000_000;

/// The resolution at which pixels of the canvas are pixels of the PNG.
pub const DPI: f64 = 96.0;

/// Renders the picture as a PNG file with `dpi` pixels per inch.
pub fn render(canvas: &Canvas, dpi: f64) -> Result<Vec<u8>> {
    let scale = dpi / DPI;
    let pixels = |length: f64| (length * scale).ceil().max(1.0) as u32;
    let size @ (width, height) = (pixels(canvas.size.0), pixels(canvas.size.1));
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(Error::usage(format!("a PNG of {width} × {height} pixels is too large"))
            .hint("lower --dpi or the size, or write an SVG"));
    }
    let page = canvas.theme.page;
    let mut fine = vec![0; (width * BAND.min(height) * 3 * FINE * FINE) as usize];
    let mut picture = Vec::with_capacity((width * height * 3) as usize);
    let (texts, shapes): (Vec<_>, Vec<_>) = canvas.shapes.iter().partition(|shape| matches!(shape, Shape::Text { .. }));
    for top in (0..height).step_by(BAND as usize) {
        let rows = BAND.min(height - top);
        let fine = &mut fine[..(width * rows * 3 * FINE * FINE) as usize];
        fine.as_chunks_mut::<3>().0.fill([page.0, page.1, page.2]);
        let backend = Raster {
            inner: BitMapBackend::with_buffer(fine, (width * FINE, rows * FINE)),
            height: height * FINE,
            rows: ((top * FINE) as i32, ((top + rows) * FINE) as i32),
        };
        let area = backend.into_drawing_area();
        let painter = Painter { area: &area, scale: scale * f64::from(FINE) };
        let band = (f64::from(top) / scale - 1.0, f64::from(top + rows) / scale + 1.0);
        for shape in shapes.iter().filter(|shape| reach(shape).0 <= band.1 && reach(shape).1 >= band.0) {
            painter.paint(shape).map_err(|e| Error::failure(format!("cannot draw: {e}")))?;
        }
        drop(area);
        average(fine, width as usize, &mut picture);
    }
    for text in texts {
        draw_text(&mut picture, size, text, scale);
    }
    encode::png(&picture, size, dpi).map_err(|e| Error::failure(format!("cannot encode the picture: {e}")))
}

/// Draws a text on finished pixels.
fn draw_text(pixels: &mut [u8], (width, height): (u32, u32), text: &Shape, scale: f64) {
    let Shape::Text { text, font, align, at: (x, y), color: RGBColor(r, g, b) } = text else { return };
    let font = Font { size: font.size * scale, ..*font };
    let shift = match align {
        Align::Left => 0.0,
        Align::Center => 0.5,
        Align::Right => 1.0,
    };
    let start = (x * scale - shift * glyphs::width(font, text), y * scale);
    glyphs::draw(font, text, start, |x, y, opacity| {
        if x < 0 || y < 0 || x >= width as i32 || y >= height as i32 {
            return;
        }
        let at = 3 * (y as usize * width as usize + x as usize);
        for (pixel, ink) in pixels[at..at + 3].iter_mut().zip([r, g, b]) {
            *pixel = (f32::from(*pixel) * (1.0 - opacity) + f32::from(*ink) * opacity).round() as u8;
        }
    });
}

/// Averages each square of fine pixels into one pixel, which is appended to `pixels`.
fn average(fine: &[u8], width: usize, pixels: &mut Vec<u8>) {
    let row = 3 * SIDE * width;
    let mut sums = vec![0u16; row];
    for rows in fine.chunks_exact(SIDE * row) {
        sums.fill(0);
        for line in rows.chunks_exact(row) {
            for (sum, &value) in sums.iter_mut().zip(line) {
                *sum += u16::from(value);
            }
        }
        for square in sums.as_chunks::<{ 3 * SIDE }>().0 {
            for channel in 0..3 {
                let sum: u16 = (0..SIDE).map(|x| square[3 * x + channel]).sum();
                pixels.push((sum / (SIDE * SIDE) as u16) as u8);
            }
        }
    }
}

/// plotters' bitmap backend for a band of the picture, with thick lines that keep their shape in sharp corners.
struct Raster<'a> {
    inner: BitMapBackend<'a>,
    /// The height of the whole picture.
    height: u32,
    /// The band's first row, and the row after its last.
    rows: (i32, i32),
}

type Outcome<'a> = std::result::Result<(), DrawingErrorKind<<BitMapBackend<'a> as DrawingBackend>::ErrorType>>;

impl<'a> DrawingBackend for Raster<'a> {
    type ErrorType = <BitMapBackend<'a> as DrawingBackend>::ErrorType;

    fn get_size(&self) -> (u32, u32) {
        (self.inner.get_size().0, self.height)
    }

    fn ensure_prepared(&mut self) -> Outcome<'a> {
        self.inner.ensure_prepared()
    }

    fn present(&mut self) -> Outcome<'a> {
        self.inner.present()
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Outcome<'a> {
        if point.1 < self.rows.0 || point.1 >= self.rows.1 {
            return Ok(());
        }
        self.inner.draw_pixel((point.0, point.1 - self.rows.0), color)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Outcome<'a> {
        if !fill {
            return rasterizer::draw_rect(self, from, to, style, fill);
        }
        let (top, bottom) = (from.1.max(self.rows.0), to.1.min(self.rows.1));
        if from.0 >= to.0 || top >= bottom {
            return Ok(());
        }
        self.inner.draw_rect((from.0, top - self.rows.0), (to.0, bottom - self.rows.0), style, fill)
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Outcome<'a> {
        let points: Vec<_> = path.into_iter().collect();
        let width = style.stroke_width();
        for (i, pair) in points.windows(2).enumerate() {
            // one segment at a time: the outline of a whole path can intersect itself and lose corners
            let outline = rasterizer::polygonize(pair, width);
            if outline.len() > 2 {
                self.fill_polygon(outline, style)?;
            }
            if i > 0 {
                rasterizer::draw_circle(self, pair[0], width / 2, &style.color(), true)?;
            }
        }
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        outline: I,
        style: &S,
    ) -> Outcome<'a> {
        let points: Vec<_> = outline.into_iter().collect();
        for (y, from, to) in spans(&points, self.rows) {
            self.draw_rect((from, y), (to, y + 1), &style.color(), true)?;
        }
        Ok(())
    }
}

/// The spans that a polygon covers within `rows`: row, first column and the column after the last. A pixel is covered
/// if its centre is, so that adjacent polygons neither overlap nor leave gaps.
fn spans(points: &[BackendCoord], rows: (i32, i32)) -> Vec<(i32, i32, i32)> {
    let edges = || points.iter().zip(points.iter().cycle().skip(1)).filter(|(a, b)| a.1 != b.1);
    let (top, bottom) = points.iter().fold((i32::MAX, i32::MIN), |(top, bottom), p| (top.min(p.1), bottom.max(p.1)));
    let mut all = Vec::new();
    let mut crossings = Vec::new();
    for y in top.max(rows.0)..bottom.min(rows.1) {
        let middle = f64::from(y) + 0.5;
        crossings.clear();
        crossings.extend(edges().filter(|(a, b)| (a.1 <= y) != (b.1 <= y)).map(|(a, b)| {
            let way = (middle - f64::from(a.1)) / f64::from(b.1 - a.1);
            let x = f64::from(a.0) + way * f64::from(b.0 - a.0);
            (x - 0.5).ceil() as i32
        }));
        crossings.sort_unstable();
        all.extend(crossings.as_chunks::<2>().0.iter().filter(|[a, b]| a < b).map(|&[a, b]| (y, a, b)));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polygons_fill_their_interior() {
        let square = [(2, 1), (5, 1), (5, 3), (2, 3)];
        let all = (0, 10);
        assert_eq!(spans(&square, all), [(1, 2, 5), (2, 2, 5)]);
        assert_eq!(spans(&square, (2, 9)), [(2, 2, 5)]);
        let triangle = [(0, 0), (4, 4), (0, 4)];
        assert_eq!(spans(&triangle, all), [(1, 0, 1), (2, 0, 2), (3, 0, 3)]);
        assert_eq!(spans(&[(3, 3), (9, 3)], all), []);
        assert_eq!(spans(&[], all), []);
    }

    #[test]
    fn averaging_keeps_flat_colour_and_mixes_edges() {
        let mut fine = [200u8; 3 * 3 * 3 * 2].to_vec(); // two pixels side by side
        for y in 0..3 {
            fine[y * 18..y * 18 + 3].fill(20); // a column of the first one
        }
        let mut pixels = Vec::new();
        average(&fine, 2, &mut pixels);
        assert_eq!(pixels, [140, 140, 140, 200, 200, 200]);
    }
}
