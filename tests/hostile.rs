//! Untrusted model files: arbitrary bytes never cause a panic and never load as a network with non-finite weights.

use std::path::Path;

use rnn_tools::engine::{Model, Precision};
use rnn_tools::model::{Cell, Config, ModelFile, StoredModel};
use rnn_tools::ngram::Ngram;
use rnn_tools::random::Rng;
use rnn_tools::text::Tokenizer;

/// Returns a small model file with all optional parts, with 32-bit floats or 8-bit integers.
fn bytes(folder: &Path, int8: bool) -> Vec<u8> {
    let config = Config {
        cell: Cell::Gru,
        vocab_size: 12,
        embedding_size: 3,
        hidden_size: 4,
        num_layers: 2,
        last_size: Some(5),
        skip_connections: true,
        attention: 2,
        cutoffs: vec![4, 8],
        ..Config::default()
    };
    let tokenizer = Tokenizer::numbered(12);
    let mut file = ModelFile::random(config, tokenizer, 1);
    file.ngram = Some(Ngram::count(&[1, 2, 3, 1, 2, 4, 1, 1], 12, 3));
    let path = folder.join("model");
    if int8 {
        file.write_int8(&path).unwrap()
    } else {
        file.write(&path).unwrap()
    }
    std::fs::read(path).unwrap()
}

/// Reads the bytes as a model file and, if that succeeds, runs the network.
fn read(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).unwrap();
    let stored = StoredModel::open(path).map_err(|e| e.to_string())?;
    let model = Model::read(&stored, Precision::Stored).map_err(|e| e.to_string())?;
    assert_eq!(stored.parts.tokenizer.len(), model.config().vocab_size);
    if model.config().num_parameters() < 10_000 && model.config().attention < 100 {
        let (mut state, mut work) = (model.initial_state(), model.workspace(1));
        let mut logits = vec![0.0; model.config().vocab_size];
        for token in 0..3 {
            model.step(&[token % logits.len() as u32], &mut [&mut state], &mut work);
            model.logits(&[&state], &mut logits, &mut work);
        }
        if let Some(ngram) = &stored.parts.ngram {
            ngram.interpolate(&[1, 2], &mut logits, &mut vec![0.0; model.config().vocab_size]);
        }
    }
    // The other reader must accept the file too.
    ModelFile::from_bytes(bytes).map(drop).map_err(|e| e.to_string())
}

/// Changes the text of the header and adjusts its length.
fn with_header(bytes: &[u8], change: impl FnOnce(String) -> String) -> Vec<u8> {
    let size = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header = change(String::from_utf8(bytes[8..8 + size].to_vec()).unwrap());
    [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &bytes[8 + size..]].concat()
}

#[test]
fn each_kind_of_damage_is_a_one_line_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile");
    let (floats, integers) = (bytes(folder.path(), false), bytes(folder.path(), true));
    let mut reasons = Vec::new();
    for good in [&floats, &integers] {
        read(&path, good).unwrap();
        let begin = 8 + u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
        for cut in [0, 7, 8, 9, begin - 1, begin, good.len() - 1] {
            reasons.push((read(&path, &good[..cut]), "not a model file"));
        }
        reasons.push((read(&path, &[good, &b"x"[..]].concat()), "not a model file"));
        let size = |size: u64| [&size.to_le_bytes(), &good[8..]].concat();
        for absurd in [u64::MAX, u64::MAX - 7, 1 << 40, 99_999_999, 0, 1] {
            reasons.push((read(&path, &size(absurd)), "not a model file"));
        }
        let changed = |from: &str, to: &str| {
            with_header(good, |header| {
                assert!(header.contains(from), "{from}");
                header.replacen(from, to, 1)
            })
        };
        let config = |from: &str, to: &str| changed(&from.replace('"', "\\\""), &to.replace('"', "\\\""));
        for (bytes, reason) in [
            (changed("[12,3]", "[3,12]"), "expected"),
            (changed("[12,3]", "[12,4]"), "not a model file"),
            (changed("[12,3]", "[4294967296,4294967297]"), "not a model file"),
            (changed("\"data_offsets\":[0,", "\"data_offsets\":[4,"), "not a model file"),
            (changed("embedding.weight", "embedding.eight"), "is missing"),
            (config("\"vocab_size\":12", "\"vocab_size\":13"), "12 tokens, but the network has 13"),
            (config("\"hidden_size\":4", "\"hidden_size\":1099511627776"), "hidden_size"),
            (config("\"hidden_size\":4", "\"hidden_size\":16777216"), "expected"),
            (config("\"hidden_size\":4", "\"hidden_size\":-4"), "config"),
            (config("\"num_layers\":2", "\"num_layers\":4000000000"), "num_layers"),
            (config("\"cutoffs\":[4,8]", "\"cutoffs\":[8,4]"), "cutoffs"),
            (config("\"cell\":\"gru\"", "\"cell\":\"lstm\""), "is missing"),
        ] {
            reasons.push((read(&path, &bytes), reason));
        }
    }
    // The first tensor contains floats in both files.
    for (good, hole) in [(&floats, f32::NAN), (&floats, f32::INFINITY), (&integers, f32::NAN)] {
        let begin = 8 + u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
        let mut bytes = good.clone();
        bytes[begin..begin + 4].copy_from_slice(&hole.to_le_bytes());
        reasons.push((read(&path, &bytes), "NaN or infinite"));
    }
    for (i, (result, expected)) in reasons.into_iter().enumerate() {
        let reason = result.expect_err(&format!("{i}: {expected}"));
        assert!(reason.contains(expected), "{i}: {reason}, {expected}");
        assert!(!reason.contains('\n'), "{reason}");
    }
}

#[test]
fn random_damage_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hostile");
    let good = [bytes(folder.path(), false), bytes(folder.path(), true)];
    // A longer run: FUZZ_ROUNDS=1000000 FUZZ_SEED=2 cargo test --release --test hostile random
    let number = |name: &str, default| std::env::var(name).map_or(default, |text| text.parse().unwrap());
    let (rounds, mut rng) = (number("FUZZ_ROUNDS", 400), Rng::new(number("FUZZ_SEED", 1)));
    let mut below = move |n: usize| (rng.uniform() * n as f64) as usize;
    let mut accepted = 0;
    for round in 0..rounds {
        let mut bytes = good[round as usize % 2].clone();
        let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        for _ in 0..1 + below(3) {
            // Half of the changes hit the header, which is small but has the most checks.
            let at = if below(2) == 0 { below(header.min(bytes.len())) } else { below(bytes.len()) };
            match below(6) {
                0 => bytes[at] ^= 1 << below(8),
                1 => bytes[at] = below(256) as u8,
                2 => bytes[at] = b"0123456789[]{},:\"-e. "[below(21)],
                3 => bytes.truncate(at.max(1)),
                4 => bytes.insert(at, b"0123456789"[below(10)]),
                _ => {
                    let (from, n) = (below(bytes.len()), 1 + below(16));
                    let piece = bytes[from..(from + n).min(bytes.len())].to_vec();
                    bytes.splice(at..(at + n).min(bytes.len()), piece);
                }
            }
        }
        accepted += i32::from(read(&path, &bytes).is_ok());
    }
    // Some changes only affect a weight.
    assert!(accepted > 0 && i64::from(accepted) < rounds as i64);
}
