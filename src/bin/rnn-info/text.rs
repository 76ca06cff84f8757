//! Formats facts as text: one line per fact, and a table per list.

use std::fmt::Write;

use rnn_tools::format::{self, count};
use serde_json::Value;

/// The width of the text, in columns.
const WIDTH: usize = 100;
/// The width of the label column.
const LABEL: usize = 17;

/// Printed in JSON only if there are layers, which show the same.
const IGNORED: &str = "tensors";

pub fn render(fields: &Value) -> String {
    let mut text = String::new();
    let Value::Object(map) = fields else { return text };
    for (name, value) in map {
        let is_empty = value.is_null()
            || value.as_array().is_some_and(Vec::is_empty)
            || value.as_object().is_some_and(serde_json::Map::is_empty);
        if is_empty || (name == IGNORED && map.contains_key("layers")) {
            continue;
        }
        let label = name.replace('_', " ");
        match value {
            Value::Array(rows) if rows.iter().all(Value::is_object) => {
                writeln!(text, "{label}").expect("writing to a string cannot fail");
                text.push_str(&table(rows));
            }
            Value::Object(_) => text.push_str(&wrapped(&label, &pairs("", value))),
            Value::Array(items) => {
                text.push_str(&wrapped(&label, &items.iter().map(|item| plain("", item)).collect::<Vec<_>>()))
            }
            value => writeln!(text, "{label:LABEL$} {}", plain(name, value)).expect("writing to a string cannot fail"),
        }
    }
    text
}

/// The members of an object; those of nested objects are named by their path.
fn pairs(prefix: &str, value: &Value) -> Vec<String> {
    let Value::Object(map) = value else { return Vec::new() };
    let one = |(name, value): (&String, &Value)| match value {
        Value::Null => Vec::new(),
        Value::Object(_) => pairs(&format!("{prefix}{name}."), value),
        Value::Array(items) if items.is_empty() => Vec::new(),
        value => vec![format!("{prefix}{name} {}", plain(name, value))],
    };
    map.iter().flat_map(one).collect()
}

/// A label and its comma-separated items, wrapped to [`WIDTH`] columns.
fn wrapped(label: &str, items: &[String]) -> String {
    let mut text = format!("{label:LABEL$} ");
    let mut column = text.chars().count();
    for (i, item) in items.iter().enumerate() {
        let comma = if i + 1 < items.len() { "," } else { "" };
        let width = item.chars().count() + comma.len();
        if i > 0 && column + 1 + width > WIDTH {
            text.push('\n');
            text.push_str(&" ".repeat(LABEL + 1));
            column = LABEL + 1;
        } else if i > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(item);
        text.push_str(comma);
        column += width;
    }
    text.push('\n');
    text
}

/// A table of objects that have the same members, with numbers right-aligned.
fn table(rows: &[Value]) -> String {
    let Some(Value::Object(first)) = rows.first() else { return String::new() };
    let names: Vec<&String> = first.keys().collect();
    let cells: Vec<Vec<String>> =
        rows.iter().map(|row| names.iter().map(|name| plain(name, &row[name.as_str()])).collect()).collect();
    let is_number =
        |column: usize| rows.iter().all(|row| matches!(row[names[column].as_str()], Value::Number(_) | Value::Null));
    let widths: Vec<usize> = (0..names.len())
        .map(|c| cells.iter().map(|row| row[c].chars().count()).chain([names[c].chars().count()]).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    let heads: Vec<String> = names.iter().map(|name| name.replace('_', " ")).collect();
    for row in [&heads].into_iter().chain(&cells) {
        let mut line = String::new();
        for (c, cell) in row.iter().enumerate() {
            let width = widths[c];
            line += &if is_number(c) { format!("  {cell:>width$}") } else { format!("  {cell:width$}") };
        }
        writeln!(text, "{}", line.trim_end()).expect("writing to a string cannot fail");
    }
    text
}

fn plain(name: &str, value: &Value) -> String {
    match value {
        Value::Null => "–".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_u64() {
            Some(whole) if name.contains("seed") => whole.to_string(),
            Some(whole) if name == "bytes" => {
                format!("{} ({})", count(whole as usize), format::bytes(whole as usize))
            }
            Some(whole) => count(whole as usize),
            None => format::significant(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| plain(name, item)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(_) => pairs("", value).join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn facts_become_lines_and_tables() {
        let text = render(&json!({
            "kind": "model", "bytes": 4_810_660, "ngram": null, "config": {"cell": "lstm", "size": 1200, "cutoffs": []},
            "parts": [{"part": "train", "tokens": 35_186}, {"part": "valid", "tokens": 4}],
        }));
        assert_eq!(
            text,
            "kind              model\nbytes             4,810,660 (4.8 MB)\nconfig            cell lstm, size 1,200\n\
             parts\n  part   tokens\n  train  35,186\n  valid       4\n"
        );
    }

    #[test]
    fn long_lists_are_wrapped() {
        let many: Vec<String> = (0..60).map(|i| format!("item{i}")).collect();
        let text = wrapped("columns", &many);
        assert!(text.lines().count() > 4 && text.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(text.split_whitespace().count(), 61);
    }
}
