//! The recurrent cells, and all that tells one from another but their equations.

use serde::{Deserialize, Serialize};

/// What a recurrent layer computes in a time step, under the equations of `torch.nn`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// The properties of a cell.
pub struct Properties {
    /// Blocks of `hidden_size` rows in a layer's matrices: i, f, g, o of an LSTM, r, z, n of a GRU.
    pub gates: usize,
    /// Whether a cell state is kept beside the hidden state, with as many units.
    pub has_cell_state: bool,
    /// Name of PyTorch's module in lower case, with which the names of tensors begin.
    pub module: &'static str,
    /// Name in tables and pictures.
    pub label: &'static str,
    /// The activation function, where it is a choice.
    pub activation: Option<&'static str>,
    /// Name of the layer in Keras.
    pub keras: &'static str,
}

impl Cell {
    pub const ALL: [Self; 4] = [Self::Lstm, Self::Gru, Self::RnnTanh, Self::RnnRelu];

    pub fn properties(self) -> Properties {
        let (gates, has_cell_state, module, label, activation, keras) = match self {
            Self::Lstm => (4, true, "lstm", "LSTM", None, "LSTM"),
            Self::Gru => (3, false, "gru", "GRU", None, "GRU"),
            Self::RnnTanh => (1, false, "rnn", "RNN", Some("tanh"), "SimpleRNN"),
            Self::RnnRelu => (1, false, "rnn", "RNN", Some("max(x, 0)"), "SimpleRNN"),
        };
        Properties { gates, has_cell_state, module, label, activation, keras }
    }
}
