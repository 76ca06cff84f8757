//! Native inference on the CPU: immutable weights, mutable state, one step at a time. It has no dependencies to install
//! and starts in milliseconds; tests compare it with libtorch.

mod blocks;
mod kernels;
mod matrix;
mod memory;
mod state;
mod tensors;
#[cfg(test)]
mod tests;
pub mod trainable;

use std::sync::Arc;

use crate::error::Result;
use crate::model::{Block, Config, ModelFile, StoredModel, Weights};
use blocks::{Attention, Embedding, Layer, Output};
use state::{Layout, StateSlot};
pub use state::{State, Workspace};
use tensors::Tensors;

/// The in-memory format of a network's matrices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// As in the model file.
    #[default]
    Stored,
    /// 8-bit integers with one scale per row: a step reads a quarter of the memory.
    Int8,
}

/// The weights of a network in the layout of the kernels. Threads can share it.
pub struct Model {
    config: Config,
    layout: Layout,
    /// The embedding and the recurrent layers.
    layers: Vec<Box<dyn Layer>>,
    /// The positions of the recurrent layers in a state.
    slots: Vec<StateSlot>,
    attention: Option<Attention>,
    output: Box<dyn Output>,
}

impl Model {
    /// Creates the model of a checked model file.
    pub fn new(file: &ModelFile) -> Self {
        Self::load(&file.config, &file.tensors, Precision::Stored).expect("a model file has all of its tensors")
    }

    /// Reads the weights of an open model file.
    pub fn read(file: &StoredModel, precision: Precision) -> Result<Self> {
        Self::load(&file.parts.config, &file.weights, precision).map_err(|e| file.invalid(e))
    }

    /// Reads the tensors of a checked `config` directly into the layout of the kernels.
    pub fn load(config: &Config, weights: &impl Weights, precision: Precision) -> Result<Self> {
        let (layout, tensors) = (Layout::new(config), Tensors::new(weights, precision));
        let mut weight = None;
        let (mut layers, mut slots) = (Vec::<Box<dyn Layer>>::new(), Vec::new());
        let (mut attention, mut output) = (None, None);
        for (block, slot) in config.blocks().iter().zip(&layout.slots) {
            match block {
                Block::Embedding(_) => {
                    let matrix = Arc::new(tensors.matrix(block, 0)?);
                    weight = Some(matrix.clone());
                    layers.push(Box::new(Embedding { weight: matrix, output: slot.output.clone() }));
                }
                Block::Recurrent(layer) => {
                    layers.push(blocks::recurrent(block, layer.cell, slot.clone(), &tensors)?);
                    slots.push(slot.clone());
                }
                Block::Concatenation(_) => {} // the outputs are adjacent in a state
                Block::Attention(_) => {
                    attention = Some(Attention::load(block, layout.features.clone(), slot.clone(), &tensors)?);
                }
                Block::Softmax(_) | Block::AdaptiveSoftmax(_) => {
                    let embedding = weight.as_ref().expect("the embedding is the first block");
                    output = Some(blocks::output(block, embedding, &tensors)?);
                }
            }
        }
        let output = output.expect("the last block is an output layer");
        Ok(Self { config: config.clone(), layout, layers, slots, attention, output })
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Returns the state before any text: zeros.
    pub fn initial_state(&self) -> State {
        State { values: vec![0.0; self.layout.size], tokens: 0 }
    }

    /// Restores a state from its [`State::values`] and [`State::tokens`]; None if they have the wrong size or are not
    /// finite.
    pub fn restore(&self, values: &[f32], tokens: u64) -> Option<State> {
        let fits = values.len() == self.layout.size && values.iter().all(|x| x.is_finite());
        fits.then(|| State { values: values.to_vec(), tokens })
    }

    /// Returns the number of recurrent layers.
    pub fn num_layers(&self) -> usize {
        self.slots.len()
    }

    /// Returns the number of units of recurrent layer `layer`.
    pub fn layer_size(&self, layer: usize) -> usize {
        self.slots[layer].output.len()
    }

    /// Returns the output of recurrent layer `layer` for the last token. (layer size)
    pub fn hidden<'a>(&self, state: &'a State, layer: usize) -> &'a [f32] {
        &state.values[self.slots[layer].output.clone()]
    }

    /// Returns the cell state of recurrent layer `layer` after the last token; empty except in an LSTM. (layer size)
    pub fn cell<'a>(&self, state: &'a State, layer: usize) -> &'a [f32] {
        &state.values[self.slots[layer].memory.clone()]
    }

    /// Allocates working memory for `batch` states at a time. Calls with more states are processed in several batches.
    pub fn workspace(&self, batch: usize) -> Workspace {
        Workspace::new(&self.config, batch.max(1))
    }

    /// Feeds `tokens[i]` (below vocab_size) to `states[i]`. The results do not depend on the other states in the batch.
    /// Does not allocate.
    pub fn step(&self, tokens: &[u32], states: &mut [&mut State], work: &mut Workspace) {
        assert_eq!(tokens.len(), states.len());
        for (tokens, states) in tokens.chunks(work.batch).zip(states.chunks_mut(work.batch)) {
            work.tokens.clear();
            work.tokens.extend_from_slice(tokens);
            states.iter_mut().for_each(|state| state.tokens += 1);
            self.layers.iter().for_each(|layer| layer.step(states, work));
            if let Some(attention) = &self.attention {
                attention.remember(states);
            }
        }
    }

    /// Returns the input of the output layer, before attention. (features)
    pub fn features<'a>(&self, state: &'a State) -> &'a [f32] {
        &state.values[self.layout.features.clone()]
    }

    /// Computes the logits of the next token after each state (an adaptive softmax returns normalized
    /// log-probabilities). `logits`: (states, vocab_size). Does not allocate.
    pub fn logits(&self, states: &[&State], logits: &mut [f32], work: &mut Workspace) {
        let vocab_size = self.config.vocab_size();
        assert_eq!(states.len() * vocab_size, logits.len());
        for (states, logits) in states.chunks(work.batch).zip(logits.chunks_mut(work.batch * vocab_size)) {
            for (state, x) in states.iter().zip(work.x.chunks_exact_mut(self.layout.features.len())) {
                x.copy_from_slice(self.features(state));
            }
            if let Some(attention) = &self.attention {
                attention.attend(states, work);
            }
            self.output.logits(states.len(), logits, work);
        }
    }
}
