//! What changes while a network reads.

use std::ops::Range;

use super::matrix::Inputs;
use crate::model::{Cell, Config};

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

/// Where things lie in a state.
pub struct Layout {
    /// Embedding of the last token; empty without skip connections.
    pub embedding: Range<usize>,
    /// One a layer.
    pub hidden: Vec<Range<usize>>,
    /// One a layer; empty but for an LSTM.
    pub cell: Vec<Range<usize>>,
    /// What the output reads: the last layer, or embedding and all layers.
    pub features: Range<usize>,
    /// The features of the last tokens, in a ring. (attention, features)
    pub memory: Range<usize>,
}

impl Layout {
    pub fn new(config: &Config) -> Self {
        let mut end = 0;
        let mut next = |size: usize| {
            end += size;
            end - size..end
        };
        let skip = config.skip_connections;
        let embedding = next(if skip { config.embedding_size } else { 0 });
        let hidden: Vec<_> = (0..config.num_layers).map(|layer| next(config.layer_size(layer))).collect();
        let is_lstm = config.cell == Cell::Lstm;
        let cell = (0..config.num_layers).map(|l| next(if is_lstm { config.layer_size(l) } else { 0 })).collect();
        let top = hidden.last().expect("a network has at least one layer").clone();
        let features = if skip { 0..top.end } else { top };
        Self { embedding, hidden, cell, features, memory: next(config.attention * config.features()) }
    }

    /// Numbers of a state.
    pub fn size(&self) -> usize {
        self.memory.end
    }
}

/// Room to work in, which keeps nothing from one step to the next.
pub struct Workspace {
    /// States that there is room for.
    pub(super) batch: usize,
    pub(super) inputs: Inputs,
    /// (batch, embedding_size)
    pub(super) embeddings: Vec<f32>,
    /// Gate activations of one layer; queries of attention. (batch, gates * hidden_size)
    pub(super) gates: Vec<f32>,
    /// A GRU's share of them from the hidden values. (batch, gates * hidden_size)
    pub(super) recurrent: Vec<f32>,
    /// What attention makes of the features. (batch, features)
    pub(super) features: Vec<f32>,
    /// Weights of attention. (attention)
    pub(super) scores: Vec<f32>,
    /// Frequent words and clusters of an adaptive softmax. (batch, head)
    pub(super) head: Vec<f32>,
    /// Features reduced for a cluster. (batch, size)
    pub(super) reduced: Vec<f32>,
    /// Words of a cluster. (batch, words)
    pub(super) tail: Vec<f32>,
}

impl Workspace {
    /// Says whether every product is to stay on the thread that asks for it: the others have work of their own. Otherwise
    /// the large ones are shared by all cores. The results are the same.
    pub fn keep_to_one_thread(&mut self, alone: bool) {
        self.inputs.alone = alone;
    }

    pub(super) fn new(config: &Config, batch: usize) -> Self {
        let room = |numbers: usize| vec![0.0; batch * numbers];
        let layers = || 0..config.num_layers;
        let gates = layers().map(|layer| config.cell.gates() * config.layer_size(layer)).max().unwrap_or(0);
        let widest = layers().map(|l| config.input_size(l).max(config.layer_size(l))).max().unwrap_or(0);
        let clusters = config.clusters();
        let head = config.cutoffs.first().map_or(0, |first| first + clusters.len());
        Self {
            batch,
            inputs: Inputs::with_capacity(batch, widest.max(config.features())),
            embeddings: room(config.embedding_size),
            gates: room(gates.max(if config.attention > 0 { config.features() } else { 0 })),
            recurrent: room(if config.cell == Cell::Gru { gates } else { 0 }),
            features: room(if config.attention > 0 { config.features() } else { 0 }),
            scores: vec![0.0; config.attention],
            head: room(head),
            reduced: room(clusters.iter().map(|&(_, _, size)| size).max().unwrap_or(0)),
            tail: room(clusters.iter().map(|&(first, end, _)| end - first).max().unwrap_or(0)),
        }
    }
}
