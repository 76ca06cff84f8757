//! CPU features, fast code paths that libtorch does not choose by default, and direct access to the data of tensors.

use rnn_tools::cross_entropy::Bfloat16;
use tch::{Device, Kind, Tensor};

/// Returns whether matrix products in training use bfloat16. On a CPU that multiplies it natively, this is up to twice
/// as fast and reaches the same loss. Weights, sums of gradients and evaluation stay in 32 bits.
pub fn has_bfloat16() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx512bf16");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Returns whether matrix products are bit-identical for any number of threads. oneDNN's kernels for CPUs without
/// AVX-512 split a sum among threads. Batched products (attention) always depend on the number of threads.
pub fn ignores_threads() -> bool {
    #[cfg(target_arch = "x86_64")]
    return is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// Makes libtorch compute matrix products with oneDNN instead of MKL on AMD CPUs: nearly twice as fast, and as exact,
/// since oneDNN keeps 32-bit floats there. (The switch permits bfloat16, which newer Intel CPUs would use, so it stays
/// off for them.)
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
        // SAFETY: the declarations match libtorch 2.11.0, the only version that this program links.
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

/// A number type of tensors.
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

/// Returns the numbers of a tensor, which must have this type, be contiguous and be on the CPU.
pub fn numbers<T: Number>(tensor: &Tensor) -> &[T] {
    assert!(tensor.device() == Device::Cpu && tensor.kind() == T::KIND && tensor.is_contiguous());
    // SAFETY: the tensor holds this many numbers, and they live as long as it is borrowed.
    unsafe { std::slice::from_raw_parts(tensor.data_ptr().cast(), tensor.numel()) }
}

/// Returns the numbers of a tensor as [`numbers`] does, for writing.
pub fn numbers_mut<T: Number>(tensor: &mut Tensor) -> &mut [T] {
    let numbers = numbers::<T>(tensor);
    // SAFETY: the tensor is borrowed mutably for as long, and no other view of its memory is read meanwhile.
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
        // The error of bfloat16 would be about 3e-3.
        assert!(f64::try_from(&error).unwrap() < 1e-6, "{error}");
    }
}
