//! Man pages: OPTIONS from the argument definitions, the rest by hand from `man/prose/NAME.roff`.
//!
//! A fragment begins with what stands after the generated DESCRIPTION, goes on with sections of its own, and ends
//! in the section ENVIRONMENT, to which `closing.roff` adds what holds for every command. Quotes and dashes are
//! written plainly in fragments, so that examples can be run as they stand (tests/examples.rs); they are escaped here.

use std::fs;
use std::process::{Command as Process, Stdio};

use clap::Command;
use clap_mangen::Man;

use super::{check, check_names, commands, root, tools};

/// Of the pages; to be moved when their prose changes.
const DATE: &str = "2026-11-24";

fn fragment(name: &str) -> String {
    fs::read_to_string(root().join(format!("man/prose/{name}.roff"))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

/// The first lines of a page.
fn title(name: &str, section: u8) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(".TH {} {section} \"{DATE}\" \"rnn-tools {version}\" \"rnn-tools\"\n", name.to_uppercase())
}

/// A command's page.
fn page(command: &Command, name: &str, all: &[String]) -> String {
    let usage = command.clone().bin_name(name.replacen("rnn-plot-", "rnn-plot ", 1)).render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").to_string();
    let command = command.clone().disable_help_subcommand(true).override_usage(usage).version(None::<&str>);
    // The page of a subcommand is found as `man rnn-plot-history`; clap wants names that live for ever.
    let man = Man::new(command.name(&*name.to_string().leak()));
    let rendered = |render: fn(&Man, &mut dyn std::io::Write) -> std::io::Result<()>| {
        let mut text = Vec::new();
        render(&man, &mut text).unwrap();
        let text = String::from_utf8(text).unwrap();
        // Each part begins with the same definition of an apostrophe.
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

/// Every command is, and a picture is to rnn-plot.
fn is_related(name: &str, other: &str) -> bool {
    !other.starts_with("rnn-plot-") || name == "rnn-plot"
}

/// Headings of options as parts of one section.
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

/// A fragment in roff: in examples a quote is a quote, and a dash is a dash everywhere.
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

/// Lines of at most 80 bytes outside of examples, and no blanks that nobody sees.
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

/// Every page by its file name.
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

/// What `man -l` complains of, and `mandoc -Tlint`, where these are installed.
#[test]
fn man_pages_are_clean() {
    let folder = tempfile::tempdir().unwrap();
    for (file, page) in pages() {
        let path = folder.path().join(&file);
        fs::write(&path, page).unwrap();
        let mandoc = Process::new("mandoc").args(["-Tlint", "-Wstyle"]).arg(&path).output();
        match mandoc {
            Ok(said) => assert_eq!(String::from_utf8_lossy(&said.stdout), "", "mandoc on {file}"),
            Err(_) => tools::skip("mandoc is not installed"),
        }
        let man =
            Process::new("man").args(["--warnings", "-E", "UTF-8", "-l"]).arg(&path).stdin(Stdio::null()).output();
        match man {
            Ok(said) if said.status.success() => {
                assert_eq!(String::from_utf8_lossy(&said.stderr), "", "man on {file}");
                assert!(said.stdout.len() > 500, "{file}");
            }
            _ => tools::skip("man-db is not installed"),
        }
    }
}
