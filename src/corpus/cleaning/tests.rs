//! Properties of cleaning, on samples and random texts.

use std::time::{Duration, Instant};

use super::{Kind, Kinds, clean};
use crate::random::Rng;

const BOOK: &str = "Transcriber's Note: _Old_ words are kept.\n\n\nTHE BELL[1]\n\n[Illustration: The\n\n_bell_]\n\n\n\
    It =rang= _very_ loud[2]: a fer-\nry, and {12} the ferry\u{ad}man. “_Ring!_”[A] he\u{feff} said.\n\n* * * * *\n\n\
    [Footnote 1: Of _iron_.]\n\n[2] Of gold.\n\n  Down the _river,\n  where_ it ends.\n";

fn all() -> Kinds {
    Kind::ALL.into()
}

#[test]
fn all_kinds_clean_a_book_and_say_what_they_did() {
    let (text, counts) = clean(&BOOK.replace('\n', "\r\n"), &all());
    assert_eq!(
        text,
        "THE BELL\n\n\nIt rang very loud: a ferry,\nand the ferryman. “Ring!” he said.\n\n* * * * *\n\nOf iron.\n\n\
         Of gold.\n\n  Down the river,\n  where it ends.\n"
    );
    assert_eq!(
        counts.to_string(),
        "1 transcriber's note, 1 illustration, 6 footnote marks, 5 marks of emphasis, 1 word hyphenated at a line end, \
         2 invisible characters"
    );
    assert_eq!(clean("The bell rang.\n", &all()).1.to_string(), "nothing");
    assert_eq!(clean("A bell[1][2] rang.", &all()).0, "A bell rang.");
    assert_eq!(clean("_The_ bell[1]\n", &Kinds::from([Kind::Emphasis])).0, "The bell[1]\n");
}

#[test]
fn cleaning_twice_is_cleaning_once() {
    const PARTS: [&str; 32] = [
        "_",
        "=",
        "[1]",
        "[A]",
        "{2}",
        "[Illustration]",
        "[Illustration: ",
        "[",
        "]",
        "[Footnote 1: ",
        "[Footnote a:",
        "[a]",
        "Transcriber's Note",
        "[Transcriber's Note: ",
        "\n",
        "\n\n",
        "\n\n\n",
        " ",
        "  ",
        "the bell",
        "bell",
        "fer",
        "ry",
        "ferry",
        "-\n",
        "-",
        ".",
        "\u{ad}",
        "\u{200b}",
        "é",
        "”",
        "x = y;",
    ];
    let mut rng = Rng::new(31);
    let mut pick = |below: usize| (rng.next_u64() % below as u64) as usize;
    for _ in 0..1500 {
        let text: String = (0..pick(40)).map(|_| PARTS[pick(PARTS.len())]).collect();
        for kinds in Kind::ALL.map(|kind| Kinds::from([kind])).into_iter().chain([all()]) {
            let once = clean(&text, &kinds).0;
            assert_eq!(clean(&once, &kinds).0, once, "{kinds:?} {text:?}");
        }
    }
    let once = clean(BOOK, &all()).0;
    assert_eq!(clean(&once, &all()).0, once);
}

#[test]
fn hostile_texts_take_linear_time() {
    const PARTS: [&str; 16] = [
        "_a ",
        "_",
        "=a ",
        "[",
        "]",
        "[Illustration: ",
        "[Illustration]",
        "[Illustration]\n",
        "[Footnote 1: ",
        "a[1]",
        "{1} ",
        "a-\nb",
        "\u{ad}",
        "\n",
        "[Transcriber's Note",
        " ",
    ];
    for part in PARTS {
        for (start, end) in [("", ""), ("\n", " "), ("   ", "[Illustration]"), ("_a", "a_")] {
            let text = format!("{}{}{end}", start.repeat(20_000), part.repeat(60_000 / part.len()));
            let begin = Instant::now();
            clean(&text, &all());
            assert!(begin.elapsed() < Duration::from_secs(10), "{part:?} {start:?}");
        }
    }
}
