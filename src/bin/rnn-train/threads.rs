//! How the CPU threads of libtorch behave.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rnn_tools::error::{Error, Result};

/// Makes OpenMP's threads sleep soon when they wait for each other, unless the user has said how they should
/// wait. By default they spin for milliseconds, and beside one other busy process that makes training up to
/// a hundred times slower: each barrier waits for a thread that is not running while the others burn the cores.
///
/// OpenMP reads its settings when it is loaded, which is before `main`: so the program starts itself once
/// more, in the same process. Must come before anything is read or written.
pub fn wait_without_spinning() {
    // A few microseconds: as fast as spinning on an idle machine.
    const SPIN_COUNT: (&str, &str) = ("GOMP_SPINCOUNT", "1000");
    if ["OMP_WAIT_POLICY", SPIN_COUNT.0].iter().any(|name| env::var_os(name).is_some()) {
        return;
    }
    if let Ok(program) = env::current_exe() {
        // Returns only if it fails; training goes on then, at the mercy of its neighbours.
        let error = Command::new(program).args(env::args_os().skip(1)).env(SPIN_COUNT.0, SPIN_COUNT.1).exec();
        log::debug!("cannot start again with {}={}: {error}", SPIN_COUNT.0, SPIN_COUNT.1);
    }
}

/// Sets the number of threads, where one is given.
pub fn set_count(count: Option<usize>) -> Result<()> {
    if let Some(count) = count {
        let count = i32::try_from(count).ok().filter(|&count| count > 0);
        tch::set_num_threads(count.ok_or_else(|| Error::usage("--threads must be at least 1"))?);
    }
    Ok(())
}
