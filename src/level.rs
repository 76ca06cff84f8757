//! The instruction sets for which the kernels are compiled, chosen when the program runs.
//!
//! A kernel is one body of code. A fused multiply-add is one where the code says so (`mul_add`), and nowhere else, and
//! no level changes the order of a sum, so that a result has the same bits at every level.

/// An instruction set. Any but the baseline is had from [`Level::best`] or [`Level::all`] only, which ask the CPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// What every CPU of the target has: SSE2 on x86-64, NEON on 64-bit Arm.
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Level {
    /// The levels that this CPU has, the best last.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        [
            Some(Level::Baseline),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Level::Avx2),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")).then_some(Level::Avx512),
        ]
        .into_iter()
        .flatten()
    }

    pub fn best() -> Self {
        if std::env::var("BASE").is_ok() {
            return Level::Baseline;
        }
        Self::all().next_back().unwrap_or(Level::Baseline)
    }
}

/// Compiles a function for every level, from the body named for each; its first argument is then the level.
macro_rules! for_every_level {
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?)
        baseline: $baseline:expr, avx2: $avx2:expr, avx512: $avx512:expr $(,)?
    ) => {
        $(#[$doc])*
        $vis fn $name(level: $crate::level::Level, $($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2($($arg: $type),*) {
                ($avx2)($($arg),*);
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw")]
            fn avx512($($arg: $type),*) {
                ($avx512)($($arg),*);
            }
            match level {
                $crate::level::Level::Baseline => ($baseline)($($arg),*),
                // SAFETY: a level is made only where the CPU has it.
                #[cfg(target_arch = "x86_64")]
                $crate::level::Level::Avx2 => unsafe { avx2($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                $crate::level::Level::Avx512 => unsafe { avx512($($arg),*) },
            }
        }
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$doc])*
        $vis fn $name(level: $crate::level::Level, $($arg: $type),*) {
            #[inline(always)]
            fn body($($arg: $type),*) $body
            $crate::level::for_every_level! {
                fn compiled($($arg: $type),*) baseline: body, avx2: body, avx512: body
            }
            compiled(level, $($arg),*);
        }
    };
}
pub(crate) use for_every_level;
