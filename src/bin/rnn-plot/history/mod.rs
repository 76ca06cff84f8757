//! Plots the history of training runs: loss and perplexity, accuracy and learning rate by epoch, with the best epoch
//! of each run marked.

mod follow;
mod run;

use std::path::Path;

use rnn_tools::error::{Error, Result};
use rnn_tools::format::{self, count};
use rnn_tools::table::Table;

use crate::canvas::{Canvas, MARGIN, Marker, Picture, Point};
use crate::chart::{Entry, Legend, Panel, Plot, Scale, Series, Style, perplexities, title_width};
pub use follow::follow;
use run::{Best, Metric, Run};

const TITLE: &str = "Training history";
const WIDTH: f64 = 1600.0;

/// Space above and below the charts.
const HEAD: f64 = 98.0;
const FOOT: f64 = 18.0;
/// Default heights of the charts: loss and accuracy, and the learning rate.
const TALL: f64 = 524.0;
const LOW: f64 = 270.0;
/// Space between charts that are stacked.
const BETWEEN: f64 = 24.0;

/// The minimum height of charts, as a fraction of the default.
const MIN_HEIGHT_FRACTION: f64 = 0.47;
const MIN_HEIGHT_FRACTION_WITH_RATE: f64 = 0.72;

/// The minimum width for charts side by side; narrower pictures stack them.
const SIDE_BY_SIDE: f64 = 1000.0;

const MAX_RUNS: usize = 36;

/// The styles of the two lines of a single run.
const TRAINING: usize = 0;
const VALIDATION: usize = 1;

pub struct History {
    runs: Vec<Run>,
    smooth: Option<f64>,
}

impl History {
    /// Reads histories from CSV files, folders, or standard input (`-`).
    pub fn read(paths: &[std::path::PathBuf], smooth: Option<f64>) -> Result<Self> {
        if paths.len() > MAX_RUNS {
            return Err(Error::usage(format!("at most {MAX_RUNS} runs can be drawn, got {}", paths.len()))
                .hint(format!("draw at most {MAX_RUNS} at a time")));
        }
        if paths.iter().filter(|path| *path == Path::new("-")).count() > 1 {
            return Err(Error::usage("standard input can only be read once"));
        }
        Self::of(&paths.iter().map(|path| Table::read(path)).collect::<Result<Vec<_>>>()?, smooth)
    }

    fn of(tables: &[Table], smooth: Option<f64>) -> Result<Self> {
        Ok(Self { runs: tables.iter().map(Run::new).collect::<Result<_>>()?, smooth })
    }

    fn name(&self) -> String {
        match self.runs.as_slice() {
            [run] => run.name.clone(),
            runs => format::plural(runs.len(), "run", "runs"),
        }
    }

    /// The subject of the title: the run, its length, and the learning rate if it never changed.
    fn subject(&self) -> String {
        let mut subject = self.name();
        if let [run] = self.runs.as_slice() {
            subject += &format!(" · {}", run.length());
        }
        match self.constant_rate() {
            Some(rate) => format!("{subject} · learning rate {}", format::significant(rate)),
            None => subject,
        }
    }

    fn constant_rate(&self) -> Option<f64> {
        let mut rates = self.runs.iter().flat_map(|run| &run.learning_rate.0).copied().filter(|rate| rate.is_finite());
        let first = rates.next()?;
        rates.all(|rate| rate == first).then_some(first)
    }

    /// The styles of a run's training line and validation line.
    fn styles(&self, canvas: &Canvas, run: usize) -> [Style; 2] {
        if self.runs.len() == 1 {
            let training = Style { dashed: true, ..Style::nth(canvas.theme, TRAINING) };
            return [training, Style::nth(canvas.theme, VALIDATION)];
        }
        let style = Style::nth(canvas.theme, run);
        [Style { dashed: true, marker: None, ..style }, style]
    }

    fn entries(&self, canvas: &Canvas) -> Vec<Entry> {
        let entry = |style, name: &str, note: String| Entry { style, name: name.into(), note };
        if let [run] = self.runs.as_slice() {
            let lines = [("training", run.has_training()), ("validation", run.has_validation())];
            let both = lines.into_iter().zip(self.styles(canvas, 0)).filter(|((_, has), _)| *has);
            return both.map(|((name, _), style)| entry(style, name, String::new())).collect();
        }
        let mut entries: Vec<Entry> = (0..)
            .zip(&self.runs)
            .map(|(i, run)| {
                let note = run.best.as_ref().map_or(String::new(), |best| {
                    format!("{} at {}", format::loss(best.loss), count(best.epoch as usize))
                });
                entry(self.styles(canvas, i)[1], &run.name, note)
            })
            .collect();
        if self.runs.iter().any(Run::has_training) {
            let style = Style { color: canvas.theme.axis, marker: None, dashed: true };
            entries.push(entry(style, "training", String::new()));
        }
        entries
    }

    /// The lines of one metric of every run, smoothed if requested.
    fn lines(&self, canvas: &Canvas, of: impl Fn(&Run) -> [&Metric; 2]) -> Vec<Series> {
        Series::with_smoothed(self.raw_lines(canvas, of), self.smooth, canvas.theme)
    }

    fn raw_lines(&self, canvas: &Canvas, of: impl Fn(&Run) -> [&Metric; 2]) -> Vec<Series> {
        let mut raw = Vec::new();
        for (i, run) in self.runs.iter().enumerate() {
            // the dashed line is drawn over the solid one, so that both are visible where they coincide
            let [training, validation] = self.styles(canvas, i);
            let [first, second] = of(run);
            raw.push(Series { style: validation, points: run.points(second) });
            raw.push(Series { style: training, points: run.points(first) });
        }
        raw.retain(|series| series.points.iter().any(Option::is_some));
        raw
    }

    fn panel<'a>(&self, corners: (Point, Point), title: &'a str, unit: &'a str, lines: &[Series]) -> Panel<'a> {
        let epochs = self.runs.iter().flat_map(|run| &run.epochs).copied();
        let up = Scale::around(lines.iter().flat_map(Series::values), Panel::ticks(corners.1.1 - corners.0.1));
        let across = Scale::whole(epochs).expect("a history has epochs");
        let across_name = self.runs[0].across;
        Panel { corners, title, unit, across_name, across, up, right: None, has_note: self.runs.len() == 1 }
    }

    fn draw_loss(&self, canvas: &mut Canvas, corners: (Point, Point)) {
        let lines = self.lines(canvas, |run| [&run.loss, &run.val_loss]);
        let mut panel = self.panel(corners, "Loss", "nats per token", &lines);
        let height = Panel::chart_height(corners.1.1 - corners.0.1);
        panel.right = panel.up.as_ref().map(|up| ("perplexity", perplexities(up, height)));
        let Some(plot) = panel.draw(canvas) else { return };
        let words = |best: &Best| {
            let perplexity = format!("perplexity {}", format::perplexity(best.loss));
            vec![format!("loss {}", format::loss(best.loss)), perplexity]
        };
        self.note_best(canvas, &plot, words);
        plot.draw(canvas, &lines);
        self.mark_best(canvas, &plot, |run| &run.val_loss);
    }

    fn draw_accuracy(&self, canvas: &mut Canvas, corners: (Point, Point)) {
        let lines = self.lines(canvas, |run| [&run.accuracy, &run.val_accuracy]);
        let Some(plot) = self.panel(corners, "Accuracy", "% of tokens", &lines).draw(canvas) else { return };
        let words = |best: &Best| match best.accuracy {
            Some(accuracy) => vec![format!("accuracy {}", format::percent(accuracy))],
            None => vec!["no accuracy".into()],
        };
        self.note_best(canvas, &plot, words);
        plot.draw(canvas, &lines);
        self.mark_best(canvas, &plot, |run| &run.val_accuracy);
    }

    fn draw_rate(&self, canvas: &mut Canvas, corners: (Point, Point)) {
        let mut lines = self.raw_lines(canvas, |run| [Metric::NONE, &run.learning_rate]);
        if self.runs.len() == 1 {
            let quiet = Style { color: canvas.theme.quiet, marker: Some(Marker::Disc), dashed: false };
            lines.iter_mut().for_each(|series| series.style = quiet);
        }
        let panel = Panel { has_note: false, ..self.panel(corners, "Learning rate", "", &lines) };
        let Some(plot) = panel.draw(canvas) else { return };
        plot.draw(canvas, &lines);
    }

    /// Describes the best epoch of a single run.
    fn note_best(&self, canvas: &mut Canvas, plot: &Plot, words: impl Fn(&Best) -> Vec<String>) {
        if let [Run { best: Some(best), across, .. }] = self.runs.as_slice() {
            let mut phrases = words(best);
            phrases[0] = format!("best {across} {}: {}", count(best.epoch as usize), phrases[0]);
            plot.note(canvas, best.epoch, &phrases);
        }
    }

    /// Draws a ring around the best epoch of each run.
    fn mark_best(&self, canvas: &mut Canvas, plot: &Plot, of: impl Fn(&Run) -> &Metric) {
        for (i, run) in self.runs.iter().enumerate() {
            let Some(best) = &run.best else { continue };
            let Some(point) = run.points(of(run))[best.row] else { continue };
            let (color, page) = (self.styles(canvas, i)[1].color, canvas.theme.page);
            for (radius, color) in [(11.0, color), (8.0, page), (5.0, color)] {
                canvas.disc(plot.place(point), radius, color);
            }
        }
    }
}

impl Picture for History {
    fn title(&self) -> String {
        format!("{TITLE} of {}", self.name())
    }

    fn draw(&self, canvas: &mut Canvas) {
        let has_accuracy = self.runs.iter().any(Run::has_accuracy);
        let has_rate = self.constant_rate().is_none() && self.runs.iter().any(|run| run.learning_rate.has_any());
        canvas.resize(WIDTH, 0.0, 0.0);
        let legend = Legend::new(canvas, self.entries(canvas), title_width(canvas, TITLE, &self.subject()));
        let beside = canvas.size.0 >= SIDE_BY_SIDE;
        let tall = if has_accuracy && !beside { 2.0 } else { 1.0 };
        let (head, low) = (HEAD + legend.height(), if has_rate { LOW } else { 0.0 });
        let charts = tall * TALL + low;
        let min_height =
            head + FOOT + charts * if has_rate { MIN_HEIGHT_FRACTION_WITH_RATE } else { MIN_HEIGHT_FRACTION };
        let (width, height) = canvas.resize(WIDTH, head + charts + FOOT, min_height);

        canvas.heading(TITLE, &self.subject(), legend.heading_end(canvas));
        legend.draw(canvas);
        let (left, right) = (MARGIN, width - MARGIN);
        let room = height - head - FOOT;
        let low = if has_rate { room * LOW / (tall * TALL + LOW) } else { 0.0 };
        let bottom = head + room - low;
        let first_end = match (has_accuracy, beside) {
            (true, true) => (width / 2.0 - MARGIN / 2.0, bottom),
            (true, false) => (right, head + (bottom - head) / 2.0),
            _ => (right, bottom),
        };
        self.draw_loss(canvas, ((left, head), first_end));
        if has_accuracy {
            let start = if beside { (width / 2.0 + MARGIN / 2.0, head) } else { (left, first_end.1 + BETWEEN) };
            self.draw_accuracy(canvas, (start, (right, bottom)));
        }
        if has_rate {
            self.draw_rate(canvas, ((left, bottom + BETWEEN), (right, height - FOOT)));
        }
    }
}
