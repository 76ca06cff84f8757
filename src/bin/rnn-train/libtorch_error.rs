//! Turns panics into errors: tch panics when libtorch throws a C++ exception. Any other panic is a bug in rnn-train.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

use rnn_tools::error::{Error, Result};
use tch::TchError;

thread_local! {
    /// The number of active calls of [`catch`] on this thread, and the location of the last panic in them.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static LOCATION: Cell<Option<String>> = const { Cell::new(None) };
}

/// Runs `f` and returns a panic in it as an error. `memory_hint` is the hint of an out-of-memory error.
pub fn catch<T>(memory_hint: &str, f: impl FnOnce() -> Result<T>) -> Result<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let default = panic::take_hook();
        panic::set_hook(Box::new(move |info| match DEPTH.get() {
            0 => default(info),
            _ => LOCATION.set(info.location().map(ToString::to_string)),
        }));
    });
    DEPTH.set(DEPTH.get() + 1);
    let result = panic::catch_unwind(AssertUnwindSafe(f));
    DEPTH.set(DEPTH.get() - 1);
    result.unwrap_or_else(|payload| {
        if let Some(TchError::Torch(text)) = payload.downcast_ref() {
            return Err(libtorch_failed(text, memory_hint));
        }
        let message = payload.downcast_ref::<String>().map(String::as_str);
        let message = message.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("panic");
        // The message when tch unwraps an exception: Torch("first line\nException raised from ...").
        Err(match message.split_once("`Err` value: Torch(\"") {
            Some((_, text)) => libtorch_failed(text, memory_hint),
            None => {
                let location = LOCATION.take().unwrap_or_else(|| "an unknown location".into());
                Error::failure(format!("internal error at {location}: {}", message.replace('\n', " ")))
                    .hint("this is a bug in rnn-train; please report it with this message and the command line")
            }
        })
    })
}

fn libtorch_failed(text: &str, memory_hint: &str) -> Error {
    let lower = text.to_lowercase();
    if lower.contains("out of memory") || lower.contains("allocate memory") {
        return Error::failure("out of memory").hint(memory_hint);
    }
    let line = text.split('\n').next().unwrap_or(text).split("\\n").next().unwrap_or(text);
    Error::failure(format!("libtorch failed: {line}"))
}

#[cfg(test)]
mod tests {
    use std::panic::panic_any;

    use tch::{Device, Kind, Tensor};

    use super::*;

    fn error(f: impl FnOnce()) -> Error {
        catch("lower --batch-size", || {
            f();
            Ok(())
        })
        .unwrap_err()
    }

    #[test]
    fn a_libtorch_exception_becomes_one_line() {
        let message = error(|| _ = Tensor::zeros([2, 3], (Kind::Float, Device::Cpu)).view([7])).to_string();
        assert!(message.starts_with("libtorch failed: shape '[7]' is invalid"), "{message}");
        assert!(!message.contains('\n') && !message.contains("Exception raised"), "{message}");
        let message = error(|| panic_any(TchError::Torch("no kernel".into()))).to_string();
        assert_eq!(message, "libtorch failed: no kernel");
    }

    #[test]
    fn out_of_memory_carries_the_hint() {
        // 2^60 bytes.
        let error = error(|| _ = Tensor::zeros([1 << 58], (Kind::Float, Device::Cpu)));
        assert_eq!(error.to_string(), "out of memory");
        assert!(error.hint_text().unwrap().contains("--batch-size"));
    }

    #[test]
    fn any_other_panic_is_a_bug_with_its_location() {
        let empty: &[i32] = &[];
        let wrong_kind = || _ = Vec::<f64>::try_from(Tensor::from_slice(&[1.0f32]).view([1, 1])).unwrap();
        for (line, error) in [
            (line!(), error(|| panic!("no libtorch here"))),
            (line!(), error(|| _ = empty[std::hint::black_box(3)])),
            (line!() - 4, error(wrong_kind)),
        ] {
            let message = error.to_string();
            assert!(message.starts_with(&format!("internal error at {}:{line}:", file!())), "{message}");
            assert!(error.hint_text().unwrap().contains("report"), "{message}");
        }
    }
}
