//! Pictures of texts and words (vocabulary, probabilities, activations, embeddings), and comparisons of columns.

use std::fs;
use std::path::Path;

use rnn_tools::dataset::{Prep, TokenFile};
use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::{PreTokenizer, Tokenizer};

use crate::svg::*;

const WORDS: [&str; 12] = ["<unk>", "the", ", ", ". ", "cat", "dog", "sat", "ran", "“", "” ", "\n", "éte & <b>"];

fn tokenizer() -> Tokenizer {
    Tokenizer::new(PreTokenizer::Plain, WORDS).unwrap()
}

fn write_model(folder: &Path) {
    let config =
        Config { vocab_size: WORDS.len(), embedding_size: 8, hidden_size: 10, num_layers: 2, ..Config::default() };
    ModelFile::random(config, tokenizer(), 3).write(&folder.join("model.safetensors")).unwrap();
}

fn svg(folder: &Path, args: &[&str]) -> String {
    plotted(folder, &[args, &["-q", "-o", "a.svg"]].concat());
    fs::read_to_string(folder.join("a.svg")).unwrap()
}

fn words(svg: &str) -> Vec<String> {
    labels(svg).into_iter().map(|label| label.text).collect()
}

#[test]
fn a_vocabulary_shows_how_many_words_cover_half_of_the_text() {
    let folder = tempfile::tempdir().unwrap();
    // words 1 to 11 occur 60, 30, 20, 15 ... times, the unknown word 10 times
    let counts: Vec<usize> = (1..12).map(|rank| 60 / rank).collect();
    let mut train = vec![0; 10];
    counts.iter().enumerate().for_each(|(i, &count)| train.extend(vec![i as u32 + 1; count]));
    let total = train.len();
    let file = TokenFile {
        tokenizer: tokenizer(),
        prep: Prep::default(),
        train,
        valid: vec![1],
        test: vec![],
        embeddings: None,
    };
    file.write(&folder.path().join("a.tokens")).unwrap();
    for width in ["600", "1600"] {
        let svg = svg(folder.path(), &["vocabulary", "a.tokens", "--width", width]);
        assert_labels_are_apart(&svg);
        let words = words(&svg);
        let half = counts
            .iter()
            .scan(0, |sum, count| {
                *sum += count;
                Some(*sum)
            })
            .position(|sum| 2 * sum >= total)
            .unwrap()
            + 1;
        assert!(words.iter().any(|word| word.starts_with(&format!("50% by {half}"))), "{words:?}");
        assert!(!words.iter().any(|word| word.contains("99%")), "unknown words are more than 1%");
        if width == "1600" {
            assert!(words.iter().any(|word| word.contains(&format!("{total} tokens, 11 distinct"))), "{words:?}");
        }
    }
    let unknown = TokenFile { train: vec![0; 9], ..file };
    unknown.write(&folder.path().join("b.tokens")).unwrap();
    assert_refused(folder.path(), &["vocabulary", "b.tokens"], 1, "no known token");
    assert_refused(folder.path(), &["vocabulary", "none"], 1, "cannot open 'none'");
}

#[test]
fn a_text_is_coloured_by_its_probabilities() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"seed_text": "Once", "tokens": [" the", " cat", ".", "\n", "<b>"], "probabilities": [0.9, 0.3, 0.0001, 0.02, null]}"#;
    fs::write(folder.path().join("a.json"), format!("{json}\n{json}\n")).unwrap();
    let picture = svg(folder.path(), &["probabilities", "a.json"]);
    assert_labels_are_apart(&picture);
    let found = words(&picture);
    for word in ["Once", "the", "cat", ".", "↵", "<b>", "over 0.1%"] {
        assert!(found.iter().any(|w| w.trim() == word), "{word} in {found:?}");
    }
    // three backgrounds are coloured in each text, one of them in the strongest colour
    let backgrounds: Vec<&str> = tags(&picture, "rect").into_iter().map(|tag| attribute(tag, "fill")).collect();
    assert_eq!(backgrounds.iter().filter(|&&color| color == "#E07B2C").count(), 2);
    assert_eq!(backgrounds.len(), 1 + 2 * 3);

    plotted(folder.path(), &["probabilities", "a.json", "-q", "-o", "a.png", "--theme", "dark"]);
    let bitmap = bitmap(&folder.path().join("a.png"));
    assert!(bitmap.width == 1000 && bitmap.has_margin(16) && bitmap.count([0xd9, 0x77, 0x2b]) > 20);

    plotted(folder.path(), &["probabilities", "a.json", "-q", "-o", "a.html"]);
    let page = fs::read_to_string(folder.path().join("a.html")).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("&lt;b&gt;") && !page.contains("<b>"));
    assert!(page.contains("title=\"30.0%\"") && page.contains("title=\"0.01%\"") && !page.contains("http"), "{page}");
    fs::write(folder.path().join("h.csv"), "epoch,loss\n1,2\n").unwrap();
    assert_refused(folder.path(), &["history", "h.csv", "-o", "b.html"], 2, "HTML");
}

#[test]
fn tables_of_tokens_are_coloured_too_and_long_texts_wrapped() {
    let folder = tempfile::tempdir().unwrap();
    let rows: String = (0..400)
        .map(|i| format!("{}\t{}\n", ["word", "a", "incomprehensibilities", ", "][i % 4], -0.01 * i as f64))
        .collect();
    fs::write(folder.path().join("a.tsv"), format!("token\tlog_likelihood\n{rows}{}\t-1\n", "x".repeat(300))).unwrap();
    let picture = svg(folder.path(), &["probabilities", "a.tsv", "--width", "480"]);
    assert_labels_are_apart(&picture);
    assert!(number(&picture, "height") > 1500.0);
    for (text, reason) in [
        ("", "no column `token`"),
        ("token\tp\na\t1\n", "no column `probability`"),
        ("token\tprobability\n", "no token"),
        ("token\tprobability\na\tx\n", "line 2"),
        ("token\tprobability\na\t1.5\n", "1.5 is not a probability"),
        ("{\"tokens\": [\"a\"]}", "no list `probabilities`"),
        ("{\"tokens\": [\"a\"], \"probabilities\": [1, 1]}", "1 token and 2 probabilities"),
    ] {
        fs::write(folder.path().join("b.tsv"), text).unwrap();
        assert_refused(folder.path(), &["probabilities", "b.tsv", "-o", "b.png"], 1, reason);
    }
}

#[test]
fn units_are_drawn_over_a_text_and_found() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let text = "the cat sat. “the dog ran, the zebra sat” \nthe dog. “ran” ".repeat(3);
    fs::write(folder.path().join("text"), text).unwrap();
    let unit = svg(folder.path(), &["activations", ".", "text", "--unit", "2:7", "--width", "480"]);
    assert_labels_are_apart(&unit);
    let found = words(&unit);
    assert!(
        found.iter().any(|w| w.contains("unit 7 of layer 2")) && found.iter().any(|w| w.trim() == "<unk>"),
        "{found:?}"
    );

    let heat = svg(folder.path(), &["activations", ".", "text", "--layer", "1"]);
    assert_labels_are_apart(&heat);
    assert!(words(&heat).iter().any(|w| w.contains("10 units of layer 1")));
    plotted(folder.path(), &["activations", ".", "text", "-q", "-o", "a.png"]);
    assert!(bitmap(&folder.path().join("a.png")).has_margin(16));

    let table = |args: &[&str]| {
        let output = plot(folder.path(), &[&["activations", ".", "text", "--find"], args].concat());
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    for what in ["quotes", "line-length", "dog|cat"] {
        let rows = table(&[what]);
        let correlations: Vec<f64> =
            rows.lines().skip(1).map(|row| row.split_once('\t').unwrap().1.parse::<f64>().unwrap().abs()).collect();
        assert_eq!((rows.lines().next(), correlations.len()), (Some("unit\tcorrelation"), 10));
        assert!(correlations.windows(2).all(|pair| pair[0] >= pair[1]) && correlations[0] <= 1.0, "{rows}");
    }
    table(&["quotes", "-q", "-o", "found.svg"]);
    assert!(fs::read_to_string(folder.path().join("found.svg")).unwrap().contains("unit "));

    for (args, status, reason) in [
        (&["--unit", "3:1"][..], 2, "got 3"),
        (&["--unit", "1:11"], 2, "11"),
        (&["--layer", "0"], 2, "got 0"),
        (&["--find", "("], 2, "--find"),
        (&["--find", "brackets"], 1, "the same value"),
    ] {
        assert_refused(folder.path(), &[&["activations", ".", "text"], args].concat(), status, reason);
    }
    fs::write(folder.path().join("empty"), "").unwrap();
    assert_refused(folder.path(), &["activations", ".", "empty"], 1, "'empty'");
}

#[test]
fn words_are_on_a_map_and_have_neighbours() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let map = svg(folder.path(), &["embeddings", "."]);
    assert_labels_are_apart(&map);
    let found = words(&map);
    assert!(["the", "cat", "éte & <b>"].iter().all(|word| found.contains(&word.to_string())), "{found:?}");
    assert!(!found.iter().any(|w| w == "<unk>" || w == ","), "{found:?}");
    assert_eq!(tags(&map, "circle").len(), 6);
    let output = plot(folder.path(), &["embeddings", ".", "--neighbours", "cat", "--neighbors", "The"]);
    let table = String::from_utf8(output.stdout).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!((rows[0].join(" "), rows.len()), ("word neighbour cosine".into(), 1 + 2 * 5));
    assert!(rows[1..6].iter().all(|row| row[0] == "cat" && row[1] != "cat") && rows[6][0] == "the", "{table}");
    assert!(rows[1..6].windows(2).all(|pair| pair[0][2].parse::<f64>().unwrap() >= pair[1][2].parse().unwrap()));
    assert_refused(folder.path(), &["embeddings", ".", "--neighbours", "zebra"], 1, "\"zebra\"");
}

#[test]
fn any_columns_are_compared() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), "size,speed,note\n100,5.5,x\n10,50,y\n1000,0.5,z\n1,nan,\n").unwrap();
    let picture = svg(folder.path(), &["compare", "a.csv", "-x", "size", "-y", "speed", "--log", "both"]);
    assert_labels_are_apart(&picture);
    let points = markers(&picture, "#0072B2");
    assert_eq!(points.len(), 3);
    // on two logarithmic axes a straight line except for the 5.5, in order of size
    assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1), "{points:?}");
    let steps = (points[1].0 - points[0].0, points[2].0 - points[1].0);
    assert!((steps.0 - steps.1).abs() < 3.0, "{points:?}");
    let both = svg(folder.path(), &["compare", "a.csv", "a.csv", "-y", "speed", "-y", "size", "--width", "500"]);
    assert_labels_are_apart(&both);
    assert!(words(&both).contains(&"a.csv: size".to_string()));
    assert_refused(folder.path(), &["compare", "a.csv", "-y", "none"], 1, "there is no column `none`");
    assert_refused(folder.path(), &["compare", "a.csv", "-y", "note"], 1, "column `note` has \"x\" in row 1");
    assert_usage(folder.path(), &["compare", "a.csv"], "--up");
}
