//! End-to-end tests of rnn-prep: its inputs, its report and its error messages.

use std::fs;
use std::path::Path;

use rnn_tools::dataset::TokenFile;
use serde_json::Value;

mod shell;
use shell::sh;

fn read(folder: &Path, name: &str) -> TokenFile {
    TokenFile::read(&folder.join(name)).unwrap()
}

fn text(file: &TokenFile, ids: &[u32]) -> String {
    file.tokenizer.decode(ids)
}

/// Creates a folder with a text of 40 lines.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("text"), "One two. Three two one.\n".repeat(40)).unwrap();
    folder
}

#[test]
fn the_report_describes_the_text_and_files_and_pipes_give_equal_output() {
    let folder = folder();
    let at = folder.path();
    let ran = sh(at, "rnn-prep text -o a.tokens");
    assert!(ran.succeeds().stderr.contains("train: 288 tokens, 0.0 % unknown"), "{ran:?}");
    for words in ["most frequent: \"two\" 25.0 %", "--preset small: ", "learns little from 288 words"] {
        assert!(ran.stderr.contains(words), "{words}: {ran:?}");
    }
    assert_eq!(ran.stdout, "");
    sh(at, "cat text | rnn-prep > b.tokens").succeeds();
    sh(at, "rnn-prep - < text | cmp - b.tokens").succeeds();
    assert_eq!(sh(at, "rnn-prep -q text -o c.tokens").succeeds().stderr, "");
}

#[test]
fn invalid_input_is_refused_without_output() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("empty"), "").unwrap();
    fs::write(at.join("blank"), " \n\t\n").unwrap();
    fs::write(at.join("word"), "word").unwrap();
    fs::write(at.join("same"), "word word word\n").unwrap();
    fs::write(at.join("nul"), "a text with\0 a zero").unwrap();
    fs::write(at.join("cut"), b"caf\xc3").unwrap();
    fs::write(at.join("long"), "a".repeat(5 << 20)).unwrap();
    fs::create_dir(at.join("bare")).unwrap();
    fs::write(at.join("bare/picture.png"), "\0").unwrap();
    for (arguments, status, reason) in [
        ("empty", 1, "'empty': the file contains no text"),
        ("blank", 1, "'blank': the file contains no text"),
        ("text empty", 1, "'empty': the file contains no text"),
        ("word", 1, "too few to learn from"),
        ("same", 1, "a single word, \"word\""),
        ("nul", 1, "'nul': not text: a NUL byte at offset 11"),
        ("cut", 1, "invalid byte at offset 3"),
        ("long", 1, "'long': not text: no space within 4 MiB of offset 0"),
        ("missing", 1, "cannot open 'missing'"),
        ("bare", 1, "'bare': the folder contains no text files"),
        ("'*.txt'", 1, "no file matches '*.txt'"),
        ("- -", 2, "standard input can be read only once"),
        ("text --valid 1", 2, "held-out fractions"),
        ("text --min-count 1000", 1, "no word occurs 1000 times"),
        ("text --level byte --max-vocab 9", 2, "--max-vocab"),
        ("text --level char --language fr", 2, "--language"),
        ("text --language French", 2, "code of two or three"),
        ("text --split-by document", 1, "too few documents"),
        ("text --lines --split-by chapter", 2, "--split-by"),
        ("text --threads 0", 2, "--threads"),
    ] {
        sh(at, &format!("rnn-prep {arguments} -o out.tokens")).fails(status, reason);
        assert!(!at.join("out.tokens").exists(), "{arguments}");
        assert_eq!(sh(at, &format!("rnn-prep {arguments} < text")).stdout, "", "{arguments}");
    }
    sh(at, "rnn-prep text -o nowhere/out.tokens").fails(1, "cannot write 'nowhere/out.tokens'");
    sh(at, "printf 'a\\377b\\0c d' > bad && rnn-prep bad --lossy --valid 0 -o out.tokens").succeeds();
    let file = read(at, "out.tokens");
    assert_eq!(text(&file, &file.train), "a\u{fffd}b\u{fffd}c d");
}

#[test]
fn files_folders_and_patterns_are_read_in_order_as_one_text() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::create_dir_all(at.join("books/more")).unwrap();
    for (name, text) in [
        ("b.txt", "\u{feff}two\r\n"),
        ("a.txt", "one"),
        ("more/c.md", "\n\n  three (3)\n"),
        ("x.png", "\0"),
        (".d.txt", "no"),
    ] {
        fs::write(at.join("books").join(name), text).unwrap();
    }
    for arguments in ["books", "books/a.txt 'books/b*' books/more", "'books/**/[abc].*'"] {
        sh(at, &format!("rnn-prep {arguments} --valid 0 -o a.tokens")).succeeds();
        let file = read(at, "a.tokens");
        assert_eq!(text(&file, &file.train), "one\n\ntwo\n\nthree (3)\n", "{arguments}");
        assert_eq!(file.prep.sources.len(), 3);
    }
    let sums = sh(at, "sha256sum books/a.txt").stdout;
    assert!(sums.starts_with(&read(at, "a.tokens").prep.sources[0].sha256));
}

#[test]
fn lines_rows_and_objects_are_documents() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("lines"), "one, two\r\n\n \nthree").unwrap();
    fs::write(at.join("rows.csv"), "id,text\n1,\"one, two\"\n2,\n3,three\n").unwrap();
    fs::write(at.join("rows.tsv"), "text\tid\none, two\t1\nthree\t2\n").unwrap();
    fs::write(at.join("rows.jsonl"), "{\"text\": \"one, two\"}\n\n{\"id\": 1, \"text\": \"three\"}\n").unwrap();
    for arguments in [
        "--lines lines",
        "--column text rows.csv",
        "--column text rows.tsv",
        "--column text rows.jsonl",
        "--column text < rows.csv",
        "--column text < rows.jsonl",
    ] {
        sh(at, &format!("rnn-prep --valid 0 -o a.tokens {arguments}")).succeeds();
        let file = read(at, "a.tokens");
        assert_eq!((text(&file, &file.train).as_str(), file.prep.documents), ("one, two\nthree\n", 2), "{arguments}");
        assert_eq!([file.train[0], file.train[4]].map(Some), [file.tokenizer.bos(), file.tokenizer.eos()]);
    }
}

#[test]
fn invalid_tables_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (name, contents, column, reason) in [
        ("a.csv", "id,text\n1,one\n2,3,4\n", "text", "'a.csv': line 3 has 3 fields, but the header has 2"),
        ("b.csv", "id,text\n1,one\n", "body", "there is no column \"body\""),
        ("c.csv", "", "text", "there is no column \"text\""),
        ("d.csv", "text\n\n", "text", "'d.csv': the file contains no text"),
        ("e.jsonl", "{\"text\": \"one\"}\n{\"text\": 1}\n", "text", "line 2 has no text in \"text\""),
        ("f.jsonl", "{\"text\": \"one\"}\n{\"body\": 1}\n", "text --strict", "line 2 has no \"text\""),
        ("j.csv", "id,text\n1,one\n2,\"two\n3,three\n", "text", "the quotation mark on line 3 is never closed"),
        ("k.csv", "text\n\"one\ntwo\n\"three\"\n", "text", "line 2 is not closed before line 4"),
        ("l.csv", "id,text\n1,one\n2\n", "text --strict", "line 3 has no \"text\""),
        ("m.json", "[{\"text\": \"one\"}, {\"text\": 2}]", "text", "row 2 has no text in"),
        ("n.json", "[{\"text\": \"one\"}, {\"text\"]", "text", "line 1 is not JSON"),
        ("o.json", "[{\"a\": {\"b\": \"one\"}}]", "a.c", "no row has \"a.c\""),
        ("g.jsonl", "{\"text\": \"one\"}\n{\"text\": \"tw\n", "text", "line 2 is not JSON"),
        ("h.jsonl", "[1]\n", "text", "row 1 is not a JSON object"),
        ("i.jsonl", "{\"text\": \"\\u0000\"}\n", "text", "line 1 contains a NUL"),
    ] {
        fs::write(at.join(name), contents).unwrap();
        sh(at, &format!("rnn-prep {name} --column {column} -o out.tokens")).fails(1, reason);
        assert!(!at.join("out.tokens").exists());
    }
}

#[test]
fn tables_of_many_kinds_have_the_same_documents() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let words: Vec<String> = (0..40).map(|i| format!("old, \"wide\"; river {}", i % 7)).collect();
    let table = |header: &str, row: &dyn Fn(&str) -> String, end: &str| {
        let rows: Vec<String> = [header.to_string()].into_iter().chain(words.iter().map(|text| row(text))).collect();
        rows.join(end) + end
    };
    let doubled = |text: &str| text.replace('"', "\"\"");
    let json = |text: &str| serde_json::to_string(text).unwrap();
    let objects: Vec<String> = words.iter().map(|text| format!("{{\"a\": {{\"text\": {}}}}}", json(text))).collect();
    for (name, contents, options) in [
        ("a.csv", table("id,text", &|text| format!("1,\"{}\"", doubled(text)), "\n"), "text"),
        ("b.csv", table("sep=;\r\nid;text", &|text| format!("1;\"{}\"", doubled(text)), "\r\n"), "text"),
        ("c.csv", table("id|text", &|text| format!("1|\"{}\"", doubled(text)), "\n"), "text"),
        ("d.tsv", table("id\ttext", &|text| format!("1\t{text}"), "\n"), "text"),
        ("e.txt", table("id#text", &|text| format!("1#\"{}\"", doubled(text)), "\n"), "text --delimiter '#'"),
        ("f.csv", table("id,text", &|text| format!("1,\"{}\"", doubled(text)), "\r"), "text"),
        ("g.json", format!("[\n{}\n]\n", objects.join(",\n")), "a.text"),
        ("h.jsonl", objects.join("\n") + "\n{\"a\": null}\n{}\n", "a.text"),
        ("i.csv", table("id,text", &|text| format!("1,\"{}\"", doubled(text)), "\n") + "2\n", "text"),
    ] {
        fs::write(at.join(name), contents).unwrap();
        let ran = sh(at, &format!("rnn-prep {name} --column {options} -o out.tokens"));
        ran.succeeds();
        assert_eq!(ran.stderr.contains("skipped"), name == "h.jsonl" || name == "i.csv", "{ran:?}");
        assert!(!name.ends_with("jsonl") || ran.stderr.contains("skipped 2 rows"), "{ran:?}");
        let file = read(at, "out.tokens");
        let all = text(&file, &file.train) + &text(&file, &file.valid);
        assert_eq!(all.matches("old, \"wide\"; river").count(), 40, "{name}: {all}");
    }
    fs::write(at.join("old.txt"), "one two\rthree two\r\nfour two\r".repeat(20)).unwrap();
    sh(at, "rnn-prep old.txt --lines -o out.tokens -q").succeeds();
    let file = read(at, "out.tokens");
    let all = text(&file, &file.train) + &text(&file, &file.valid);
    assert!(all.matches(" two\n").count() == 60 && !all.contains('\r'), "{all}");
}

#[test]
fn held_out_text_can_be_files_documents_and_chapters() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("v.txt"), "four two").unwrap();
    fs::write(at.join("t.txt"), "five").unwrap();
    sh(at, "rnn-prep text --valid-file v.txt --test-file t.txt -o a.tokens").succeeds();
    let file = read(at, "a.tokens");
    let parts = [&file.train, &file.valid, &file.test].map(|ids| text(&file, ids));
    assert_eq!(parts, ["One two. Three two one.\n".repeat(40).as_str(), "<unk> two", "<unk>"]);

    sh(at, "rnn-prep text v.txt t.txt --split-by document --test 0.01 -o a.tokens").succeeds();
    let file = read(at, "a.tokens");
    assert_eq!([&file.valid, &file.test].map(|ids| text(&file, ids)), ["<unk> two\n\n", "<unk>"]);

    let chapter = |number: usize| format!("CHAPTER {number}\n\n{}\n\n", "word by word ".repeat(20));
    fs::write(at.join("book"), (1..=5).map(chapter).collect::<String>()).unwrap();
    sh(at, "rnn-prep book --split-by chapter --valid 0.15 -o a.tokens").succeeds();
    let file = read(at, "a.tokens");
    assert!(text(&file, &file.valid).starts_with("CHAPTER <unk>\n\nword"), "{}", text(&file, &file.valid));
    assert_eq!(file.train.len(), 4 * file.valid.len());
}

#[test]
fn a_vocabulary_can_come_from_any_file_that_contains_one() {
    let folder = folder();
    let at = folder.path();
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    fs::write(at.join("tokenizer.json"), read(at, "a.tokens").tokenizer.to_json()).unwrap();
    let list: String = (0..8).map(|id| read(at, "a.tokens").tokenizer.piece(id).replace('\n', "\\n") + "\n").collect();
    fs::write(at.join("list"), list).unwrap();
    fs::write(at.join("other"), "two one four").unwrap();
    for vocabulary in ["a.tokens", "tokenizer.json", "list"] {
        let ran = sh(at, &format!("rnn-prep other --vocab {vocabulary} --valid 0 -o b.tokens"));
        assert!(ran.succeeds().stderr.contains("33.3 % unknown"), "{ran:?}");
        let (ours, theirs) = (read(at, "b.tokens").tokenizer, read(at, "a.tokens").tokenizer);
        assert_eq!(ours.to_json(), theirs.to_json(), "{vocabulary}");
    }
    fs::write(at.join("twice"), "two\none\ntwo\n").unwrap();
    fs::write(at.join("twice.json"), "{\"model\": {\"vocab\": {\"a\": 1}}}").unwrap();
    for (arguments, status, reason) in [
        ("--vocab twice", 1, "'twice': line 3: the token \"two\" is already on line 1"),
        ("--vocab twice.json", 1, "'twice.json': bad tokenizer: missing field"),
        ("--vocab nowhere", 1, "cannot open 'nowhere'"),
        ("--vocab a.tokens --classic", 2, "the vocabulary is for level \"word\""),
        ("--vocab a.tokens --lines", 1, "`<bos>` and `<eos>`"),
        ("--vocab a.tokens --min-count 2", 2, "cannot be used with"),
    ] {
        sh(at, &format!("rnn-prep other {arguments} -o c.tokens")).fails(status, reason);
    }
}

#[test]
fn word_vectors_are_stored_and_their_coverage_reported() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("vectors"), "4 2\none 1 2\ntwo 3 4\n. 5 6\nseven 7 8\n").unwrap();
    let ran = sh(at, "rnn-prep text --embeddings vectors -o a.tokens");
    assert!(ran.succeeds().stderr.contains("word vectors of size 2 for 5 of 8 tokens, covering 75.0 %"), "{ran:?}");
    let file = read(at, "a.tokens");
    let vectors = file.embeddings.unwrap();
    let id = file.tokenizer.id("One").unwrap() as usize;
    assert_eq!(vectors.data[2 * id..2 * id + 2], [1.0, 2.0]);
    fs::write(at.join("vectors"), "one 1 2\ntwo 3\n").unwrap();
    sh(at, "rnn-prep text --embeddings vectors -o b.tokens").fails(1, "'vectors': line 2 has 1 number, expected 2");
    assert!(!at.join("b.tokens").exists());
}

#[test]
fn the_report_is_available_as_json_and_token_files_can_be_inspected() {
    let folder = folder();
    let at = folder.path();
    let ran = sh(at, "rnn-prep text -o a.tokens --json --min-count 41");
    let report: Value = serde_json::from_str(&ran.succeeds().stdout).unwrap();
    assert_eq!((&report["vocab_size"], &report["types"]), (&2.into(), &7.into()));
    assert_eq!((&report["parts"][0]["tokens"], &report["parts"][0]["unknown"]), (&288.into(), &216.into()));
    assert_eq!(report["coverage"], 0.25);
    assert!(report["estimates"][0]["parameters"].as_u64().unwrap() > 100_000);
    assert_eq!(report["most_frequent"][0]["token"], "two");
    assert!(sh(at, "rnn-prep text --json 2>&1 >b.tokens").stdout.starts_with('{'));
    sh(at, "rnn-prep -q text | cmp - b.tokens").succeeds();

    let shown = sh(at, "rnn-prep --inspect b.tokens");
    assert!(shown.succeeds().stdout.contains("first tokens: \"One\" \"two\" \". \" \"Three\""), "{shown:?}");
    let shown: Value = serde_json::from_str(&sh(at, "rnn-prep --inspect b.tokens --json").stdout).unwrap();
    assert_eq!((&shown["parts"]["train"]["tokens"], &shown["level"]), (&288.into(), &"word".into()));
    sh(at, "rnn-prep --inspect text").fails(1, "'text': not a token file");
    sh(at, "rnn-prep --inspect a.tokens text").fails(2, "cannot be used with");
}

#[test]
fn levels_and_languages_determine_the_tokens() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), "L’été d'Anne, c’est tout l’été !\r\n").unwrap();
    for (arguments, vocabulary, tokens, text_again) in [
        ("", 9, 8, "L’été d'Anne, c’est tout l’été !\n"),
        ("--language fr", 12, 12, "L’été d'Anne, c’est tout l’été !\n"),
        ("--classic", 5, 5, "lété danne cest tout lété"),
        ("--level char", 19, 33, "L’été d'Anne, c’est tout l’été !\r\n"),
        ("--level tokens", 8, 7, "L’été d'Anne, c’est tout l’été !\n"),
        ("--level codepoint", 20, 34, "L’été d'Anne, c’est tout l’été !\r\n"),
        ("--level byte", 257, 44, "L’été d'Anne, c’est tout l’été !\r\n"),
    ] {
        sh(at, &format!("rnn-prep {arguments} text --valid 0 -o a.tokens")).succeeds();
        let file = read(at, "a.tokens");
        assert_eq!(text(&file, &file.train), text_again);
        assert_eq!((file.tokenizer.len(), file.train.len()), (vocabulary, tokens), "{arguments}");
    }
}

#[test]
fn unwrap_joins_wrapped_prose() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let lines = "The long line of this paragraph goes on until the margin of the page is\nreached, and only then goes on\n\n  A verse\n  or two\n";
    fs::write(at.join("text"), lines).unwrap();
    sh(at, "rnn-prep text --unwrap --valid 0 -o a.tokens").succeeds();
    let file = read(at, "a.tokens");
    assert!(text(&file, &file.train).contains("page is reached, and only then goes on\n\nA verse\nor two"));
}

#[test]
fn parts_far_from_what_was_asked_are_a_warning_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let chapter = |title: &str, size: usize| format!("{title}\n\n{}\n\n", "word by word ".repeat(size));
    fs::write(at.join("late"), chapter("CHAPTER I", 100) + &chapter("CHAPTER II", 900)).unwrap();
    sh(at, "rnn-prep late --split-by chapter -o a.tokens").fails(1, "hold out 90 % of it instead of 10 %");
    assert!(!at.join("a.tokens").exists());
    fs::write(at.join("far"), chapter("I. THE ROAD", 700) + &chapter("II. THE SEA", 300)).unwrap();
    let ran = sh(at, "rnn-prep far --split-by chapter -o a.tokens");
    assert!(ran.succeeds().stderr.contains("the valid part is 30.1 % of the text instead of 10.0 %"), "{ran:?}");
    let ran = sh(at, "rnn-prep far --split-by chapter --valid 0.25 -o a.tokens");
    assert!(!ran.succeeds().stderr.contains("instead of"), "{ran:?}");
    assert!(!sh(at, "rnn-prep far -o a.tokens").succeeds().stderr.contains("instead of"));
}

#[test]
fn documents_are_shuffled_by_a_seed_and_equal_ones_in_two_parts_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let names: String = (0..200).map(|i| format!("name{i:03} is here\n")).collect();
    fs::write(at.join("names"), &names).unwrap();
    let decoded = |arguments: &str| {
        let ran = sh(at, &format!("rnn-prep --lines names {arguments} -o a.tokens"));
        let file = read(at, "a.tokens");
        let (train, valid) = (text(&file, &file.train), text(&file, &file.valid));
        (ran.succeeds().stderr.clone(), train, valid, file.prep)
    };
    let (log, train, valid, prep) = decoded("--shuffle --random-seed 7 --min-count 1");
    assert_eq!((prep.shuffle, prep.documents), (Some(7), 200));
    assert!(log.contains("--random-seed 7") && !log.contains("also in the training part"), "{log}");
    assert!(train.lines().count() == 180 && valid.lines().count() == 20);
    let mut lines: Vec<&str> = train.lines().collect();
    assert!(!lines.is_sorted() && lines.iter().any(|line| line.contains("name19")));
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 180);
    assert_eq!(decoded("--shuffle --random-seed 7 --min-count 1").1, train);
    assert_ne!(decoded("--shuffle --random-seed 8").1, train);
    let seed = decoded("--shuffle").3.shuffle.unwrap();
    assert!(decoded("").3.shuffle.is_none() && seed < 1 << 32);

    fs::write(at.join("names"), names.clone() + "name003 is here\nname004 is here\nname003 is here\n").unwrap();
    let log = decoded("").0;
    assert!(log.contains("documents of the valid part that are also in the training part: 3;"), "{log}");
    for part in ["a", "b", "c"] {
        fs::write(at.join(part).with_extension("txt"), format!("{part} {part} end")).unwrap();
    }
    sh(at, "rnn-prep *.txt --shuffle --random-seed 1 --valid 0 -o a.tokens").succeeds();
    let file = read(at, "a.tokens");
    let shuffled = text(&file, &file.train);
    let mut texts: Vec<&str> = shuffled.split_terminator("\n\n").collect();
    texts.sort();
    assert_eq!(texts, ["a a end", "b b end", "c c end"], "{shuffled:?}");
    sh(at, "rnn-prep names --shuffle -o b.tokens").fails(2, "nothing to shuffle");
}
