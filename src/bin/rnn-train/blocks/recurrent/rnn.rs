//! The Elman network (Elman 1990).

use tch::Tensor;

/// Computes the same as `torch.nn.RNN` with one layer and tanh.
pub fn tanh(x: &Tensor, state: &[Tensor], weights: &[Tensor], training: bool) -> (Tensor, Vec<Tensor>) {
    let (y, h) = x.rnn_tanh(&state[0], weights, true, 1, 0.0, training, false, false);
    (y, vec![h])
}

/// Computes the same as `torch.nn.RNN` with one layer and ReLU.
pub fn relu(x: &Tensor, state: &[Tensor], weights: &[Tensor], training: bool) -> (Tensor, Vec<Tensor>) {
    let (y, h) = x.rnn_relu(&state[0], weights, true, 1, 0.0, training, false, false);
    (y, vec![h])
}
