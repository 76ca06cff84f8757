//! The examples of the man pages and the README do what they say: each is run, in order, in a folder that holds
//! what the commands before it in the pipeline would have made.
//!
//! One that needs more than that (a network, a terminal) says so in the line before it: `.\" needs: ...` in
//! man/prose, `<!-- needs: ... -->` in the README.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use rnn_tools::dataset::TokenFile;
use rnn_tools::model::{Config, ModelFile};

mod shell;
mod tools;
use shell::{command, sh};

/// An example, and what it needs beside the commands and files of before.
#[derive(Debug)]
struct Example {
    place: String,
    script: String,
    needs: Option<String>,
}

/// The blocks of a text between two lines.
fn examples(name: &str, text: &str, begin: &str, end: &str, marks: (&str, &str)) -> Vec<Example> {
    let lines: Vec<&str> = text.lines().collect();
    let (mut found, mut at) = (Vec::new(), 0);
    while let Some(start) = lines[at..].iter().position(|line| *line == begin).map(|from| at + from) {
        let stop = start + lines[start..].iter().position(|line| *line == end).expect("every example ends");
        let before = start.checked_sub(1).map_or("", |line| lines[line]);
        let needs = before.strip_prefix(marks.0).and_then(|rest| rest.strip_suffix(marks.1));
        found.push(Example {
            place: format!("{name}:{}", start + 2),
            script: lines[start + 1..stop].join("\n"),
            needs: needs.map(str::to_string),
        });
        at = stop;
    }
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the first commands of the pipeline would have made of the beginning of the built-in book; the network is small, and knows only
/// that sentences and paragraphs end.
fn write_artifacts(folder: &Path) {
    sh(folder, "rnn-fetch -q ferry -o ferry.txt && rnn-prep -q ferry.txt -o ferry.tokens && mkdir ferry").succeeds();
    let tokens = TokenFile::read(&folder.join("ferry.tokens")).unwrap();
    let config = Config {
        vocab_size: tokens.tokenizer.len(),
        embedding_size: 16,
        hidden_size: 16,
        num_layers: 1,
        tie_weights: true,
        ..Config::default()
    };
    let mut model = ModelFile::random(config, tokens.tokenizer, 1);
    for ending in [". ", "\n\n"] {
        let id = model.tokenizer.id(ending).unwrap();
        model.tensors.get_mut("output.bias").unwrap().data[id as usize] = 6.0;
    }
    model.write(&folder.join("ferry/model.safetensors")).unwrap();
    let history = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second\n\
        1,6.5,0.05,6.1,0.1,0.001,1.5,20000\n2,6,0.08,5.9,0.11,0.001,1.5,20000\n";
    fs::write(folder.join("ferry/history.csv"), history).unwrap();
    // What a page goes on from where rnn-train, which makes it, is not built.
    sh(folder, "mkdir models && cp -r ferry models/alice && cp -r ferry alice && cp -r ferry my").succeeds();
}

/// Training for two steps with a network as small as that of [`write_artifacts`]; a free port.
const SMALL: &[(&str, &str)] = &[
    ("RNN_MAX_STEPS", "2"),
    ("RNN_EVAL_EVERY", "2"),
    ("RNN_NUM_LAYERS", "1"),
    ("RNN_EMBEDDING_SIZE", "16"),
    ("RNN_HIDDEN_SIZE", "16"),
    ("RNN_TIE_WEIGHTS", "true"),
    ("RNN_NGRAM", "0"),
    ("RNN_PORT", "0"),
    // The folder holds models under the names that the examples train.
    ("RNN_OVERWRITE", "true"),
];

/// A server that is ended with the test, whatever comes.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    /// Starts a server, and waits for the address that it prints once it listens.
    fn start(folder: &Path, line: &str) -> (Self, String) {
        let mut process = command(folder, &format!("exec {line}"));
        let mut child = process.envs(SMALL.iter().copied()).stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let server = Self(child);
        let address = address.trim().trim_start_matches("http://").trim_end_matches('/').to_string();
        assert!(address.contains(':'), "{line} printed {address:?}");
        (server, address)
    }
}

fn run(folder: &Path, example: &Example) {
    let script = &example.script;
    let (before, serving) = match script.find("rnn-serve ") {
        Some(at) => script.split_at(at),
        None => (script.as_str(), ""),
    };
    let mut before = before.to_string();
    let mut server = None;
    if before.contains("localhost:8000") {
        let (started, address) = Server::start(folder, "rnn-serve -q -m ferry");
        before = before.replace("localhost:8000", &address);
        server = Some(started);
    }
    let output = command(folder, &format!("set -eu\n{before}")).envs(SMALL.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}:\n{script}\n{output:?}", example.place);
    if before.contains("curl") {
        assert!(
            !output.stdout.is_empty() && !output.stdout.starts_with(b"{\"detail\""),
            "{}: {output:?}",
            example.place
        );
    }
    drop(server);
    if !serving.is_empty() {
        Server::start(folder, serving);
    }
}

fn run_all(found: Vec<Example>) {
    assert!(!found.is_empty());
    let folder = tempfile::tempdir().unwrap();
    write_artifacts(folder.path());
    let has_curl = sh(folder.path(), "command -v curl").status == 0;
    for example in found {
        let missing = match &example.needs {
            Some(needs) => needs,
            None if !cfg!(feature = "train") && example.script.contains("rnn-train") => "rnn-train",
            None if !has_curl && example.script.contains("curl") => "curl",
            None => {
                run(folder.path(), &example);
                continue;
            }
        };
        let reason = format!("{} needs {missing}", example.place);
        match example.needs {
            // Nothing that could be installed.
            Some(_) => eprintln!("skipped: {reason}"),
            None => tools::skip(&reason),
        }
    }
}

fn of_page(name: &str) -> Vec<Example> {
    let file = format!("man/prose/{name}.roff");
    let text = fs::read_to_string(root().join(&file)).unwrap();
    examples(&file, &text, ".EX", ".EE", (".\\\" needs: ", ""))
}

#[test]
fn of_the_readme() {
    let text = fs::read_to_string(root().join("README.md")).unwrap();
    run_all(examples("README.md", &text, "```sh", "```", ("<!-- needs: ", " -->")));
}

#[test]
fn of_a_program_for_openai() {
    let folder = tempfile::tempdir().unwrap();
    write_artifacts(folder.path());
    if tools::program(&["python3"]).is_none() {
        return;
    }
    let (_server, address) = Server::start(folder.path(), "rnn-serve -q -m ferry");
    let client = root().join("examples/openai-client.py");
    let ran = sh(folder.path(), &format!("python3 '{}' http://{address} 'The bell'", client.display()));
    // At once, and word by word: the same text.
    let text = &ran.succeeds().stdout;
    let (whole, streamed) = text.split_at(text[1..].find("The bell").unwrap() + 1);
    assert_eq!(whole.trim_end(), streamed.trim_end());
    assert!(whole.len() > 20 && ran.stderr.contains("models: ferry"), "{ran:?}");
}

macro_rules! pages {
    ($($test:ident $name:literal,)*) => {
        $(#[test]
        fn $test() {
            run_all(of_page($name));
        })*

        #[test]
        fn every_page_is_tried() {
            let tried = [$($name),*];
            for entry in fs::read_dir(root().join("man/prose")).unwrap() {
                let name = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_string();
                let is_tried = tried.contains(&&*name) || of_page(&name).is_empty() || name.starts_with("rnn-plot-");
                assert!(is_tried, "{name} has examples that nobody runs");
            }
        }
    };
}

pages! {
    of_rnn_fetch "rnn-fetch",
    of_rnn_prep "rnn-prep",
    of_rnn_train "rnn-train",
    of_rnn_gen "rnn-gen",
    of_rnn_eval "rnn-eval",
    of_rnn_serve "rnn-serve",
    of_rnn_plot "rnn-plot",
    of_rnn_info "rnn-info",
    of_the_pipeline "rnn",
}

#[test]
fn of_the_pictures() {
    let pictures = ["history", "architecture", "vocabulary", "probabilities", "activations", "embeddings", "compare"];
    run_all(pictures.iter().flat_map(|picture| of_page(&format!("rnn-plot-{picture}"))).collect());
}
