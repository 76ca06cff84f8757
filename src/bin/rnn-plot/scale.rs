//! Axes: how far they reach and where their ticks stand.

use crate::wording;

/// A range of values with ticks at round numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    pub low: f64,
    pub high: f64,
    step: f64,
    /// 1 where only whole numbers mean something.
    least_step: f64,
}

impl Scale {
    /// Covers `values` with a little room, but no negative room where nothing is negative; a flat series
    /// lies in the middle. About `ticks` ticks. `None` without values.
    pub fn around(values: impl Iterator<Item = f64>, ticks: usize) -> Option<Self> {
        let (min, max) = span(values)?;
        let middle = (min + max) / 2.0;
        let flat = max - min < 1e-4 * middle.abs().max(1e-3);
        let room = match flat {
            true if middle == 0.0 => 0.5,
            true => 0.1 * middle.abs(),
            false => 0.06 * (max - min),
        };
        let low = if min >= 0.0 { (min - room).max(0.0) } else { min - room };
        Some(Self { low, high: max + room, step: 0.0, least_step: 0.0 }.with_ticks(ticks))
    }

    /// Covers whole numbers; ticks, about ten, stand at whole numbers only.
    pub fn whole(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (min, max) = span(values)?;
        let room = if min == max { 0.5 } else { 0.02 * (max - min) };
        Some(Self { low: min - room, high: max + room, step: 1.0, least_step: 1.0 }.with_ticks(10))
    }

    /// The same range with about so many ticks, a round number apart.
    pub fn with_ticks(mut self, ticks: usize) -> Self {
        let rough = (self.high - self.low) / ticks as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0].map(|m| m * power).into_iter().find(|&s| s >= rough).unwrap_or(10.0 * power);
        self.step = step.max(self.least_step);
        self
    }

    /// The ticks that lie on the axis.
    pub fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step).ceil();
        let count = ((self.high / self.step).floor() - first).clamp(0.0, 100.0) as usize;
        (0..=count).map(|i| (first + i as f64) * self.step).collect()
    }

    /// A tick as written, with the decimals that the step needs.
    pub fn label(&self, tick: f64) -> String {
        let decimals = (-(self.step * 1.000001).log10().floor()).clamp(0.0, 9.0) as usize;
        wording::decimal(tick, decimals)
    }

    /// Where a value lies: 0 at the low end, 1 at the high end.
    pub fn share(&self, value: f64) -> f64 {
        (value - self.low) / (self.high - self.low)
    }
}

fn span(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |span, v| Some(span.map_or((v, v), |(min, max): (f64, f64)| (min.min(v), max.max(v)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<String> {
        scale.ticks().iter().map(|&t| scale.label(t)).collect()
    }

    #[test]
    fn ticks_are_round_and_written_alike() {
        let scale = Scale::around([4.13, 6.87].into_iter(), 8).unwrap();
        assert_eq!(labels(&scale), ["4.0", "4.5", "5.0", "5.5", "6.0", "6.5", "7.0"]);
        assert_eq!(labels(&Scale::around([0.0, 1800.0].into_iter(), 4).unwrap()), ["0", "500", "1,000", "1,500"]);
    }

    #[test]
    fn epochs_are_whole() {
        let whole = |values: &[f64]| labels(&Scale::whole(values.iter().copied()).unwrap());
        assert_eq!(whole(&[1.0]), ["1"]);
        assert_eq!(whole(&[1.0, 2.0]), ["1", "2"]);
        assert_eq!(whole(&[1.0, 300.0]), ["0", "50", "100", "150", "200", "250", "300"]);
    }

    #[test]
    fn odd_values_have_an_axis_too() {
        for values in [[0.0, 0.0], [5.0, 5.0], [-3.0, -3.0], [1e9, 1e9], [1e-9, 2e-9], [-1e9, 1e9]] {
            let scale = Scale::around(values.into_iter(), 6).unwrap();
            assert!(scale.low < scale.high, "{scale:?}");
            assert!((1..=12).contains(&scale.ticks().len()), "{:?}", scale.ticks());
            assert!(values.iter().all(|&v| (0.0..=1.0).contains(&scale.share(v))));
        }
        assert_eq!(Scale::around(std::iter::empty(), 6), None);
    }
}
