//! Shell completions: generated for bash, zsh and fish, and tested in those that are installed.

use std::fs;
use std::path::Path;
use std::process::Command as Process;

use clap::Command;
use clap_complete::{Generator, Shell};

use super::{check, check_names, commands, root, tools};

const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Fish, Shell::Zsh];

fn script(shell: Shell, command: &mut Command) -> String {
    let name = command.get_name().to_string();
    let mut script = Vec::new();
    clap_complete::generate(shell, command, &name, &mut script);
    let script = String::from_utf8(script).unwrap();
    match shell {
        Shell::Bash => script.lines().map(|line| without_placeholders(line) + "\n").collect(),
        Shell::Fish => script + &positional_values(command, &name),
        _ => script,
    }
}

/// Changes clap's bash completion, which offers all options and placeholders such as `[FILE]...` for an empty word, to
/// offer options only for words that start with a dash. If nothing is offered, bash itself completes file names.
fn without_placeholders(line: &str) -> String {
    let trimmed = line.trim_start();
    let Some(words) = trimmed.strip_prefix("opts=\"").and_then(|rest| rest.strip_suffix('"')).filter(|w| !w.is_empty())
    else {
        return line.to_string();
    };
    let indent = &line[..line.len() - trimmed.len()];
    let (options, others): (Vec<&str>, Vec<&str>) = words.split(' ').partition(|word| word.starts_with('-'));
    let is_placeholder = |word: &&str| word.starts_with(['[', '<']);
    let others: Vec<&str> = others.into_iter().filter(|word| !is_placeholder(word)).collect();
    let (options, others) = (options.join(" "), others.join(" "));
    format!("{indent}opts=\"{options}\"\n{indent}[[ ${{cur}} == -* ]] || opts=\"{others}\"")
}

/// Completes the values of positional arguments, which clap's fish completion does not.
fn positional_values(command: &Command, name: &str) -> String {
    let values = command.get_positionals().flat_map(|arg| arg.get_possible_values());
    let line = |value: clap::builder::PossibleValue| {
        let help = value.get_help().map(ToString::to_string).unwrap_or_default().replace('\'', "\\'");
        format!("complete -c {name} -a {} -d '{help}'\n", value.get_name())
    };
    values.map(line).collect()
}

#[test]
fn completions_are_fresh() {
    let mut names = Vec::new();
    for mut command in commands() {
        for shell in SHELLS {
            let file = shell.file_name(command.get_name());
            check(root().join("completions").join(&file), script(shell, &mut command).as_bytes());
            names.push(file);
        }
    }
    check_names("completions", &names);
}

/// Returns the words that a shell offers after a line, or None if the shell is not installed.
fn offers(shell: Shell, folder: &Path, scripts: &Path, line: &str) -> Option<Vec<String>> {
    let mut process = match shell {
        Shell::Bash => {
            // Calls the registered function with the variables that readline sets.
            let code = r#"name=${1%% *}; source "$2/$name.bash"; read -ra COMP_WORDS <<<"$1"
                case $1 in *' ') COMP_WORDS+=('');; esac; COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                function=$(complete -p "$name" | sed 's/.*-F \([^ ]*\).*/\1/')
                "$function" "$name" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
                case ${#COMPREPLY[@]} in 0) compgen -f -- "${COMP_WORDS[COMP_CWORD]}";; *) printf '%s\n' "${COMPREPLY[@]}";; esac"#;
            let mut bash = Process::new("bash");
            bash.args(["--norc", "-c", code, "bash", line]).arg(scripts);
            bash
        }
        Shell::Fish => {
            let mut fish = Process::new("fish");
            let code = "source $argv[2]/(string split -f1 ' ' $argv[1]).fish; complete -C $argv[1]";
            fish.args(["--no-config", "-c", code, line]).arg(scripts);
            fish
        }
        Shell::Zsh => {
            let mut zsh = Process::new("zsh");
            zsh.arg("-f").arg(root().join("tests/documents/offers.zsh")).arg(scripts).arg(line);
            zsh
        }
        _ => return None,
    };
    let Ok(output) = process.current_dir(folder).env("HOME", folder).output() else {
        tools::skip(&format!("{shell} is not installed"));
        return None;
    };
    assert!(output.stderr.is_empty(), "{shell}, {line}: {output:?}");
    let words = String::from_utf8(output.stdout).unwrap();
    let word = |line: &str| line.split('\t').next().unwrap().trim_end_matches('/').to_string();
    Some(words.lines().map(word).collect())
}

#[test]
fn shells_offer_suitable_words() {
    let folder = tempfile::tempdir().unwrap();
    let scripts = tempfile::tempdir().unwrap();
    for mut command in commands() {
        for shell in SHELLS {
            let file = scripts.path().join(shell.file_name(command.get_name()));
            fs::write(file, script(shell, &mut command)).unwrap();
        }
    }
    fs::create_dir(folder.path().join("model-a")).unwrap();
    fs::write(folder.path().join("model-b.safetensors"), "").unwrap();
    fs::write(folder.path().join("text.txt"), "").unwrap();
    let cases: [(&str, &[&str], &[&str]); 8] = [
        ("rnn-gen -m ", &["model-a", "model-b.safetensors"], &["--seed", "alice"]),
        ("rnn-serve --model mod", &["model-a", "model-b.safetensors"], &["text.txt"]),
        ("rnn-fetch ", &["ferry", "alice", "dracula"], &["--list", "[BOOK]..."]),
        ("rnn-fetch ferry fra", &["frankenstein"], &["alice"]),
        ("rnn-plot ", &["history", "architecture", "compare"], &["--theme"]),
        ("rnn-prep ", &["text.txt"], &["[FILE]...", "--level"]),
        ("rnn-prep --level ", &["word", "char", "byte"], &["text.txt"]),
        ("rnn-train --pre", &["--preset"], &["--epochs"]),
    ];
    for shell in SHELLS {
        for (line, wanted, unwanted) in cases {
            let Some(words) = offers(shell, folder.path(), scripts.path(), line) else { continue };
            let has = |word: &&&str| words.iter().any(|offered| offered == **word);
            assert!(wanted.iter().all(|word| has(&word)), "{shell}, {line}: {words:?}");
            assert!(!unwanted.iter().any(|word| has(&word)), "{shell}, {line}: {words:?}");
        }
    }
}
