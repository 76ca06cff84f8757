//! torch.nn and the native engine: the same logits and the same greedy tokens for every cell and every part of a
//! network. `network.json` holds the answers of PyTorch 2.11; where a Python has torch, they are computed again
//! (with UPDATE=1 the file is rewritten).

use std::path::{Path, PathBuf};
use std::{env, fs};

use rnn_tools::engine::Model;
use rnn_tools::model::{Cell, Config, ModelFile};
use rnn_tools::text::{PreTokenizer, Tokenizer};
use serde::{Deserialize, Serialize};

const TOKENS: [u32; 5] = [3, 0, 18, 7, 7];

#[derive(Serialize, Deserialize)]
struct Answer {
    /// (tokens, vocab_size)
    logits: Vec<Vec<f32>>,
    greedy: Vec<u32>,
}

fn files() -> Vec<ModelFile> {
    let plain = Config { vocab_size: 19, embedding_size: 5, hidden_size: 7, num_layers: 2, ..Config::default() };
    let mut configs = Vec::new();
    for cell in [Cell::Lstm, Cell::Gru, Cell::RnnTanh, Cell::RnnRelu] {
        let plain = Config { cell, ..plain.clone() };
        configs.extend([
            Config { embedding_size: 7, tie_weights: true, ..plain.clone() },
            Config { attention: 3, last_size: Some(4), ..plain.clone() },
            Config { skip_connections: true, cutoffs: vec![5, 11], ..plain.clone() },
            Config {
                num_layers: 3,
                last_size: Some(9),
                skip_connections: true,
                attention: 4,
                cutoffs: vec![6],
                ..plain.clone()
            },
        ]);
    }
    let tokenizer = |size| {
        let pieces = (0..size).map(|i| if i == 0 { "<unk>".into() } else { format!("w{i}").into() });
        Tokenizer::new(PreTokenizer::Classic, pieces.collect()).unwrap()
    };
    configs.into_iter().map(|config| ModelFile::random(config, tokenizer(19), 1)).collect()
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/network.json")
}

#[test]
fn the_engine_says_what_pytorch_said() {
    let answers: Vec<Answer> = serde_json::from_str(&fs::read_to_string(golden()).unwrap()).unwrap();
    let files = files();
    assert_eq!(files.len(), answers.len());
    for (file, answer) in files.iter().zip(answers) {
        let model = Model::new(file);
        let (mut state, mut work) = (model.initial_state(), model.workspace(1));
        let mut logits = vec![0.0; file.config.vocab_size];
        for (token, expected) in TOKENS.into_iter().zip(answer.logits) {
            model.step(&[token], &mut [&mut state], &mut work);
            model.logits(&[&state], &mut logits, &mut work);
            for (ours, theirs) in logits.iter().zip(expected) {
                assert!((ours - theirs).abs() < 1e-5, "{ours} {theirs} {:?}", file.config);
            }
        }
        for expected in answer.greedy {
            let best = (0..).zip(&logits).max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
            assert_eq!(best, expected, "{:?}", file.config);
            model.step(&[best], &mut [&mut state], &mut work);
            model.logits(&[&state], &mut logits, &mut work);
        }
    }
}

#[test]
fn pytorch_says_it_still() {
    let Some(mut python) = super::tools::pytorch() else { return };
    let folder = tempfile::tempdir().unwrap();
    let paths = files().into_iter().enumerate().map(|(i, file)| {
        let path = folder.path().join(format!("{i}.safetensors"));
        file.write(&path).unwrap();
        path
    });
    let script = golden().with_extension("py");
    let output = python.arg(script).arg(serde_json::to_string(&TOKENS).unwrap()).args(paths).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let now: Vec<Answer> = serde_json::from_slice(&output.stdout).unwrap();
    if env::var_os("UPDATE").is_some() {
        fs::write(golden(), &output.stdout).unwrap();
    }
    let then: Vec<Answer> = serde_json::from_str(&fs::read_to_string(golden()).unwrap()).unwrap();
    for (now, then) in now.iter().zip(&then) {
        assert_eq!(now.greedy, then.greedy);
        let pairs = now.logits.iter().flatten().zip(then.logits.iter().flatten());
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-5));
    }
}
