//! Runs rnn-info as users do: descriptions of files, damage, and differences.

use std::fs;
use std::path::Path;

use rnn_tools::container::{self, TensorData};
use rnn_tools::dataset::{Prep, Source, TokenFile};
use rnn_tools::model::{Cell, Config, ModelFile, Training};
use rnn_tools::text::{PreTokenizer, Tokenizer};
use safetensors::tensor::Dtype;
use serde_json::{Value, json};

mod shell;
use shell::sh;

fn tokenizer(vocab_size: usize) -> Tokenizer {
    let pieces = (0..vocab_size).map(|id| if id == 0 { "<unk>".into() } else { format!("w{id}") });
    Tokenizer::new(PreTokenizer::Classic, pieces).unwrap()
}

fn write_model(path: &Path, hidden_size: usize) {
    let config = Config { vocab_size: 20, embedding_size: 12, hidden_size, num_layers: 2, ..Config::default() };
    let settings = json!({"dropout_hidden": 0.2, "dropout_output": 0.25, "seq_length": 50, "learning_rate": 0.001});
    let training = Training { best_epoch: 3, epochs: 4, val_loss: 2.0, settings, ..Training::default() };
    ModelFile { training, ..ModelFile::random(config, tokenizer(20), 1) }.write(path).unwrap();
}

fn facts(folder: &Path, file: &str) -> Value {
    let ran = sh(folder, &format!("rnn-info --json {file}"));
    serde_json::from_str(&ran.succeeds().stdout).unwrap()
}

#[test]
fn a_model_is_described_with_its_layers_and_scores() {
    let folder = tempfile::tempdir().unwrap();
    write_model(&folder.path().join("model.safetensors"), 16);
    let facts = facts(folder.path(), ".");
    assert_eq!((&facts["kind"], &facts["integrity"]), (&json!("model"), &json!("checksum matches")));
    // 20 x 12; 64 x (12 + 16 + 2), 64 x (16 + 16 + 2); 20 x 17
    assert_eq!(facts["parameters"], 240 + 1920 + 2176 + 340);
    let layers = facts["layers"].as_array().unwrap();
    let names: Vec<&str> = layers.iter().map(|layer| layer["layer"].as_str().unwrap()).collect();
    assert_eq!(names, ["Tokens", "Embedding", "LSTM 1", "Dropout", "LSTM 2", "Dropout", "Dense + softmax"]);
    assert_eq!(layers[2]["parameters"], 1920);
    assert_eq!((&facts["training"]["best_epoch"], &facts["tokenizer"]["level"]), (&json!(3), &json!("classic")));
    assert!((facts["perplexity"].as_f64().unwrap() - 2f64.exp()).abs() < 1e-9);
    assert_eq!(facts["tensors"].as_array().unwrap().len(), 11);

    let text = sh(folder.path(), "rnn-info model.safetensors").succeeds().stdout.clone();
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    assert!(text.contains("LSTM 1") && text.contains("1,920") && text.contains("4,676"), "{text}");
    let piped = sh(folder.path(), "rnn-info --json - < model.safetensors");
    assert!(piped.succeeds().stdout.contains("\"kind\":\"model\""));
}

#[test]
fn the_keras_configuration_has_its_usual_names() {
    let folder = tempfile::tempdir().unwrap();
    write_model(&folder.path().join("model.safetensors"), 16);
    let config: Value = serde_json::from_str(&sh(folder.path(), "rnn-info --config .").succeeds().stdout).unwrap();
    let expected = json!({"vocab_size": 20, "embedding_dim": 12, "lstm_units": 16, "num_layers": 2, "dropout": 0.2,
        "sequence_length": 50, "epochs": 4, "learning_rate": 0.001});
    assert_eq!(config, expected);
    sh(folder.path(), "rnn-info --config . .").fails(2, "--config takes one model");
}

#[test]
fn token_files_histories_checkpoints_and_states_are_recognized() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let source = Source { name: "a\u{1b}[2Jb.txt".into(), bytes: 9, sha256: "x".into() };
    let file = TokenFile {
        tokenizer: tokenizer(5),
        prep: Prep { sources: vec![source], ..Prep::default() },
        train: vec![1, 2, 0, 3],
        valid: vec![4],
        test: vec![],
        embeddings: None,
    };
    file.write(&at.join("a.tokens")).unwrap();
    let tokens = facts(at, "a.tokens");
    assert_eq!((&tokens["kind"], &tokens["fingerprint"]), (&json!("token file"), &json!(file.fingerprint())));
    assert_eq!(tokens["parts"][0], json!({"part": "train", "tokens": 4, "unknown": 1, "unknown_share": 0.25}));

    fs::write(at.join("history.csv"), "epoch,loss,val_loss,note\n1,3,2.5,x\n2,2,2.25,y\n3,1,nan,z\n").unwrap();
    let history = facts(at, "history.csv");
    assert_eq!(
        (&history["kind"], &history["rows"], &history["best"]["epoch"]),
        (&json!("history"), &json!(3), &json!(2.0))
    );

    let progress = json!({"settings": {"epochs": 9}, "seed": 7, "rows": [{"epoch": 1, "val_loss": 2.0}, {"epoch": 2, "val_loss": 3.0}]});
    let entry = TensorData::f32("parameter.0", vec![2], &[1.0, 2.0]);
    container::write(&at.join("c.safetensors"), &[("progress", progress.to_string())], &[entry]).unwrap();
    let checkpoint = facts(at, "c.safetensors");
    assert_eq!(
        (&checkpoint["kind"], &checkpoint["rows"], &checkpoint["best"]["epoch"]),
        (&json!("checkpoint"), &json!(2), &json!(1))
    );

    let state = json!({"models": ["abc"], "read": [12], "position": {"marks": 1}});
    let entry = TensorData::f32("state.0", vec![2], &[0.5, 0.25]);
    container::write(&at.join("s.state"), &[("rnn_state", state.to_string())], &[entry]).unwrap();
    let state = facts(at, "s.state");
    assert_eq!((&state["kind"], &state["models"], &state["read"]), (&json!("state"), &json!(["abc"]), &json!([12])));

    let both = sh(at, "rnn-info a.tokens history.csv");
    assert!(both.succeeds().stdout.contains("token file") && both.stdout.contains("\n\nfile"), "{both:?}");
}

#[test]
fn safetensors_files_of_other_programs_are_described() {
    let folder = tempfile::tempdir().unwrap();
    let zeros = |name: &str, shape: &[usize]| TensorData::f32(name, shape.to_vec(), &vec![0.0; shape.iter().product()]);
    let half = TensorData { name: "scale".into(), dtype: Dtype::F16, shape: vec![3], data: vec![0; 6] };
    let tensors = [
        zeros("encoder.weight", &[30, 4]),
        zeros("rnn.weight_ih_l0", &[24, 4]),
        zeros("rnn.weight_hh_l0", &[24, 8]),
        zeros("rnn.weight_hh_l1", &[24, 8]),
        zeros("decoder.weight", &[30, 8]),
        zeros("decoder.bias", &[30]),
        half,
    ];
    container::write(&folder.path().join("x"), &[("format", "pt".into())], &tensors).unwrap();
    let facts = facts(folder.path(), "x");
    assert_eq!(facts["kind"], "safetensors file");
    let found = facts["looks_like"].to_string();
    for word in
        ["`rnn`: GRU of 2 x 8 units, input 4", "`decoder`: linear, 8 to 30", "`encoder`: embedding of 30 tokens"]
    {
        assert!(found.contains(word), "{found}");
    }
    assert_eq!((&facts["tensors"][6]["dtype"], &facts["tensors"].as_array().unwrap().len()), (&json!("F16"), &7));
}

#[test]
fn damage_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_model(&at.join("good"), 16);
    let good = fs::read(at.join("good")).unwrap();
    for cut in [0, 7, 8, 100, good.len() - 1] {
        fs::write(at.join("cut"), &good[..cut]).unwrap();
        sh(at, "rnn-info cut").fails(1, "'cut': ");
    }
    let mut bad = good.clone();
    let end = bad.len();
    bad[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(at.join("nan"), &bad).unwrap();
    let ran = sh(at, "rnn-info nan");
    ran.fails(1, "NaN or infinite values");
    assert!(ran.stdout.contains("integrity") && ran.stdout.contains("damaged"), "{ran:?}");
    // Every byte counts: of a weight, of the metadata, of the checksum itself.
    for place in [40, 200, good.len() / 2, good.len() - 3] {
        let mut bad = good.clone();
        bad[place] ^= 1;
        fs::write(at.join("flipped"), &bad).unwrap();
        sh(at, "rnn-info flipped").fails(1, "'flipped': ");
    }
    let mut bad = good.clone();
    bad[good.len() - 4] ^= 1;
    fs::write(at.join("flipped"), &bad).unwrap();
    let ran = sh(at, "rnn-info --json flipped");
    ran.fails(1, "corrupt: the checksum does not match");
    assert!(ran.stdout.contains(r#""integrity":"corrupt: the checksum does not match""#), "{ran:?}");
    // A file of an earlier version has no checksum.
    let (size, header) = good.split_at(8);
    let end = u64::from_le_bytes(size.try_into().unwrap()) as usize;
    let mut fields: Value = serde_json::from_slice(&header[..end]).unwrap();
    fields["__metadata__"].as_object_mut().unwrap().remove("sha256").unwrap();
    let fields = fields.to_string();
    let old = [&(fields.len() as u64).to_le_bytes()[..], fields.as_bytes(), &header[end..]].concat();
    fs::write(at.join("old"), old).unwrap();
    assert_eq!(facts(at, "old")["integrity"], "no checksum");
    for text in ["", "hello\n", "a,b\n1,2\n", "{\"a\":1}\n", "\u{0}\u{1}"] {
        fs::write(at.join("text"), text).unwrap();
        sh(at, "rnn-info text").fails(1, "'text': neither a safetensors file nor a history");
    }
    sh(at, "rnn-info none").fails(1, "cannot open 'none'");
    sh(at, "rnn-info").fails(2, "FILE");
}

#[test]
fn control_characters_of_a_file_are_escaped_in_messages() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let tensor = TensorData::f32("\x1b[31mX\n", vec![1], &[f32::NAN]);
    container::write(&at.join("tensor"), &[("format", "pt".into())], &[tensor]).unwrap();
    let config = Config { cell: Cell::RnnTanh, vocab_size: 20, ..Config::default() };
    ModelFile::random(config, tokenizer(20), 1).write(&at.join("cell")).unwrap();
    // The configuration is JSON inside the JSON of the header.
    let mut bytes = fs::read(at.join("cell")).unwrap();
    let name = bytes.windows(8).position(|bytes| bytes == b"rnn-tanh").unwrap();
    bytes[name..name + 8].copy_from_slice(br"\\u001b[");
    fs::write(at.join("cell"), bytes).unwrap();
    for (command, shown) in
        [("rnn-info tensor", r"`\u{1b}[31mX\n`"), ("rnn-info cell", r"\u{1b}["), ("rnn-gen -m cell", r"\u{1b}[")]
    {
        let ran = sh(at, command);
        ran.fails(1, shown);
        assert!(!ran.stderr.contains('\x1b'), "{ran:?}");
    }
}

#[test]
fn only_differences_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_model(&at.join("a"), 16);
    write_model(&at.join("b"), 18);
    fs::copy(at.join("a"), at.join("c")).unwrap();
    let same = sh(at, "rnn-info --diff a c");
    assert_eq!((same.succeeds().stdout.as_str(), same.stderr.as_str()), ("", ""));
    let ran = sh(at, "rnn-info --diff a b");
    ran.fails(1, "the files differ");
    assert!(ran.stdout.contains("config.hidden_size: 16 | 18\n") && !ran.stdout.contains("vocab_size"), "{ran:?}");
    let json: Value =
        serde_json::from_str(sh(at, "rnn-info --json --diff a b").stdout.lines().next().unwrap()).unwrap();
    assert_eq!(json, json!({"path": "config.hidden_size", "a": 16, "b": 18}));
    sh(at, "rnn-info --diff a").fails(2, "--diff takes two files");
}
