//! A heat map of a layer's activations: one row per token, one column per unit.

use rnn_tools::error::Result;
use rnn_tools::format::count;

use super::probe::Probe;
use super::unit::draw_color_bar;
use crate::canvas::{Align, Canvas, LABEL, MARGIN, Picture, SMALL, terminal};
use crate::chart::Scale;
use crate::theme::Theme;
use crate::wording;

const TITLE: &str = "Activations";
const WIDTH: f64 = 1200.0;
const MAX_TOKENS: usize = 400;
const COLOR_BAR_Y: f64 = 86.0;
const TOP: f64 = 172.0;
const FOOT: f64 = 40.0;
/// Width of the token labels on the left.
const WORDS_WIDTH: f64 = 150.0;
const GAP: f64 = 12.0;
/// Height of a row, by the maximum number of rows.
const ROWS: [(usize, f64); 3] = [(64, 20.0), (160, 10.0), (usize::MAX, 5.0)];
/// Height of a token label.
const WORD_HEIGHT: f64 = 20.0;
/// The number of shades of a colour; adjacent cells of equal shade are drawn as one rectangle.
const SHADES: f64 = 16.0;

pub struct HeatMap {
    name: String,
    layer: usize,
    pieces: Vec<String>,
    /// (tokens, units)
    values: Vec<Vec<f32>>,
}

impl HeatMap {
    /// `layer` is counted from 1.
    pub fn new(probe: &Probe, layer: usize) -> Result<Self> {
        probe.units(layer)?;
        let drawn = probe.drawn(MAX_TOKENS);
        let mut values = Vec::new();
        probe.read(drawn, |_, view| values.push(view.layer(layer)));
        let max = values.iter().flatten().fold(1.0, |max: f32, value| max.max(value.abs()));
        values.iter_mut().flatten().for_each(|value| *value /= max);
        Ok(Self { name: probe.name.clone(), layer, pieces: probe.pieces[..drawn].to_vec(), values })
    }

    fn units(&self) -> usize {
        self.values.first().map_or(0, Vec::len)
    }

    fn subject(&self) -> String {
        format!("{} · {} units of layer {}", self.name, count(self.units()), self.layer)
    }

    fn draw_numbers(&self, canvas: &mut Canvas, left: f64, right: f64) {
        let units = self.units() as f64;
        let scale = Scale::whole([0.0, units].into_iter()).expect("there are units").with_ticks(10);
        let quiet = canvas.theme.quiet;
        let name = "unit";
        canvas.text(name, LABEL, quiet, Align::Right, (left - GAP, TOP - GAP));
        let mut end = left - GAP;
        for unit in std::iter::once(1.0).chain(scale.ticks().into_iter().filter(|&unit| unit > 1.0 && unit <= units)) {
            let x = left + (right - left) * (unit - 0.5) / units;
            let label = count(unit as usize);
            let half = canvas.width(LABEL, &label) / 2.0;
            if x - half > end && x + half <= right + MARGIN {
                canvas.text(&label, LABEL, quiet, Align::Center, (x, TOP - GAP));
                end = x + half + GAP;
            }
        }
    }
}

/// Reduces values to at most `most` columns, each the value of largest magnitude among its neighbours.
fn columns(values: &[f32], max: usize) -> Vec<f32> {
    let count = values.len().min(max).max(1);
    let extreme = |values: &[f32]| values.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
    (0..count).map(|i| extreme(&values[i * values.len() / count..(i + 1) * values.len() / count])).collect()
}

impl Picture for HeatMap {
    fn title(&self) -> String {
        format!("Activations: {}", self.subject())
    }

    fn draw(&self, canvas: &mut Canvas) {
        let (width, _) = canvas.resize(WIDTH, 0.0, 0.0);
        let (left, right) = (MARGIN + WORDS_WIDTH + GAP, width - MARGIN);
        let (narrowest, row) = match canvas.is_terminal() {
            true => terminal::CELL,
            false => {
                (1.0, ROWS.iter().find(|(max, _)| self.values.len() <= *max).map_or(WORD_HEIGHT, |(_, height)| *height))
            }
        };
        let max = ((right - left) / narrowest) as usize;
        canvas.size = (width, TOP + row * self.values.len() as f64 + FOOT);
        canvas.heading(TITLE, &self.subject(), width - MARGIN);
        draw_color_bar(canvas, (MARGIN, COLOR_BAR_Y), Theme::signed);
        self.draw_numbers(canvas, left, right);

        let (every, quiet) = ((WORD_HEIGHT / row).ceil() as usize, canvas.theme.quiet);
        for (i, values) in self.values.iter().enumerate() {
            let y = TOP + i as f64 * row;
            let cells: Vec<i32> =
                columns(values, max).iter().map(|v| (f64::from(*v) * SHADES).round() as i32).collect();
            let step = (right - left) / cells.len() as f64;
            let mut at = 0;
            for run in cells.chunk_by(|a, b| a == b) {
                let (from, to) = (left + at as f64 * step, left + (at + run.len()) as f64 * step);
                at += run.len();
                if run[0] != 0 {
                    let color = canvas.theme.signed(f64::from(run[0]) / SHADES);
                    canvas.rect((from, y), (to, y + row), color);
                }
            }
            if i % every == 0 {
                let word = wording::token(&self.pieces[i]);
                let word = wording::shortened(&word, |word| canvas.width(SMALL, word) <= WORDS_WIDTH);
                canvas.text(&word, SMALL, quiet, Align::Right, (left - GAP, y + row.min(WORD_HEIGHT) / 2.0 + 6.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_shows_the_strongest_of_its_units() {
        assert_eq!(columns(&[0.1, -0.9, 0.2, 0.3], 2), [-0.9, 0.3]);
        assert_eq!(columns(&[0.1, -0.9], 5), [0.1, -0.9]);
    }
}
