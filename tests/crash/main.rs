//! Whatever stops a command while it writes, the old file is whole or the new one is.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::Tokenizer;

#[path = "../shell/mod.rs"]
mod shell;
mod trace;

use shell::sh;
use trace::{Call, Fault, Traced};

struct Case {
    program: &'static str,
    arguments: &'static [&'static str],
    /// A line of sh that writes the old files.
    old: &'static str,
    outputs: &'static [&'static str],
}

const FETCH: Case = Case {
    program: env!("CARGO_BIN_EXE_rnn-fetch"),
    arguments: &["-q", "ferry", "-o", "a.txt", "--manifest", "a.lock", "--force"],
    old: "rnn-fetch -q book.txt -o a.txt --manifest a.lock",
    outputs: &["a.txt", "a.lock"],
};
const PREP: Case = Case {
    program: env!("CARGO_BIN_EXE_rnn-prep"),
    arguments: &["-q", "book.txt", "--threads", "2", "-o", "a.tokens"],
    old: "rnn-prep -q book.txt --level char -o a.tokens",
    outputs: &["a.tokens"],
};
const DECODE: Case = Case {
    program: env!("CARGO_BIN_EXE_rnn-prep"),
    arguments: &["-q", "--decode", "book.tokens", "-o", "a.txt"],
    old: "echo old > a.txt",
    outputs: &["a.txt"],
};
const GEN: Case = Case {
    program: env!("CARGO_BIN_EXE_rnn-gen"),
    arguments: &["-q", "-m", "M", "-n", "2", "--random-seed", "1", "--state-out", "state"],
    old: "rnn-gen -q -m M -n 3 --state-out state > /dev/null",
    outputs: &["state"],
};
const PLOT: Case = Case {
    program: env!("CARGO_BIN_EXE_rnn-plot"),
    arguments: &["-q", "history", "M", "-o", "a.svg"],
    old: "rnn-plot -q architecture --cell lstm -o a.svg",
    outputs: &["a.svg"],
};

impl Case {
    /// Creates a folder with the inputs and the old files.
    fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join("book.txt"), "The boat left at dawn. Nobody saw it.\n".repeat(9)).unwrap();
        fs::create_dir(path.join("M")).unwrap();
        let config = Config { vocab_size: 5, embedding_size: 2, hidden_size: 3, num_layers: 1, ..Config::default() };
        ModelFile::random(config, Tokenizer::numbered(5), 1).write(&path.join("M/model.safetensors")).unwrap();
        let header = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second,step";
        fs::write(path.join("M/history.csv"), format!("{header}\n1,6.5,0.1,6.1,0.1,0.002,1.5,9000,1\n")).unwrap();
        sh(path, &format!("rnn-prep -q book.txt -o book.tokens && {}", self.old)).succeeds();
        folder
    }

    fn run(&self, folder: &Path, fault: Fault) -> Traced {
        trace::run(self.program, self.arguments, folder, fault)
    }

    fn contents(&self, folder: &Path) -> Vec<Vec<u8>> {
        self.outputs.iter().map(|output| fs::read(folder.join(output)).unwrap()).collect()
    }
}

fn leftovers(folder: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|ending| ending == "tmp")).collect()
}

fn check(case: &Case) {
    let folder = case.folder();
    let folder = folder.path().canonicalize().unwrap();
    let old = case.contents(&folder);
    let whole = case.run(&folder, Fault::None);
    assert_eq!(whole.status, Some(0), "{whole:?}");
    let new = case.contents(&folder);
    survives_a_power_cut(case, &folder, &whole);
    assert!(old.iter().zip(&new).all(|(old, new)| old != new));
    let restore = || {
        for (output, bytes) in case.outputs.iter().zip(&old) {
            fs::write(folder.join(output), bytes).unwrap();
        }
    };
    let is_old_or_new = |traced: &Traced, at: usize| {
        for (i, found) in case.contents(&folder).iter().enumerate() {
            assert!(*found == old[i] || *found == new[i], "{} is neither: call {at} of {traced:?}", case.outputs[i]);
        }
    };
    for at in 0..whole.calls.len() {
        restore();
        let killed = case.run(&folder, Fault::Kill(at));
        assert_eq!(killed.status, None, "{killed:?}");
        is_old_or_new(&killed, at);
        // A file that a killed process left is removed by a later command, once it is certainly abandoned.
        let left = leftovers(&folder);
        assert!(left.len() <= 1, "{left:?}");
        for file in left {
            let file = File::options().write(true).open(file).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
        }
        assert_eq!(case.run(&folder, Fault::None).status, Some(0));
        assert!(case.contents(&folder) == new && leftovers(&folder).is_empty(), "call {at} of {killed:?}");

        restore();
        let full = case.run(&folder, Fault::Full(at));
        let lines = full.stderr.lines().filter(|line| !line.starts_with("hint: ")).count();
        let renamed = full.calls[..at].iter().filter(|(call, _)| *call == Call::Rename).count();
        assert!(full.status.is_some_and(|status| status == 1) && lines == 1, "call {at} of {full:?}");
        is_old_or_new(&full, at);
        if renamed == 0 {
            assert!(case.contents(&folder) == old, "call {at} of {full:?}");
        }
        assert!(leftovers(&folder).is_empty(), "call {at} of {full:?}");
    }
}

/// Each output is synced after its last write and before it gets its name, and then its folder is.
fn survives_a_power_cut(case: &Case, folder: &Path, traced: &Traced) {
    for output in case.outputs {
        let path = folder.join(output);
        let at = |wanted: (Call, &Path)| {
            let found = traced.calls.iter().rposition(|(call, path)| (*call, &**path) == wanted);
            found.unwrap_or_else(|| panic!("no {wanted:?} in {traced:?}"))
        };
        let renamed = at((Call::Rename, &path));
        let before = &traced.calls[..renamed];
        let (written, file) = before.iter().enumerate().rfind(|(_, (call, _))| *call == Call::Write).unwrap();
        assert!(before[written..].contains(&(Call::Sync, file.1.clone())), "{traced:?}");
        assert!(traced.calls[renamed..].contains(&(Call::Sync, folder.into())), "{traced:?}");
        assert!(!traced.calls.contains(&(Call::Write, path)), "{traced:?}");
    }
}

#[test]
fn rnn_fetch() {
    check(&FETCH);
}

#[test]
fn rnn_prep() {
    check(&PREP);
    check(&DECODE);
}

#[test]
fn rnn_gen() {
    check(&GEN);
}

#[test]
fn rnn_plot() {
    check(&PLOT);
}

/// A mount point cannot be replaced, only overwritten.
#[test]
fn an_output_that_is_a_mount_point_is_overwritten() {
    let folder = PREP.folder();
    let path = folder.path();
    if sh(path, "unshare -rm true").status != 0 {
        eprintln!("skipped: this system refuses user namespaces");
        return;
    }
    fs::copy(path.join("a.tokens"), path.join("mounted")).unwrap();
    let line = "unshare -rm sh -c 'mount --bind mounted a.tokens && rnn-prep -q book.txt -o a.tokens' && \
                cmp mounted book.tokens && ! cmp -s a.tokens book.tokens";
    sh(path, line).succeeds();
    assert!(leftovers(path).is_empty());
}
