//! `make install` puts everything where it belongs, what is installed works without the folder that it was built in,
//! and `make uninstall` takes all of it away.
#![cfg(target_os = "linux")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.is_symlink() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// A target of the Makefile, for the programs that were built for this test.
fn make(target: &str, prefix: &Path, destination: &Path) -> Output {
    let programs = Path::new(env!("CARGO_BIN_EXE_rnn-gen")).parent().unwrap();
    let mut make = Command::new("make");
    make.current_dir(env!("CARGO_MANIFEST_DIR")).arg(target).env("LIBTORCH_AS", "link");
    make.arg(format!("BIN={}", programs.display())).arg(format!("PREFIX={}", prefix.display()));
    make.arg(format!("DESTDIR={}", destination.display()));
    make.output().unwrap()
}

#[test]
fn what_is_installed_works_and_is_all_removed() {
    let folder = tempfile::tempdir().unwrap();
    let prefix = folder.path().join("a prefix");
    let installed = make("install", &prefix, Path::new(""));
    assert!(installed.status.success(), "{installed:?}");
    let exists = |path: &str| prefix.join(path).exists();
    for command in ["fetch", "prep", "gen", "eval", "serve", "plot", "info"] {
        for path in [
            format!("bin/rnn-{command}"),
            format!("share/man/man1/rnn-{command}.1"),
            format!("share/bash-completion/completions/rnn-{command}"),
            format!("share/zsh/site-functions/_rnn-{command}"),
            format!("share/fish/vendor_completions.d/rnn-{command}.fish"),
        ] {
            assert!(exists(&path), "{path}");
        }
    }
    for path in ["share/man/man7/rnn.7", "share/man/man1/rnn-plot-history.1", "share/doc/rnn-tools/LICENSE"] {
        assert!(exists(path), "{path}");
    }
    let run = |line: &str| {
        let path = format!("{}:/usr/bin:/bin", prefix.join("bin").display());
        Command::new("sh").args(["-ec", line]).current_dir(folder.path()).env("PATH", path).output().unwrap()
    };
    let ran = run("rnn-fetch -q ferry | rnn-prep -q >ferry.tokens && rnn-info ferry.tokens");
    assert!(ran.status.success(), "{ran:?}");
    #[cfg(feature = "train")]
    {
        let ran = run(
            "RNN_MAX_STEPS=1 RNN_NGRAM=0 rnn-train -q --preset classic ferry.tokens -o ferry && rnn-gen -q -m ferry -n 5",
        );
        assert!(ran.status.success() && !ran.stdout.is_empty(), "{ran:?}");
        // Not in the folder of the build: the installed program looks below its own first.
        let found = run("ldd 'a prefix/lib/rnn-tools/rnn-train-libtorch' | grep libtorch_cpu.so");
        let own = prefix.join("lib/rnn-tools/libtorch/run");
        assert!(String::from_utf8_lossy(&found.stdout).contains(own.to_str().unwrap()), "{found:?}");
    }

    let removed = make("uninstall", &prefix, Path::new(""));
    assert!(removed.status.success(), "{removed:?}");
    assert_eq!(files(&prefix), Vec::<PathBuf>::new());
}

#[test]
fn a_packager_collects_the_same_files_elsewhere() {
    let folder = tempfile::tempdir().unwrap();
    let stage = folder.path().join("stage");
    assert!(make("install", Path::new("/usr"), &stage).status.success());
    assert!(stage.join("usr/bin/rnn-gen").exists());
    let outside = files(&stage).into_iter().find(|file| !file.starts_with(stage.join("usr")));
    assert_eq!(outside, None);
    assert!(make("uninstall", Path::new("/usr"), &stage).status.success());
    assert_eq!(files(&stage).len(), 0);
}

#[test]
fn every_target_has_its_line_of_help() {
    let help = make("help", Path::new("/usr"), Path::new(""));
    let help = String::from_utf8(help.stdout).unwrap();
    for target in
        ["demo", "test", "lint", "bench", "docs", "install", "uninstall", "libtorch", "dist", "clean", "help", "build"]
    {
        let line = help.lines().find(|line| line.split_whitespace().nth(1) == Some(target));
        assert!(line.is_some_and(|line| line.len() > 25), "{target}: {help}");
    }
}
