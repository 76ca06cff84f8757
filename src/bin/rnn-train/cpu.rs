//! The fast paths of libtorch on a CPU, which it does not take by itself, and the way around it.

use rnn_tools::cross_entropy::Bfloat16;
use tch::{Device, Kind, Tensor};

/// Whether LSTM layers are trained in bfloat16: where the CPU multiplies it natively, that is up to twice as
/// fast and reaches the same loss. Weights, gradients' sums and evaluation stay in 32 bits.
pub fn has_bfloat16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Whether products have the same bits with any number of threads. Those of batches, which attention takes, never do; oneDNN's
/// kernels for CPUs without AVX-512 split a sum among threads.
pub fn ignores_threads() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Sends matrix products to oneDNN instead of MKL on AMD's CPUs, where MKL is slow: nearly twice as fast, and
/// as exact, since oneDNN multiplies 32-bit floats as such there. (The switch permits bfloat16, which Intel's
/// newer CPUs would use; so it stays off for them.)
pub fn choose_matrix_product() {
    unsafe extern "C" {
        // at::globalContext() and at::Context::setFloat32Precision(Float32Backend, Float32Op, Float32Precision)
        #[link_name = "_ZN2at13globalContextEv"]
        fn global_context() -> *mut std::ffi::c_void;
        #[link_name = "_ZN2at7Context19setFloat32PrecisionENS_14Float32BackendENS_9Float32OpENS_16Float32PrecisionE"]
        fn set_float32_precision(context: *mut std::ffi::c_void, backend: i32, operation: i32, precision: i32);
    }
    const MKLDNN: i32 = 2;
    const MATMUL: i32 = 3;
    const BF16: i32 = 3;
    if is_amd() {
        // SAFETY: the functions of libtorch 2.11.0, the one version that this program links.
        unsafe { set_float32_precision(global_context(), MKLDNN, MATMUL, BF16) };
    }
}

fn is_amd() -> bool {
    #[cfg(target_arch = "x86_64")]
    {
        let vendor = std::arch::x86_64::__cpuid(0);
        (vendor.ebx, vendor.edx, vendor.ecx) == (0x6874_7541, 0x6974_6e65, 0x444d_4163) // AuthenticAMD
    }
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// A number as a tensor holds it.
pub trait Number {
    const KIND: Kind;
}

impl Number for f32 {
    const KIND: Kind = Kind::Float;
}

impl Number for Bfloat16 {
    const KIND: Kind = Kind::BFloat16;
}

impl Number for i64 {
    const KIND: Kind = Kind::Int64;
}

/// The numbers of a tensor of this kind, contiguous and on the CPU.
pub fn numbers<T: Number>(tensor: &Tensor) -> &[T] {
    assert!(tensor.device() == Device::Cpu && tensor.kind() == T::KIND && tensor.is_contiguous());
    // SAFETY: so many numbers lie there, as long as the tensor does.
    unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast(), tensor.numel()) }
}

/// The same, to be changed.
pub fn numbers_mut<T: Number>(tensor: &mut Tensor) -> &mut [T] {
    let numbers = numbers::<T>(tensor);
    // SAFETY: the tensor is borrowed for as long; what else may share its memory is not read meanwhile.
    unsafe { std::slice::from_raw_parts_mut(numbers.as_ptr().cast_mut(), numbers.len()) }
}

#[cfg(test)]
mod tests {
    use tch::{Device, Kind, Tensor};

    #[test]
    fn matrix_products_are_as_exact_as_32_bits_allow() {
        let _generator = crate::seeded(4);
        super::choose_matrix_product();
        let random = || Tensor::randn([300, 300], (Kind::Float, Device::Cpu));
        let (a, b) = (random(), random());
        let exact = a.to_kind(Kind::Double).mm(&b.to_kind(Kind::Double));
        let error = (a.mm(&b).to_kind(Kind::Double) - &exact).norm() / exact.norm();
        // bfloat16 would err by about 3e-3.
        assert!(f64::try_from(&error).unwrap() < 1e-6, "{error}");
    }
}
