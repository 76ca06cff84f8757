//! Dropout: masks of zeros in a given share, and of what keeps the mean elsewhere.

use rnn_tools::simd::fill_mask;
use tch::{Device, Kind, Tensor};

use crate::cpu;

/// Units of x (time, batch, size): where `locked`, the same at every step of time.
pub fn drop_units(x: &Tensor, share: f64, locked: bool) -> Tensor {
    if share == 0.0 {
        return x.shallow_clone();
    }
    let size = x.size();
    x * mask(&[if locked { 1 } else { size[0] }, size[1], size[2]], share, x.device())
}

/// Whole rows of a matrix: words of an embedding.
pub fn drop_rows(x: &Tensor, share: f64) -> Tensor {
    if share == 0.0 {
        return x.shallow_clone();
    }
    x * mask(&[x.size()[0], 1], share, x.device())
}

fn mask(shape: &[i64], share: f64, device: Device) -> Tensor {
    let mut mask = Tensor::empty(shape, (Kind::Float, device));
    fill(&mut mask, share);
    mask
}

/// Turns a tensor of 32-bit floats, which must be contiguous, into a mask.
pub fn fill(mask: &mut Tensor, share: f64) {
    if mask.device() != Device::Cpu {
        let _ = mask.bernoulli_float_(1.0 - share).g_div_scalar_(1.0 - share);
        return;
    }
    // libtorch draws one number after the other on a CPU, which took a seventh of the time of a training.
    let seed = Tensor::empty([1], (Kind::Int64, Device::Cpu)).random_().int64_value(&[0]);
    fill_mask(seed as u64, share, (1.0 / (1.0 - share)) as f32, cpu::numbers_mut(mask));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locked_mask_is_the_same_at_every_step_and_a_free_one_is_not() {
        let _generator = crate::seeded(1);
        let x = Tensor::ones([9, 4, 50], (Kind::Float, Device::Cpu));
        let same = |x: Tensor| x.equal(&x.narrow(0, 0, 1).expand([9, 4, 50], false));
        assert!(same(drop_units(&x, 0.5, true)));
        assert!(!same(drop_units(&x, 0.5, false)));
    }

    #[test]
    fn masks_follow_libtorchs_generator() {
        let draw = || mask(&[3, 40], 0.3, Device::Cpu);
        let _generator = crate::seeded(5);
        let (first, second) = (draw(), draw());
        tch::manual_seed(5);
        assert!(first.equal(&draw()) && second.equal(&draw()) && !first.equal(&second));
    }
}
