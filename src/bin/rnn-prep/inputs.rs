//! The input files: expands arguments, and finds files that are given twice.

use std::collections::HashMap;
use std::path::PathBuf;

use rnn_tools::dataset::Part;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;
use rnn_tools::outputs::Identity;

use crate::folders::{self, Found, Wanted};
use crate::patterns;

/// An input file.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    pub path: PathBuf,
    pub part: Part,
    /// Whether the file was found in a folder or by a pattern; such files may be empty.
    pub is_found: bool,
}

/// Expands arguments to files; the files of a folder or pattern are sorted by name. With `tables`, finds tables in
/// folders instead of texts. Says what it leaves out.
pub fn expand(arguments: &[PathBuf], part: Part, tables: bool) -> Result<Vec<Input>> {
    let wanted = if tables { Wanted::Tables } else { Wanted::Texts };
    let mut inputs = Vec::new();
    for argument in arguments {
        let is_folder = argument.is_dir();
        if !is_folder && !patterns::is_pattern(argument) {
            inputs.push(Input { path: argument.clone(), part, is_found: false });
            continue;
        }
        let mut found = Found::new(if is_folder { wanted } else { patterns::wanted(argument, wanted) });
        match is_folder {
            true => folders::walk(argument, &mut found)?,
            false => patterns::find(argument, &mut found)?,
        }
        let left_out = found.left_out();
        if found.files.is_empty() {
            let what = if tables { "tables" } else { "text files" };
            let error = match is_folder {
                true => Error::file(argument, format!("the folder contains no {what}")),
                false => Error::failure(format!("no file matches {}", quoted(argument))),
            };
            return Err(match left_out {
                Some(left_out) => error.hint(format!("it left out {left_out}")),
                None => error,
            });
        }
        if let Some(left_out) = left_out {
            log::warn!("{}: left out {left_out}", quoted(argument));
        }
        inputs.extend(found.files.into_iter().map(|path| Input { path, part, is_found: true }));
    }
    Ok(inputs)
}

/// Drops files that are given twice, under any name, and says so. A file found in a folder and named as a held-out
/// file is only held out. Fails if standard input is named more than once.
pub fn without_repeats(inputs: Vec<Input>) -> Result<Vec<Input>> {
    if inputs.iter().filter(|input| io::is_stream(&input.path)).count() > 1 {
        return Err(Error::usage("standard input can be read only once"));
    }
    let with_ids: Vec<_> = inputs.into_iter().map(|input| (Identity::of_input(&input.path), input)).collect();
    // The parts come in order: training, validation, test.
    let mut named: HashMap<Identity, Part> = HashMap::new();
    for (identity, input) in &with_ids {
        if let (Some(identity), false) = (identity, input.is_found) {
            named.insert(identity.clone(), input.part);
        }
    }
    let mut seen: HashMap<Identity, (PathBuf, Vec<Part>)> = HashMap::new();
    let mut kept = Vec::new();
    for (identity, input) in with_ids {
        let Some(identity) = identity else {
            kept.push(input);
            continue;
        };
        if let Some(part) = named.get(&identity).filter(|part| input.is_found && **part != input.part) {
            log::info!("{} is left out of the {}: it is in the {}", quoted(&input.path), name(input.part), name(*part));
            continue;
        }
        let (first, parts) = seen.entry(identity).or_insert_with(|| (input.path.clone(), Vec::new()));
        let same = if *first == input.path { String::new() } else { format!(" (as {})", quoted(&*first)) };
        if parts.contains(&input.part) {
            log::warn!("{} is given twice{same}; it is read once", quoted(&input.path));
            continue;
        }
        if let Some(other) = parts.first() {
            warn_of_leak(&quoted(&input.path), input.part, &same, *other);
        }
        parts.push(input.part);
        kept.push(input);
    }
    Ok(kept)
}

/// Warns that two files have the same contents.
pub fn warn_of_repeat(path: &str, part: Part, first: &str, first_part: Part) {
    let path = quoted(path);
    match part == first_part {
        true => log::warn!("{path} has the same contents as {}", quoted(first)),
        false => warn_of_leak(&path, part, &format!(" (as {})", quoted(first)), first_part),
    }
}

fn warn_of_leak(path: &str, part: Part, same: &str, first_part: Part) {
    log::warn!(
        "{path} is in the {} and in the {}{same}: its loss will not show what the network does with new text",
        name(first_part),
        name(part)
    );
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Main => "training part",
        Part::Valid => "validation part",
        Part::Test => "test part",
    }
}
