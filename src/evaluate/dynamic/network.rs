//! An LSTM network that is read forwards and backwards: the gradients of what it gave to a segment of text.
//!
//! PyTorch's equations and gate order (i, f, g, o); its two biases are one here, and tied weights are one matrix.

use crate::evaluate::vectors::{add_outer, add_rows, add_scaled, exponentials, multiply, scale};
use crate::level::Level;
use crate::math::{sigmoid, tanh};
use crate::model::{self, Config};

/// The weights, or one number beside each of them.
#[derive(Clone)]
pub struct Weights {
    config: Config,
    /// Embedding, output where it is not the embedding, output bias; then for each layer the matrices for input and
    /// hidden state, and the bias. Row-major.
    parts: Vec<Vec<f32>>,
    /// Where the first layer begins in `parts`.
    layers: usize,
}

/// What a network remembers of the segment that it read last.
pub struct Trace {
    inputs: Vec<u32>,
    /// From the bottom up.
    layers: Vec<Layer>,
    /// (steps, vocab_size)
    logits: Vec<f32>,
}

/// One layer over a segment.
struct Layer {
    input_size: usize,
    size: usize,
    /// (steps, input_size)
    input: Vec<f32>,
    /// After their functions. (steps, 4 * size)
    gates: Vec<f32>,
    /// The first row is from before the segment. (steps + 1, size)
    cell: Vec<f32>,
    hidden: Vec<f32>,
}

impl Weights {
    /// Reads the tensors of a checked `config`.
    pub fn new(config: &Config, tensors: &impl model::Weights) -> Result<Self, String> {
        let shapes = config.tensors();
        let read = |name: &str| {
            let (_, shape) = shapes.iter().find(|(other, _)| other == name).expect("a tensor of the config");
            let mut data = vec![0.0; shape.iter().product()];
            tensors.floats(name, 0, &mut data).map(|()| data)
        };
        let mut parts = vec![read("embedding.weight")?, read("output.bias")?];
        if !config.tie_weights {
            parts.push(read("output.weight")?);
        }
        let layers = parts.len();
        for layer in 0..config.num_layers {
            let tensor = |name: &str| read(&config.layer_tensor(layer, name));
            let mut bias = tensor("bias_ih")?;
            add_scaled(Level::best(), 1.0, &tensor("bias_hh")?, &mut bias);
            parts.extend([tensor("weight_ih")?, tensor("weight_hh")?, bias]);
        }
        Ok(Self { config: config.clone(), parts, layers })
    }

    pub fn zeros(&self) -> Self {
        let parts = self.parts.iter().map(|part| vec![0.0; part.len()]).collect();
        Self { parts, config: self.config.clone(), layers: self.layers }
    }

    pub fn update(&mut self, mut f: impl FnMut(f32) -> f32) {
        self.parts.iter_mut().flatten().for_each(|x| *x = f(*x));
    }

    pub fn mean(&self) -> f32 {
        let (sum, count) =
            self.parts.iter().flatten().fold((0.0, 0usize), |(sum, count), &x| (sum + f64::from(x), count + 1));
        (sum / count as f64) as f32
    }

    pub fn add_squares(&mut self, other: &Self) {
        for (x, y) in self.parts.iter_mut().flatten().zip(other.parts.iter().flatten()) {
            *x += y * y;
        }
    }

    /// A step down the gradients, and towards `start`.
    pub fn adapt(&mut self, gradients: &Self, start: &Self, rates: &Self, decays: &Self) {
        let others = gradients.parts.iter().zip(&start.parts).zip(rates.parts.iter().zip(&decays.parts));
        for (part, ((gradients, start), (rates, decays))) in self.parts.iter_mut().zip(others) {
            for i in 0..part.len() {
                part[i] += decays[i] * (start[i] - part[i]) - rates[i] * gradients[i];
            }
        }
    }

    /// (vocab_size, features)
    fn output(&self) -> &[f32] {
        &self.parts[if self.config.tie_weights { 0 } else { 2 }]
    }
}

impl Trace {
    /// Nothing has been read.
    pub fn new(weights: &Weights) -> Self {
        let config = &weights.config;
        let layer = |layer: usize| {
            let (input_size, size) = (config.input_size(layer), config.layer_size(layer));
            let none = || vec![0.0; size];
            Layer { input_size, size, input: Vec::new(), gates: Vec::new(), cell: none(), hidden: none() }
        };
        let layers = (0..config.num_layers).map(layer).collect();
        Self { inputs: Vec::new(), layers, logits: Vec::new() }
    }

    /// The last layer's hidden values after each token, or before any. (steps, features)
    pub fn features(&self) -> &[f32] {
        let top = self.layers.last().expect("a network has at least one layer");
        &top.hidden[if self.inputs.is_empty() { 0 } else { top.size }..]
    }

    /// (steps, vocab_size)
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }

    /// Reads on.
    pub fn read(&mut self, weights: &Weights, inputs: &[u32]) {
        self.inputs = inputs.to_vec();
        for index in 0..self.layers.len() {
            let (below, rest) = self.layers.split_at_mut(index);
            let layer = &mut rest[0];
            layer.input.clear();
            match below.last() {
                Some(below) => layer.input.extend_from_slice(&below.hidden[below.size..]),
                None => {
                    let rows = inputs.iter().map(|&id| &weights.parts[0][id as usize * layer.input_size..]);
                    rows.for_each(|row| layer.input.extend_from_slice(&row[..layer.input_size]));
                }
            }
            layer.read(&weights.parts[weights.layers + 3 * index..][..3], inputs.len());
        }
        let (bias, size) = (&weights.parts[1], weights.config.features());
        let mut logits = std::mem::take(&mut self.logits);
        let features = self.features();
        logits.resize(features.len() / size * bias.len(), 0.0);
        for (features, logits) in features.chunks_exact(size).zip(logits.chunks_exact_mut(bias.len())) {
            multiply(Level::best(), weights.output(), features, bias, logits);
        }
        self.logits = logits;
    }

    /// Adds the gradients of the mean cross-entropy of what came after each token of the segment, which the same
    /// weights have read. The state before the segment is taken as it is.
    pub fn gradients(&self, weights: &Weights, targets: &[u32], gradients: &mut Weights) {
        let (steps, vocab_size, size) = (self.inputs.len(), weights.config.vocab_size, weights.config.features());
        if steps == 0 {
            return;
        }
        assert_eq!(steps, targets.len());
        let level = Level::best();
        let (mut errors, mut powers) = (vec![0.0; steps * vocab_size], vec![0.0; vocab_size]);
        let logits = self.logits.chunks_exact(vocab_size);
        for ((errors, logits), &target) in errors.chunks_exact_mut(vocab_size).zip(logits).zip(targets) {
            let (mut highest, mut total) = (0.0, 0.0);
            exponentials(level, logits, &mut powers, &mut highest, &mut total);
            scale(level, (1.0 / (total * steps as f64)) as f32, &powers, errors);
            errors[target as usize] -= 1.0 / steps as f32;
        }
        // With respect to a layer's output, from the top down. (steps, size)
        let mut above = vec![0.0; steps * size];
        let features = self.features();
        let output = if weights.config.tie_weights { 0 } else { 2 };
        let rows = errors.chunks_exact(vocab_size).zip(features.chunks_exact(size)).zip(above.chunks_exact_mut(size));
        for ((errors, features), above) in rows {
            add_rows(level, errors, weights.output(), above);
            add_outer(level, errors, features, &mut gradients.parts[output]);
            add_scaled(level, 1.0, errors, &mut gradients.parts[1]);
        }
        for (index, layer) in self.layers.iter().enumerate().rev() {
            let at = weights.layers + 3 * index;
            above = layer.gradients(&weights.parts[at..][..3], &above, &mut gradients.parts[at..][..3]);
        }
        let size = weights.config.embedding_size;
        for (&id, above) in self.inputs.iter().zip(above.chunks_exact(size)) {
            add_scaled(level, 1.0, above, &mut gradients.parts[0][id as usize * size..][..size]);
        }
    }
}

impl Layer {
    /// `weights`: matrices for input and hidden state, bias.
    fn read(&mut self, weights: &[Vec<f32>], steps: usize) {
        let size = self.size;
        for values in [&mut self.cell, &mut self.hidden] {
            values.drain(..values.len() - size);
            values.resize((steps + 1) * size, 0.0);
        }
        self.gates.resize(steps * 4 * size, 0.0);
        let (level, mut own) = (Level::best(), vec![0.0; 4 * size]);
        for (step, gates) in self.gates.chunks_exact_mut(4 * size).enumerate() {
            let (before, after) = self.hidden.split_at_mut((step + 1) * size);
            let before = &before[step * size..];
            multiply(
                level,
                &weights[0],
                &self.input[step * self.input_size..][..self.input_size],
                &weights[2],
                &mut own,
            );
            multiply(level, &weights[1], before, &own, gates);
            let (cell_before, cell) = self.cell.split_at_mut((step + 1) * size);
            let cell_before = &cell_before[step * size..];
            for k in 0..size {
                let (i, f) = (sigmoid(gates[k]), sigmoid(gates[size + k]));
                let (g, o) = (tanh(gates[2 * size + k]), sigmoid(gates[3 * size + k]));
                cell[k] = f * cell_before[k] + i * g;
                after[k] = o * tanh(cell[k]);
                (gates[k], gates[size + k], gates[2 * size + k], gates[3 * size + k]) = (i, f, g, o);
            }
        }
    }

    /// Adds the layer's gradients to `gradients`, and gives those of its input. `above`: of its output. (steps, size)
    fn gradients(&self, weights: &[Vec<f32>], above: &[f32], gradients: &mut [Vec<f32>]) -> Vec<f32> {
        let (size, steps) = (self.size, above.len() / self.size);
        let level = Level::best();
        // Of the gates before their functions. (steps, 4 * size)
        let mut errors = vec![0.0; steps * 4 * size];
        let (mut hidden, mut cell) = (vec![0.0; size], vec![0.0; size]);
        for step in (0..steps).rev() {
            add_scaled(level, 1.0, &above[step * size..][..size], &mut hidden);
            let gates = &self.gates[step * 4 * size..][..4 * size];
            let error = &mut errors[step * 4 * size..][..4 * size];
            for k in 0..size {
                let (i, f, g, o) = (gates[k], gates[size + k], gates[2 * size + k], gates[3 * size + k]);
                let squashed = tanh(self.cell[(step + 1) * size + k]);
                let c = cell[k] + hidden[k] * o * (1.0 - squashed * squashed);
                error[k] = c * g * i * (1.0 - i);
                error[size + k] = c * self.cell[step * size + k] * f * (1.0 - f);
                error[2 * size + k] = c * i * (1.0 - g * g);
                error[3 * size + k] = hidden[k] * squashed * o * (1.0 - o);
                cell[k] = c * f;
            }
            hidden.fill(0.0);
            add_rows(level, error, &weights[1], &mut hidden);
        }
        let mut below = vec![0.0; steps * self.input_size];
        let rows = errors.chunks_exact(4 * size).zip(self.input.chunks_exact(self.input_size));
        for (step, (errors, input)) in rows.enumerate() {
            add_rows(level, errors, &weights[0], &mut below[step * self.input_size..][..self.input_size]);
            add_outer(level, errors, input, &mut gradients[0]);
            add_outer(level, errors, &self.hidden[step * size..][..size], &mut gradients[1]);
            add_scaled(level, 1.0, errors, &mut gradients[2]);
        }
        below
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ModelFile;
    use crate::text::{PreTokenizer, Tokenizer};

    const VOCAB_SIZE: usize = 5;

    fn weights(config: Config) -> Weights {
        let config = Config { vocab_size: VOCAB_SIZE, ..config };
        let pieces = (0..VOCAB_SIZE).map(|i| if i == 0 { "<unk>".into() } else { format!("w{i}").into() });
        let tokenizer = Tokenizer::new(PreTokenizer::Classic, pieces.collect()).unwrap();
        Weights::new(&config, &ModelFile::random(config.clone(), tokenizer, 1).tensors).unwrap()
    }

    /// Mean cross-entropy of a segment by PyTorch's equations, in double precision. `parts` as in [`Weights`], `h` and
    /// `c`: the layers' states before it.
    fn loss(config: &Config, parts: &[Vec<f64>], mut h: Vec<Vec<f64>>, mut c: Vec<Vec<f64>>, text: &[u32]) -> f64 {
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let product = |matrix: &[f64], row: usize, x: &[f64]| -> f64 {
            matrix[row * x.len()..][..x.len()].iter().zip(x).map(|(a, b)| a * b).sum()
        };
        let mut nats = 0.0;
        for pair in text.windows(2) {
            let mut x = parts[0][pair[0] as usize * config.embedding_size..][..config.embedding_size].to_vec();
            for layer in 0..config.num_layers {
                let weights = &parts[parts.len() - 3 * (config.num_layers - layer)..];
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
            let logit = |v: usize| product(&parts[if config.tie_weights { 0 } else { 2 }], v, &x) + parts[1][v];
            let total: f64 = (0..VOCAB_SIZE).map(|v| logit(v).exp()).sum();
            nats += total.ln() - logit(pair[1] as usize);
        }
        nats / (text.len() - 1) as f64
    }

    #[test]
    fn gradients_are_those_of_finite_differences() {
        let sizes = |embedding_size, hidden_size, num_layers| Config {
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
            let weights = weights(config);
            let double = |numbers: &[f32]| -> Vec<f64> { numbers.iter().map(|&x| f64::from(x)).collect() };
            let parts: Vec<Vec<f64>> = weights.parts.iter().map(|part| double(part)).collect();
            let text = [2, 0, 2, 4, 4];
            let mut trace = Trace::new(&weights);
            trace.read(&weights, &[1, 3]);
            let last = |values: &[f32], size: usize| double(&values[values.len() - size..]);
            let h: Vec<Vec<f64>> = trace.layers.iter().map(|layer| last(&layer.hidden, layer.size)).collect();
            let c: Vec<Vec<f64>> = trace.layers.iter().map(|layer| last(&layer.cell, layer.size)).collect();
            let mut gradients = weights.zeros();
            trace.read(&weights, &text[..4]);
            trace.gradients(&weights, &text[1..], &mut gradients);
            for (part, gradients) in gradients.parts.iter().enumerate() {
                for (index, &gradient) in gradients.iter().enumerate() {
                    let at = |change: f64| {
                        let mut parts = parts.clone();
                        parts[part][index] += change;
                        loss(&weights.config, &parts, h.clone(), c.clone(), &text)
                    };
                    let difference = (at(1e-5) - at(-1e-5)) / 2e-5;
                    assert!((f64::from(gradient) - difference).abs() < 1e-6, "{part} {index}: {gradient} {difference}");
                }
            }
        }
    }
}
