//! What changes while a network reads.

use std::ops::Range;

use super::matrix::Inputs;
use crate::model::{Block, Config};

/// What a network remembers of one text so far.
#[derive(Clone, Debug, PartialEq)]
pub struct State {
    /// In the order of [`Layout`].
    pub(super) values: Vec<f32>,
    /// Tokens read.
    pub(super) tokens: u64,
}

impl State {
    /// All that the network remembers, in one row: with skip connections the embedding of the last token, then every
    /// layer's hidden values, every LSTM layer's cells, and for attention the features of the last tokens.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// Tokens read so far.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }
}

/// Where a block's values lie in a state.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its output for the last token.
    pub output: Range<usize>,
    /// What it remembers besides.
    pub memory: Range<usize>,
}

/// Where things lie in a state: the outputs of all blocks, then what each remembers besides.
pub struct Layout {
    /// One for each block.
    pub places: Vec<Place>,
    /// What the output layer reads, attention left out: the last output, or all of them.
    pub features: Range<usize>,
    /// The number of values of a state.
    pub size: usize,
}

impl Layout {
    pub fn new(config: &Config) -> Self {
        let sizes: Vec<(usize, usize)> = config.blocks().iter().map(Block::state_size).collect();
        let outputs: usize = sizes.iter().map(|(output, _)| output).sum();
        let (mut output_end, mut memory_end) = (0, outputs);
        let place = |(output, memory): (usize, usize)| {
            output_end += output;
            memory_end += memory;
            Place { output: output_end - output..output_end, memory: memory_end - memory..memory_end }
        };
        let places = sizes.into_iter().map(place).collect();
        Self { places, features: outputs - config.features()..outputs, size: memory_end }
    }
}

/// Memory to work in, which keeps nothing from one step to the next.
pub struct Workspace {
    /// The number of states that are worked on together.
    pub(super) batch: usize,
    pub(super) inputs: Inputs,
    /// The tokens to read. (batch)
    pub(super) tokens: Vec<u32>,
    /// What a block reads, and then its output. (batch, size)
    pub(super) x: Vec<f32>,
    /// Gate activations of a layer; queries of attention. (batch, gates * hidden_size)
    pub(super) gates: Vec<f32>,
    /// The part of a GRU's that comes from the hidden state. (batch, gates * hidden_size)
    pub(super) recurrent: Vec<f32>,
    /// Weights of attention. (window)
    pub(super) scores: Vec<f32>,
    /// Classes of an adaptive softmax's head. (batch, head)
    pub(super) head: Vec<f32>,
    /// Features reduced for a cluster. (batch, size)
    pub(super) reduced: Vec<f32>,
    /// Tokens of a cluster. (batch, tokens)
    pub(super) tail: Vec<f32>,
}

impl Workspace {
    /// Whether every product stays on the calling thread, because the others have work of their own. Otherwise large ones
    /// are shared by all cores. The results are the same.
    pub fn keep_to_one_thread(&mut self, alone: bool) {
        self.inputs.alone = alone;
    }

    pub(super) fn new(config: &Config, batch: usize) -> Self {
        // The most that any block needs. (per state)
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
