//! The legend: to the right of the title if there is room, or else in rows below it.

use super::Style;
use crate::canvas::{Align, Canvas, LABEL, MARGIN, NAME};
use crate::wording;

/// Length of a sample of a line: three dashes.
const SAMPLE: f64 = 45.0;
const GAP: f64 = 12.0;
const BETWEEN: f64 = 36.0;
const ROW: f64 = 36.0;
const TITLE_ROW: f64 = 62.0;

pub struct Entry {
    pub style: Style,
    pub name: String,
    /// Additional information, shown after the name.
    pub note: String,
}

pub struct Legend {
    rows: Vec<Vec<(f64, Entry)>>,
    /// The left edge if the legend is beside the title; `None` if it is below.
    beside: Option<f64>,
}

impl Legend {
    /// Lays out the entries beside a title that needs `title_width` pixels, or below it.
    pub fn new(canvas: &Canvas, entries: Vec<Entry>, title_width: f64) -> Self {
        let max_width = canvas.size.0 - 2.0 * MARGIN;
        let fit = |mut entry: Entry| {
            let rest = SAMPLE + GAP + note_width(canvas, &entry);
            entry.name = wording::elided(&entry.name, |name| canvas.width(LABEL, name) <= max_width - rest);
            (SAMPLE + GAP + canvas.width(LABEL, &entry.name) + note_width(canvas, &entry), entry)
        };
        let entries: Vec<(f64, Entry)> = entries.into_iter().map(fit).collect();
        let total = entries.iter().map(|(width, _)| width + BETWEEN).sum::<f64>() - BETWEEN;
        if entries.is_empty() || title_width + total <= max_width {
            return Self { beside: Some(canvas.size.0 - MARGIN - total.max(0.0)), rows: vec![entries] };
        }
        let mut rows: Vec<Vec<(f64, Entry)>> = Vec::new();
        let mut left = 0.0;
        for (width, entry) in entries {
            if rows.is_empty() || width > left {
                rows.push(Vec::new());
                left = max_width;
            }
            left -= width + BETWEEN;
            rows.last_mut().expect("there is a row").push((width, entry));
        }
        Self { rows, beside: None }
    }

    /// The right edge of the space for the heading.
    pub fn heading_end(&self, canvas: &Canvas) -> f64 {
        self.beside.map_or(canvas.size.0 - MARGIN, |left| left - 40.0)
    }

    /// Height of the rows below the title.
    pub fn height(&self) -> f64 {
        if self.beside.is_some() { 0.0 } else { self.rows.len() as f64 * ROW }
    }

    pub fn draw(&self, canvas: &mut Canvas) {
        let theme = canvas.theme;
        for (row, entries) in self.rows.iter().enumerate() {
            let y = if self.beside.is_some() { TITLE_ROW } else { TITLE_ROW + ROW * (row + 1) as f64 };
            let mut x = self.beside.unwrap_or(MARGIN);
            for (width, entry) in entries {
                entry.style.line(canvas, &[(x, y - 7.0), (x + SAMPLE, y - 7.0)]);
                entry.style.mark(canvas, (x + SAMPLE / 2.0, y - 7.0));
                let after = x + SAMPLE + GAP;
                canvas.text(&entry.name, LABEL, theme.ink, Align::Left, (after, y));
                let after = after + canvas.width(LABEL, &entry.name) + GAP;
                canvas.text(&entry.note, LABEL, theme.quiet, Align::Left, (after, y));
                x += width + BETWEEN;
            }
        }
    }
}

fn note_width(canvas: &Canvas, entry: &Entry) -> f64 {
    if entry.note.is_empty() { 0.0 } else { GAP + canvas.width(LABEL, &entry.note) }
}

/// The width that a title and its subject need beside the legend.
pub fn title_width(canvas: &Canvas, title: &str, subject: &str) -> f64 {
    canvas.width(crate::canvas::TITLE, title) + 20.0 + canvas.width(NAME, subject).min(0.3 * canvas.size.0) + 40.0
}
