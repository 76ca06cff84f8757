//! Kernels that are compiled for every instruction set, each from a single source. Only `mul_add` is a fused
//! multiply-add, and no instruction set changes the order of a sum, so a kernel returns the same bits on every CPU.

mod accumulator;
mod isa;
mod mask;
pub mod math;
pub mod vectors;

#[cfg(target_arch = "x86_64")]
pub use accumulator::x86;
pub use accumulator::{Accumulator, F32x16, I8x32};
pub use isa::Isa;
pub(crate) use isa::for_every_isa;
pub use mask::fill_mask;

/// The number of 32-bit values that are processed together: one vector register of the widest instruction set, or two
/// or four of the others.
pub const LANES: usize = 16;

/// 1.5 * 2^23: adding it to a float below 2^22 and subtracting it again rounds to the nearest integer.
pub const ROUND: f32 = 12_582_912.0;
