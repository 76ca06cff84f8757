//! The shape of a network, as the model file keeps it.

use serde::{Deserialize, Serialize};

use super::Cell;
use crate::error::{Error, Result};

/// Shape of a network: embedding, stacked recurrent layers, optional attention, a projection to the vocabulary. What it
/// consists of is said by [`Config::blocks`].
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
    pub fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    /// Small networks that together have every block and every cell, on which engine, trainer and PyTorch must agree.
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

    /// Refuses shapes that no network has, before anything is allocated for them.
    pub fn check(&self) -> Result<()> {
        const MOST: usize = 1 << 24;
        let last_size = self.last_size.unwrap_or(1);
        for (name, value, least, most) in [
            ("vocab_size", self.vocab_size, 2, MOST), // the unknown token and one that can be written
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
                (true, _) => ("the embedding and all layers", self.features()),
                (_, Some(size)) => ("last_size", size),
                _ => ("hidden_size", self.hidden_size),
            };
            return Err(Error::invalid(format!(
                "tied weights need embedding_size ({}) equal to {name} ({other})",
                self.embedding_size
            )));
        }
        if self.tie_weights && !self.cutoffs.is_empty() {
            return Err(Error::invalid("an adaptive softmax (cutoffs) has no weights to be tied"));
        }
        if self.cutoffs.first() == Some(&0)
            || self.cutoffs.windows(2).any(|pair| pair[0] >= pair[1])
            || self.cutoffs.last().is_some_and(|&last| last >= self.vocab_size)
        {
            return Err(Error::invalid(format!(
                "cutoffs {:?} do not rise from 1 to below vocab_size {}",
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
            assert!(fault.to_string().contains(word), "{fault}");
        }
    }
}
