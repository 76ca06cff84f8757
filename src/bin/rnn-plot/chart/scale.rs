//! Scales of axes: their range and their ticks.

use rnn_tools::format;

/// A range of values with ticks at round numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Scale {
    /// Ends of the range; their base-10 logarithms if the scale is logarithmic.
    low: f64,
    high: f64,
    step: f64,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Linear,
    /// Only whole numbers are meaningful.
    Whole,
    Logarithmic,
}

impl Scale {
    /// A linear scale that covers `values` with some room around them, but stays positive if they do; a constant series
    /// is in the middle. Has about `ticks` ticks. Returns `None` if there are no values.
    pub fn around(values: impl Iterator<Item = f64>, ticks: usize) -> Option<Self> {
        let (min, max) = span(values)?;
        let middle = (min + max) / 2.0;
        let flat = max - min < 1e-4 * middle.abs().max(1e-300);
        let room = match flat {
            true if middle == 0.0 => 0.5,
            true => 0.1 * middle.abs(),
            false => 0.06 * (max - min),
        };
        let low = if min >= 0.0 { (min - room).max(0.0) } else { min - room };
        Some(Self { low, high: max + room, step: 0.0, kind: Kind::Linear }.with_ticks(ticks))
    }

    /// A scale of whole numbers, with about ten ticks at whole numbers only.
    pub fn whole(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (min, max) = span(values)?;
        let room = if min == max { 0.5 } else { 0.02 * (max - min) };
        Some(Self { low: min - room, high: max + room, step: 1.0, kind: Kind::Whole }.with_ticks(10))
    }

    /// A logarithmic scale that covers the positive values; `None` if there are none.
    pub fn logarithmic(values: impl Iterator<Item = f64>) -> Option<Self> {
        let (min, max) = span(values.filter(|&value| value > 0.0).map(f64::log10))?;
        let room = if max - min < 0.01 { 0.3 } else { 0.03 * (max - min) };
        Some(Self { low: min - room, high: max + room, step: 1.0, kind: Kind::Logarithmic })
    }

    /// The same range with about `ticks` ticks at round intervals.
    pub fn with_ticks(mut self, ticks: usize) -> Self {
        if self.kind == Kind::Logarithmic {
            self.step = ((self.high - self.low) / ticks as f64).ceil().max(1.0);
            return self;
        }
        let rough = (self.high - self.low) / ticks as f64;
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0].map(|m| m * power).into_iter().find(|&s| s >= rough).unwrap_or(10.0 * power);
        self.step = if self.kind == Kind::Whole { step.max(1.0) } else { step };
        self
    }

    /// The ticks within the range.
    pub fn ticks(&self) -> Vec<f64> {
        let first = (self.low / self.step).ceil();
        let count = ((self.high / self.step).floor() - first).clamp(-1.0, 100.0);
        let ticks = (0..=count as i64).take((count + 1.0) as usize).map(|i| (first + i as f64) * self.step);
        if self.kind != Kind::Logarithmic {
            return ticks.collect();
        }
        let powers: Vec<f64> = ticks.map(|power| 10f64.powf(power)).collect();
        if powers.len() > 2 {
            return powers;
        }
        // too few powers of ten in the range: use round numbers between them too
        let power = self.low.floor() as i32..=self.high.floor() as i32;
        let fine = power.flat_map(|power| [1.0, 1.5, 2.0, 3.0, 5.0, 7.0].map(|m| m * 10f64.powi(power)));
        fine.filter(|tick| (self.low..=self.high).contains(&tick.log10())).collect()
    }

    /// The label of a tick, with as many decimals as the step needs.
    pub fn label(&self, tick: f64) -> String {
        let step = if self.kind == Kind::Logarithmic { tick } else { self.step };
        if step < 1e-5 || tick.abs() >= 1e9 {
            return if tick == 0.0 { "0".into() } else { format::scientific(tick) };
        }
        let mut decimals = (-(step * 1.000001).log10().floor()).clamp(0.0, 9.0) as usize;
        if self.kind == Kind::Logarithmic && (tick * 10f64.powi(decimals as i32)).fract() > 1e-6 {
            decimals += 1; // 1.5
        }
        format::decimal(tick, decimals)
    }

    /// The position of a value: 0 at the low end, 1 at the high end.
    pub fn fraction(&self, value: f64) -> f64 {
        let value = if self.kind == Kind::Logarithmic { value.log10() } else { value };
        (value - self.low) / (self.high - self.low)
    }

    /// The value at a position; the inverse of [`fraction`](Self::fraction).
    pub fn value(&self, fraction: f64) -> f64 {
        let value = self.low + fraction * (self.high - self.low);
        if self.kind == Kind::Logarithmic { 10f64.powf(value) } else { value }
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
    fn ticks_are_round_and_have_equal_decimals() {
        let scale = Scale::around([4.13, 6.87].into_iter(), 8).unwrap();
        assert_eq!(labels(&scale), ["4.0", "4.5", "5.0", "5.5", "6.0", "6.5", "7.0"]);
        assert_eq!(labels(&Scale::around([0.0, 1800.0].into_iter(), 4).unwrap()), ["0", "500", "1,000", "1,500"]);
        assert_eq!(labels(&Scale::around([0.0, 1e-6].into_iter(), 2).unwrap()), ["0", "1 × 10⁻⁶"]);
    }

    #[test]
    fn ticks_of_epochs_are_whole_numbers() {
        let whole = |values: &[f64]| labels(&Scale::whole(values.iter().copied()).unwrap());
        assert_eq!(whole(&[1.0]), ["1"]);
        assert_eq!(whole(&[1.0, 2.0]), ["1", "2"]);
        assert_eq!(whole(&[1.0, 300.0]), ["0", "50", "100", "150", "200", "250", "300"]);
    }

    #[test]
    fn logarithmic_scales_have_ticks_at_powers_of_ten() {
        let logarithmic = |values: &[f64]| Scale::logarithmic(values.iter().copied()).unwrap();
        assert_eq!(labels(&logarithmic(&[0.02, 5000.0])), ["0.1", "1", "10", "100", "1,000"]);
        assert_eq!(labels(&logarithmic(&[12.0, 60.0])), ["15", "20", "30", "50"]);
        assert_eq!(labels(&logarithmic(&[1.2, 1.7])), ["1.5"]);
        let scale = logarithmic(&[1.0, 100.0]);
        assert!((scale.fraction(10.0) - 0.5).abs() < 1e-12 && (scale.value(0.5) - 10.0).abs() < 1e-12);
        assert_eq!(Scale::logarithmic([0.0, -1.0].into_iter()), None);
    }

    #[test]
    fn extreme_values_have_an_axis_too() {
        for values in [[0.0, 0.0], [5.0, 5.0], [-3.0, -3.0], [1e9, 1e9], [1e-9, 2e-9], [-1e9, 1e9], [1e-300, 1e300]] {
            let scale = Scale::around(values.into_iter(), 6).unwrap();
            assert!(scale.low < scale.high, "{scale:?}");
            assert!((1..=12).contains(&scale.ticks().len()), "{:?}", scale.ticks());
            assert!(values.iter().all(|&v| (0.0..=1.0).contains(&scale.fraction(v))));
        }
        assert_eq!(Scale::around(std::iter::empty(), 6), None);
    }
}
