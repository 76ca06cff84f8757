//! Attention over the features of the last time steps.

use rnn_tools::model::blocks;
use rnn_tools::settings::Settings;
use tch::{Device, Kind, Tensor};

use super::{Block, Layer, Parameter};

pub struct Attention {
    /// (size, size)
    weight: Parameter,
    /// The number of positions attended to, including the current one.
    window: i64,
}

impl Attention {
    /// Draws the weight uniformly from +-1/sqrt(size).
    pub fn new(block: &blocks::Attention, device: Device) -> Self {
        let size = block.size as i64;
        let weight = Parameter::uniform("attention", &[size, size], 1.0 / (size as f64).sqrt(), device);
        Self { weight, window: block.window as i64 }
    }
}

impl Block for Attention {
    fn parameters(&self) -> Vec<&Parameter> {
        vec![&self.weight]
    }
}

impl Layer for Attention {
    /// Returns the features of the previous positions, of which there are none yet. (0, batch, size)
    fn zero_state(&self, batch: i64, device: Device) -> Vec<Tensor> {
        vec![Tensor::zeros([0, batch, self.weight.tensor.size()[0]], (Kind::Float, device))]
    }

    fn forward(&self, x: &Tensor, state: &[Tensor], _: Option<&Settings>) -> (Tensor, Vec<Tensor>) {
        let (y, memory) = attend(x, &state[0], &self.weight.tensor, self.window);
        (y, vec![memory])
    }
}

/// Attends from each position to itself and the positions before it, `length` in all. The mean of their features,
/// weighted by the softmax of their products with the query `weight` f (Luong et al. 2015, "general", scaled as in
/// Vaswani et al. 2017), is added to the position's own features f. `features`: (time, batch, size), `memory`: the
/// features before them, up to `length` - 1. Returns the sums and the new memory.
fn attend(features: &Tensor, memory: &Tensor, weight: &Tensor, length: i64) -> (Tensor, Tensor) {
    let (time, size) = (features.size()[0], features.size()[2]);
    let keys = Tensor::cat(&[memory, features], 0);
    let before = memory.size()[0];
    let positions = |start: i64, end: i64| Tensor::arange_start(start, end, (Kind::Int64, features.device()));
    // The distance of each key behind each position: (time, keys)
    let distance = positions(before, before + time).unsqueeze(1) - positions(0, before + time).unsqueeze(0);
    let hidden = distance.lt(0).logical_or(&distance.ge(length));
    let query = features.linear(weight, None::<&Tensor>).transpose(0, 1) / (size as f64).sqrt();
    let by_batch = keys.transpose(0, 1);
    let scores = query.bmm(&by_batch.transpose(1, 2)).masked_fill(&hidden, f64::NEG_INFINITY);
    let context = scores.softmax(-1, Kind::Float).bmm(&by_batch).transpose(0, 1);
    let all = before + time;
    let kept = all.min(length - 1);
    (features + context, keys.narrow(0, all - kept, kept).detach())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attention_agrees_with_a_plain_loop() {
        let _generator = crate::seeded(2);
        let random = |shape: &[i64]| Tensor::randn(shape, (Kind::Double, Device::Cpu));
        let (features, memory, weight) = (random(&[5, 1, 3]), random(&[2, 1, 3]), random(&[3, 3]));
        let rows = |t: &Tensor| Vec::<Vec<f64>>::try_from(t.reshape([-1, 3])).unwrap();
        let (f, w) = (rows(&features), rows(&weight));
        let all = [rows(&memory), f.clone()].concat();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x * y).sum::<f64>();
        let (found, after) =
            attend(&features.to_kind(Kind::Float), &memory.to_kind(Kind::Float), &weight.to_kind(Kind::Float), 3);
        for (t, found) in rows(&found.to_kind(Kind::Double)).iter().enumerate() {
            let query: Vec<f64> = w.iter().map(|row| dot(row, &f[t])).collect();
            let seen = &all[t..t + 3];
            let weights: Vec<f64> = seen.iter().map(|key| (dot(&query, key) / 3f64.sqrt()).exp()).collect();
            let total: f64 = weights.iter().sum();
            for k in 0..3 {
                let context: f64 = seen.iter().zip(&weights).map(|(key, w)| w * key[k]).sum::<f64>() / total;
                assert!((found[k] - (f[t][k] + context)).abs() < 1e-5);
            }
        }
        assert_eq!(rows(&after.to_kind(Kind::Double)).len(), 2);
    }
}
