//! The network in libtorch: a chain of blocks, and conversion to and from the model file.

use std::collections::HashMap;

use rnn_tools::dataset::Embeddings;
use rnn_tools::model::{self, Config};
use rnn_tools::settings::Settings;
use tch::{Device, Kind, Tensor, no_grad};

use crate::activation_regularization::penalty;
use crate::blocks::{
    AdaptiveSoftmax, Attention, Block, Embedding, Gradients, Layer, Output, Parameter, Pass, Recurrent, Softmax,
};
use crate::cpu;
use crate::dropout::drop_units;
use crate::linear_cross_entropy::Loss;

pub struct Network {
    config: Config,
    embedding: Embedding,
    recurrent: Vec<Box<dyn Layer>>,
    /// Skip connections: the blocks above read the embedding and every layer.
    is_concatenated: bool,
    attention: Option<Attention>,
    output: Box<dyn Output>,
}

/// The state after the previous windows, detached from their graph: the tensors of each recurrent layer, then those of
/// attention.
pub struct State(Vec<Vec<Tensor>>);

impl State {
    /// Returns the tensors in the order that [`Network::state`] expects.
    pub fn tensors(&self) -> impl Iterator<Item = &Tensor> {
        self.0.iter().flatten()
    }
}

/// The result of a forward pass over a window.
pub struct Forward {
    /// The input of the output layer. (time * batch, features)
    pub features: Tensor,
    pub state: State,
    /// The activation penalty, a scalar tensor to add to the loss.
    pub penalty: Option<Tensor>,
}

impl Network {
    /// Creates the network with random weights.
    pub fn new(config: Config, device: Device) -> Self {
        let blocks = config.blocks();
        let is_tied = blocks.iter().any(|block| matches!(block, model::Block::Softmax(softmax) if softmax.is_tied));
        let fast = if device == Device::Cpu && cpu::has_bfloat16() { Kind::BFloat16 } else { Kind::Float };
        let (mut embedding, mut recurrent, mut attention) = (None, Vec::<Box<dyn Layer>>::new(), None);
        let (mut is_concatenated, mut output) = (false, None::<Box<dyn Output>>);
        for block in &blocks {
            match block {
                model::Block::Embedding(block) => embedding = Some(Embedding::new(block, is_tied, device)),
                model::Block::Recurrent(block) => recurrent.push(Box::new(Recurrent::new(block, fast, device))),
                model::Block::Concatenation(_) => is_concatenated = true,
                model::Block::Attention(block) => attention = Some(Attention::new(block, device)),
                model::Block::Softmax(block) => {
                    let embedding = &embedding.as_ref().expect("the embedding is the first block").weight.tensor;
                    output = Some(Box::new(Softmax::new(block, embedding, fast, device)));
                }
                model::Block::AdaptiveSoftmax(block) => {
                    output = Some(Box::new(AdaptiveSoftmax::new(block, fast, device)));
                }
            }
        }
        let (Some(embedding), Some(output)) = (embedding, output) else {
            unreachable!("a network has an embedding and an output layer")
        };
        Self { config, embedding, recurrent, is_concatenated, attention, output }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Sets the output bias to the logarithms of the token frequencies, with 0.5 added to each count. A `fixed` bias is
    /// not trained.
    pub fn set_unigram_bias(&mut self, tokens: &[u32], fixed: bool) {
        let mut counts = vec![0.5f64; self.embedding.weight.tensor.size()[0] as usize];
        tokens.iter().for_each(|&token| counts[token as usize] += 1.0);
        self.output.set_bias(&counts, fixed);
    }

    /// Copies pretrained word vectors into the embedding. Rows without a vector stay random. The vectors must have the
    /// embedding's size.
    pub fn set_embeddings(&mut self, vectors: &Embeddings) {
        let weight = &mut self.embedding.weight.tensor;
        let shape = weight.size();
        let vectors = Tensor::from_slice(&vectors.data).view(shape.as_slice()).to_device(weight.device());
        let has = vectors.ne(0.0).any_dim(1, true);
        no_grad(|| weight.copy_(&vectors.where_self(&has, weight)));
    }

    /// Returns the blocks that have a state.
    fn layers(&self) -> impl Iterator<Item = &dyn Layer> {
        let attention = self.attention.iter().map(|attention| attention as &dyn Layer);
        self.recurrent.iter().map(AsRef::as_ref).chain(attention)
    }

    /// Returns the parameters below the output layer.
    fn hidden_parameters(&self) -> impl Iterator<Item = &Parameter> {
        [&self.embedding.weight].into_iter().chain(self.layers().flat_map(Block::parameters))
    }

    /// Returns the parameters that are trained.
    fn learned(&self) -> impl Iterator<Item = &Parameter> {
        let all = self.hidden_parameters().chain(self.output.parameters());
        all.filter(|parameter| parameter.tensor.requires_grad())
    }

    /// Returns the tensors that are trained.
    pub fn parameters(&self) -> Vec<Tensor> {
        self.learned().map(|parameter| parameter.tensor.shallow_clone()).collect()
    }

    /// Returns the names of the [parameters](Self::parameters), for `--freeze`.
    pub fn parameter_names(&self) -> Vec<String> {
        self.learned().map(|parameter| parameter.name.clone()).collect()
    }

    pub fn zero_state(&self, batch: i64) -> State {
        let device = self.embedding.weight.tensor.device();
        State(self.layers().map(|layer| layer.zero_state(batch, device)).collect())
    }

    /// Rebuilds a state from the tensors of [`State::tensors`].
    pub fn state(&self, tensors: impl IntoIterator<Item = Tensor>) -> State {
        let (mut state, mut tensors) = (self.zero_state(0), tensors.into_iter());
        state.0.iter_mut().flatten().zip(&mut tensors).for_each(|(to, tensor)| *to = tensor);
        state
    }

    /// Runs the network on tokens (time, batch). Dropout and penalties are on if `training` is given.
    pub fn forward(&self, tokens: &Tensor, state: &State, training: Option<&Settings>) -> Forward {
        let probability = |get: fn(&Settings) -> f64| training.map_or(0.0, get);
        let locked = training.is_none_or(|settings| settings.locked_dropout);
        let drop = |x: &Tensor, get: fn(&Settings) -> f64| drop_units(x, probability(get), locked);
        let embedded = self.embedding.forward(tokens, training);
        let mut x = drop(&embedded, |s| s.dropout_input);
        let (mut after, mut outputs) = (Vec::new(), vec![embedded]);
        for (index, (layer, before)) in self.recurrent.iter().zip(&state.0).enumerate() {
            let (y, state) = layer.forward(&x, before, training);
            if index + 1 < self.recurrent.len() {
                x = drop(&y, |s| s.dropout_hidden);
            }
            after.push(state);
            outputs.push(y);
        }
        let last = outputs.last().expect("the embedding is always an output").shallow_clone();
        let mut features = if self.is_concatenated { Tensor::cat(&outputs, -1) } else { last.shallow_clone() };
        if let Some(attention) = &self.attention {
            let (y, state) = attention.forward(&features, &state.0[self.recurrent.len()], training);
            features = y;
            after.push(state);
        }
        let features = drop(&features, |s| s.dropout_output);
        Forward {
            penalty: training.and_then(|settings| penalty(&features, &last, settings)),
            features: features.flatten(0, 1),
            state: State(after),
        }
    }

    /// Returns the logarithms of all probabilities. (n, vocab_size)
    #[cfg(test)]
    pub fn log_probabilities(&self, features: &Tensor) -> Tensor {
        self.output.log_probabilities(features)
    }

    /// Scores `targets` (n) given `features` (n, size), without gradients.
    pub fn score(&self, features: &Tensor, targets: &Tensor) -> Pass {
        self.output.pass(features, targets, None)
    }

    /// Scores `targets`, and computes the gradients of the mean cross-entropy with label smoothing.
    pub fn score_with_gradients(&self, features: &Tensor, targets: &Tensor, smoothing: f64) -> Pass {
        self.output.pass(features, targets, Some(Loss { smoothing, positions: features.size()[0] }))
    }

    /// Backpropagates from the gradients of the output layer and the penalty of the forward pass. Returns gradients
    /// parallel to [`parameters`](Self::parameters).
    pub fn gradients(&self, forward: &Forward, output: Gradients) -> Vec<Tensor> {
        let hidden = self.hidden_parameters().map(|parameter| &parameter.tensor);
        let learned: Vec<&Tensor> = hidden.filter(|tensor| tensor.requires_grad()).collect();
        let mut gradients = Vec::new();
        if !learned.is_empty() {
            // This product has the same gradient as the cross-entropy.
            let mut loss = (&forward.features * output.features).sum(Kind::Float);
            if let Some(penalty) = &forward.penalty {
                loss += penalty;
            }
            gradients = Tensor::run_backward(&[loss], &learned, false, false);
        }
        if let Some(embedding) = output.embedding.filter(|_| self.embedding.weight.tensor.requires_grad()) {
            gradients[0] += embedding;
        }
        let learned = self.output.parameters().into_iter().zip(output.parameters);
        gradients
            .extend(learned.filter(|(parameter, _)| parameter.tensor.requires_grad()).map(|(_, gradient)| gradient));
        gradients
    }

    /// Returns the tensors with their names in the model file, in the order of [`Config::tensors`].
    fn named(&self) -> impl Iterator<Item = (String, Tensor)> {
        let layers = self.layers().flat_map(Block::tensors);
        let tensors = self.embedding.tensors().into_iter().chain(layers).chain(self.output.tensors());
        self.config.tensors().into_iter().map(|(name, _)| name).zip(tensors)
    }

    /// Copies the tensors for the model file.
    pub fn export(&self) -> HashMap<String, model::Tensor> {
        let copy = |tensor: Tensor| {
            let shape = tensor.size().iter().map(|&n| n as usize).collect();
            let flat = tensor.detach().to_device(Device::Cpu).contiguous().view(-1);
            let data = Vec::<f32>::try_from(flat).expect("parameters are 32-bit floats");
            model::Tensor { shape, data }
        };
        self.named().map(|(name, tensor)| (name, copy(tensor))).collect()
    }

    /// Copies the tensors of a model file of the same shape.
    pub fn import(&mut self, tensors: &HashMap<String, model::Tensor>) {
        no_grad(|| {
            for (name, mut tensor) in self.named() {
                let shape = tensor.size();
                tensor.copy_(&Tensor::from_slice(&tensors[&name].data).view(shape.as_slice()));
            }
        });
    }

    /// Runs `f` with other values in the [parameters](Self::parameters), then restores the current ones.
    pub fn with_values<T>(&self, values: &[Tensor], f: impl FnOnce() -> T) -> T {
        let parameters = self.parameters();
        let current: Vec<Tensor> = no_grad(|| parameters.iter().map(Tensor::copy).collect());
        let put =
            |from: &[Tensor]| no_grad(|| parameters.iter().zip(from).for_each(|(p, v)| p.shallow_clone().copy_(v)));
        put(values);
        let result = f();
        put(&current);
        result
    }
}

#[cfg(test)]
mod tests {
    use rnn_tools::model::Cell;
    use rnn_tools::settings::Preset;

    use super::*;
    use crate::optimizer::Optimizer;

    fn config(cell: Cell) -> Config {
        Config { cell, vocab_size: 20, embedding_size: 8, hidden_size: 12, num_layers: 2, ..Config::default() }
    }

    #[test]
    fn dropout_is_off_in_evaluation_and_on_in_training() {
        let _generator = crate::seeded(1);
        let settings = Settings::preset(Preset::Small);
        let network = Network::new(settings.config(50), Device::Cpu);
        let tokens = Tensor::from_slice(&[1i64, 2, 3]).view([3, 1]);
        let run = |training| no_grad(|| network.forward(&tokens, &network.zero_state(1), training)).features;
        assert!(run(None).equal(&run(None)));
        assert!(!run(Some(&settings)).equal(&run(Some(&settings))));
    }

    #[test]
    fn two_windows_with_a_carried_state_equal_one_window() {
        let _generator = crate::seeded(2);
        for cell in Cell::ALL {
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
    fn every_block_trains() {
        let _generator = crate::seeded(1);
        for config in Config::examples() {
            tch::manual_seed(1);
            let network = Network::new(config, Device::Cpu);
            let settings = Settings { label_smoothing: 0.0, ..Settings::preset(Preset::Classic) };
            let settings = Settings { learning_rate: 0.01, dropout_hidden: 0.0, dropout_output: 0.0, ..settings };
            let mut optimizer = Optimizer::new(network.parameters(), &settings);
            let tokens = Tensor::from_slice(&(0..40).map(|i| i * 131 % 37).collect::<Vec<i64>>()).view([40, 1]);
            let (input, target) = (tokens.narrow(0, 0, 39), tokens.narrow(0, 1, 39).reshape([-1]));
            let mut loss = || {
                let forward = network.forward(&input, &network.zero_state(1), Some(&settings));
                let pass = network.score_with_gradients(&forward.features, &target, 0.0);
                optimizer.step(&network.gradients(&forward, pass.gradients.unwrap()), settings.learning_rate);
                -f64::try_from(pass.log_likelihoods.mean(Kind::Float)).unwrap()
            };
            let first = loss();
            let last = (0..150).map(|_| loss()).last().unwrap();
            assert!(last < 0.7 * first, "{:?}: {first} {last}", network.config);
        }
    }

    #[test]
    fn pretrained_vectors_replace_random_rows() {
        let _generator = crate::seeded(1);
        let config = Config { vocab_size: 3, embedding_size: 2, hidden_size: 4, num_layers: 1, ..Config::default() };
        let mut network = Network::new(config, Device::Cpu);
        let before = network.export()["embedding.weight"].data.clone();
        network.set_embeddings(&Embeddings { size: 2, data: vec![0.0, 0.0, 7.0, 0.0, 0.5, 8.0] });
        let after = network.export()["embedding.weight"].data.clone();
        assert_eq!(after, [before[0], before[1], 7.0, 0.0, 0.5, 8.0]);
    }
}
