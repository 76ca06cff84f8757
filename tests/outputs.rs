//! No command destroys a file: outputs that are inputs, that are files of another kind, or that cannot be written are
//! refused before any work.

use std::fs;
use std::path::Path;

use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::Tokenizer;

mod shell;
use shell::sh;

/// Creates a folder with one file of every kind: `book.txt`, `book.tokens`, `M/model.safetensors`, `state`,
/// `M/history.csv`, `lock` and `a.png`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("book.txt"), "The cat sat on the mat.\n".repeat(9)).unwrap();
    fs::create_dir(path.join("M")).unwrap();
    let config = Config { vocab_size: 5, embedding_size: 2, hidden_size: 3, num_layers: 1, ..Config::default() };
    ModelFile::random(config, Tokenizer::numbered(5), 1).write(&path.join("M/model.safetensors")).unwrap();
    let row = "1,6.5,0.1,6.1,0.1,0.002,1.5,9000,1";
    let header = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second,step";
    fs::write(path.join("M/history.csv"), format!("{header}\n{row}\n{row}\n")).unwrap();
    sh(
        path,
        "rnn-prep -q book.txt -o book.tokens && rnn-gen -q -m M -n 2 --state-out state >/dev/null && \
         rnn-fetch -q ferry -o ferry.txt --manifest lock && rnn-plot history M -o a.png",
    )
    .succeeds();
    folder
}

/// Returns the names and contents of all files.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => files.extend(contents(&path)),
            false => files.push((path.to_string_lossy().into_owned(), fs::read(&path).unwrap())),
        }
    }
    files.sort();
    files
}

#[track_caller]
fn refused(folder: &Path, status: i32, commands: &[&str]) {
    let before = contents(folder);
    for command in commands {
        let ran = sh(folder, command);
        assert_eq!(ran.status, status, "{command}: {ran:?}");
        assert!(ran.stdout.is_empty() && !ran.stderr.contains("panicked"), "{command}: {ran:?}");
        assert!(contents(folder) == before, "{command} changed a file");
    }
}

#[test]
fn no_output_is_also_an_input() {
    let folder = folder();
    sh(folder.path(), "ln book.txt hard; ln -s book.txt soft; ln -s M N; mkdir books; ln book.txt books/b.txt")
        .succeeds();
    let force = [
        "rnn-prep book.txt -o book.txt --force",
        "rnn-prep soft -o book.txt --force",
        "rnn-prep book.txt -o hard --force",
        "rnn-prep book.txt -o soft --force",
        "rnn-prep books -o book.txt --force",
        "rnn-prep 'b*.txt' -o book.txt --force",
        "rnn-prep ferry.txt --valid-file book.txt -o book.txt --force",
        "rnn-prep ferry.txt --test-file book.txt -o book.txt --force",
        "rnn-prep ferry.txt --embeddings book.txt -o book.txt --force",
        "rnn-prep ferry.txt --vocab M -o M/model.safetensors --force",
        "rnn-prep ferry.txt --vocab N -o M/model.safetensors --force",
        "rnn-prep ferry.txt --vocab book.tokens -o book.tokens --force",
        "rnn-prep - < book.txt -o book.txt --force",
        "rnn-prep book.txt >> book.txt",
        "rnn-fetch book.txt -o book.txt --force",
        "rnn-fetch ./book.txt -o soft --force",
        "rnn-fetch book.txt -d .",
        "rnn-fetch book.txt >> book.txt",
        "rnn-fetch ferry -o new --manifest new --force",
        "rnn-fetch ferry -o new --manifest ./new --force",
        "rnn-fetch --locked lock -o lock --force",
        "rnn-fetch --locked lock -o new --manifest lock --force",
        "rnn-gen -m M -n 1 --state-out M/model.safetensors --force",
        "rnn-gen -m N -n 1 --state-out M/model.safetensors --force",
        "rnn-gen -m M -n 1 --seed-file book.txt --state-out hard --force",
        "rnn-gen -m M -n 1 --no-copy 5 --book book.tokens --state-out book.tokens --force",
        "rnn-plot history M/history.csv -o M/history.csv --format png --force",
        "rnn-plot history M -o M/history.csv --format svg --force",
        "rnn-plot architecture M -o M/model.safetensors --format png --force",
        "rnn-plot embeddings M -o N/model.safetensors --format png --force",
        "rnn-plot vocabulary book.tokens -o book.tokens --format png --force",
        "rnn-plot activations M book.txt -o book.txt --format png --force",
        "rnn-plot compare M -y loss -o M/history.csv --format png --force",
        "rnn-plot probabilities book.txt -o book.txt --format html --force",
    ];
    refused(folder.path(), 2, &force);
    // A conversation goes on in one state file.
    sh(folder.path(), "rnn-gen -q -m M -n 2 --state-in state --state-out state").succeeds();
}

#[test]
fn a_file_of_another_kind_is_replaced_only_with_force() {
    let folder = folder();
    let others = [
        ("rnn-prep book.txt -o", &["ferry.txt", "M/model.safetensors", "state", "M/history.csv", "lock", "a.png"][..]),
        ("rnn-fetch ferry -o", &["book.tokens", "M/model.safetensors", "state", "M/history.csv", "lock", "a.png"]),
        ("rnn-fetch ferry -o new --manifest", &["book.tokens", "state", "M/history.csv", "book.txt", "a.png"]),
        ("rnn-gen -m M -n 1 --state-out", &["book.tokens", "M/history.csv", "lock", "book.txt", "a.png"]),
        ("rnn-plot architecture --cell lstm --format png -o", &["book.tokens", "state", "M/history.csv", "book.txt"]),
    ];
    for (command, outputs) in others {
        let commands: Vec<String> = outputs.iter().map(|output| format!("{command} {output}")).collect();
        refused(folder.path(), 2, &commands.iter().map(String::as_str).collect::<Vec<_>>());
    }
    // The same kind is replaced, and any kind with --force.
    for command in [
        "rnn-prep book.txt -o book.tokens",
        "rnn-fetch ferry -o ferry.txt --manifest lock",
        "rnn-gen -m M -n 1 --state-out state",
        "rnn-plot architecture --cell lstm -o a.png",
        "rnn-plot architecture --cell lstm -o a.png",
        "rnn-prep book.txt -o state --force",
        "rnn-fetch ferry -o a.png --force",
    ] {
        sh(folder.path(), command).succeeds();
    }
}

#[test]
fn pipes_are_written_without_being_read() {
    let folder = folder();
    sh(
        folder.path(),
        "rnn-prep -q book.txt -o /dev/stdout | cat > copy && cmp copy book.tokens && \
         mkfifo pipe && { cat pipe > copy & } && rnn-prep -q book.txt -o pipe && wait && cmp copy book.tokens",
    )
    .succeeds();
}

#[test]
fn outputs_that_cannot_be_written_fail_before_the_work() {
    let folder = folder();
    refused(
        folder.path(),
        1,
        &[
            // None of these waits for its input, which never ends.
            "rnn-prep /dev/zero -o no/x",
            "rnn-prep /dev/zero -o M",
            "rnn-prep /dev/zero -o book.txt/x",
            "rnn-fetch /dev/zero -o no/x",
            "rnn-fetch /dev/zero -o new --manifest no/x",
            "rnn-gen -m M -n 100000000 --state-out no/x",
            "rnn-plot history /dev/zero -o no/x.png",
        ],
    );
}

#[test]
fn absurd_numbers_of_threads_and_beams_are_usage_errors() {
    let folder = folder();
    refused(
        folder.path(),
        2,
        &[
            "rnn-prep book.txt -o new --threads 100000",
            "rnn-prep book.txt -o new --threads 0",
            "rnn-eval -m M book.txt --threads 100000",
            "rnn-gen -m M --beams 1000000",
            "rnn-gen -m M --beams 0",
        ],
    );
}
