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

/// Families, flags, skin tones, keycaps, Hangul syllables and letters, stacked marks, and line ends.
const CLUSTERS: &str = "👨‍👩‍👧‍👦👨‍👩‍👧 🇩🇪🇫🇷🇬 👩🏽‍🚀👍🏿❤️‍🔥1️⃣ 한국 \u{1112}\u{1161}\u{11ab}\u{1100} e\u{301}\u{302}o\u{308} ที่ก้ำ கி க்ஷ क्षि\r\n\
    か\u{3099}\u{200d}a\r\n  \n\t (b)  \n\u{3000}字\n x \u{600}1 <unk> @-@ l’homme\n\u{301}x\t“a”, b \n\n 🇩🇪🇩🇪\u{301}🇩";

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
    let mut pages = pages();
    assert!(pages.len() >= 13, "{pages:?}");
    pages.push(folder.path().join("xx.txt"));
    fs::write(pages.last().unwrap(), CLUSTERS).unwrap();
    let mut files = Vec::new();
    for page in &pages {
        let language = page.file_stem().unwrap().to_string_lossy();
        for (level, options) in [
            ("word", "--level word".to_string()),
            ("language", format!("--language {language}")),
            ("indent", "--keep-indent".into()),
            ("classic", "--classic".into()),
            ("char", "--level char".into()),
            ("codepoint", "--level codepoint".into()),
            ("byte", "--level byte".into()),
            ("tokens", "--level tokens".into()),
            ("lines", "--lines".into()),
            ("byte-lines", "--lines --level byte".into()),
            ("token-lines", "--lines --level tokens".into()),
            // Most words are unknown.
            ("few", "--max-vocab 20".into()),
        ] {
            let tokens = format!("{language}-{level}.tokens");
            sh(folder.path(), &format!("rnn-prep -q '{}' --valid 0 {options} -o {tokens}", page.display())).succeeds();
            let decoded = format!("{tokens}.txt");
            sh(folder.path(), &format!("rnn-prep --decode {tokens} -o {decoded}")).succeeds();
            files.extend([tokens, page.display().to_string(), decoded]);
        }
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/agreement.py");
    let output = python.arg(script).args(files).current_dir(folder.path()).output().unwrap();
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(output.status.success(), "{text}");
}
