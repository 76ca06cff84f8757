//! Checks the architecture: modules import only from lower ones, and each external crate is used in one place.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

mod imports;
use imports::{Import, imports};

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// Returns the library's modules from the top down, in the order of lib.rs.
fn modules() -> Vec<String> {
    let lib = fs::read_to_string(source().join("lib.rs")).unwrap();
    let names = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'));
    names.map(str::to_string).collect()
}

/// The modules of one crate, the library or a binary. The key is the module's path below the crate's root, such as
/// `text::json`; the path of the root is empty.
struct Crate {
    files: BTreeMap<Vec<String>, (PathBuf, Vec<Import>)>,
}

impl Crate {
    /// Reads the files of a crate in `folder`; `root` is the file name of the root module.
    fn read(folder: &Path, root: &str) -> Self {
        let mut files = BTreeMap::new();
        for file in rust_files(folder) {
            let below = file.strip_prefix(folder).unwrap();
            let mut module: Vec<String> = below.iter().map(|part| part.to_str().unwrap().to_string()).collect();
            let is_library = folder == source();
            if (is_library && module[0] == "bin") || module.last().is_some_and(|name| name == "launcher.rs") {
                continue;
            }
            let name = module.pop().unwrap();
            if name != "mod.rs" && !(module.is_empty() && name == root) {
                module.push(name.trim_end_matches(".rs").to_string());
            }
            let imports = imports(&fs::read_to_string(&file).unwrap());
            files.insert(module, (file, imports));
        }
        assert!(files.contains_key(&Vec::new()), "{} has no {root}", folder.display());
        Self { files }
    }

    fn all() -> Vec<Self> {
        let mut crates = vec![Self::read(&source(), "lib.rs")];
        for entry in fs::read_dir(source().join("bin")).unwrap() {
            crates.push(Self::read(&entry.unwrap().path(), "main.rs"));
        }
        crates
    }

    /// Returns the module that defines the item of a path, if it is in this crate. Follows re-exports.
    fn target(&self, module: &[String], segments: &[String]) -> Option<Vec<String>> {
        let mut at = module.to_vec();
        let mut rest = segments;
        match rest[0].as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                at.pop();
            }
            // A name in scope: a child module.
            name => {
                at.push(name.to_string());
                self.files.get(&at)?;
            }
        }
        rest = &rest[1..];
        while let Some((name, later)) = rest.split_first() {
            let (_, imports) = self.files.get(&at)?;
            let mut child = at.clone();
            child.push(name.clone());
            if name == "super" {
                at.pop();
            } else if self.files.contains_key(&child) {
                at = child;
            } else {
                let source = imports.iter().find(|import| import.is_reexport && import.name == *name);
                // The path of a re-export may lead through this module again, but never to the same name.
                return source.and_then(|import| self.target(&at, &import.segments)).or(Some(at));
            }
            rest = later;
        }
        Some(at)
    }

    /// Returns the modules that each module uses, apart from its tests and re-exports.
    fn uses(&self) -> BTreeMap<&[String], BTreeSet<Vec<String>>> {
        let used = |module: &[String], imports: &[Import]| {
            let own = imports.iter().filter(|import| !import.is_reexport && !import.in_tests);
            let targets = own.filter_map(|import| self.target(module, &import.segments));
            targets.filter(|target| target != module).collect()
        };
        self.files.iter().map(|(module, (_, imports))| (&module[..], used(module, imports))).collect()
    }
}

#[test]
fn modules_import_only_from_lower_modules() {
    let modules = modules();
    assert!(modules.len() > 10, "{modules:?}");
    let library = Crate::read(&source(), "lib.rs");
    for (module, (file, imports)) in &library.files {
        let Some(rank) = module.first().and_then(|top| modules.iter().position(|name| name == top)) else { continue };
        for import in imports {
            let target = library.target(module, &import.segments).unwrap_or_default();
            let above = target.first().is_some_and(|top| modules[..rank].contains(top));
            assert!(!above, "{} uses {}, which is above it in lib.rs", file.display(), import.segments.join("::"));
        }
    }
}

/// `Config::blocks` defines the network; code that reads the fields of the config would define it a second time.
#[test]
fn only_model_reads_the_fields_of_the_config() {
    let config = fs::read_to_string(source().join("model/config.rs")).unwrap();
    let (_, fields) = config.split_once("pub struct Config {").unwrap();
    let (fields, _) = fields.split_once("\n}").unwrap();
    let fields: Vec<&str> = fields.lines().filter_map(|l| l.trim().strip_prefix("pub ")?.split(':').next()).collect();
    assert!(fields.contains(&"hidden_size") && fields.len() >= 10, "{fields:?}");
    for file in rust_files(&source()).into_iter().filter(|file| !file.starts_with(source().join("model"))) {
        let text = fs::read_to_string(&file).unwrap();
        if file.ends_with("tests.rs") || file.ends_with("agreement.rs") {
            continue;
        }
        let code = text.split("#[cfg(test)]\nmod tests").next().unwrap();
        for reader in ["config.", "config()."] {
            for (at, _) in code.match_indices(reader) {
                let rest = &code[at + reader.len()..];
                let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let is_read = fields.contains(&&rest[..end]) && !rest[end..].starts_with(['(', ' ']);
                assert!(!is_read, "{} reads config.{}", file.display(), &rest[..end]);
            }
        }
    }
}

#[test]
fn imports_of_files_form_no_cycles() {
    let mut cyclic = BTreeSet::new();
    for part in Crate::all() {
        let uses = part.uses();
        for module in uses.keys() {
            // Depth first. A module and its submodules may share types: imports from an ancestor do not count.
            let (mut reached, mut pending) = (BTreeSet::new(), vec![*module]);
            while let Some(next) = pending.pop() {
                let used = uses[next].iter().map(Vec::as_slice).filter(|other| !next.starts_with(other));
                pending.extend(used.filter(|other| reached.insert(*other)));
            }
            if reached.contains(module) {
                cyclic.insert(part.files[*module].0.strip_prefix(source()).unwrap().display().to_string());
            }
        }
    }
    assert!(cyclic.is_empty(), "{cyclic:#?}");
}

#[test]
fn each_external_crate_is_used_in_one_folder() {
    let crates = [
        ("tch", "bin/rnn-train"),
        ("ureq", "bin/rnn-fetch"),
        ("tiny_http", "bin/rnn-serve"),
        ("httparse", "bin/rnn-serve"),
        ("plotters", "bin/rnn-plot"),
        ("png", "bin/rnn-plot"),
        ("clap", "cli"),
    ];
    let first_names = |file: PathBuf| {
        let found = imports(&fs::read_to_string(&file).unwrap());
        (file, found.into_iter().map(|import| import.segments[0].clone()).collect::<BTreeSet<String>>())
    };
    let files: Vec<_> = rust_files(&source()).into_iter().map(first_names).collect();
    for (name, folder) in crates {
        let (mut is_used, home) = (false, source().join(folder));
        for (file, names) in &files {
            if names.contains(name) {
                assert!(file.starts_with(&home), "{} uses {name}", file.display());
                is_used = true;
            }
        }
        assert!(is_used, "{folder} does not use {name}");
    }
}
