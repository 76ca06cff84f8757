//! Runs a command under ptrace: logs the system calls that change the files of a folder, and ends the command, or lets
//! the disk be full, at one of them.

use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::ptr;

/// What a system call does to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    Create,
    Write,
    Sync,
    Rename,
    Remove,
}

#[derive(Clone, Copy, PartialEq)]
pub enum Fault {
    None,
    /// Ends the command with SIGKILL instead of this call, counted from 0.
    Kill(usize),
    /// This call fails because the disk is full.
    Full(usize),
}

#[derive(Debug)]
pub struct Traced {
    /// None if a signal ended the command.
    pub status: Option<i32>,
    pub stderr: String,
    pub calls: Vec<(Call, PathBuf)>,
}

/// Runs a program of this package in `folder`.
#[allow(clippy::zombie_processes, reason = "`follow` waits for it")]
pub fn run(program: &str, arguments: &[&str], folder: &Path, fault: Fault) -> Traced {
    let errors = tempfile::NamedTempFile::new().unwrap();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(errors.reopen().unwrap());
    // SAFETY: the call is safe between fork and exec.
    unsafe {
        command.pre_exec(|| match libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) {
            -1 => Err(std::io::Error::last_os_error()),
            _ => Ok(()),
        });
    }
    let child = command.spawn().unwrap();
    let (status, calls) = follow(child.id() as i32, folder, fault);
    Traced { status, stderr: fs::read_to_string(errors.path()).unwrap(), calls }
}

fn follow(child: i32, folder: &Path, fault: Fault) -> (Option<i32>, Vec<(Call, PathBuf)>) {
    let options = libc::PTRACE_O_TRACESYSGOOD | libc::PTRACE_O_TRACECLONE | libc::PTRACE_O_EXITKILL;
    let (mut calls, mut result, mut is_known) = (Vec::new(), None, false);
    // Threads that are inside a system call, and what it will return instead of its result.
    let mut inside: Vec<(i32, Option<i64>)> = Vec::new();
    loop {
        let mut status = 0;
        // SAFETY: `status` outlives the call. Only tracees of this thread are waited for.
        let thread = unsafe { libc::waitpid(-1, &raw mut status, libc::__WALL | libc::__WNOTHREAD) };
        if thread < 0 {
            return (result, calls);
        }
        if libc::WIFEXITED(status) || libc::WIFSIGNALED(status) {
            if thread == child && libc::WIFEXITED(status) {
                result = Some(libc::WEXITSTATUS(status));
            }
            continue;
        }
        let mut signal = 0;
        match libc::WSTOPSIG(status) {
            libc::SIGTRAP if thread == child && !is_known => {
                is_known = true;
                // SAFETY: the thread is stopped.
                unsafe { libc::ptrace(libc::PTRACE_SETOPTIONS, thread, 0, options) };
            }
            stop if stop == libc::SIGTRAP | 0x80 => match inside.iter().position(|(id, _)| *id == thread) {
                Some(at) => {
                    if let (_, Some(value)) = inside.remove(at) {
                        change(thread, |registers| registers.rax = value as u64);
                    }
                }
                None => {
                    let mut value = None;
                    if let Some(call) = call(&registers(thread), thread, folder) {
                        let number = calls.len();
                        calls.push(call);
                        match fault {
                            // SAFETY: it ends the command that this function follows.
                            Fault::Kill(at) if at == number => unsafe { libc::kill(child, libc::SIGKILL) }.min(0),
                            Fault::Full(at) if at == number => {
                                // There is no system call -1.
                                change(thread, |registers| registers.orig_rax = u64::MAX);
                                value = Some(-i64::from(libc::ENOSPC));
                                0
                            }
                            _ => 0,
                        };
                    }
                    inside.push((thread, value));
                }
            },
            // A new thread, or the event of its creation.
            libc::SIGTRAP | libc::SIGSTOP => {}
            other => signal = other,
        }
        // SAFETY: the thread is stopped, or has been killed.
        unsafe { libc::ptrace(libc::PTRACE_SYSCALL, thread, 0, signal) };
    }
}

fn registers(thread: i32) -> libc::user_regs_struct {
    // SAFETY: zeros are valid registers, which the call fills.
    unsafe {
        let mut registers = std::mem::zeroed();
        libc::ptrace(libc::PTRACE_GETREGS, thread, ptr::null_mut::<libc::c_void>(), &raw mut registers);
        registers
    }
}

fn change(thread: i32, change: impl FnOnce(&mut libc::user_regs_struct)) {
    let mut registers = registers(thread);
    change(&mut registers);
    // SAFETY: the thread is stopped.
    unsafe { libc::ptrace(libc::PTRACE_SETREGS, thread, ptr::null_mut::<libc::c_void>(), &raw const registers) };
}

/// Returns what the system call of a stopped thread does to a file or folder in `folder`.
fn call(registers: &libc::user_regs_struct, thread: i32, folder: &Path) -> Option<(Call, PathBuf)> {
    let of_fd = |fd: u64| fs::read_link(format!("/proc/{thread}/fd/{fd}")).ok();
    let of_text = |at: u64| text(thread, at).map(|path| folder.join(path));
    let (call, path) = match registers.orig_rax as i64 {
        libc::SYS_write | libc::SYS_writev | libc::SYS_pwrite64 | libc::SYS_ftruncate => {
            (Call::Write, of_fd(registers.rdi))
        }
        libc::SYS_copy_file_range => (Call::Write, of_fd(registers.rdx)),
        libc::SYS_sendfile => (Call::Write, of_fd(registers.rdi)),
        libc::SYS_fsync | libc::SYS_fdatasync => (Call::Sync, of_fd(registers.rdi)),
        libc::SYS_openat if registers.rdx as i32 & (libc::O_CREAT | libc::O_TRUNC) != 0 => {
            (Call::Create, of_text(registers.rsi))
        }
        libc::SYS_open if registers.rsi as i32 & (libc::O_CREAT | libc::O_TRUNC) != 0 => {
            (Call::Create, of_text(registers.rdi))
        }
        libc::SYS_rename => (Call::Rename, of_text(registers.rsi)),
        libc::SYS_renameat | libc::SYS_renameat2 => (Call::Rename, of_text(registers.r10)),
        libc::SYS_unlink => (Call::Remove, of_text(registers.rdi)),
        libc::SYS_unlinkat => (Call::Remove, of_text(registers.rsi)),
        _ => return None,
    };
    path.filter(|path| path.starts_with(folder)).map(|path| (call, path))
}

/// Returns the text at an address of the thread's memory.
fn text(thread: i32, at: u64) -> Option<String> {
    let mut bytes = vec![0; 4096 - (at % 4096) as usize];
    File::open(format!("/proc/{thread}/mem")).ok()?.read_exact_at(&mut bytes, at).ok()?;
    if !bytes.contains(&0) {
        let mut more = vec![0; 4096];
        File::open(format!("/proc/{thread}/mem")).ok()?.read_exact_at(&mut more, at + bytes.len() as u64).ok()?;
        bytes.extend(more);
    }
    String::from_utf8(bytes.split(|byte| *byte == 0).next()?.to_vec()).ok()
}
