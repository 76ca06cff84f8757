//! The network as libtorch sees it: its parameters, and the way to and from the model file.

use std::collections::HashMap;

use rnn_tools::dataset::Embeddings;
use rnn_tools::model::{self, Cell, Config};
use tch::{Device, Kind, Tensor, no_grad};

use crate::cpu;
use crate::forward::{Forward, State};
use crate::output::{self, Output};

/// Embedding, recurrent layers, perhaps attention, output layer.
///
/// A layer's parameters are one flat tensor, weight_ih, weight_hh, bias_ih, bias_hh in a row: the order in
/// which cuDNN wants them, so that it neither copies nor warns, and few tensors for the optimizer.
pub struct Network {
    pub(crate) config: Config,
    /// (vocab_size, embedding_size)
    pub(crate) embedding: Tensor,
    /// One a layer. (parameters of the layer)
    pub(crate) layers: Vec<Tensor>,
    /// (features, features)
    pub(crate) attention: Option<Tensor>,
    /// As [`Output`] has them.
    output: Vec<Tensor>,
    /// The numbers in which layers and the output layer's products are trained.
    pub(crate) layer_kind: Kind,
    output_kind: Kind,
}

/// The views of a flat layer.
pub struct LayerViews {
    pub weight_ih: Tensor,
    pub weight_hh: Tensor,
    pub bias_ih: Tensor,
    pub bias_hh: Tensor,
}

impl Network {
    /// Random weights: uniform in +-1/sqrt(hidden_size) for the layers as in PyTorch, but with a forget bias of
    /// 1 in an LSTM (Jozefowicz et al. 2015); uniform in +-0.1 for the output layer, also where it is the embedding;
    /// an embedding of its own is normal with deviation 1 as in PyTorch, from which characters are learned much
    /// sooner.
    pub fn new(config: Config, device: Device) -> Self {
        let uniform = |shape: &[i64], bound: f64| {
            let mut tensor = Tensor::empty(shape, (Kind::Float, device));
            let _ = tensor.uniform_(-bound, bound);
            tensor
        };
        let embedding = [config.vocab_size as i64, config.embedding_size as i64];
        let features = config.features() as i64;
        let output = output_shapes(&config).into_iter().map(|(name, shape)| match name.ends_with("bias") {
            true => Tensor::zeros(shape.as_slice(), (Kind::Float, device)),
            false => uniform(&shape, 0.1),
        });
        let fast = if device == Device::Cpu && cpu::has_bfloat16() { Kind::BFloat16 } else { Kind::Float };
        let mut network = Self {
            embedding: match config.tie_weights {
                true => uniform(&embedding, 0.1),
                false => Tensor::randn(embedding, (Kind::Float, device)),
            },
            layers: (0..config.num_layers)
                .map(|layer| uniform(&[layer_len(&config, layer)], 1.0 / (config.layer_size(layer) as f64).sqrt()))
                .collect(),
            attention: (config.attention > 0).then(|| uniform(&[features, features], 1.0 / (features as f64).sqrt())),
            output: output.collect(),
            // oneDNN has an LSTM of bfloat16; other cells would be slower in it.
            layer_kind: if config.cell == Cell::Lstm { fast } else { Kind::Float },
            output_kind: fast,
            config,
        };
        for (layer, flat) in network.layers.iter().enumerate() {
            let mut views = network.views(layer, flat);
            let _ = views.bias_ih.zero_();
            let _ = views.bias_hh.zero_();
            if network.config.cell == Cell::Lstm {
                let size = network.config.layer_size(layer) as i64;
                let _ = views.bias_ih.narrow(0, size, size).fill_(1.0);
            }
        }
        for parameter in network.all_mut() {
            *parameter = parameter.set_requires_grad(true);
        }
        network
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Starts the output bias at the logarithm of the word frequencies, with half a count for each word more, and
    /// leaves it there where it is `fixed`.
    pub fn set_unigram_bias(&mut self, tokens: &[u32], fixed: bool) {
        let mut counts = vec![0.5f64; self.config.vocab_size];
        tokens.iter().for_each(|&token| counts[token as usize] += 1.0);
        let total: f64 = counts.iter().sum();
        let shortlist = self.config.cutoffs.first().copied().unwrap_or(self.config.vocab_size);
        // A cluster is as frequent as its words together.
        let clusters = self.config.clusters();
        let clusters = clusters.iter().map(|&(first, end, _)| counts[first..end].iter().sum::<f64>());
        let classes = counts[..shortlist].iter().copied().chain(clusters);
        let bias: Vec<f32> = classes.map(|count| (count / total).ln() as f32).collect();
        let at = output_shapes(&self.config).iter().position(|(name, _)| name.ends_with("bias"));
        let tensor = &mut self.output[at.expect("every output layer has a bias")];
        *tensor = Tensor::from_slice(&bias).to_device(tensor.device()).set_requires_grad(!fixed);
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
        self.all().filter(|tensor| tensor.requires_grad()).map(Tensor::shallow_clone).collect()
    }

    /// Their names, as `--freeze` has them.
    pub fn parameter_names(&self) -> Vec<String> {
        let layers = (0..self.layers.len()).map(|layer| format!("{}.{layer}", self.config.cell.module()));
        let names = std::iter::once("embedding".to_string())
            .chain(layers)
            .chain(self.attention.iter().map(|_| "attention".to_string()))
            .chain(output_shapes(&self.config).into_iter().map(|(name, _)| name));
        names.zip(self.all()).filter(|(_, tensor)| tensor.requires_grad()).map(|(name, _)| name).collect()
    }

    /// What lies below the output layer.
    fn below(&self) -> impl Iterator<Item = &Tensor> {
        std::iter::once(&self.embedding).chain(&self.layers).chain(&self.attention)
    }

    fn all(&self) -> impl Iterator<Item = &Tensor> {
        self.below().chain(&self.output)
    }

    fn all_mut(&mut self) -> impl Iterator<Item = &mut Tensor> {
        std::iter::once(&mut self.embedding).chain(&mut self.layers).chain(&mut self.attention).chain(&mut self.output)
    }

    pub fn zero_state(&self, batch: i64) -> State {
        State::zero(&self.config, batch, self.embedding.device())
    }

    pub fn output(&self) -> Output<'_> {
        Output {
            config: &self.config,
            tensors: &self.output,
            embedding: &self.embedding,
            training_kind: self.output_kind,
        }
    }

    /// The gradients of the loss, parallel to [`parameters`](Self::parameters), from those of the output layer
    /// and the penalties of the pass.
    pub fn gradients(&self, pass: &Forward, output: output::Gradients) -> Vec<Tensor> {
        let learned: Vec<&Tensor> = self.below().filter(|tensor| tensor.requires_grad()).collect();
        let mut gradients = Vec::new();
        if !learned.is_empty() {
            // The gradient of this product is that of the cross-entropy.
            let mut loss = (&pass.features * output.hidden).sum(Kind::Float);
            if let Some(penalty) = &pass.penalty {
                loss += penalty;
            }
            gradients = Tensor::run_backward(&[loss], &learned, false, false);
        }
        if let Some(embedding) = output.embedding.filter(|_| self.embedding.requires_grad()) {
            gradients[0] += embedding;
        }
        let learned = self.output.iter().zip(output.tensors).filter(|(tensor, _)| tensor.requires_grad());
        gradients.extend(learned.map(|(_, gradient)| gradient));
        gradients
    }

    /// The parts of a layer's flat parameters, or of what is parallel to them.
    pub fn views(&self, layer: usize, flat: &Tensor) -> LayerViews {
        let size = self.config.layer_size(layer) as i64;
        let gates = self.config.cell.gates() as i64 * size;
        let input = self.config.input_size(layer) as i64;
        let mut offset = 0;
        let mut view = |shape: &[i64]| {
            let len = shape.iter().product();
            offset += len;
            flat.narrow(0, offset - len, len).view(shape)
        };
        LayerViews {
            weight_ih: view(&[gates, input]),
            weight_hh: view(&[gates, size]),
            bias_ih: view(&[gates]),
            bias_hh: view(&[gates]),
        }
    }

    /// The tensors under the model file's names, in the order of [`Config::tensors`].
    fn named(&self) -> Vec<(String, Tensor)> {
        let mut tensors = vec![self.embedding.shallow_clone()];
        for (layer, flat) in self.layers.iter().enumerate() {
            let LayerViews { weight_ih, weight_hh, bias_ih, bias_hh } = self.views(layer, flat);
            tensors.extend([weight_ih, weight_hh, bias_ih, bias_hh]);
        }
        tensors.extend(self.attention.iter().chain(&self.output).map(Tensor::shallow_clone));
        self.config.tensors().into_iter().map(|(name, _)| name).zip(tensors).collect()
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

/// The output layer's tensors by name and shape.
fn output_shapes(config: &Config) -> Vec<(String, Vec<i64>)> {
    let all = config.tensors().into_iter().filter(|(name, _)| name.starts_with("output."));
    all.map(|(name, shape)| (name, shape.iter().map(|&n| n as i64).collect())).collect()
}

fn layer_len(config: &Config, layer: usize) -> i64 {
    let size = config.layer_size(layer);
    (config.cell.gates() * size * (config.input_size(layer) + size + 2)) as i64
}

#[cfg(test)]
mod tests {
    use rnn_tools::engine;
    use rnn_tools::model::ModelFile;
    use rnn_tools::settings::{Preset, Settings};
    use rnn_tools::text::{PreTokenizer, Tokenizer};

    use super::*;
    use crate::optimizer::Optimizer;

    /// The file that a network makes, read back from its bytes.
    fn file(network: &Network) -> ModelFile {
        let pieces =
            (0..network.config.vocab_size).map(|i| if i == 0 { "<unk>".into() } else { format!("w{i}").into() });
        let tokenizer = Tokenizer::new(PreTokenizer::Classic, pieces.collect()).unwrap();
        let file = ModelFile { tensors: network.export(), ..ModelFile::random(network.config.clone(), tokenizer, 0) };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(model::FILE_NAME);
        file.write(&path).unwrap();
        ModelFile::read(&path).unwrap()
    }

    /// The shapes on which libtorch and the native engine must agree.
    fn configs() -> Vec<Config> {
        let plain = Config { vocab_size: 500, embedding_size: 33, hidden_size: 33, num_layers: 2, ..Config::default() };
        let seed = Config { embedding_size: 100, hidden_size: 150, ..plain.clone() };
        let tied = Config { embedding_size: 200, hidden_size: 200, num_layers: 1, tie_weights: true, ..plain.clone() };
        let cells = [Cell::Lstm, Cell::Gru, Cell::RnnTanh, Cell::RnnRelu].map(|cell| Config { cell, ..plain.clone() });
        let mut all = vec![
            seed,
            tied,
            Config { hidden_size: 50, last_size: Some(33), tie_weights: true, ..plain.clone() },
            Config { skip_connections: true, cell: Cell::Gru, last_size: Some(20), ..plain.clone() },
            Config { attention: 7, tie_weights: true, ..plain.clone() },
            Config { attention: 100, skip_connections: true, ..plain.clone() },
            Config { cutoffs: vec![40, 200], ..plain.clone() },
            Config { cutoffs: vec![100], attention: 3, skip_connections: true, cell: Cell::RnnTanh, ..plain },
        ];
        all.extend(cells);
        all
    }

    #[test]
    fn libtorch_and_the_native_engine_give_the_same_probabilities() {
        tch::manual_seed(1);
        for config in configs() {
            let trained = Network::new(config.clone(), Device::Cpu);
            let file = file(&trained);
            let mut loaded = Network::new(config.clone(), Device::Cpu);
            loaded.import(&file.tensors);
            let model = engine::Model::new(&file);

            let tokens: Vec<i64> = (0..60).map(|i| i * 7919 % 500).collect();
            let input = Tensor::from_slice(&tokens).view([-1, 1]);
            let forward = no_grad(|| loaded.forward(&input, &loaded.zero_state(1), None));
            let expected = no_grad(|| loaded.output().log_probabilities(&forward.features));
            let expected = Vec::<Vec<f32>>::try_from(expected).unwrap();
            let (mut state, mut work) = (model.initial_state(), model.workspace(1));
            let mut ours = vec![0.0; 500];
            for (token, theirs) in tokens.iter().zip(&expected) {
                model.step(&[*token as u32], &mut [&mut state], &mut work);
                model.logits(&[&state], &mut ours, &mut work);
                let total = ours.iter().map(|logit| f64::from(*logit).exp()).sum::<f64>().ln();
                for (a, b) in ours.iter().zip(theirs) {
                    assert!((f64::from(*a) - total - f64::from(*b)).abs() < 1e-5, "{config:?}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn every_shape_learns_what_it_is_given() {
        for config in configs() {
            tch::manual_seed(1);
            let network = Network::new(config, Device::Cpu);
            let settings = Settings { label_smoothing: 0.0, ..Settings::preset(Preset::Classic) };
            let settings = Settings { learning_rate: 0.01, dropout_hidden: 0.0, dropout_output: 0.0, ..settings };
            let mut optimizer = Optimizer::new(network.parameters(), &settings);
            let tokens = Tensor::from_slice(&(0..40).map(|i| i * 131 % 500).collect::<Vec<i64>>()).view([40, 1]);
            let (input, target) = (tokens.narrow(0, 0, 39), tokens.narrow(0, 1, 39).reshape([-1]));
            let mut loss = || {
                let forward = network.forward(&input, &network.zero_state(1), Some(&settings));
                let pass = network.output().score_with_gradients(&forward.features, &target, 0.0);
                optimizer.step(&network.gradients(&forward, pass.gradients.unwrap()), settings.learning_rate);
                -f64::try_from(pass.log_likelihoods.mean(Kind::Float)).unwrap()
            };
            let first = loss();
            let last = (0..150).map(|_| loss()).last().unwrap();
            assert!(last < first / 2.0, "{:?}: {first} {last}", network.config);
        }
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
}
