//! Word frequencies by rank, compared with Zipf's law, and the fraction of the text that the top words cover.

use std::path::Path;

use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result};
use rnn_tools::format::{self, count};

use crate::canvas::{Canvas, MARGIN, Picture, Point};
use crate::chart::{Entry, Legend, Panel, Plot, Scale, Series, Style, title_width};
use crate::wording;

const TITLE: &str = "Vocabulary";
const SIZE: (f64, f64) = (1600.0, 640.0);
const HEAD: f64 = 98.0;
const FOOT: f64 = 18.0;
const BETWEEN: f64 = 24.0;
/// The minimum height of charts, as a fraction of the default.
const MIN_HEIGHT_FRACTION: f64 = 0.55;
/// The minimum width for charts side by side; narrower pictures stack them.
const SIDE_BY_SIDE: f64 = 1000.0;

/// Fractions of the text whose vocabulary sizes are marked.
const COVERAGES: [f64; 3] = [0.5, 0.9, 0.99];

pub struct Vocabulary {
    name: String,
    level: String,
    /// Counts of the tokens that occur in the training part, in descending order, without the unknown token.
    counts: Vec<u64>,
    /// The number of tokens in the training part, including unknown ones.
    tokens: u64,
}

impl Vocabulary {
    pub fn read(path: &Path) -> Result<Self> {
        let file = TokenFile::read(path)?;
        let mut counts = vec![0; file.tokenizer.len()];
        file.train.iter().for_each(|&id| counts[id as usize] += 1);
        // document markers are not part of the text
        for mark in [file.tokenizer.bos(), file.tokenizer.eos()].into_iter().flatten() {
            counts[mark as usize] = 0;
        }
        let tokens = counts.iter().sum();
        let mut counts = counts.split_off(1);
        counts.retain(|&count| count > 0);
        counts.sort_unstable_by(|a, b| b.cmp(a));
        if counts.is_empty() {
            return Err(Error::file(path, "the training part has no known token"));
        }
        Ok(Self { name: wording::title(path), level: file.tokenizer.pre_tokenizer().name(), counts, tokens })
    }

    fn subject(&self) -> String {
        format!(
            "{} · {} · {} tokens, {} distinct",
            self.name,
            self.level,
            count(self.tokens as usize),
            count(self.counts.len())
        )
    }

    /// The count of each rank, from 1.
    fn frequencies(&self) -> Vec<Point> {
        (1..).zip(&self.counts).map(|(rank, &count)| (f64::from(rank), count as f64)).collect()
    }

    /// Zipf's law for the same numbers of tokens and ranks, down to the lowest count.
    fn zipf(&self) -> [Point; 2] {
        let total: u64 = self.counts.iter().sum();
        let ranks = self.counts.len() as f64;
        let harmonic: f64 = (1..=self.counts.len()).map(|rank| 1.0 / rank as f64).sum();
        let first = total as f64 / harmonic;
        let lowest = *self.counts.last().expect("there is a token") as f64;
        let end = ranks.min(first / lowest).max(1.0);
        [(1.0, first), (end, first / end)]
    }

    /// The percentage of the text that the `n` most frequent tokens cover, for each `n`.
    fn coverage(&self) -> Vec<Point> {
        let mut sum = 0;
        let covered = self.counts.iter().map(|count| {
            sum += count;
            100.0 * sum as f64 / self.tokens as f64
        });
        (1..).map(f64::from).zip(covered).collect()
    }

    fn draw_frequencies(&self, canvas: &mut Canvas, corners: (Point, Point), [found, law]: [Style; 2]) {
        let (points, zipf) = (self.frequencies(), self.zipf());
        let up = Scale::logarithmic(points.iter().chain(&zipf).map(|point| point.1));
        let across = Scale::logarithmic(points.iter().map(|point| point.0)).expect("ranks are positive");
        let panel = Panel {
            corners,
            title: "Frequency",
            unit: "occurrences",
            across_name: "rank",
            across,
            up,
            right: None,
            has_note: true,
        };
        let Some(plot) = panel.draw(canvas) else { return };
        let line = |style, points: &[Point]| Series { style, points: points.iter().copied().map(Some).collect() };
        plot.draw(canvas, &[line(law, &zipf), line(found, &points)]);
    }

    fn draw_coverage(&self, canvas: &mut Canvas, corners: (Point, Point), style: Style) {
        let points = self.coverage();
        let panel = Panel {
            corners,
            title: "Coverage",
            unit: "% of the text",
            across_name: "most frequent tokens",
            across: Scale::logarithmic(points.iter().map(|point| point.0)).expect("ranks are positive"),
            up: Scale::around(
                points.iter().map(|point| point.1).chain([100.0]),
                Panel::ticks(corners.1.1 - corners.0.1),
            ),
            right: None,
            has_note: true,
        };
        let Some(plot) = panel.draw(canvas) else { return };
        let marked: Vec<Point> = COVERAGES
            .iter()
            .filter_map(|fraction| points.iter().copied().find(|point| point.1 >= 100.0 * fraction))
            .collect();
        let line = Style { marker: None, ..style };
        plot.draw(canvas, &[Series { style: line, points: points.into_iter().map(Some).collect() }]);
        for &point in &marked {
            style.mark(canvas, plot.place(point));
        }
        self.annotate(canvas, &plot, &marked);
    }

    /// Writes as many of the marked coverages as fit.
    fn annotate(&self, canvas: &mut Canvas, plot: &Plot, marked: &[Point]) {
        let phrase = |(fraction, point): (&f64, &Point)| {
            format!("{} by {}", format::percent(*fraction).replace(".0", ""), count(point.0 as usize))
        };
        let phrases: Vec<String> = COVERAGES.iter().zip(marked).map(phrase).collect();
        plot.caption(canvas, &phrases);
    }
}

impl Picture for Vocabulary {
    fn title(&self) -> String {
        format!("Vocabulary of {}", self.name)
    }

    fn draw(&self, canvas: &mut Canvas) {
        canvas.resize(SIZE.0, 0.0, 0.0);
        let found = Style { marker: None, ..Style::nth(canvas.theme, 0) };
        let law = Style { marker: None, dashed: true, ..Style::nth(canvas.theme, 1) };
        let entry = |style, name: &str| Entry { style, name: name.into(), note: String::new() };
        let entries = vec![entry(found, "this text"), entry(law, "Zipf’s law, 1 / rank")];
        let legend = Legend::new(canvas, entries, title_width(canvas, TITLE, &self.subject()));
        let beside = canvas.size.0 >= SIDE_BY_SIDE;
        let rows = if beside { 1.0 } else { 2.0 };
        let head = HEAD + legend.height();
        let charts = rows * (SIZE.1 - HEAD - FOOT);
        let (width, height) = canvas.resize(SIZE.0, head + charts + FOOT, head + MIN_HEIGHT_FRACTION * charts + FOOT);
        canvas.heading(TITLE, &self.subject(), legend.heading_end(canvas));
        legend.draw(canvas);
        let (left, right, middle) = (MARGIN, width - MARGIN, width / 2.0);
        let (bottom, half) = (height - FOOT, (height - FOOT + head) / 2.0);
        let (first, second) = if beside {
            (((left, head), (middle - MARGIN / 2.0, bottom)), ((middle + MARGIN / 2.0, head), (right, bottom)))
        } else {
            (((left, head), (right, half)), ((left, half + BETWEEN), (right, bottom)))
        };
        self.draw_frequencies(canvas, first, [found, law]);
        self.draw_coverage(canvas, second, Style::nth(canvas.theme, 0));
    }
}
