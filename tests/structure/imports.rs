//! Extracts the paths in a Rust file, both from `use` items, including nested groups, and from other code.

/// A path such as `crate::io::Read`, as its segments.
#[derive(Debug, Clone, PartialEq)]
pub struct Import {
    pub segments: Vec<String>,
    /// The name in this file: the one after `as`, otherwise the last segment.
    pub name: String,
    /// Whether it is part of a `pub use`.
    pub is_reexport: bool,
    /// Whether it is in an inline module; only tests use those.
    pub in_tests: bool,
}

/// Returns all paths of two or more segments. In an inline module, `super` refers to the file, so it is converted to
/// `self`.
pub fn imports(source: &str) -> Vec<Import> {
    let tokens = tokens(source);
    let token = |at: usize| tokens.get(at).map_or("", String::as_str);
    let (mut found, mut at, mut depth, mut inline) = (Vec::new(), 0, 0, Vec::new());
    let mut is_reexport = false;
    while at < tokens.len() {
        match token(at) {
            "{" => depth += 1,
            "}" => {
                depth -= 1;
                inline.pop_if(|opened| *opened == depth);
            }
            "mod" if token(at + 2) == "{" => inline.push(depth),
            "use" => is_reexport = at > 0 && (token(at - 1) == "pub" || token(at - 1) == ")"),
            ";" => is_reexport = false,
            name if is_name(name) && token(at + 1) == "::" => {
                let before = found.len();
                at = tree(&tokens, at, Vec::new(), &mut found);
                for import in &mut found[before..] {
                    import.is_reexport = is_reexport;
                    import.in_tests = !inline.is_empty();
                    leave_inline_modules(&mut import.segments, inline.len());
                }
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Parses the path or group of paths at `at` and returns its end.
fn tree(tokens: &[String], mut at: usize, mut segments: Vec<String>, found: &mut Vec<Import>) -> usize {
    let token = |at: usize| tokens.get(at).map_or("", String::as_str);
    loop {
        match token(at) {
            "{" => {
                at += 1;
                while !matches!(token(at), "}" | "") {
                    at = if token(at) == "," { at + 1 } else { tree(tokens, at, segments.clone(), found) };
                }
                return at + 1;
            }
            name if is_name(name) || name == "*" => {
                // `use crate::io::{self, Read}`
                if name != "self" || segments.is_empty() {
                    segments.push(name.to_string());
                }
                at += 1;
            }
            // Generic arguments or something else that is not a path; its parts are parsed separately.
            _ => at += usize::from(at == 0),
        }
        let continues = token(at) == "::" && (is_name(token(at + 1)) || matches!(token(at + 1), "{" | "*"));
        if !continues {
            let mut name = segments.last().cloned().unwrap_or_default();
            if token(at) == "as" {
                name = token(at + 1).to_string();
                at += 2;
            }
            at += usize::from(token(at) == "::");
            found.push(Import { segments, name, is_reexport: false, in_tests: false });
            return at;
        }
        at += 1;
    }
}

fn leave_inline_modules(segments: &mut Vec<String>, depth: usize) {
    let supers = segments.iter().take_while(|segment| *segment == "super").count();
    let inside = supers.min(depth);
    if inside > 0 {
        segments.drain(..inside);
        if supers == inside {
            segments.insert(0, "self".into());
        }
    }
}

/// Splits the source into names, `::` and single characters, without comments, strings and character literals.
fn tokens(source: &str) -> Vec<String> {
    let (mut found, mut rest) = (Vec::new(), source);
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(length) = raw_string(rest) {
            length
        } else if first == '"' {
            quoted(rest, '"').unwrap_or(rest.len())
        } else if first == '\'' {
            // A character literal or the start of a lifetime.
            let is_character = rest[1..].starts_with('\\') || rest.chars().nth(2) == Some('\'');
            is_character.then(|| quoted(rest, '\'')).flatten().unwrap_or(1)
        } else if first.is_alphanumeric() || first == '_' {
            let length = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            found.push(rest[..length].to_string());
            length
        } else {
            let length = if rest.starts_with("::") { 2 } else { first.len_utf8() };
            if !first.is_whitespace() {
                found.push(rest[..length].to_string());
            }
            length
        };
        rest = &rest[length..];
    }
    found
}

/// Returns the length of a quoted text, including both quotes.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, c)| {
        let ends = *c == quote && !escaped;
        escaped = *c == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| at + 1)
}

/// Returns the length of `r"…"`, `r#"…"#` or `br"…"`.
fn raw_string(text: &str) -> Option<usize> {
    let hashes = text.strip_prefix("br").or(text.strip_prefix('r'))?;
    let count = hashes.len() - hashes.trim_start_matches('#').len();
    let end = format!("\"{}", "#".repeat(count));
    let body = hashes[count..].strip_prefix('"')?;
    Some(text.len() - body.len() + body.find(&end)? + end.len())
}

#[test]
fn every_form_of_import_is_found() {
    let source = r##"
        // use crate::comment::X;
        use crate::{history, io::{self, Read as R}, text::*};
        pub use super::model::Config;
        const TEXT: &str = "crate::quoted::X"; const RAW: &str = r#"crate::raw::"X"#;
        fn f<'a>(c: char) -> crate::engine::Model<'a> { let q = '"'; Vec::<super::state::State>::new() }
        mod tests { use super::*; use super::super::level; }
        use self::last::X;
    "##;
    let found = imports(source);
    let paths: Vec<String> = found.iter().map(|import| import.segments.join("::")).collect();
    let expected = [
        "crate::history",
        "crate::io",
        "crate::io::Read",
        "crate::text::*",
        "super::model::Config",
        "crate::engine::Model",
        "Vec",
        "super::state::State",
        "self::*",
        "super::level",
        "self::last::X",
    ];
    assert_eq!(paths, expected);
    assert_eq!(found[2].name, "R");
    assert!(found.iter().all(|import| import.is_reexport == (import.name == "Config")));
    let in_tests = found.iter().filter(|import| import.in_tests);
    assert_eq!(in_tests.map(|import| &import.segments[0]).collect::<Vec<_>>(), ["self", "super"]);
}
