//! rnn-prep --decode: token files become text again.

use std::fs;

mod shell;
use shell::sh;

const TEXT: &str = "« L’été », dit-elle.\n\n  Two  spaces\tand 👨‍👩‍👧 — 字字.\r\nThe end";

#[test]
fn characters_code_points_and_bytes_come_back_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), TEXT).unwrap();
    for level in ["char", "codepoint", "byte"] {
        sh(at, &format!("rnn-prep -q text --level {level} --min-count 1 --valid 0 -o a.tokens")).succeeds();
        sh(at, "rnn-prep --decode a.tokens | cmp - text").succeeds();
        // Byte-level parts may end within a character.
        sh(at, &format!("rnn-prep -q text --level byte --valid 0.4 --test 0.3 -o {level}.tokens")).succeeds();
        sh(at, &format!("rnn-prep --decode {level}.tokens -o again && cmp again text")).succeeds();
    }
}

#[test]
fn words_come_back_with_single_spaces_and_parts_are_selected() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), "One  two,\tthree.\n\n\n“Four” - five\n").unwrap();
    fs::write(at.join("other"), "One, five").unwrap();
    sh(at, "rnn-prep -q text --valid-file other --test-file other -o a.tokens").succeeds();
    let main = "One two, three.\n\n“Four” - five\n";
    let decoded = |options: &str| sh(at, &format!("rnn-prep --decode a.tokens {options}")).succeeds().stdout.clone();
    assert_eq!(decoded("--split train"), main);
    assert_eq!(decoded("--split valid"), "One, five");
    assert_eq!(decoded(""), format!("{main}One, five\nOne, five"));
    fs::write(at.join("text"), "One  two,\tthree.\n\n\n“Four” - five\n".repeat(2)).unwrap();
    sh(at, "rnn-prep -q text --valid 0.5 -o a.tokens").succeeds();
    assert_eq!(decoded(""), main.repeat(2));
}

#[test]
fn documents_come_back_as_lines() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), "one two\nthree\n\ntwo one").unwrap();
    for level in ["word", "tokens", "char", "byte"] {
        sh(at, &format!("rnn-prep -q --lines text --level {level} --valid 0 -o a.tokens")).succeeds();
        assert_eq!(sh(at, "rnn-prep --decode a.tokens").succeeds().stdout, "one two\nthree\ntwo one\n");
    }
}

#[test]
fn wrong_uses_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), "one two one two").unwrap();
    sh(at, "rnn-prep -q text --valid 0 -o a.tokens").succeeds();
    for (arguments, status) in [
        ("--decode a.tokens --split test", 1),
        ("--decode text", 1),
        ("--decode a.tokens --level char", 2),
        ("--decode a.tokens -o a.tokens", 2),
        ("text --split valid", 2),
    ] {
        assert_eq!(sh(at, &format!("rnn-prep {arguments}")).status, status, "{arguments}");
    }
}

#[test]
fn indentation_comes_back_if_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let code =
        "def ring(bell, times):\n    for i in range(times):\n\tif i % 2:\n        print(bell, i)\n\n    return times\n";
    let other = "    ferry = 3\n  bell = 4\n";
    fs::write(at.join("code.py"), code).unwrap();
    fs::write(at.join("other.py"), other).unwrap();
    for options in ["", "--level word", "--language en", "--vocab a.tokens"] {
        sh(at, &format!("rnn-prep -q code.py --keep-indent {options} --valid 0 --force -o b.tokens")).succeeds();
        assert_eq!(sh(at, "rnn-prep --decode b.tokens").succeeds().stdout, code, "{options}");
        fs::rename(at.join("b.tokens"), at.join("a.tokens")).unwrap();
    }
    // A vocabulary keeps it without the option; a file after another one does too.
    sh(at, "rnn-prep -q code.py other.py --keep-indent --valid 0 -o b.tokens").succeeds();
    assert_eq!(sh(at, "rnn-prep --decode b.tokens").succeeds().stdout, format!("{code}\n{other}"));
    sh(at, "rnn-prep -q other.py --vocab b.tokens --valid 0 -o c.tokens").succeeds();
    assert_eq!(sh(at, "rnn-prep --decode c.tokens").succeeds().stdout, other);
    sh(at, "rnn-prep -q other.py --lines --keep-indent --valid 0 -o d.tokens").succeeds();
    assert_eq!(sh(at, "rnn-prep --decode d.tokens").succeeds().stdout, other);
    // Far too much white space is no indentation, however it is read.
    fs::write(at.join("wide"), format!("a bell\n{}rang\n", " ".repeat(400_000))).unwrap();
    sh(at, "rnn-prep -q wide --keep-indent --valid 0 -o e.tokens").succeeds();
    assert_eq!(sh(at, "rnn-prep --decode e.tokens").succeeds().stdout, "a bell\nrang\n");
    for arguments in ["--level char", "--level tokens", "--classic", "--language fr", "--language it"] {
        assert_eq!(sh(at, &format!("rnn-prep code.py --keep-indent {arguments}")).status, 2, "{arguments}");
    }
    sh(at, "rnn-prep code.py --level word --vocab b.tokens").fails(2, "the vocabulary is for level");
}
