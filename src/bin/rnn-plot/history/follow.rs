//! Plots a training run in progress and redraws the plot as epochs arrive.

use std::io::BufRead;
use std::path::Path;
use std::sync::mpsc;

use rnn_tools::error::{Error, Result};
use rnn_tools::table::Table;
use serde_json::Value;

use super::History;

/// Whether an object is a row of a history; training may print other objects too.
fn is_row(object: &Value) -> bool {
    let has = |names: [&str; 2]| names.iter().any(|name| object[*name].is_number());
    has(["epoch", "step"]) && has(["loss", "val_loss"])
}

/// Reads JSON lines from standard input until it ends, and calls `show` with the history so far after each. Lines
/// that arrive while a picture is drawn are shown together in the next one.
pub fn follow(smooth: Option<f64>, mut show: impl FnMut(&History) -> Result<()>) -> Result<()> {
    let path = Path::new("-");
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in rnn_tools::io::stdin().lock().lines() {
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut table = Table::empty(path);
    while let Ok(first) = lines.recv() {
        let before = table.rows;
        for line in [first].into_iter().chain(lines.try_iter()) {
            let line = line.map_err(|e| Error::io("read", path, e))?;
            match serde_json::from_str::<Value>(&line) {
                Ok(row) if is_row(&row) => table.push_json(&line).map_err(|e| e.in_file(path))?,
                Ok(_) => {}
                Err(_) if line.trim().is_empty() => {}
                Err(_) => log::warn!("skipped a line that is not JSON"),
            }
        }
        if table.rows > before {
            show(&History::of(std::slice::from_ref(&table), smooth)?)?;
        }
    }
    if table.rows == 0 {
        return Err(
            Error::file(path, "no epoch was read").hint("rnn-train NAME.tokens --json | rnn-plot history --follow")
        );
    }
    Ok(())
}
