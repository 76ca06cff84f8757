//! The architecture, checked: imports go down, and each effect is named in one place.

use std::fs;
use std::path::{Path, PathBuf};

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The library's modules from the top down, as lib.rs lists them.
fn modules() -> Vec<String> {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_string).collect()
}

/// Whether `text` names `crate_name` as a path, and not as part of another word.
fn names(text: &str, crate_name: &str) -> bool {
    text.match_indices(&format!("{crate_name}::"))
        .any(|(at, _)| !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':'))
}

#[test]
fn imports_only_go_down() {
    let modules = modules();
    assert!(modules.len() > 10, "{modules:?}");
    for (rank, module) in modules.iter().enumerate() {
        let file = source().join(format!("{module}.rs"));
        let files = if file.exists() { vec![file] } else { rust_files(&source().join(module)) };
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            for above in &modules[..rank] {
                assert!(
                    !text.contains(&format!("crate::{above}")),
                    "{} uses crate::{above}, which lies above it in lib.rs",
                    file.display()
                );
            }
        }
    }
}

#[test]
fn each_effect_is_named_by_one_command() {
    let effects = [
        ("tch", "rnn-train"),
        ("ureq", "rnn-fetch"),
        ("tiny_http", "rnn-serve"),
        ("httparse", "rnn-serve"),
        ("plotters", "rnn-plot"),
        ("png", "rnn-plot"),
    ];
    let files = rust_files(&source());
    for (effect, command) in effects {
        let (mut at_home, home) = (false, source().join("bin").join(command));
        for file in &files {
            if names(&fs::read_to_string(file).unwrap(), effect) {
                assert!(file.starts_with(&home), "{} names {effect}", file.display());
                at_home = true;
            }
        }
        assert!(at_home, "{command} does not name {effect}");
    }
}
