//! The forward and backward pass of a network over a segment of text, with PyTorch's equations.

use super::blocks::TrainableLstm;
use crate::error::Result;
use crate::model::{Block, Cell, Config, Weights};
use crate::simd::vectors::{add_outer, add_rows, add_scaled, exp_all_f64, max, multiply, scale};

/// The weights, or one value for each weight: the row-major tensors of each block. The two biases of a recurrent layer
/// are added.
#[derive(Clone)]
pub struct Parameters(Vec<Vec<Vec<f32>>>);

impl Parameters {
    /// Reads the tensors of a checked `config`.
    pub fn new(config: &Config, weights: &dyn Weights) -> Result<Self> {
        let block = |block: &Block| {
            let read = |(name, shape): (String, Vec<usize>)| {
                let mut data = vec![0.0; shape.iter().product()];
                weights.floats(&name, 0, &mut data).map(|()| data)
            };
            let mut tensors = block.tensors().into_iter().map(read).collect::<Result<Vec<_>>>()?;
            if let (Block::Recurrent(_), [_, _, bias_ih, bias_hh]) = (block, &mut tensors[..]) {
                add_scaled(1.0, bias_hh, bias_ih);
                tensors.pop();
            }
            Ok(tensors)
        };
        config.blocks().iter().map(block).collect::<Result<_>>().map(Self)
    }

    pub fn zeros(&self) -> Self {
        let mut zeros = self.clone();
        zeros.map(|_| 0.0);
        zeros
    }

    pub fn tensors(&self) -> impl Iterator<Item = &[f32]> {
        self.0.iter().flatten().map(Vec::as_slice)
    }

    pub fn tensors_mut(&mut self) -> impl Iterator<Item = &mut [f32]> {
        self.0.iter_mut().flatten().map(Vec::as_mut_slice)
    }

    /// Applies `f` to each value.
    pub fn map(&mut self, f: impl Fn(f32) -> f32) {
        self.tensors_mut().flatten().for_each(|x| *x = f(*x));
    }
}

/// A network and its activations for a segment of text.
#[derive(Clone)]
pub struct TrainableNetwork {
    inputs: Vec<u32>,
    embedding_size: usize,
    /// The number of values that the output layer reads.
    size: usize,
    vocab_size: usize,
    is_tied: bool,
    /// From the bottom up.
    layers: Vec<TrainableLstm>,
    /// (steps, vocab_size)
    logits: Vec<f32>,
}

impl TrainableNetwork {
    /// Creates a network before any text. Returns the name of a block for which there is no backward pass as the error.
    pub fn new(config: &Config) -> std::result::Result<Self, &'static str> {
        let (mut embedding_size, mut layers, mut is_tied) = (0, Vec::new(), false);
        for block in config.blocks() {
            match block {
                Block::Embedding(embedding) => embedding_size = embedding.size,
                Block::Recurrent(layer) if layer.cell == Cell::Lstm => layers.push(TrainableLstm::new(&layer)),
                Block::Recurrent(_) => return Err("cells other than LSTM"),
                Block::Concatenation(_) => return Err("skip connections"),
                Block::Attention(_) => return Err("attention"),
                Block::Softmax(softmax) => is_tied = softmax.is_tied,
                Block::AdaptiveSoftmax(_) => return Err("an adaptive softmax"),
            }
        }
        let (size, vocab_size) = (config.features(), config.vocab_size());
        Ok(Self { inputs: Vec::new(), embedding_size, size, vocab_size, is_tied, layers, logits: Vec::new() })
    }

    /// Returns the last layer's output after each token, or its initial output for an empty segment. (steps, size)
    pub fn features(&self) -> &[f32] {
        let top = self.layers.last().expect("a network has at least one layer");
        if self.inputs.is_empty() { top.output_before() } else { top.outputs() }
    }

    /// Returns the logits after each token. (steps, vocab_size)
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }

    /// Returns the output layer's weight, (vocab_size, size), and bias.
    fn output<'a>(&self, Parameters(blocks): &'a Parameters) -> (&'a [f32], &'a [f32]) {
        match &blocks[blocks.len() - 1][..] {
            [bias] => (&blocks[0][0], bias),
            tensors => (&tensors[0], &tensors[1]),
        }
    }

    /// Reads the next segment.
    pub fn forward(&mut self, parameters: &Parameters, inputs: &[u32]) {
        self.inputs = inputs.to_vec();
        let (weight, size) = (&parameters.0[0][0], self.embedding_size);
        let embedded = inputs.iter().flat_map(|&id| &weight[id as usize * size..][..size]).copied();
        let mut x: Vec<f32> = embedded.collect();
        for (layer, weights) in self.layers.iter_mut().zip(&parameters.0[1..]) {
            layer.forward(weights, &x);
            x = layer.outputs().to_vec();
        }
        let (weight, bias) = self.output(parameters);
        let mut logits = std::mem::take(&mut self.logits);
        let features = self.features();
        logits.resize(features.len() / self.size * self.vocab_size, 0.0);
        for (features, logits) in features.chunks_exact(self.size).zip(logits.chunks_exact_mut(self.vocab_size)) {
            multiply(weight, features, bias, logits);
        }
        self.logits = logits;
    }

    /// Adds the gradients of the mean cross-entropy of `targets`, the tokens that follow each token of the segment. The
    /// segment must have been read with the same parameters. No gradient flows into the state before the segment.
    pub fn backward(&self, parameters: &Parameters, targets: &[u32], gradients: &mut Parameters) {
        let (steps, vocab_size, size) = (self.inputs.len(), self.vocab_size, self.size);
        if steps == 0 {
            return;
        }
        assert_eq!(steps, targets.len());
        let (mut errors, mut powers) = (vec![0.0; steps * vocab_size], vec![0.0; vocab_size]);
        let logits = self.logits.chunks_exact(vocab_size);
        for ((errors, logits), &target) in errors.chunks_exact_mut(vocab_size).zip(logits).zip(targets) {
            powers.copy_from_slice(logits);
            let total = exp_all_f64(&mut powers, max(logits));
            scale((1.0 / (total * steps as f64)) as f32, &powers, errors);
            errors[target as usize] -= 1.0 / steps as f32;
        }
        // The gradient with respect to a layer's output, from the top down. (steps, size)
        let mut above = vec![0.0; steps * size];
        let (weight, _) = self.output(parameters);
        let rows = errors.chunks_exact(vocab_size).zip(self.features().chunks_exact(size));
        for ((errors, features), above) in rows.zip(above.chunks_exact_mut(size)) {
            add_rows(errors, weight, above);
            let top = gradients.0.len() - 1;
            add_scaled(1.0, errors, gradients.0[top].last_mut().expect("the bias is last"));
            let of_weight = if self.is_tied { 0 } else { top };
            add_outer(errors, features, &mut gradients.0[of_weight][0]);
        }
        for (index, layer) in self.layers.iter().enumerate().rev() {
            above = layer.backward(&parameters.0[1 + index], &above, &mut gradients.0[1 + index]);
        }
        let size = self.embedding_size;
        for (&id, above) in self.inputs.iter().zip(above.chunks_exact(size)) {
            add_scaled(1.0, above, &mut gradients.0[0][0][id as usize * size..][..size]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelFile;
    use crate::text::Tokenizer;

    const VOCAB_SIZE: usize = 5;

    fn parameters(config: &Config) -> Parameters {
        let tokenizer = Tokenizer::numbered(VOCAB_SIZE);
        Parameters::new(config, &ModelFile::random(config.clone(), tokenizer, 1).tensors).unwrap()
    }

    /// Computes the mean cross-entropy of a segment with PyTorch's equations, in double precision. `tensors` are those
    /// of [`Parameters`]; `h` and `c` are the states of the layers before the segment.
    fn loss(config: &Config, tensors: &[Vec<f64>], mut h: Vec<Vec<f64>>, mut c: Vec<Vec<f64>>, text: &[u32]) -> f64 {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let product = |matrix: &[f64], row: usize, x: &[f64]| -> f64 {
            matrix[row * x.len()..][..x.len()].iter().zip(x).map(|(a, b)| a * b).sum()
        };
        let mut nats = 0.0;
        for pair in text.windows(2) {
            let mut x = tensors[0][pair[0] as usize * config.embedding_size..][..config.embedding_size].to_vec();
            for layer in 0..h.len() {
                let weights = &tensors[1 + 3 * layer..];
                let size = h[layer].len();
                let sum = |row| product(&weights[0], row, &x) + product(&weights[1], row, &h[layer]) + weights[2][row];
                let gates: Vec<f64> = (0..4 * size).map(sum).collect();
                for k in 0..size {
                    let (i, f) = (sigmoid(gates[k]), sigmoid(gates[size + k]));
                    let (g, o) = (gates[2 * size + k].tanh(), sigmoid(gates[3 * size + k]));
                    c[layer][k] = f * c[layer][k] + i * g;
                    h[layer][k] = o * c[layer][k].tanh();
                }
                x.clone_from(&h[layer]);
            }
            let weight = if config.tie_weights { &tensors[0] } else { &tensors[tensors.len() - 2] };
            let logit = |v: usize| product(weight, v, &x) + tensors[tensors.len() - 1][v];
            let total: f64 = (0..VOCAB_SIZE).map(|v| logit(v).exp()).sum();
            nats += total.ln() - logit(pair[1] as usize);
        }
        nats / (text.len() - 1) as f64
    }

    #[test]
    fn gradients_match_finite_differences() {
        let sizes = |embedding_size, hidden_size, num_layers| Config {
            vocab_size: VOCAB_SIZE,
            embedding_size,
            hidden_size,
            num_layers,
            ..Config::default()
        };
        for config in [
            sizes(3, 4, 1),
            sizes(3, 4, 2),
            Config { tie_weights: true, ..sizes(4, 4, 1) },
            Config { tie_weights: true, last_size: Some(3), ..sizes(3, 5, 2) },
        ] {
            let parameters = parameters(&config);
            let double = |values: &[f32]| -> Vec<f64> { values.iter().map(|&x| f64::from(x)).collect() };
            let tensors: Vec<Vec<f64>> = parameters.tensors().map(double).collect();
            let text = [2, 0, 2, 4, 4];
            let mut network = TrainableNetwork::new(&config).unwrap();
            network.forward(&parameters, &[1, 3]);
            let (h, c): (Vec<_>, Vec<_>) =
                network.layers.iter().map(|layer| (double(layer.last().0), double(layer.last().1))).unzip();
            let mut gradients = parameters.zeros();
            network.forward(&parameters, &text[..4]);
            network.backward(&parameters, &text[1..], &mut gradients);
            for (tensor, gradients) in gradients.tensors().enumerate() {
                for (index, &gradient) in gradients.iter().enumerate() {
                    let at = |change: f64| {
                        let mut tensors = tensors.clone();
                        tensors[tensor][index] += change;
                        loss(&config, &tensors, h.clone(), c.clone(), &text)
                    };
                    let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
                    assert!(
                        (f64::from(gradient) - difference).abs() < 1e-6,
                        "{tensor} {index}: {gradient} {difference}"
                    );
                }
            }
        }
    }
}
