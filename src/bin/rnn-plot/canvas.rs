//! The sheet that pictures are drawn on. One layout serves PNG and SVG: it speaks in pixels with fractions,
//! which become plotters' whole numbers on a grid [`FINE`] times finer, so that curves run smoothly in both.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{Color, DrawingBackend, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, TextStyle};

use crate::glyphs;

/// Drawing units to a pixel.
pub const FINE: u32 = 3;

/// From the top that plotters anchors text by down to its baseline, as a share of the font size. Its SVG
/// backend writes exactly this, so text placed by its baseline sits right whatever font the viewer has.
pub const TOP_TO_BASELINE: f64 = 0.76;

/// plotters divides font sizes by this before they reach an SVG.
pub const FONT_SCALE: f64 = 1.24;

pub type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// Something to draw, on any backend.
pub trait Picture {
    /// What the picture shows, for those who hear it.
    fn title(&self) -> String;

    /// Width and height in pixels.
    fn size(&self) -> (u32, u32);

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<B>) -> Drawn<B>;
}

/// A text's size in pixels and its weight.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Font {
    pub size: f64,
    pub bold: bool,
}

pub const TITLE: Font = Font { size: 30.0, bold: true };
pub const NAME: Font = Font { size: 20.0, bold: true };
pub const LABEL: Font = Font { size: 20.0, bold: false };

impl Font {
    /// Width of `text` in pixels.
    pub fn width(self, text: &str) -> f64 {
        f64::from(glyphs::face(self.size, self.bold).width(text))
    }
}

/// Which part of a text its place names.
pub type Align = HPos;

pub struct Canvas<B: DrawingBackend> {
    pub area: DrawingArea<B, Shift>,
}

impl<B: DrawingBackend> Canvas<B> {
    /// Writes `text` with its baseline at height `y`.
    pub fn text(&self, text: &str, font: Font, color: RGBColor, align: Align, (x, y): (f64, f64)) -> Drawn<B> {
        let style = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = font.size * f64::from(FINE);
        let scaled = size * FONT_SCALE;
        let exact = [scaled, scaled.next_down()].into_iter().find(|s| s / FONT_SCALE == size);
        let size = exact.unwrap_or(scaled); // 60, not 60.00000000000001, in an SVG
        let style = TextStyle::from(("sans-serif", size, style).into_font()).color(&color);
        let top = y - TOP_TO_BASELINE * font.size;
        self.area.draw_text(text, &style.pos(Pos::new(align, VPos::Top)), fine((x, top)))
    }

    /// A filled rectangle.
    pub fn rect(&self, from: (f64, f64), to: (f64, f64), color: RGBColor) -> Drawn<B> {
        self.area.draw(&Rectangle::new([fine(from), fine(to)], color.filled()))
    }

    pub fn line(&self, points: &[(f64, f64)], width: f64, color: RGBColor) -> Drawn<B> {
        let points: Vec<_> = points.iter().copied().map(fine).collect();
        self.area.draw(&PathElement::new(points, color.stroke_width(units(width))))
    }

    /// A line of dashes: `on` pixels drawn, `off` pixels not.
    pub fn dashes(&self, points: &[(f64, f64)], (on, off): (f64, f64), width: f64, color: RGBColor) -> Drawn<B> {
        for dash in dashes(points, on, off) {
            self.line(&dash, width, color)?;
        }
        Ok(())
    }

    pub fn disc(&self, center: (f64, f64), radius: f64, color: RGBColor) -> Drawn<B> {
        self.area.draw(&Circle::new(fine(center), units(radius), color.filled()))
    }

    pub fn polygon(&self, points: &[(f64, f64)], color: RGBColor) -> Drawn<B> {
        let points: Vec<_> = points.iter().copied().map(fine).collect();
        self.area.draw(&Polygon::new(points, color.filled()))
    }
}

/// A place in plotters' units.
pub fn fine((x, y): (f64, f64)) -> (i32, i32) {
    let scaled = |v: f64| (v * f64::from(FINE)).round() as i32;
    (scaled(x), scaled(y))
}

/// A length in plotters' units.
pub fn units(length: f64) -> u32 {
    (length * f64::from(FINE)).round() as u32
}

/// Cuts a line into dashes by length along it.
fn dashes(points: &[(f64, f64)], on: f64, off: f64) -> Vec<Vec<(f64, f64)>> {
    let mut all = Vec::new();
    let mut dash: Vec<(f64, f64)> = points.first().copied().into_iter().collect();
    let (mut drawing, mut left) = (true, on);
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let length = (x1 - x0).hypot(y1 - y0);
        let mut done = 0.0;
        while length - done >= left {
            done += left;
            let at = (x0 + (x1 - x0) * done / length, y0 + (y1 - y0) * done / length);
            if drawing {
                dash.push(at);
                all.push(std::mem::take(&mut dash));
            } else {
                dash.push(at);
            }
            drawing = !drawing;
            left = if drawing { on } else { off };
        }
        left -= length - done;
        if drawing {
            dash.push((x1, y1));
        }
    }
    all.extend(Some(dash).filter(|d| d.len() > 1));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_go_round_corners_and_keep_their_length() {
        let all = dashes(&[(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)], 4.0, 2.0);
        let starts: Vec<_> = all.iter().map(|d| d[0]).collect();
        assert_eq!(starts, [(0.0, 0.0), (6.0, 0.0), (10.0, 2.0), (10.0, 8.0)]);
        assert_eq!(all[1], [(6.0, 0.0), (10.0, 0.0)]);
        assert_eq!(all[3], [(10.0, 8.0), (10.0, 10.0)]);
    }

    #[test]
    fn a_point_has_no_dash() {
        assert!(dashes(&[(1.0, 1.0)], 4.0, 2.0).is_empty());
        assert!(dashes(&[], 4.0, 2.0).is_empty());
    }
}
