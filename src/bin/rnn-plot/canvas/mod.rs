//! The canvas that pictures are drawn on: a list of shapes in fractional pixels, which is rendered as PNG, as SVG or in
//! the cells of a terminal.

mod encode;
mod fonts;
mod paint;
pub mod raster;
pub mod terminal;
pub mod vector;

use plotters::style::RGBColor;

use crate::theme::Theme;
use crate::wording;

pub type Point = (f64, f64);

/// Margin around the contents of a picture.
pub const MARGIN: f64 = 44.0;

/// Baseline of the title.
const TITLE_Y: f64 = 62.0;

/// Something to draw.
pub trait Picture {
    /// What the picture shows, for screen readers.
    fn title(&self) -> String;

    fn draw(&self, canvas: &mut Canvas);
}

/// The output medium: on a page, characters have the widths of the font; on a terminal, each fills one cell.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Medium {
    Page,
    Terminal,
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
pub const SMALL: Font = Font { size: 16.0, bold: false };

/// The part of a text that is placed at its position.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Align {
    Left,
    Center,
    Right,
}

/// Markers that distinguish series without colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Marker {
    Disc,
    Square,
    Triangle,
    Diamond,
    Cross,
    Ring,
}

/// The markers of a chart's series, in order.
pub const MARKERS: [Marker; 6] =
    [Marker::Square, Marker::Disc, Marker::Triangle, Marker::Diamond, Marker::Cross, Marker::Ring];

#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    Rect {
        from: Point,
        to: Point,
        color: RGBColor,
    },
    /// A rectangle with rounded corners and an outline.
    Frame {
        from: Point,
        to: Point,
        radius: f64,
        fill: RGBColor,
        edge: RGBColor,
    },
    /// `dash` is the length of a dash and of a gap, in pixels.
    Line {
        points: Vec<Point>,
        width: f64,
        dash: Option<(f64, f64)>,
        color: RGBColor,
    },
    Polygon {
        points: Vec<Point>,
        color: RGBColor,
    },
    Disc {
        center: Point,
        radius: f64,
        color: RGBColor,
    },
    Marker {
        kind: Marker,
        center: Point,
        color: RGBColor,
    },
    /// `at` is on the baseline.
    Text {
        text: String,
        font: Font,
        align: Align,
        at: Point,
        color: RGBColor,
    },
}

pub struct Canvas {
    pub theme: &'static Theme,
    medium: Medium,
    /// The requested size, in pixels.
    requested: (Option<f64>, Option<f64>),
    pub size: (f64, f64),
    shapes: Vec<Shape>,
}

impl Canvas {
    pub fn new(theme: &'static Theme, medium: Medium, requested: (Option<f64>, Option<f64>)) -> Self {
        Self { theme, medium, requested, size: (0.0, 0.0), shapes: Vec::new() }
    }

    /// Sets the size to the requested one, or else to the given one, at least `min_height` high, and returns it.
    pub fn resize(&mut self, width: f64, height: f64, min_height: f64) -> (f64, f64) {
        self.size = (self.requested.0.unwrap_or(width), self.requested.1.unwrap_or(height).max(min_height));
        self.size
    }

    /// Whether the content needs more than the requested height.
    pub fn is_taller_than_requested(&self) -> bool {
        self.requested.1.is_some_and(|requested| self.size.1 > requested)
    }

    pub fn is_terminal(&self) -> bool {
        self.medium == Medium::Terminal
    }

    /// Width of a text in pixels.
    pub fn width(&self, font: Font, text: &str) -> f64 {
        match self.medium {
            Medium::Page => fonts::width(font, text),
            Medium::Terminal => text.chars().count() as f64 * terminal::CELL.0,
        }
    }

    pub fn widest<'a>(&self, font: Font, texts: impl IntoIterator<Item = &'a str>) -> f64 {
        texts.into_iter().map(|text| self.width(font, text)).fold(0.0, f64::max)
    }

    pub fn text(&mut self, text: &str, font: Font, color: RGBColor, align: Align, at: Point) {
        if !text.is_empty() {
            self.shapes.push(Shape::Text { text: text.into(), font, align, at, color });
        }
    }

    pub fn rect(&mut self, from: Point, to: Point, color: RGBColor) {
        self.shapes.push(Shape::Rect { from, to, color });
    }

    pub fn frame(&mut self, from: Point, to: Point, radius: f64, (fill, edge): (RGBColor, RGBColor)) {
        self.shapes.push(Shape::Frame { from, to, radius, fill, edge });
    }

    pub fn line(&mut self, points: &[Point], width: f64, color: RGBColor) {
        self.shapes.push(Shape::Line { points: points.into(), width, dash: None, color });
    }

    pub fn dashes(&mut self, points: &[Point], dash: (f64, f64), width: f64, color: RGBColor) {
        self.shapes.push(Shape::Line { points: points.into(), width, dash: Some(dash), color });
    }

    /// A line with an arrowhead at its end.
    pub fn arrow(&mut self, points: &[Point], color: RGBColor) {
        const HEAD: (f64, f64) = (12.0, 6.0);
        let [.., before, end] = points else { return };
        let length = (end.0 - before.0).hypot(end.1 - before.1).max(1e-9);
        let (dx, dy) = ((end.0 - before.0) / length, (end.1 - before.1) / length);
        let neck = (end.0 - HEAD.0 * dx, end.1 - HEAD.0 * dy);
        let mut shaft = points.to_vec();
        *shaft.last_mut().expect("there are two points") = (neck.0 + 2.0 * dx, neck.1 + 2.0 * dy);
        self.line(&shaft, 2.0, color);
        let side = |sign: f64| (neck.0 - sign * HEAD.1 * dy, neck.1 + sign * HEAD.1 * dx);
        self.polygon(&[*end, side(1.0), side(-1.0)], color);
    }

    pub fn disc(&mut self, center: Point, radius: f64, color: RGBColor) {
        self.shapes.push(Shape::Disc { center, radius, color });
    }

    pub fn marker(&mut self, kind: Marker, center: Point, color: RGBColor) {
        self.shapes.push(Shape::Marker { kind, center, color });
    }

    pub fn polygon(&mut self, points: &[Point], color: RGBColor) {
        self.shapes.push(Shape::Polygon { points: points.into(), color });
    }

    /// Draws the title and its subject, which is shortened to end to the left of `right`.
    pub fn heading(&mut self, title: &str, subject: &str, right: f64) {
        self.text(title, TITLE, self.theme.ink, Align::Left, (MARGIN, TITLE_Y));
        let after = MARGIN + self.width(TITLE, title) + 20.0;
        let name = wording::elided(subject, |name| self.width(LABEL, name) <= right - after);
        self.text(&name, LABEL, self.theme.quiet, Align::Left, (after, TITLE_Y));
    }
}
