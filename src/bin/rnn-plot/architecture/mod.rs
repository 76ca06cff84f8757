//! Draws a network as a stack of boxes, from the tokens at the top to the probabilities at the bottom.

mod cell;
mod stack;
mod unrolled;

use std::path::Path;

use rnn_tools::error::Result;
use rnn_tools::format::{self, count};
use rnn_tools::model::layers::{Kind, Layer};
use rnn_tools::model::{Block, Config, ModelFile};

use crate::canvas::{Align, Canvas, LABEL, MARGIN, NAME, Picture};
use crate::wording;
pub use cell::CellDiagram;
pub use unrolled::Unrolled;

const WIDTH: f64 = 1100.0;
/// Left and right edge of the boxes; the space beside them is for the arrows.
const SIDES: (f64, f64) = (210.0, 890.0);
const PADDING: f64 = 24.0;
const TOP: f64 = 112.0;
const GAP: f64 = 32.0;

/// From the last box to the end of the picture: the total and a margin.
const FOOT: f64 = 136.0;

pub struct Architecture {
    name: String,
    config: Config,
    layers: Vec<Layer>,
}

impl Architecture {
    pub fn read(path: &Path) -> Result<Self> {
        let ModelFile { config, training, .. } = ModelFile::read(path)?;
        Ok(Self { name: wording::title(path), layers: stack::boxes(&config, &training.settings), config })
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

    fn draw_layer(&self, canvas: &mut Canvas, layer: &Layer, (top, bottom): (f64, f64)) {
        let (ink, quiet) = (canvas.theme.ink, canvas.theme.quiet);
        let radius = if layer.kind == Kind::Tokens { (bottom - top) / 2.0 } else { 10.0 };
        canvas.frame((SIDES.0, top), (SIDES.1, bottom), radius, stack::colors(canvas.theme, layer.kind));

        let (left, right) = (SIDES.0 + PADDING, SIDES.1 - PADDING);
        if slim(layer) {
            let y = (top + bottom) / 2.0 + 7.0;
            canvas.text(&layer.name, NAME, ink, Align::Left, (left, y));
            let after = left + canvas.width(NAME, &layer.name) + 14.0;
            canvas.text(&layer.detail, LABEL, quiet, Align::Left, (after, y));
            return canvas.text(&shape(layer.size), LABEL, ink, Align::Right, (right, y));
        }
        let (upper, lower) = (top + 37.0, top + 68.0);
        canvas.text(&layer.name, NAME, ink, Align::Left, (left, upper));
        canvas.text(&shape(layer.size), LABEL, ink, Align::Right, (right, upper));
        let parameters = format::plural(layer.parameters, "parameter", "parameters");
        canvas.text(&parameters, LABEL, quiet, Align::Right, (right, lower));
        let room = right - left - canvas.width(LABEL, &parameters) - 20.0;
        let detail = wording::shortened(&layer.detail, |detail| canvas.width(LABEL, detail) <= room);
        canvas.text(&detail, LABEL, quiet, Align::Left, (left, lower));
        if layer.state.is_some() {
            self.draw_recurrence(canvas, layer, (top + bottom) / 2.0);
        }
    }

    /// Draws the loop by which a layer's state returns to it at the next token.
    fn draw_recurrence(&self, canvas: &mut Canvas, layer: &Layer, y: f64) {
        const RADIUS: f64 = 20.0;
        let color = canvas.theme.recurrent.1;
        let (x, bend) = (SIDES.1, SIDES.1 + 22.0);
        let mut path = vec![(x, y + RADIUS)];
        path.extend((0..=24).map(|i| {
            let angle = std::f64::consts::PI * (0.5 - f64::from(i) / 24.0);
            (bend + RADIUS * angle.cos(), y + RADIUS * angle.sin())
        }));
        path.push((x, y - RADIUS));
        canvas.arrow(&path, color);
        canvas.text(
            layer.state.unwrap_or_default(),
            LABEL,
            canvas.theme.quiet,
            Align::Left,
            (bend + RADIUS + 14.0, y + 7.0),
        );
    }

    /// Draws a connection between the embedding and the output layer if they share their weights.
    fn draw_tie(&self, canvas: &mut Canvas, from: f64, to: f64) {
        let (x, bend, color) = (SIDES.0, SIDES.0 - 84.0, canvas.theme.embedding.1);
        canvas.dashes(&[(x, from), (bend, from), (bend, to), (x, to)], (9.0, 6.0), 2.0, color);
        for y in [from, to] {
            canvas.disc((x, y), 6.0, color);
        }
        let middle = (from + to) / 2.0;
        for (word, y) in [("tied", middle - 6.0), ("weights", middle + 20.0)] {
            canvas.text(word, LABEL, canvas.theme.quiet, Align::Right, (bend - 14.0, y));
        }
    }

    /// Draws the skip connections from the embedding and every layer but the last to the layer that reads them all.
    fn draw_skips(&self, canvas: &mut Canvas, sources: &[f64], end: f64) {
        let (x, bend, color) = (SIDES.0, SIDES.0 - 36.0, canvas.theme.recurrent.1);
        for &y in sources {
            canvas.line(&[(x, y), (bend, y)], 2.0, color);
            canvas.disc((bend, y), 4.0, color);
        }
        let first = sources.first().copied().unwrap_or(end);
        canvas.arrow(&[(bend, first), (bend, end), (x, end)], color);
    }

    fn draw_total(&self, canvas: &mut Canvas, y: f64) {
        let theme = canvas.theme;
        let (left, right) = (SIDES.0 + PADDING, SIDES.1 - PADDING);
        let parameters = self.config.num_parameters();
        let sum = format::plural(parameters, "parameter", "parameters");
        let size = format!("{} as 32-bit numbers", format::bytes(4 * parameters));
        canvas.rect((SIDES.0, y - 36.0), (SIDES.1, y - 35.0), theme.axis);
        canvas.text("Total", NAME, theme.ink, Align::Left, (left, y));
        canvas.text(&sum, NAME, theme.ink, Align::Right, (right, y));
        canvas.text(&size, LABEL, theme.quiet, Align::Right, (right, y + 31.0));
    }
}

impl Picture for Architecture {
    fn title(&self) -> String {
        format!("Architecture of {}", self.name)
    }

    fn draw(&self, canvas: &mut Canvas) {
        let places = self.places();
        let bottom = places.last().map_or(TOP, |&(_, bottom)| bottom);
        canvas.size = (WIDTH, bottom + FOOT);
        canvas.heading("Architecture", &self.name, WIDTH - MARGIN);
        let middle = (SIDES.0 + SIDES.1) / 2.0;
        for pair in places.windows(2) {
            canvas.arrow(&[(middle, pair[0].1), (middle, pair[1].0 - 1.0)], canvas.theme.axis);
        }
        for (layer, &place) in self.layers.iter().zip(&places) {
            self.draw_layer(canvas, layer, place);
        }
        let center = |at: usize| (places[at].0 + places[at].1) / 2.0;
        let blocks = self.config.blocks();
        let is_tied = blocks.iter().any(|block| matches!(block, Block::Softmax(softmax) if softmax.is_tied));
        let is_concatenated = blocks.iter().any(|block| matches!(block, Block::Concatenation(_)));
        let find = |kinds: &[Kind]| self.layers.iter().position(|layer| kinds.contains(&layer.kind));
        if let (true, Some(embedding), Some(output)) = (is_tied, find(&[Kind::Embedding]), find(&[Kind::Output])) {
            self.draw_tie(canvas, center(embedding) - 14.0, center(output) + 14.0);
        }
        if let (true, Some(reader)) = (is_concatenated, find(&[Kind::Attention, Kind::Output])) {
            let is_source = |&at: &usize| matches!(self.layers[at].kind, Kind::Embedding | Kind::Recurrent);
            let mut sources: Vec<f64> = (0..self.layers.len()).filter(is_source).map(center).collect();
            sources.pop(); // the last layer has a straight arrow
            self.draw_skips(canvas, &sources, center(reader));
        }
        self.draw_total(canvas, bottom + 70.0);
    }
}

/// Whether a box has a single line of text, since its layer has no weights.
fn slim(layer: &Layer) -> bool {
    matches!(layer.kind, Kind::Tokens | Kind::Dropout)
}

fn height(layer: &Layer) -> f64 {
    if slim(layer) { 52.0 } else { 92.0 }
}

/// The shape of a layer's output.
fn shape(size: Option<usize>) -> String {
    size.map_or("(batch, time)".into(), |size| format!("(batch, time, {})", count(size)))
}
