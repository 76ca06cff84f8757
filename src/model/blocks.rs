//! The blocks of a network. This list is the only definition of the architecture: the native engine, rnn-train, and all
//! code that counts, draws or describes a network iterate over it.

use super::{Cell, Config};

/// A part of a network, with its sizes. [`Config::blocks`] lists the blocks in forward order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    Embedding(Embedding),
    Recurrent(Recurrent),
    Concatenation(Concatenation),
    Attention(Attention),
    Softmax(Softmax),
    AdaptiveSoftmax(AdaptiveSoftmax),
}

/// A vector for each token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Embedding {
    pub vocab_size: usize,
    pub size: usize,
    /// Whether blocks above the first recurrent layer also read it.
    pub feeds_skip_connections: bool,
}

/// A recurrent layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recurrent {
    pub cell: Cell,
    /// The index of the layer in the network, from 0.
    pub index: usize,
    /// The PyTorch module that contains it: `lstm`, or `lstm_last` for a last layer of a different size.
    pub module: String,
    /// The index of the layer in the module, from 0.
    pub layer: usize,
    pub input_size: usize,
    pub size: usize,
}

/// The concatenated outputs of the embedding and of every layer (Graves 2013).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Concatenation {
    pub size: usize,
}

/// Attention over the features of the last tokens (Luong et al. 2015).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attention {
    pub size: usize,
    /// The number of tokens that it attends to, including the current one.
    pub window: usize,
}

/// A projection to the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Softmax {
    pub vocab_size: usize,
    pub input_size: usize,
    /// Whether it shares the embedding's weight (Press and Wolf 2017).
    pub is_tied: bool,
}

/// An adaptive softmax (Grave et al. 2017), like `torch.nn.AdaptiveLogSoftmaxWithLoss`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdaptiveSoftmax {
    pub vocab_size: usize,
    pub input_size: usize,
    /// The number of frequent tokens, each with its own class in the head.
    pub shortlist: usize,
    pub clusters: Vec<Cluster>,
}

/// A cluster of rarer tokens, which is one class of the head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cluster {
    /// The range of its tokens.
    pub tokens: std::ops::Range<usize>,
    /// The size to which features are reduced for it: a quarter of the previous cluster's.
    pub size: usize,
}

impl Config {
    /// Returns the blocks of a checked config.
    pub fn blocks(&self) -> Vec<Block> {
        let (vocab_size, module) = (self.vocab_size, self.cell.properties().module);
        let (mut input_size, feeds_skip_connections) = (self.embedding_size, self.skip_connections);
        let mut blocks = vec![Block::Embedding(Embedding { vocab_size, size: input_size, feeds_skip_connections })];
        let mut all = input_size;
        for index in 0..self.num_layers {
            let size = self.last_size.filter(|_| index + 1 == self.num_layers).unwrap_or(self.hidden_size);
            let (module, layer) =
                if size == self.hidden_size { (module.into(), index) } else { (format!("{module}_last"), 0) };
            blocks.push(Block::Recurrent(Recurrent { cell: self.cell, index, module, layer, input_size, size }));
            input_size = size;
            all += size;
        }
        if self.skip_connections {
            input_size = all;
            blocks.push(Block::Concatenation(Concatenation { size: all }));
        }
        if self.attention > 0 {
            blocks.push(Block::Attention(Attention { size: input_size, window: self.attention }));
        }
        blocks.push(match self.cutoffs.first() {
            None => Block::Softmax(Softmax { vocab_size, input_size, is_tied: self.tie_weights }),
            Some(&shortlist) => {
                let ends = self.cutoffs.iter().skip(1).copied().chain([vocab_size]);
                let sizes = (1..).map(|i| (input_size >> (2 * i).min(63)).max(1));
                let clusters = self.cutoffs.iter().zip(ends).zip(sizes);
                let clusters = clusters.map(|((&first, end), size)| Cluster { tokens: first..end, size }).collect();
                Block::AdaptiveSoftmax(AdaptiveSoftmax { vocab_size, input_size, shortlist, clusters })
            }
        });
        blocks
    }

    /// Returns the number of values that the output layer reads.
    pub fn features(&self) -> usize {
        match self.blocks().pop() {
            Some(Block::Softmax(softmax)) => softmax.input_size,
            Some(Block::AdaptiveSoftmax(softmax)) => softmax.input_size,
            _ => unreachable!("the last block is an output layer"),
        }
    }

    /// Returns the names and shapes of all tensors, in the order of their use.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        self.blocks().iter().flat_map(Block::tensors).collect()
    }

    pub fn num_parameters(&self) -> usize {
        self.blocks().iter().map(Block::num_parameters).sum()
    }
}

impl Block {
    /// Returns the names (as in PyTorch) and shapes of the tensors. A tied weight belongs to the embedding.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        match self {
            Self::Embedding(block) => vec![("embedding.weight".into(), vec![block.vocab_size, block.size])],
            Self::Recurrent(block) => block.tensors(),
            Self::Concatenation(_) => Vec::new(),
            Self::Attention(block) => vec![("attention.weight".into(), vec![block.size, block.size])],
            Self::Softmax(block) => {
                let weight = ("output.weight".into(), vec![block.vocab_size, block.input_size]);
                let bias = ("output.bias".into(), vec![block.vocab_size]);
                if block.is_tied { vec![bias] } else { vec![weight, bias] }
            }
            Self::AdaptiveSoftmax(block) => block.tensors(),
        }
    }

    pub fn num_parameters(&self) -> usize {
        self.tensors().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
    }

    /// Returns the number of multiplications per token in the matrix products of a forward pass, as a float to avoid
    /// overflow.
    pub fn multiplications(&self) -> f64 {
        let products: f64 = self.tensors().iter().filter(|(_, shape)| shape.len() == 2).map(|(_, s)| product(s)).sum();
        match self {
            Self::Embedding(_) => 0.0,                                              // a lookup
            Self::Softmax(block) => product(&[block.vocab_size, block.input_size]), // also for a tied weight
            Self::Attention(block) => products + 2.0 * product(&[block.window, block.size]),
            _ => products,
        }
    }

    /// Returns the number of output values per token.
    pub fn output_size(&self) -> usize {
        match self {
            Self::Embedding(block) => block.size,
            Self::Recurrent(block) => block.size,
            Self::Concatenation(block) => block.size,
            Self::Attention(block) => block.size,
            Self::Softmax(block) => block.vocab_size,
            Self::AdaptiveSoftmax(block) => block.vocab_size,
        }
    }

    /// Returns the number of values in a sequence's state: those of the block's last output, and those of its memory
    /// (the cell state, or the features that attention reads).
    pub fn state_size(&self) -> (usize, usize) {
        match self {
            Self::Embedding(block) if block.feeds_skip_connections => (block.size, 0),
            Self::Recurrent(block) if block.cell.properties().has_cell_state => (block.size, block.size),
            Self::Recurrent(block) => (block.size, 0),
            Self::Attention(block) => (0, block.window * block.size),
            _ => (0, 0),
        }
    }

    /// Returns the name in tables: `embedding`, `lstm_0`, `attention`, `output`; None if PyTorch and Keras have no such
    /// layer.
    pub fn name(&self) -> Option<String> {
        match self {
            Self::Embedding(_) => Some("embedding".into()),
            Self::Recurrent(block) => Some(format!("{}_{}", block.module, block.layer)),
            Self::Concatenation(_) => None,
            Self::Attention(_) => Some("attention".into()),
            Self::Softmax(_) | Self::AdaptiveSoftmax(_) => Some("output".into()),
        }
    }

    /// Returns the name of the corresponding Keras layer.
    pub fn keras(&self) -> &'static str {
        match self {
            Self::Embedding(_) => "Embedding",
            Self::Recurrent(block) => block.cell.properties().keras,
            Self::Concatenation(_) => "Concatenate",
            Self::Attention(_) => "Attention",
            Self::Softmax(_) | Self::AdaptiveSoftmax(_) => "Dense",
        }
    }
}

impl Recurrent {
    /// Returns weight_ih, weight_hh, bias_ih and bias_hh, as in a layer of `torch.nn.LSTM` (or GRU, RNN).
    fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let gates = self.cell.properties().gates * self.size;
        let tensor = |name: &str, shape| (format!("{}.{name}_l{}", self.module, self.layer), shape);
        vec![
            tensor("weight_ih", vec![gates, self.input_size]),
            tensor("weight_hh", vec![gates, self.size]),
            tensor("bias_ih", vec![gates]),
            tensor("bias_hh", vec![gates]),
        ]
    }
}

impl AdaptiveSoftmax {
    /// Returns the number of classes of the head.
    pub fn head_size(&self) -> usize {
        self.shortlist + self.clusters.len()
    }

    fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let mut all = vec![
            ("output.head.weight".into(), vec![self.head_size(), self.input_size]),
            ("output.head.bias".into(), vec![self.head_size()]),
        ];
        for (i, cluster) in self.clusters.iter().enumerate() {
            all.push((format!("output.tail.{i}.0.weight"), vec![cluster.size, self.input_size]));
            all.push((format!("output.tail.{i}.1.weight"), vec![cluster.tokens.len(), cluster.size]));
        }
        all
    }
}

fn product(shape: &[usize]) -> f64 {
    shape.iter().map(|&n| n as f64).product()
}
