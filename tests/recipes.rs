//! Runs the programs in examples/ that need only the commands; training uses a small network for a few steps.
//! from-keras.py, to-pytorch.py and from-pytorch.py need Python packages, and check their own results.
#![cfg(feature = "train")]

use std::fs;
use std::path::Path;

mod shell;
use shell::sh;

fn examples() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").display().to_string()
}

const SMALL: &str = "export RNN_MAX_STEPS=4 RNN_EVAL_EVERY=4 RNN_NGRAM=0 RNN_EMBEDDING_SIZE=16 RNN_HIDDEN_SIZE=16;";

/// The first lines of the built-in book.
fn write_text(path: &Path, lines: usize) {
    let text = fs::read_to_string(format!("{}/ferry.txt", examples())).unwrap();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text.lines().take(lines).collect::<Vec<_>>().join("\n")).unwrap();
}

#[test]
fn each_example_begins_with_a_description() {
    for entry in fs::read_dir(examples()).unwrap().chain(fs::read_dir(examples() + "/systemd").unwrap()) {
        let path = entry.unwrap().path();
        let extension = path.extension().unwrap_or_default().to_str().unwrap();
        if path.is_dir() || ["txt", "png", "csv", "md"].contains(&extension) {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let words = text.lines().filter(|line| !line.starts_with("#!")).take(3).collect::<Vec<_>>().join(" ");
        let is_module = ["model_file.py", "network.py"].iter().any(|name| path.ends_with(name));
        assert!(words.contains("Why") || is_module, "{}", path.display());
    }
}

/// Only what depends on a change is rebuilt.
#[test]
fn the_makefile_rebuilds_only_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(&at.join("ferry.txt"), 300);
    let make = format!("{SMALL} RNN_BATCH_SIZE=4 make -f {}/alice.mk BOOK=ferry", examples());
    sh(at, &make).succeeds();
    let report = fs::read_to_string(at.join("ferry.report.md")).unwrap();
    assert!(report.contains("perplexity") && report.lines().count() > 8, "{report}");
    let again = sh(at, &make);
    assert!(again.succeeds().stdout.contains("Nothing to be done"), "{again:?}");
    sh(at, "rm ferry.sample.txt");
    let part = sh(at, &make).succeeds().stdout.clone();
    assert!(part.contains("rnn-gen") && !part.contains("rnn-train") && !part.contains("rnn-plot"), "{part}");
    let all = sh(at, &format!("echo 'The end.' >>ferry.txt; touch -d '+2 seconds' ferry.txt; {make}"));
    assert!(all.succeeds().stdout.contains("rnn-train"), "{all:?}");
}

#[test]
fn a_better_model_is_served_and_a_worse_one_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(&at.join("texts/book.txt"), 200);
    let nightly = |settings: &str| {
        sh(at, &format!("{SMALL} export RNN_BATCH_SIZE=4 {settings}; {}/nightly.sh texts served", examples()))
    };
    let model = || fs::read(at.join("served/model.safetensors")).unwrap();
    nightly("RNN_RANDOM_SEED=1").succeeds();
    let first = model();
    // Learns almost nothing.
    let worse = nightly("RNN_RANDOM_SEED=1 RNN_LEARNING_RATE=0.0000001 RNN_OUTPUT_BIAS=zero");
    assert!(worse.succeeds().stderr.contains("keeping"), "{worse:?}");
    assert!(model() == first);
    let better = nightly("RNN_RANDOM_SEED=1 RNN_MAX_STEPS=60 RNN_EVAL_EVERY=60");
    assert!(better.succeeds().stderr.contains("improved"), "{better:?}");
    assert!(model() != first);
    assert_eq!(fs::read_dir(at.join("served")).unwrap().count(), 1, "no temporary files are left");
}

#[test]
fn the_search_finds_the_best_of_its_runs() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(&at.join("ferry.txt"), 200);
    sh(at, "rnn-prep -q ferry.txt -o ferry.tokens").succeeds();
    let line = format!(
        "{SMALL} export RNN_BATCH_SIZE=4 SIZES='8 16' RATES=0.01 DROPOUTS='0 0.5' EPOCHS=1; {}/sweep.sh ferry.tokens out",
        examples()
    );
    let ran = sh(at, &line);
    let results = fs::read_to_string(at.join("out/results.csv")).unwrap();
    let losses = results.lines().skip(1).map(|row| (row.rsplit(',').next().unwrap().parse::<f64>().unwrap(), row));
    let best = losses.min_by(|a, b| a.0.total_cmp(&b.0)).unwrap();
    assert_eq!(ran.succeeds().stdout.trim(), best.1, "{results}");
    assert_eq!(results.lines().count(), 5, "{results}");
}

#[test]
fn short_texts_and_verse_are_generated() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let tweets = sh(at, &format!("{SMALL} EPOCHS=1 {}/tweets.sh", examples()));
    assert!(!tweets.succeeds().stdout.is_empty());
    write_text(&at.join("verse.txt"), 60);
    let verse = sh(at, &format!("{SMALL} RNN_BATCH_SIZE=4 EPOCHS=1 {}/shakespeare.sh verse.txt", examples()));
    assert!(verse.succeeds().stdout.chars().count() > 600, "{verse:?}");
}
