//! Native inference on the CPU: immutable weights, mutable state, one step at a time. Needs nothing
//! installed and starts in milliseconds; libtorch, which trained the weights, is its oracle in the tests.

mod attention;
mod kernels;
mod layer;
mod matrix;
mod memory;
mod output;
mod state;
mod sums;
#[cfg(test)]
mod tests;

use crate::error::Result as Outcome;
use crate::level::Level;
use crate::model::{Config, ModelFile, StoredModel, Weights};
use attention::Attention;
use kernels::Start;
use layer::{Input, Layer};
use matrix::Matrix;
use output::{Adaptive, Cluster, Room};
use state::Layout;
pub use state::{State, Workspace};
use sums::{LANES, Lanes};

/// How a network's matrices are kept in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As in the model file.
    #[default]
    Stored,
    /// As 8-bit integers with a scale for each row: four times less to read in a step.
    Int8,
}

/// The weights of a network, laid out for the kernels. Shared freely between threads.
pub struct Model {
    config: Config,
    layout: Layout,
    level: Level,
    /// (vocab_size, embedding_size)
    embedding: Matrix,
    layers: Vec<Layer>,
    attention: Option<Attention>,
    output: Output,
}

enum Output {
    /// None where the embedding is used for it. (vocab_size, features); (vocab_size)
    Full(Option<Matrix>, Vec<Lanes>),
    Adaptive(Adaptive),
}

impl Model {
    /// Lays out a checked model file's tensors.
    pub fn new(file: &ModelFile) -> Self {
        Self::load(&file.config, &file.tensors, Precision::Stored).expect("a model file has all of its tensors")
    }

    /// Reads the weights of a model file that was opened.
    pub fn read(file: &StoredModel, precision: Precision) -> Outcome<Self> {
        Self::load(&file.parts.config, &file.weights, precision).map_err(|fault| file.fault(fault))
    }

    /// Lays out the tensors of a checked `config` as they are read.
    pub fn load(config: &Config, weights: &impl Weights, precision: Precision) -> Result<Self, String> {
        let tensors = config.tensors();
        let matrix = |name: &str| {
            let (_, shape) = tensors.iter().find(|(n, _)| n == name).expect("a tensor of the config");
            let shape = [shape[0], shape[1]];
            if weights.is_int8(name) {
                return Matrix::of_int8(shape, |first, to, scales| weights.integers(name, first, to, scales));
            }
            let read = |first: usize, to: &mut [f32]| weights.floats(name, first, to);
            match precision {
                Precision::Stored => Matrix::of_floats(shape, read),
                Precision::Int8 => Matrix::rounded(shape, read),
            }
        };
        let bias = |names: &[String], rows: usize| {
            let mut sum = vec![0.0; rows];
            for name in names {
                let mut row = vec![0.0; rows];
                weights.floats(name, 0, &mut row)?;
                sum.iter_mut().zip(row).for_each(|(sum, x)| *sum += x);
            }
            sum.resize(rows.next_multiple_of(LANES), 0.0);
            Ok::<_, String>(sum.chunks_exact(LANES).map(|lanes| Lanes(lanes.try_into().unwrap())).collect::<Vec<_>>())
        };
        let layer = |layer: usize| {
            let name = |name: &str| config.layer_tensor(layer, name);
            let rows = config.cell.gates() * config.layer_size(layer);
            let (ih, hh) = (name("bias_ih"), name("bias_hh"));
            let is_gru = config.cell == crate::model::Cell::Gru;
            Ok::<_, String>(Layer {
                cell: config.cell,
                input_weight: matrix(&name("weight_ih"))?,
                hidden_weight: matrix(&name("weight_hh"))?,
                input_bias: bias(&if is_gru { vec![ih] } else { vec![ih, hh.clone()] }, rows)?,
                hidden_bias: bias(&if is_gru { vec![hh] } else { vec![] }, rows)?,
            })
        };
        let output = match config.cutoffs.first() {
            None => {
                let matrix = if config.tie_weights { None } else { Some(matrix("output.weight")?) };
                Output::Full(matrix, bias(&["output.bias".into()], config.vocab_size)?)
            }
            Some(first) => {
                let clusters = config.clusters();
                let cluster = |(i, &(first, _, _)): (usize, &(usize, usize, usize))| {
                    let reduce = matrix(&format!("output.tail.{i}.0.weight"))?;
                    Ok::<_, String>(Cluster { first, reduce, expand: matrix(&format!("output.tail.{i}.1.weight"))? })
                };
                Output::Adaptive(Adaptive {
                    head: matrix("output.head.weight")?,
                    bias: bias(&["output.head.bias".into()], first + clusters.len())?,
                    clusters: clusters.iter().enumerate().map(cluster).collect::<Result<_, _>>()?,
                })
            }
        };
        let attention = config.attention > 0;
        Ok(Self {
            layout: Layout::new(config),
            level: Level::best(),
            embedding: matrix("embedding.weight")?,
            layers: (0..config.num_layers).map(layer).collect::<Result<_, _>>()?,
            attention: attention
                .then(|| Ok::<_, String>(Attention { query: matrix("attention.weight")? }))
                .transpose()?,
            output,
            config: config.clone(),
        })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The state before any text: zeros.
    pub fn initial_state(&self) -> State {
        State { values: vec![0.0; self.layout.size()], tokens: 0 }
    }

    /// A state from what [`State::values`] and [`State::tokens`] said; None if that was another network's, or no numbers.
    pub fn restore(&self, values: &[f32], tokens: u64) -> Option<State> {
        let fits = values.len() == self.layout.size() && values.iter().all(|x| x.is_finite());
        fits.then(|| State { values: values.to_vec(), tokens })
    }

    /// What layer `layer` gave at the last token that was read. (layer_size)
    pub fn hidden<'a>(&self, state: &'a State, layer: usize) -> &'a [f32] {
        &state.values[self.layout.hidden[layer].clone()]
    }

    /// The cells of layer `layer` after the last token; empty but for an LSTM. (layer_size)
    pub fn cell<'a>(&self, state: &'a State, layer: usize) -> &'a [f32] {
        &state.values[self.layout.cell[layer].clone()]
    }

    /// Room to work in. More than `batch` states at once are served too, `batch` after `batch`.
    pub fn workspace(&self, batch: usize) -> Workspace {
        Workspace::new(&self.config, batch.max(1))
    }

    /// Reads a token (below vocab_size) into each state: `tokens[i]` into `states[i]`. What becomes of a state does
    /// not depend on those beside it. Allocates nothing.
    pub fn step(&self, tokens: &[u32], states: &mut [&mut State], work: &mut Workspace) {
        assert_eq!(tokens.len(), states.len());
        for (tokens, states) in tokens.chunks(work.batch).zip(states.chunks_mut(work.batch)) {
            self.step_together(tokens, states, work);
        }
    }

    fn step_together(&self, tokens: &[u32], states: &mut [&mut State], work: &mut Workspace) {
        let Layout { embedding, hidden, cell, features, memory } = &self.layout;
        let Workspace { inputs, embeddings, gates, recurrent, .. } = work;
        let width = self.config.embedding_size;
        for ((&token, state), row) in tokens.iter().zip(states.iter_mut()).zip(embeddings.chunks_exact_mut(width)) {
            self.embedding.row(token as usize, row);
            if self.config.skip_connections {
                state.values[embedding.clone()].copy_from_slice(row);
            }
            state.tokens += 1;
        }
        for (l, layer) in self.layers.iter().enumerate() {
            let places = (hidden[l].clone(), cell[l].clone());
            let input = match l.checked_sub(1) {
                None => Input::Rows(embeddings),
                Some(below) => Input::Hidden(hidden[below].clone()),
            };
            layer.step(self.level, states, input, places, gates, recurrent, inputs);
        }
        if self.config.attention > 0 {
            for state in states {
                let slot = (state.tokens - 1) as usize % self.config.attention;
                let to = memory.start + slot * features.len();
                state.values.copy_within(features.clone(), to);
            }
        }
    }

    /// What the output layer reads of a state, attention left out. (features)
    pub fn features<'a>(&self, state: &'a State) -> &'a [f32] {
        &state.values[self.layout.features.clone()][..self.config.features()]
    }

    /// Unnormalised log-probabilities of the next token after each state (those of an adaptive softmax are normalised).
    /// `logits`: (states, vocab_size). Allocates nothing.
    pub fn logits(&self, states: &[&State], logits: &mut [f32], work: &mut Workspace) {
        assert_eq!(states.len() * self.config.vocab_size, logits.len());
        let logits = logits.chunks_mut(work.batch * self.config.vocab_size);
        for (states, logits) in states.chunks(work.batch).zip(logits) {
            self.logits_together(states, logits, work);
        }
    }

    fn logits_together(&self, states: &[&State], logits: &mut [f32], work: &mut Workspace) {
        let Workspace { inputs, gates, features: attended, scores, head, reduced, tail, .. } = work;
        let n = states.len();
        let size = self.config.features();
        let own = |i: usize| &states[i].values[self.layout.features.clone()];
        if let Some(attention) = &self.attention {
            let memory = |i: usize| {
                let rows = states[i].tokens.min(self.config.attention as u64) as usize;
                &states[i].values[self.layout.memory.clone()][..rows * size]
            };
            attention.attend(self.level, n, own, memory, gates, scores, attended, inputs);
        }
        let has_attention = self.attention.is_some();
        let features = |i: usize| if has_attention { &attended[i * size..][..size] } else { own(i) };
        match &self.output {
            Output::Full(matrix, bias) => {
                let matrix = matrix.as_ref().unwrap_or(&self.embedding);
                matrix.multiply(self.level, n, features, Start::Bias(bias), logits, inputs);
            }
            Output::Adaptive(output) => {
                output.log_probabilities(self.level, n, features, logits, Room { head, reduced, tail, inputs });
            }
        }
    }
}
