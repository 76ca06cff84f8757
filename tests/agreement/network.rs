//! Compares the engine with `torch.nn` on the models of `Config::examples`. `network.json` holds PyTorch's results,
//! which rnn-train's agreement test also uses. If `$PYTHON` or python3 has torch and safetensors, they are computed
//! again and compared with the file; UPDATE=1 rewrites it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use rnn_tools::engine::Model;
use rnn_tools::model::{Config, ModelFile};
use rnn_tools::text::Tokenizer;
use serde::Deserialize;

const TOKENS: [u32; 5] = [3, 0, 18, 7, 7];

#[derive(Deserialize)]
struct Answer {
    /// (tokens, vocab_size)
    logits: Vec<Vec<f32>>,
    greedy: Vec<u32>,
}

fn files() -> Vec<ModelFile> {
    let file = |config: Config| {
        let tokenizer = Tokenizer::numbered(config.vocab_size());
        ModelFile::random(config, tokenizer, 1)
    };
    Config::examples().into_iter().map(file).collect()
}

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/agreement/network.json")
}

#[test]
fn greedy_tokens_are_equal_to_pytorch() {
    let answers: Vec<Answer> = serde_json::from_str(&fs::read_to_string(golden()).unwrap()).unwrap();
    for (file, answer) in files().iter().zip(answers) {
        let model = Model::new(file);
        let (mut state, mut work) = (model.initial_state(), model.workspace(1));
        let mut logits = vec![0.0; file.config.vocab_size()];
        let last = &answer.greedy[..answer.greedy.len() - 1];
        for (i, token) in TOKENS.iter().chain(last).enumerate() {
            model.step(&[*token], &mut [&mut state], &mut work);
            model.logits(&[&state], &mut logits, &mut work);
            if let Some(at) = (i + 1).checked_sub(TOKENS.len()) {
                let best = (0..).zip(&logits).max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
                assert_eq!(best, answer.greedy[at], "{:?}", file.config);
            }
        }
    }
}

#[test]
fn pytorch_still_computes_the_stored_results() {
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
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-5 * a.abs().max(1.0)));
    }
}
