//! rnn-gen with models of characters, bytes and documents.

use std::path::Path;

use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::{PreTokenizer, Tokenizer, bytes};

mod shell;
use shell::sh;

/// A small model of random weights in `model.safetensors`.
fn write_model(folder: &Path, style: PreTokenizer, pieces: impl Iterator<Item = Box<str>>) -> Tokenizer {
    let tokenizer = Tokenizer::new(style, pieces).unwrap();
    let config =
        Config { vocab_size: tokenizer.len(), embedding_size: 8, hidden_size: 12, num_layers: 1, ..Config::default() };
    ModelFile::random(config, tokenizer.clone(), 1).write(&folder.join("model.safetensors")).unwrap();
    tokenizer
}

fn pieces<'a>(names: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = Box<str>> {
    names.into_iter().map(Into::into).collect::<Vec<_>>().into_iter()
}

#[test]
fn bytes_come_as_whole_characters_of_which_n_are_written() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), PreTokenizer::Byte, pieces(["<unk>"]).chain(bytes::pieces()));
    for seed in 0..20 {
        // Every byte is about as likely: most of them are no ASCII. `sh` reads the output as UTF-8, or panics.
        let ran = sh(folder.path(), &format!("rnn-gen -m . --seed 'à l’' -n 30 -t 1 --top-p 1 -r {seed}"));
        let text = ran.succeeds().stdout.strip_prefix("à l’").unwrap().strip_suffix('\n').unwrap();
        assert_eq!(text.chars().count(), 30, "{text:?}");
        assert!(!text.contains('\u{fffd}'), "{text:?}");
    }
    let endless = sh(folder.path(), "rnn-gen -m . -n 0 -t 1 -r 1 | head -c 5000 | wc -c");
    assert_eq!(endless.stdout.trim(), "5000");
}

#[test]
fn characters_follow_the_seed_text_without_a_blank() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), PreTokenizer::Char, pieces(["<unk>", "a", "b", "字"]));
    let ran = sh(folder.path(), "rnn-gen -m . --seed ab -n 12 -t 1 -r 1");
    let text = ran.succeeds().stdout.trim_end();
    assert!(text.starts_with("ab") && text.chars().all(|c| "ab字".contains(c)), "{text:?}");
    assert_eq!(text.chars().count(), 14);
    // Its vocabulary serves other texts.
    let ran = sh(folder.path(), "printf 'ab字c' | rnn-prep --vocab . --valid 0 | rnn-prep --inspect -");
    assert!(ran.succeeds().stdout.contains("first tokens: \"a\" \"b\" \"字\" \"<unk>\""), "{ran:?}");
}

#[test]
fn a_document_ends_where_the_model_ends_it() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), PreTokenizer::Plain, pieces(["<unk>", "<bos>", "<eos>", "one", "two"]));
    let mut lengths = Vec::new();
    for seed in 0..20 {
        let ran = sh(folder.path(), &format!("rnn-gen -m . -n 0 -t 1 --top-p 1 -r {seed}"));
        let text = ran.succeeds().stdout.trim_end();
        assert!(text.split(' ').all(|word| ["one", "two", ""].contains(&word)), "{text:?}");
        lengths.push(text.len());
    }
    assert!(lengths.iter().any(|&length| length != lengths[0]), "{lengths:?}");
}

#[test]
fn chinese_is_counted_in_characters() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), PreTokenizer::Plain, pieces(["<unk>", "字", "母"]));
    let ran = sh(folder.path(), "rnn-gen -m . -n 25 -t 1 -r 1");
    assert_eq!(ran.succeeds().stdout.trim_end().chars().count(), 25);
}

#[test]
fn lines_are_indented_if_the_vocabulary_has_indentation() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path(), PreTokenizer::Indented, pieces(["<unk>", "bell", "\n", "    ", "\t", "goat"]));
    let mut starts = std::collections::BTreeSet::new();
    for seed in 0..20 {
        let ran = sh(folder.path(), &format!("rnn-gen -m . --seed 'bell\n' -n 9 -t 1 --top-p 1 -r {seed}"));
        let text = ran.succeeds().stdout.strip_prefix("bell\n").unwrap().to_string();
        starts.insert(["    ", "\t", "\n", ""].into_iter().find(|start| text.starts_with(start)));
    }
    assert_eq!(starts.len(), 4, "{starts:?}");
    sh(folder.path(), "printf 'bell\\n\\tgoat\\n    bell' | tee text | rnn-prep -q --vocab . --valid 0 -o a.tokens")
        .succeeds();
    sh(folder.path(), "rnn-prep --decode a.tokens | cmp - text").succeeds();
}
