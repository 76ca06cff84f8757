//! The network as a stack of boxes from the tokens at the top to their probabilities at the bottom.

use std::path::Path;

use plotters::prelude::DrawingBackend;
use plotters::style::RGBColor;
use rnn_tools::error::Result;
use rnn_tools::model::ModelFile;

use crate::canvas::{Align, Canvas, Drawn, LABEL, NAME, Picture, TITLE};
use crate::layers::{Kind, Layer};
use crate::theme::Theme;
use crate::wording;

const WIDTH: f64 = 1100.0;
const MARGIN: f64 = 44.0;
/// Left and right edge of the boxes; the space beside them is for the arrows.
const SIDES: (f64, f64) = (210.0, 890.0);
const PADDING: f64 = 24.0;
const TOP: f64 = 112.0;
const GAP: f64 = 32.0;
const STROKE: f64 = 2.0;

/// From the last box to the picture's end: the sum and a margin.
const FOOT: f64 = 136.0;

pub struct Architecture {
    name: String,
    layers: Vec<Layer>,
    tied: bool,
    parameters: usize,
    theme: &'static Theme,
}

impl Architecture {
    pub fn read(path: &Path, theme: &'static Theme) -> Result<Self> {
        let model = ModelFile::read(path)?;
        Ok(Self {
            name: wording::title(path),
            layers: Layer::stack(&model.config, &model.training.settings),
            tied: model.config.tie_weights,
            parameters: model.config.num_parameters(),
            theme,
        })
    }

    /// Upper and lower edge of each box.
    fn places(&self) -> Vec<(f64, f64)> {
        let mut top = TOP;
        let place = |layer: &Layer| {
            let bottom = top + height(layer);
            let place = (top, bottom);
            top = bottom + GAP;
            place
        };
        self.layers.iter().map(place).collect()
    }

    fn bottom(&self) -> f64 {
        self.places().last().map_or(TOP, |&(_, bottom)| bottom)
    }

    fn colors(&self, kind: Kind) -> (RGBColor, RGBColor) {
        match kind {
            Kind::Embedding => self.theme.embedding,
            Kind::Lstm => self.theme.lstm,
            Kind::Output => self.theme.dense,
            Kind::Tokens | Kind::Dropout => self.theme.plain,
        }
    }

    fn draw_layer<B: DrawingBackend>(&self, canvas: &Canvas<B>, layer: &Layer, (top, bottom): (f64, f64)) -> Drawn<B> {
        let (fill, edge) = self.colors(layer.kind);
        let (ink, quiet) = (self.theme.ink, self.theme.quiet);
        let radius = if layer.kind == Kind::Tokens { (bottom - top) / 2.0 } else { 10.0 };
        canvas.polygon(&rounded((SIDES.0, top), (SIDES.1, bottom), radius), edge)?;
        let inner = ((SIDES.0 + STROKE, top + STROKE), (SIDES.1 - STROKE, bottom - STROKE));
        canvas.polygon(&rounded(inner.0, inner.1, radius - STROKE), fill)?;

        let (left, right) = (SIDES.0 + PADDING, SIDES.1 - PADDING);
        if slim(layer) {
            let y = (top + bottom) / 2.0 + 7.0;
            canvas.text(&layer.name, NAME, ink, Align::Left, (left, y))?;
            let after = left + NAME.width(&layer.name) + 14.0;
            canvas.text(&layer.detail, LABEL, quiet, Align::Left, (after, y))?;
            return canvas.text(&layer.shape, LABEL, ink, Align::Right, (right, y));
        }
        let (upper, lower) = (top + 37.0, top + 68.0);
        canvas.text(&layer.name, NAME, ink, Align::Left, (left, upper))?;
        canvas.text(&layer.detail, LABEL, quiet, Align::Left, (left, lower))?;
        canvas.text(&layer.shape, LABEL, ink, Align::Right, (right, upper))?;
        let parameters = wording::counted(layer.parameters, "parameter", "parameters");
        canvas.text(&parameters, LABEL, quiet, Align::Right, (right, lower))?;
        if layer.kind == Kind::Lstm { self.draw_recurrence(canvas, (top + bottom) / 2.0, edge) } else { Ok(()) }
    }

    /// The arrow by which a layer's state comes back to it at the next token.
    fn draw_recurrence<B: DrawingBackend>(&self, canvas: &Canvas<B>, y: f64, color: RGBColor) -> Drawn<B> {
        const RADIUS: f64 = 20.0;
        let (x, bend) = (SIDES.1, SIDES.1 + 22.0);
        let mut path = vec![(x, y + RADIUS)];
        path.extend((0..=24).map(|i| {
            let angle = std::f64::consts::PI * (0.5 - f64::from(i) / 24.0);
            (bend + RADIUS * angle.cos(), y + RADIUS * angle.sin())
        }));
        path.push((x + 12.0, y - RADIUS));
        canvas.line(&path, STROKE, color)?;
        let head = [(x, y - RADIUS), (x + 13.0, y - RADIUS - 7.0), (x + 13.0, y - RADIUS + 7.0)];
        canvas.polygon(&head, color)?;
        canvas.text("h, c", LABEL, self.theme.quiet, Align::Left, (bend + RADIUS + 14.0, y + 7.0))
    }

    fn draw_tie<B: DrawingBackend>(&self, canvas: &Canvas<B>, from: f64, to: f64) -> Drawn<B> {
        let (x, bend, color) = (SIDES.0, SIDES.0 - 54.0, self.theme.embedding.1);
        canvas.dashes(&[(x, from), (bend, from), (bend, to), (x, to)], (9.0, 6.0), STROKE, color)?;
        for y in [from, to] {
            canvas.disc((x, y), 6.0, color)?;
        }
        let middle = (from + to) / 2.0;
        for (word, y) in [("tied", middle - 6.0), ("weights", middle + 20.0)] {
            canvas.text(word, LABEL, self.theme.quiet, Align::Right, (bend - 16.0, y))?;
        }
        Ok(())
    }

    fn draw_sum<B: DrawingBackend>(&self, canvas: &Canvas<B>, y: f64) -> Drawn<B> {
        let (left, right) = (SIDES.0 + PADDING, SIDES.1 - PADDING);
        let sum = wording::counted(self.parameters, "parameter", "parameters");
        let size = format!("{} as 32-bit numbers", wording::bytes(4 * self.parameters));
        canvas.rect((SIDES.0, y - 36.0), (SIDES.1, y - 35.0), self.theme.axis)?;
        canvas.text("Total", NAME, self.theme.ink, Align::Left, (left, y))?;
        canvas.text(&sum, NAME, self.theme.ink, Align::Right, (right, y))?;
        canvas.text(&size, LABEL, self.theme.quiet, Align::Right, (right, y + 31.0))
    }
}

impl Picture for Architecture {
    fn title(&self) -> String {
        format!("Architecture of {}", self.name)
    }

    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, (self.bottom() + FOOT).ceil() as u32)
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<B>) -> Drawn<B> {
        let theme = self.theme;
        canvas.rect((0.0, 0.0), (WIDTH, f64::from(self.size().1)), theme.page)?;
        let title = "Architecture";
        canvas.text(title, TITLE, theme.ink, Align::Left, (MARGIN, 62.0))?;
        let after = MARGIN + TITLE.width(title) + 20.0;
        let name = wording::elided(&self.name, |name| LABEL.width(name) <= WIDTH - MARGIN - after);
        canvas.text(&name, LABEL, theme.quiet, Align::Left, (after, 62.0))?;

        let places = self.places();
        let middle = (SIDES.0 + SIDES.1) / 2.0;
        for pair in places.windows(2) {
            let (from, to) = (pair[0].1, pair[1].0);
            canvas.rect((middle - 1.0, from), (middle + 1.0, to - 10.0), theme.axis)?;
            canvas.polygon(&[(middle, to - 1.0), (middle - 7.0, to - 13.0), (middle + 7.0, to - 13.0)], theme.axis)?;
        }
        for (layer, &place) in self.layers.iter().zip(&places) {
            self.draw_layer(canvas, layer, place)?;
        }
        let center = |kind| {
            let at = self.layers.iter().position(|layer| layer.kind == kind)?;
            Some((places[at].0 + places[at].1) / 2.0)
        };
        if let (true, Some(from), Some(to)) = (self.tied, center(Kind::Embedding), center(Kind::Output)) {
            self.draw_tie(canvas, from, to)?;
        }
        self.draw_sum(canvas, self.bottom() + 70.0)
    }
}

/// What has no weights needs one line of words.
fn slim(layer: &Layer) -> bool {
    matches!(layer.kind, Kind::Tokens | Kind::Dropout)
}

fn height(layer: &Layer) -> f64 {
    if slim(layer) { 52.0 } else { 92.0 }
}

/// The outline of a rectangle with round corners.
fn rounded((x0, y0): (f64, f64), (x1, y1): (f64, f64), radius: f64) -> Vec<(f64, f64)> {
    const STEPS: u32 = 16;
    let centers = [
        (x1 - radius, y0 + radius),
        (x1 - radius, y1 - radius),
        (x0 + radius, y1 - radius),
        (x0 + radius, y0 + radius),
    ];
    let corner = |(quarter, (x, y)): (usize, (f64, f64))| {
        (0..=STEPS).map(move |step| {
            let turn = quarter as f64 - 1.0 + f64::from(step) / f64::from(STEPS);
            let angle = turn * std::f64::consts::FRAC_PI_2;
            (x + radius * angle.cos(), y + radius * angle.sin())
        })
    };
    centers.into_iter().enumerate().flat_map(corner).collect()
}
