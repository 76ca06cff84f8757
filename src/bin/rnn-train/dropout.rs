//! Dropout masks: zeros with a given probability p, and 1 / (1 - p) elsewhere, which keeps the mean.

use rnn_tools::simd::fill_mask;
use tch::{Device, Kind, Tensor};

use crate::cpu;

/// Drops units of x (time, batch, size): the same ones at every time step if `locked`.
pub fn drop_units(x: &Tensor, probability: f64, locked: bool) -> Tensor {
    if probability == 0.0 {
        return x.shallow_clone();
    }
    let size = x.size();
    x * mask(&[if locked { 1 } else { size[0] }, size[1], size[2]], probability, x.device())
}

/// Drops whole rows of a matrix, such as the words of an embedding.
pub fn drop_rows(x: &Tensor, probability: f64) -> Tensor {
    if probability == 0.0 {
        return x.shallow_clone();
    }
    x * mask(&[x.size()[0], 1], probability, x.device())
}

fn mask(shape: &[i64], probability: f64, device: Device) -> Tensor {
    let mut mask = Tensor::empty(shape, (Kind::Float, device));
    fill(&mut mask, probability);
    mask
}

/// Fills a contiguous tensor of 32-bit floats with a mask.
pub fn fill(mask: &mut Tensor, probability: f64) {
    if mask.device() != Device::Cpu {
        let _ = mask.bernoulli_float_(1.0 - probability).g_div_scalar_(1.0 - probability);
        return;
    }
    // On a CPU, libtorch draws random numbers one at a time, which took a seventh of the training time.
    let seed = Tensor::empty([1], (Kind::Int64, Device::Cpu)).random_().int64_value(&[0]);
    fill_mask(seed as u64, probability, (1.0 / (1.0 - probability)) as f32, cpu::numbers_mut(mask));
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
    fn masks_depend_on_libtorchs_generator() {
        let draw = || mask(&[3, 40], 0.3, Device::Cpu);
        let _generator = crate::seeded(5);
        let (first, second) = (draw(), draw());
        tch::manual_seed(5);
        assert!(first.equal(&draw()) && second.equal(&draw()) && !first.equal(&second));
    }
}
