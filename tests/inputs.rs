//! End-to-end tests of the files that rnn-prep finds and reads.

use std::fs;
use std::path::Path;

use rnn_tools::dataset::TokenFile;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};

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
    fs::write(at.join("x/d.zst"), compress_to_vec(&b"The bell rang. The goat ran."[..], CompressionLevel::Fastest))
        .unwrap();
    fs::write(at.join("x/photo.txt"), b"\x89PNG\r\n\x1a\n\0\0").unwrap();
    fs::write(at.join("x/other"), b"a\0b").unwrap();
    fs::write(at.join("x/page"), "<html><body>The bell").unwrap();
    let (names, said) = sources(at, "x --valid 0");
    assert_eq!(names, ["x/README", "x/a.srt", "x/b.tex", "x/c.rst", "x/d.zst", "x/page"]);
    for words in ["2 files that are not text (other, photo.txt)", "1 table", "t.csv", "2 hidden files (.git, .hidden)"]
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

#[test]
fn long_runs_of_white_space_neither_fill_the_memory_nor_end_the_reading() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (head, tail) = ("The bell rang.".repeat(99), "The goat ran.\n".repeat(99));
    let prepare = |text: String, options: &str| {
        fs::write(at.join("in.txt"), text).unwrap();
        sources(at, &format!("in.txt --valid 0 {options}"));
        TokenFile::read(&at.join("out.tokens")).unwrap().train
    };
    for (blank, short) in [(" ", " "), ("\t", " "), ("\n", "\n\n"), ("\r", "\n\n"), ("\r\n", "\n\n"), (" \n", "\n\n")] {
        let run = blank.repeat((5 << 20) / blank.len());
        for options in ["", "--classic", "--unwrap"] {
            let expected = prepare(format!("{head}{short}{tail}"), options);
            assert!(prepare(format!("{head}{run}{tail}"), options) == expected, "{blank:?} {options}");
        }
    }
    fs::write(at.join("in.txt"), " ".repeat(5 << 20)).unwrap();
    sh(at, "rnn-prep in.txt -o out.tokens").fails(1, "contains no text");
}

#[test]
fn files_with_the_same_contents_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write(at, &["a", "b"]);
    fs::copy(at.join("a"), at.join("c")).unwrap();
    let (names, said) = sources(at, "a b c --valid 0");
    assert_eq!(names.len(), 3);
    assert!(said.contains("'c' has the same contents as 'a'"), "{said}");
    let (_, said) = sources(at, "a b --valid-file c");
    assert!(said.contains("'c' is in the training part and in the validation part"), "{said}");
    assert!(!sources(at, "a --valid-file b").1.contains("'b'"));
}

#[test]
fn every_kind_of_line_end_is_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let line = "The ferryman rowed his long grey boat over the wide and quiet water to the other side\n";
    let chapter = |n: usize| format!("CHAPTER {n}\n\n{}\n\n", line.repeat(20));
    let text: String = (1..60).map(chapter).collect();
    for options in [
        "--unwrap",
        "--split-by chapter",
        "--unwrap --split-by chapter",
        "--shuffle --split-by chapter --random-seed 1",
    ] {
        let prepare = |text: &str| {
            fs::write(at.join("in.txt"), text).unwrap();
            sources(at, &format!("in.txt {options}"));
            let file = TokenFile::read(&at.join("out.tokens")).unwrap();
            (file.train, file.valid)
        };
        let expected = prepare(&text);
        assert!(!expected.1.is_empty());
        for end in ["\r", "\r\n"] {
            assert!(prepare(&text.replace('\n', end)) == expected, "{options} {end:?}");
        }
    }
}
