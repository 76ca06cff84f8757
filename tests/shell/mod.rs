//! Running the commands as a shell would.
#![allow(dead_code, reason = "no test file needs every function")]

use std::ffi::OsString;
#[cfg(unix)]
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            // A command that was killed by a signal has no status.
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// The command failed with this status, and said so in one line that names what is at reason, perhaps
    /// followed by a hint.
    #[track_caller]
    pub fn fails(&self, status: i32, reason: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.stderr.contains(reason), "no {reason:?} in {self:?}");
        assert!(!self.stderr.contains("panicked"), "{self:?}");
        let lines: Vec<&str> = self.stderr.lines().filter(|line| !line.starts_with("hint: ")).collect();
        assert!(status == 2 || lines.len() == 1, "more than one line: {self:?}");
    }

    #[track_caller]
    pub fn succeeds(&self) -> &Self {
        assert_eq!(self.status, 0, "{self:?}");
        self
    }
}

/// A line of sh in a folder, with the built commands first on the path.
pub fn command(folder: &Path, line: &str) -> Command {
    let programs = Path::new(env!("CARGO_BIN_EXE_rnn-gen")).parent().unwrap();
    let mut path = OsString::from(programs);
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap());
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder).env("PATH", path);
    // SAFETY: the call is safe between fork and exec. Tests under nohup ignore SIGHUP, but commands handle it.
    #[cfg(unix)]
    unsafe {
        command.pre_exec(|| {
            libc::signal(libc::SIGHUP, libc::SIG_DFL);
            Ok(())
        });
    }
    command
}

/// Runs a line of sh in a folder.
pub fn sh(folder: &Path, line: &str) -> Ran {
    command(folder, line).output().unwrap().into()
}
