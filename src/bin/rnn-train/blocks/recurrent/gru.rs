//! The GRU (Cho et al. 2014), with the reset gate applied after the matrix product.

use tch::Tensor;

/// Computes the same as `torch.nn.GRU` with one layer.
pub fn forward(x: &Tensor, state: &[Tensor], weights: &[Tensor], training: bool) -> (Tensor, Vec<Tensor>) {
    let (y, h) = x.gru(&state[0], weights, true, 1, 0.0, training, false, false);
    (y, vec![h])
}
