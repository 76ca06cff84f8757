//! Python's own packages, fetched once into a folder below `target`. That needs python3 with pip, and the network;
//! without them a test says that it is skipped.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

/// python3 with the packages, in the folder `name`; None, and a word about it, where they are not to be had.
pub fn python(name: &str, packages: &[&str]) -> Option<Command> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    match folder(name, packages) {
        Ok(folder) => {
            let mut command = Command::new("python3");
            command.env("PYTHONPATH", folder);
            Some(command)
        }
        Err(reason) => {
            skipped(&format!("{} for Python are not to be had ({reason})", packages.join(", ")));
            None
        }
    }
}

/// The macros' output is kept from the user where the test passes.
pub fn skipped(reason: &str) {
    let said = writeln!(std::io::stderr(), "skipped: {reason}");
    said.unwrap();
}

fn folder(name: &str, packages: &[&str]) -> Result<PathBuf, String> {
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
        .map_err(|e| format!("python3: {e}"))?;
    if !output.status.success() {
        return Err(format!("pip: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    fs::write(complete, packages.join(" ")).map_err(|e| e.to_string())?;
    Ok(folder)
}
