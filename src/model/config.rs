//! The shape of a network: which tensors it has, under which names, in which sizes.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What a layer computes in a step of time, under the equations of `torch.nn`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Cell {
    /// Long short-term memory (Hochreiter and Schmidhuber 1997)
    #[default]
    Lstm,
    /// Gated recurrent unit (Cho et al. 2014)
    Gru,
    /// Elman's network with tanh (Elman 1990)
    RnnTanh,
    /// Elman's network with max(x, 0)
    RnnRelu,
}

impl Cell {
    /// Blocks of `hidden_size` rows in a layer's matrices: i, f, g, o of an LSTM, r, z, n of a GRU.
    pub fn gates(self) -> usize {
        match self {
            Cell::Lstm => 4,
            Cell::Gru => 3,
            Cell::RnnTanh | Cell::RnnRelu => 1,
        }
    }

    /// Prefix of the layers' tensors.
    pub fn module(self) -> &'static str {
        match self {
            Cell::Lstm => "lstm",
            Cell::Gru => "gru",
            Cell::RnnTanh | Cell::RnnRelu => "rnn",
        }
    }
}

/// Shape of a network: embedding, stacked recurrent layers, perhaps attention, a projection to the vocabulary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    pub cell: Cell,
    pub vocab_size: usize,
    pub embedding_size: usize,
    pub hidden_size: usize,
    pub num_layers: usize,
    /// Units of the last layer; None as the others. AWD-LSTM's is as wide as the embedding, to be tied to it.
    pub last_size: Option<usize>,
    /// The output reads the embedding and every layer, not only the last (Graves 2013).
    pub skip_connections: bool,
    /// Steps of time over which attention looks back, the present one included; 0 is none.
    pub attention: usize,
    /// The output projection uses the embedding matrix (Press and Wolf 2017); needs equal sizes.
    pub tie_weights: bool,
    /// Adaptive softmax (Grave et al. 2017): first ids of the rarer words' clusters, rising; none is one softmax.
    pub cutoffs: Vec<usize>,
}

impl Config {
    /// Units of layer `layer`.
    pub fn layer_size(&self, layer: usize) -> usize {
        self.last_size.filter(|_| layer + 1 == self.num_layers).unwrap_or(self.hidden_size)
    }

    /// Columns of layer `layer`'s input-to-hidden matrix.
    pub fn input_size(&self, layer: usize) -> usize {
        if layer == 0 { self.embedding_size } else { self.hidden_size }
    }

    /// Numbers that the output layer reads.
    pub fn features(&self) -> usize {
        let mut layers = (0..self.num_layers).map(|layer| self.layer_size(layer));
        if self.skip_connections {
            self.embedding_size + layers.sum::<usize>()
        } else {
            layers.next_back().unwrap_or(self.embedding_size)
        }
    }

    /// A tensor of layer `layer`, say `weight_ih`. All layers are one `torch.nn.LSTM` (or GRU, RNN); a last layer of
    /// another size is a second one.
    pub fn layer_tensor(&self, layer: usize, name: &str) -> String {
        let module = self.cell.module();
        if layer + 1 == self.num_layers && self.layer_size(layer) != self.hidden_size {
            format!("{module}_last.{name}_l0")
        } else {
            format!("{module}.{name}_l{layer}")
        }
    }

    /// The clusters of an adaptive softmax: first id, end, and numbers to which the features are reduced for it, a
    /// quarter for each cluster of those for the one before. As `torch.nn.AdaptiveLogSoftmaxWithLoss` has it.
    pub fn clusters(&self) -> Vec<(usize, usize, usize)> {
        let ends = self.cutoffs.iter().skip(1).copied().chain([self.vocab_size]);
        let sizes = (1..).map(|i| (self.features() >> (2 * i).min(63)).max(1));
        self.cutoffs.iter().zip(ends).zip(sizes).map(|((&first, end), size)| (first, end, size)).collect()
    }

    /// Every tensor by name and shape, in the order in which they are used.
    pub fn tensors(&self) -> Vec<(String, Vec<usize>)> {
        let features = self.features();
        let mut all = vec![("embedding.weight".to_string(), vec![self.vocab_size, self.embedding_size])];
        for layer in 0..self.num_layers {
            let size = self.layer_size(layer);
            let gates = self.cell.gates() * size;
            let mut push = |name, shape| all.push((self.layer_tensor(layer, name), shape));
            push("weight_ih", vec![gates, self.input_size(layer)]);
            push("weight_hh", vec![gates, size]);
            push("bias_ih", vec![gates]);
            push("bias_hh", vec![gates]);
        }
        if self.attention > 0 {
            all.push(("attention.weight".to_string(), vec![features, features]));
        }
        if let Some(&first) = self.cutoffs.first() {
            let head = first + self.cutoffs.len();
            all.push(("output.head.weight".to_string(), vec![head, features]));
            all.push(("output.head.bias".to_string(), vec![head]));
            for (i, (first, end, size)) in self.clusters().into_iter().enumerate() {
                all.push((format!("output.tail.{i}.0.weight"), vec![size, features]));
                all.push((format!("output.tail.{i}.1.weight"), vec![end - first, size]));
            }
            return all;
        }
        if !self.tie_weights {
            all.push(("output.weight".to_string(), vec![self.vocab_size, features]));
        }
        all.push(("output.bias".to_string(), vec![self.vocab_size]));
        all
    }

    pub fn num_parameters(&self) -> usize {
        self.tensors().iter().map(|(_, shape)| shape.iter().product::<usize>()).sum()
    }

    /// Refuses shapes that no network has, before anything is allocated for them.
    pub fn check(&self) -> std::result::Result<(), String> {
        const MOST: usize = 1 << 24;
        for (name, value) in [
            ("vocab_size", self.vocab_size),
            ("embedding_size", self.embedding_size),
            ("hidden_size", self.hidden_size),
            ("num_layers", self.num_layers),
            ("last_size", self.last_size.unwrap_or(1)),
        ] {
            let least = if name == "vocab_size" { 2 } else { 1 }; // the unknown token and one that can be written
            if value < least || value > MOST || (name == "num_layers" && value > 64) {
                return Err(format!("{name} {value} is out of range"));
            }
        }
        if self.attention > 1 << 16 {
            return Err(format!("attention {} is out of range", self.attention));
        }
        if self.tie_weights && self.embedding_size != self.features() {
            let (name, other) = match (self.skip_connections, self.last_size) {
                (true, _) => ("the embedding and all layers", self.features()),
                (_, Some(size)) => ("last_size", size),
                _ => ("hidden_size", self.hidden_size),
            };
            return Err(format!(
                "tied weights need embedding_size ({}) equal to {name} ({other})",
                self.embedding_size
            ));
        }
        if self.tie_weights && !self.cutoffs.is_empty() {
            return Err("an adaptive softmax (cutoffs) has no weights to be tied".into());
        }
        if self.cutoffs.first() == Some(&0)
            || self.cutoffs.windows(2).any(|pair| pair[0] >= pair[1])
            || self.cutoffs.last().is_some_and(|&last| last >= self.vocab_size)
        {
            return Err(format!(
                "cutoffs {:?} do not rise from 1 to below vocab_size {}",
                self.cutoffs, self.vocab_size
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good() -> Config {
        Config { vocab_size: 100, embedding_size: 8, hidden_size: 12, num_layers: 2, ..Config::default() }
    }

    #[test]
    fn names_are_those_of_torchs_modules() {
        let names = |config: Config| -> Vec<String> {
            config.check().unwrap();
            config.tensors().into_iter().map(|(name, shape)| format!("{name} {shape:?}")).collect()
        };
        let gru = names(Config { cell: Cell::Gru, last_size: Some(8), tie_weights: true, ..good() });
        assert!(gru.contains(&"gru.weight_ih_l0 [36, 8]".into()));
        assert!(gru.contains(&"gru_last.weight_ih_l0 [24, 12]".into()));
        assert!(gru.contains(&"gru_last.weight_hh_l0 [24, 8]".into()) && !gru.iter().any(|n| n.contains("output.w")));
        let rnn = names(Config { cell: Cell::RnnRelu, skip_connections: true, attention: 5, ..good() });
        assert!(rnn.contains(&"rnn.weight_hh_l1 [12, 12]".into()));
        assert!(rnn.contains(&"attention.weight [32, 32]".into()) && rnn.contains(&"output.weight [100, 32]".into()));
        let adaptive = names(Config { cutoffs: vec![10, 40], ..good() });
        for name in ["head.weight [12, 12]", "head.bias [12]", "tail.0.0.weight [3, 12]", "tail.0.1.weight [30, 3]"] {
            assert!(adaptive.contains(&format!("output.{name}")), "{name} {adaptive:?}");
        }
        assert!(adaptive.contains(&"output.tail.1.0.weight [1, 12]".into()), "a sixteenth of 12 is at least 1");
    }

    #[test]
    fn shapes_that_no_network_has_are_refused() {
        for (bad, word) in [
            (Config { num_layers: 0, ..good() }, "num_layers"),
            (Config { hidden_size: 1 << 40, ..good() }, "hidden_size"),
            (Config { last_size: Some(0), ..good() }, "last_size"),
            (Config { attention: usize::MAX, ..good() }, "attention"),
            (Config { tie_weights: true, ..good() }, "hidden_size (12)"),
            (Config { tie_weights: true, last_size: Some(9), ..good() }, "last_size (9)"),
            (Config { cutoffs: vec![0], ..good() }, "cutoffs"),
            (Config { cutoffs: vec![7, 7], ..good() }, "cutoffs"),
            (Config { cutoffs: vec![100], ..good() }, "cutoffs"),
            (Config { cutoffs: vec![10], tie_weights: true, last_size: Some(8), ..good() }, "adaptive"),
        ] {
            let fault = bad.check().unwrap_err();
            assert!(fault.contains(word), "{fault}");
        }
    }
}
