//! Draws shapes with plotters, whose coordinates are integers, so shapes are drawn on a grid finer than the picture.

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::prelude::{Color, DrawingBackend, RGBColor};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, TextStyle};

use super::{Align, Font, Marker, Point, Shape};

/// Drawing units per pixel.
pub const FINE: u32 = 3;

/// Distance from the top anchor of plotters' text to its baseline, as a fraction of the font size. The SVG backend uses
/// exactly this value, so the baseline is correct in any font.
const TOP_TO_BASELINE: f64 = 0.76;

/// plotters divides font sizes by this before they reach an SVG.
const FONT_SCALE: f64 = 1.24;

/// Line width of the outlines of frames.
const STROKE: f64 = 2.0;

type Drawn<B> = Result<(), DrawingAreaErrorKind<<B as DrawingBackend>::ErrorType>>;

/// Draws shapes on a plotters area that has `scale` units per pixel.
pub struct Painter<'a, B: DrawingBackend> {
    pub area: &'a DrawingArea<B, Shift>,
    pub scale: f64,
}

impl<B: DrawingBackend> Painter<'_, B> {
    pub fn paint(&self, shape: &Shape) -> Drawn<B> {
        match shape {
            &Shape::Rect { from, to, color } => self.rect(from, to, color),
            &Shape::Frame { from, to, radius, fill, edge } => {
                self.polygon(&rounded(from, to, radius), edge)?;
                let inner = ((from.0 + STROKE, from.1 + STROKE), (to.0 - STROKE, to.1 - STROKE));
                self.polygon(&rounded(inner.0, inner.1, (radius - STROKE).max(0.0)), fill)
            }
            Shape::Line { points, width, dash: None, color } => self.line(points, *width, *color),
            Shape::Line { points, width, dash: Some((on, off)), color } => {
                dashes(points, *on, *off).iter().try_for_each(|dash| self.line(dash, *width, *color))
            }
            Shape::Polygon { points, color } => self.polygon(points, *color),
            &Shape::Disc { center, radius, color } => {
                let radius = self.units(radius);
                self.area.draw(&Circle::new(self.place(center), radius, color.filled()))
            }
            &Shape::Marker { kind, center, color } => {
                marker(kind, center).iter().try_for_each(|outline| self.polygon(outline, color))
            }
            Shape::Text { text, font, align, at, color } => self.text(text, *font, *align, *at, *color),
        }
    }

    fn rect(&self, from: Point, to: Point, color: RGBColor) -> Drawn<B> {
        self.area.draw(&Rectangle::new([self.place(from), self.place(to)], color.filled()))
    }

    fn line(&self, points: &[Point], width: f64, color: RGBColor) -> Drawn<B> {
        let points: Vec<_> = points.iter().map(|&point| self.place(point)).collect();
        self.area.draw(&PathElement::new(points, color.stroke_width(self.units(width))))
    }

    fn polygon(&self, points: &[Point], color: RGBColor) -> Drawn<B> {
        let points: Vec<_> = points.iter().map(|&point| self.place(point)).collect();
        self.area.draw(&Polygon::new(points, color.filled()))
    }

    fn text(&self, text: &str, font: Font, align: Align, (x, y): Point, color: RGBColor) -> Drawn<B> {
        let style = if font.bold { FontStyle::Bold } else { FontStyle::Normal };
        let size = font.size * self.scale;
        let scaled = size * FONT_SCALE;
        let exact = [scaled, scaled.next_down()].into_iter().find(|s| s / FONT_SCALE == size);
        let size = exact.unwrap_or(scaled); // 60, not 60.00000000000001, in an SVG
        let style = TextStyle::from(("sans-serif", size, style).into_font()).color(&color);
        let across = match align {
            Align::Left => HPos::Left,
            Align::Center => HPos::Center,
            Align::Right => HPos::Right,
        };
        let top = self.place((x, y - TOP_TO_BASELINE * font.size));
        self.area.draw_text(text, &style.pos(Pos::new(across, VPos::Top)), top)
    }

    fn place(&self, (x, y): Point) -> (i32, i32) {
        ((x * self.scale).round() as i32, (y * self.scale).round() as i32)
    }

    fn units(&self, length: f64) -> u32 {
        (length * self.scale).round() as u32
    }
}

/// Half the size of a marker.
const MARK: f64 = 6.0;

/// The outlines of a marker.
fn marker(kind: Marker, (x, y): Point) -> Vec<Vec<Point>> {
    let around = |points: &[Point]| points.iter().map(|(dx, dy)| (x + MARK * dx, y + MARK * dy)).collect::<Vec<_>>();
    let circle = |radius: f64| {
        let at = |i: i32| (f64::from(i) * std::f64::consts::TAU / 24.0).sin_cos();
        around(&(0..=24).map(|i| (radius * at(i).1, radius * at(i).0)).collect::<Vec<_>>())
    };
    // A shape with a hole is one outline that follows the outer edge, then the inner edge backwards.
    let hollow = |outer: Vec<Point>, inner: Vec<Point>| {
        let mut all = outer.clone();
        all.push(outer[0]);
        all.extend(inner.iter().rev());
        all.push(*inner.last().expect("an outline has points"));
        vec![all]
    };
    let square = |half: f64| around(&[(-half, -half), (half, -half), (half, half), (-half, half)]);
    match kind {
        Marker::Disc => vec![circle(0.85)],
        Marker::Ring => hollow(circle(1.1), circle(0.7)),
        Marker::Square => hollow(square(1.0), square(0.65)),
        Marker::Triangle => vec![around(&[(0.0, -1.25), (1.15, 0.8), (-1.15, 0.8)])],
        Marker::Diamond => vec![around(&[(0.0, -1.3), (1.3, 0.0), (0.0, 1.3), (-1.3, 0.0)])],
        Marker::Cross => {
            const ARM: f64 = 0.28;
            let bar = |sign: f64| {
                around(&[
                    (-1.0 - ARM, sign * (-1.0 + ARM)),
                    (-1.0 + ARM, sign * (-1.0 - ARM)),
                    (1.0 + ARM, sign * (1.0 - ARM)),
                    (1.0 - ARM, sign * (1.0 + ARM)),
                ])
            };
            vec![bar(1.0), bar(-1.0)]
        }
    }
}

/// The outline of a rectangle with rounded corners.
fn rounded((x0, y0): Point, (x1, y1): Point, radius: f64) -> Vec<Point> {
    const STEPS: u32 = 16;
    let centers = [
        (x1 - radius, y0 + radius),
        (x1 - radius, y1 - radius),
        (x0 + radius, y1 - radius),
        (x0 + radius, y0 + radius),
    ];
    let corner = |(quarter, (x, y)): (usize, Point)| {
        (0..=STEPS).map(move |step| {
            let turn = quarter as f64 - 1.0 + f64::from(step) / f64::from(STEPS);
            let angle = turn * std::f64::consts::FRAC_PI_2;
            (x + radius * angle.cos(), y + radius * angle.sin())
        })
    };
    centers.into_iter().enumerate().flat_map(corner).collect()
}

/// Splits a line into dashes, measured along its length.
pub fn dashes(points: &[Point], on: f64, off: f64) -> Vec<Vec<Point>> {
    let mut all = Vec::new();
    let mut dash: Vec<Point> = points.first().copied().into_iter().collect();
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
