//! Tests of what rnn-train does with the files of an earlier run.
#![cfg(feature = "train")]

use std::fs;
use std::path::Path;

mod shell;
use shell::sh;

const TINY: &str = "--hidden-size 8 --embedding-size 8 --batch-size 4 --seq-length 10 --threads 1 -r 1";

fn write_tokens(folder: &Path) {
    fs::write(folder.join("text"), "The cat sat. The dog ran, and the cat ran. ".repeat(60)).unwrap();
    sh(folder, "rnn-prep text -o a.tokens -q").succeeds();
}

/// Returns the names and contents of the files in a folder.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> =
        entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect();
    files.sort();
    files
}

fn model(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("model.safetensors")).unwrap()
}

#[test]
fn a_run_is_replaced_only_when_asked_and_when_the_new_one_starts() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_tokens(at);
    let run = format!("rnn-train a.tokens {TINY} --epochs 1 -o a");
    sh(at, &run).succeeds();
    let before = files(&at.join("a"));
    let ran = sh(at, &run);
    ran.fails(2, "model.safetensors' exists");
    for option in ["rnn-train a.tokens --resume -o a,", "--resume=auto", "--overwrite"] {
        assert!(ran.stderr.contains(option), "{ran:?}");
    }
    sh(at, "rnn-train missing.tokens -o a --overwrite").fails(1, "missing.tokens");
    sh(at, &format!("{run} --overwrite --batch-size 5000")).fails(1, "too few");
    assert!(files(&at.join("a")) == before);
    sh(at, &format!("{run} --overwrite --hidden-size 16 --tie-weights false")).succeeds();
    assert!(model(&at.join("a")) != before.iter().find(|(name, _)| name == "model.safetensors").unwrap().1);

    // A model without its checkpoint is kept too, even by --resume=auto.
    fs::remove_file(at.join("a/checkpoint.safetensors")).unwrap();
    let before = files(&at.join("a"));
    sh(at, &format!("{run} --resume=auto")).fails(2, "model.safetensors' exists");
    assert!(files(&at.join("a")) == before);
    fs::write(at.join("a/tuned.json"), "{}").unwrap();
    sh(at, "rnn-train a.tokens --tune 1 -o a").fails(2, "tuned.json' exists");
    assert_eq!(fs::read(at.join("a/tuned.json")).unwrap(), b"{}");
}

#[test]
fn auto_begins_continues_and_ends_with_success() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_tokens(at);
    let run = format!("rnn-train a.tokens {TINY} --preset classic --epochs 2");
    sh(at, &format!("{run} -o whole")).succeeds();
    sh(at, &format!("{run} -o parts --resume=auto --max-steps 5")).succeeds();
    sh(at, &format!("{run} -o parts --resume=auto")).succeeds();
    assert!(model(&at.join("parts")) == model(&at.join("whole")));
    let before = files(&at.join("parts"));
    let ran = sh(at, &format!("{run} -o parts --resume=auto"));
    assert!(ran.succeeds().stderr.contains("nothing to do"), "{ran:?}");
    assert!(files(&at.join("parts")) == before);
    sh(at, &format!("RNN_RESUME=true rnn-train a.tokens {TINY} -o parts")).succeeds();
    let ran = sh(at, &format!("{run} -o parts --resume"));
    ran.fails(2, "--preset");
}

#[test]
fn a_finished_run_can_be_longer_where_its_past_does_not_change() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_tokens(at);
    let run = format!("rnn-train a.tokens {TINY} --ngram 0 --schedule");
    for schedule in ["constant", "step", "plateau"] {
        sh(at, &format!("{run} {schedule} --epochs 4 -o {schedule}-whole")).succeeds();
        sh(at, &format!("{run} {schedule} --epochs 2 -o {schedule}")).succeeds();
        sh(at, &format!("rnn-train a.tokens --resume --epochs 4 -o {schedule}")).succeeds();
        let of = |output: &str| rnn_tools::model::ModelFile::read(&at.join(output)).unwrap();
        let (longer, whole) = (of(schedule), of(&format!("{schedule}-whole")));
        assert!(whole.training.epochs > 2, "{schedule}");
        assert_eq!(longer.training, whole.training);
        assert!(longer.tensors == whole.tensors, "{schedule}");
    }
    for schedule in ["cosine", "one-cycle"] {
        sh(at, &format!("{run} {schedule} --epochs 2 -o {schedule}")).succeeds();
        let before = files(&at.join(schedule));
        let ran = sh(at, &format!("rnn-train a.tokens --resume --epochs 4 -o {schedule}"));
        ran.fails(1, &format!("--schedule {schedule}"));
        assert!(ran.stderr.contains("--schedule constant") && ran.stderr.contains("--from"), "{ran:?}");
        assert!(files(&at.join(schedule)) == before);
    }
}

#[test]
fn patience_can_be_raised_after_an_early_stop() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_tokens(at);
    // At this rate each evaluation is worse than the first.
    let run = format!("rnn-train a.tokens {TINY} --ngram 0 --epochs 6 --schedule constant --learning-rate 0.3");
    sh(at, &format!("{run} --patience 1 -o a")).succeeds();
    let rows = || rnn_tools::history::read(&at.join("a/history.csv")).unwrap().len();
    let stopped = rows();
    assert!(sh(at, "rnn-train a.tokens --resume -o a").succeeds().stderr.contains("nothing to do"));
    sh(at, "rnn-train a.tokens --resume --patience 0 -o a").succeeds();
    assert!(stopped < 6 && rows() == 6, "{stopped} {}", rows());
}

#[test]
fn fine_tuning_never_replaces_its_own_model_or_text() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_tokens(at);
    sh(at, &format!("rnn-train a.tokens {TINY} -o a && mkdir b && cp a.tokens b/model.safetensors")).succeeds();
    let before = (files(&at.join("a")), files(&at.join("b")));
    sh(at, "rnn-train a.tokens --from a -o a --overwrite").fails(2, "input");
    sh(at, "rnn-train b/model.safetensors -o b --overwrite").fails(2, "input");
    assert!((files(&at.join("a")), files(&at.join("b"))) == before);
}
