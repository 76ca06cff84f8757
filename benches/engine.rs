//! Measures the words per second of the native engine, and compares them with the limit set by memory bandwidth.
//!
//! usage: cargo bench --bench engine [FOLDER]; the models are written to FOLDER, for `generate.py` and rnn-gen.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::time::Instant;

use rnn_tools::engine::{Model, Precision, State, Workspace};
use rnn_tools::model::{Config, ModelFile, StoredModel};
use rnn_tools::text::Tokenizer;

/// Returns a small model, and two of the sizes in the literature (Zaremba et al. 2014, Merity et al. 2018).
fn configs() -> [(&'static str, Config); 3] {
    let config = |vocab_size, embedding_size, hidden_size, num_layers| Config {
        vocab_size,
        embedding_size,
        hidden_size,
        num_layers,
        ..Config::default()
    };
    [
        ("seed", config(8_532, 100, 150, 2)),
        ("650-2", Config { tie_weights: true, ..config(33_000, 650, 650, 2) }),
        ("1150-3", Config { last_size: Some(400), tie_weights: true, ..config(33_000, 400, 1150, 3) }),
    ]
}

fn write(name: &str, config: Config, folder: &Path) -> PathBuf {
    let tokenizer = Tokenizer::numbered(config.vocab_size());
    let path = folder.join(name).with_extension("safetensors");
    let mut file = ModelFile::random(config, tokenizer, 1);
    file.tensors.values_mut().flat_map(|tensor| &mut tensor.data).for_each(|x| *x *= 0.1);
    file.write(&path).unwrap();
    path
}

/// Returns the size of the weights that a step reads, in bytes.
fn streamed(config: &Config, precision: Precision) -> usize {
    let tied = usize::from(config.tie_weights) * config.vocab_size * config.embedding_size;
    let read: usize = config.tensors().iter().skip(1).map(|(_, shape)| shape.iter().product::<usize>()).sum();
    (read + tied) * if precision == Precision::Int8 { 1 } else { 4 }
}

/// Returns the shortest time of a run in seconds, over at least `least` seconds and five runs.
fn best(least: f64, mut run: impl FnMut()) -> f64 {
    let (begin, mut best, mut runs) = (Instant::now(), f64::MAX, 0);
    while runs < 5 || begin.elapsed().as_secs_f64() < least {
        let start = Instant::now();
        run();
        best = best.min(start.elapsed().as_secs_f64());
        runs += 1;
    }
    best
}

/// Returns the bytes per second that one core reads from `bytes` of memory, repeatedly.
fn bandwidth(bytes: usize) -> f64 {
    #[inline(always)]
    fn sum(numbers: &[f32]) -> f32 {
        let mut sums = [[0f32; 16]; 4];
        for chunk in numbers.chunks_exact(64) {
            for p in 0..4 {
                for lane in 0..16 {
                    sums[p][lane] += chunk[p * 16 + lane];
                }
            }
        }
        sums.as_flattened().iter().sum()
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx512f")]
    fn sum_avx512(numbers: &[f32]) -> f32 {
        sum(numbers)
    }
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2")]
    fn sum_avx2(numbers: &[f32]) -> f32 {
        sum(numbers)
    }
    let numbers = vec![1f32; bytes / 4];
    let seconds = best(0.3, || {
        #[cfg(target_arch = "x86_64")]
        {
            // SAFETY: the instruction set is detected.
            if is_x86_feature_detected!("avx512f") {
                black_box(unsafe { sum_avx512(black_box(&numbers)) });
                return;
            } else if is_x86_feature_detected!("avx2") {
                black_box(unsafe { sum_avx2(black_box(&numbers)) });
                return;
            }
        }
        black_box(sum(black_box(&numbers)));
    });
    bytes as f64 / seconds
}

/// A batch of endless texts: each step reads a word in every text and chooses the most probable next word.
struct Texts<'a> {
    model: &'a Model,
    states: Vec<State>,
    work: Workspace,
    tokens: Vec<u32>,
    logits: Vec<f32>,
}

impl<'a> Texts<'a> {
    fn new(model: &'a Model, batch: usize) -> Self {
        Self {
            model,
            states: (0..batch).map(|_| model.initial_state()).collect(),
            work: model.workspace(batch),
            tokens: (0..batch as u32).collect(),
            logits: vec![0.0; batch * model.config().vocab_size],
        }
    }

    /// Runs steps for 0.2 seconds; returns the duration of each in seconds.
    fn run(&mut self) -> Vec<f64> {
        let begin = Instant::now();
        let mut seconds = Vec::new();
        while seconds.len() < 2 || begin.elapsed().as_secs_f64() < 0.2 {
            let start = Instant::now();
            self.step();
            seconds.push(start.elapsed().as_secs_f64());
        }
        seconds
    }

    fn step(&mut self) {
        let Self { model, states, work, tokens, logits } = self;
        model.step(tokens, &mut states.iter_mut().collect::<Vec<_>>(), work);
        model.logits(&states.iter().collect::<Vec<_>>(), logits, work);
        for (token, logits) in tokens.iter_mut().zip(logits.chunks_exact(model.config().vocab_size)) {
            let mut lanes = [f32::MIN; 16];
            for chunk in logits.chunks(16) {
                lanes.iter_mut().zip(chunk).for_each(|(lane, x)| *lane = if x > lane { *x } else { *lane });
            }
            let highest = lanes.into_iter().fold(f32::MIN, f32::max);
            *token = logits.iter().position(|x| *x == highest).unwrap() as u32;
        }
    }
}

fn mean(seconds: &[f64]) -> f64 {
    seconds.iter().sum::<f64>() / seconds.len() as f64
}

fn main() {
    // Cargo adds --bench.
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let temporary = tempfile::tempdir().unwrap();
    let folder = folder.map_or(temporary.path().to_path_buf(), PathBuf::from);
    let one_core = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    for (name, config) in configs() {
        let path = write(name, config.clone(), &folder);
        for precision in [Precision::Stored, Precision::Int8] {
            let model = Model::read(&StoredModel::open(&path).unwrap(), precision).unwrap();
            let bytes = streamed(&config, precision);
            let bound = one_core.install(|| bandwidth(bytes));
            let label = if precision == Precision::Int8 { "int8" } else { "f32" };
            println!(
                "{name} {label}: {:.1} MB of weights per step; one core reads them at {:.1} GB/s",
                bytes as f64 / 1e6,
                bound / 1e9
            );
            for batch in [1, 8, 64] {
                let mut texts = Texts::new(&model, batch);
                let (mut one, mut all) = (Vec::new(), Vec::new());
                // Alternating, so that both are measured under the same load.
                for _ in 0..5 {
                    one.extend(one_core.install(|| texts.run()));
                    all.extend(texts.run());
                }
                let best = one.iter().copied().fold(f64::MAX, f64::min);
                println!(
                    "  batch {batch:2}: {:8.0} words/s on one core (best), {:5.1} GB/s ({:3.0}%); speedup on all cores {:.2} (mean)",
                    batch as f64 / best,
                    bytes as f64 / best / 1e9,
                    bytes as f64 / best / bound * 100.0,
                    mean(&one) / mean(&all)
                );
            }
        }
    }
}
