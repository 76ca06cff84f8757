//! Draws the network unrolled through time: one column per step, from its token at the bottom to the probabilities of
//! the next token at the top.

use std::path::Path;

use rnn_tools::error::Result;
use rnn_tools::format::{count, plural};
use rnn_tools::model::ModelFile;
use rnn_tools::model::layers::{Kind, Layer};

use super::stack;
use crate::canvas::{Align, Canvas, LABEL, MARGIN, NAME, Picture};
use crate::wording;

/// Left edge of the first column, and the size of boxes and of the gaps between them.
const LEFT: f64 = 350.0;
const BOX: (f64, f64) = (150.0, 60.0);
const GAP: (f64, f64) = (78.0, 40.0);
const TOP: f64 = 128.0;
const FOOT: f64 = 76.0;

pub struct Unrolled {
    name: String,
    /// From top to bottom, without dropout, which is used in training only.
    rows: Vec<Layer>,
    steps: usize,
}

impl Unrolled {
    pub fn read(path: &Path, steps: usize) -> Result<Self> {
        let ModelFile { config, training, .. } = ModelFile::read(path)?;
        let mut rows = stack::boxes(&config, &training.settings);
        rows.retain(|layer| layer.kind != Kind::Dropout);
        rows.reverse();
        Ok(Self { name: wording::title(path), rows, steps })
    }

    fn column(&self, step: usize) -> f64 {
        LEFT + step as f64 * (BOX.0 + GAP.0)
    }

    /// The upper edge of a row; row 0 holds the probabilities.
    fn row(&self, row: usize) -> f64 {
        TOP + row as f64 * (BOX.1 + GAP.1)
    }

    fn draw_label(&self, canvas: &mut Canvas, row: usize, name: &str, detail: &str) {
        let (y, theme) = (self.row(row) + BOX.1 / 2.0, canvas.theme);
        canvas.text(name, NAME, theme.ink, Align::Left, (MARGIN, y - 4.0));
        let room = LEFT - MARGIN - 52.0;
        let detail = wording::shortened(detail, |detail| canvas.width(LABEL, detail) <= room);
        canvas.text(&detail, LABEL, theme.quiet, Align::Left, (MARGIN, y + 22.0));
    }

    fn draw_pill(&self, canvas: &mut Canvas, row: usize, step: usize, text: &str) {
        let (x, y, theme) = (self.column(step), self.row(row), canvas.theme);
        canvas.frame((x, y), (x + BOX.0, y + BOX.1), BOX.1 / 2.0, theme.plain);
        canvas.text(text, LABEL, theme.ink, Align::Center, (x + BOX.0 / 2.0, y + BOX.1 / 2.0 + 7.0));
    }

    /// Draws the state as it is passed from step to step.
    fn draw_state(&self, canvas: &mut Canvas, row: usize, state: &str) {
        let (y, color) = (self.row(row) + BOX.1 / 2.0, canvas.theme.recurrent.1);
        for step in 0..=self.steps {
            let end = self.column(step);
            let (from, to) = match step {
                0 => (end - 44.0, end),
                last if last == self.steps => (end - GAP.0, end - GAP.0 + 44.0),
                _ => (end - GAP.0, end),
            };
            canvas.arrow(&[(from, y), (to, y)], color);
        }
        let middle = self.column(1) - GAP.0 / 2.0 - 4.0;
        canvas.text(state, LABEL, canvas.theme.quiet, Align::Center, (middle, y - 10.0));
    }
}

impl Picture for Unrolled {
    fn title(&self) -> String {
        format!("{} unrolled over {}", self.name, plural(self.steps, "step", "steps"))
    }

    fn draw(&self, canvas: &mut Canvas) {
        let foot = self.row(self.rows.len()) + BOX.1;
        let width = self.column(self.steps) - GAP.0 + 44.0 + MARGIN;
        canvas.size = (width, foot + FOOT);
        canvas.heading("Unrolled through time", &self.name, width - MARGIN);
        self.draw_label(canvas, 0, "Probabilities", "of the next token");
        for (row, layer) in (1..).zip(&self.rows) {
            self.draw_label(canvas, row, &layer.name, &detail(layer));
            if let Some(state) = layer.state {
                self.draw_state(canvas, row, state);
            }
        }
        for step in 0..self.steps {
            let middle = self.column(step) + BOX.0 / 2.0;
            for row in 0..self.rows.len() {
                let (from, to) = (self.row(row + 1), self.row(row) + BOX.1);
                canvas.arrow(&[(middle, from), (middle, to + 1.0)], canvas.theme.axis);
            }
            self.draw_pill(canvas, 0, step, &format!("P(token {})", step + 2));
            for (row, layer) in (1..).zip(&self.rows) {
                if layer.kind == Kind::Tokens {
                    self.draw_pill(canvas, row, step, &format!("token {}", step + 1));
                    continue;
                }
                let (x, y) = (self.column(step), self.row(row));
                let (from, to) = ((x, y), (x + BOX.0, y + BOX.1));
                canvas.frame(from, to, 10.0, stack::colors(canvas.theme, layer.kind));
                let word = word(layer);
                canvas.text(word, LABEL, canvas.theme.ink, Align::Center, (x + BOX.0 / 2.0, y + BOX.1 / 2.0 + 7.0));
            }
        }
        let note = "The weights are the same at every step.";
        canvas.text(note, LABEL, canvas.theme.quiet, Align::Left, (LEFT, foot + 36.0));
    }
}

/// The description of a row.
fn detail(layer: &Layer) -> String {
    match (layer.kind, layer.size) {
        (Kind::Recurrent, _) | (_, None) => layer.detail.clone(),
        (_, Some(size)) => format!("{} values", count(size)),
    }
}

/// The text in the boxes of a row.
fn word(layer: &Layer) -> &str {
    match layer.kind {
        Kind::Recurrent => layer.name.split(' ').next().unwrap_or_default(),
        Kind::Embedding => "embedding",
        Kind::Attention => "attention",
        _ => "softmax",
    }
}
