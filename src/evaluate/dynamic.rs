//! Dynamic evaluation (Krause, Kahembwe, Murray and Renals 2018): after each few tokens, all weights make a step
//! down the gradient of what was just read, and are pulled back towards where they started. A token is predicted
//! before the weights learn from it.
//!
//! How far a weight may move depends on how large its gradients are. Krause et al. measure that on the training part,
//! which a model file does not hold: here the gradients are measured on a text that the network generates (the diagonal of
//! the Fisher information), which works as well.

use crate::engine::segment::{Parameters, Segment};
use crate::error::{Error, Result};
use crate::model::{Parts, StoredModel};
use crate::random::Rng;
use crate::simd::vectors::max;

/// Tokens between two steps: of words, and of characters or bytes.
const SEGMENT: usize = 5;
const CHARACTERS_SEGMENT: usize = 20;
/// Segments of generated text on which gradients are measured.
const MEASURED: usize = 200;
const SEED: u64 = 1;

/// How the weights keep learning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dynamic {
    /// Eta: length of a step.
    pub rate: f32,
    /// Lambda: how strongly weights are pulled back at each step.
    pub decay: f32,
}

impl Default for Dynamic {
    fn default() -> Self {
        Self { rate: 3e-4, decay: 1e-3 }
    }
}

/// Weights to start from, and how each of them moves.
pub struct Learner {
    start: Parameters,
    /// The factor of each gradient.
    rates: Parameters,
    /// The fraction of its way back that each weight is pulled at each step.
    decays: Parameters,
    /// Before any text.
    reader: Segment,
    segment: usize,
}

/// A network that reads one text and learns from it.
pub struct Follower<'a> {
    learner: &'a Learner,
    weights: Parameters,
    gradients: Parameters,
    reader: Segment,
}

impl Learner {
    /// Fails for networks that cannot be read backwards.
    pub fn new(file: &StoredModel, dynamic: Dynamic) -> Result<Self> {
        let Dynamic { rate, decay } = dynamic;
        if !(rate > 0.0 && rate.is_finite() && (0.0..=1.0).contains(&decay)) {
            return Err(Error::usage("dynamic evaluation needs a rate above 0 and a decay between 0 and 1")
                .hint(format!("--dynamic={} is the default", Dynamic::default().rate)));
        }
        let Parts { config, tokenizer, .. } = &file.parts;
        let reader = Segment::new(config).map_err(|block| {
            Error::failure(format!("a network with {block} cannot be evaluated dynamically"))
                .hint("--cache works with every network")
        })?;
        let start = Parameters::new(config, &file.weights).map_err(|e| file.invalid(e))?;
        let segment = if tokenizer.pre_tokenizer().is_word_level() { SEGMENT } else { CHARACTERS_SEGMENT };
        let mut rates = gradient_sizes(&start, &reader, segment);
        let (sum, count) =
            rates.tensors().flatten().fold((0.0, 0usize), |(sum, count), &x| (sum + f64::from(x), count + 1));
        let mean = (sum / count as f64) as f32;
        let mut decays = rates.clone();
        // Weights that matter much are pulled back more; none is pulled beyond where it came from.
        decays.map(|size| (decay * size / mean).min(1.0));
        // The mean keeps weights with hardly any gradient from moving wildly (Krause et al. add a constant).
        rates.map(|size| rate / (size + mean));
        Ok(Self { start, rates, decays, reader, segment })
    }

    /// A follower of a text, from its beginning.
    pub fn follow(&self) -> Follower<'_> {
        let weights = self.start.clone();
        Follower { learner: self, gradients: weights.zeros(), reader: self.reader.clone(), weights }
    }
}

impl Follower<'_> {
    /// Tokens between two steps.
    pub fn segment(&self) -> usize {
        self.learner.segment
    }

    /// Reads a segment's tokens; `features` and `logits` get a row after each. An empty segment has one row, for the state
    /// before any text.
    pub fn read(&mut self, inputs: &[u32], features: &mut Vec<f32>, logits: &mut Vec<f32>) {
        self.reader.forward(&self.weights, inputs);
        features.clear();
        features.extend_from_slice(self.reader.features());
        logits.clear();
        logits.extend_from_slice(self.reader.logits());
    }

    /// Learns from the tokens that followed each token of the last segment: a step down the gradients, and back towards the
    /// start.
    pub fn learn(&mut self, targets: &[u32]) {
        self.gradients.map(|_| 0.0);
        self.reader.backward(&self.weights, targets, &mut self.gradients);
        let Learner { start, rates, decays, .. } = self.learner;
        let of_step = self.gradients.tensors().zip(rates.tensors());
        let of_decay = start.tensors().zip(decays.tensors());
        for (weights, ((gradients, rates), (start, decays))) in self.weights.tensors_mut().zip(of_step.zip(of_decay)) {
            for i in 0..weights.len() {
                weights[i] += decays[i] * (start[i] - weights[i]) - rates[i] * gradients[i];
            }
        }
    }
}

/// Root mean square of each weight's gradient over segments of a text that the network generates.
fn gradient_sizes(weights: &Parameters, reader: &Segment, segment: usize) -> Parameters {
    let (mut writer, mut reader) = (reader.clone(), reader.clone());
    let mut rng = Rng::new(SEED);
    let (mut squares, mut gradients) = (weights.zeros(), weights.zeros());
    writer.forward(weights, &[]);
    let mut last = draw(writer.logits(), &mut rng);
    for _ in 0..MEASURED {
        let mut text = vec![last];
        for _ in 0..segment {
            writer.forward(weights, &[last]);
            last = draw(writer.logits(), &mut rng);
            text.push(last);
        }
        reader.forward(weights, &text[..segment]);
        gradients.map(|_| 0.0);
        reader.backward(weights, &text[1..], &mut gradients);
        for (squares, gradients) in squares.tensors_mut().zip(gradients.tensors()) {
            squares.iter_mut().zip(gradients).for_each(|(x, y)| *x += y * y);
        }
    }
    squares.map(|square| (square / MEASURED as f32).sqrt());
    squares
}

/// Samples a token from the softmax of its logits.
fn draw(logits: &[f32], rng: &mut Rng) -> u32 {
    let max = max(logits);
    let weights: Vec<f64> = logits.iter().map(|logit| f64::from(logit - max).exp()).collect();
    let mut left = rng.uniform() * weights.iter().sum::<f64>();
    let drawn = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    drawn.unwrap_or(logits.len() - 1) as u32
}
