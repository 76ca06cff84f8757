//! Tests of stopping, killing and resuming rnn-train, and of divergence.
#![cfg(all(feature = "train", target_os = "linux"))]

use std::fs;
use std::io::Read;
use std::os::fd::AsRawFd;
use std::os::unix::process::ExitStatusExt;
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

/// Writes a text long enough for training to be stopped in the middle; the steps of a small network are fast.
fn write_long_text(folder: &Path) {
    fs::write(folder.join("text"), "The cat sat. The dog ran, and the cat ran. ".repeat(600)).unwrap();
    sh(folder, "rnn-prep text -o a.tokens -q").succeeds();
}

const QUICK: &str = "a.tokens --hidden-size 24 --embedding-size 24 --batch-size 4 --seq-length 10 --epochs 4 -q -r 3";

/// A training run whose rows a test reads one by one. It cannot end before the test reads them: its pipe holds 4 KiB,
/// so it blocks once it is about 15 rows ahead of the reader.
struct Running(Child);

impl Running {
    /// Starts a run with the output folder `output`.
    fn start(folder: &Path, arguments: &str, output: &str) -> Self {
        // Makes write(2) fail when a file grows too large, as on a full disk, instead of raising a signal.
        let line = format!("trap '' XFSZ; exec rnn-train {arguments} --json -o {output}");
        let child = shell::command(folder, &line).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let pipe = child.stdout.as_ref().unwrap().as_raw_fd();
        // SAFETY: the descriptor is open as long as `child` is.
        assert!(unsafe { libc::fcntl(pipe, libc::F_SETPIPE_SZ, 4096) } >= 4096);
        Self(child)
    }

    /// Waits for the next rows of the history.
    fn read_rows(&mut self, rows: usize) {
        let stdout = self.0.stdout.as_mut().unwrap();
        let mut byte = [0];
        for _ in 0..rows {
            while byte[0] != b'\n' {
                stdout.read_exact(&mut byte).expect("the training has not ended");
            }
            byte[0] = 0;
        }
    }

    fn kill(mut self) {
        self.0.kill().unwrap();
        assert_eq!(self.0.wait().unwrap().signal(), Some(libc::SIGKILL));
    }

    fn wait(self) -> shell::Ran {
        self.0.wait_with_output().unwrap().into()
    }
}

/// Returns the step of a checkpoint.
fn step(bytes: &[u8]) -> Option<u64> {
    let text = String::from_utf8_lossy(bytes);
    let (_, rest) = text.split_once("\\\"steps\\\":")?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Returns the history without times.
fn timeless(folder: &Path) -> Vec<history::Row> {
    let rows = history::read(&folder.join("history.csv")).unwrap();
    rows.into_iter().map(|row| history::Row { seconds: 0.0, tokens_per_second: 0.0, ..row }).collect()
}

fn model(folder: &Path) -> Vec<u8> {
    fs::read(folder.join("model.safetensors")).unwrap()
}

#[test]
fn a_killed_run_resumes_as_if_it_had_never_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    // These options have a state that must be restored.
    let options = "--eval-every 5 --cell gru --attention 4 --random-length true --accumulate 3 --schedule plateau";
    let options = format!("{QUICK} {options}");
    sh(at, &format!("rnn-train {options} -o whole")).succeeds();
    for part in 0..4 {
        let arguments = if part == 0 { options.as_str() } else { "a.tokens --resume -q" };
        let mut training = Running::start(at, &format!("{arguments} --checkpoint-every 0.01s"), "killed");
        training.read_rows(3);
        training.kill();
    }
    sh(at, "rnn-train a.tokens --resume -q -o killed").succeeds();
    assert!(model(&at.join("killed")) == model(&at.join("whole")));
    assert_eq!(timeless(&at.join("killed")), timeless(&at.join("whole")));
    assert!(timeless(&at.join("whole")).iter().any(|row| row.step == 5));
    // Resuming a finished run changes nothing.
    sh(at, "rnn-train a.tokens --resume -q -o killed").succeeds();
    assert!(model(&at.join("killed")) == model(&at.join("whole")));
    let left = fs::read_dir(at.join("killed")).unwrap().map(|entry| entry.unwrap().file_name());
    assert!(left.into_iter().all(|name| !name.to_string_lossy().ends_with(".tmp")));
}

#[test]
fn a_limit_of_steps_or_time_saves_and_writes_a_model() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    sh(at, &format!("rnn-train {QUICK} -o whole")).succeeds();
    sh(at, &format!("rnn-train {QUICK} --max-steps 7 -o parts")).succeeds();
    assert_eq!(step(&fs::read(at.join("parts/checkpoint.safetensors")).unwrap()), Some(7));
    // The run stopped before the first row of the history, but wrote a model.
    assert!(ModelFile::read(&at.join("parts")).unwrap().training.val_loss.is_finite());
    assert!(!at.join("parts/history.csv").exists());
    let ran = sh(at, "rnn-train a.tokens --resume --max-time 0.001s -o parts");
    assert!(ran.succeeds().stderr.contains("--max-time"), "{ran:?}");
    // The hint is a command that can be pasted.
    let command = ran.stderr.lines().find_map(|line| line.split_once("continue with: ")).unwrap().1;
    sh(at, &format!("{command} --max-steps 1000000 -q")).succeeds();
    assert!(model(&at.join("parts")) == model(&at.join("whole")));
    assert_eq!(timeless(&at.join("parts")), timeless(&at.join("whole")));
    sh(at, &format!("rnn-train {QUICK} --max-time soon -o parts")).fails(2, "soon");
}

#[test]
fn a_signal_saves_and_a_second_run_in_the_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    let options = format!("{QUICK} --eval-every 5");
    sh(at, &format!("rnn-train {options} -o whole")).succeeds();
    for (signal, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        let mut training = Running::start(at, &format!("{options} --checkpoint-every 1h"), signal);
        training.read_rows(1);
        let pid = training.0.id();
        sh(at, &format!("kill -STOP {pid}")).succeeds();
        sh(at, &format!("rnn-train {options} --overwrite -o {signal}")).fails(1, "another run is writing to");
        sh(at, &format!("rnn-train a.tokens --resume -q -o {signal}")).fails(1, "another run");
        sh(at, &format!("kill -{signal} {pid} && kill -CONT {pid}")).succeeds();
        let ran = training.wait();
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
    // Renaming an older checkpoint returns to it.
    let bytes = model(&at.join("a"));
    fs::rename(at.join(format!("a/checkpoint-{}.safetensors", kept[0])), at.join("a/checkpoint.safetensors")).unwrap();
    sh(at, "rnn-train a.tokens --resume --keep 2 -q -o a").succeeds();
    assert!(model(&at.join("a")) == bytes);
    assert_eq!(files("a").len(), 1);
    // A new run removes the checkpoints of the previous one.
    sh(at, &format!("rnn-train a.tokens {TINY} --overwrite -o a")).succeeds();
    assert!(files("a").is_empty());
}

#[test]
fn a_run_on_documents_resumes_in_the_middle() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let lines: String = (0..600).map(|n| "the cat ran ".repeat(1 + n * 7 % 9) + "home\n").collect();
    fs::write(at.join("lines"), lines).unwrap();
    sh(at, "rnn-prep --lines lines -o a.tokens -q").succeeds();
    let ran = sh(at, &format!("rnn-train {} -o whole", QUICK.replace(" -q", "")));
    assert!(ran.succeeds().stderr.contains(" in 540 documents"), "{ran:?}");
    // Only the end of each document, after one to nine repetitions, cannot be predicted.
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
fn resuming_with_other_data_or_settings_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens").succeeds();
    sh(at, "rnn-prep text --valid 0.2 -o b.tokens").succeeds();
    sh(at, &format!("rnn-train a.tokens {TINY} -r 1 -o a")).succeeds();
    sh(at, "rnn-train a.tokens --resume -o nowhere").fails(1, "nothing to resume");
    sh(at, "rnn-train b.tokens --resume -o a").fails(1, "the token file is not the one");
    sh(at, "rnn-train a.tokens --resume --epochs 1 -o a")
        .fails(1, "--resume keeps the settings of the run: --epochs is 2, not 1");
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
fn divergence_is_rolled_back_until_training_fails() {
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
    // The checkpoint of the rollback still exists.
    let ran = sh(at, "rnn-train a.tokens --resume -o a");
    assert!(ran.stderr.contains("resuming in epoch 1 after step 0"), "{ran:?}");
}

/// A row is printed just before the model, the checkpoint and the history are written.
#[test]
fn a_folder_survives_kills_while_its_files_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    let options = format!("{QUICK} --eval-every 2");
    sh(at, &format!("rnn-train {options} -o whole")).succeeds();
    for part in 0..8 {
        let arguments = if part == 0 { options.as_str() } else { "a.tokens --resume -q" };
        let mut training = Running::start(at, &format!("{arguments} --checkpoint-every 0.01s"), "killed");
        training.read_rows(1 + part % 3);
        training.kill();
    }
    sh(at, "rnn-train a.tokens --resume -q -o killed").succeeds();
    assert!(model(&at.join("killed")) == model(&at.join("whole")));
    assert_eq!(timeless(&at.join("killed")), timeless(&at.join("whole")));
}

#[test]
fn a_full_disk_leaves_the_last_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_long_text(at);
    let options = format!("{QUICK} --eval-every 5");
    sh(at, &format!("rnn-train {options} -o whole")).succeeds();
    // Once the size of files is limited, a write fails half way, as on a full disk.
    let mut training = Running::start(at, &options, "full");
    training.read_rows(2);
    let limit = libc::rlimit { rlim_cur: 2048, rlim_max: 2048 };
    // SAFETY: the limit is valid, and the old one is not requested.
    let status = unsafe { libc::prlimit(training.0.id() as i32, libc::RLIMIT_FSIZE, &limit, std::ptr::null_mut()) };
    assert_eq!(status, 0);
    let ran = training.wait();
    ran.fails(1, "cannot write 'full/");
    assert!(ran.stderr.contains("File too large") && ran.stderr.contains("--resume"), "{ran:?}");
    let files: Vec<_> = fs::read_dir(at.join("full")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!files.iter().any(|name| name.to_string_lossy().ends_with(".tmp")), "{files:?}");
    sh(at, "rnn-train a.tokens --resume -q -o full").succeeds();
    assert!(model(&at.join("full")) == model(&at.join("whole")));
    assert_eq!(timeless(&at.join("full")), timeless(&at.join("whole")));
}
