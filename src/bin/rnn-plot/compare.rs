//! Plots columns of CSV files against each other.

use rnn_tools::cli::plot::{Axes, Compare as Arguments};
use rnn_tools::error::{Error, Result};
use rnn_tools::table::Table;

use crate::canvas::{Canvas, MARGIN, Picture, Point};
use crate::chart::{Entry, Legend, Panel, Scale, Series, Style, title_width};
use crate::wording;

const SIZE: (f64, f64) = (1200.0, 700.0);
const HEAD: f64 = 98.0;
const FOOT: f64 = 18.0;
/// Minimum height of the chart.
const MIN_HEIGHT: f64 = 250.0;
const MAX_LINES: usize = 36;

/// The x axis if no column is named: the row number.
const ROW: &str = "row";

pub struct Compare {
    title: String,
    across: String,
    log: Option<Axes>,
    lines: Vec<Line>,
    smooth: Option<f64>,
}

struct Line {
    name: String,
    points: Vec<Option<Point>>,
}

impl Compare {
    pub fn read(arguments: &Arguments) -> Result<Self> {
        let tables = arguments.files.iter().map(|path| Table::read(path)).collect::<Result<Vec<_>>>()?;
        if tables.len() * arguments.up.len() > MAX_LINES {
            return Err(Error::usage(format!("at most {MAX_LINES} lines can be drawn")));
        }
        let mut lines = Vec::new();
        for table in &tables {
            for up in &arguments.up {
                let file = wording::run(&table.path);
                let name = match (tables.len(), arguments.up.len()) {
                    (1, _) => wording::printable(up),
                    (_, 1) => file,
                    _ => format!("{file}: {}", wording::printable(up)),
                };
                lines.push(Line { name, points: points(table, arguments.across.as_deref(), up, arguments.log)? });
            }
        }
        let across = wording::printable(arguments.across.as_deref().unwrap_or(ROW));
        let title = wording::printable(&arguments.up.join(", "));
        Ok(Self { title, across, log: arguments.log, lines, smooth: arguments.smooth })
    }
}

/// Returns the points of two columns, sorted by x, with a gap where y is missing.
fn points(table: &Table, across: Option<&str>, up: &str, log: Option<Axes>) -> Result<Vec<Option<Point>>> {
    let column = |name: &str| table.column(name)?.ok_or_else(|| table.missing_column(&format!("`{name}`")));
    let ordinates = column(up)?;
    let abscissas = match across {
        Some(name) => column(name)?.to_vec(),
        None => (1..=ordinates.len()).map(|row| row as f64).collect(),
    };
    let fits = |value: f64, axis: Axes| {
        let is_log = log.is_some_and(|log| log == axis || log == Axes::Both);
        value.is_finite() && (!is_log || value > 0.0)
    };
    let mut pairs: Vec<Point> =
        abscissas.into_iter().zip(ordinates.iter().copied()).filter(|pair| fits(pair.0, Axes::X)).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    Ok(pairs.into_iter().map(|pair| fits(pair.1, Axes::Y).then_some(pair)).collect())
}

impl Picture for Compare {
    fn title(&self) -> String {
        format!("{} by {}", self.title, self.across)
    }

    fn draw(&self, canvas: &mut Canvas) {
        canvas.resize(SIZE.0, 0.0, 0.0);
        let subject = format!("by {}", self.across);
        let entry = |(i, line): (usize, &Line)| Entry {
            style: Style::nth(canvas.theme, i),
            name: line.name.clone(),
            note: String::new(),
        };
        let entries =
            if self.lines.len() > 1 { self.lines.iter().enumerate().map(entry).collect() } else { Vec::new() };
        let legend = Legend::new(canvas, entries, title_width(canvas, &self.title, &subject));
        let head = HEAD + legend.height();
        let (width, height) = canvas.resize(SIZE.0, head + SIZE.1 - HEAD, head + MIN_HEIGHT);
        canvas.heading(&self.title, &subject, legend.heading_end(canvas));
        legend.draw(canvas);

        let raw = self
            .lines
            .iter()
            .enumerate()
            .map(|(i, line)| Series { style: Style::nth(canvas.theme, i), points: line.points.clone() });
        let lines = Series::with_smoothed(raw.collect(), self.smooth, canvas.theme);
        let corners = ((MARGIN, head - 30.0), (width - MARGIN, height - FOOT));
        let is_log = |axis| self.log.is_some_and(|log| log == axis || log == Axes::Both);
        let values = || lines.iter().flat_map(Series::values);
        let abscissas = || lines.iter().flat_map(|line| line.points.iter().flatten().map(|point| point.0));
        let across = match is_log(Axes::X) {
            true => Scale::logarithmic(abscissas()),
            false if abscissas().all(|x| x.fract() == 0.0) => Scale::whole(abscissas()),
            false => Scale::around(abscissas(), 10),
        };
        let up = if is_log(Axes::Y) {
            Scale::logarithmic(values())
        } else {
            Scale::around(values(), Panel::ticks(height - head))
        };
        let across = across.unwrap_or_else(|| Scale::whole([0.0, 1.0].into_iter()).expect("there are values"));
        let panel =
            Panel { corners, title: "", unit: "", across_name: &self.across, across, up, right: None, has_note: false };
        if let Some(plot) = panel.draw(canvas) {
            plot.draw(canvas, &lines);
        }
    }
}
