//! What the system and the CPU are told about weights that will be read.

use std::mem::MaybeUninit;

/// Asks the system for large pages, where it has them: a model of 100 MB is then there after fifty page faults and not
/// after twenty thousand, and its weights need fewer entries of the CPU's table of pages.
pub fn prefer_large_pages<T>(room: &mut [MaybeUninit<T>]) {
    #[cfg(target_os = "linux")]
    {
        const PAGE: usize = 1 << 12;
        let begin = (room.as_mut_ptr() as usize).next_multiple_of(PAGE);
        let end = room.as_mut_ptr_range().end as usize / PAGE * PAGE;
        if end > begin + (1 << 21) {
            // SAFETY: advice on whole pages that are ours changes nothing that can be read. Where it is refused, nothing is lost.
            unsafe { libc::madvise(begin as *mut libc::c_void, end - begin, libc::MADV_HUGEPAGE) };
        }
    }
}

/// Asks the CPU to bring the line of the cache that is at `address` nearer. Any address will do.
#[inline(always)]
pub fn prefetch<T>(address: *const T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T1, _mm_prefetch};
        // SAFETY: part of SSE, which every x86-64 has; it reads nothing that the program could see and never faults.
        unsafe { _mm_prefetch::<_MM_HINT_T1>(address.cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
