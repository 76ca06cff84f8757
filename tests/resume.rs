//! rnn-train stopped, killed, gone wrong, and resumed.
#![cfg(feature = "train")]

use std::fs;
use std::path::Path;
use std::process::{Child, Stdio};

use rnn_tools::history;
use rnn_tools::model::ModelFile;

mod shell;
use shell::sh;

fn write_text(folder: &Path) {
    fs::write(folder.join("text"), "The cat sat. The dog ran, and the cat ran. ".repeat(60)).unwrap();
}

const TINY: &str = "--hidden-size 8 --embedding-size 8 --batch-size 4 --seq-length 10 --epochs 2 --threads 1";

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
        // It waits in the middle of its steps until all is tried.
        sh(at, &format!("kill -STOP {}", child.id())).succeeds();
        sh(at, &format!("rnn-train {QUICK} -o {signal}")).fails(1, "another training is writing into");
        sh(at, &format!("rnn-train a.tokens --resume -q -o {signal}")).fails(1, "another training");
        sh(at, &format!("kill -{signal} {0} && kill -CONT {0}", child.id())).succeeds();
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
fn divergence_is_rolled_back_and_at_last_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -q -o a.tokens").succeeds();
    let line = "rnn-train a.tokens --hidden-size 8 --embedding-size 8 --batch-size 4 --epochs 30 --schedule constant \
                --clip-norm 0 --output-bias zero --weight-decay 0";
    let ran = sh(at, &format!("{line} --learning-rate 1e38 -o a"));
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stderr.contains("training diverged in epoch 1 ") && ran.stderr.contains("hint: lower"), "{ran:?}");
    assert_eq!(ran.stderr.matches("with half the learning rate").count(), 3, "{ran:?}");
    assert!(ran.stdout.is_empty());
    // What was rolled back to is still there.
    let ran = sh(at, "rnn-train a.tokens --resume -o a");
    assert!(ran.stderr.contains("going on in epoch 1 after step 0"), "{ran:?}");
}

/// A moment of one's own choosing is as good as any other; this many of them find what is wrong now and then.
#[test]
fn a_folder_survives_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    let options = format!("a.tokens {TINY} -r 3 -q --eval-every 7").replace("--epochs 2", "--epochs 12");
    sh(at, &format!("rnn-train {options} -o whole")).succeeds();
    let mut rng = rnn_tools::random::Rng::new(8);
    for _ in 0..8 {
        let arguments = match at.join("killed/checkpoint.safetensors").exists() {
            true => "a.tokens --resume -q --checkpoint-every 0.001s",
            false => &format!("{options} --checkpoint-every 0.001s"),
        };
        let mut child = shell::command(at, &format!("exec rnn-train {arguments} -o killed")).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_secs_f64(0.6 * rng.uniform()));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let arguments =
        if at.join("killed/checkpoint.safetensors").exists() { "a.tokens --resume -q" } else { options.as_str() };
    sh(at, &format!("rnn-train {arguments} -o killed")).succeeds();
    assert!(model(&at.join("killed")) == model(&at.join("whole")));
    assert_eq!(timeless(&at.join("killed")), timeless(&at.join("whole")));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_the_last_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    sh(at, &format!("rnn-train {QUICK} -o whole")).succeeds();
    // As on a full disk, a write fails half way: files may be so long, and no longer.
    let line = format!("trap '' XFSZ; exec rnn-train {QUICK} -o full");
    let mut child = shell::command(at, &line).stderr(Stdio::piped()).spawn().unwrap();
    while history::read(&at.join("full/history.csv")).map_or(0, |rows| rows.len()) < 2 {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
    }
    let limit = libc::rlimit { rlim_cur: 2048, rlim_max: 2048 };
    // SAFETY: a limit for a child of ours, and nobody asks for the one before.
    let status = unsafe { libc::prlimit(child.id() as i32, libc::RLIMIT_FSIZE, &limit, std::ptr::null_mut()) };
    assert_eq!(status, 0);
    let ran = shell::Ran::from(child.wait_with_output().unwrap());
    ran.fails(1, "cannot write 'full/");
    assert!(ran.stderr.contains("File too large") && ran.stderr.contains("--resume"), "{ran:?}");
    let files: Vec<_> = fs::read_dir(at.join("full")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!files.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{files:?}");
    sh(at, "rnn-train a.tokens --resume -q -o full").succeeds();
    assert!(model(&at.join("full")) == model(&at.join("whole")));
    assert_eq!(timeless(&at.join("full")), timeless(&at.join("whole")));
}
