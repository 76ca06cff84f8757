//! Man pages and completions are generated from the argument definitions and committed. These tests fail if one is
//! stale; `UPDATE=1 cargo test --test documents` regenerates them.

mod completions;
mod man;
#[path = "../tools/mod.rs"]
mod tools;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use rnn_tools::cli;

fn commands() -> Vec<Command> {
    vec![
        cli::evaluate::Args::command(),
        cli::fetch::Args::command(),
        cli::generate::Args::command(),
        cli::info::Args::command(),
        cli::plot::Args::command(),
        cli::prep::Args::command(),
        cli::serve::Args::command(),
        cli::train::Args::command(),
    ]
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a committed file with its expected contents, or writes it if `UPDATE` is set.
fn check(path: PathBuf, expected: &[u8]) {
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, expected).unwrap();
    }
    assert!(
        fs::read(&path).is_ok_and(|found| found == expected),
        "{} is stale: UPDATE=1 cargo test --test documents",
        path.display()
    );
}

/// Checks that a folder contains no other files: pages and completions of removed commands would be installed.
fn check_names(folder: &str, names: &[String]) {
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        assert!(entry.path().is_dir() || names.contains(&name), "{folder}/{name} belongs to no command");
    }
}

#[test]
fn definitions_are_consistent() {
    commands().into_iter().for_each(Command::debug_assert);
}
