//! Options from the environment and from a file, and what --print-config says of them.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

mod shell;
use shell::sh;

/// What a command line with --print-config prints.
fn printed(folder: &Path, line: &str) -> Value {
    let ran = sh(folder, line);
    serde_json::from_str(&ran.succeeds().stdout).unwrap()
}

#[test]
fn flags_win_over_the_environment_and_that_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("rnn.toml"),
        "top-k = 3\ntop_p = 0.3\nmin-p = 0.03\n[rnn-gen]\nwords = 7\n[rnn-eval]\nlines = true\n",
    )
    .unwrap();
    let line = "RNN_TOP_P=0.2 RNN_MIN_P=0.02 rnn-gen --config rnn.toml --min-p 0.01 --print-config";
    let values = printed(at, line);
    assert_eq!(
        (&values["top_k"], &values["top_p"], &values["min_p"], &values["words"]),
        (&json!(3), &json!(0.2), &json!(0.01), &json!(7))
    );
    assert_eq!(values["temperature"], 1, "a default");
    fs::write(at.join("rnn.json"), r#"{"top-k": 4, "ban": ["a", "b"], "json": true, "seed": "12"}"#).unwrap();
    let values = printed(at, "RNN_CONFIG=rnn.json rnn-gen --print-config");
    assert_eq!((&values["top_k"], &values["ban"], &values["json"]), (&json!(4), &json!(["a", "b"]), &json!(true)));
    // A list on the command line stands for itself, and a variable can take a flag back.
    let values = printed(at, "RNN_JSON=no RNN_BAN= rnn-gen --config rnn.json --ban c --print-config");
    assert_eq!((&values["ban"], &values["json"]), (&json!(["c"]), &json!(false)));
}

#[test]
fn what_is_printed_can_be_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for line in [
        "rnn-gen -m a -m b --until 0.10 --seed 'x \"y\" ' --bias=the=-1 --mix 0.5,0.5 -r 18446744073709551615",
        "rnn-plot history --smooth 0.5 --theme dark",
        "rnn-eval -m a --dynamic --per token",
        "rnn-prep --max-vocab 10 --level char --valid 0.2",
        "rnn-fetch --wait 0.5 --mirror a --mirror b",
        "rnn-serve -m a --batch 3",
    ] {
        let first = sh(at, &format!("{line} --print-config > run.json && cat run.json"));
        let command = line.split(" -").next().unwrap();
        let second = sh(at, &format!("{command} --config run.json --print-config"));
        assert_eq!(first.succeeds().stdout, second.succeeds().stdout, "{line}");
        assert!(first.stdout.lines().count() > 3, "{line}: {first:?}");
    }
}

#[test]
fn what_the_command_line_says_drops_what_conflicts_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("seed.toml"), "seed-file = 'text'\n").unwrap();
    let values = printed(at, "rnn-gen --config seed.toml --seed 'the bell' --print-config");
    assert_eq!((&values["seed"], values.get("seed_file")), (&json!("the bell"), None));
    let values = printed(at, "RNN_TOP_K=5 rnn-gen --beams 4 --print-config");
    assert_eq!((&values["beams"], values.get("top_k")), (&json!(4), None));
}

#[test]
fn what_a_platform_says_is_part_of_the_environment() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(at.join("serve.toml"), "port = 1111\nbatch = 2\n").unwrap();
    let port = |line: &str| printed(at, &format!("{line} --print-config"))["port"].clone();
    assert_eq!(port("rnn-serve --config serve.toml"), 1111);
    assert_eq!(port("PORT=2222 rnn-serve --config serve.toml"), 2222);
    assert_eq!(port("PORT=2222 RNN_PORT=3333 rnn-serve --config serve.toml"), 3333);
    assert_eq!(port("PORT=2222 RNN_PORT=3333 rnn-serve --config serve.toml -p 4444"), 4444);
}

#[test]
fn errors_name_the_file_or_the_variable() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    sh(at, "rnn-gen -m x --config nothing.toml").fails(1, "cannot open 'nothing.toml'");
    for (text, reason) in [
        ("top-kk = 1", "rnn-gen has no option `top-kk`"),
        ("top-k = ", "'bad': TOML"),
        ("{\"top-k\": }", "'bad': expected value"),
        ("top-k = [1, 2]", "`top-k` takes one value"),
        ("json = 'perhaps'", "`json` must be true or false"),
        ("top-k = { a = 1 }", "`top-k` must be a value or a list"),
    ] {
        fs::write(at.join("bad"), text).unwrap();
        sh(at, "rnn-gen -m x --config bad").fails(1, reason);
    }
    sh(at, "RNN_JSON=perhaps rnn-gen -m x").fails(2, "RNN_JSON: `json` must be");
    let wrong = sh(at, "RNN_TOP_K=ten rnn-gen -m x");
    wrong.fails(2, "invalid value 'ten' for '--top-k <K>'");
    assert!(wrong.stderr.contains("--top-k=ten"), "where it comes from: {wrong:?}");
    // The logger's variable is no option.
    sh(at, "RNN_LOG=debug rnn-plot compare -y loss x --print-config").succeeds();
}

#[cfg(feature = "train")]
#[test]
fn rnn_train_prints_every_setting() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let values = printed(at, "rnn-train --preset classic --epochs 3 --cutoffs 100,200 --print-config");
    assert_eq!(
        (&values["hidden_size"], &values["epochs"], &values["cutoffs"], &values["preset"]),
        (&json!(150), &json!(3), &json!([100, 200]), &json!("classic"))
    );
    fs::write(at.join("run.json"), values.to_string()).unwrap();
    assert_eq!(printed(at, "rnn-train --config run.json --print-config"), values);
    sh(at, "rnn-train --epochs 0 --print-config").fails(2, "--epochs");
    assert_eq!(fs::read_dir(at).unwrap().count(), 1, "nothing is written");
}
