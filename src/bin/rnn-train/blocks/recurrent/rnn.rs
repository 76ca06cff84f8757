//! Elman's network (Elman 1990).

use tch::Tensor;

/// As `torch.nn.RNN` of one layer with tanh.
pub fn tanh(x: &Tensor, state: &[Tensor], weights: &[Tensor], training: bool) -> (Tensor, Vec<Tensor>) {
    let (y, h) = x.rnn_tanh(&state[0], weights, true, 1, 0.0, training, false, false);
    (y, vec![h])
}

/// As `torch.nn.RNN` of one layer with max(x, 0).
pub fn relu(x: &Tensor, state: &[Tensor], weights: &[Tensor], training: bool) -> (Tensor, Vec<Tensor>) {
    let (y, h) = x.rnn_relu(&state[0], weights, true, 1, 0.0, training, false, false);
    (y, vec![h])
}
