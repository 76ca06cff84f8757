//! End-to-end tests of the files that rnn-prep finds and reads.

use std::fs;
use std::path::Path;

use rnn_tools::dataset::TokenFile;

mod shell;
use shell::sh;

/// Runs rnn-prep on `arguments`; returns the names of its sources and what it printed.
fn sources(at: &Path, arguments: &str) -> (Vec<String>, String) {
    let ran = sh(at, &format!("rnn-prep {arguments} -o out.tokens --force"));
    ran.succeeds();
    let file = TokenFile::read(&at.join("out.tokens")).unwrap();
    (file.prep.sources.into_iter().map(|source| source.name).collect(), ran.stderr)
}

fn write(at: &Path, names: &[&str]) {
    for name in names {
        fs::create_dir_all(at.join(name).parent().unwrap()).unwrap();
        fs::write(at.join(name), format!("The bell of {name} rang. The goat ran.\n").repeat(3)).unwrap();
    }
}

#[test]
fn folders_are_judged_by_content_and_what_is_left_out_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, &["x/README", "x/a.srt", "x/b.tex", "x/c.rst", "x/t.csv", "x/.hidden", "x/.git/config"]);
    fs::write(at.join("x/photo.txt"), b"\x89PNG\r\n\x1a\n\0\0").unwrap();
    fs::write(at.join("x/other"), b"a\0b").unwrap();
    fs::write(at.join("x/page"), "<html><body>The bell").unwrap();
    let (names, said) = sources(at, "x --valid 0");
    assert_eq!(names, ["x/README", "x/a.srt", "x/b.tex", "x/c.rst"]);
    for words in
        ["3 files that are not text (other, page, photo.txt)", "1 table", "t.csv", "2 hidden files (.git, .hidden)"]
    {
        assert!(said.contains(words), "{words}: {said}");
    }
    fs::write(at.join("x/t.csv"), "id,text\n1,the bell rang\n2,the goat ran\n").unwrap();
    assert_eq!(sources(at, "x --column text --valid 0").0, ["x/t.csv"]);
}

#[cfg(unix)]
#[test]
fn patterns_neither_follow_links_to_folders_nor_find_hidden_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, &["x/a.txt", "x/y/b.txt", "x/.h.txt", "x/.g/c.txt", "t.csv"]);
    std::os::unix::fs::symlink("..", at.join("x/y/up")).unwrap();
    std::os::unix::fs::symlink(".", at.join("x/here")).unwrap();
    for pattern in ["x/**/*.txt", "x/**", "x/**/*", "x/*", "**/[ab].txt", "x", "./x/**/?.*"] {
        let (names, _) = sources(at, &format!("'{pattern}' --valid 0"));
        let names: Vec<_> = names.iter().map(|name| name.trim_start_matches("./")).collect();
        assert_eq!(names, ["x/a.txt", "x/y/b.txt"], "{pattern}");
    }
    assert_eq!(sources(at, "'x/.*.txt' --valid 0").0, ["x/.h.txt"]);
    assert_eq!(sources(at, "'*.csv' --valid 0").0, ["t.csv"]);
    sh(at, "rnn-prep 'x/**b' -o o").fails(2, "bad pattern");
}

#[cfg(unix)]
#[test]
fn a_file_given_twice_is_read_once_and_one_in_two_parts_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, &["x/a.txt", "x/b.txt"]);
    std::os::unix::fs::symlink("x/a.txt", at.join("soft")).unwrap();
    fs::hard_link(at.join("x/a.txt"), at.join("hard")).unwrap();
    for again in ["x/a.txt", "./x/a.txt", "soft", "hard", "- <x/a.txt"] {
        let (names, said) = sources(at, &format!("x/a.txt {again} --valid 0"));
        assert_eq!(names, ["x/a.txt"], "{again}");
        assert!(said.contains("given twice"), "{said}");
    }
    let (names, said) = sources(at, "x/a.txt --valid-file soft");
    assert_eq!(names, ["x/a.txt", "soft"]);
    assert!(said.contains("is in the training part and in the validation part (as 'x/a.txt')"), "{said}");
    // Only held out, although it is in the folder too.
    let (names, said) = sources(at, "x --valid-file x/b.txt");
    assert_eq!(names, ["x/a.txt", "x/b.txt"]);
    assert!(said.contains("'x/b.txt' is left out of the training part"), "{said}");
}
