//! Finds the files that match a pattern such as `books/**/*.txt`.

use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use glob::{MatchOptions, Pattern};

use rnn_tools::error::{Error, Result, quoted};

use crate::folders::{self, Found, Wanted};

/// A wildcard matches a dot at the start of a name only if the pattern has one there.
const OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

/// A component of a pattern.
enum Step<'a> {
    Literal(Component<'a>),
    Wildcard(Pattern),
    /// `**`: any number of folders.
    Folders,
}

/// Returns whether an argument is a pattern and not the name of a file.
pub fn is_pattern(argument: &Path) -> bool {
    has_wildcard(argument.as_os_str()) && !argument.exists()
}

fn has_wildcard(text: &OsStr) -> bool {
    text.to_str().is_some_and(|text| text.contains(['*', '?', '[']))
}

/// Returns the files to find: a pattern that ends in an extension asks for the files with it.
pub fn wanted(pattern: &Path, wanted: Wanted) -> Wanted {
    let names_extension = pattern.extension().is_some_and(|ending| !has_wildcard(ending));
    if names_extension { Wanted::Any } else { wanted }
}

/// Finds the files that match, and those in folders that match. Wildcards do not follow links to folders, which may
/// form cycles.
pub fn find(pattern: &Path, found: &mut Found) -> Result<()> {
    let step = |part| match part {
        Component::Normal(name) if name == "**" => Ok(Step::Folders),
        Component::Normal(name) if has_wildcard(name) => Pattern::new(&name.to_string_lossy()).map(Step::Wildcard),
        part => Ok(Step::Literal(part)),
    };
    let steps: Vec<Step> = pattern
        .components()
        .map(step)
        .collect::<std::result::Result<_, _>>()
        .map_err(|e| Error::usage(format!("bad pattern {}: {}", quoted(pattern), e.msg)))?;
    let mut paths = Vec::new();
    follow(PathBuf::new(), &steps, &mut paths, found)?;
    for path in paths {
        match path.is_dir() {
            true => folders::walk(&path, found)?,
            false => found.add(path)?,
        }
    }
    // `**/*` also matches what is in a folder that it matches.
    found.sort();
    Ok(())
}

/// Collects the paths below `base` that match the steps.
fn follow(base: PathBuf, steps: &[Step], paths: &mut Vec<PathBuf>, found: &mut Found) -> Result<()> {
    let Some((step, rest)) = steps.split_first() else {
        paths.push(base);
        return Ok(());
    };
    let is_match = |name: &OsStr| match step {
        Step::Wildcard(pattern) => pattern.matches_with(&name.to_string_lossy(), OPTIONS),
        _ => !folders::is_hidden(Path::new(name)),
    };
    if let Step::Literal(name) = step {
        let path = base.join(name);
        return if path.exists() { follow(path, rest, paths, found) } else { Ok(()) };
    }
    let folder = if base == Path::new("") { PathBuf::from(".") } else { base.clone() };
    if !folder.is_dir() {
        return Ok(());
    }
    if let Step::Folders = step {
        follow(if rest.is_empty() { folder.clone() } else { base.clone() }, rest, paths, found)?;
    }
    for entry in folders::entries(&folder)? {
        let Some(name) = entry.file_name().filter(|name| is_match(name)) else { continue };
        let path = base.join(name);
        match step {
            _ if path.is_dir() && path.is_symlink() => found.leave_out_link(&path),
            Step::Folders if path.is_dir() => follow(path, steps, paths, found)?,
            Step::Folders => {}
            _ => follow(path, rest, paths, found)?,
        }
    }
    Ok(())
}
