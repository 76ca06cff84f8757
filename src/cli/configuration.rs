//! Options from the environment and a configuration file. The command line overrides `RNN_*` variables, which override
//! the file.
//!
//! Options from a variable or the file are added to the command line, unless the same option or a conflicting one is
//! already present. Each value is therefore checked as if typed.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::ArgAction;
use clap::error::ErrorKind as Kind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches};
use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Result, escaped, quoted};
use crate::io;

/// Options for configuration files.
#[derive(clap::Args, Clone, Debug)]
#[command(next_help_heading = "Common options")]
pub struct Configuration {
    /// Read options from a TOML or JSON file, by name; a table [rnn-...] applies to that command only
    #[arg(long = "config", value_name = "FILE", global = true, value_hint = clap::ValueHint::FilePath)]
    pub config_file: Option<PathBuf>,

    /// Print the options in effect as JSON, for --config, and exit
    #[arg(long, global = true)]
    pub print_config: bool,
}

/// The options in effect.
pub struct Effective {
    pub matches: ArgMatches,
    /// Whether to print the options and exit; required arguments may then be missing.
    pub wants_print: bool,
}

/// Parses a command line with options added from the environment and a file. If clap returns help, the version or a
/// usage error, prints it and returns it as an error.
pub fn parse(command: clap::Command, arguments: Vec<OsString>) -> Result<Effective> {
    let typed = command.clone().ignore_errors(true).try_get_matches_from(&arguments).map_err(report)?;
    let mut built = command.clone();
    built.build();
    let name = command.get_name();
    let (level, given) = match typed.subcommand() {
        Some((name, given)) => (built.find_subcommand(name).expect("clap found it"), given),
        None => (&built, &typed),
    };
    let file = given
        .try_get_one::<PathBuf>("config_file")
        .ok()
        .flatten()
        .cloned()
        .or_else(|| accepts_file(level).then(|| env::var_os("RNN_CONFIG").map(PathBuf::from))?);
    let values = match &file {
        Some(path) => read(path, name).and_then(|values| match unknown_key(&built, &values) {
            Some(key) => Err(Error::file(path, format!("{name} has no option `{key}`"))),
            None => Ok(values),
        })?,
        None => Map::new(),
    };

    let mut added = Vec::new();
    for option in options(level) {
        let source = given.value_source(option.get_id().as_str());
        let conflicts = |other: &Arg| {
            given.value_source(other.get_id().as_str()) == Some(ValueSource::CommandLine)
                && (level.get_arg_conflicts_with(option).iter().any(|arg| arg.get_id() == other.get_id())
                    || level.get_arg_conflicts_with(other).iter().any(|arg| arg.get_id() == option.get_id()))
        };
        if source == Some(ValueSource::CommandLine) || level.get_arguments().any(conflicts) {
            continue;
        }
        let variable = variable(option);
        if let Some(text) = variable.as_ref().and_then(env::var_os).filter(|text| !text.is_empty()) {
            let name = variable.unwrap_or_default();
            added.extend(to_arguments(option, &[text]).map_err(|e| e.context(name).with_kind(ErrorKind::Usage))?);
        } else if let Some(value) = values.get(long(option)).filter(|_| source != Some(ValueSource::EnvVariable)) {
            let arguments = texts(value)
                .ok_or_else(|| Error::invalid(format!("`{}` must be a value or a list", long(option))))
                .and_then(|texts| to_arguments(option, &texts));
            added.extend(arguments.map_err(|e| e.in_file(file.as_ref().expect("a value has a file")))?);
        }
    }

    let place = match typed.subcommand_name() {
        Some(name) => arguments.iter().position(|argument| argument == name).map_or(1, |at| at + 1),
        None => 1,
    };
    let mut all = arguments;
    let place = place.min(all.len());
    all.splice(place..place, added.clone());
    let wants_print = given.try_get_one::<bool>("print_config").ok().flatten().copied().unwrap_or(false);
    match command.clone().try_get_matches_from(&all) {
        Ok(matches) => Ok(Effective { matches, wants_print }),
        Err(error) if wants_print && error.kind() == Kind::MissingRequiredArgument => {
            let matches = command.ignore_errors(true).try_get_matches_from(&all).map_err(report)?;
            Ok(Effective { matches, wants_print })
        }
        Err(error) => {
            let reported = report(error);
            if !added.is_empty() {
                let added: Vec<_> = added.iter().map(|argument| argument.to_string_lossy()).collect();
                let file = file.map(|path| format!(" or {}", quoted(path))).unwrap_or_default();
                eprintln!("hint: from the environment{file}: {}", escaped(&added.join(" ")));
            }
            Err(reported)
        }
    }
}

/// Prints clap's output: help, the version or a usage error.
pub fn report(error: clap::Error) -> Error {
    let is_control = |c: char| c.is_control() && c != '\n';
    if error.context().any(|(_, value)| value.to_string().contains(is_control)) {
        // A value from a file could control the terminal.
        let text = error.render().to_string();
        eprintln!("{}", text.lines().map(escaped).collect::<Vec<_>>().join("\n"));
    } else {
        // Nothing can be done if the output is closed.
        let _ = error.print();
    }
    Error::reported(error.exit_code() as u8)
}

/// Returns the value of every option that has one. Keys have underscores, as in the files that the commands write.
pub fn effective(command: &clap::Command, matches: &ArgMatches) -> Map<String, Value> {
    let mut built = command.clone();
    built.build();
    let (level, matches) = match matches.subcommand() {
        Some((name, matches)) => (built.find_subcommand(name).expect("clap found it"), matches),
        None => (&built, matches),
    };
    let mut values = Map::new();
    for option in options(level) {
        let id = option.get_id().as_str();
        let is_common = matches!(id, "verbose" | "quiet" | "config_file");
        if is_common || matches.value_source(id).is_none() {
            continue;
        }
        let texts = matches.get_raw(id).into_iter().flatten().map(|text| value(&text.to_string_lossy()));
        let mut texts: Vec<Value> = texts.collect();
        let is_list = matches!(option.get_action(), ArgAction::Append) || option.get_value_delimiter().is_some();
        let value = if is_list { Value::Array(texts) } else { texts.swap_remove(0) };
        values.insert(long(option).replace('-', "_"), value);
    }
    values
}

/// Returns the options that variables and files can set: those with a long name, except those that only print.
fn options(command: &clap::Command) -> impl Iterator<Item = &Arg> {
    let only_print = ["help", "version", "print_config"];
    command.get_arguments().filter(move |arg| arg.get_long().is_some() && !only_print.contains(&arg.get_id().as_str()))
}

fn long(option: &Arg) -> &str {
    option.get_long().expect("options have a name")
}

fn accepts_file(command: &clap::Command) -> bool {
    command.get_arguments().any(|arg| arg.get_id() == "config_file")
}

/// Returns the name of an option's variable: `RNN_TOP_P` for `--top-p`. `RNN_LOG` is reserved for the logger.
fn variable(option: &Arg) -> Option<String> {
    let name = format!("RNN_{}", long(option).to_uppercase().replace('-', "_"));
    (name != "RNN_LOG").then_some(name)
}

/// Reads a TOML or JSON file. Keys are converted to option names; the command's own table overrides other keys.
fn read(path: &Path, command: &str) -> Result<Map<String, Value>> {
    parse_file(&io::read_text(path)?, path, command)
}

/// Like [`read`], for the text of the file.
pub fn parse_file(text: &str, path: &Path, command: &str) -> Result<Map<String, Value>> {
    let values: Map<String, Value> = match text.trim_start().starts_with('{') {
        true => serde_json::from_str(text).map_err(|e| Error::file(path, e))?,
        false => toml::from_str(text).map_err(|e| Error::file(path, one_line(&e.to_string())))?,
    };
    let (tables, mut keys): (Map<_, _>, Map<_, _>) =
        values.into_iter().partition(|(key, value)| value.is_object() && key.starts_with("rnn-"));
    if let Some(Value::Object(own)) = tables.get(command) {
        keys.extend(own.clone());
    }
    Ok(keys.into_iter().map(|(key, value)| (key.replace('_', "-"), value)).collect())
}

/// Shortens a TOML error to one line: its first and last lines are text, and the others quote the file.
fn one_line(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines[..] {
        [first, .., last] => format!("{first}: {last}"),
        _ => lines.concat(),
    }
}

fn unknown_key<'a>(command: &clap::Command, values: &'a Map<String, Value>) -> Option<&'a str> {
    let levels = || std::iter::once(command).chain(command.get_subcommands());
    let is_known = |key: &str| levels().any(|level| options(level).any(|option| long(option) == key));
    values.keys().map(String::as_str).find(|key| !is_known(key))
}

/// Converts a value to arguments as typed: several for a list, none for null.
fn texts(value: &Value) -> Option<Vec<OsString>> {
    match value {
        Value::Null => Some(Vec::new()),
        Value::Array(values) => values.iter().map(texts).collect::<Option<Vec<_>>>().map(|texts| texts.concat()),
        Value::Object(_) => None,
        Value::String(text) => Some(vec![text.into()]),
        Value::Bool(_) | Value::Number(_) => Some(vec![value.to_string().into()]),
    }
}

/// Returns the arguments that set an option to these values.
fn to_arguments(option: &Arg, texts: &[OsString]) -> Result<Vec<OsString>> {
    let name = OsString::from(format!("--{}", long(option)));
    let one = |text: &OsString| [name.as_os_str(), text].join("=".as_ref());
    match option.get_action() {
        ArgAction::Append => Ok(texts.iter().map(one).collect()),
        action @ (ArgAction::SetTrue | ArgAction::Count) => {
            let [text] = texts else { return Err(Error::invalid(format!("`{}` takes one value", long(option)))) };
            let times = match text.to_str() {
                Some("true" | "yes" | "on") => 1,
                Some("false" | "no" | "off") => 0,
                text => text
                    .and_then(|text| text.parse::<usize>().ok())
                    .filter(|&times| times < 2 || matches!(action, ArgAction::Count) && times < 9)
                    .ok_or_else(|| Error::invalid(format!("`{}` must be true or false", long(option))))?,
            };
            Ok(vec![name; times])
        }
        _ if texts.is_empty() => Ok(Vec::new()),
        _ => match option.get_value_delimiter() {
            Some(delimiter) => Ok(vec![one(&texts.join(delimiter.to_string().as_ref()))]),
            None if texts.len() == 1 => Ok(vec![one(&texts[0])]),
            None => Err(Error::invalid(format!("`{}` takes one value", long(option)))),
        },
    }
}

/// Converts a text to a number or Boolean if it is exactly one; otherwise to a string.
fn value(text: &str) -> Value {
    let value: Option<Value> =
        serde_json::from_str(text).ok().filter(|value: &Value| value.is_number() || value.is_boolean());
    value.filter(|value| value.to_string().as_str() == text).unwrap_or_else(|| text.into())
}
