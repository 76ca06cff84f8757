//! The shape of a network, as stored in the model file.

use serde::{Deserialize, Serialize};

use super::Cell;
use crate::error::{Error, Result};

/// The shape of a network: embedding, stacked recurrent layers, optional attention, a projection to the vocabulary.
/// [`Config::blocks`] lists its parts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    pub cell: Cell,
    pub vocab_size: usize,
    pub embedding_size: usize,
    pub hidden_size: usize,
    pub num_layers: usize,
    /// The size of the last layer; None: `hidden_size`. In AWD-LSTM it is the embedding size, so that weights can be
    /// tied.
    pub last_size: Option<usize>,
    /// Whether the output layer reads the embedding and every layer, not only the last one (Graves 2013).
    pub skip_connections: bool,
    /// The number of time steps that attention covers, including the current one; 0 disables attention.
    pub attention: usize,
    /// Whether the output projection uses the embedding matrix (Press and Wolf 2017); requires equal sizes.
    pub tie_weights: bool,
    /// The first token ids of the clusters of an adaptive softmax (Grave et al. 2017), ascending; empty for a full
    /// softmax.
    pub cutoffs: Vec<usize>,
}

impl Config {
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    /// Returns small networks that together cover every block and cell, for tests that compare engine, trainer and
    /// PyTorch.
    #[doc(hidden)]
    pub fn examples() -> Vec<Self> {
        let plain = Self { vocab_size: 37, embedding_size: 5, hidden_size: 17, num_layers: 2, ..Self::default() };
        let of_cell = |cell| {
            let plain = Self { cell, ..plain.clone() };
            let deep = Self { num_layers: 3, last_size: Some(21), skip_connections: true, ..plain.clone() };
            [
                Self { num_layers: 1, skip_connections: true, ..plain.clone() },
                Self { embedding_size: 17, tie_weights: true, ..plain.clone() },
                Self { embedding_size: 20, last_size: Some(20), tie_weights: true, attention: 3, ..plain.clone() },
                Self { attention: 4, cutoffs: vec![1], last_size: Some(6), ..plain },
                Self { attention: 4, cutoffs: vec![9, 20], ..deep },
            ]
        };
        Cell::ALL.into_iter().flat_map(of_cell).collect()
    }

    /// Rejects invalid shapes before anything is allocated for them.
    pub fn check(&self) -> Result<()> {
        const MOST: usize = 1 << 24;
        let last_size = self.last_size.unwrap_or(1);
        for (name, value, least, most) in [
            ("vocab_size", self.vocab_size, 2, MOST), // the unknown token and one that can be generated
            ("embedding_size", self.embedding_size, 1, MOST),
            ("hidden_size", self.hidden_size, 1, MOST),
            ("num_layers", self.num_layers, 1, 64),
            ("last_size", last_size, 1, MOST),
            ("attention", self.attention, 0, 1 << 16),
        ] {
            if !(least..=most).contains(&value) {
                return Err(Error::value(name, format!("between {least} and {most}"), value));
            }
        }
        if self.tie_weights && self.embedding_size != self.features() {
            let (name, other) = match (self.skip_connections, self.last_size) {
                (true, _) => ("the size of the embedding and all layers", self.features()),
                (_, Some(size)) => ("last_size", size),
                _ => ("hidden_size", self.hidden_size),
            };
            return Err(Error::invalid(format!(
                "tied weights require embedding_size ({}) to equal {name} ({other})",
                self.embedding_size
            )));
        }
        if self.tie_weights && !self.cutoffs.is_empty() {
            return Err(Error::invalid("tied weights are not supported with an adaptive softmax (cutoffs)"));
        }
        if self.cutoffs.first() == Some(&0)
            || self.cutoffs.windows(2).any(|pair| pair[0] >= pair[1])
            || self.cutoffs.last().is_some_and(|&last| last >= self.vocab_size)
        {
            return Err(Error::invalid(format!(
                "cutoffs {:?} must be ascending, at least 1 and below vocab_size ({})",
                self.cutoffs, self.vocab_size
            )));
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
    fn tensor_names_match_the_torch_modules() {
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
    fn invalid_shapes_are_rejected() {
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
            let reason = bad.check().unwrap_err();
            assert!(reason.to_string().contains(word), "{reason}");
        }
    }
}
