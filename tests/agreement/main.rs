//! Python's own packages open a token file and agree with it: `safetensors` on the tensors, `tokenizers` on the
//! ids of a page in each language, at every level. Needs python3 with pip, and the network once: the packages go
//! into a folder below `target`. Without them the test says that it was skipped.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

mod network;
#[allow(dead_code)] // not every test looks at all of it
#[path = "../shell/mod.rs"]
mod shell;
use shell::sh;

const PACKAGES: [&str; 3] = ["tokenizers==0.23.2", "safetensors==0.8.0", "numpy"];

/// The folder with the packages, fetched if they are not there yet.
fn packages() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python");
    let complete = folder.join("complete");
    if fs::read_to_string(&complete).is_ok_and(|packages| packages == PACKAGES.join(" ")) {
        return Ok(folder);
    }
    let output = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--upgrade", "--disable-pip-version-check", "--target"])
        .arg(&folder)
        .args(PACKAGES)
        .output()
        .map_err(|e| format!("python3: {e}"))?;
    if !output.status.success() {
        return Err(format!("pip: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    fs::write(complete, PACKAGES.join(" ")).map_err(|e| e.to_string())?;
    Ok(folder)
}

/// The macros' output is kept from the user where the test passes.
fn skipped(reason: &str) {
    let said = writeln!(std::io::stderr(), "skipped: {reason}");
    said.unwrap();
}

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let mut pages: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

#[test]
fn python_gives_the_same_ids_in_every_language() {
    let packages = match packages() {
        Ok(packages) => packages,
        Err(reason) => {
            return skipped(&format!("Python's tokenizers are not to be had ({reason})"));
        }
    };
    let folder = tempfile::tempdir().unwrap();
    let pages = pages();
    assert!(pages.len() >= 13, "{pages:?}");
    let mut files = Vec::new();
    for page in &pages {
        let language = page.file_stem().unwrap().to_string_lossy();
        for (level, options) in [
            ("word", "--level word".to_string()),
            ("language", format!("--language {language}")),
            ("classic", "--classic".into()),
            ("char", "--level char".into()),
            ("byte", "--level byte".into()),
            // Most words unknown.
            ("few", "--max-vocab 20".into()),
        ] {
            let tokens = format!("{language}-{level}.tokens");
            sh(folder.path(), &format!("rnn-prep -q '{}' --valid 0 {options} -o {tokens}", page.display())).succeeds();
            files.extend([tokens, page.display().to_string()]);
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/agreement.py");
    let output = Command::new("python3")
        .arg(script)
        .args(files)
        .current_dir(folder.path())
        .env("PYTHONPATH", packages)
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{said}");
}
