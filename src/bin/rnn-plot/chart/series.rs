//! Lines of a chart: their styles, and their reduction to the visible points.

use plotters::style::RGBColor;

use crate::canvas::{Canvas, MARKERS, Marker, Point};
use crate::theme::{self, Theme};

const WIDTH: f64 = 3.0;
const DASH: (f64, f64) = (11.0, 6.0);

/// The strength of a line's colour when its smoothed line is drawn over it.
const PALE: f64 = 0.3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    pub color: RGBColor,
    pub marker: Option<Marker>,
    pub dashed: bool,
}

/// Points in order of x; `None` is a gap.
#[derive(Clone, Debug)]
pub struct Series {
    pub style: Style,
    pub points: Vec<Option<Point>>,
}

impl Style {
    /// The style of line number `index`.
    pub fn nth(theme: &Theme, index: usize) -> Self {
        let (colors, markers) = (theme.series.len(), MARKERS.len());
        let marker = MARKERS[(index + index / colors) % markers];
        Self { color: theme.series[index % colors], marker: Some(marker), dashed: false }
    }

    fn pale(self, theme: &Theme) -> Self {
        Self { color: theme::mix(theme.page, self.color, PALE), marker: None, ..self }
    }

    /// Draws a line in this style, without markers.
    pub fn line(self, canvas: &mut Canvas, points: &[Point]) {
        if self.dashed {
            canvas.dashes(points, DASH, WIDTH, self.color);
        } else {
            canvas.line(points, WIDTH, self.color);
        }
    }

    pub fn mark(self, canvas: &mut Canvas, at @ (x, y): Point) {
        let Some(marker) = self.marker else { return };
        if matches!(marker, Marker::Square | Marker::Ring) {
            let page = canvas.theme.page;
            canvas.rect((x - 4.0, y - 4.0), (x + 4.0, y + 4.0), page);
        }
        canvas.marker(marker, at, self.color);
    }
}

impl Series {
    pub fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.points.iter().flatten().map(|point| point.1)
    }

    /// Returns the lines; with smoothing, pale copies of them, followed by the smoothed lines.
    pub fn with_smoothed(raw: Vec<Self>, smoothing: Option<f64>, theme: &Theme) -> Vec<Self> {
        let Some(smoothing) = smoothing else { return raw };
        let smooth: Vec<Self> = raw.iter().map(|series| series.smoothed(smoothing)).collect();
        let pale = raw.into_iter().map(|series| Self { style: series.style.pale(theme), ..series });
        pale.chain(smooth).collect()
    }

    /// Returns the bias-corrected exponential moving average; `smoothing` is the weight of the past.
    fn smoothed(&self, smoothing: f64) -> Self {
        let (mut mean, mut weight) = (0.0, 0.0);
        let mut average = |(x, y): Point| {
            mean = smoothing * mean + (1.0 - smoothing) * y;
            weight = smoothing * weight + 1.0 - smoothing;
            (x, mean / weight)
        };
        Self { style: self.style, points: self.points.iter().map(|point| point.map(&mut average)).collect() }
    }

    /// Returns the runs of points between gaps. If there are more points than `columns` pixels can show, keeps only the
    /// first, lowest, highest and last of each column. `place` maps a point to the page.
    pub fn runs(&self, columns: f64, place: impl Fn(Point) -> Point) -> Vec<Vec<Point>> {
        let stretches = self.points.split(Option::is_none).filter(|run| !run.is_empty());
        let runs = stretches.map(|run| run.iter().flatten().map(|&point| place(point)));
        if self.points.len() as f64 <= 4.0 * columns {
            return runs.map(Iterator::collect).collect();
        }
        runs.map(|run| {
            let points: Vec<Point> = run.collect();
            let columns = points.chunk_by(|a, b| a.0.floor() == b.0.floor());
            columns.flat_map(outline).collect()
        })
        .collect()
    }
}

/// The first, lowest, highest and last of the points in one column of pixels.
fn outline(points: &[Point]) -> Vec<Point> {
    let extreme = |sign: f64| {
        let by_height = |&a: &usize, &b: &usize| (sign * points[a].1).total_cmp(&(sign * points[b].1));
        (0..points.len()).min_by(by_height).expect("a column has points")
    };
    let mut kept = [0, extreme(1.0), extreme(-1.0), points.len() - 1];
    kept.sort_unstable();
    let mut kept = kept.to_vec();
    kept.dedup();
    kept.into_iter().map(|at| points[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plotters::style::BLACK;

    fn series(points: Vec<Option<Point>>) -> Series {
        Series { style: Style { color: BLACK, marker: None, dashed: false }, points }
    }

    #[test]
    fn gaps_split_a_line() {
        let line = series(vec![None, Some((1.0, 2.0)), Some((2.0, 3.0)), None, None, Some((5.0, 1.0))]);
        assert_eq!(line.runs(100.0, |p| p), [vec![(1.0, 2.0), (2.0, 3.0)], vec![(5.0, 1.0)]]);
    }

    #[test]
    fn the_highest_and_lowest_of_many_points_are_kept() {
        let height = |i: usize| if i == 5_003 { 99.0 } else { (i % 7) as f64 };
        let line = series((0..10_000).map(|i| Some((i as f64 / 100.0, height(i)))).collect());
        let runs = line.runs(100.0, |p| p);
        assert!(runs[0].len() <= 400 && runs[0].len() >= 300, "{}", runs[0].len());
        assert!(runs[0].contains(&(50.03, 99.0)));
        assert_eq!((runs[0][0], *runs[0].last().unwrap()), ((0.0, 0.0), (99.99, (9_999 % 7) as f64)));
    }

    #[test]
    fn smoothing_starts_at_the_first_point_and_skips_gaps() {
        let line = series(vec![Some((1.0, 4.0)), None, Some((2.0, 4.0)), Some((3.0, 8.0))]).smoothed(0.5);
        assert_eq!(line.points[..3], [Some((1.0, 4.0)), None, Some((2.0, 4.0))]);
        // weights 1/8, 1/4, 1/2 of 7/8
        assert!((line.points[3].unwrap().1 - (4.0 * 3.0 + 8.0 * 4.0) / 7.0).abs() < 1e-12);
    }
}
