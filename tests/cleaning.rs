//! End-to-end tests of --clean.

use std::fs;
use std::path::Path;

use rnn_tools::corpus::cleaning::Kind;
use rnn_tools::dataset::TokenFile;

mod shell;
use shell::sh;

/// Runs rnn-prep with `arguments`; returns what it logged and the text of the token file.
fn prepared(at: &Path, arguments: &str) -> (String, String) {
    let ran = sh(at, &format!("rnn-prep {arguments} --valid 0 --force -o out.tokens"));
    let file = TokenFile::read(&at.join("out.tokens")).unwrap();
    (ran.succeeds().stderr.clone(), file.tokenizer.decode(&file.train))
}

#[test]
fn kinds_are_chosen_and_recorded_and_counts_are_logged() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), "The _old_ bell[1] rang.\r\n\r\n[Illustration: The\r\nbell]\r\n\r\nIt rang.\r\n")
        .unwrap();
    let (log, text) = prepared(at, "text --clean");
    assert_eq!(text, "The old bell rang.\n\nIt rang.\n");
    assert!(log.contains("cleaned: 1 illustration, 1 footnote mark, 1 mark of emphasis\n"), "{log}");
    assert_eq!(prepared(at, "text --clean --level char").1, text);
    let (log, text) = prepared(at, "text --clean=emphasis,illustrations");
    assert_eq!(text, "The old bell[1] rang.\n\nIt rang.\n");
    assert!(log.contains("cleaned: 1 illustration, 1 mark of emphasis\n"), "{log}");
    let prep = TokenFile::read(&at.join("out.tokens")).unwrap().prep;
    assert_eq!(prep.clean, [Kind::Illustrations, Kind::Emphasis].into());
    for arguments in ["text", "text --clean=none"] {
        let (log, text) = prepared(at, arguments);
        assert!(text.contains("_old_ bell[1]") && !log.contains("cleaned"), "{log}");
    }
    assert!(prepared(at, "- <text --clean=hyphens").0.contains("cleaned: nothing\n"));
    sh(at, "RNN_CLEAN=all rnn-prep text -o env.tokens --valid 0 && rnn-prep text --clean --valid 0 | cmp - env.tokens")
        .succeeds();
    sh(at, "rnn-prep text --clean=commas -o no.tokens").fails(2, "commas");
    sh(at, "printf '[Illustration]' | rnn-prep --clean").fails(1, "no text");
}

#[test]
fn lines_and_rows_are_cleaned_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), "The _bell\nrang_ at _noon_\n[Illustration]\n").unwrap();
    let (log, text) = prepared(at, "text --lines --clean");
    assert_eq!(text, "The _bell\nrang_ at noon\n");
    assert!(log.contains("cleaned: 1 illustration, 1 mark of emphasis\n"), "{log}");
    fs::write(at.join("rows.csv"), "text\n\"The _bell\nrang_\"\n").unwrap();
    assert_eq!(prepared(at, "rows.csv --column text --clean").1, "The bell\nrang\n");
}

#[test]
fn marks_are_found_wherever_the_blocks_end() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let paragraph =
        |i: usize| format!("The _bell\nof {}_ rang[{}].\n\n[Illustration: The\n\nbell]\n\n", i % 50, 1 + i % 99);
    fs::write(at.join("text"), (0..60_000).map(paragraph).collect::<String>()).unwrap();
    let expected: String = (0..60_000).map(|i| format!("The bell\nof {} rang.\n\n", i % 50)).collect();
    let (log, text) = prepared(at, "text --clean");
    assert!(log.contains("cleaned: 60,000 illustrations, 60,000 footnote marks, 60,000 marks of emphasis"), "{log}");
    assert!(text == expected);
}

/// A book with the marks of Gutenberg, in windows-1252.
const BOOK: &[u8] =
    b"Title: Bell\n\n*** START OF THE PROJECT GUTENBERG EBOOK BELL ***\n\nThe _old_ caf\xe9 bell[1].\n\n\
    *** END OF THE PROJECT GUTENBERG EBOOK BELL ***\n";

#[test]
fn books_of_gutenberg_are_cleaned_unless_the_user_or_a_lock_file_says_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("book.txt"), BOOK).unwrap();
    fs::write(at.join("other.txt"), "The _old_ bell[1].\n").unwrap();
    let fetched = |arguments: &str| {
        let ran = sh(at, &format!("rnn-fetch {arguments}"));
        (ran.succeeds().stdout.clone(), ran.stderr)
    };
    let (text, log) = fetched("book.txt --manifest all.lock");
    assert_eq!(text, "The old café bell.\n");
    assert!(log.contains("book.txt: cleaned: 1 footnote mark, 1 mark of emphasis\n"), "{log}");
    assert_eq!(fetched("book.txt --clean=none --manifest none.lock").0, "The _old_ café bell[1].\n");
    assert_eq!(fetched("book.txt --clean=emphasis --manifest some.lock").0, "The old café bell[1].\n");
    let (text, log) = fetched("other.txt");
    assert!(text.contains("_old_") && !log.contains("cleaned"), "{log}");
    assert_eq!(fetched("other.txt --clean").0, "The old bell.\n");
    assert!(fetched("book.txt --raw").0.contains("_old_"));
    sh(at, "rnn-fetch book.txt --raw --clean").fails(2, "cannot be used with");
    sh(at, "rnn-fetch --locked all.lock --clean").fails(2, "cannot be used with");

    for (lock, text) in [
        ("all.lock", "The old café bell.\n"),
        ("none.lock", "The _old_ café bell[1].\n"),
        ("some.lock", "The old café bell[1].\n"),
    ] {
        let (again, log) = fetched(&format!("--locked {lock}"));
        assert_eq!(again, text, "{lock}: {log}");
    }
    // The encoding of the lock file counts, not what would be recognized now.
    let lock = fs::read_to_string(at.join("some.lock")).unwrap();
    assert!(lock.contains("\"encoding\": \"windows-1252\"") && lock.contains("\"emphasis\""), "{lock}");
    fs::write(at.join("some.lock"), lock.replace("windows-1252", "ISO-8859-5")).unwrap();
    sh(at, "rnn-fetch -q --locked some.lock").fails(1, "the converted text does not");
}
