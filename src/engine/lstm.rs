//! One LSTM layer, one step (Hochreiter and Schmidhuber 1997, as torch.nn.LSTM defines it).

use super::kernels::{Matrix, pad};
use crate::math::{sigmoid, tanh};
use crate::model::ModelFile;

pub struct Lstm {
    /// Gate order i, f, g, o. (4 * hidden_size, input_size)
    input_weight: Matrix,
    /// (4 * hidden_size, hidden_size)
    hidden_weight: Matrix,
    /// PyTorch's two biases, added. (4 * hidden_size)
    bias: Vec<f32>,
}

impl Lstm {
    pub fn new(file: &ModelFile, layer: usize) -> Self {
        let tensor = |name: &str| &file.tensors[&file.config.layer_tensor(layer, name)];
        let matrix = |name: &str| Matrix::new(&tensor(name).data, tensor(name).shape[0], tensor(name).shape[1]);
        Self {
            input_weight: matrix("weight_ih"),
            hidden_weight: matrix("weight_hh"),
            bias: tensor("bias_ih").data.iter().zip(&tensor("bias_hh").data).map(|(a, b)| a + b).collect(),
        }
    }

    /// `input` and `hidden` are padded; `hidden`, `cell`: (hidden_size), `gates`: (4 * hidden_size)
    pub fn step(&self, input: &[f32], hidden: &mut [f32], cell: &mut [f32], gates: &mut [f32]) {
        gates.copy_from_slice(&self.bias);
        self.input_weight.multiply_add(input, gates);
        self.hidden_weight.multiply_add(hidden, gates);
        let size = cell.len();
        debug_assert_eq!(hidden.len(), pad(size));
        let (i, rest) = gates.split_at(size);
        let (f, rest) = rest.split_at(size);
        let (g, o) = rest.split_at(size);
        for k in 0..size {
            cell[k] = sigmoid(f[k]) * cell[k] + sigmoid(i[k]) * tanh(g[k]);
            hidden[k] = sigmoid(o[k]) * tanh(cell[k]);
        }
    }
}
