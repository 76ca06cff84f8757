//! The rnn-train command. It handles what needs no libtorch (help, usage errors, --print-config) at once, and executes
//! rnn-train-libtorch to train: a program linked with libtorch loads half a gigabyte before `main` runs.

use std::env;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use rnn_tools::cli::{self, train::Args};
use rnn_tools::error::{Error, Result};

const TRAINER: &str = "rnn-train-libtorch";

fn main() -> ExitCode {
    cli::main(|_: Args| exec_trainer())
}

/// Replaces this process with the trainer, which then receives its signals and sets its exit status. Returns only on
/// failure.
fn exec_trainer() -> Result<()> {
    let program = trainer()?;
    let mut command = Command::new(&program);
    command.args(env::args_os().skip(1));
    // Makes waiting OpenMP threads sleep sooner, unless the user has configured them. By default they spin for
    // milliseconds. When one other process is busy, this makes training up to a hundred times slower: each barrier
    // waits for a thread that is not running while the others occupy the cores. On an idle machine, a few microseconds
    // are as fast. OpenMP reads the variable when it is loaded.
    const SPIN_COUNT: &str = "GOMP_SPINCOUNT";
    if ["OMP_WAIT_POLICY", SPIN_COUNT].iter().all(|name| env::var_os(name).is_none()) {
        command.env(SPIN_COUNT, "1000");
    }
    // Each step frees all of its memory, and the next one allocates it again. This makes glibc keep blocks below 32 MB,
    // in huge pages, instead of returning them to the kernel, which would have to clear them each time.
    const TUNABLES: &str = "GLIBC_TUNABLES";
    if env::var_os(TUNABLES).is_none() {
        let limits = "trim_threshold=4294967296:glibc.malloc.mmap_threshold=33554432:glibc.malloc.top_pad=67108864";
        command.env(TUNABLES, format!("glibc.malloc.hugetlb=1:glibc.malloc.{limits}"));
    }
    Err(Error::io("start", program, command.exec()))
}

/// Finds the trainer beside this program (a cargo build) or in ../lib/rnn-tools (`make install`).
fn trainer() -> Result<PathBuf> {
    let this = env::current_exe().map_err(|error| Error::io("find", TRAINER, error))?;
    let folder = this.parent().unwrap_or(Path::new("/"));
    let paths = [folder.join(TRAINER), folder.join("../lib/rnn-tools").join(TRAINER)];
    paths.iter().find(|path| path.is_file()).cloned().ok_or_else(|| {
        Error::failure(format!(
            "cannot find {TRAINER}: it is neither beside {} nor in ../lib/rnn-tools",
            this.display()
        ))
        .hint("reinstall rnn-tools")
    })
}
