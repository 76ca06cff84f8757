//! Operators of libtorch that tch does not wrap, called through libtorch's stable C ABI
//! (`torch/csrc/stable/c/shim.h`, since libtorch 2.10).
//!
//! An operator takes its arguments as 64-bit words on a stack, in the order of its schema. A tensor is passed as a
//! handle, a list as a list handle, a double as its bits, a boolean as 0 or 1, an absent optional as 0, and a present
//! one as a pointer to its word, which the callee frees. The callee consumes handles on the stack.

use std::ffi::{CStr, c_char, c_void};
use std::ops::Range;
use std::panic::panic_any;

use tch::{TchError, Tensor};

unsafe extern "C" {
    fn torch_call_dispatcher(name: *const c_char, overload: *const c_char, stack: *mut u64, version: u64) -> i32;
    fn torch_new_list_reserve_size(size: usize, list: *mut *mut c_void) -> i32;
    fn torch_list_push_back(list: *mut c_void, element: u64) -> i32;
    fn torch_parallel_for(
        begin: i64,
        end: i64,
        grain: i64,
        run: extern "C" fn(i64, i64, *mut c_void),
        context: *mut c_void,
    ) -> i32;
    fn aoti_torch_new_tensor_handle(tensor: *const c_void, handle: *mut *mut c_void) -> i32;
}

/// The version of the ABI used here: 2.11.0.
const ABI_VERSION: u64 = (2 << 56) | (11 << 48);

/// An argument of an operator.
enum Argument<'a> {
    Tensors(&'a [Tensor]),
    Float(f64),
    Flag(bool),
    OptionalTensor(Option<&'a Tensor>),
}

impl Argument<'_> {
    fn word(&self) -> u64 {
        match self {
            Argument::Tensors(tensors) => list(tensors),
            Argument::Float(value) => value.to_bits(),
            Argument::Flag(value) => u64::from(*value),
            // The callee frees it with the C library's `free`; `Box` allocates with `malloc`.
            Argument::OptionalTensor(tensor) => tensor.map_or(0, |t| Box::into_raw(Box::new(handle(t))) as u64),
        }
    }
}

/// Panics as tch does if libtorch returned an error.
fn check(status: i32, message: &str) {
    if status != 0 {
        panic_any(TchError::Torch(message.into()));
    }
}

fn handle(tensor: &Tensor) -> u64 {
    let mut handle = std::ptr::null_mut();
    // SAFETY: the pointer of a live tensor; the handle is a new reference to it.
    let status = unsafe { aoti_torch_new_tensor_handle(tensor.as_ptr().cast(), &mut handle) };
    check(status, "cannot create a tensor handle");
    handle as u64
}

fn list(tensors: &[Tensor]) -> u64 {
    let mut list = std::ptr::null_mut();
    // SAFETY: the list is created before it is used, and takes ownership of each handle.
    unsafe {
        check(torch_new_list_reserve_size(tensors.len(), &mut list), "cannot create a list of tensors");
        for tensor in tensors {
            check(torch_list_push_back(list, handle(tensor)), "cannot add a tensor to a list");
        }
    }
    list as u64
}

fn call<const N: usize>(operator: &CStr, arguments: [Argument<'_>; N]) {
    let mut stack = arguments.map(|argument| argument.word());
    // SAFETY: the callers below pass the arguments of the operator's schema.
    let status = unsafe { torch_call_dispatcher(operator.as_ptr(), c"".as_ptr(), stack.as_mut_ptr(), ABI_VERSION) };
    check(status, &format!("{} returned an error", operator.to_string_lossy()));
}

/// Runs `body` on parts of 0..n, on libtorch's threads.
pub fn parallel_for(n: usize, body: impl Fn(Range<usize>) + Sync) {
    extern "C" fn run<F: Fn(Range<usize>)>(begin: i64, end: i64, body: *mut c_void) {
        // SAFETY: `body` is the reference passed below, which outlives the call.
        let body = unsafe { &*body.cast::<F>() };
        body(begin as usize..end as usize);
    }
    fn call<F: Fn(Range<usize>) + Sync>(n: usize, body: &F) -> i32 {
        // SAFETY: `run::<F>` casts the pointer back to `F`, which is `Sync`.
        unsafe { torch_parallel_for(0, n as i64, 1, run::<F>, std::ptr::from_ref(body).cast_mut().cast()) }
    }
    check(call(n, &body), "parallel_for returned an error");
}

/// The hyperparameters of a step of Adam.
pub struct Adam {
    pub learning_rate: f64,
    pub beta1: f64,
    pub beta2: f64,
    pub weight_decay: f64,
    pub epsilon: f64,
    /// Weight decay is separate from the gradient (AdamW).
    pub is_decoupled: bool,
}

/// Takes one step of Adam or AdamW on all parameters in one kernel (`aten::_fused_adam_`, `aten::_fused_adamw_`).
/// Gradients are divided by `gradient_scale`, a scalar tensor. The lists are parallel; `steps` holds the number of the
/// step, from 1.
pub fn fused_adam(
    hyper: &Adam,
    parameters: &[Tensor],
    gradients: &[Tensor],
    means: &[Tensor],
    variances: &[Tensor],
    steps: &[Tensor],
    gradient_scale: Option<&Tensor>,
) {
    use Argument::{Flag, Float, OptionalTensor, Tensors};
    call(
        if hyper.is_decoupled { c"aten::_fused_adamw_" } else { c"aten::_fused_adam_" },
        [
            Tensors(parameters),
            Tensors(gradients),
            Tensors(means),
            Tensors(variances),
            Tensors(&[]), // the maxima of AMSGrad, which is off
            Tensors(steps),
            Float(hyper.learning_rate),
            Float(hyper.beta1),
            Float(hyper.beta2),
            Float(hyper.weight_decay),
            Float(hyper.epsilon),
            Flag(false), // amsgrad
            Flag(false), // maximize
            OptionalTensor(gradient_scale),
            OptionalTensor(None), // found_inf
        ],
    );
}

/// Takes one step of gradient descent with momentum on all parameters in one kernel (`aten::_fused_sgd_`). `momenta` is
/// parallel to the parameters, or empty if `momentum` is 0.
pub fn fused_sgd(
    learning_rate: f64,
    momentum: f64,
    weight_decay: f64,
    parameters: &[Tensor],
    gradients: &[Tensor],
    momenta: &[Tensor],
    gradient_scale: Option<&Tensor>,
) {
    use Argument::{Flag, Float, OptionalTensor, Tensors};
    call(
        c"aten::_fused_sgd_",
        [
            Tensors(parameters),
            Tensors(gradients),
            Tensors(momenta),
            Float(weight_decay),
            Float(momentum),
            Float(learning_rate),
            Float(0.0),  // dampening
            Flag(false), // nesterov
            Flag(false), // maximize
            Flag(false), // is_first_step: the momenta start at zero
            OptionalTensor(gradient_scale),
            OptionalTensor(None), // found_inf
        ],
    );
}
