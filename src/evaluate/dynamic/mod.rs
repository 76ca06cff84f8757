//! Dynamic evaluation (Krause, Kahembwe, Murray and Renals 2018): after each few tokens, all weights make a step
//! down the gradient of what was just read, and are drawn back to where they came from. The guesses about a token
//! are made before it is learned from.
//!
//! How far a weight may move depends on how large its gradients are. Krause et al. measure that on the training part,
//! which a model file does not hold: here the network writes a text itself and its gradients are measured on that
//! (the diagonal of the Fisher information), which does as well.

mod network;

use network::{Trace, Weights};

use crate::error::{Error, Result};
use crate::math::highest;
use crate::model::{Cell, Parts, StoredModel};
use crate::random::Rng;

/// Tokens between two steps: words, and characters or bytes.
const SEGMENT: usize = 5;
const CHARACTERS_SEGMENT: usize = 20;
/// Segments of written text on which gradients are measured.
const MEASURED: usize = 200;
const SEED: u64 = 1;

/// How weights go on learning.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dynamic {
    /// Eta: length of a step.
    pub rate: f32,
    /// Lambda: how strongly weights are drawn back at each step.
    pub decay: f32,
}

impl Default for Dynamic {
    fn default() -> Self {
        Self { rate: 3e-4, decay: 1e-3 }
    }
}

/// Weights to start from, and how each of them moves.
pub struct Learner {
    start: Weights,
    /// What each gradient is multiplied with.
    rates: Weights,
    /// Share of its way back that each weight is drawn.
    decays: Weights,
    segment: usize,
}

/// A network that reads one text and learns from it.
pub struct Follower<'a> {
    learner: &'a Learner,
    weights: Weights,
    gradients: Weights,
    trace: Trace,
}

impl Learner {
    /// Fails for networks that are no plain LSTM.
    pub fn new(file: &StoredModel, dynamic: Dynamic) -> Result<Self> {
        let Dynamic { rate, decay } = dynamic;
        if !(rate > 0.0 && rate.is_finite() && (0.0..=1.0).contains(&decay)) {
            return Err(Error::usage("dynamic evaluation needs a rate above 0 and a decay between 0 and 1")
                .hint(format!("--dynamic={} is the default", Dynamic::default().rate)));
        }
        let Parts { config, tokenizer, .. } = &file.parts;
        for (is_there, what) in [
            (config.cell != Cell::Lstm, "cells other than LSTM"),
            (config.attention > 0, "attention"),
            (config.skip_connections, "skip connections"),
            (!config.cutoffs.is_empty(), "an adaptive softmax"),
        ] {
            if is_there {
                return Err(Error::failure(format!("a network with {what} cannot be evaluated dynamically"))
                    .hint("--cache works with every network"));
            }
        }
        let start = Weights::new(config, &file.weights).map_err(|fault| file.fault(fault))?;
        let segment = if tokenizer.pre_tokenizer().is_word_level() { SEGMENT } else { CHARACTERS_SEGMENT };
        let mut rates = measure(&start, segment);
        let mean = rates.mean();
        let mut decays = rates.clone();
        // Weights that matter much are drawn back more; none is drawn beyond where it came from.
        decays.update(|size| (decay * size / mean).min(1.0));
        // The mean keeps weights with hardly any gradient from being thrown about (Krause et al. use a constant).
        rates.update(|size| rate / (size + mean));
        Ok(Self { start, rates, decays, segment })
    }

    /// A fresh start of a text.
    pub fn follow(&self) -> Follower<'_> {
        let weights = self.start.clone();
        Follower { learner: self, gradients: weights.zeros(), trace: Trace::new(&weights), weights }
    }
}

impl Follower<'_> {
    /// Tokens between two steps.
    pub fn segment(&self) -> usize {
        self.learner.segment
    }

    /// Reads a segment's tokens; `features` and `logits` have a row after each. Where there are none, one row tells
    /// what comes before any text.
    pub fn read(&mut self, inputs: &[u32], features: &mut Vec<f32>, logits: &mut Vec<f32>) {
        self.trace.read(&self.weights, inputs);
        features.clear();
        features.extend_from_slice(self.trace.features());
        logits.clear();
        logits.extend_from_slice(self.trace.logits());
    }

    /// Learns from what came after each token of the last segment.
    pub fn learn(&mut self, targets: &[u32]) {
        self.gradients.update(|_| 0.0);
        self.trace.gradients(&self.weights, targets, &mut self.gradients);
        let Learner { start, rates, decays, .. } = self.learner;
        self.weights.adapt(&self.gradients, start, rates, decays);
    }
}

/// Root mean square of each weight's gradient over segments of a text that the network writes.
fn measure(weights: &Weights, segment: usize) -> Weights {
    let (mut writer, mut reader) = (Trace::new(weights), Trace::new(weights));
    let mut rng = Rng::new(SEED);
    let (mut squares, mut gradients) = (weights.zeros(), weights.zeros());
    writer.read(weights, &[]);
    let mut last = draw(writer.logits(), &mut rng);
    for _ in 0..MEASURED {
        let mut text = vec![last];
        for _ in 0..segment {
            writer.read(weights, &[last]);
            last = draw(writer.logits(), &mut rng);
            text.push(last);
        }
        reader.read(weights, &text[..segment]);
        gradients.update(|_| 0.0);
        reader.gradients(weights, &text[1..], &mut gradients);
        squares.add_squares(&gradients);
    }
    squares.update(|square| (square / MEASURED as f32).sqrt());
    squares
}

/// A token with the probability that its logit gives it.
fn draw(logits: &[f32], rng: &mut Rng) -> u32 {
    let highest = highest(logits);
    let weights: Vec<f64> = logits.iter().map(|logit| f64::from(logit - highest).exp()).collect();
    let mut left = rng.uniform() * weights.iter().sum::<f64>();
    let drawn = weights.iter().position(|weight| {
        left -= weight;
        left < 0.0
    });
    drawn.unwrap_or(logits.len() - 1) as u32
}
