//! Man pages: OPTIONS is generated from the argument definitions, the rest is handwritten in `man/prose/NAME.roff`.
//!
//! A fragment starts with the text that follows the generated DESCRIPTION, continues with its own sections, and ends
//! with the section ENVIRONMENT, to which `closing.roff` adds the parts common to all commands. Quotes and dashes in
//! fragments are plain, so that the examples can be run unchanged (tests/examples.rs); they are escaped here.

use std::fs;
use std::process::{Command as Process, Stdio};

use clap::Command;
use clap_mangen::Man;

use super::{check, check_names, commands, root, tools};

/// The date of the pages; update it when their prose changes.
const DATE: &str = "2026-11-24";

fn fragment(name: &str) -> String {
    fs::read_to_string(root().join(format!("man/prose/{name}.roff"))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// Returns the title line of a page.
fn title(name: &str, section: u8) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(".TH {} {section} \"{DATE}\" \"rnn-tools {version}\" \"rnn-tools\"\n", name.to_uppercase())
}

/// Returns the page of a command.
fn page(command: &Command, name: &str, all: &[String]) -> String {
    let usage = command.clone().bin_name(name.replacen("rnn-plot-", "rnn-plot ", 1)).render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_string();
    let command = command.clone().disable_help_subcommand(true).override_usage(usage).version(None::<&str>);
    // The page of a subcommand is found as `man rnn-plot-history`; clap requires static names.
    let man = Man::new(command.name(&*name.to_string().leak()));
    let rendered = |render: fn(&Man, &mut dyn std::io::Write) -> std::io::Result<()>| {
        let mut text = Vec::new();
        render(&man, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        // Each part starts with the same definition of the apostrophe.
        text.lines()
            .filter(|line| !line.starts_with(".ie ") && !line.starts_with(".el "))
            .fold(String::new(), |text, line| text + line + "\n")
    };
    let prose = escaped(&fragment(name));
    let (description, sections) = prose.split_at(prose.find(".SH ").expect("a fragment has sections"));
    let mut page = String::from(".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n");
    page += &title(name, 1);
    page += &rendered(Man::render_name_section);
    page += &rendered(Man::render_synopsis_section);
    page += &rendered(Man::render_description_section);
    page += description;
    page += &options(&rendered(Man::render_options_section));
    if name == "rnn-plot" {
        page += &rendered(Man::render_subcommands_section);
    }
    page += sections;
    page += &escaped(&fragment("closing"));
    page += ".SH SEE ALSO\n";
    let others: Vec<&String> = all.iter().filter(|other| *other != name && is_related(name, other)).collect();
    for other in others {
        page += &format!(".BR {} (1),\n", other.replace('-', "\\-"));
    }
    page += ".BR rnn (7)\n";
    tidy(&page)
}

/// Commands are related to all pages, subcommands of rnn-plot only to rnn-plot.
fn is_related(name: &str, other: &str) -> bool {
    !other.starts_with("rnn-plot-") || name == "rnn-plot"
}

/// Converts the headings of option groups to subsections of OPTIONS.
fn options(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        match line.strip_prefix(".SH ") {
            Some("OPTIONS") | None => out += line,
            Some(heading) => {
                let heading = heading.trim_matches('"').to_lowercase();
                let (first, rest) = heading.split_at(1);
                out += &format!(".SS \"{}{rest}\"", first.to_uppercase());
            }
        }
        out.push('\n');
    }
    out
}

/// Escapes a fragment for roff: dashes everywhere, quotes and backslashes in examples.
fn escaped(fragment: &str) -> String {
    let (mut out, mut is_example) = (String::new(), false);
    for line in fragment.lines() {
        is_example = (is_example || line == ".EX") && line != ".EE";
        let line = match is_example && line != ".EX" {
            true => line.replace('\\', "\\e").replace('\'', "\\(aq").replace('`', "\\(ga").replace('~', "\\(ti"),
            false => line.to_string(),
        };
        let is_comment = line.starts_with(".\\\"");
        if !is_comment {
            let line = line.replace("\\-", "-").replace('-', "\\-");
            // A line of an example must not look like a request.
            out += if is_example && line != ".EX" && line.starts_with('.') { "\\&" } else { "" };
            out += &line;
            out.push('\n');
        }
    }
    out
}

/// Wraps lines at 80 bytes outside examples, and removes trailing blanks.
fn tidy(page: &str) -> String {
    let page = page.replace(".br\n\n.br\n", ".sp\n");
    let (mut out, mut is_example) = (String::new(), false);
    for line in page.lines() {
        is_example = (is_example || line == ".EX") && line != ".EE";
        let line = line.trim_end();
        if line.starts_with('.') || is_example {
            out += line;
            out.push('\n');
            continue;
        }
        let mut column = 0;
        for word in line.split(' ').filter(|word| !word.is_empty()) {
            let begins_request = word.starts_with(['.', '\'']);
            if column > 0 && column + word.len() >= 79 && !begins_request {
                out.push('\n');
                column = 0;
            }
            if column > 0 {
                out.push(' ');
            } else if begins_request {
                out += "\\&";
            }
            out += word;
            column += word.len() + 1;
        }
        out.push('\n');
    }
    out
}

/// Returns all pages with their file names.
fn pages() -> Vec<(String, String)> {
    let mut named: Vec<(String, Command)> = Vec::new();
    for mut command in commands() {
        let name = command.get_name().to_string();
        named.push((name.clone(), command.clone()));
        command.build();
        let pictures = command.get_subcommands().filter(|picture| picture.get_name() != "help");
        named.extend(pictures.map(|picture| (format!("{name}-{}", picture.get_name()), picture.clone())));
    }
    let all: Vec<String> = named.iter().map(|(name, _)| name.clone()).collect();
    let mut pages: Vec<(String, String)> =
        named.iter().map(|(name, command)| (format!("{name}.1"), page(command, name, &all))).collect();
    pages.push(("rnn.7".into(), tidy(&(title("rnn", 7) + &escaped(&fragment("rnn"))))));
    pages
}

#[test]
fn man_pages_are_fresh() {
    let pages = pages();
    for (file, page) in &pages {
        check(root().join("man").join(file), page.as_bytes());
    }
    check_names("man", &pages.into_iter().map(|(file, _)| file).collect::<Vec<String>>());
}

/// Checks the pages with `man -l` and `mandoc -Tlint`, if installed.
#[test]
fn man_pages_are_clean() {
    let folder = tempfile::tempdir().unwrap();
    for (file, page) in pages() {
        let path = folder.path().join(&file);
        fs::write(&path, page).unwrap();
        let mandoc = Process::new("mandoc").args(["-Tlint", "-Wstyle"]).arg(&path).output();
        match mandoc {
            Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stdout), "", "mandoc on {file}"),
            Err(_) => tools::skip("mandoc is not installed"),
        }
        let man =
            Process::new("man").args(["--warnings", "-E", "UTF-8", "-l"]).arg(&path).stdin(Stdio::null()).output();
        match man {
            Ok(output) if output.status.success() => {
                assert_eq!(String::from_utf8_lossy(&output.stderr), "", "man on {file}");
                assert!(output.stdout.len() > 500, "{file}");
            }
            _ => tools::skip("man-db is not installed"),
        }
    }
}
