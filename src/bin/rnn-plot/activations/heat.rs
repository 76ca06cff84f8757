//! All units of a layer over a text: a row a token, a column a unit.

use rnn_tools::error::Result;
use rnn_tools::format::count;

use super::reading::Reading;
use super::unit::draw_key;
use crate::canvas::{Align, Canvas, LABEL, MARGIN, Picture, SMALL, terminal};
use crate::chart::Scale;
use crate::theme::Theme;
use crate::wording;

const TITLE: &str = "Activations";
const WIDTH: f64 = 1200.0;
const MOST_TOKENS: usize = 400;
const KEY_Y: f64 = 86.0;
const TOP: f64 = 172.0;
const FOOT: f64 = 40.0;
/// Of the words at the left.
const WORDS: f64 = 150.0;
const GAP: f64 = 12.0;
/// Height of a row, by how many there are.
const ROWS: [(usize, f64); 3] = [(64, 20.0), (160, 10.0), (usize::MAX, 5.0)];
/// Room for a word.
const WORD: f64 = 20.0;
/// Shades of a colour; neighbours of the same shade are one rectangle.
const SHADES: f64 = 16.0;

pub struct Heat {
    name: String,
    layer: usize,
    pieces: Vec<String>,
    /// (tokens, units)
    values: Vec<Vec<f32>>,
}

impl Heat {
    /// `layer` is counted from 1.
    pub fn new(reading: &Reading, layer: usize) -> Result<Self> {
        reading.units(layer)?;
        let drawn = reading.drawn(MOST_TOKENS);
        let mut values = Vec::new();
        reading.read(drawn, |_, view| values.push(view.layer(layer)));
        let most = values.iter().flatten().fold(1.0, |most: f32, value| most.max(value.abs()));
        values.iter_mut().flatten().for_each(|value| *value /= most);
        Ok(Self { name: reading.name.clone(), layer, pieces: reading.pieces[..drawn].to_vec(), values })
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

/// Of neighbours that share a column the one that is furthest from nought.
fn columns(values: &[f32], most: usize) -> Vec<f32> {
    let count = values.len().min(most).max(1);
    let extreme = |values: &[f32]| values.iter().copied().max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
    (0..count).map(|i| extreme(&values[i * values.len() / count..(i + 1) * values.len() / count])).collect()
}

impl Picture for Heat {
    fn title(&self) -> String {
        format!("Activations: {}", self.subject())
    }

    fn draw(&self, canvas: &mut Canvas) {
        let (width, _) = canvas.resize(WIDTH, 0.0, 0.0);
        let (left, right) = (MARGIN + WORDS + GAP, width - MARGIN);
        let (narrowest, row) = match canvas.is_terminal() {
            true => terminal::CELL,
            false => {
                (1.0, ROWS.iter().find(|(most, _)| self.values.len() <= *most).map_or(WORD, |(_, height)| *height))
            }
        };
        let most = ((right - left) / narrowest) as usize;
        canvas.size = (width, TOP + row * self.values.len() as f64 + FOOT);
        canvas.heading(TITLE, &self.subject(), width - MARGIN);
        draw_key(canvas, (MARGIN, KEY_Y), Theme::signed);
        self.draw_numbers(canvas, left, right);

        let (every, quiet) = ((WORD / row).ceil() as usize, canvas.theme.quiet);
        for (i, values) in self.values.iter().enumerate() {
            let y = TOP + i as f64 * row;
            let cells: Vec<i32> =
                columns(values, most).iter().map(|v| (f64::from(*v) * SHADES).round() as i32).collect();
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
                let word = wording::shortened(&word, |word| canvas.width(SMALL, word) <= WORDS);
                canvas.text(&word, SMALL, quiet, Align::Right, (left - GAP, y + row.min(WORD) / 2.0 + 6.0));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_units_stand_for_their_neighbours() {
        assert_eq!(columns(&[0.1, -0.9, 0.2, 0.3], 2), [-0.9, 0.3]);
        assert_eq!(columns(&[0.1, -0.9], 5), [0.1, -0.9]);
    }
}
