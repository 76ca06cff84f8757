//! Tests of commands that read standard input from a terminal.
#![cfg(target_os = "linux")]

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::{FromRawFd, OwnedFd};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Stdio;

mod shell;

/// Returns both ends of a pseudo-terminal: the person's and the program's.
fn terminal() -> (File, OwnedFd) {
    let (mut person, mut program) = (0, 0);
    // SAFETY: the pointers are valid or null, and the new descriptors belong to nobody else.
    unsafe {
        let (name, modes, size) = (std::ptr::null_mut(), std::ptr::null(), std::ptr::null());
        assert_eq!(libc::openpty(&mut person, &mut program, name, modes, size), 0);
        (File::from_raw_fd(person), OwnedFd::from_raw_fd(program))
    }
}

#[test]
fn waiting_for_a_terminal_is_announced_and_ends_with_ctrl_c() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = vec!["rnn-prep -o a.tokens", "rnn-plot history", "rnn-plot history --follow", "rnn-info -"];
    if cfg!(feature = "train") {
        lines.push("rnn-train -q -o new");
    }
    for line in lines {
        let (mut person, program) = terminal();
        let mut command = shell::command(folder.path(), &format!("exec {line}"));
        command.stdin(program).stdout(Stdio::null()).stderr(Stdio::piped());
        // SAFETY: both calls are safe between fork and exec. They make the terminal the one that sends signals.
        unsafe {
            command.pre_exec(|| {
                // A program that was started in the background ignores it.
                libc::signal(libc::SIGINT, libc::SIG_DFL);
                libc::setsid();
                libc::ioctl(0, libc::TIOCSCTTY, 0);
                Ok(())
            });
        }
        let mut child = command.spawn().unwrap();
        drop(command);
        let mut said = String::new();
        BufReader::new(child.stderr.take().unwrap()).read_line(&mut said).unwrap();
        assert!(said.contains("terminal") && said.contains("Ctrl-D"), "{line}: {said}");
        person.write_all(b"\x03").unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(libc::SIGINT), "{line}");
    }
    assert!(!folder.path().join("a.tokens").exists());
}
