//! Colours a text by the probability of each token, as a picture or as an HTML page.

mod page;
mod source;

use std::path::Path;

use plotters::style::RGBColor;
use rnn_tools::error::Result;
use rnn_tools::format;

use crate::canvas::{Align, Canvas, LABEL, MARGIN, Picture};
use crate::text_layout;
use crate::theme::{self, Theme};
use crate::wording;
pub use page::page;

const TITLE: &str = "Probabilities";
const WIDTH: f64 = 1000.0;
const KEY_Y: f64 = 104.0;
/// From the key's last row to the first line of text.
const BELOW_KEY: f64 = 54.0;
const FOOT: f64 = 40.0;
/// Distance between lines, and extra space between texts.
const PITCH: f64 = 36.0;
const BETWEEN: f64 = 28.0;
/// On a terminal, colours are shades on a line of their own.
const TERMINAL_PITCH: f64 = 48.0;
/// Extent of a token's background above and below its baseline.
const BACKGROUND: (f64, f64) = (23.0, 9.0);

/// Classes of probabilities: lower bound, label, and strength of the colour.
const CLASSES: [(f64, &str, f64); 5] = [
    (0.5, "over 50%", 0.0),
    (0.1, "over 10%", 0.2),
    (0.01, "over 1%", 0.42),
    (0.001, "over 0.1%", 0.7),
    (0.0, "less", 1.0),
];

/// A token with its probability; `None` if it was not predicted.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub text: String,
    pub probability: Option<f64>,
}

pub struct Probabilities {
    name: String,
    texts: Vec<Vec<Token>>,
}

impl Probabilities {
    pub fn read(path: &Path) -> Result<Self> {
        Ok(Self { name: wording::title(path), texts: source::read(path)? })
    }

    /// The subject of the heading: name, length, and perplexity unless a token had probability 0.
    fn subject(&self) -> String {
        let known: Vec<f64> = self.texts.iter().flatten().filter_map(|token| token.probability).collect();
        let tokens = format::plural(known.len(), "token", "tokens");
        let loss = -known.iter().map(|probability| probability.ln()).sum::<f64>() / known.len().max(1) as f64;
        if loss.is_finite() && !known.is_empty() {
            format!("{} · {tokens} · perplexity {}", self.name, format::perplexity(loss))
        } else {
            format!("{} · {tokens}", self.name)
        }
    }
}

/// The index of a probability's class.
fn class(probability: f64) -> usize {
    CLASSES.iter().position(|(min, ..)| probability > *min).unwrap_or(CLASSES.len() - 1)
}

fn color(theme: &Theme, class: usize) -> RGBColor {
    theme::mix(theme.page, theme.positive, CLASSES[class].2)
}

/// Draws the key to the colours, and returns the baseline of its last row.
fn draw_key(canvas: &mut Canvas) -> f64 {
    let theme = canvas.theme;
    let (mut x, mut y) = (MARGIN, KEY_Y);
    for (class, (_, words, _)) in CLASSES.iter().enumerate() {
        let width = canvas.width(LABEL, words) + 48.0;
        if x + width > canvas.size.0 - MARGIN {
            (x, y) = (MARGIN, y + 34.0);
        }
        let (from, to) = ((x, y - 18.0), (x + 32.0, y + 4.0));
        if canvas.is_terminal() {
            canvas.rect(from, to, color(theme, class));
        } else {
            canvas.frame(from, to, 4.0, (color(theme, class), theme.axis));
        }
        canvas.text(words, LABEL, theme.quiet, Align::Left, (x + 42.0, y));
        x += width + 24.0;
    }
    y
}

impl Picture for Probabilities {
    fn title(&self) -> String {
        format!("Probability of each token of {}", self.name)
    }

    fn draw(&self, canvas: &mut Canvas) {
        let (width, _) = canvas.resize(WIDTH, 0.0, 0.0);
        let (pitch, shade) = if canvas.is_terminal() { (TERMINAL_PITCH, PITCH) } else { (PITCH, 0.0) };
        let theme = canvas.theme;
        let mut y = draw_key(canvas) + BELOW_KEY;
        for tokens in &self.texts {
            let pieces = tokens.iter().map(|token| token.text.as_str());
            let all = text_layout::lay_out(canvas, pieces, (MARGIN, width - MARGIN));
            for placed in &all {
                let baseline = y + placed.line as f64 * pitch;
                let background = tokens[placed.piece].probability.map_or(theme.page, |p| color(theme, class(p)));
                let (top, bottom) = (baseline - BACKGROUND.0 + shade, baseline + BACKGROUND.1 + 0.5 * shade);
                if background != theme.page {
                    canvas.rect((placed.x.0, top), (placed.x.1, bottom), background);
                }
                let ink =
                    if tokens[placed.piece].probability.is_some() { theme.ink_on(background) } else { theme.quiet };
                canvas.text(&placed.text, LABEL, ink, Align::Left, (placed.x.0, baseline));
            }
            y += all.last().map_or(0.0, |placed| (placed.line + 1) as f64 * pitch) + BETWEEN;
        }
        canvas.size = (width, y - BETWEEN - pitch + BACKGROUND.1 + shade + FOOT);
        canvas.heading(TITLE, &self.subject(), width - MARGIN);
    }
}
