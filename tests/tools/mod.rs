//! Programs and Python packages that some tests need and a machine may lack. Without one of them a test is skipped and
//! prints which; with `RNN_REQUIRE_ALL=1`, as in continuous integration, it fails. `scripts/test-tools.sh` installs all.
#![allow(dead_code, reason = "no test file needs every tool")]

use std::env;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// Reports that a test, or a part of it, cannot run on this machine.
#[track_caller]
pub fn skip(reason: &str) {
    assert!(env::var_os("RNN_REQUIRE_ALL").is_none_or(|value| value != "1"), "RNN_REQUIRE_ALL=1, but {reason}");
    // Not eprintln!, whose output is captured when the test passes.
    let written = writeln!(std::io::stderr(), "skipped: {reason}");
    written.unwrap();
}

/// Returns the path of a program, which may have several names, or skips.
#[track_caller]
pub fn program(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = env::split_paths(&path).collect();
    let found =
        names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()));
    if found.is_none() {
        skip(&format!("{} is not installed", names[0]));
    }
    found
}

/// Returns python3 with `packages`, which pip installs once into `name` below `target/tmp`, or skips.
#[track_caller]
pub fn python(name: &str, packages: &[&str]) -> Option<Command> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let installed = {
        let _guard = ONE_AT_A_TIME.lock();
        install(name, packages)
    };
    match installed {
        Ok(folder) => {
            let mut command = Command::new("python3");
            command.env("PYTHONPATH", folder);
            Some(command)
        }
        Err(reason) => {
            skip(&format!("pip cannot install {}: {reason}", packages.join(", ")));
            None
        }
    }
}

/// Returns a Python that has PyTorch, or skips: `$PYTHON`, else the first python3, else the system's.
#[track_caller]
pub fn pytorch() -> Option<Command> {
    let named = env::var("PYTHON").ok();
    let candidates = named.as_deref().map_or(vec!["python3", "/usr/bin/python3"], |name| vec![name]);
    let has_torch = |python: &&&str| {
        let output = Command::new(python).args(["-c", "import torch"]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let found = candidates.iter().find(has_torch).map(Command::new);
    if found.is_none() {
        skip(&format!("{} has no torch", candidates.join(" or ")));
    }
    found
}

fn install(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let complete = folder.join("complete");
    if fs::read_to_string(&complete).is_ok_and(|found| found == packages.join(" ")) {
        return Ok(folder);
    }
    let output = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--upgrade", "--disable-pip-version-check", "--target"])
        .arg(&folder)
        .args(packages)
        .output()
        .map_err(|error| format!("python3: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_string());
    }
    fs::write(complete, packages.join(" ")).map_err(|error| error.to_string())?;
    Ok(folder)
}
