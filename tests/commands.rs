//! End-to-end tests of rnn-gen: its output and error messages.

use std::fs;
use std::path::Path;

use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::{PreTokenizer, Tokenizer, UNKNOWN};

mod shell;
use shell::sh;

const WORDS: [&str; 9] = ["the", "cat", "dog", "sat", "ran", ", ", ". ", "Once", "\n\n"];

/// Writes a small model with random weights to `model.safetensors`.
fn write_model(folder: &Path) {
    let config =
        Config { vocab_size: WORDS.len() + 1, embedding_size: 8, hidden_size: 12, num_layers: 2, ..Config::default() };
    let pieces = [UNKNOWN].iter().chain(&WORDS);
    let tokenizer = Tokenizer::new(PreTokenizer::Plain, pieces).unwrap();
    ModelFile::random(config, tokenizer, 1).write(&folder.join("model.safetensors")).unwrap();
}

fn words(text: &str) -> usize {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count()
}

#[test]
fn generation_continues_the_seed_text_by_the_requested_number_of_words() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let ran = sh(folder.path(), "rnn-gen -m . --seed 'the cat sat' -n 20");
    assert!(ran.succeeds().stdout.starts_with("the cat sat"), "{ran:?}");
    assert_eq!(words(&ran.stdout), 23);
    assert!(ran.stdout.ends_with('\n'));
    assert!(ran.stderr.contains("random seed"));
    assert!(!ran.stdout.contains(UNKNOWN));
}

#[test]
fn the_same_random_seed_gives_the_same_text() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let text = |seed: u32| sh(folder.path(), &format!("rnn-gen -m model.safetensors -n 40 -t 1 -r {seed}")).stdout;
    assert_eq!(text(7), text(7));
    assert_ne!(text(7), text(8));
    let reported = sh(folder.path(), "rnn-gen -m . -n 40 -t 1");
    let seed = reported.stderr.trim().rsplit(' ').next().unwrap();
    assert_eq!(sh(folder.path(), &format!("rnn-gen -m . -n 40 -t 1 -r {seed}")).stdout, reported.stdout);
}

#[test]
fn zero_temperature_is_greedy_and_a_negative_one_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let greedy = |seed: u32| sh(folder.path(), &format!("rnn-gen -m . -n 30 -t 0 -r {seed}"));
    assert_eq!(greedy(1).succeeds().stdout, greedy(2).stdout);
    sh(folder.path(), "rnn-gen -m . --temperature=-1").fails(2, "got -1");
    sh(folder.path(), "rnn-gen -m . --temperature nan").fails(2, "got NaN");
    sh(folder.path(), "rnn-gen -m . --temperature warm").fails(2, "warm");
}

#[test]
fn a_seed_text_can_be_piped_and_an_endless_text_ends_when_the_pipe_is_closed() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let piped = sh(folder.path(), "echo 'Once the dog' | rnn-gen -m . --seed - -n 3 -r 1");
    assert!(piped.succeeds().stdout.starts_with("Once the dog"), "{piped:?}");
    let endless = sh(folder.path(), "rnn-gen -m . -n 0 -r 1 | head -c 1000 | wc -c");
    assert_eq!((endless.stdout.trim(), endless.stderr.as_str()), ("1000", ""));
    #[cfg(target_os = "linux")]
    sh(folder.path(), "rnn-gen -m . -r 1 > /dev/full").fails(1, "No space left on device");
}

#[test]
fn unknown_seed_words_are_reported_and_skipped() {
    let folder = tempfile::tempdir().unwrap();
    write_model(folder.path());
    let some = sh(folder.path(), "rnn-gen -m . --seed 'the zebra sat' -n 5 -r 1");
    assert!(some.succeeds().stderr.contains("\"zebra\""), "{some:?}");
    let without = sh(folder.path(), "rnn-gen -m . --seed 'the sat' -n 5 -r 1").stdout;
    assert_eq!(some.stdout.replace("zebra ", ""), without);
    let none = sh(folder.path(), "rnn-gen -m . --seed 'zebra quagga' -n 5");
    none.fails(1, "\"zebra\", \"quagga\"");
    assert_eq!(none.stdout, "");
}

#[test]
fn invalid_models_are_refused_with_a_one_line_error() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    sh(at, "rnn-gen -m nothing").fails(1, "no model at 'nothing'");
    sh(at, "rnn-gen -m .").fails(1, "no model at './model.safetensors'");
    fs::write(at.join("text"), "this is not a model\n".repeat(50)).unwrap();
    sh(at, "rnn-gen -m text").fails(1, "'text': not a model file");
    write_model(at);
    let good = fs::read(at.join("model.safetensors")).unwrap();
    for cut in [0, 4, 8, 200, good.len() - 1] {
        fs::write(at.join("cut"), &good[..cut]).unwrap();
        sh(at, "rnn-gen -m cut").fails(1, "'cut': not a model file");
    }
    let mut absurd = good;
    absurd[..8].copy_from_slice(&u64::MAX.to_le_bytes());
    fs::write(at.join("absurd"), &absurd).unwrap();
    sh(at, "rnn-gen -m absurd").fails(1, "'absurd': not a model file");
    sh(at, "rnn-gen").fails(2, "--model");
}
