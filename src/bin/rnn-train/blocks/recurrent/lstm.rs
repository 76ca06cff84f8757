//! The LSTM (Hochreiter and Schmidhuber 1997).

use tch::Tensor;

/// Sets the bias of the forget gates to 1 (Jozefowicz et al. 2015). `bias`: (4 * size)
pub fn initialize(bias: &Tensor) {
    let size = bias.size()[0] / 4;
    let _ = bias.narrow(0, size, size).fill_(1.0);
}

/// Computes the same as `torch.nn.LSTM` with one layer.
pub fn forward(x: &Tensor, state: &[Tensor], weights: &[Tensor], training: bool) -> (Tensor, Vec<Tensor>) {
    let (y, h, c) = x.lstm(state, weights, true, 1, 0.0, training, false, false);
    (y, vec![h, c])
}
