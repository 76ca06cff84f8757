//! rnn-train from outside: the README's pipeline, and wrong use.
#![cfg(feature = "train")]

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

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

fn write_text(folder: &Path) {
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

/// A text long enough for a training that can be stopped in the middle, and a network small enough for its steps to be quick.
fn write_long_text(folder: &Path) {
    fs::write(folder.join("text"), "The cat sat. The dog ran, and the cat ran. ".repeat(600)).unwrap();
    sh(folder, "rnn-prep text -o a.tokens -q").succeeds();
}

const QUICK: &str = "a.tokens --hidden-size 24 --embedding-size 24 --batch-size 4 --seq-length 10 --epochs 4 -q -r 3";

/// Starts a training into the folder `output`, and waits until the file of that name there satisfies the condition.
fn start(folder: &Path, arguments: &str, output: &str, file: &str, is_ready: impl Fn(&[u8]) -> bool) -> Child {
    let line = format!("exec rnn-train {arguments} -o {output}");
    let mut child = shell::command(folder, &line).stderr(Stdio::piped()).spawn().unwrap();
    let path = folder.join(output).join(file);
    while !is_ready(&fs::read(&path).unwrap_or_default()) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it could be stopped");
        std::thread::yield_now();
    }
    child
}

/// The step after which a checkpoint was written.
fn step(bytes: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(bytes);
    let (_, rest) = text.split_once("\\\"steps\\\":")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The history without what the clock says.
fn timeless(folder: &Path) -> Vec<history::Epoch> {
    let rows = history::read(&folder.join("history.csv")).unwrap();
    rows.into_iter().map(|row| history::Epoch { seconds: 0.0, tokens_per_second: 0.0, ..row }).collect()
}

fn model(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("model.safetensors")).unwrap()
}

#[test]
fn a_killed_training_is_resumed_as_if_it_had_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    // All that has something to be remembered.
    let options = "--eval-every 60 --cell gru --attention 4 --random-length true --accumulate 3 --schedule plateau";
    let options = format!("{QUICK} {options}");
    sh(at, &format!("rnn-train {options} -o whole")).succeeds();
    // In the middle of the first epoch, and three times in one run wherever it is then.
    let mut last = 0;
    for part in 0..4 {
        let arguments = if part == 0 { options.as_str() } else { "a.tokens --resume -q" };
        let is_ready = |bytes: &[u8]| step(bytes).is_some_and(|step| step > last + 30);
        let arguments = format!("{arguments} --checkpoint-every 0.02s");
        let mut child = start(at, &arguments, "killed", "checkpoint.safetensors", is_ready);
        child.kill().unwrap();
        child.wait().unwrap();
        last = step(&fs::read(at.join("killed/checkpoint.safetensors")).unwrap()).unwrap();
    }
    sh(at, "rnn-train a.tokens --resume -q -o killed").succeeds();
    assert!(model(&at.join("killed")) == model(&at.join("whole")));
    assert_eq!(timeless(&at.join("killed")), timeless(&at.join("whole")));
    assert!(timeless(&at.join("whole")).iter().any(|row| row.step == 60));
    // Nothing is left to do, and nothing is done.
    sh(at, "rnn-train a.tokens --resume -q -o killed").succeeds();
    assert!(model(&at.join("killed")) == model(&at.join("whole")));
    let left = fs::read_dir(at.join("killed")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().ends_with(".tmp")));
}

#[test]
fn a_limit_of_steps_or_time_stops_saves_and_leaves_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    sh(at, &format!("rnn-train {QUICK} -o whole")).succeeds();
    sh(at, &format!("rnn-train {QUICK} --max-steps 7 -o parts")).succeeds();
    assert_eq!(step(&fs::read(at.join("parts/checkpoint.safetensors")).unwrap()), Some(7));
    // Too early for a row of the history, but not for a model.
    assert!(ModelFile::read(&at.join("parts")).unwrap().training.val_loss.is_finite());
    assert!(!at.join("parts/history.csv").exists());
    let ran = sh(at, "rnn-train a.tokens --resume --max-time 0.001s -o parts");
    assert!(ran.succeeds().stderr.contains("--max-time") && ran.stderr.contains("--resume"), "{ran:?}");
    sh(at, "rnn-train a.tokens --resume --max-steps 1000000 -q -o parts").succeeds();
    assert!(model(&at.join("parts")) == model(&at.join("whole")));
    assert_eq!(timeless(&at.join("parts")), timeless(&at.join("whole")));
    sh(at, &format!("rnn-train {QUICK} --max-time soon -o parts")).fails(2, "soon");
}

#[cfg(unix)]
#[test]
fn a_signal_saves_and_a_second_training_waits_its_turn() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    sh(at, &format!("rnn-train {QUICK} -o whole")).succeeds();
    for (signal, status) in [("INT", 130), ("TERM", 143)] {
        let long = format!("{QUICK} --checkpoint-every 1h");
        let child = start(at, &long, signal, "checkpoint.safetensors", |bytes| step(bytes).is_some());
        sh(at, &format!("rnn-train {QUICK} -o {signal}")).fails(1, "another training is writing into");
        sh(at, &format!("rnn-train a.tokens --resume -q -o {signal}")).fails(1, "another training");
        sh(at, &format!("kill -{signal} {}", child.id())).succeeds();
        let ran = shell::Ran::from(child.wait_with_output().unwrap());
        ran.fails(status, "stopped by a signal");
        assert!(ran.stderr.contains("--resume"), "{ran:?}");
        sh(at, &format!("rnn-train a.tokens --resume -q -o {signal}")).succeeds();
        assert!(model(&at.join(signal)) == model(&at.join("whole")));
    }
}

#[test]
fn the_last_checkpoints_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    let files = |output: &str| {
        let names = fs::read_dir(at.join(output)).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with("checkpoint-")).collect::<Vec<_>>()
    };
    let longer = TINY.replace("--epochs 2", "--epochs 4");
    sh(at, &format!("rnn-train a.tokens {longer} --keep 3 -o a")).succeeds();
    let mut kept: Vec<usize> =
        files("a").iter().map(|name| name["checkpoint-".len()..].split('.').next().unwrap().parse().unwrap()).collect();
    kept.sort();
    let rows = history::read(&at.join("a/history.csv")).unwrap();
    assert_eq!(kept, [rows[1].step, rows[2].step]);
    // An older one is gone back to by its name.
    let bytes = model(&at.join("a"));
    fs::rename(at.join(format!("a/checkpoint-{}.safetensors", kept[0])), at.join("a/checkpoint.safetensors")).unwrap();
    sh(at, "rnn-train a.tokens --resume --keep 2 -q -o a").succeeds();
    assert!(model(&at.join("a")) == bytes);
    assert_eq!(files("a").len(), 1);
    // A new training does not mix its checkpoints with those of the one before.
    sh(at, &format!("rnn-train a.tokens {TINY} -o a")).succeeds();
    assert!(files("a").is_empty());
}

#[test]
fn documents_are_read_one_by_one_and_resumed_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let lines: String = (0..600).map(|n| "the cat ran ".repeat(1 + n * 7 % 9) + "home\n").collect();
    fs::write(at.join("lines"), lines).unwrap();
    sh(at, "rnn-prep --lines lines -o a.tokens -q").succeeds();
    let ran = sh(at, &format!("rnn-train {} -o whole", QUICK.replace(" -q", "")));
    assert!(ran.succeeds().stderr.contains(" in 540 documents"), "{ran:?}");
    // The ends are the one thing that cannot be known: after one to nine rounds.
    let file = ModelFile::read(&at.join("whole")).unwrap();
    assert!(file.training.val_loss < 0.35, "{}", file.training.val_loss);
    for steps in [33, 200, 1000] {
        let arguments = if steps == 33 { QUICK } else { "a.tokens --resume -q" };
        sh(at, &format!("rnn-train {arguments} --max-steps {steps} -o parts")).succeeds();
    }
    sh(at, "rnn-train a.tokens --resume -q -o parts").succeeds();
    assert!(model(&at.join("parts")) == model(&at.join("whole")));
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
        .fails(1, "in the training to be resumed --epochs is 2, not 9");
    sh(at, "rnn-train a.tokens --resume --hidden-size 16 --learning-rate 1 -o a")
        .fails(1, "--hidden-size is 8, not 16; --learning-rate is 0.005, not 1.0");
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
fn divergence_is_rolled_back_and_at_last_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -q -o a.tokens").succeeds();
    let line = "rnn-train a.tokens --hidden-size 8 --embedding-size 8 --batch-size 4 --epochs 30 --schedule constant \
                --clip-norm 0 --output-bias zero --weight-decay 0";
    let ran = sh(at, &format!("{line} --learning-rate 1e38 -o a"));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("training diverged in epoch 1") && ran.stderr.contains("hint: lower"), "{ran:?}");
    assert_eq!(ran.stderr.matches("with half the learning rate").count(), 3, "{ran:?}");
    // What was rolled back to is still there.
    let ran = sh(at, "rnn-train a.tokens --resume -o a");
    assert!(ran.stderr.contains("going on in epoch 1 after step 0"), "{ran:?}");
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
