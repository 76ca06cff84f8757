//! The differences between two files, fact by fact.

use std::fmt;

use serde_json::{Value, json};

/// Facts that do not describe the contents, or that follow from others.
const IGNORED: [&str; 6] = ["file", "modified", "bytes", "fingerprint", "sha256", "layers"];

pub struct Difference {
    /// The keys that lead to the fact, joined by dots.
    pub path: String,
    pub values: (Value, Value),
}

impl Difference {
    pub fn json(&self) -> String {
        format!("{}\n", json!({"path": self.path, "a": self.values.0, "b": self.values.1}))
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let plain = |value: &Value| match value {
            Value::Null => "none".into(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        writeln!(f, "{}: {} | {}", self.path, plain(&self.values.0), plain(&self.values.1))
    }
}

/// Returns the facts that differ; the hash of the files only if no other fact does.
pub fn compare(a: &Value, b: &Value) -> Vec<Difference> {
    let mut all = Vec::new();
    walk("", a, b, &mut all);
    let hash = ["fingerprint", "sha256"].into_iter().find(|name| a[name] != b[name]);
    if let Some(name) = hash.filter(|_| all.is_empty()) {
        all.push(Difference { path: name.into(), values: (a[name].clone(), b[name].clone()) });
    }
    all
}

fn walk(path: &str, a: &Value, b: &Value, all: &mut Vec<Difference>) {
    if a == b || IGNORED.contains(&path) {
        return;
    }
    let under = |name: &str| if path.is_empty() { name.to_string() } else { format!("{path}.{name}") };
    match (a, b) {
        (Value::Object(x), Value::Object(y)) => {
            let names = x.keys().chain(y.keys().filter(|name| !x.contains_key(*name)));
            names.for_each(|name| walk(&under(name), &a[name], &b[name], all));
        }
        (Value::Array(x), Value::Array(y)) if x.iter().chain(y).any(Value::is_object) => {
            let find = |items: &[Value], name: &str| {
                items.iter().enumerate().find(|(i, item)| self::name(*i, item) == name).map(|(_, item)| item.clone())
            };
            let mut names: Vec<String> = Vec::new();
            for name in [x, y].into_iter().flat_map(|items| items.iter().enumerate().map(|(i, item)| name(i, item))) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            for name in names {
                let (a, b) = (find(x, &name), find(y, &name));
                walk(&under(&name), &a.unwrap_or_default(), &b.unwrap_or_default(), all);
            }
        }
        _ => all.push(Difference { path: path.into(), values: (a.clone(), b.clone()) }),
    }
}

/// The name of a list item: its first member if that is a string, or else its number, from 1.
fn name(index: usize, item: &Value) -> String {
    let first = item.as_object().and_then(|object| object.values().next()).and_then(Value::as_str);
    first.map_or_else(|| (index + 1).to_string(), str::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_differences_are_listed() {
        let a = json!({"file": "a", "config": {"x": 1, "y": [1, 2]}, "rows": [{"n": "p", "v": 1}, {"n": "q", "v": 2}], "sha256": "p"});
        let b = json!({"file": "b", "config": {"x": 1, "y": [1, 3], "z": null}, "rows": [{"n": "q", "v": 3}], "sha256": "q"});
        let paths: Vec<String> = compare(&a, &b).into_iter().map(|d| d.path).collect();
        assert_eq!(paths, ["config.y", "rows.p", "rows.q.v"]);
        assert!(compare(&a, &a).is_empty());
        let other = json!({"file": "c", "config": {"x": 1, "y": [1, 2]}, "rows": [{"n": "p", "v": 1}, {"n": "q", "v": 2}], "sha256": "q"});
        assert_eq!(compare(&a, &other)[0].path, "sha256");
    }
}
