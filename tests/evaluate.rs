//! End-to-end tests of rnn-eval: texts, token files, ranked lines and error messages.

use std::fs;
use std::path::Path;

use rnn_tools::dataset::TokenFile;
use rnn_tools::model::{Config, ModelFile};
use rnn_tools::ngram::Ngram;
use serde_json::Value;

mod shell;
use shell::{Ran, sh};

const TEXT: &str = "The cat sat.\nThe dog ran, and the cat ran.\n\n";

/// Creates a folder with a text, its token file `a.tokens`, and a model with random weights and the text's n-grams.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), TEXT.repeat(60)).unwrap();
    sh(at, "rnn-prep -q text --valid 0.2 --test 0.1 -o a.tokens").succeeds();
    write_model(at, &TokenFile::read(&at.join("a.tokens")).unwrap());
    folder
}

fn write_model(folder: &Path, file: &TokenFile) {
    let config = Config {
        vocab_size: file.tokenizer.len(),
        embedding_size: 8,
        hidden_size: 12,
        num_layers: 1,
        ..Config::default()
    };
    let mut ngram = Ngram::count(&file.train, file.tokenizer.len(), 3);
    ngram.weights = vec![0.3, 0.5, 0.7];
    let model = ModelFile { ngram: Some(ngram), ..ModelFile::random(config, file.tokenizer.clone(), 1) };
    model.write(&folder.join("model.safetensors")).unwrap();
}

/// Parses a table into JSON objects with string values.
fn rows(ran: &Ran) -> Vec<Value> {
    let mut lines = ran.succeeds().stdout.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let names = lines.next().unwrap_or_default();
    let object = |cells: Vec<&str>| {
        assert_eq!(cells.len(), names.len(), "{ran:?}");
        names.iter().zip(cells).map(|(name, cell)| ((*name).to_string(), Value::from(cell))).collect()
    };
    lines.map(object).collect()
}

fn number(row: &Value, name: &str) -> f64 {
    row[name].as_str().unwrap_or_else(|| panic!("no {name} in {row}")).parse().unwrap()
}

fn json(ran: &Ran) -> Vec<Value> {
    ran.succeeds().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn each_predictor_has_a_row_that_agrees_with_the_scores_of_the_tokens() {
    let folder = folder();
    let at = folder.path();
    let table = rows(&sh(at, "rnn-eval -m . text"));
    assert_eq!(table.iter().map(|row| &row["predictor"]).collect::<Vec<_>>(), ["network", "network+ngrams"]);
    assert!(number(&table[1], "loss") < number(&table[0], "loss"));
    for row in &table {
        assert!((number(row, "loss").exp() / number(row, "perplexity") - 1.0).abs() < 1e-4, "{row}");
        assert_eq!((&row["text"], &row["unknown"]), (&"text".into(), &"0".into()));
    }
    let same = sh(at, "rnn-eval -m . < text").stdout.replace('-', "text");
    assert_eq!(same, sh(at, "rnn-eval -m . text").stdout.replace('-', "text"));
    let tokens = rows(&sh(at, "rnn-eval -m . text --per token"));
    assert_eq!(tokens.len() as f64, number(&table[0], "tokens"));
    let loss = -tokens.iter().map(|row| number(row, "log_likelihood")).sum::<f64>() / tokens.len() as f64;
    assert!((loss - number(&table[1], "loss")).abs() < 1e-5);
    let first = tokens.iter().filter(|row| row["rank"] == "1").count() as f64 / tokens.len() as f64;
    assert!((first - number(&table[1], "accuracy")).abs() < 1e-6);
    let text: String = tokens.iter().map(|row| row["token"].as_str().unwrap().replace("\\n", "\n")).collect();
    assert_eq!(text.trim(), TEXT.repeat(60).trim());
}

#[test]
fn json_agrees_with_the_table() {
    let folder = folder();
    let at = folder.path();
    for options in ["text", "a.tokens --cache 50", "--per token text", "--rank text"] {
        let (table, objects) = (
            rows(&sh(at, &format!("rnn-eval -m . {options}"))),
            json(&sh(at, &format!("rnn-eval -m . --json {options}"))),
        );
        assert_eq!(table.len(), objects.len());
        for (row, object) in table.iter().zip(&objects) {
            let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(row), names(object));
            for (name, value) in object.as_object().unwrap() {
                match value.as_f64() {
                    Some(value) => {
                        assert!((number(row, name) - value).abs() <= 1e-6 * value.abs().max(1.0), "{row} {object}")
                    }
                    None => assert_eq!(row[name].as_str().unwrap().replace("\\n", "\n"), value.as_str().unwrap()),
                }
            }
        }
    }
}

#[test]
fn token_files_are_recognized_by_their_contents_and_a_part_can_be_selected() {
    let folder = folder();
    let at = folder.path();
    let file = TokenFile::read(&at.join("a.tokens")).unwrap();
    for (part, tokens) in file.parts() {
        let table = rows(&sh(at, &format!("rnn-eval -m . --split {part} a.tokens")));
        assert_eq!(number(&table[0], "tokens") as usize, tokens.len() - 1, "the first token is not predicted");
    }
    // The file name does not matter, and the validation part is the default.
    let valid = sh(at, "rnn-eval -m . --split valid a.tokens").stdout.replace("a.tokens", "x");
    assert_eq!(sh(at, "cp a.tokens b.txt; rnn-eval -m . b.txt").stdout.replace("b.txt", "x"), valid);
    // Sequential and parallel reading agree.
    let (exact, pieces) = (
        rows(&sh(at, "rnn-eval -m . --exact --split train a.tokens")),
        rows(&sh(at, "rnn-eval -m . --split train a.tokens")),
    );
    assert!((number(&exact[1], "loss") - number(&pieces[1], "loss")).abs() < 1e-3);
}

#[test]
fn every_token_and_line_break_of_a_tokenized_text_is_scored() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let text = " \n = The Cat = \n \n The <unk> cat @-@ sat , \n";
    fs::write(at.join("text"), text.repeat(9)).unwrap();
    sh(at, "rnn-prep -q --level tokens text --valid 0 -o a.tokens").succeeds();
    let file = TokenFile::read(&at.join("a.tokens")).unwrap();
    write_model(at, &file);
    assert_eq!(file.train.len(), 9 * (text.split_whitespace().count() + text.matches('\n').count()));
    let table = rows(&sh(at, "rnn-eval -m . text --no-ngrams"));
    assert_eq!(number(&table[0], "tokens") as usize, file.train.len());
}

#[test]
fn documents_and_lines_are_evaluated_separately() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("lines"), "The cat ran.\n\nThe dog sat.\nThe cat ran.\n").unwrap();
    let lines = rows(&sh(at, "rnn-eval -m . lines --per line --no-ngrams"));
    let names: Vec<&Value> = lines.iter().map(|row| &row["text"]).collect();
    assert_eq!(names, ["lines:1", "lines:3", "lines:4", "total"]);
    assert_eq!(lines[0]["loss"], lines[2]["loss"]);
    let mean = lines[..3].iter().map(|row| number(row, "loss") * number(row, "tokens")).sum::<f64>()
        / number(&lines[3], "tokens");
    assert!((mean - number(&lines[3], "loss")).abs() < 1e-5);
    let alone = rows(&sh(at, "printf 'The dog sat.' | rnn-eval -m . --no-ngrams"));
    assert_eq!(alone[0]["loss"], lines[1]["loss"]);
    let files = rows(&sh(at, "rnn-eval -m . text lines --no-ngrams"));
    assert_eq!(files.iter().map(|row| &row["text"]).collect::<Vec<_>>(), ["text", "lines", "total"]);

    // The documents of a token file, including `<eos>`.
    sh(at, "printf 'a b\\nb a a\\nb\\n' | rnn-prep -q --lines --valid 0 -o lines.tokens").succeeds();
    write_model(at, &TokenFile::read(&at.join("lines.tokens")).unwrap());
    let documents = rows(&sh(at, "rnn-eval -m . lines.tokens --split train --per document --no-ngrams"));
    assert_eq!(documents.iter().map(|row| number(row, "tokens")).collect::<Vec<_>>(), [3.0, 4.0, 2.0, 9.0]);
    let text = rows(&sh(at, "printf 'a b\\nb a a\\nb\\n' | rnn-eval -m . --per line --no-ngrams"));
    assert!(documents.iter().zip(&text).all(|(a, b)| a["loss"] == b["loss"]), "{documents:?} {text:?}");
}

#[test]
fn unknown_words_are_counted_listed_and_excluded_from_known_perplexity() {
    let folder = folder();
    let ran =
        sh(folder.path(), "printf 'The zebra ran, and the zebra sat.\\nThe quagga ran.' | rnn-eval -m . --unknown 1");
    let table = rows(&ran);
    assert_eq!(table[0]["unknown"], "3");
    assert!(ran.stderr.contains("\"zebra\" 2") && !ran.stderr.contains("quagga"), "{ran:?}");
    assert_ne!(table[1]["perplexity"], table[1]["known_perplexity"]);
    let ran = sh(folder.path(), "echo 'The zebra' | rnn-eval -m . --unknown 5 --json");
    assert_eq!(json(&ran)[0]["unknown_words"], serde_json::json!([["zebra", 1]]));
    let line = |end: &str| sh(folder.path(), &format!("printf 'the cat{end}' | rnn-eval -m .")).stdout;
    assert_eq!(line("\\n"), line(""), "the final line break is not an unknown word");
    let nothing_known = rows(&sh(folder.path(), "printf zebra | rnn-eval -m . --lines"));
    assert_eq!(nothing_known[0]["known_perplexity"], "nan");
}

#[test]
fn candidates_are_sorted_by_the_requested_score() {
    let folder = folder();
    let at = folder.path();
    let lines = "sat The cat.\nThe cat sat.\nThe dog ran, and the cat ran. The cat sat. The cat sat.\n\n";
    fs::write(at.join("lines"), lines).unwrap();
    let by = |how: &str| rows(&sh(at, &format!("rnn-eval -m . {how} lines")));
    let scores = |table: &[Value], name: &str| table.iter().map(|row| number(row, name)).collect::<Vec<_>>();
    let (token, total) = (by("--rank"), by("--rank=total"));
    assert!(scores(&token, "log_likelihood_per_token").is_sorted_by(|a, b| a >= b), "{token:?}");
    assert!(scores(&total, "log_likelihood").is_sorted_by(|a, b| a >= b), "{total:?}");
    assert!(token[0]["line"].as_str().unwrap().ends_with("The cat sat.") && token.len() == 3);
    assert_eq!(total[2]["line"].as_str().unwrap().len(), 55, "a long line has a lower total");
}

#[test]
fn models_can_be_compared_with_a_cache_dynamic_evaluation_and_int8() {
    let folder = folder();
    let at = folder.path();
    let table = rows(&sh(at, "rnn-eval -m . -m model.safetensors a.tokens --cache 100 --dynamic"));
    let names: Vec<&Value> = table.iter().map(|row| &row["predictor"]).collect();
    assert_eq!(names[..3], ["dynamic", "dynamic+ngrams", "dynamic+ngrams+cache"]);
    assert_eq!((&table[0]["model"], &table[3]["model"]), (&".".into(), &"model.safetensors".into()));
    assert_eq!(table[2]["loss"], table[5]["loss"]);
    let (float, int8) = (rows(&sh(at, "rnn-eval -m . text")), rows(&sh(at, "rnn-eval -m . text --int8")));
    let ratio = number(&int8[0], "perplexity") / number(&float[0], "perplexity");
    assert!(int8[0]["loss"] != float[0]["loss"] && (ratio - 1.0).abs() < 0.05, "{ratio}");
    // The number of threads does not change the result.
    assert_eq!(sh(at, "rnn-eval -m . text --threads 1").stdout, sh(at, "rnn-eval -m . text --threads 3").stdout);
}

#[test]
fn invalid_input_is_refused_with_a_one_line_error() {
    let folder = folder();
    let at = folder.path();
    fs::write(at.join("empty"), " \n").unwrap();
    fs::write(at.join("latin1"), b"caf\xe9").unwrap();
    sh(at, "head -c 200 a.tokens > cut; echo 'other words' | rnn-prep -q --valid 0 -o other.tokens").succeeds();
    for (arguments, status, reason) in [
        ("-m . empty", 1, "'empty': the file contains no text"),
        ("-m . latin1", 1, "'latin1': not UTF-8 text"),
        ("-m . missing", 1, "cannot open 'missing'"),
        ("-m nowhere text", 1, "no model at"),
        ("-m . cut", 1, "'cut': not a token file"),
        ("-m . other.tokens", 1, "'other.tokens': its vocabulary"),
        ("-m . text --split valid", 1, "'text': --split"),
        ("-m . a.tokens --lines", 2, "has no lines"),
        ("-m . - -", 2, "standard input can be read only once"),
        ("-m . -m . --rank text", 2, "--rank takes one model"),
        ("-m . text --cache 0", 2, "cache"),
        ("-m . text --cache-theta 1", 2, "--cache"),
        ("-m . text --cache 9 --cache-share 1", 2, "share"),
        ("-m . text --dynamic=-1", 2, "rate"),
        ("-m . text --threads 0", 2, "--threads"),
        ("text", 2, "--model"),
    ] {
        let ran = sh(at, &format!("rnn-eval {arguments}"));
        ran.fails(status, reason);
        assert_eq!(ran.stdout, "", "{arguments}");
    }
    sh(at, "rnn-eval -m . text --per token | head -n 1").succeeds();
}
