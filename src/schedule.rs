//! Learning-rate schedules: pure functions of the step or the epoch.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same rate throughout
    Constant,
    /// Multiplied by a factor every few epochs
    Step,
    /// Linear warm-up to the rate, then cosine decay to zero
    Cosine,
    /// Linear warm-up from 1/20 of the rate, then cosine decay to 1/200
    OneCycle,
    /// Multiplied by a factor when the validation loss stops falling
    Plateau,
}

impl Schedule {
    /// Returns whether the rate at a step depends on the number of all steps, so that a longer run has other rates from
    /// its start.
    pub fn depends_on_length(self) -> bool {
        matches!(self, Self::Cosine | Self::OneCycle)
    }
}

/// Returns the multiplier of the learning rate in `epoch` (from 1): one more `factor` every `every` epochs, the first
/// after `after` epochs.
pub fn step(epoch: usize, after: usize, every: usize, factor: f64) -> f64 {
    let steps = (epoch - 1).checked_sub(after).map_or(0, |since| since / every + usize::from(after > 0));
    factor.powi(i32::try_from(steps).unwrap_or(i32::MAX))
}

/// Returns the multiplier of the learning rate in `step` (from 0) of `steps`: from `start` up to 1 in the fraction
/// `warmup` of the steps, then down to `end` along half a cosine (Smith 2018, without the momentum schedule).
pub fn cycle(step: usize, steps: usize, warmup: f64, start: f64, end: f64) -> f64 {
    let progress = step as f64 / steps as f64;
    if progress < warmup {
        return start + (1.0 - start) * progress / warmup;
    }
    let down = ((progress - warmup) / (1.0 - warmup)).min(1.0);
    end + (1.0 - end) * 0.5 * (1.0 + (std::f64::consts::PI * down).cos())
}

/// Returns the multiplier of the learning rate after evaluations with these losses: one more `factor` each time `every`
/// evaluations in a row were no better than the best one before.
pub fn plateau(losses: &[f64], every: usize, factor: f64) -> f64 {
    let (mut best, mut worse, mut result) = (f64::INFINITY, 0, 1.0);
    for &loss in losses {
        worse += 1;
        if loss < best {
            (best, worse) = (loss, 0);
        } else if worse == every {
            (worse, result) = (0, result * factor);
        }
    }
    result
}

/// Returns whether the last loss is above the best of the losses more than `patience` evaluations before it: the
/// trigger of NT-ASGD (Merity et al. 2017).
pub fn is_stalled(losses: &[f64], patience: usize) -> bool {
    let Some((last, before)) = losses.split_last() else { return false };
    before.len() > patience && before[..before.len() - patience].iter().any(|loss| last > loss)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cycle_rises_to_the_rate_and_falls_to_its_end() {
        let factors: Vec<f64> = (0..1000).map(|step| cycle(step, 1000, 0.1, 0.05, 0.005)).collect();
        assert_eq!(factors[0], 0.05);
        assert!((factors[100] - 1.0).abs() < 1e-12);
        assert!(factors[..=100].windows(2).all(|w| w[0] < w[1]));
        assert!(factors[100..].windows(2).all(|w| w[0] > w[1]));
        assert!(factors[999] < 0.0051);
        assert_eq!(cycle(0, 10, 0.0, 0.05, 0.0), 1.0, "without a warm-up it starts at the rate");
        assert_eq!(cycle(12, 10, 0.1, 0.0, 0.25), 0.25, "past the end it is constant");
    }

    #[test]
    fn the_rate_decays_every_few_epochs() {
        let factors = |after, every| (1..=6).map(|epoch| step(epoch, after, every, 0.5)).collect::<Vec<_>>();
        assert_eq!(factors(0, 1), [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125]);
        assert_eq!(factors(0, 2), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
        assert_eq!(factors(3, 2), [1.0, 1.0, 1.0, 0.5, 0.5, 0.25]);
    }

    #[test]
    fn each_plateau_lowers_the_rate() {
        let losses = [3.0, 2.0, 2.5, 2.1, 2.0, 1.9, 2.0];
        let factors: Vec<f64> = (0..=7).map(|n| plateau(&losses[..n], 2, 0.1)).collect();
        assert_eq!(factors, [1.0, 1.0, 1.0, 1.0, 0.1, 0.1, 0.1, 0.1]);
        assert_eq!(plateau(&[1.0; 5], 2, 0.5), 0.25);
    }

    #[test]
    fn losses_stall_when_they_exceed_earlier_ones() {
        let losses = [5.0, 4.0, 3.0, 3.1, 3.2];
        assert!(!is_stalled(&[], 0) && !is_stalled(&losses[..3], 0) && !is_stalled(&losses, 2));
        assert!(is_stalled(&losses, 1) && is_stalled(&losses[..4], 0));
    }
}
