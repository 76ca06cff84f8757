//! Kernels that are compiled for each instruction set: one body of code each. A fused multiply-add is used where the code
//! says so (`mul_add`), and nowhere else, and no instruction set changes the order of a sum, so that a result has the same
//! bits on every CPU.

mod accumulator;
mod isa;
pub mod math;
pub mod vectors;

#[cfg(target_arch = "x86_64")]
pub use accumulator::x86;
pub use accumulator::{Accumulator, F32x16, I8x32};
pub use isa::Isa;
pub(crate) use isa::for_every_isa;

/// Values that are worked on side by side: a vector register of the widest instruction set, two or four of others.
pub const LANES: usize = 16;

/// 1.5 * 2^23: adding it to a float of less than 2^22 and subtracting it again rounds to the nearest integer.
pub const ROUND: f32 = 12_582_912.0;
