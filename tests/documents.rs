//! Man pages and completions are made from the argument definitions and committed. This test fails when
//! one is stale; `UPDATE=1 cargo test --test documents` writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Command, CommandFactory};
use clap_complete::Shell;
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

/// Compares a committed file with what it should hold, or writes it.
fn check(path: PathBuf, expected: &[u8]) {
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, expected).unwrap();
    }
    assert!(fs::read(&path).is_ok_and(|found| found == expected), "{} is stale: UPDATE=1 cargo test", path.display());
}

#[test]
fn man_pages_are_fresh() {
    for command in commands() {
        let name = command.get_name().to_string();
        let command = command.disable_help_subcommand(true);
        let mut page = Vec::new();
        clap_mangen::Man::new(command.clone()).date("").render(&mut page).unwrap();
        check(root().join(format!("man/{name}.1")), &page);
        let built = {
            let mut built = command;
            built.build();
            built
        };
        for subcommand in built.get_subcommands() {
            let full = format!("{name}-{}", subcommand.get_name());
            let mut page = Vec::new();
            // The page of a subcommand is found as `man rnn-plot-history`; clap wants names that live for ever.
            let subcommand = subcommand.clone().name(&*full.clone().leak());
            clap_mangen::Man::new(subcommand).date("").render(&mut page).unwrap();
            check(root().join(format!("man/{full}.1")), &page);
        }
    }
}

#[test]
fn completions_are_fresh() {
    for mut command in commands() {
        let name = command.get_name().to_string();
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command, &name, &mut script);
            let file = match shell {
                Shell::Zsh => format!("_{name}"),
                Shell::Fish => format!("{name}.fish"),
                _ => format!("{name}.bash"),
            };
            check(root().join("completions").join(file), &script);
        }
    }
}

#[test]
fn definitions_are_consistent() {
    commands().into_iter().for_each(Command::debug_assert);
}
