//! rnn-train from outside: the README's pipeline, and wrong use.
#![cfg(feature = "train")]

use std::fs;

use rnn_tools::history;
use rnn_tools::model::ModelFile;

mod shell;
use shell::sh;

/// The lines of the README's code block that begins after `heading`.
fn readme_block(heading: &str) -> Vec<String> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, section) = readme.split_once(heading).unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    block.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_string).collect()
}

/// Every command that the README shows, on the built-in book, with real training.
#[test]
fn the_pipeline_of_the_readme_makes_text_from_a_book() {
    let folder = tempfile::tempdir().unwrap();
    let lines = readme_block("\n## The pipeline\n");
    assert!(lines.len() >= 5, "{lines:?}");
    let mut generated = String::new();
    for line in &lines {
        let ran = sh(folder.path(), line);
        assert_eq!(ran.status, 0, "{line}: {ran:?}");
        if line.starts_with("rnn-gen") {
            generated = ran.stdout;
        }
    }
    let file = ModelFile::read(&folder.path().join("ferry")).unwrap();
    let epochs = history::read(&folder.path().join("ferry/history.csv")).unwrap();
    assert_eq!(history::best(&epochs).unwrap().val_loss, file.training.val_loss);
    // Knowing the word frequencies alone gives the first figure or worse, a bigram about 4.2.
    let unigram = 5.4;
    assert!(file.training.val_loss < unigram - 1.2, "{}", file.training.val_loss);
    assert!(generated.split_whitespace().count() > 30, "{generated}");
}

fn write_text(folder: &std::path::Path) {
    fs::write(folder.join("text"), "The cat sat. The dog ran, and the cat ran. ".repeat(60)).unwrap();
}

const TINY: &str = "--hidden-size 8 --embedding-size 8 --batch-size 4 --seq-length 10 --epochs 2 --threads 1";

#[test]
fn a_seed_makes_the_same_model_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    for (seed, output) in [(5, "a"), (5, "b"), (6, "c")] {
        sh(at, &format!("rnn-train a.tokens {TINY} -r {seed} -o {output}")).succeeds();
    }
    let tensors = |output: &str| ModelFile::read(&at.join(output)).unwrap().tensors;
    assert_eq!(tensors("a"), tensors("b"));
    assert_ne!(tensors("a"), tensors("c"));
}

/// Kills the training as soon as the history shows so many epochs.
fn train_and_kill(folder: &std::path::Path, arguments: &str, epochs: usize) {
    let line = format!("exec rnn-train {arguments}");
    let mut child = shell::command(folder, &line).spawn().unwrap();
    let history = folder.join(arguments.rsplit(' ').next().unwrap()).join("history.csv");
    while fs::read_to_string(&history).unwrap_or_default().lines().count() <= epochs {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be killed");
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_killed_training_is_resumed_as_if_it_had_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("text"), "The cat sat. The dog ran, and the cat ran. ".repeat(600)).unwrap();
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    let options = "a.tokens --hidden-size 24 --embedding-size 24 --batch-size 4 --seq-length 10 --epochs 6 -q -r 3";
    sh(at, &format!("rnn-train {options} -o whole")).succeeds();
    for epochs in [1, 3] {
        train_and_kill(at, &format!("{options} -o killed"), epochs);
        sh(at, "rnn-train a.tokens --resume -q -o killed").succeeds();
        let model = |name: &str| fs::read(at.join(name).join("model.safetensors")).unwrap();
        assert!(model("killed") == model("whole"), "killed after epoch {epochs}");
        assert_eq!(history::read(&at.join("killed/history.csv")).unwrap().len(), 6);
        // Nothing is left to do, and nothing is done.
        sh(at, "rnn-train a.tokens --resume -q -o killed").succeeds();
        assert!(model("killed") == model("whole"));
        fs::remove_dir_all(at.join("killed")).unwrap();
    }
}

#[test]
fn resuming_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    sh(at, "rnn-prep text --valid 0.2 -o b.tokens").succeeds();
    sh(at, &format!("rnn-train a.tokens {TINY} -r 1 -o a")).succeeds();
    sh(at, "rnn-train a.tokens --resume -o nowhere").fails(1, "nothing to resume");
    sh(at, "rnn-train b.tokens --resume -o a").fails(1, "the token file is not the one");
    sh(at, "rnn-train a.tokens --resume --epochs 9 -o a")
        .fails(1, "--epochs is 2 in the training to be resumed, not 9");
    sh(at, "rnn-train a.tokens --resume -r 2 -o a").fails(1, "--random-seed is 1");
    sh(at, "rnn-train a.tokens --resume --preset classic -o a").fails(2, "--preset");
    let checkpoint = at.join("a/checkpoint.safetensors");
    let bytes = fs::read(&checkpoint).unwrap();
    fs::write(&checkpoint, &bytes[..bytes.len() / 2]).unwrap();
    sh(at, "rnn-train a.tokens --resume -o a").fails(1, "not a checkpoint");
}

#[test]
fn each_epoch_is_a_line_of_json_and_a_row_of_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    let ran = sh(at, &format!("rnn-prep text | rnn-train - {TINY} --json -o a"));
    let lines: Vec<history::Epoch> =
        ran.succeeds().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, history::read(&at.join("a/history.csv")).unwrap());
    assert_eq!(lines.len(), 2);
    // The reader's end is not the training's.
    let closed = sh(at, &format!("rnn-prep text | rnn-train - {TINY} --json -o b | true"));
    assert!(closed.stderr.contains("kept epoch"), "{closed:?}");
}

#[test]
fn the_classic_preset_trains_the_classic_network() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep --classic text | rnn-train - --preset classic --epochs 1 --batch-size 4 -o a").succeeds();
    let config = ModelFile::read(&at.join("a")).unwrap().config;
    assert_eq!((config.embedding_size, config.hidden_size, config.num_layers), (100, 150, 2));
    let text = sh(at, "rnn-gen -m a --seed 'the cat' -n 10");
    assert_eq!(text.succeeds().stdout.split_whitespace().count(), 12);
}

#[test]
fn training_starts_from_word_vectors_of_the_right_size() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    fs::write(at.join("vectors"), "cat 1 2 3 4 5 6 7 8\ndog 8 7 6 5 4 3 2 1\n").unwrap();
    sh(at, "rnn-prep text --embeddings vectors -o a.tokens").succeeds();
    // So small a step that the vectors are still there.
    sh(at, &format!("rnn-train a.tokens {TINY} --learning-rate 1e-9 -o a")).succeeds();
    let file = ModelFile::read(&at.join("a")).unwrap();
    let cat = file.tokenizer.id("cat").unwrap() as usize;
    let found = &file.tensors["embedding.weight"].data[cat * 8..][..8];
    let expected = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    assert!(found.iter().zip(expected).all(|(a, b): (&f32, f32)| (a - b).abs() < 1e-3), "{found:?}");
    sh(at, "rnn-train a.tokens -o b").fails(1, "word vectors have 8 numbers");
}

#[test]
fn models_of_every_level_train_and_write() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    for (level, options) in [("char", ""), ("byte", ""), ("word", "--lines")] {
        fs::write(at.join("lines"), "The cat sat.\nThe dog ran.\nThe cat ran.\n".repeat(60)).unwrap();
        let prep = format!("rnn-prep --level {level} {options} lines -o a.tokens");
        sh(at, &prep).succeeds();
        sh(at, &format!("rnn-train a.tokens {TINY} -o {level}")).succeeds();
        let text = sh(at, &format!("rnn-gen -m {level} --seed 'The' -n 12 -r 1"));
        assert!(text.succeeds().stdout.starts_with("The"), "{text:?}");
    }
}

#[test]
fn wrong_use_is_one_line_and_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    fs::write(at.join("short"), "a b a b a b").unwrap();
    sh(at, "rnn-prep short --valid 0 -o short.tokens").succeeds();
    sh(at, "rnn-prep text --valid 0 -o whole.tokens").succeeds();
    for (arguments, status, fault) in [
        ("missing.tokens", 1, "cannot open 'missing.tokens'"),
        ("text", 1, "'text': not a token file"),
        ("short.tokens", 1, "6 tokens are too few for a batch of 20 streams"),
        ("whole.tokens", 1, "0 tokens to validate on"),
        ("a.tokens --batch-size 5000", 1, "too few for a batch of 5000 streams"),
        ("a.tokens --batch-size 0", 2, "--batch-size must be at least 1"),
        ("a.tokens --dropout-input 1", 2, "--dropout-input 1"),
        ("a.tokens --hidden-size 10", 2, "tied weights"),
        ("a.tokens --threads 0", 2, "--threads"),
        ("a.tokens --hidden-size 4000000 --embedding-size 4000000", 1, "out of memory"),
    ] {
        sh(at, &format!("rnn-train {arguments} -o out")).fails(status, fault);
        assert!(!at.join("out/model.safetensors").exists(), "{arguments}");
    }
    sh(at, &format!("rnn-train a.tokens {TINY} -o text")).fails(1, "cannot create folder 'text'");
}

#[test]
fn divergence_is_noticed_and_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    let line = "rnn-prep text -q | rnn-train - --hidden-size 8 --embedding-size 8 --batch-size 4 --epochs 30 -q \
                --schedule constant --clip-norm 0 --learning-rate 1e38 -o a";
    sh(at, line).fails(1, "training diverged in epoch");
    assert!(at.join("a/history.csv").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_gpu_is_optional_and_asking_for_one_in_vain_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    if fs::exists("/proc/driver/nvidia/version").unwrap() {
        return;
    }
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    sh(at, &format!("rnn-train a.tokens {TINY} --device cuda -o a")).fails(1, "no CUDA GPU: no NVIDIA driver");
    sh(at, &format!("rnn-train a.tokens {TINY} --device auto -o a")).succeeds();
}
