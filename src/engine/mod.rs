//! Native inference on the CPU: immutable weights, mutable state, one step at a time. Needs nothing
//! installed and starts in milliseconds; libtorch, which trained the weights, is its oracle in the tests.

mod kernels;
mod lstm;
mod state;

use crate::model::{Config, ModelFile};
use kernels::Matrix;
use lstm::Lstm;
pub use state::{State, Workspace};

/// The weights of a network, laid out for the kernels. Shared freely between threads.
pub struct Model {
    config: Config,
    /// Rows padded with zeros. (vocab_size, embedding_size)
    embedding: Matrix,
    layers: Vec<Lstm>,
    /// None where the embedding is used for it. (vocab_size, hidden_size)
    output: Option<Matrix>,
    /// (vocab_size)
    output_bias: Vec<f32>,
}

impl Model {
    /// Lays out a checked model file's tensors.
    pub fn new(file: &ModelFile) -> Self {
        let config = file.config.clone();
        let matrix = |name: &str| {
            let tensor = &file.tensors[name];
            Matrix::new(&tensor.data, tensor.shape[0], tensor.shape[1])
        };
        Self {
            embedding: matrix("embedding.weight"),
            layers: (0..config.num_layers).map(|layer| Lstm::new(file, layer)).collect(),
            output: (!config.tie_weights).then(|| matrix("output.weight")),
            output_bias: file.tensors["output.bias"].data.clone(),
            config,
        }
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The state before any text: zeros.
    pub fn initial_state(&self) -> State {
        State::new(&self.config)
    }

    /// Room to work in for batches of up to `batch` states.
    pub fn workspace(&self, _batch: usize) -> Workspace {
        Workspace::new(&self.config)
    }

    /// Reads a token (below vocab_size) into each state: `tokens[i]` into `states[i]`. What becomes of a state does
    /// not depend on those beside it. Allocates nothing.
    pub fn step(&self, tokens: &[u32], states: &mut [&mut State], work: &mut Workspace) {
        assert_eq!(tokens.len(), states.len());
        for (&token, state) in tokens.iter().zip(states) {
            for (layer, lstm) in self.layers.iter().enumerate() {
                let (below, this) = state.hidden.split_at_mut(layer);
                let input = match below.last() {
                    Some(hidden) => hidden.as_slice(),
                    None => self.embedding.row(token as usize),
                };
                lstm.step(input, &mut this[0], &mut state.cell[layer], &mut work.gates);
            }
        }
    }

    /// What the output layer reads of a state. (features)
    pub fn features<'a>(&self, state: &'a State) -> &'a [f32] {
        &state.hidden.last().expect("a network has at least one layer")[..self.config.features()]
    }

    /// Unnormalised log-probabilities of the next token after each state. `logits`: (states, vocab_size)
    pub fn logits(&self, states: &[&State], logits: &mut [f32], _work: &mut Workspace) {
        assert_eq!(states.len() * self.config.vocab_size, logits.len());
        for (state, logits) in states.iter().zip(logits.chunks_exact_mut(self.config.vocab_size)) {
            let top = state.hidden.last().expect("a network has at least one layer");
            self.output.as_ref().unwrap_or(&self.embedding).multiply(top, logits);
            for (logit, bias) in logits.iter_mut().zip(&self.output_bias) {
                *logit += bias;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Style, Tokenizer};

    fn random_model(config: Config) -> ModelFile {
        let pieces = (0..config.vocab_size).map(|i| if i == 0 { "<unk>".into() } else { format!("w{i}").into() });
        let tokenizer = Tokenizer::new(Style::Classic, pieces.collect()).unwrap();
        ModelFile::random(config, tokenizer, 1)
    }

    /// PyTorch's equations for nn.LSTM, in double precision and without any cleverness.
    fn naive_logits(file: &ModelFile, tokens: &[u32]) -> Vec<f64> {
        let c = &file.config;
        let at = |name: &str, row: usize, columns: usize, column: usize| {
            f64::from(file.tensors[name].data[row * columns + column])
        };
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let size = c.hidden_size;
        let (mut h, mut s) = (vec![vec![0.0; size]; c.num_layers], vec![vec![0.0; size]; c.num_layers]);
        for &token in tokens {
            let mut x: Vec<f64> =
                (0..c.embedding_size).map(|k| at("embedding.weight", token as usize, c.embedding_size, k)).collect();
            for l in 0..c.num_layers {
                let gate = |row: usize| {
                    let ih: f64 =
                        (0..x.len()).map(|k| at(&format!("lstm.weight_ih_l{l}"), row, x.len(), k) * x[k]).sum();
                    let hh: f64 = (0..size).map(|k| at(&format!("lstm.weight_hh_l{l}"), row, size, k) * h[l][k]).sum();
                    ih + hh
                        + at(&format!("lstm.bias_ih_l{l}"), row, 1, 0)
                        + at(&format!("lstm.bias_hh_l{l}"), row, 1, 0)
                };
                let gates: Vec<f64> = (0..4 * size).map(gate).collect();
                for k in 0..size {
                    let (i, f) = (sigmoid(gates[k]), sigmoid(gates[size + k]));
                    let (g, o) = (gates[2 * size + k].tanh(), sigmoid(gates[3 * size + k]));
                    s[l][k] = f * s[l][k] + i * g;
                    h[l][k] = o * s[l][k].tanh();
                }
                x.clone_from(&h[l]);
            }
        }
        let output = if c.tie_weights { "embedding.weight" } else { "output.weight" };
        let top = h.last().unwrap();
        (0..c.vocab_size)
            .map(|v| (0..size).map(|k| at(output, v, size, k) * top[k]).sum::<f64>() + at("output.bias", v, 1, 0))
            .collect()
    }

    #[test]
    fn logits_are_those_of_the_equations() {
        for (embedding_size, hidden_size, num_layers, tie_weights) in
            [(5, 7, 1, false), (16, 16, 2, true), (33, 20, 3, false), (40, 40, 1, true)]
        {
            let config =
                Config { vocab_size: 23, embedding_size, hidden_size, num_layers, tie_weights, ..Config::default() };
            let file = random_model(config);
            let model = Model::new(&file);
            let (mut state, mut work) = (model.initial_state(), model.workspace(1));
            let tokens = [3, 0, 22, 7, 7, 1];
            tokens.iter().for_each(|&token| model.step(&[token], &mut [&mut state], &mut work));
            let mut logits = vec![0.0; 23];
            model.logits(&[&state], &mut logits, &mut work);
            for (ours, exact) in logits.iter().zip(naive_logits(&file, &tokens)) {
                assert!((f64::from(*ours) - exact).abs() < 2e-6, "{ours} {exact}");
            }
        }
    }

    #[test]
    fn states_do_not_share_anything() {
        let config = Config { vocab_size: 9, embedding_size: 4, hidden_size: 6, num_layers: 2, ..Config::default() };
        let model = Model::new(&random_model(config));
        let logits = |state: &State| {
            let mut logits = vec![0.0; 9];
            model.logits(&[state], &mut logits, &mut model.workspace(1));
            logits
        };
        let mut a = model.initial_state();
        model.step(&[1], &mut [&mut a], &mut model.workspace(1));
        let before = logits(&a);
        let mut b = a.clone();
        model.step(&[2], &mut [&mut b], &mut model.workspace(1));
        assert_eq!(logits(&a), before);
        assert_ne!(logits(&b), before);
    }
}
