//! A recurrent layer with any cell; each cell has its own file.

mod gru;
mod lstm;
mod rnn;

use rnn_tools::model::{self, Cell, blocks};
use rnn_tools::settings::Settings;
use tch::{Device, Kind, Tensor};

use super::{Block, Layer, Parameter};
use crate::dropout;

/// Indices of the tensors.
const WEIGHT_HH: usize = 1;
const BIAS_IH: usize = 2;

/// A recurrent layer. Its parameters are one flat tensor: weight_ih, weight_hh, bias_ih, bias_hh, in the order that
/// cuDNN requires to avoid a copy and a warning. The optimizer is also faster with few tensors.
pub struct Recurrent {
    cell: Cell,
    size: i64,
    /// The shapes of the tensors.
    shapes: Vec<Vec<i64>>,
    flat: Parameter,
    /// The data type in training.
    kind: Kind,
}

impl Recurrent {
    /// Draws the weights uniformly from +-1/sqrt(size), as in PyTorch; biases are 0. `fast` is the data type with the
    /// fastest products.
    pub fn new(block: &blocks::Recurrent, fast: Kind, device: Device) -> Self {
        let tensors = model::Block::Recurrent(block.clone()).tensors();
        let shapes: Vec<Vec<i64>> =
            tensors.iter().map(|(_, shape)| shape.iter().map(|&n| n as i64).collect()).collect();
        let len = shapes.iter().map(|shape| shape.iter().product::<i64>()).sum();
        let name = format!("{}.{}", block.cell.properties().module, block.index);
        let layer = Self {
            cell: block.cell,
            size: block.size as i64,
            shapes,
            flat: Parameter::uniform(name, &[len], 1.0 / (block.size as f64).sqrt(), device),
            // oneDNN has a bfloat16 LSTM; other cells would be slower in bfloat16.
            kind: if block.cell == Cell::Lstm { fast } else { Kind::Float },
        };
        tch::no_grad(|| {
            let mut tensors = layer.tensors();
            tensors.iter_mut().filter(|tensor| tensor.dim() == 1).for_each(|bias| _ = bias.zero_());
            if block.cell == Cell::Lstm {
                lstm::initialize(&tensors[BIAS_IH]);
            }
        });
        layer
    }

    /// Returns views of the tensors in `flat`, or in another tensor of the same layout.
    fn views(&self, flat: &Tensor) -> Vec<Tensor> {
        let mut offset = 0;
        let view = |shape: &Vec<i64>| {
            let len: i64 = shape.iter().product();
            offset += len;
            flat.narrow(0, offset - len, len).view(shape.as_slice())
        };
        self.shapes.iter().map(view).collect()
    }

    /// Returns the flat parameters, with DropConnect on the hidden-to-hidden weights.
    fn drop_weights(&self, probability: f64) -> Tensor {
        let flat = &self.flat.tensor;
        if probability == 0.0 {
            return flat.shallow_clone();
        }
        let mask = flat.ones_like().set_requires_grad(false);
        dropout::fill(&mut self.views(&mask)[WEIGHT_HH], probability);
        flat * mask
    }
}

impl Block for Recurrent {
    fn parameters(&self) -> Vec<&Parameter> {
        vec![&self.flat]
    }

    fn tensors(&self) -> Vec<Tensor> {
        self.views(&self.flat.tensor)
    }
}

impl Layer for Recurrent {
    fn zero_state(&self, batch: i64, device: Device) -> Vec<Tensor> {
        let zeros = || Tensor::zeros([1, batch, self.size], (Kind::Float, device));
        if self.cell.properties().has_cell_state { vec![zeros(), zeros()] } else { vec![zeros()] }
    }

    fn forward(&self, x: &Tensor, state: &[Tensor], training: Option<&Settings>) -> (Tensor, Vec<Tensor>) {
        let flat = self.drop_weights(training.map_or(0.0, |settings| settings.dropout_weight));
        let kind = if training.is_some() { self.kind } else { Kind::Float };
        let into = |tensors: &[Tensor]| tensors.iter().map(|tensor| tensor.to_kind(kind)).collect::<Vec<_>>();
        let step = match self.cell {
            Cell::Lstm => lstm::forward,
            Cell::Gru => gru::forward,
            Cell::RnnTanh => rnn::tanh,
            Cell::RnnRelu => rnn::relu,
        };
        let (y, after) = step(&x.to_kind(kind), &into(state), &into(&self.views(&flat)), training.is_some());
        (y.to_kind(Kind::Float), after.iter().map(|tensor| tensor.detach().to_kind(Kind::Float)).collect())
    }
}
