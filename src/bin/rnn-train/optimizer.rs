//! The optimizer: Adam or SGD on the network's few flat tensors, with clipping, gradient accumulation and averaging of
//! the weights. Nothing here waits for the device.

use rnn_tools::settings::{self, Settings};
use tch::{Kind, Tensor, no_grad};

use crate::ops;

const EPSILON: f64 = 1e-8;

pub struct Optimizer {
    parameters: Vec<Tensor>,
    rule: Rule,
    /// Whether each parameter is currently trained.
    learned: Vec<bool>,
    /// Gradients accumulated since the last step, parallel to the parameters; empty without accumulation.
    pending: Vec<Tensor>,
    /// The number of windows so far.
    windows: usize,
    accumulate: usize,
    average: Option<Average>,
    weight_decay: f64,
    clip_norm: f64,
    clip_value: f64,
}

/// How gradients change the parameters.
enum Rule {
    Adam {
        /// First and second moments, parallel to the parameters.
        means: Vec<Tensor>,
        variances: Vec<Tensor>,
        /// The number of steps, a scalar for each parameter, as the kernel requires.
        steps: Vec<Tensor>,
        beta1: f64,
        beta2: f64,
        is_decoupled: bool,
    },
    Sgd {
        /// Parallel to the parameters; empty without momentum.
        momenta: Vec<Tensor>,
        momentum: f64,
    },
}

/// The average of the parameters over the steps.
struct Average {
    values: Vec<Tensor>,
    /// The decay of an exponential moving average; None weights all steps equally.
    decay: Option<f64>,
    steps: usize,
}

impl Optimizer {
    pub fn new(parameters: Vec<Tensor>, settings: &Settings) -> Self {
        let rule = match settings.optimizer {
            settings::Optimizer::Adamw | settings::Optimizer::Adam => Rule::Adam {
                means: zeros_like(&parameters),
                variances: zeros_like(&parameters),
                steps: parameters.iter().map(|p| Tensor::zeros([], (Kind::Float, p.device()))).collect(),
                beta1: settings.beta1,
                beta2: settings.beta2,
                is_decoupled: settings.optimizer == settings::Optimizer::Adamw,
            },
            settings::Optimizer::Sgd | settings::Optimizer::NtAsgd => Rule::Sgd {
                momenta: if settings.momentum > 0.0 { zeros_like(&parameters) } else { Vec::new() },
                momentum: settings.momentum,
            },
        };
        Self {
            rule,
            learned: vec![true; parameters.len()],
            pending: if settings.accumulate > 1 { zeros_like(&parameters) } else { Vec::new() },
            windows: 0,
            accumulate: settings.accumulate,
            average: (settings.average > 0.0).then(|| Average::new(&parameters, Some(settings.average))),
            weight_decay: settings.weight_decay,
            clip_norm: settings.clip_norm,
            clip_value: settings.clip_value,
            parameters,
        }
    }

    /// Freezes the parameters for which `learned` is false, from now on.
    pub fn learn_only(&mut self, learned: Vec<bool>) {
        self.learned = learned;
    }

    /// Adds a window's gradients, parallel to the parameters, and takes a step once enough are accumulated.
    pub fn step(&mut self, gradients: &[Tensor], learning_rate: f64) {
        self.windows += 1;
        if self.accumulate == 1 {
            return no_grad(|| self.apply(gradients, learning_rate));
        }
        no_grad(|| {
            for (sum, gradient) in self.pending.iter_mut().zip(gradients) {
                *sum += gradient / self.accumulate as f64;
            }
            if self.windows.is_multiple_of(self.accumulate) {
                let gradients: Vec<Tensor> = self.pending.iter().map(Tensor::shallow_clone).collect();
                self.apply(&gradients, learning_rate);
                self.pending.iter_mut().for_each(|sum| _ = sum.zero_());
            }
        });
    }

    fn apply(&mut self, gradients: &[Tensor], learning_rate: f64) {
        let learned = &self.learned;
        let pick = |all: &[Tensor]| -> Vec<Tensor> {
            all.iter().zip(learned).filter(|(_, learned)| **learned).map(|(tensor, _)| tensor.shallow_clone()).collect()
        };
        let (parameters, gradients) = (pick(&self.parameters), &pick(gradients));
        if parameters.is_empty() {
            return;
        }
        if self.clip_value > 0.0 {
            for gradient in gradients {
                let _ = gradient.shallow_clone().clamp_(-self.clip_value, self.clip_value);
            }
        }
        // Clipping divides by max(norm / limit, 1). The kernel does that, so the norm stays on the device.
        let scale = (self.clip_norm > 0.0).then(|| {
            let norms: Vec<Tensor> = gradients.iter().map(Tensor::norm).collect();
            (Tensor::stack(&norms, 0).norm() / self.clip_norm).clamp_min(1.0)
        });
        match &mut self.rule {
            Rule::Adam { means, variances, steps, beta1, beta2, is_decoupled } => {
                let (means, variances, mut steps) = (pick(means), pick(variances), pick(steps));
                for step in &mut steps {
                    let _ = step.g_add_scalar_(1.0);
                }
                let hyper = ops::Adam {
                    learning_rate,
                    beta1: *beta1,
                    beta2: *beta2,
                    weight_decay: self.weight_decay,
                    epsilon: EPSILON,
                    is_decoupled: *is_decoupled,
                };
                ops::fused_adam(&hyper, &parameters, gradients, &means, &variances, &steps, scale.as_ref());
            }
            Rule::Sgd { momenta, momentum } => ops::fused_sgd(
                learning_rate,
                *momentum,
                self.weight_decay,
                &parameters,
                gradients,
                &pick(momenta),
                scale.as_ref(),
            ),
        }
        if let Some(average) = &mut self.average {
            average.update(&self.parameters);
        }
    }

    /// Averages the weights from now on, weighting all steps equally (NT-ASGD).
    pub fn start_average(&mut self) {
        self.average = Some(no_grad(|| Average::new(&self.parameters, None)));
    }

    pub fn has_average(&self) -> bool {
        self.average.is_some()
    }

    /// Returns parameters, moments, pending gradients and average by name: with the counts of
    /// [`set_counts`](Self::set_counts), the complete state of the optimizer.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let (means, variances, steps, momenta) = match &self.rule {
            Rule::Adam { means, variances, steps, .. } => (&means[..], &variances[..], &steps[..], &[][..]),
            Rule::Sgd { momenta, .. } => (&[][..], &[][..], &[][..], &momenta[..]),
        };
        let average = self.average.as_ref().map_or(&[][..], |average| &average.values);
        [
            ("parameter", &self.parameters[..]),
            ("mean", means),
            ("variance", variances),
            ("step", steps),
            ("momentum", momenta),
            ("pending", &self.pending),
            ("average", average),
        ]
        .into_iter()
        .flat_map(|(kind, tensors)| {
            tensors.iter().enumerate().map(move |(i, tensor)| (format!("{kind}.{i}"), tensor.shallow_clone()))
        })
        .collect()
    }

    /// Returns the number of averaged steps; None without an average.
    pub fn averaged_steps(&self) -> Option<usize> {
        self.average.as_ref().map(|average| average.steps)
    }

    /// Restores the counts of a checkpoint: the number of windows, and the number of steps in the average. The caller
    /// must then restore the [tensors](Self::tensors).
    pub fn set_counts(&mut self, windows: usize, averaged: Option<usize>) {
        self.windows = windows;
        if averaged.is_some() && self.average.is_none() {
            self.start_average();
        }
        if let Some((average, steps)) = self.average.as_mut().zip(averaged) {
            average.steps = steps;
        }
    }

    /// Returns the averaged parameters, if there is an average.
    pub fn averaged(&self) -> Option<&[Tensor]> {
        self.average.as_ref().map(|average| average.values.as_slice())
    }
}

fn zeros_like(parameters: &[Tensor]) -> Vec<Tensor> {
    parameters.iter().map(|p| p.zeros_like().set_requires_grad(false)).collect()
}

impl Average {
    fn new(parameters: &[Tensor], decay: Option<f64>) -> Self {
        let values = no_grad(|| parameters.iter().map(|p| p.detach().copy()).collect());
        Self { values, decay, steps: 0 }
    }

    /// The decay of a moving average starts at 0.1 and grows, so that the random initial weights are soon forgotten.
    fn update(&mut self, parameters: &[Tensor]) {
        let steps = self.steps as f64;
        let new = match self.decay {
            Some(decay) => 1.0 - decay.min((1.0 + steps) / (10.0 + steps)),
            None => 1.0 / (1.0 + steps),
        };
        for (value, parameter) in self.values.iter_mut().zip(parameters) {
            let _ = value.lerp_(parameter, new);
        }
        self.steps += 1;
    }
}

#[cfg(test)]
mod tests {
    use rnn_tools::settings::{Optimizer as Method, Preset};

    use super::*;

    /// The update rules of the papers on plain numbers, for the loss (p - target)^2.
    fn reference(settings: &Settings, start: &[f64], target: &[f64], windows: i32, rate: f64) -> Vec<f64> {
        let Settings { beta1, beta2, weight_decay, clip_norm, clip_value, momentum, .. } = *settings;
        let mut p = start.to_vec();
        let (mut m, mut v) = (vec![0.0; p.len()], vec![0.0; p.len()]);
        for step in 1..=windows / settings.accumulate as i32 {
            // The accumulated windows are equal here, and so is their mean.
            let mut g: Vec<f64> = p.iter().zip(target).map(|(p, t)| 2.0 * (p - t)).collect();
            if clip_value > 0.0 {
                g.iter_mut().for_each(|g| *g = g.clamp(-clip_value, clip_value));
            }
            let norm = g.iter().map(|g| g * g).sum::<f64>().sqrt();
            let scale = if clip_norm > 0.0 { (norm / clip_norm).max(1.0) } else { 1.0 };
            for k in 0..p.len() {
                let mut g = g[k] / scale;
                if settings.optimizer == Method::Adamw {
                    p[k] -= rate * weight_decay * p[k];
                } else {
                    g += weight_decay * p[k];
                }
                if matches!(settings.optimizer, Method::Sgd | Method::NtAsgd) {
                    m[k] = momentum * m[k] + g;
                    p[k] -= rate * m[k];
                    continue;
                }
                m[k] = beta1 * m[k] + (1.0 - beta1) * g;
                v[k] = beta2 * v[k] + (1.0 - beta2) * g * g;
                let (mean, variance) = (m[k] / (1.0 - beta1.powi(step)), v[k] / (1.0 - beta2.powi(step)));
                p[k] -= rate * mean / (variance.sqrt() + EPSILON);
            }
        }
        p
    }

    fn gradients(loss: &Tensor, parameter: &Tensor) -> Vec<Tensor> {
        Tensor::run_backward(&[loss], &[parameter], false, false)
    }

    #[test]
    fn steps_follow_the_papers() {
        let (start, target) = ([1.0f64, -2.0, 0.5], [0.0f64, 1.0, 0.5]);
        let plain = Settings { average: 0.0, ..Settings::preset(Preset::Classic) };
        for settings in [
            plain.clone(),
            Settings { optimizer: Method::Adamw, ..plain.clone() },
            Settings { optimizer: Method::Adamw, weight_decay: 0.3, clip_norm: 0.25, beta2: 0.99, ..plain.clone() },
            Settings { optimizer: Method::Adam, weight_decay: 0.3, beta1: 0.8, ..plain.clone() },
            Settings { optimizer: Method::Sgd, ..plain.clone() },
            Settings { optimizer: Method::Sgd, momentum: 0.9, weight_decay: 0.1, clip_value: 0.5, ..plain.clone() },
            Settings { optimizer: Method::NtAsgd, weight_decay: 0.1, clip_norm: 0.5, ..plain.clone() },
            Settings { accumulate: 4, clip_norm: 0.5, ..plain.clone() },
        ] {
            let parameter = Tensor::from_slice(&start).to_kind(Kind::Float).set_requires_grad(true);
            let goal = Tensor::from_slice(&target).to_kind(Kind::Float);
            let mut optimizer = Optimizer::new(vec![parameter.shallow_clone()], &settings);
            for _ in 0..22 {
                optimizer.step(&gradients(&(&parameter - &goal).square().sum(Kind::Float), &parameter), 0.05);
            }
            let ours = Vec::<f32>::try_from(parameter.detach()).unwrap();
            for (a, b) in ours.iter().zip(reference(&settings, &start, &target, 22, 0.05)) {
                assert!((f64::from(*a) - b).abs() < 1e-5, "{settings:?}: {a} {b}");
            }
        }
    }

    #[test]
    fn an_average_started_late_weights_all_steps_equally() {
        let settings = Settings { optimizer: Method::NtAsgd, average: 0.0, ..Settings::preset(Preset::Classic) };
        let parameter = Tensor::from_slice(&[8f32]).set_requires_grad(true);
        let mut optimizer = Optimizer::new(vec![parameter.shallow_clone()], &settings);
        let mut values = Vec::new();
        for window in 0..10 {
            if window == 6 {
                optimizer.start_average();
            }
            optimizer.step(&gradients(&parameter.square().sum(Kind::Float), &parameter), 0.1);
            values.push(f64::try_from(&parameter).unwrap());
        }
        let average = f64::try_from(&optimizer.averaged().unwrap()[0]).unwrap();
        assert!((average - values[6..].iter().sum::<f64>() / 4.0).abs() < 1e-5);
    }

    #[test]
    fn the_average_lags_behind() {
        let settings = Settings { average: 0.9, ..Settings::preset(Preset::Small) };
        let parameter = Tensor::from_slice(&[1.0f32]).set_requires_grad(true);
        let mut optimizer = Optimizer::new(vec![parameter.shallow_clone()], &settings);
        for _ in 0..30 {
            optimizer.step(&gradients(&parameter.square().sum(Kind::Float), &parameter), 0.01);
        }
        let average = f64::try_from(&optimizer.averaged().unwrap()[0]).unwrap();
        let now = f64::try_from(&parameter).unwrap();
        assert!(now < average && average < 1.0, "{now} {average}");
    }
}
