//! The device to train on. The program is linked against libtorch's CPU libraries only, and loads CUDA when it may be
//! used: training on a CPU does not load gigabytes of libraries.

use std::ffi::{CStr, c_int};

use rnn_tools::cli::train::Device as Choice;
use rnn_tools::error::{Error, Result};
use tch::Device;

pub fn choose(choice: Choice) -> Result<Device> {
    match choice {
        Choice::Cpu => Ok(Device::Cpu),
        Choice::Cuda => find_cuda().map_err(|reason| {
            Error::failure(format!("no CUDA GPU: {reason}"))
                .hint("train with `--device cpu`, or check the driver with `nvidia-smi`")
        }),
        Choice::Auto => Ok(find_cuda().unwrap_or_else(|reason| {
            log::debug!("training on the CPU: {reason}");
            Device::Cpu
        })),
    }
}

/// Loads CUDA. libtorch checks only once whether its CUDA library is loaded, so this must come before any other CUDA
/// call.
fn find_cuda() -> Result<Device> {
    load(c"libcuda.so.1", libc::RTLD_LAZY).map_err(|e| Error::failure(format!("no NVIDIA driver ({e})")))?;
    load(c"libtorch_cuda.so", libc::RTLD_NOW | libc::RTLD_GLOBAL).map_err(|e| {
        Error::failure(format!("cannot load libtorch's CUDA library ({e}); `make libtorch` fetches it"))
    })?;
    if tch::Cuda::is_available() { Ok(Device::Cuda(0)) } else { Err(Error::invalid("libtorch found no usable GPU")) }
}

/// Loads a library, which stays loaded. The search path includes libtorch's folder.
fn load(name: &CStr, flags: c_int) -> Result<()> {
    // SAFETY: the name is a C string; the libraries' initializers are those that would run if they were linked.
    let library = unsafe { libc::dlopen(name.as_ptr(), flags) };
    if !library.is_null() {
        return Ok(());
    }
    // SAFETY: dlerror is null or a C string that is valid until the next dl call of this thread.
    let reason = unsafe {
        let text = libc::dlerror();
        if text.is_null() { "unknown reason".into() } else { CStr::from_ptr(text).to_string_lossy().into_owned() }
    };
    Err(Error::failure(reason))
}
