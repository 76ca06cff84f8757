//! Learning-rate schedules: pure functions of the step.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// The same rate throughout
    Constant,
    /// A tenth of the steps up to the rate, the rest down to nearly nothing along a cosine
    OneCycle,
}

impl Schedule {
    /// What the learning rate is multiplied with in `step` (from 0) of `steps`.
    pub fn factor(self, step: usize, steps: usize) -> f64 {
        const WARM_UP: f64 = 0.1;
        const START: f64 = 0.05;
        const END: f64 = 0.005;
        let progress = step as f64 / steps as f64;
        match self {
            Schedule::Constant => 1.0,
            Schedule::OneCycle if progress < WARM_UP => START + (1.0 - START) * progress / WARM_UP,
            Schedule::OneCycle => {
                let down = (progress - WARM_UP) / (1.0 - WARM_UP);
                END + (1.0 - END) * 0.5 * (1.0 + (std::f64::consts::PI * down).cos())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cycle_rises_to_the_rate_and_falls_to_nearly_nothing() {
        let factors: Vec<f64> = (0..1000).map(|step| Schedule::OneCycle.factor(step, 1000)).collect();
        assert_eq!(factors[0], 0.05);
        assert!((factors[100] - 1.0).abs() < 1e-12);
        assert!(factors[..=100].windows(2).all(|w| w[0] < w[1]));
        assert!(factors[100..].windows(2).all(|w| w[0] > w[1]));
        assert!(factors[999] < 0.0051);
    }
}
