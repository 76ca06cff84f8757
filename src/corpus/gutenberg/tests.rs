use super::*;
use crate::random::Rng;

const BODY: &str = "  THE BOOK\n\nIt began.\n\n***\n\nIt ended.\n\nTHE END\n";

const SMALL_PRINT: &str = "***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***\nWhy is this here?\n\n";

fn headers() -> Vec<String> {
    let title = "The Project Gutenberg EBook of X, by Y\n\nThis eBook is for the use of anyone\n\nTitle: X\n\n";
    let starts = [
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n",
        "*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n",
        "***START OF THE PROJECT GUTENBERG EBOOK X***\n",
        "*** start of this project gutenberg ebook x ***\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK, X ***\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK 1342 ***\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK X, OR THE\nSTORY OF Y ***\n",
        "*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\n\n\nProduced by A and B\n\n",
        "*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\nThe Project Gutenberg EBook of X\n\nTitle: X\n\nAuthor: Y\n",
    ];
    let prints = [
        "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*\n",
        "*END THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.10/04/01*END*\n",
        "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS\n*Ver.04.29.93*END*\n\nThis etext was prepared by A\n",
    ];
    let mut headers: Vec<String> = starts.iter().map(|start| format!("{title}{start}")).collect();
    headers.extend(prints.iter().map(|end| format!("{title}{SMALL_PRINT}{end}")));
    // An old header inside a new one.
    headers.push(format!("{title}{}\n{title}X\n\nJune, 1993 [Etext #0]\n\n{SMALL_PRINT}{}", starts[0], prints[0]));
    headers
}

fn footers() -> Vec<String> {
    let licence = "Updated editions will replace the previous one.\n\n*** START: FULL LICENSE ***\n\n\
                   THE FULL PROJECT GUTENBERG LICENSE\nPLEASE READ THIS\n";
    let ends = [
        "*** END OF THE PROJECT GUTENBERG EBOOK X ***\n\n",
        "*** END OF THIS PROJECT GUTENBERG EBOOK X ***\n\n",
        "***END OF THE PROJECT GUTENBERG EBOOK X***\n\n",
        "        *** END OF THE PROJECT GUTENBERG EBOOK X, OR\nTHE STORY ***\n",
        "End of the Project Gutenberg EBook of X,\nby Y\n\n*** END OF THIS PROJECT GUTENBERG EBOOK X ***\n\n",
        "",
    ];
    let mut footers: Vec<String> = ends.iter().map(|end| format!("{end}{licence}")).collect();
    footers.extend(
        [
            "End of Project Gutenberg's Etext of X, by Y\n",
            "End of The Project Gutenberg Etext of X\n",
            "End of this Project Gutenberg Etext of X\n\n",
            "End of Gutenberg Etext X",
            "*** END OF THE PROJECT GUTENBERG EBOOK X ***",
            "",
        ]
        .map(String::from),
    );
    footers.push(format!(
        "*** END OF THE PROJECT GUTENBERG EBOOK, X ***\n\nThis file should be named x.txt\n\n{SMALL_PRINT}\
         *END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*\n"
    ));
    footers
}

#[test]
fn any_header_and_footer_are_stripped_exactly() {
    for header in headers() {
        for footer in footers() {
            let text = format!("{header}\n\n\n{BODY}\n\n\n{footer}");
            let stripped = strip(&text).unwrap();
            assert_eq!(stripped.text, BODY, "{text}");
            let lines = text.lines().count();
            assert_eq!(stripped.header_lines + stripped.licence_lines + BODY.lines().count(), lines, "{text}");
        }
    }
}

#[test]
fn the_small_print_may_end_a_file_without_an_end_marker() {
    let text = format!(
        "*** START OF THE PROJECT GUTENBERG EBOOK, X ***\n\n{BODY}\n{SMALL_PRINT}\
         *END THE SMALL PRINT! FOR PUBLIC DOMAIN EBOOKS*Ver.02/11/02*END*\n"
    );
    assert_eq!(strip(&text).unwrap().text, BODY);
}

#[test]
fn a_small_print_without_an_end_does_not_remove_the_book() {
    let text =
        format!("The Project Gutenberg Etext of X\n\n{SMALL_PRINT}{BODY}\nEnd of Project Gutenberg's Etext of X\n");
    assert!(strip(&text).unwrap().text.ends_with(BODY));
}

#[test]
fn a_licence_without_an_end_marker_is_removed_with_the_title_above_it() {
    let text = format!(
        "*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\n{BODY}The Project Gutenberg Etext of X\nby Y\n\
         ******This file should be named x10.txt******\n\nWe are now trying.\n\n{SMALL_PRINT}\n\
         *** END OF THIS PROJECT GUTENBERG EBOOK X ***\n"
    );
    assert_eq!(strip(&text).unwrap().text, BODY);
}

#[test]
fn an_end_marker_alone_removes_only_the_end() {
    let text = format!("{BODY}\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n\nlicence\n");
    let stripped = strip(&text).unwrap();
    assert_eq!((stripped.text.as_str(), stripped.header_lines), (BODY, 0));
}

#[test]
fn text_without_markers_is_unchanged() {
    for text in ["", "\n\n a\n\n", "no line end", "Produced by nobody\n\n***\n", BODY] {
        assert_eq!(strip(text).unwrap(), Stripped::untouched(text));
    }
}

#[test]
fn volumes_lose_only_their_end_lines() {
    let volume = |n: usize| (0..60).map(|i| format!("Line {i} of volume {n}.\n")).collect::<String>();
    let text = format!(
        "*** START OF THIS PROJECT GUTENBERG EBOOK X ***\n\n{}\nEnd of this Project Gutenberg Etext of X, v1\n\n{}\n\
         End of the Project Gutenberg EBook of X\n\n*** END OF THIS PROJECT GUTENBERG EBOOK X ***\nlicence\n",
        volume(1),
        volume(2)
    );
    assert_eq!(strip(&text).unwrap().text, format!("{}\n{}", volume(1), volume(2)));
}

#[test]
fn an_essay_on_gutenberg_keeps_its_end() {
    let essay =
        "THE ESSAY\n\nIt began in 1971.\n\nEnd of Project Gutenberg's first decade\n\nThen Project Gutenberg grew.\n";
    assert_eq!(strip(essay).unwrap(), Stripped::untouched(essay));
    let sentence = "By then the\nend of Project Gutenberg's first decade\nhad come.\n";
    assert_eq!(strip(sentence).unwrap(), Stripped::untouched(sentence));
    for body in [essay, sentence] {
        let text = format!("{}\n{body}\n{}", headers()[0], footers()[0]);
        assert_eq!(strip(&text).unwrap().text, body);
    }
}

#[test]
fn an_ambiguous_end_counts_if_it_names_the_book_or_nothing_follows() {
    let after = "A note on the file.\n".repeat(3);
    for end in ["End of Project Gutenberg's Great Rivers, by A. Person", "End of this Etext of Great Rivers"] {
        let text = format!(
            "Project Gutenberg's Great Rivers, by A\n\n{SMALL_PRINT}*END*THE SMALL PRINT!\n{BODY}\n{end}\n\n{after}"
        );
        assert_eq!(strip(&text).unwrap().text, BODY, "{end}");
        assert_eq!(strip(&format!("{BODY}\n{end}\n")).unwrap().text, BODY, "{end}");
    }
}

#[test]
fn byte_order_marks_before_a_marker_do_not_hide_it() {
    let bom = "\u{feff}";
    let text =
        format!("{bom}{bom}*** START OF THE PROJECT GUTENBERG EBOOK X ***\n{bom}\n{bom}{BODY}\n{}", footers()[0]);
    assert_eq!(strip(&text).unwrap().text, BODY);
}

#[test]
fn several_books_in_one_file_are_all_kept() {
    let one = format!("{}\n{BODY}\n{}", headers()[0], footers()[0]);
    assert_eq!(strip(&one.repeat(3)).unwrap().text, format!("{BODY}\n{BODY}\n{BODY}"));
}

#[test]
fn an_empty_result_is_an_error() {
    for text in [
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n*** END OF THE PROJECT GUTENBERG EBOOK X ***\n",
        "Header\n*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*END*\n\n",
        "*** START OF THE PROJECT GUTENBERG EBOOK X ***\nProduced by A\n",
    ] {
        let error = strip(text).unwrap_err();
        assert!(error.hint_text().unwrap().contains("--raw"), "{text}");
    }
}

/// Uses random sequences of markers, partial markers and lines.
#[test]
fn stripping_is_idempotent_and_adds_no_lines() {
    let mut parts: Vec<String> = headers().into_iter().chain(footers()).collect();
    let halves = ["*** START OF THE PROJECT", "GUTENBERG EBOOK X ***", "End of the Project", "Gutenberg Etext", "***"];
    parts.extend(halves.map(String::from));
    parts.extend([SMALL_PRINT, "*** START: FULL LICENSE ***"].map(String::from));
    parts.extend(["", "", "Produced by A", "A line of the book.", BODY].map(String::from));
    let mut rng = Rng::new(11);
    let mut pick = |n: usize| (rng.uniform() * n as f64) as usize;
    let mut stripped_something = 0;
    for _ in 0..3000 {
        let text: Vec<String> = (0..2 + pick(12))
            .flat_map(|_| {
                let part = &parts[pick(parts.len())];
                let repeat = if pick(6) == 0 { 30 } else { 1 };
                vec![part.trim_end_matches('\n').to_string(); repeat]
            })
            .collect();
        let text = text.join("\n") + "\n";
        let Ok(once) = strip(&text) else { continue };
        stripped_something += usize::from(!once.is_untouched());
        assert_eq!(strip(&once.text).unwrap(), Stripped::untouched(&once.text), "{text}");
        assert!(once.text.lines().all(|line| line.is_empty() || text.contains(line)), "{text}");
    }
    assert!(stripped_something > 500, "too few of the random texts contain anything to strip");
}
