//! A chart: axes with a grid, and the lines in it.
//!
//! Text is placed around the chart, never in it, so that no curve can overlap it.

use super::{Scale, Series};
use rnn_tools::format;

use crate::canvas::{Align, Canvas, LABEL, NAME, Point};

/// From the panel's upper edge to the baselines of its title and its note, and to the chart without and with a note.
const TITLE_Y: f64 = 20.0;
const NOTE_Y: f64 = 60.0;
const TOP: f64 = 40.0;
const TOP_BELOW_NOTE: f64 = 74.0;
/// From the chart's lower edge to the baselines of the tick labels and of the axis name.
const NUMBERS_Y: f64 = 30.0;
const AXIS_NAME_Y: f64 = 60.0;
/// From the axis name to the panel's lower edge.
const FOOT: f64 = 8.0;

/// Between the tick labels and the chart.
const GAP: f64 = 14.0;

/// How far the tick labels at the ends of the x axis may extend beyond the panel.
const SPILL: f64 = 24.0;

/// Lines with more points than this get markers at regular intervals only.
const MAX_MARKERS: usize = 40;
const SPARSE_MARKERS: f64 = 10.0;

/// Minimum distance between the ticks of the right-hand axis.
const TICK_ROOM: f64 = 44.0;

pub struct Panel<'a> {
    /// Upper left and lower right corner, including the text.
    pub corners: (Point, Point),
    pub title: &'a str,
    pub unit: &'a str,
    pub across_name: &'a str,
    pub across: Scale,
    /// `None` if there are no values.
    pub up: Option<Scale>,
    /// A second y axis on the right: its name, and its ticks with their values on the left axis.
    pub right: Option<(&'a str, Vec<(f64, f64)>)>,
    /// Whether to leave room above the chart for a [`note`](Plot::note).
    pub has_note: bool,
}

/// The area of a panel in which lines are drawn.
pub struct Plot {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
    note_y: f64,
    pub across: Scale,
    pub up: Scale,
}

impl Panel<'_> {
    /// The height of the chart in a panel of this height.
    pub fn chart_height(height: f64) -> f64 {
        height - TOP_BELOW_NOTE - AXIS_NAME_Y - FOOT
    }

    /// The number of y ticks in a panel of this height.
    pub fn ticks(height: f64) -> usize {
        (Self::chart_height(height) / 50.0).clamp(2.0, 12.0) as usize
    }

    /// The x ticks with their labels, as many as fit.
    fn across_labels(&self, canvas: &Canvas, width: f64) -> Vec<(f64, String)> {
        let labels = |ticks| {
            let scale = self.across.clone().with_ticks(ticks);
            scale.ticks().into_iter().map(|tick| (tick, scale.label(tick))).collect::<Vec<_>>()
        };
        let fit = |all: &Vec<(f64, String)>| {
            let widest = canvas.widest(LABEL, all.iter().map(|(_, label)| label.as_str()));
            let apart = all.windows(2).map(|pair| self.across.fraction(pair[1].0) - self.across.fraction(pair[0].0));
            all.len() < 2 || widest + 16.0 <= width * apart.fold(f64::MAX, f64::min)
        };
        (2..=10).rev().map(labels).find(fit).unwrap_or_else(|| labels(1).into_iter().take(1).collect())
    }

    /// Draws the axes; returns `None` if there are no values to plot.
    pub fn draw(self, canvas: &mut Canvas) -> Option<Plot> {
        let theme = canvas.theme;
        let ((x0, y0), (x1, y1)) = self.corners;
        let top = y0 + if self.has_note { TOP_BELOW_NOTE } else { TOP };
        let bottom = y1 - AXIS_NAME_Y - FOOT;
        let labels: Vec<(f64, String)> =
            self.up.iter().flat_map(|up| up.ticks().into_iter().map(|tick| (tick, up.label(tick)))).collect();
        let widest = canvas.widest(LABEL, labels.iter().map(|(_, label)| label.as_str()));
        let others = self.right.as_ref().map_or(&[][..], |(_, ticks)| ticks);
        let others: Vec<(String, f64)> = others.iter().map(|&(number, at)| (format::significant(number), at)).collect();
        let right_room = match canvas.widest(LABEL, others.iter().map(|(label, _)| label.as_str())) {
            0.0 => 0.0,
            width => width + GAP,
        };
        let (left, right) = ((x0 + widest + GAP).round(), (x1 - right_room).round());

        canvas.text(self.title, NAME, theme.ink, Align::Left, (x0, y0 + TITLE_Y));
        let after = x0 + canvas.width(NAME, self.title) + 12.0;
        canvas.text(self.unit, LABEL, theme.quiet, Align::Left, (after, y0 + TITLE_Y));
        let after = after + canvas.width(LABEL, self.unit) + 24.0;

        for (tick, label) in self.across_labels(canvas, right - left) {
            let x = (left + (right - left) * self.across.fraction(tick)).round();
            canvas.rect((x, bottom), (x + 1.0, bottom + 7.0), theme.axis);
            let half = canvas.width(LABEL, &label) / 2.0;
            let middle = x.min(x1 + SPILL - half).max(x0 - SPILL + half);
            canvas.text(&label, LABEL, theme.quiet, Align::Center, (middle, bottom + NUMBERS_Y));
        }
        let middle = (left + right) / 2.0;
        canvas.text(self.across_name, LABEL, theme.quiet, Align::Center, (middle, bottom + AXIS_NAME_Y));
        canvas.rect((left, bottom), (right, bottom + 1.0), theme.axis);

        let Some(up) = self.up else {
            canvas.text("no finite value", LABEL, theme.quiet, Align::Center, (middle, (top + bottom) / 2.0));
            return None;
        };
        let mut last = f64::MAX;
        for (tick, label) in &labels {
            let y = (bottom - (bottom - top) * up.fraction(*tick)).round();
            if last - y < 26.0 {
                continue; // labels between powers of ten can be too close
            }
            last = y;
            canvas.rect((left, y), (right, y + 1.0), theme.grid);
            canvas.text(label, LABEL, theme.quiet, Align::Right, (left - GAP, y + 7.0));
        }
        if let Some((name, _)) = self.right.filter(|(name, _)| after + canvas.width(LABEL, name) <= x1) {
            canvas.text(name, LABEL, theme.quiet, Align::Right, (x1, y0 + TITLE_Y));
            for (label, at) in &others {
                let y = (bottom - (bottom - top) * up.fraction(*at)).round();
                canvas.rect((right, y), (right + 7.0, y + 1.0), theme.axis);
                canvas.text(label, LABEL, theme.quiet, Align::Right, (x1, y + 7.0));
            }
        }
        canvas.rect((left, bottom), (right, bottom + 1.0), theme.axis);
        Some(Plot { left, right, top, bottom, note_y: y0 + NOTE_Y, across: self.across, up })
    }
}

impl Plot {
    pub fn place(&self, (x, y): Point) -> Point {
        let across = self.left + (self.right - self.left) * self.across.fraction(x);
        (across, self.bottom - (self.bottom - self.top) * self.up.fraction(y))
    }

    /// Draws the lines, then the markers of all of them, so that no marker is hidden: at every point, or at regular
    /// intervals if there are many points. An isolated point always has one.
    pub fn draw(&self, canvas: &mut Canvas, all: &[Series]) {
        let width = self.right - self.left;
        let runs: Vec<_> = all.iter().map(|series| (series, series.runs(width, |point| self.place(point)))).collect();
        for (series, runs) in &runs {
            runs.iter().filter(|run| run.len() > 1).for_each(|run| series.style.line(canvas, run));
        }
        let many = all.iter().any(|series| series.points.len() > MAX_MARKERS);
        let apart = if many { width / SPARSE_MARKERS } else { 0.0 };
        for (i, (series, runs)) in runs.iter().enumerate() {
            // offset from the markers of the other lines
            let mut next = self.left + apart * (i as f64 + 0.5) / all.len() as f64;
            for run in runs {
                for &point in run {
                    if run.len() == 1 || point.0 >= next {
                        series.style.mark(canvas, point);
                        next += apart * (((point.0 - next) / apart.max(1.0)).floor() + 1.0);
                    }
                }
            }
        }
    }

    /// Writes as many of the phrases above the chart as fit.
    pub fn caption(&self, canvas: &mut Canvas, phrases: &[String]) {
        let caption = self.fitting(canvas, phrases, " · ");
        canvas.text(&caption, NAME, canvas.theme.ink, Align::Left, (self.left, self.note_y));
    }

    /// Draws a dotted vertical line at `x`, and above it as many of the phrases as fit.
    pub fn note(&self, canvas: &mut Canvas, x: f64, phrases: &[String]) {
        let theme = canvas.theme;
        let x = self.left + (self.right - self.left) * self.across.fraction(x);
        canvas.dashes(&[(x, self.top - 4.0), (x, self.bottom)], (3.0, 5.0), 2.0, theme.axis);
        let words = self.fitting(canvas, phrases, ", ");
        let half = canvas.width(NAME, &words) / 2.0;
        let middle = x.min(self.right - half).max(self.left + half);
        canvas.text(&words, NAME, theme.ink, Align::Center, (middle, self.note_y));
    }

    fn fitting(&self, canvas: &Canvas, phrases: &[String], between: &str) -> String {
        let joined = (1..=phrases.len()).rev().map(|number| phrases[..number].join(between));
        let fits = |words: &String| canvas.width(NAME, words) <= self.right - self.left;
        joined.into_iter().find(fits).unwrap_or_default()
    }
}

/// Round perplexities for an axis of losses in nats that is `height` pixels high, each with its loss.
pub fn perplexities(up: &Scale, height: f64) -> Vec<(f64, f64)> {
    let (low, high) = (up.value(0.0).max(0.0), up.value(1.0).min(16.0));
    let powers = (low / std::f64::consts::LN_10).floor() as i32..=(high / std::f64::consts::LN_10).floor() as i32;
    let candidates = powers.flat_map(|power| [1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0].map(|m| m * 10f64.powi(power)));
    let mut kept: Vec<(f64, f64)> = Vec::new();
    for number in candidates.filter(|number| (low..=high).contains(&number.ln())) {
        let is_apart =
            kept.last().is_none_or(|&(_, last)| (up.fraction(number.ln()) - up.fraction(last)) * height >= TICK_ROOM);
        if is_apart {
            kept.push((number, number.ln()));
        }
    }
    kept
}
