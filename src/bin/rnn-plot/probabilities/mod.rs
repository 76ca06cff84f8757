//! A text coloured by how probable each of its tokens was, as a picture or as a page.

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
/// From the key's last row to the first of the text.
const BELOW_KEY: f64 = 54.0;
const FOOT: f64 = 40.0;
/// From one line to the next, and from a text to the next.
const PITCH: f64 = 36.0;
const BETWEEN: f64 = 28.0;
/// In a terminal the colour is a shade in a line of its own.
const TERMINAL_PITCH: f64 = 48.0;
/// A token's ground reaches so far above and below its baseline.
const GROUND: (f64, f64) = (23.0, 9.0);

/// Classes of probabilities: the least of each, what is written, and how strong its colour is.
const CLASSES: [(f64, &str, f64); 5] = [
    (0.5, "over 50%", 0.0),
    (0.1, "over 10%", 0.2),
    (0.01, "over 1%", 0.42),
    (0.001, "over 0.1%", 0.7),
    (0.0, "less", 1.0),
];

/// A token as it stands in the text, with the probability that it had; none where there was no choice.
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

    /// What the heading is of: length and perplexity, where no token was impossible.
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

/// Which of the classes a probability is in.
fn class(probability: f64) -> usize {
    CLASSES.iter().position(|(least, ..)| probability > *least).unwrap_or(CLASSES.len() - 1)
}

fn color(theme: &Theme, class: usize) -> RGBColor {
    theme::mix(theme.page, theme.positive, CLASSES[class].2)
}

/// Says what the colours mean, and gives the baseline of its last row.
fn draw_color_bar(canvas: &mut Canvas) -> f64 {
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
        format!("How probable each token of {} was", self.name)
    }

    fn draw(&self, canvas: &mut Canvas) {
        let (width, _) = canvas.resize(WIDTH, 0.0, 0.0);
        let (pitch, shade) = if canvas.is_terminal() { (TERMINAL_PITCH, PITCH) } else { (PITCH, 0.0) };
        let theme = canvas.theme;
        let mut y = draw_color_bar(canvas) + BELOW_KEY;
        for tokens in &self.texts {
            let pieces = tokens.iter().map(|token| token.text.as_str());
            let all = text_layout::lay_out(canvas, pieces, (MARGIN, width - MARGIN));
            for placed in &all {
                let baseline = y + placed.line as f64 * pitch;
                let ground = tokens[placed.piece].probability.map_or(theme.page, |p| color(theme, class(p)));
                let (top, bottom) = (baseline - GROUND.0 + shade, baseline + GROUND.1 + 0.5 * shade);
                if ground != theme.page {
                    canvas.rect((placed.x.0, top), (placed.x.1, bottom), ground);
                }
                let ink = if tokens[placed.piece].probability.is_some() { theme.ink_on(ground) } else { theme.quiet };
                canvas.text(&placed.text, LABEL, ink, Align::Left, (placed.x.0, baseline));
            }
            y += all.last().map_or(0.0, |placed| (placed.line + 1) as f64 * pitch) + BETWEEN;
        }
        canvas.size = (width, y - BETWEEN - pitch + GROUND.1 + shade + FOOT);
        canvas.heading(TITLE, &self.subject(), width - MARGIN);
    }
}
