//! The recurrent cells and their properties; the equations are in the engine and in rnn-train.

use serde::{Deserialize, Serialize};

/// The type of a recurrent layer, with the equations of `torch.nn`.
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
    /// The number of blocks of `hidden_size` rows in a layer's matrices: i, f, g, o in an LSTM; r, z, n in a GRU.
    pub gates: usize,
    /// Whether the layer has a cell state, of the size of the hidden state.
    pub has_cell_state: bool,
    /// The name of the PyTorch module in lower case, which is the prefix of tensor names.
    pub module: &'static str,
    /// The name in tables and diagrams.
    pub label: &'static str,
    /// The activation function, if the cell has variants.
    pub activation: Option<&'static str>,
    /// The name of the Keras layer.
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
