//! Tests of the rnn-train command: the README's pipeline, and usage errors.
#![cfg(feature = "train")]

use std::fs;
use std::path::Path;

use rnn_tools::history;
use rnn_tools::model::ModelFile;

#[path = "training/fine_tuning.rs"]
mod fine_tuning;
mod shell;
use shell::sh;

/// Returns the lines of the README's first code block after `heading`.
fn readme_block(heading: &str) -> Vec<String> {
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let (_, section) = readme.split_once(heading).unwrap();
    let (_, block) = section.split_once("```sh\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    block.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_string).collect()
}

/// Runs every command of the README's pipeline, with real training on the built-in book.
#[test]
fn the_pipeline_of_the_readme_works() {
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
    // A unigram model has this loss or worse, a bigram model about 4.2.
    let unigram = 5.4;
    assert!(file.training.val_loss < unigram - 1.2, "{}", file.training.val_loss);
    assert!(generated.split_whitespace().count() > 30, "{generated}");
}

fn write_text(folder: &Path) {
    fs::write(folder.join("text"), "The cat sat. The dog ran, and the cat ran. ".repeat(60)).unwrap();
}

const TINY: &str = "--hidden-size 8 --embedding-size 8 --batch-size 4 --seq-length 10 --epochs 2 --threads 1";

#[test]
fn a_seed_reproduces_the_model() {
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

#[test]
fn each_epoch_is_a_line_of_json_and_a_row_of_the_history() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    let ran = sh(at, &format!("rnn-prep text | rnn-train - {TINY} --json -o a"));
    let lines: Vec<history::Row> =
        ran.succeeds().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines, history::read(&at.join("a/history.csv")).unwrap());
    assert_eq!(lines.len(), 2);
    // Training continues after the reader of standard output has exited.
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
    // The learning rate is so small that the vectors hardly change.
    sh(at, &format!("rnn-train a.tokens {TINY} -r 1 --learning-rate 1e-9 -o a")).succeeds();
    let file = ModelFile::read(&at.join("a")).unwrap();
    let cat = file.tokenizer.id("cat").unwrap() as usize;
    let found = &file.tensors["embedding.weight"].data[cat * 8..][..8];
    let expected = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    assert!(found.iter().zip(expected).all(|(a, b): (&f32, f32)| (a - b).abs() < 1e-3), "{found:?}");
    sh(at, "rnn-train a.tokens -o b").fails(1, "have 8 numbers, but --embedding-size is 256");
}

#[test]
fn settings_come_from_a_file_and_options_override_them() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    fs::write(at.join("a.json"), r#"{"hidden_size": 8, "embedding_size": 8, "epochs": 1, "batch_size": 4}"#).unwrap();
    sh(at, "rnn-train a.tokens --config a.json --epochs 2 -q -o a").succeeds();
    assert_eq!(history::read(&at.join("a/history.csv")).unwrap().len(), 2);
    assert_eq!(ModelFile::read(&at.join("a")).unwrap().config.hidden_size, 8);
    for (json, status, reason) in [
        ("{\"hiden\": 8}", 1, "no option `hiden`"),
        ("[", 1, "'b.json'"),
        ("{\"epochs\": -1}", 2, "'b.json': --epochs=-1"),
        ("{\"epochs\": 0}", 2, "--epochs"),
    ] {
        fs::write(at.join("b.json"), json).unwrap();
        sh(at, "rnn-train a.tokens --config b.json -o b").fails(status, reason);
    }
}

#[test]
fn samples_are_printed_and_do_not_change_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    sh(at, &format!("rnn-train a.tokens {TINY} -r 4 -o a")).succeeds();
    let ran = sh(at, &format!("rnn-train a.tokens {TINY} -r 4 --sample-every 15 --json -o b"));
    let steps = history::read(&at.join("b/history.csv")).unwrap().last().unwrap().step;
    assert_eq!(ran.succeeds().stderr.matches("after step").count(), steps / 15, "{ran:?}");
    assert_eq!(ran.stdout.lines().count(), 2);
    assert_eq!(fs::read(at.join("a/model.safetensors")).unwrap(), fs::read(at.join("b/model.safetensors")).unwrap());
}

#[test]
fn models_of_every_level_train_and_generate() {
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
fn a_dry_run_estimates_the_cost_and_writes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    let ran = sh(at, &format!("rnn-train a.tokens {TINY} --dry-run -o a"));
    for word in ["parameters", "666", "memory", "tokens/s", "epoch", "training    2 epochs"] {
        assert!(ran.succeeds().stdout.contains(word), "{word}: {ran:?}");
    }
    let ran = sh(at, "rnn-train a.tokens --dry-run --json --batch-size 4");
    let cost: serde_json::Value = serde_json::from_str(&ran.succeeds().stdout).unwrap();
    let number = |name: &str| cost[name].as_f64().unwrap();
    assert_eq!(number("epochs"), 40.0);
    assert!(number("seconds") > number("seconds_per_epoch") && number("seconds_per_epoch") > 0.0, "{cost}");
    #[cfg(target_os = "linux")]
    assert!((0.5..2.0).contains(&(number("memory_bytes") / number("measured_bytes"))), "{cost}");
    assert_eq!(fs::read_dir(at).unwrap().count(), 2);
}

#[test]
fn a_search_writes_the_best_settings() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    // The search ends long before the minute: it has at most 200 trials, and each trains two epochs of 18 steps.
    let ran = sh(at, &format!("rnn-train a.tokens {TINY} --tune 1 --json -o a"));
    let trials: Vec<serde_json::Value> =
        ran.succeeds().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(trials[0]["settings"]["learning_rate"], 0.005);
    assert_ne!(trials[1]["settings"]["learning_rate"], 0.005);
    // Options given on the command line are not searched.
    assert!(trials.iter().all(|trial| trial["settings"]["hidden_size"] == 8), "{ran:?}");
    let last_round = &trials.last().unwrap()["round"];
    let best = trials
        .iter()
        .filter(|trial| trial["round"] == *last_round && trial["val_loss"].is_f64())
        .min_by(|a, b| a["val_loss"].as_f64().unwrap().total_cmp(&b["val_loss"].as_f64().unwrap()));
    let tuned: serde_json::Value = serde_json::from_slice(&fs::read(at.join("a/tuned.json")).unwrap()).unwrap();
    assert_eq!(tuned, best.unwrap()["settings"]);
    assert!(!at.join("a/model.safetensors").exists());
    sh(at, "rnn-train a.tokens --config a/tuned.json -q -o a").succeeds();
    assert_eq!(ModelFile::read(&at.join("a")).unwrap().training.settings, tuned);
    sh(at, "rnn-train a.tokens --tune 0 -o new").fails(2, "--tune must be a positive number of minutes, got 0");
}

#[cfg(target_os = "linux")]
#[test]
fn out_of_memory_hints_at_options_and_their_savings() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    let ran = sh(at, "rnn-train a.tokens --hidden-size 4000000 --embedding-size 4000000 -o a");
    ran.fails(1, "out of memory");
    for option in ["--hidden-size 2000000 saves", "--batch-size 10 saves", "--seq-length 17 saves", "B are needed"] {
        assert!(ran.stderr.contains(option), "{option}: {ran:?}");
    }
}

#[test]
fn errors_are_one_line_and_leave_no_model() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    fs::write(at.join("short"), "a b a b a b").unwrap();
    sh(at, "rnn-prep short --valid 0 -o short.tokens").succeeds();
    sh(at, "rnn-prep text --valid 0 -o whole.tokens").succeeds();
    for (arguments, status, reason) in [
        ("missing.tokens", 1, "cannot open 'missing.tokens'"),
        ("text", 1, "'text': not a token file"),
        ("short.tokens", 1, "6 tokens are too few for a batch of 20 streams"),
        ("whole.tokens", 1, "too few validation tokens (0)"),
        ("a.tokens --batch-size 5000", 1, "too few for a batch of 5000 streams"),
        ("a.tokens --batch-size 0", 2, "--batch-size must be"),
        ("a.tokens --dropout-input 1", 2, "--dropout-input must be"),
        ("a.tokens --hidden-size 10", 2, "tied weights"),
        ("a.tokens --threads 0", 2, "--threads"),
        ("a.tokens --hidden-size 4000000 --embedding-size 4000000", 1, "out of memory"),
    ] {
        sh(at, &format!("rnn-train {arguments} -o out")).fails(status, reason);
        assert!(!at.join("out/model.safetensors").exists(), "{arguments}");
    }
    sh(at, &format!("rnn-train a.tokens {TINY} -o text")).fails(1, "cannot create folder 'text'");
}

#[cfg(target_os = "linux")]
#[test]
fn a_gpu_is_optional_and_a_missing_one_is_explained() {
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

/// The same condition as in rnn-train, which keeps the number of threads fixed on other CPUs.
fn ignores_threads() -> bool {
    #[cfg(target_arch = "x86_64")]
    return std::arch::is_x86_feature_detected!("avx512f");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

#[test]
fn the_number_of_threads_does_not_change_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    // Wide enough for the work to be shared among threads.
    let wide = "--batch-size 16 --seq-length 20 --epochs 1 -q -r 3";
    for options in ["", "--cell gru", "--cell rnn-tanh", "--preset classic", "--cutoffs 4 --tie-weights false"] {
        // Where oneDNN's kernels depend on the number of threads, the same number must give the same model.
        for (run, threads) in [(1, if ignores_threads() { 1 } else { 2 }), (2, 2)] {
            sh(at, &format!("rnn-train a.tokens {wide} {options} --threads {threads} --overwrite -o m{run}"))
                .succeeds();
        }
        let model = |run: usize| fs::read(at.join(format!("m{run}/model.safetensors"))).unwrap();
        assert!(model(1) == model(2), "{options}");
    }
}

#[test]
fn rnn_eval_reproduces_the_validation_loss() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    for (name, prep) in [("stream", ""), ("documents", "--lines")] {
        // Lines of several lengths.
        let lines = sh(at, "tr -s '.,' '\\n' < text > lines; wc -l < lines");
        assert!(lines.succeeds().stdout.trim().parse::<usize>().unwrap() > 100);
        sh(at, &format!("rnn-prep -q {prep} lines --valid 0.2 -o {name}.tokens")).succeeds();
        sh(at, &format!("rnn-train -q {name}.tokens {TINY} --ngram 3 -o {name}")).succeeds();
        let training = ModelFile::read(&at.join(name)).unwrap().training;
        let ran = sh(at, &format!("rnn-eval -m {name} --split valid --exact --json {name}.tokens"));
        let rows: Vec<serde_json::Value> =
            ran.succeeds().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let totals: Vec<f64> = rows.iter().rev().take(2).rev().map(|row| row["loss"].as_f64().unwrap()).collect();
        assert!((totals[0] - training.val_loss).abs() < 1e-4, "{name} {totals:?} {training:?}");
        assert!((totals[1] - training.mixed_val_loss.unwrap()).abs() < 1e-4, "{name} {totals:?} {training:?}");
    }
}

#[test]
fn an_int8_model_is_smaller_and_all_commands_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    let wide = TINY.replace("--hidden-size 8 --embedding-size 8", "--hidden-size 128 --embedding-size 128");
    sh(at, &format!("rnn-train a.tokens {wide} -r 1 -o floats && rnn-train a.tokens {wide} -r 1 --int8 -o integers"))
        .succeeds();
    let size = |output: &str| fs::metadata(at.join(output).join("model.safetensors")).unwrap().len();
    assert!(size("integers") * 3 < size("floats"));
    let losses = ["floats", "integers"].map(|model| {
        let ran = sh(at, &format!("rnn-eval -q -m {model} --no-ngrams --json text"));
        serde_json::from_str::<serde_json::Value>(ran.succeeds().stdout.trim()).unwrap()["loss"].as_f64().unwrap()
    });
    assert!((losses[0] - losses[1]).abs() < 0.005 * losses[0], "{losses:?}");
    sh(at, "rnn-gen -m integers -n 5 && rnn-info integers").succeeds();
    sh(
        at,
        &format!("rnn-train a.tokens --from integers {TINY} -o more").replace("--hidden-size 8 --embedding-size 8", ""),
    )
    .succeeds();
}
