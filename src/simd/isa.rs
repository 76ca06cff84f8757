//! The instruction set, detected at the first call of a kernel.

use std::sync::OnceLock;

/// An instruction set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Isa {
    /// The minimum of the target: SSE2 on x86-64, NEON on 64-bit Arm.
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Isa {
    /// Returns the instruction sets that this CPU supports, the best last.
    fn available() -> impl DoubleEndedIterator<Item = Self> {
        [
            Some(Isa::Baseline),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma")).then_some(Isa::Avx2),
            #[cfg(target_arch = "x86_64")]
            (is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw")).then_some(Isa::Avx512),
        ]
        .into_iter()
        .flatten()
    }

    /// Returns the instruction set that the kernels use: the best one that this CPU supports.
    pub fn active() -> Self {
        static BEST: OnceLock<Isa> = OnceLock::new();
        #[cfg(test)]
        if let Some(isa) = forced::ISA.get() {
            return isa;
        }
        *BEST.get_or_init(|| Self::available().next_back().unwrap_or(Isa::Baseline))
    }

    /// Calls `f` once for each instruction set of this CPU, with that instruction set active on this thread.
    #[cfg(test)]
    pub fn for_each(mut f: impl FnMut(Self)) {
        for isa in Self::available() {
            forced::ISA.set(Some(isa));
            f(isa);
        }
        forced::ISA.set(None);
    }
}

/// Compiles a function for every instruction set, from one body or from one expression for each; calls run the version
/// for the active instruction set.
macro_rules! for_every_isa {
    ($(#[$doc:meta])* $vis:vis fn $name:ident $(<$T:ident: $bound:ident>)? ($($arg:ident: $type:ty),* $(,)?)
        $(-> $output:ty)?; baseline: $baseline:expr, avx2: $avx2:expr, avx512: $avx512:expr $(,)?
    ) => {
        $(#[$doc])*
        $vis fn $name $(<$T: $bound>)? ($($arg: $type),*) $(-> $output)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            fn avx2 $(<$T: $bound>)? ($($arg: $type),*) $(-> $output)? {
                ($avx2)($($arg),*)
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512bw")]
            fn avx512 $(<$T: $bound>)? ($($arg: $type),*) $(-> $output)? {
                ($avx512)($($arg),*)
            }
            match $crate::simd::Isa::active() {
                $crate::simd::Isa::Baseline => ($baseline)($($arg),*),
                // SAFETY: `active` returns only instruction sets that the CPU supports.
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Isa::Avx2 => unsafe { avx2($($arg),*) },
                #[cfg(target_arch = "x86_64")]
                $crate::simd::Isa::Avx512 => unsafe { avx512($($arg),*) },
            }
        }
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident $(<$T:ident: $bound:ident>)? ($($arg:ident: $type:ty),* $(,)?)
        $(-> $output:ty)? $body:block
    ) => {
        $(#[$doc])*
        $vis fn $name $(<$T: $bound>)? ($($arg: $type),*) $(-> $output)? {
            #[inline(always)]
            fn body $(<$T: $bound>)? ($($arg: $type),*) $(-> $output)? $body
            $crate::simd::for_every_isa! {
                fn compiled $(<$T: $bound>)? ($($arg: $type),*) $(-> $output)?; baseline: body, avx2: body, avx512: body
            }
            compiled($($arg),*)
        }
    };
}
pub(crate) use for_every_isa;

#[cfg(test)]
mod forced {
    thread_local! {
        pub static ISA: std::cell::Cell<Option<super::Isa>> = const { std::cell::Cell::new(None) };
    }
}
