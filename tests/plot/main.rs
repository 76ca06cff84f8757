//! Runs rnn-plot as users do: pictures match their data, and errors leave no files behind.

mod architecture;
mod history;
mod svg;
mod texts;

use std::fs;

use serde_json::json;

use architecture::write_model;
use history::history;
use svg::*;

#[test]
fn a_terminal_gets_plain_text() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.csv"), history(12)).unwrap();
    write_model(&folder.path().join("model.safetensors"), 40, 2, true, json!({"dropout_hidden": 0.5}));
    for args in [
        &["history", "a.csv", "--term"][..],
        &["architecture", ".", "--term"],
        &["architecture", "--cell", "gru", "--term"],
    ] {
        let output = plot(folder.path(), args);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && output.stderr.is_empty());
        assert!(!text.contains(|c: char| c.is_control() && c != '\n') && text.lines().count() > 15, "{text}");
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        let words: &[&str] = match args[0] {
            "history" => &["Training history", "●", "□", "best epoch", "Loss", "Accuracy"],
            _ if args.contains(&"gru") => &["Gated recurrent unit", "tanh", "update gate"],
            _ => &["LSTM 2", "╭─", "1,248 parameters", "tied"],
        };
        assert!(words.iter().all(|word| text.contains(word)), "{text}");
    }
    assert_usage(folder.path(), &["history", "a.csv", "--term", "-o", "a.png"], "--term");
}

#[test]
fn the_output_is_checked_before_the_input_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for output in ["a.gif", "a", ".svg"] {
        let about = format!("'{output}'");
        assert_refused(folder.path(), &["history", "none.csv", "-o", output], 2, &about);
        assert_refused(folder.path(), &["architecture", "none", "-o", output], 2, &about);
    }
    assert_refused(folder.path(), &["history", "none.csv", "-o", "-"], 2, "--format");
    fs::write(folder.path().join("a.csv"), history(2)).unwrap();
    plotted(folder.path(), &["history", "a.csv", "-q", "-o", "a.gif", "--format", "png"]);
    assert_eq!(bitmap(&folder.path().join("a.gif")).width, 1600);
    plotted(folder.path(), &["history", "a.csv", "-q", "--format", "svg"]);
    assert!(fs::read_to_string(folder.path().join("history.svg")).unwrap().starts_with("<svg "));
    assert_refused(folder.path(), &["history", "a.csv", "-o", "none/a.png"], 1, "cannot write 'none/a.png': ");
}
