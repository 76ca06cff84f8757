use super::*;
use crate::model::{Cell, Config, ModelFile};

const VOCAB_SIZE: usize = 11;

/// Returns a small model with random weights and the n-grams of a text from [`tokens`].
fn file(config: Config) -> ModelFile {
    let config = Config { vocab_size: VOCAB_SIZE, embedding_size: 6, hidden_size: 9, num_layers: 2, ..config };
    let tokenizer = Tokenizer::numbered(VOCAB_SIZE);
    let mut ngram = Ngram::count(&tokens(300, 3), VOCAB_SIZE, 3);
    ngram.weights = vec![0.1, 0.4, 0.6];
    ModelFile { ngram: Some(ngram), ..ModelFile::random(config, tokenizer, 1) }
}

fn open(file: &ModelFile, options: Options) -> Result<Evaluator> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    file.write(&path).unwrap();
    Evaluator::open(StoredModel::open(&path).unwrap(), options)
}

/// Returns tokens in a repeating pattern with random exceptions.
fn tokens(length: usize, seed: u64) -> Vec<u32> {
    let mut rng = crate::random::Rng::new(seed);
    let pattern = |i: usize| (i % 7) as u32 + 1;
    (0..length).map(|i| if rng.uniform() < 0.7 { pattern(i) } else { (rng.uniform() * 11.0) as u32 }).collect()
}

fn text(tokens: &[u32], context: usize) -> Text {
    Text { tokens: tokens.to_vec(), context, characters: 0, words: 0, unknown: Vec::new() }
}

const CACHE: CacheOptions = CacheOptions { window: 8, theta: None, weight: None };

/// Returns options that cover every way to read a text.
fn all_options() -> Vec<Options> {
    let fixed = CacheOptions { theta: Some(0.3), weight: Some(0.2), ..CACHE };
    let dynamic = Some(Dynamic { rate: 0.01, decay: 0.01 });
    vec![
        Options::default(),
        Options { cache: Some(CACHE), ..Options::default() },
        Options { cache: Some(fixed), without_ngram: true, ..Options::default() },
        Options { dynamic, ..Options::default() },
        Options { cache: Some(CACHE), dynamic, ..Options::default() },
    ]
}

/// Computes the log-likelihoods under the network and the mixture from `context` on with a straightforward
/// implementation of the equations, in double precision.
fn naive(file: &ModelFile, tokens: &[u32], context: usize) -> Vec<[f64; 2]> {
    let c = &file.config;
    let at = |name: &str, row: usize, columns: usize, column: usize| {
        f64::from(file.tensors[name].data[row * columns + column])
    };
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let size = c.hidden_size;
    let (mut h, mut s) = (vec![vec![0.0; size]; c.num_layers], vec![vec![0.0; size]; c.num_layers]);
    let mut all = Vec::new();
    for (position, &target) in tokens.iter().enumerate() {
        let logit = |v: usize| {
            (0..size).map(|k| at("output.weight", v, size, k) * h[1][k]).sum::<f64>() + at("output.bias", v, 1, 0)
        };
        let total: f64 = (0..VOCAB_SIZE).map(|v| logit(v).exp()).sum();
        let own = logit(target as usize) - total.ln();
        let ngram = file.ngram.as_ref().unwrap();
        let (other, found) = ngram.probability(&tokens[position.saturating_sub(2)..position], target);
        let weight = f64::from(ngram.weights[found]);
        if position >= context {
            all.push([own, (weight * f64::from(other) + (1.0 - weight) * own.exp()).ln()]);
        }
        let mut x: Vec<f64> =
            (0..c.embedding_size).map(|k| at("embedding.weight", target as usize, c.embedding_size, k)).collect();
        for l in 0..c.num_layers {
            let gate = |row: usize| {
                let product = |name: &str, x: &[f64]| -> f64 {
                    (0..x.len()).map(|k| at(&format!("lstm.{name}_l{l}"), row, x.len(), k) * x[k]).sum()
                };
                product("weight_ih", &x)
                    + product("weight_hh", &h[l])
                    + product("bias_ih", &[1.0])
                    + product("bias_hh", &[1.0])
            };
            let gates: Vec<f64> = (0..4 * size).map(gate).collect();
            for k in 0..size {
                let (i, f) = (sigmoid(gates[k]), sigmoid(gates[size + k]));
                let (g, o) = (gates[2 * size + k].tanh(), sigmoid(gates[3 * size + k]));
                s[l][k] = f * s[l][k] + i * g;
                h[l][k] = o * s[l][k].tanh();
            }
            x.clone_from(&h[l]);
        }
    }
    all
}

#[test]
fn scores_match_the_equations() {
    let file = file(Config::default());
    let evaluator = |options| open(&file, options).unwrap();
    for (length, context) in [(40, 0), (40, 1), (1, 0), (1, 1), (700, 1)] {
        let tokens = tokens(length, 5);
        let expected = naive(&file, &tokens, context);
        // With a cache, a different function reads the text.
        for options in [Options::default(), Options { cache: Some(CACHE), ..Options::default() }] {
            let evaluator = evaluator(options);
            let scores = evaluator.scores(&[text(&tokens, context)]).remove(0);
            let rows: Vec<&[TokenScore]> = scores.chunks(evaluator.predictors().len()).collect();
            assert_eq!(rows.len(), expected.len());
            for (row, expected) in rows.iter().zip(&expected) {
                for (score, expected) in row.iter().zip(expected) {
                    assert!((score.log_likelihood - expected).abs() < 1e-5, "{score:?} {expected}");
                }
            }
        }
    }
}

#[test]
fn probabilities_of_all_tokens_add_up_to_one_and_are_ranked() {
    let file = file(Config::default());
    let start = tokens(33, 6);
    for options in all_options() {
        let evaluator = open(&file, options.clone()).unwrap();
        let width = evaluator.predictors().len();
        let texts: Vec<Text> = (0..VOCAB_SIZE as u32).map(|last| text(&[&start[..], &[last]].concat(), 1)).collect();
        let last: Vec<Vec<TokenScore>> =
            evaluator.scores(&texts).into_iter().map(|all| all[all.len() - width..].to_vec()).collect();
        for predictor in 0..width {
            let sum: f64 = last.iter().map(|scores| scores[predictor].log_likelihood.exp()).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{sum} {options:?}");
            let mut order: Vec<&TokenScore> = last.iter().map(|scores| &scores[predictor]).collect();
            order.sort_by_key(|score| score.rank);
            assert!(order.iter().zip(1..).all(|(score, rank)| score.rank == rank), "{order:?}");
            assert!(order.is_sorted_by(|a, b| a.log_likelihood >= b.log_likelihood - 1e-6), "{order:?}");
        }
    }
}

#[test]
fn scores_do_not_depend_on_later_tokens_or_other_texts() {
    let file = file(Config::default());
    let tokens = tokens(90, 7);
    for options in all_options() {
        let evaluator = open(&file, options).unwrap();
        let width = evaluator.predictors().len();
        let short = text(&tokens[..50], 0);
        let all = evaluator.scores(&[text(&tokens, 0), short.clone(), text(&[3], 0), text(&[], 0), short.clone()]);
        assert_eq!(all.iter().map(Vec::len).collect::<Vec<_>>(), [90, 50, 1, 0, 50].map(|length| length * width));
        assert_eq!(all[1], all[4]);
        let near =
            |a: &TokenScore, b: &TokenScore| (a.log_likelihood - b.log_likelihood).abs() < 1e-6 && a.rank == b.rank;
        assert!(all[0].iter().zip(&all[1]).all(|(a, b)| near(a, b)));
    }
}

#[test]
fn reading_in_chunks_hardly_changes_the_loss_and_exact_reading_does_not() {
    let file = file(Config::default());
    let text = text(&tokens(1700, 8), 1);
    let loss = |exact| {
        let evaluator = open(&file, Options { exact, ..Options::default() }).unwrap();
        let scores = evaluator.scores(std::slice::from_ref(&text)).remove(0);
        -scores.iter().step_by(2).map(|score| score.log_likelihood).sum::<f64>() / 1699.0
    };
    let exact: f64 = -naive(&file, &text.tokens, 1).iter().map(|pair| pair[0]).sum::<f64>() / 1699.0;
    assert!((loss(true) - exact).abs() < 1e-6);
    assert!((loss(false) - exact).abs() < 1e-4);
}

#[test]
fn cache_and_dynamic_evaluation_help_on_repetitive_text() {
    let file = file(Config::default());
    let text = text(&tokens(600, 9), 1);
    let loss = |options| {
        let evaluator = open(&file, Options { without_ngram: true, ..options }).unwrap();
        let scores = evaluator.scores(std::slice::from_ref(&text)).remove(0);
        let width = evaluator.predictors().len();
        -scores.iter().skip(width - 1).step_by(width).map(|score| score.log_likelihood).sum::<f64>() / 599.0
    };
    let alone = loss(Options::default());
    let window = CacheOptions { window: 200, ..CACHE };
    assert!(loss(Options { cache: Some(window), ..Options::default() }) < alone - 0.1);
    let dynamic = Some(Dynamic { rate: 0.03, decay: 1e-4 });
    assert!(loss(Options { dynamic, ..Options::default() }) < alone - 0.1);
}

#[test]
fn invalid_options_are_rejected() {
    let gru = file(Config { cell: Cell::Gru, ..Config::default() });
    let dynamic = |rate, decay| Options { dynamic: Some(Dynamic { rate, decay }), ..Options::default() };
    let cache = |cache| Options { cache: Some(cache), ..Options::default() };
    for (file, options, word) in [
        (&gru, dynamic(1e-4, 0.0), "cells other than LSTM"),
        (&file(Config::default()), dynamic(-1.0, 0.0), "rate"),
        (&file(Config::default()), dynamic(1e-4, f32::NAN), "decay"),
        (&gru, cache(CacheOptions { window: 0, ..CACHE }), "at least 1 token"),
        (&gru, cache(CacheOptions { theta: Some(f32::NAN), ..CACHE }), "theta"),
        (&gru, cache(CacheOptions { weight: Some(1.0), ..CACHE }), "share"),
    ] {
        let error = open(file, options).err().unwrap();
        assert!(error.to_string().contains(word), "{error}");
    }
}
