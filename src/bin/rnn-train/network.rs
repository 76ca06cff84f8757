//! The network as libtorch sees it: parameters, forward pass, and the way to and from the model file.

use std::collections::HashMap;

use rnn_tools::dataset::Embeddings;
use rnn_tools::model::{self, Config};
use rnn_tools::settings::Settings;
use tch::{Device, Kind, Tensor, no_grad};

use crate::cpu;
use crate::softmax::{self, Output};

/// Embedding, LSTM layers, output projection.
///
/// A layer's parameters are one flat tensor, weight_ih, weight_hh, bias_ih, bias_hh in a row: the order in
/// which cuDNN wants them, so that it neither copies nor warns, and few tensors for the optimizer.
pub struct Network {
    config: Config,
    /// (vocab_size, embedding_size)
    embedding: Tensor,
    /// One a layer. (parameters of the layer)
    layers: Vec<Tensor>,
    /// None where weights are tied. (vocab_size, hidden_size)
    output_weight: Option<Tensor>,
    /// (vocab_size)
    output_bias: Tensor,
    /// The numbers in which LSTM layers are trained.
    training_kind: Kind,
}

/// Hidden and cell state of each layer, both (1, batch, hidden_size).
pub type State = Vec<(Tensor, Tensor)>;

/// The views of a flat layer.
struct LayerViews {
    weight_ih: Tensor,
    weight_hh: Tensor,
    bias_ih: Tensor,
    bias_hh: Tensor,
}

impl LayerViews {
    /// Runs the layer over x (time, batch, input_size), in numbers of `kind` where it is in training.
    fn lstm(&self, x: &Tensor, h: &Tensor, c: &Tensor, training: bool, kind: Kind) -> (Tensor, Tensor, Tensor) {
        let kind = if training { kind } else { Kind::Float };
        let into = |t: &Tensor| t.to_kind(kind);
        let weights = [&self.weight_ih, &self.weight_hh, &self.bias_ih, &self.bias_hh].map(into);
        let (y, h, c) = into(x).lstm(&[into(h), into(c)], &weights, true, 1, 0.0, training, false, false);
        let back = |t: Tensor| t.to_kind(Kind::Float);
        (back(y), back(h), back(c))
    }
}

impl Network {
    /// Random weights: uniform in +-1/sqrt(hidden_size) for the layers as in PyTorch, but with a forget bias of
    /// 1 (Jozefowicz et al. 2015); uniform in +-0.1 for embedding and output.
    pub fn new(config: Config, device: Device) -> Self {
        let (v, e, h) = (config.vocab_size as i64, config.embedding_size as i64, config.hidden_size as i64);
        let uniform = |shape: &[i64], bound: f64| {
            let mut tensor = Tensor::empty(shape, (Kind::Float, device));
            let _ = tensor.uniform_(-bound, bound);
            tensor
        };
        let mut network = Self {
            embedding: uniform(&[v, e], 0.1),
            layers: (0..config.num_layers)
                .map(|layer| uniform(&[layer_len(&config, layer)], 1.0 / (h as f64).sqrt()))
                .collect(),
            output_weight: (!config.tie_weights).then(|| uniform(&[v, h], 0.1)),
            output_bias: Tensor::zeros([v], (Kind::Float, device)),
            training_kind: if device == Device::Cpu && cpu::has_bfloat16() { Kind::BFloat16 } else { Kind::Float },
            config,
        };
        for layer in 0..network.layers.len() {
            let views = network.views(layer, &network.layers[layer]);
            let _ = views.bias_ih.shallow_clone().zero_();
            let _ = views.bias_hh.shallow_clone().zero_();
            let _ = views.bias_ih.narrow(0, h, h).fill_(1.0);
        }
        for parameter in network.all_mut() {
            *parameter = parameter.set_requires_grad(true);
        }
        network
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Fixes the output bias at the logarithm of the word frequencies, with half a count for each word more.
    pub fn fix_unigram_bias(&mut self, tokens: &[u32]) {
        let mut counts = vec![0.5f64; self.config.vocab_size];
        tokens.iter().for_each(|&token| counts[token as usize] += 1.0);
        let total: f64 = counts.iter().sum();
        let bias: Vec<f32> = counts.iter().map(|count| (count / total).ln() as f32).collect();
        self.output_bias = Tensor::from_slice(&bias).to_device(self.output_bias.device());
    }

    /// Puts word vectors that somebody else has learned where there are some; other words keep their random ones.
    /// The vectors must be of the embedding's size.
    pub fn start_from(&mut self, vectors: &Embeddings) {
        let shape = self.embedding.size();
        let vectors = Tensor::from_slice(&vectors.data).view(shape.as_slice()).to_device(self.embedding.device());
        let has = vectors.ne(0.0).any_dim(1, true);
        no_grad(|| self.embedding.copy_(&vectors.where_self(&has, &self.embedding)));
    }

    /// The tensors that are learned.
    pub fn parameters(&self) -> Vec<Tensor> {
        let mut all = vec![self.embedding.shallow_clone()];
        all.extend(self.layers.iter().map(Tensor::shallow_clone));
        all.extend(self.output_weight.as_ref().map(Tensor::shallow_clone));
        all.push(self.output_bias.shallow_clone());
        all.retain(Tensor::requires_grad);
        all
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Tensor> {
        std::iter::once(&mut self.embedding)
            .chain(&mut self.layers)
            .chain(&mut self.output_weight)
            .chain(std::iter::once(&mut self.output_bias))
    }

    pub fn zero_state(&self, batch: i64) -> State {
        let zeros =
            || Tensor::zeros([1, batch, self.config.hidden_size as i64], (Kind::Float, self.embedding.device()));
        self.layers.iter().map(|_| (zeros(), zeros())).collect()
    }

    /// The last layer's output (time * batch, hidden_size) for tokens (time, batch), and the state after them,
    /// cut off from the graph. With `dropout`, the network is in training.
    pub fn forward(&self, tokens: &Tensor, state: &State, dropout: Option<&Settings>) -> (Tensor, State) {
        let share = |pick: fn(&Settings) -> f64| dropout.map_or(0.0, pick);
        let embedding = drop_rows(&self.embedding, share(|s| s.dropout_embedding));
        let mut x = Tensor::embedding(&embedding, tokens, -1, false, false);
        x = drop_locked(x, share(|s| s.dropout_input));
        let mut after = State::new();
        for (layer, (h, c)) in state.iter().enumerate() {
            let flat = self.drop_weights(layer, share(|s| s.dropout_weight));
            let w = self.views(layer, &flat);
            let (y, h, c) = w.lstm(&x, h, c, dropout.is_some(), self.training_kind);
            after.push((h.detach(), c.detach()));
            let last = layer + 1 == self.layers.len();
            x = drop_locked(y, share(if last { |s| s.dropout_output } else { |s| s.dropout_hidden }));
        }
        (x.reshape([-1, self.config.hidden_size as i64]), after)
    }

    /// What makes logits of the last layer's output.
    pub fn output(&self) -> Output<'_> {
        Output { weight: self.output_weight.as_ref().unwrap_or(&self.embedding), bias: &self.output_bias }
    }

    /// The gradients of the loss, parallel to [`parameters`](Self::parameters), from those of the output layer.
    /// `hidden` is what [`forward`](Self::forward) gave.
    pub fn gradients(&self, hidden: &Tensor, output: softmax::Gradients) -> Vec<Tensor> {
        let below: Vec<&Tensor> = std::iter::once(&self.embedding).chain(&self.layers).collect();
        // The gradient of this product is that of the loss.
        let mut gradients = Tensor::run_backward(&[(hidden * output.hidden).sum(Kind::Float)], &below, false, false);
        match self.output_weight {
            Some(_) => gradients.push(output.weight),
            None => gradients[0] += output.weight,
        }
        if self.output_bias.requires_grad() {
            gradients.push(output.bias);
        }
        gradients
    }

    /// A layer's flat parameters, with DropConnect on its hidden-to-hidden part.
    fn drop_weights(&self, layer: usize, share: f64) -> Tensor {
        let flat = &self.layers[layer];
        if share == 0.0 {
            return flat.shallow_clone();
        }
        let mask = flat.ones_like().set_requires_grad(false);
        let mut part = self.views(layer, &mask).weight_hh;
        let _ = part.bernoulli_float_(1.0 - share).g_div_scalar_(1.0 - share);
        flat * mask
    }

    fn views(&self, layer: usize, flat: &Tensor) -> LayerViews {
        let (gates, h) = (4 * self.config.hidden_size as i64, self.config.hidden_size as i64);
        let input = self.config.input_size(layer) as i64;
        let mut offset = 0;
        let mut view = |shape: &[i64]| {
            let len = shape.iter().product();
            offset += len;
            flat.narrow(0, offset - len, len).view(shape)
        };
        LayerViews {
            weight_ih: view(&[gates, input]),
            weight_hh: view(&[gates, h]),
            bias_ih: view(&[gates]),
            bias_hh: view(&[gates]),
        }
    }

    /// The tensors under PyTorch's names.
    fn named(&self) -> Vec<(String, Tensor)> {
        let mut named = vec![("embedding.weight".to_string(), self.embedding.shallow_clone())];
        for (layer, flat) in self.layers.iter().enumerate() {
            let w = self.views(layer, flat);
            named.extend([
                (format!("lstm.weight_ih_l{layer}"), w.weight_ih),
                (format!("lstm.weight_hh_l{layer}"), w.weight_hh),
                (format!("lstm.bias_ih_l{layer}"), w.bias_ih),
                (format!("lstm.bias_hh_l{layer}"), w.bias_hh),
            ]);
        }
        if let Some(weight) = &self.output_weight {
            named.push(("output.weight".to_string(), weight.shallow_clone()));
        }
        named.push(("output.bias".to_string(), self.output_bias.shallow_clone()));
        named
    }

    /// Copies of the tensors, as the model file holds them.
    pub fn export(&self) -> HashMap<String, model::Tensor> {
        let copy = |tensor: Tensor| {
            let shape = tensor.size().iter().map(|&n| n as usize).collect();
            let flat = tensor.detach().to_device(Device::Cpu).contiguous().view(-1);
            let data = Vec::<f32>::try_from(flat).expect("parameters are 32-bit floats");
            model::Tensor { shape, data }
        };
        self.named().into_iter().map(|(name, tensor)| (name, copy(tensor))).collect()
    }

    /// Takes over the tensors of a model file of the same shape.
    #[cfg(test)]
    pub fn import(&mut self, tensors: &HashMap<String, model::Tensor>) {
        no_grad(|| {
            for (name, mut tensor) in self.named() {
                let shape = tensor.size();
                tensor.copy_(&Tensor::from_slice(&tensors[&name].data).view(shape.as_slice()));
            }
        });
    }

    /// Runs `f` with other values in the learned parameters (parallel to [`parameters`](Self::parameters)), then
    /// puts the present ones back.
    pub fn with_values<T>(&self, values: &[Tensor], f: impl FnOnce() -> T) -> T {
        let parameters = self.parameters();
        let present: Vec<Tensor> = no_grad(|| parameters.iter().map(Tensor::copy).collect());
        let put =
            |from: &[Tensor]| no_grad(|| parameters.iter().zip(from).for_each(|(p, v)| p.shallow_clone().copy_(v)));
        put(values);
        let result = f();
        put(&present);
        result
    }
}

fn layer_len(config: &Config, layer: usize) -> i64 {
    (4 * config.hidden_size * (config.input_size(layer) + config.hidden_size + 2)) as i64
}

/// A mask of zeros in the given share, and what keeps the mean elsewhere.
fn mask(shape: &[i64], share: f64, device: Device) -> Tensor {
    let mut mask = Tensor::empty(shape, (Kind::Float, device));
    mask.bernoulli_float_(1.0 - share).g_div_scalar_(1.0 - share)
}

/// The same units at every step of time: x is (time, batch, size).
fn drop_locked(x: Tensor, share: f64) -> Tensor {
    if share == 0.0 {
        return x;
    }
    let size = x.size();
    &x * mask(&[1, size[1], size[2]], share, x.device())
}

/// Whole rows of a matrix: words of an embedding.
fn drop_rows(x: &Tensor, share: f64) -> Tensor {
    if share == 0.0 {
        return x.shallow_clone();
    }
    x * mask(&[x.size()[0], 1], share, x.device())
}

#[cfg(test)]
mod tests {
    use rnn_tools::engine;
    use rnn_tools::model::ModelFile;
    use rnn_tools::text::{Style, Tokenizer};

    use super::*;

    /// The file that a network makes, read back from its bytes.
    fn file(network: &Network) -> ModelFile {
        let pieces =
            (0..network.config.vocab_size).map(|i| if i == 0 { "<unk>".into() } else { format!("w{i}").into() });
        let tokenizer = Tokenizer::new(Style::Classic, pieces.collect()).unwrap();
        let file = ModelFile { tensors: network.export(), ..ModelFile::random(network.config.clone(), tokenizer, 0) };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(model::FILE_NAME);
        file.write(&path).unwrap();
        ModelFile::read(&path).unwrap()
    }

    #[test]
    fn libtorch_and_the_native_engine_give_the_same_logits() {
        tch::manual_seed(1);
        for (embedding_size, hidden_size, num_layers, tie_weights) in
            [(100, 150, 2, false), (200, 200, 1, true), (7, 33, 3, false)]
        {
            let config =
                Config { vocab_size: 500, embedding_size, hidden_size, num_layers, tie_weights, ..Config::default() };
            let trained = Network::new(config.clone(), Device::Cpu);
            let file = file(&trained);
            let mut loaded = Network::new(config, Device::Cpu);
            loaded.import(&file.tensors);
            let model = engine::Model::new(&file);

            let tokens: Vec<i64> = (0..60).map(|i| i * 7919 % 500).collect();
            let input = Tensor::from_slice(&tokens).view([-1, 1]);
            let (hidden, _) = no_grad(|| loaded.forward(&input, &loaded.zero_state(1), None));
            let logits = hidden.linear(loaded.output().weight, Some(loaded.output().bias)).detach();
            let logits = Vec::<Vec<f32>>::try_from(logits).unwrap();
            let (mut state, mut work) = (model.initial_state(), model.workspace(1));
            let mut ours = vec![0.0; 500];
            for (token, theirs) in tokens.iter().zip(&logits) {
                model.step(&[*token as u32], &mut [&mut state], &mut work);
                model.logits(&[&state], &mut ours, &mut work);
                for (a, b) in ours.iter().zip(theirs) {
                    assert!((a - b).abs() < 1e-5, "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn dropout_is_off_in_evaluation_and_on_in_training() {
        tch::manual_seed(1);
        let settings = Settings::preset(rnn_tools::settings::Preset::Small);
        let network = Network::new(settings.config(50), Device::Cpu);
        let tokens = Tensor::from_slice(&[1i64, 2, 3]).view([3, 1]);
        let run = |dropout| no_grad(|| network.forward(&tokens, &network.zero_state(1), dropout)).0;
        assert!(run(None).equal(&run(None)));
        assert!(!run(Some(&settings)).equal(&run(Some(&settings))));
    }

    #[test]
    fn foreign_vectors_replace_random_ones_where_there_are_some() {
        let config = Config { vocab_size: 3, embedding_size: 2, hidden_size: 4, num_layers: 1, ..Config::default() };
        let mut network = Network::new(config, Device::Cpu);
        let before = network.export()["embedding.weight"].data.clone();
        network.start_from(&Embeddings { size: 2, data: vec![0.0, 0.0, 7.0, 0.0, 0.5, 8.0] });
        let after = network.export()["embedding.weight"].data.clone();
        assert_eq!(after, [before[0], before[1], 7.0, 0.0, 0.5, 8.0]);
    }

    #[test]
    fn a_carried_state_makes_two_windows_one_text() {
        tch::manual_seed(2);
        let config = Config { vocab_size: 20, embedding_size: 8, hidden_size: 12, num_layers: 2, ..Config::default() };
        let network = Network::new(config, Device::Cpu);
        let tokens = Tensor::from_slice(&[1i64, 5, 9, 13, 2, 6]).view([6, 1]);
        no_grad(|| {
            let (whole, _) = network.forward(&tokens, &network.zero_state(1), None);
            let (first, state) = network.forward(&tokens.narrow(0, 0, 4), &network.zero_state(1), None);
            let (second, _) = network.forward(&tokens.narrow(0, 4, 2), &state, None);
            assert!(whole.allclose(&Tensor::cat(&[first, second], 0), 1e-5, 1e-6, false));
        });
    }
}
