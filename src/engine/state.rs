//! The mutable parts of inference: states and working memory.

use std::ops::Range;

use super::matrix::Inputs;
use crate::model::{Block, Config};

/// The state of a network after the tokens of one text so far.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// The values in the order of [`Layout`].
    pub(super) values: Vec<f32>,
    /// The number of tokens read.
    pub(super) tokens: u64,
}

impl State {
    /// Returns all values of the state: with skip connections, the embedding of the last token; every layer's hidden
    /// state; every LSTM layer's cell state; and for attention, the features of the last tokens.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Returns the number of tokens read so far.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }
}

/// The position of a block's values in a state.
#[derive(Clone, Debug)]
pub struct StateSlot {
    /// The output for the last token.
    pub output: Range<usize>,
    /// The cell state, or the features for attention.
    pub memory: Range<usize>,
}

/// The layout of a state: the outputs of all blocks, then their memories.
pub struct Layout {
    /// The positions of all blocks.
    pub slots: Vec<StateSlot>,
    /// The input of the output layer, before attention: the last output, or all outputs.
    pub features: Range<usize>,
    /// The number of values of a state.
    pub size: usize,
}

impl Layout {
    pub fn new(config: &Config) -> Self {
        let sizes: Vec<(usize, usize)> = config.blocks().iter().map(Block::state_size).collect();
        let outputs: usize = sizes.iter().map(|(output, _)| output).sum();
        let (mut output_end, mut memory_end) = (0, outputs);
        let slot = |(output, memory): (usize, usize)| {
            output_end += output;
            memory_end += memory;
            StateSlot { output: output_end - output..output_end, memory: memory_end - memory..memory_end }
        };
        let slots = sizes.into_iter().map(slot).collect();
        Self { slots, features: outputs - config.features()..outputs, size: memory_end }
    }
}

/// Working memory. Nothing is kept from one step to the next.
pub struct Workspace {
    /// The number of states that are processed together.
    pub(super) batch: usize,
    pub(super) inputs: Inputs,
    /// The tokens to read. (batch)
    pub(super) tokens: Vec<u32>,
    /// The input of a block, overwritten by its output. (batch, size)
    pub(super) x: Vec<f32>,
    /// The gates of a layer, or the queries of attention. (batch, gates * hidden_size)
    pub(super) gates: Vec<f32>,
    /// The recurrent part of a GRU's gates. (batch, gates * hidden_size)
    pub(super) recurrent: Vec<f32>,
    /// The attention weights. (window)
    pub(super) scores: Vec<f32>,
    /// The head of an adaptive softmax. (batch, head)
    pub(super) head: Vec<f32>,
    /// The features reduced for a cluster. (batch, size)
    pub(super) reduced: Vec<f32>,
    /// The logits of a cluster's tokens. (batch, tokens)
    pub(super) tail: Vec<f32>,
}

impl Workspace {
    /// Sets whether all products run on the calling thread, because other threads have work of their own. By default,
    /// large products run on all cores. The results are the same.
    pub fn keep_to_one_thread(&mut self, single_threaded: bool) {
        self.inputs.single_threaded = single_threaded;
    }

    pub(super) fn new(config: &Config, batch: usize) -> Self {
        // The maximum size that any block needs, per state.
        let (mut x, mut gates, mut window, mut head, mut reduced, mut tail) = (config.features(), 0, 0, 0, 0, 0);
        for block in config.blocks() {
            match block {
                Block::Embedding(embedding) => x = x.max(embedding.size),
                Block::Recurrent(layer) => {
                    x = x.max(layer.size);
                    gates = gates.max(layer.cell.properties().gates * layer.size);
                }
                Block::Attention(attention) => {
                    gates = gates.max(attention.size);
                    window = attention.window;
                }
                Block::AdaptiveSoftmax(softmax) => {
                    head = softmax.head_size();
                    for cluster in softmax.clusters {
                        reduced = reduced.max(cluster.size);
                        tail = tail.max(cluster.tokens.len());
                    }
                }
                Block::Concatenation(_) | Block::Softmax(_) => {}
            }
        }
        let zeros = |values: usize| vec![0.0; batch * values];
        Self {
            batch,
            inputs: Inputs::with_capacity(batch, x),
            tokens: Vec::with_capacity(batch),
            x: zeros(x),
            gates: zeros(gates),
            recurrent: zeros(gates),
            scores: vec![0.0; window],
            head: zeros(head),
            reduced: zeros(reduced),
            tail: zeros(tail),
        }
    }
}
