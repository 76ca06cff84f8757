//! The forward pass, up to what the output layer reads, with everything that disturbs it in training.

use rnn_tools::model::{Cell, Config};
use rnn_tools::settings::Settings;
use tch::{Device, Kind, Tensor};

use crate::dropout::{self, drop_rows, drop_units};
use crate::network::{LayerViews, Network};

/// What a network remembers of the windows before, cut off from their graph.
pub struct State {
    /// Hidden state, and an LSTM's cell, of each layer, all (1, batch, size of the layer).
    layers: Vec<Vec<Tensor>>,
    /// The last features over which attention looks back, fewer at the beginning. (time, batch, features)
    memory: Option<Tensor>,
}

/// What comes of a window.
pub struct Forward {
    /// What the output layer reads. (time * batch, features)
    pub features: Tensor,
    pub state: State,
    /// To be added to the loss; no dimensions.
    pub penalty: Option<Tensor>,
}

impl State {
    pub fn zero(config: &Config, batch: i64, device: Device) -> Self {
        let options = (Kind::Float, device);
        let layer = |layer| {
            let zeros = || Tensor::zeros([1, batch, config.layer_size(layer) as i64], options);
            if config.cell == Cell::Lstm { vec![zeros(), zeros()] } else { vec![zeros()] }
        };
        let memory = (config.attention > 0).then(|| Tensor::zeros([0, batch, config.features() as i64], options));
        Self { layers: (0..config.num_layers).map(layer).collect(), memory }
    }

    /// In the order in which [`from_tensors`](Self::from_tensors) takes them.
    pub fn tensors(&self) -> Vec<Tensor> {
        self.layers.iter().flatten().chain(&self.memory).map(Tensor::shallow_clone).collect()
    }

    pub fn from_tensors(config: &Config, mut tensors: Vec<Tensor>) -> Self {
        let memory = (config.attention > 0).then(|| tensors.pop()).flatten();
        let layers = tensors.chunks(if config.cell == Cell::Lstm { 2 } else { 1 });
        Self { layers: layers.map(|layer| layer.iter().map(Tensor::shallow_clone).collect()).collect(), memory }
    }
}

impl Network {
    /// Reads tokens (time, batch). With `training`, dropout and penalties are on.
    pub fn forward(&self, tokens: &Tensor, state: &State, training: Option<&Settings>) -> Forward {
        let share = |pick: fn(&Settings) -> f64| training.map_or(0.0, pick);
        let locked = training.is_none_or(|settings| settings.locked_dropout);
        let embedding = drop_rows(&self.embedding, share(|s| s.dropout_embedding));
        let embedded = Tensor::embedding(&embedding, tokens, -1, false, false);
        let mut x = drop_units(&embedded, share(|s| s.dropout_input), locked);
        let (mut layers, mut outputs) = (Vec::new(), vec![embedded]);
        for (layer, before) in state.layers.iter().enumerate() {
            let flat = self.drop_weights(layer, share(|s| s.dropout_weight));
            let (y, after) = self.layer(&self.views(layer, &flat), &x, before, training.is_some());
            layers.push(after);
            if layer + 1 < self.layers.len() {
                x = drop_units(&y, share(|s| s.dropout_hidden), locked);
            }
            outputs.push(y);
        }
        let last = outputs.last().expect("the embedding is one").shallow_clone();
        let features = if self.config.skip_connections { Tensor::cat(&outputs, -1) } else { last.shallow_clone() };
        let (features, memory) = match (&self.attention, &state.memory) {
            (Some(weight), Some(memory)) => {
                let (features, memory) = attend(&features, memory, weight, self.config.attention as i64);
                (features, Some(memory))
            }
            _ => (features, None),
        };
        let features = drop_units(&features, share(|s| s.dropout_output), locked);
        Forward {
            penalty: training.and_then(|settings| penalty(&features, &last, settings)),
            features: features.reshape([-1, self.config.features() as i64]),
            state: State { layers, memory },
        }
    }

    /// A layer over x (time, batch, input_size), and its state after, cut off from the graph.
    fn layer(&self, w: &LayerViews, x: &Tensor, state: &[Tensor], training: bool) -> (Tensor, Vec<Tensor>) {
        let kind = if training { self.layer_kind } else { Kind::Float };
        let into = |t: &Tensor| t.to_kind(kind);
        let weights = [&w.weight_ih, &w.weight_hh, &w.bias_ih, &w.bias_hh].map(into);
        let (x, state): (Tensor, Vec<Tensor>) = (into(x), state.iter().map(into).collect());
        let (y, after) = match self.config.cell {
            Cell::Lstm => {
                let (y, h, c) = x.lstm(&state, &weights, true, 1, 0.0, training, false, false);
                (y, vec![h, c])
            }
            Cell::Gru => one(x.gru(&state[0], &weights, true, 1, 0.0, training, false, false)),
            Cell::RnnTanh => one(x.rnn_tanh(&state[0], &weights, true, 1, 0.0, training, false, false)),
            Cell::RnnRelu => one(x.rnn_relu(&state[0], &weights, true, 1, 0.0, training, false, false)),
        };
        (y.to_kind(Kind::Float), after.iter().map(|t| t.detach().to_kind(Kind::Float)).collect())
    }

    /// A layer's flat parameters, with DropConnect on its hidden-to-hidden part.
    fn drop_weights(&self, layer: usize, share: f64) -> Tensor {
        let flat = &self.layers[layer];
        if share == 0.0 {
            return flat.shallow_clone();
        }
        let mask = flat.ones_like().set_requires_grad(false);
        dropout::fill(&mut self.views(layer, &mask).weight_hh, share);
        flat * mask
    }
}

fn one((y, h): (Tensor, Tensor)) -> (Tensor, Vec<Tensor>) {
    (y, vec![h])
}

/// Attention of each position over itself and those before it, `length` in all: what the positions hold is added
/// up by the softmax of how well each fits the query `weight` f (Luong et al. 2015, "general", scaled as in
/// Vaswani et al. 2017), and added to the position's own. `features`: (time, batch, size), `memory`: as many as
/// there are before it, up to `length` - 1. Gives the sums, and the memory after.
fn attend(features: &Tensor, memory: &Tensor, weight: &Tensor, length: i64) -> (Tensor, Tensor) {
    let (time, size) = (features.size()[0], features.size()[2]);
    let keys = Tensor::cat(&[memory, features], 0);
    let before = memory.size()[0];
    let positions = |start: i64, end: i64| Tensor::arange_start(start, end, (Kind::Int64, features.device()));
    // How far each key lies behind each position: (time, keys)
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

/// Activation regularisation on what the output layer reads, and temporal activation regularisation on the last
/// layer (Merity, McCann and Socher 2017). `last`: (time, batch, size)
fn penalty(features: &Tensor, last: &Tensor, settings: &Settings) -> Option<Tensor> {
    let activation =
        (settings.activation_penalty > 0.0).then(|| features.square().mean(Kind::Float) * settings.activation_penalty);
    let time = last.size()[0];
    let temporal = (settings.temporal_penalty > 0.0 && time > 1).then(|| {
        let change = last.narrow(0, 1, time - 1) - last.narrow(0, 0, time - 1);
        change.square().mean(Kind::Float) * settings.temporal_penalty
    });
    match (activation, temporal) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use rnn_tools::settings::Preset;
    use tch::no_grad;

    use super::*;

    fn config(cell: Cell) -> Config {
        Config { cell, vocab_size: 20, embedding_size: 8, hidden_size: 12, num_layers: 2, ..Config::default() }
    }

    #[test]
    fn dropout_is_off_in_evaluation_and_on_in_training() {
        tch::manual_seed(1);
        let settings = Settings::preset(Preset::Small);
        let network = Network::new(settings.config(50), Device::Cpu);
        let tokens = Tensor::from_slice(&[1i64, 2, 3]).view([3, 1]);
        let run = |training| no_grad(|| network.forward(&tokens, &network.zero_state(1), training)).features;
        assert!(run(None).equal(&run(None)));
        assert!(!run(Some(&settings)).equal(&run(Some(&settings))));
    }

    #[test]
    fn a_carried_state_makes_two_windows_one_text() {
        tch::manual_seed(2);
        for cell in [Cell::Lstm, Cell::Gru, Cell::RnnTanh, Cell::RnnRelu] {
            for attention in [0, 1, 3, 99] {
                let network = Network::new(Config { attention, skip_connections: true, ..config(cell) }, Device::Cpu);
                let tokens = Tensor::from_slice(&[1i64, 5, 9, 13, 2, 6]).view([6, 1]);
                no_grad(|| {
                    let whole = network.forward(&tokens, &network.zero_state(1), None).features;
                    let first = network.forward(&tokens.narrow(0, 0, 4), &network.zero_state(1), None);
                    let second = network.forward(&tokens.narrow(0, 4, 2), &first.state, None);
                    let parts = Tensor::cat(&[first.features, second.features], 0);
                    assert!(whole.allclose(&parts, 1e-5, 1e-6, false), "{cell:?} {attention}");
                });
            }
        }
    }

    #[test]
    fn attention_is_that_of_a_plain_loop() {
        tch::manual_seed(2);
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

    #[test]
    fn penalties_are_those_of_the_paper() {
        let settings = Settings { activation_penalty: 2.0, temporal_penalty: 3.0, ..Settings::preset(Preset::Small) };
        let x = Tensor::from_slice(&[1f32, 2.0, 4.0, 0.0]).view([2, 1, 2]);
        let found = penalty(&x, &x, &settings).unwrap();
        let expected = 2.0 * (1.0 + 4.0 + 16.0) / 4.0 + 3.0 * (9.0 + 4.0) / 2.0;
        assert!((f64::try_from(found).unwrap() - expected).abs() < 1e-5);
        assert!(penalty(&x, &x, &Settings { activation_penalty: 0.0, temporal_penalty: 0.0, ..settings }).is_none());
    }
}
