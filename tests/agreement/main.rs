//! Python's packages read token files and agree with them: `safetensors` on the tensors, `tokenizers` on the ids of a
//! page in each language, at every level. Needs python3 with pip, and network access once.

use std::fs;
use std::path::{Path, PathBuf};

mod network;
#[path = "../shell/mod.rs"]
mod shell;
#[path = "../tools/mod.rs"]
mod tools;
use shell::sh;

const PACKAGES: [&str; 3] = ["tokenizers==0.23.2", "safetensors==0.8.0", "numpy"];

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/pages");
    let mut pages: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    pages.sort();
    pages
}

#[test]
fn python_returns_the_same_ids_in_every_language() {
    let Some(mut python) = tools::python("python", &PACKAGES) else { return };
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
            ("codepoint", "--level codepoint".into()),
            ("byte", "--level byte".into()),
            // Most words are unknown.
            ("few", "--max-vocab 20".into()),
        ] {
            let tokens = format!("{language}-{level}.tokens");
            sh(folder.path(), &format!("rnn-prep -q '{}' --valid 0 {options} -o {tokens}", page.display())).succeeds();
            files.extend([tokens, page.display().to_string()]);
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/agreement.py");
    let output = python.arg(script).args(files).current_dir(folder.path()).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{text}");
}
