//! What changes while a network reads.

use super::kernels::pad;
use crate::model::Config;

/// What a network remembers of one text so far.
#[derive(Clone)]
pub struct State {
    /// One a layer, padded. (num_layers, hidden_size)
    pub(super) hidden: Vec<Vec<f32>>,
    /// One a layer. (num_layers, hidden_size)
    pub(super) cell: Vec<Vec<f32>>,
}

/// Room to work in, which keeps nothing from one step to the next.
pub struct Workspace {
    /// Gate activations of one layer. (4 * hidden_size)
    pub(super) gates: Vec<f32>,
}

impl State {
    pub(super) fn new(config: &Config) -> Self {
        Self {
            hidden: vec![vec![0.0; pad(config.hidden_size)]; config.num_layers],
            cell: vec![vec![0.0; config.hidden_size]; config.num_layers],
        }
    }
}

impl Workspace {
    pub(super) fn new(config: &Config) -> Self {
        Self { gates: vec![0.0; 4 * config.hidden_size] }
    }
}
