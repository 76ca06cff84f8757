//! One chart: axes with a grid, the training and the validation line, the best epoch.
//!
//! The words stand around the chart, never in it, so that no curve can run into them.

use plotters::chart::ChartBuilder;
use plotters::prelude::DrawingBackend;
use plotters::series::LineSeries;
use plotters::style::{Color, RGBColor};

use crate::canvas::{Align, Canvas, Drawn, LABEL, NAME, fine, units};
use crate::scale::Scale;
use crate::theme::Theme;

const TITLE_Y: f64 = 118.0;
const BEST_Y: f64 = 158.0;
const TOP: f64 = 172.0;
const BOTTOM: f64 = 554.0;
const NUMBERS_Y: f64 = BOTTOM + 30.0;
const AXIS_NAME_Y: f64 = BOTTOM + 60.0;

/// How far the last epoch's number may reach beyond the chart.
const SPILL: f64 = 24.0;

const WIDTH: f64 = 3.0;
const DASH: (f64, f64) = (11.0, 6.0);

/// Values by epoch; a gap where there is no number.
pub type Series = Vec<Option<(f64, f64)>>;

pub struct Panel {
    /// Left and right edge, the axis numbers included.
    pub sides: (f64, f64),
    pub title: &'static str,
    pub unit: &'static str,
    pub across: Scale,
    /// None when there is no value at all.
    pub up: Option<Scale>,
    pub training: Series,
    pub validation: Series,
}

/// The epoch to mark, its value on the validation line if it has one, and what to write.
pub struct Best {
    pub epoch: f64,
    pub value: Option<f64>,
    pub words: String,
}

/// The two lines, told apart by colour, by dashes and by the shape of their markers.
#[derive(Clone, Copy, PartialEq)]
pub enum Line {
    Training,
    Validation,
}

impl Line {
    fn name(self) -> &'static str {
        match self {
            Line::Training => "training",
            Line::Validation => "validation",
        }
    }

    fn color(self, theme: &Theme) -> RGBColor {
        match self {
            Line::Training => theme.training,
            Line::Validation => theme.validation,
        }
    }

    /// A hollow square, or a disc that fits into it.
    fn marker<B: DrawingBackend>(self, canvas: &Canvas<B>, theme: &Theme, (x, y): (f64, f64)) -> Drawn<B> {
        if self == Line::Validation {
            return canvas.disc((x, y), 5.0, self.color(theme));
        }
        for (half, color) in [(6.5, self.color(theme)), (4.5, theme.page)] {
            canvas.rect((x - half, y - half), (x + half, y + half), color)?;
        }
        Ok(())
    }
}

/// Draws what the lines mean, ending at the right at `end`; gives where it begins at the left.
pub fn key<B: DrawingBackend>(
    canvas: &Canvas<B>,
    theme: &Theme,
    lines: [Line; 2],
    markers: bool,
    end: (f64, f64),
) -> Result<f64, plotters::drawing::DrawingAreaErrorKind<B::ErrorType>> {
    const SAMPLE: f64 = 45.0; // three dashes
    let (mut x, y) = end;
    for line in lines.into_iter().rev() {
        canvas.text(line.name(), LABEL, theme.ink, Align::Right, (x, y))?;
        x -= LABEL.width(line.name()) + 12.0 + SAMPLE;
        let (from, to) = ((x, y - 7.0), (x + SAMPLE, y - 7.0));
        match line {
            Line::Training => canvas.dashes(&[from, to], DASH, WIDTH, line.color(theme))?,
            Line::Validation => canvas.line(&[from, to], WIDTH, line.color(theme))?,
        }
        if markers {
            line.marker(canvas, theme, (x + SAMPLE / 2.0, y - 7.0))?;
        }
        x -= 36.0;
    }
    Ok(x + 36.0)
}

impl Panel {
    /// As many ticks as have room for their numbers.
    fn epoch_labels(&self, width: f64) -> Vec<(f64, String)> {
        let labels = |ticks| {
            let scale = self.across.clone().with_ticks(ticks);
            scale.ticks().into_iter().map(|tick| (tick, scale.label(tick))).collect::<Vec<_>>()
        };
        let fit = |all: &Vec<(f64, String)>| {
            let widest = all.iter().map(|(_, label)| LABEL.width(label)).fold(0.0, f64::max);
            (widest + 16.0) * all.len() as f64 <= width
        };
        (2..=10).rev().map(labels).find(fit).unwrap_or_else(|| labels(1))
    }

    pub fn draw<B: DrawingBackend>(
        &self,
        canvas: &Canvas<B>,
        theme: &Theme,
        markers: bool,
        best: Option<Best>,
    ) -> Drawn<B> {
        let labels: Vec<(f64, String)> =
            self.up.iter().flat_map(|up| up.ticks().into_iter().map(|tick| (tick, up.label(tick)))).collect();
        let widest = labels.iter().map(|(_, label)| LABEL.width(label)).fold(0.0, f64::max);
        let (left, right) = ((self.sides.0 + widest + 14.0).round(), self.sides.1);

        canvas.text(self.title, NAME, theme.ink, Align::Left, (self.sides.0, TITLE_Y))?;
        let after = self.sides.0 + NAME.width(self.title) + 12.0;
        canvas.text(self.unit, LABEL, theme.quiet, Align::Left, (after, TITLE_Y))?;

        for (tick, label) in self.epoch_labels(right - left) {
            let x = (left + (right - left) * self.across.share(tick)).round();
            canvas.rect((x, BOTTOM), (x + 1.0, BOTTOM + 7.0), theme.axis)?;
            let middle = x.min(right + SPILL - LABEL.width(&label) / 2.0);
            canvas.text(&label, LABEL, theme.quiet, Align::Center, (middle, NUMBERS_Y))?;
        }
        canvas.text("epoch", LABEL, theme.quiet, Align::Center, ((left + right) / 2.0, AXIS_NAME_Y))?;

        let Some(up) = &self.up else {
            canvas.rect((left, BOTTOM), (right, BOTTOM + 1.0), theme.axis)?;
            let middle = ((left + right) / 2.0, (TOP + BOTTOM) / 2.0);
            return canvas.text("no finite value", LABEL, theme.quiet, Align::Center, middle);
        };
        for (tick, label) in &labels {
            let y = (BOTTOM - (BOTTOM - TOP) * up.share(*tick)).round();
            canvas.rect((left, y), (right, y + 1.0), theme.grid)?;
            canvas.text(label, LABEL, theme.quiet, Align::Right, (left - 14.0, y + 7.0))?;
        }
        canvas.rect((left, BOTTOM), (right, BOTTOM + 1.0), theme.axis)?;

        let place =
            |(x, y): (f64, f64)| (left + (right - left) * self.across.share(x), BOTTOM - (BOTTOM - TOP) * up.share(y));
        if let Some(best) = &best {
            let (x, _) = place((best.epoch, up.low));
            canvas.dashes(&[(x, TOP - 4.0), (x, BOTTOM)], (3.0, 5.0), 2.0, theme.axis)?;
            let half = NAME.width(&best.words) / 2.0;
            let middle = x.min(right - half).max(left + half);
            canvas.text(&best.words, NAME, theme.ink, Align::Center, (middle, BEST_Y))?;
        }

        let (from, to) = (fine((left, TOP)), fine((right, BOTTOM)));
        let plot = canvas.area.clone().shrink(from, ((to.0 - from.0) as u32, (to.1 - from.1) as u32));
        let mut chart =
            ChartBuilder::on(&plot).build_cartesian_2d(self.across.low..self.across.high, up.low..up.high)?;
        for run in runs(&self.validation) {
            chart.draw_series(LineSeries::new(run.iter().copied(), theme.validation.stroke_width(units(WIDTH))))?;
        }
        // dashes upon the whole line, discs upon squares: where the two are equal, both are seen
        for run in runs(&self.training) {
            let run: Vec<_> = run.iter().copied().map(place).collect();
            canvas.dashes(&run, DASH, WIDTH, theme.training)?;
        }
        for (line, series) in [(Line::Training, &self.training), (Line::Validation, &self.validation)] {
            for run in runs(series).filter(|run| markers || run.len() == 1) {
                for &point in &run {
                    line.marker(canvas, theme, place(point))?;
                }
            }
        }
        if let Some((epoch, value)) = best.and_then(|b| Some((b.epoch, b.value?))) {
            for (radius, color) in [(11.0, theme.validation), (8.0, theme.page), (5.0, theme.validation)] {
                canvas.disc(place((epoch, value)), radius, color)?;
            }
        }
        Ok(())
    }
}

/// The stretches without a gap.
fn runs(series: &Series) -> impl Iterator<Item = Vec<(f64, f64)>> {
    series.split(Option::is_none).filter(|run| !run.is_empty()).map(|run| run.iter().flatten().copied().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_part_a_line() {
        let series = vec![None, Some((1.0, 2.0)), Some((2.0, 3.0)), None, None, Some((5.0, 1.0))];
        let all: Vec<_> = runs(&series).collect();
        assert_eq!(all, [vec![(1.0, 2.0), (2.0, 3.0)], vec![(5.0, 1.0)]]);
    }
}
