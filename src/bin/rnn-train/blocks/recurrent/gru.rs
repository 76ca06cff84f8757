//! The GRU (Cho et al. 2014), with the reset gate after the product.

use tch::Tensor;

/// As `torch.nn.GRU` of one layer.
pub fn forward(x: &Tensor, state: &[Tensor], weights: &[Tensor], training: bool) -> (Tensor, Vec<Tensor>) {
    let (y, h) = x.gru(&state[0], weights, true, 1, 0.0, training, false, false);
    (y, vec![h])
}
