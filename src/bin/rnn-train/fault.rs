//! libtorch reports faults by panics of its bindings. They become errors of one line here.

use std::panic::{self, AssertUnwindSafe};

use rnn_tools::error::{Error, Result};

/// Runs `f`; a panic in it becomes an error. Out of memory is told apart, with what helps as `advice` has it.
pub fn as_error<T>(advice: &str, f: impl FnOnce() -> Result<T>) -> Result<T> {
    let hook = panic::take_hook();
    panic::set_hook(Box::new(|_| {}));
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    panic::set_hook(hook);
    result.unwrap_or_else(|payload| {
        let message = payload
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| payload.downcast_ref::<&str>().copied())
            .unwrap_or("unknown fault");
        Err(explain(message, advice))
    })
}

fn explain(message: &str, advice: &str) -> Error {
    let lower = message.to_lowercase();
    if lower.contains("out of memory") || lower.contains("allocate memory") {
        return Error::failure("out of memory").hint(advice);
    }
    // The bindings show an error as Torch("first line\nException raised from ...").
    let start = message.find("Torch(\"").map_or(message, |at| &message[at + 7..]);
    let line = start.split(['\n']).next().unwrap_or(start).split("\\n").next().unwrap_or(start);
    Error::failure(format!("libtorch failed: {line}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_of_libtorch_become_one_line() {
        let fault = || -> Result<()> {
            let _ = tch::Tensor::zeros([2, 3], (tch::Kind::Float, tch::Device::Cpu)).view([7]);
            Ok(())
        };
        let message = as_error("", fault).unwrap_err().to_string();
        assert!(message.contains("shape '[7]' is invalid"), "{message}");
        assert!(!message.contains('\n') && !message.contains("Exception raised"), "{message}");
    }

    #[test]
    fn out_of_memory_says_what_helps() {
        let fault = || -> Result<()> {
            // 2^60 bytes.
            let _ = tch::Tensor::zeros([1 << 58], (tch::Kind::Float, tch::Device::Cpu));
            Ok(())
        };
        let error = as_error("lower --batch-size", fault).unwrap_err();
        assert_eq!(error.to_string(), "out of memory");
        assert!(error.hint_text().unwrap().contains("--batch-size"));
    }
}
