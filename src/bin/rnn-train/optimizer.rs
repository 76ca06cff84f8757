//! AdamW on the network's few flat tensors, with gradient clipping and a moving average of the weights,
//! none of which waits for the device.

use rnn_tools::settings::Settings;
use tch::{Kind, Tensor, no_grad};

use crate::ops::{self, AdamW};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.99;
const EPSILON: f64 = 1e-8;

pub struct Optimizer {
    parameters: Vec<Tensor>,
    /// First and second moments, parallel to the parameters.
    means: Vec<Tensor>,
    variances: Vec<Tensor>,
    /// Steps taken, a number without dimensions for each parameter, as the kernel wants it.
    steps: Vec<Tensor>,
    average: Option<Average>,
    weight_decay: f64,
    clip_norm: f64,
}

/// An exponential moving average of the parameters.
struct Average {
    values: Vec<Tensor>,
    decay: f64,
    steps: f64,
}

impl Optimizer {
    pub fn new(parameters: Vec<Tensor>, settings: &Settings) -> Self {
        let zeros = || parameters.iter().map(|p| p.zeros_like().set_requires_grad(false)).collect();
        let copies = || no_grad(|| parameters.iter().map(Tensor::copy).collect());
        Self {
            means: zeros(),
            variances: zeros(),
            steps: parameters.iter().map(|p| Tensor::zeros([], (Kind::Float, p.device()))).collect(),
            average: (settings.average > 0.0).then(|| Average {
                values: copies(),
                decay: settings.average,
                steps: 0.0,
            }),
            weight_decay: settings.weight_decay,
            clip_norm: settings.clip_norm,
            parameters,
        }
    }

    /// Follows the gradients, parallel to the parameters, for one step.
    pub fn step(&mut self, gradients: &[Tensor], learning_rate: f64) {
        no_grad(|| {
            // Dividing by max(norm / limit, 1) is clipping; the kernel divides, so the norm never leaves the device.
            let scale = (self.clip_norm > 0.0).then(|| {
                let norms: Vec<Tensor> = gradients.iter().map(Tensor::norm).collect();
                (Tensor::stack(&norms, 0).norm() / self.clip_norm).clamp_min(1.0)
            });
            for step in &mut self.steps {
                let _ = step.g_add_scalar_(1.0);
            }
            let hyper =
                AdamW { learning_rate, beta1: BETA1, beta2: BETA2, weight_decay: self.weight_decay, epsilon: EPSILON };
            ops::fused_adamw(
                &hyper,
                &self.parameters,
                gradients,
                &self.means,
                &self.variances,
                &self.steps,
                scale.as_ref(),
            );
            if let Some(average) = &mut self.average {
                average.follow(&self.parameters);
            }
        });
    }

    /// Parameters, moments and average by name: with the number of steps, all that the optimizer is.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let average = self.average.as_ref().map_or(&[][..], |average| &average.values);
        [
            ("parameter", &self.parameters[..]),
            ("mean", &self.means),
            ("variance", &self.variances),
            ("average", average),
        ]
        .into_iter()
        .flat_map(|(kind, tensors)| {
            tensors.iter().enumerate().map(move |(i, tensor)| (format!("{kind}.{i}"), tensor.shallow_clone()))
        })
        .collect()
    }

    /// Goes on as after so many steps; the tensors are to be put back by their owner.
    pub fn set_steps(&mut self, steps: usize) {
        for step in &mut self.steps {
            let _ = step.fill_(steps as f64);
        }
        if let Some(average) = &mut self.average {
            average.steps = steps as f64;
        }
    }

    /// The averaged parameters, where an average is kept.
    pub fn averaged(&self) -> Option<&[Tensor]> {
        self.average.as_ref().map(|average| average.values.as_slice())
    }
}

impl Average {
    /// The decay grows from 0.1, so that the first steps do not remember the random start.
    fn follow(&mut self, parameters: &[Tensor]) {
        let decay = self.decay.min((1.0 + self.steps) / (10.0 + self.steps));
        for (value, parameter) in self.values.iter_mut().zip(parameters) {
            let _ = value.lerp_(parameter, 1.0 - decay);
        }
        self.steps += 1.0;
    }
}

#[cfg(test)]
mod tests {
    use rnn_tools::settings::Preset;

    use super::*;

    /// AdamW and clipping as the papers have them, on plain numbers.
    fn reference(start: &[f64], target: &[f64], steps: i32, rate: f64, decay: f64, clip: f64) -> Vec<f64> {
        let mut p = start.to_vec();
        let (mut m, mut v) = (vec![0.0; p.len()], vec![0.0; p.len()]);
        for step in 1..=steps {
            let g: Vec<f64> = p.iter().zip(target).map(|(p, t)| 2.0 * (p - t)).collect();
            let norm = g.iter().map(|g| g * g).sum::<f64>().sqrt();
            let scale = if clip > 0.0 { (norm / clip).max(1.0) } else { 1.0 };
            for k in 0..p.len() {
                let g = g[k] / scale;
                m[k] = BETA1 * m[k] + (1.0 - BETA1) * g;
                v[k] = BETA2 * v[k] + (1.0 - BETA2) * g * g;
                let (mean, variance) = (m[k] / (1.0 - BETA1.powi(step)), v[k] / (1.0 - BETA2.powi(step)));
                p[k] -= rate * decay * p[k];
                p[k] -= rate * mean / (variance.sqrt() + EPSILON);
            }
        }
        p
    }

    fn gradients(loss: &Tensor, parameter: &Tensor) -> Vec<Tensor> {
        Tensor::run_backward(&[loss], &[parameter], false, false)
    }

    #[test]
    fn steps_are_adamws() {
        let (start, target) = ([1.0f64, -2.0, 0.5], [0.0f64, 1.0, 0.5]);
        for (weight_decay, clip_norm) in [(0.0, 0.0), (0.3, 0.25)] {
            let settings = Settings { weight_decay, clip_norm, average: 0.0, ..Settings::preset(Preset::Small) };
            let parameter = Tensor::from_slice(&start).to_kind(Kind::Float).set_requires_grad(true);
            let goal = Tensor::from_slice(&target).to_kind(Kind::Float);
            let mut optimizer = Optimizer::new(vec![parameter.shallow_clone()], &settings);
            for _ in 0..20 {
                optimizer.step(&gradients(&(&parameter - &goal).square().sum(Kind::Float), &parameter), 0.05);
            }
            let ours = Vec::<f32>::try_from(parameter.detach()).unwrap();
            for (a, b) in ours.iter().zip(reference(&start, &target, 20, 0.05, weight_decay, clip_norm)) {
                assert!((f64::from(*a) - b).abs() < 1e-5, "{a} {b}");
            }
        }
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
