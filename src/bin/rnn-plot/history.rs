//! The history of a training run: loss on the left, accuracy on the right, the best epoch marked in both.

use std::path::Path;

use plotters::prelude::DrawingBackend;
use rnn_tools::error::{Error, Result};
use rnn_tools::history::{self, Epoch};
use rnn_tools::numerals::count;

use crate::canvas::{Align, Canvas, Drawn, LABEL, Picture, TITLE};
use crate::panel::{Best, Line, Panel, Series, key};
use crate::scale::Scale;
use crate::theme::Theme;
use crate::wording;

const SIZE: (u32, u32) = (1600, 640);
const MARGIN: f64 = 44.0;

/// More epochs than this are a line without markers.
const MOST_MARKERS: usize = 40;

/// Losses beyond this are as good as infinite, and would flatten everything else.
const LARGEST: f64 = 1e6;

/// Nobody trains for more epochs; beyond, neighbours would share a place.
const MOST_EPOCHS: usize = 1_000_000_000;

pub struct History {
    name: String,
    epochs: Vec<Epoch>,
    theme: &'static Theme,
}

impl History {
    /// Reads a history CSV, or the one in a folder.
    pub fn read(path: &Path, theme: &'static Theme) -> Result<Self> {
        let file = if path.is_dir() { path.join(history::FILE_NAME) } else { path.into() };
        let epochs = history::read(&file)?;
        if let Some(epoch) = epochs.iter().map(|e| e.epoch).find(|&epoch| epoch > MOST_EPOCHS) {
            return Err(Error::file(&file, format!("not a training history: there is no epoch {epoch}")));
        }
        Ok(Self { name: wording::title(path), epochs, theme })
    }

    /// The epoch to mark, among those whose loss can be drawn.
    fn best(&self) -> Option<Epoch> {
        let drawable: Vec<Epoch> = self.epochs.iter().filter(|e| drawable(e.val_loss)).cloned().collect();
        history::best(&drawable).cloned()
    }

    fn panel(&self, left: f64, title: &'static str, unit: &'static str, of: [fn(&Epoch) -> f64; 2]) -> Panel {
        let [training, validation] = of.map(|of| {
            let points = self.epochs.iter().map(|e| (e.epoch as f64, of(e)));
            points.map(|(x, y)| drawable(y).then_some((x, y))).collect::<Series>()
        });
        let values = training.iter().chain(&validation).flatten().map(|&(_, y)| y);
        Panel {
            sides: (left, left + (f64::from(SIZE.0) - 3.0 * MARGIN) / 2.0),
            title,
            unit,
            across: Scale::whole(self.epochs.iter().map(|e| e.epoch as f64)).expect("a history has epochs"),
            up: Scale::around(values, 8),
            training,
            validation,
        }
    }
}

fn drawable(value: f64) -> bool {
    value.is_finite() && value.abs() <= LARGEST
}

impl Picture for History {
    fn title(&self) -> String {
        format!("Training history of {}", self.name)
    }

    fn size(&self) -> (u32, u32) {
        SIZE
    }

    fn draw<B: DrawingBackend>(&self, canvas: &Canvas<B>) -> Drawn<B> {
        let (theme, right) = (self.theme, f64::from(SIZE.0) - MARGIN);
        canvas.rect((0.0, 0.0), (f64::from(SIZE.0), f64::from(SIZE.1)), theme.page)?;

        let markers = self.epochs.len() <= MOST_MARKERS;
        let key_left = key(canvas, theme, [Line::Training, Line::Validation], markers, (right, 62.0))?;
        let title = "Training history";
        canvas.text(title, TITLE, theme.ink, Align::Left, (MARGIN, 62.0))?;
        let after = MARGIN + TITLE.width(title) + 20.0;
        let length = format!(" · {}", wording::counted(self.epochs.len(), "epoch", "epochs"));
        let room = key_left - 40.0 - after - LABEL.width(&length);
        let name = wording::elided(&self.name, |name| LABEL.width(name) <= room);
        canvas.text(&(name + &length), LABEL, theme.quiet, Align::Left, (after, 62.0))?;

        let best = self.best();
        let mark = |value: fn(&Epoch) -> f64, words: String| {
            best.as_ref().map(|e| Best { epoch: e.epoch as f64, value: Some(value(e)).filter(|&v| drawable(v)), words })
        };
        let words = |figures: fn(&Epoch) -> String| {
            best.as_ref().map_or(String::new(), |e| format!("best epoch {}: {}", count(e.epoch), figures(e)))
        };

        let figures =
            words(|e| format!("loss {}, perplexity {}", wording::loss(e.val_loss), wording::perplexity(e.val_loss)));
        let loss = self.panel(MARGIN, "Loss", "nats a token", [|e| e.loss, |e| e.val_loss]);
        loss.draw(canvas, theme, markers, mark(|e| e.val_loss, figures))?;

        let figures = words(|e| format!("accuracy {}", wording::percent(e.val_accuracy)));
        let left = (f64::from(SIZE.0) + MARGIN) / 2.0;
        let percent = [|e: &Epoch| 100.0 * e.accuracy, |e: &Epoch| 100.0 * e.val_accuracy];
        let accuracy = self.panel(left, "Accuracy", "% of tokens", percent);
        accuracy.draw(canvas, theme, markers, mark(|e| 100.0 * e.val_accuracy, figures))
    }
}
