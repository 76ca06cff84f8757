//! Compares the engine with PyTorch's equations in double precision, and its variants with each other.

use super::*;
use crate::model::Cell;
use crate::random::Rng;
use crate::simd::Isa;
use crate::text::Tokenizer;

fn random_file(config: Config) -> ModelFile {
    config.check().unwrap();
    let tokenizer = Tokenizer::numbered(config.vocab_size());
    let mut file = ModelFile::random(config, tokenizer, 1);
    if file.config.cell == Cell::RnnRelu {
        // Its values are unbounded; with small weights they do not grow.
        file.tensors.values_mut().flat_map(|tensor| &mut tensor.data).for_each(|x| *x *= 0.4);
    }
    file
}

/// A straightforward implementation of the equations in double precision.
struct Naive<'a> {
    file: &'a ModelFile,
    hidden: Vec<Vec<f64>>,
    cell: Vec<Vec<f64>>,
    embedding: Vec<f64>,
    /// The features after each token.
    past: Vec<Vec<f64>>,
}

impl<'a> Naive<'a> {
    fn new(file: &'a ModelFile) -> Self {
        let zeros = |block: &Block| match block {
            Block::Recurrent(layer) => Some(vec![0.0; layer.size]),
            _ => None,
        };
        let hidden: Vec<Vec<f64>> = file.config.blocks().iter().filter_map(zeros).collect();
        let embedding = vec![0.0; file.config.embedding_size];
        Self { file, cell: hidden.clone(), hidden, embedding, past: Vec::new() }
    }

    fn vector(&self, name: &str) -> Vec<f64> {
        self.file.tensors[name].data.iter().map(|x| f64::from(*x)).collect()
    }

    fn product(&self, name: &str, x: &[f64]) -> Vec<f64> {
        let matrix = self.vector(name);
        assert_eq!(self.file.tensors[name].shape[1], x.len());
        matrix.chunks_exact(x.len()).map(|row| row.iter().zip(x).map(|(a, b)| a * b).sum()).collect()
    }

    fn features(&self) -> Vec<f64> {
        match self.file.config.skip_connections {
            true => [vec![self.embedding.clone()], self.hidden.clone()].concat().concat(),
            false => self.hidden.last().unwrap().clone(),
        }
    }

    fn read(&mut self, token: u32) {
        let config = &self.file.config;
        let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
        let sum = |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| a + b).collect() };
        let width = config.embedding_size;
        self.embedding = self.vector("embedding.weight")[token as usize * width..][..width].to_vec();
        let mut x = self.embedding.clone();
        for l in 0..config.num_layers {
            let tensors = config.blocks()[1 + l].tensors();
            let [weight_ih, weight_hh, bias_ih, bias_hh] = [0, 1, 2, 3].map(|i| tensors[i].0.as_str());
            let h = &self.hidden[l];
            let of_x = sum(&self.product(weight_ih, &x), &self.vector(bias_ih));
            let of_h = sum(&self.product(weight_hh, h), &self.vector(bias_hh));
            let gates = sum(&of_x, &of_h);
            let size = h.len();
            x = (0..size)
                .map(|k| match config.cell {
                    Cell::Lstm => {
                        let [i, f, g, o] = [0, 1, 2, 3].map(|gate| gates[gate * size + k]);
                        self.cell[l][k] = sigmoid(f) * self.cell[l][k] + sigmoid(i) * g.tanh();
                        sigmoid(o) * self.cell[l][k].tanh()
                    }
                    Cell::Gru => {
                        let (r, z) = (sigmoid(gates[k]), sigmoid(gates[size + k]));
                        let n = (of_x[2 * size + k] + r * of_h[2 * size + k]).tanh();
                        (1.0 - z) * n + z * h[k]
                    }
                    Cell::RnnTanh => gates[k].tanh(),
                    Cell::RnnRelu => gates[k].max(0.0),
                })
                .collect();
            self.hidden[l].clone_from(&x);
        }
        self.past.push(self.features());
    }

    fn logits(&self) -> Vec<f64> {
        let config = &self.file.config;
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut features = self.features();
        if config.attention > 0 {
            let query = self.product("attention.weight", &features);
            let last = &self.past[self.past.len().saturating_sub(config.attention)..];
            let scores: Vec<f64> =
                last.iter().map(|f| (dot(&query, f) / (features.len() as f64).sqrt()).exp()).collect();
            for (f, score) in last.iter().zip(&scores) {
                features.iter_mut().zip(f).for_each(|(y, x)| *y += score / scores.iter().sum::<f64>() * x);
            }
        }
        let softmax = |x: &[f64]| -> Vec<f64> {
            let total = x.iter().map(|x| x.exp()).sum::<f64>().ln();
            x.iter().map(|x| x - total).collect()
        };
        let biased = |name: &str, bias: &str| -> Vec<f64> {
            self.product(name, &features).iter().zip(self.vector(bias)).map(|(a, b)| a + b).collect()
        };
        let Some(&first) = config.cutoffs.first() else {
            let output = if config.tie_weights { "embedding.weight" } else { "output.weight" };
            return biased(output, "output.bias");
        };
        let head = softmax(&biased("output.head.weight", "output.head.bias"));
        let mut all = head[..first].to_vec();
        for i in 0..config.cutoffs.len() {
            let reduced = self.product(&format!("output.tail.{i}.0.weight"), &features);
            let tail = softmax(&self.product(&format!("output.tail.{i}.1.weight"), &reduced));
            all.extend(tail.iter().map(|x| x + head[first + i]));
        }
        all
    }
}

const TOKENS: [u32; 8] = [3, 0, 22, 7, 7, 36, 1, 30];

#[test]
fn logits_match_the_equations() {
    for config in Config::examples() {
        let file = random_file(config);
        let model = Model::new(&file);
        let (mut state, mut work, mut naive) = (model.initial_state(), model.workspace(1), Naive::new(&file));
        let mut logits = vec![0.0; file.config.vocab_size];
        for token in TOKENS {
            model.step(&[token], &mut [&mut state], &mut work);
            naive.read(token);
            model.logits(&[&state], &mut logits, &mut work);
            for (ours, exact) in logits.iter().zip(naive.logits()) {
                assert!((f64::from(*ours) - exact).abs() < 1e-5, "{ours} {exact} {:?}", file.config);
            }
        }
        for layer in 0..file.config.num_layers {
            let is_near = |ours: &[f32], exact: &[f64]| {
                ours.len() == exact.len() && ours.iter().zip(exact).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-5)
            };
            assert!(is_near(model.hidden(&state, layer), &naive.hidden[layer]), "{:?}", file.config);
            let cells: &[f64] = if file.config.cell == Cell::Lstm { &naive.cell[layer] } else { &[] };
            assert!(is_near(model.cell(&state, layer), cells), "{:?}", file.config);
        }
        if !file.config.cutoffs.is_empty() {
            let total: f64 = logits.iter().map(|x| f64::from(*x).exp()).sum();
            assert!((total - 1.0).abs() < 1e-5, "{total}");
        }
    }
}

/// Returns the states and logits of several texts, read `batch` at a time.
fn read_together(model: &Model, texts: &[Vec<u32>], batch: usize) -> (Vec<State>, Vec<f32>) {
    let mut states: Vec<State> = texts.iter().map(|_| model.initial_state()).collect();
    let mut work = model.workspace(batch);
    let mut logits = vec![0.0; texts.len() * model.config.vocab_size];
    for at in 0..texts[0].len() {
        let tokens: Vec<u32> = texts.iter().map(|text| text[at]).collect();
        model.step(&tokens, &mut states.iter_mut().collect::<Vec<_>>(), &mut work);
    }
    model.logits(&states.iter().collect::<Vec<_>>(), &mut logits, &mut work);
    (states, logits)
}

#[test]
fn results_are_bit_identical_for_every_batch_size_and_instruction_set() {
    let mut rng = Rng::new(5);
    let texts: Vec<Vec<u32>> = (0..11).map(|_| (0..6).map(|_| (rng.uniform() * 37.0) as u32).collect()).collect();
    let bits = |numbers: &[f32]| numbers.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    for config in Config::examples() {
        let file = random_file(config);
        for precision in [Precision::Stored, Precision::Int8] {
            let model = Model::load(&file.config, &file.tensors, precision).unwrap();
            let (states, logits) = read_together(&model, &texts, 1);
            Isa::for_each(|isa| {
                for batch in [1, 3, 11] {
                    let (same_states, same_logits) = read_together(&model, &texts, batch);
                    assert_eq!(bits(&logits), bits(&same_logits), "{isa:?} {batch} {:?}", file.config);
                    assert!(states == same_states);
                }
            });
        }
    }
}

#[test]
fn integer_weights_approximate_the_floats() {
    for config in Config::examples() {
        let file = random_file(config);
        let [exact, rounded] = [Precision::Stored, Precision::Int8].map(|precision| {
            let model = Model::load(&file.config, &file.tensors, precision).unwrap();
            read_together(&model, &[TOKENS.to_vec()], 1).1
        });
        let size = exact.iter().fold(0f32, |size, x| size.max(x.abs()));
        let worst = exact.iter().zip(&rounded).fold(0f32, |worst, (a, b)| worst.max((a - b).abs()));
        assert!(worst > 0.0 && worst < 0.05 * size, "{worst} {size} {:?}", file.config);
    }
}

#[test]
fn states_are_independent() {
    for config in Config::examples() {
        let model = Model::new(&random_file(config));
        let logits = |state: &State| {
            let mut logits = vec![0.0; 37];
            model.logits(&[state], &mut logits, &mut model.workspace(1));
            logits
        };
        let mut a = model.initial_state();
        assert!(logits(&a).iter().all(|x| x.is_finite()), "also before any text");
        model.step(&[1], &mut [&mut a], &mut model.workspace(1));
        let before = logits(&a);
        let mut b = a.clone();
        model.step(&[2], &mut [&mut b], &mut model.workspace(1));
        assert_eq!(logits(&a), before);
        assert_ne!(logits(&b), before);
    }
}

#[test]
fn a_state_is_restored_from_its_values() {
    for config in Config::examples() {
        let model = Model::new(&random_file(config));
        let (states, _) = read_together(&model, &[TOKENS.to_vec()], 1);
        let again = model.restore(states[0].values(), states[0].tokens()).unwrap();
        assert!(again == states[0]);
        assert!(model.restore(&states[0].values()[1..], 8).is_none());
        assert!(model.restore(&vec![f32::NAN; states[0].values().len()], 8).is_none());
    }
}
