//! rnn-train as it is called: answers what needs no libtorch (help, wrong options, --print-config) at once, and
//! becomes rnn-train-libtorch to train. A program that is linked with libtorch loads half a gigabyte before its
//! first line runs.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use rnn_tools::cli::{self, train::Args};
use rnn_tools::error::{Error, Result};

const TRAINER: &str = "rnn-train-libtorch";

fn main() -> ExitCode {
    cli::main(|_: Args| become_trainer())
}

/// In the same process, so that signals and the exit status are the trainer's. Returns only if that fails.
fn become_trainer() -> Result<()> {
    let program = trainer()?;
    let mut command = Command::new(&program);
    command.args(env::args_os().skip(1));
    // OpenMP's threads should sleep soon when they wait for each other, unless the user has said how they should
    // wait. By default they spin for milliseconds, and beside one other busy process that makes training up to
    // a hundred times slower: each barrier waits for a thread that is not running while the others burn the cores.
    // OpenMP reads this when it is loaded. A few microseconds are as fast as spinning on an idle machine.
    const SPIN_COUNT: &str = "GOMP_SPINCOUNT";
    if ["OMP_WAIT_POLICY", SPIN_COUNT].iter().all(|name| env::var_os(name).is_none()) {
        command.env(SPIN_COUNT, "1000");
    }
    // A step gives back all of its memory and the next one asks for it again: the C library (glibc) should keep what is
    // below 32 MB, in large pages, rather than have the system hand out and clear it anew each time.
    const TUNABLES: &str = "GLIBC_TUNABLES";
    if env::var_os(TUNABLES).is_none() {
        let limits = "trim_threshold=4294967296:glibc.malloc.mmap_threshold=33554432:glibc.malloc.top_pad=67108864";
        command.env(TUNABLES, format!("glibc.malloc.hugetlb=1:glibc.malloc.{limits}"));
    }
    Err(Error::io("start", program, command.exec()))
}

/// Beside this program, as cargo puts it, or where `make install` does.
fn trainer() -> Result<PathBuf> {
    let this = env::current_exe().map_err(|error| Error::io("find", TRAINER, error))?;
    let folder = this.parent().unwrap_or(Path::new("/"));
    let paths = [folder.join(TRAINER), folder.join("../lib/rnn-tools").join(TRAINER)];
    paths.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
        Error::failure(format!("{TRAINER} is neither beside {} nor in ../lib/rnn-tools", this.display()))
            .hint("install rnn-tools again")
    })
}
