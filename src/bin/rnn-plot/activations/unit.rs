//! One unit's activation over a text: the background of each token and a bar below it show the value after the token.

use plotters::style::RGBColor;
use rnn_tools::error::{Error, Result};

use super::probe::Probe;
use crate::canvas::{Align, Canvas, LABEL, MARGIN, Picture, Point};
use crate::text_layout;
use crate::theme::Theme;

const TITLE: &str = "Activation";
const WIDTH: f64 = 1000.0;
const MAX_TOKENS: usize = 3000;
const HEAD: f64 = 166.0;
const COLOR_BAR_Y: f64 = 104.0;
const FOOT: f64 = 52.0;
const PITCH: f64 = 62.0;
const TERMINAL_PITCH: f64 = 72.0;
/// Extent of a token's background above and below its baseline.
const BACKGROUND: (f64, f64) = (22.0, 8.0);
/// Distance from the baseline to the middle of the bars, and their maximum length.
const BARS: (f64, f64) = (22.0, 11.0);

pub struct Unit {
    name: String,
    position: (usize, usize),
    pieces: Vec<String>,
    /// The activation after each token, from -1 to 1.
    values: Vec<f64>,
}

impl Unit {
    /// `layer` and `unit` are counted from 1.
    pub fn new(probe: &Probe, layer: usize, unit: usize) -> Result<Self> {
        let units = probe.units(layer)?;
        if unit > units {
            return Err(Error::usage(format!("there is no unit {layer}:{unit}: layer {layer} has {units} units")));
        }
        let drawn = probe.drawn(MAX_TOKENS);
        let mut values = Vec::new();
        probe.read(drawn, |_, view| values.push(f64::from(view.layer(layer)[unit - 1])));
        let max = values.iter().fold(1.0, |max: f64, value| max.max(value.abs()));
        values.iter_mut().for_each(|value| *value /= max);
        Ok(Self { name: probe.name.clone(), position: (layer, unit), pieces: probe.pieces[..drawn].to_vec(), values })
    }

    fn subject(&self) -> String {
        format!("{} · unit {} of layer {}", self.name, self.position.1, self.position.0)
    }
}

/// The background colour for a value, pale enough for text.
fn background(theme: &Theme, value: f64) -> RGBColor {
    theme.signed(0.75 * value)
}

/// Draws the colour scale from -1 to 1, with its upper left corner at `x` and `y`.
pub fn draw_color_bar(canvas: &mut Canvas, (x, y): Point, color: fn(&Theme, f64) -> RGBColor) {
    const STEPS: usize = 20;
    const STEP: (f64, f64) = (12.0, 22.0);
    let quiet = canvas.theme.quiet;
    canvas.text("−1", LABEL, quiet, Align::Left, (x, y + 18.0));
    let left = x + canvas.width(LABEL, "−1") + 12.0;
    for i in 0..STEPS {
        let value = 2.0 * (i as f64 + 0.5) / STEPS as f64 - 1.0;
        let from = left + i as f64 * STEP.0;
        canvas.rect((from, y), (from + STEP.0, y + STEP.1), color(canvas.theme, value));
    }
    canvas.text("+1", LABEL, quiet, Align::Left, (left + STEPS as f64 * STEP.0 + 12.0, y + 18.0));
}

impl Picture for Unit {
    fn title(&self) -> String {
        format!("Activation: {}", self.subject())
    }

    fn draw(&self, canvas: &mut Canvas) {
        let (width, _) = canvas.resize(WIDTH, 0.0, 0.0);
        let theme = canvas.theme;
        let pitch = if canvas.is_terminal() { TERMINAL_PITCH } else { PITCH };
        let pieces = self.pieces.iter().map(String::as_str);
        let all = text_layout::lay_out(canvas, pieces, (MARGIN, width - MARGIN));
        for placed in &all {
            let (value, (x0, x1)) = (self.values[placed.piece], placed.x);
            let y = HEAD + placed.line as f64 * pitch;
            if canvas.is_terminal() {
                // a row of bars below the text, in lighter shades for negative values
                let color = if value < 0.0 { theme.signed(0.6 * value) } else { theme.signed(value) };
                canvas.rect((x0, y + 8.0), (x1, y + 24.0), color);
                let sign = if value < -0.1 { "−" } else { "" };
                canvas.text(sign, LABEL, theme.quiet, Align::Left, (x0, y + 29.0));
            } else {
                let color = background(theme, value);
                canvas.rect((x0, y - BACKGROUND.0), (x1, y + BACKGROUND.1), color);
                let end = if value < 0.0 { theme.negative } else { theme.positive };
                let (middle, length) = (y + BARS.0, BARS.1 * value.abs());
                let (top, bottom) = if value < 0.0 { (middle, middle + length) } else { (middle - length, middle) };
                canvas.rect((x0, top), (x1, bottom.max(top + 1.0)), end);
            }
            let ink = if canvas.is_terminal() { theme.ink } else { theme.ink_on(background(theme, value)) };
            canvas.text(&placed.text, LABEL, ink, Align::Left, (x0, y));
        }
        let lines = all.last().map_or(1, |placed| placed.line + 1);
        canvas.size = (width, HEAD + (lines - 1) as f64 * pitch + FOOT);
        canvas.heading(TITLE, &self.subject(), width - MARGIN);
        draw_color_bar(canvas, (MARGIN, COLOR_BAR_Y - 18.0), background);
    }
}
