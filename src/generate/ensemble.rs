//! The networks that generate a text: one model, or several with the same vocabulary whose probabilities are averaged.

use super::{GenerationRequest, LanguageModel, Scratch, Sequence};
use crate::engine::{State, Workspace};
use crate::error::{Error, Result};
use crate::sampling::log_sum_exp;
use crate::simd::math::{exp, ln};

/// Models and their weights, with scratch memory for a batch of texts.
pub struct Ensemble<'a> {
    /// The weights add up to 1.
    parts: Vec<(&'a LanguageModel, f32)>,
    work: Vec<Workspace>,
    /// (batch, vocab_size)
    logits: Vec<f32>,
    /// The logits of one of several models. (batch, vocab_size)
    own: Vec<f32>,
    /// (vocab_size)
    scratch: Vec<f32>,
}

/// A text being generated, with the states of the networks.
#[derive(Clone)]
pub struct Generation<'a> {
    pub sequence: Sequence<'a>,
    /// One per model.
    pub states: Vec<State>,
}

impl<'a> Ensemble<'a> {
    /// An ensemble of one model.
    pub fn single(model: &'a LanguageModel) -> Self {
        Self { parts: vec![(model, 1.0)], work: Vec::new(), logits: Vec::new(), own: Vec::new(), scratch: Vec::new() }
    }

    /// An ensemble of models with weights, which are normalized.
    pub fn new(parts: Vec<(&'a LanguageModel, f32)>) -> Result<Self> {
        let total: f32 = parts.iter().map(|(_, weight)| weight).sum();
        if parts.iter().any(|(_, weight)| *weight < 0.0) || !(total > 0.0 && total.is_finite()) {
            return Err(Error::usage("model weights must not be negative, and at least one must be above 0"));
        }
        let Some(&(first, _)) = parts.first() else { return Err(Error::usage("an ensemble needs at least one model")) };
        for (number, (other, _)) in (2..).zip(&parts[1..]) {
            check_same_vocabulary(first, other, number)?;
        }
        let parts = parts.into_iter().map(|(model, weight)| (model, weight / total)).collect();
        Ok(Self { parts, ..Self::single(first) })
    }

    /// Returns a text that the networks have yet to read.
    pub fn begin(&self, request: GenerationRequest) -> Result<Generation<'a>> {
        let (model, _) = self.parts[0];
        let states = self.parts.iter().map(|(model, _)| model.network.initial_state()).collect();
        Ok(Generation { sequence: model.begin(request)?, states })
    }

    /// Runs the networks on the unread tokens of all texts, as one batch.
    pub fn prefill(&mut self, generations: &mut [&mut Generation]) {
        self.reserve(generations.len());
        for (part, (model, _)) in self.parts.iter().enumerate() {
            for at in 0.. {
                let (mut tokens, mut states) = (Vec::new(), Vec::new());
                for generation in generations.iter_mut() {
                    if let Some(&token) = generation.sequence.unread().get(at) {
                        tokens.push(token);
                        states.push(&mut generation.states[part]);
                    }
                }
                if tokens.is_empty() {
                    break;
                }
                model.network.step(&tokens, &mut states, &mut self.work[part]);
            }
        }
        for generation in generations {
            generation.sequence.set_read(generation.sequence.unread().len());
        }
    }

    /// Returns the logits of the next token of each text. (batch, vocab_size)
    pub fn predict(&mut self, generations: &mut [&mut Generation]) -> &mut [f32] {
        self.prefill(generations);
        let Self { parts, work, logits, own, scratch } = self;
        let size = scratch.len();
        let logits = &mut logits[..generations.len() * size];
        let is_single = parts.len() == 1;
        for (part, (model, weight)) in parts.iter().enumerate() {
            let target = if is_single { &mut *logits } else { &mut own[..generations.len() * size] };
            let states: Vec<&State> = generations.iter().map(|generation| &generation.states[part]).collect();
            model.network.logits(&states, target, &mut work[part]);
            for (generation, row) in generations.iter().zip(target.chunks_exact_mut(size)) {
                model.interpolate_ngrams(generation.sequence.context(), row, scratch);
            }
            if !is_single {
                let rows = logits.chunks_exact_mut(size).zip(own.chunks_exact(size));
                rows.for_each(|(sum, row)| add_probabilities(sum, row, *weight, part == 0));
            }
        }
        if !is_single {
            logits.iter_mut().for_each(|sum| *sum = ln(*sum));
        }
        logits
    }

    fn reserve(&mut self, batch: usize) {
        let size = self.parts[0].0.tokenizer.len();
        if self.logits.len() < batch * size {
            self.work = self.parts.iter().map(|(model, _)| model.network.workspace(batch)).collect();
            self.logits.resize(batch * size, 0.0);
            self.own.resize(if self.parts.len() > 1 { batch * size } else { 0 }, 0.0);
            self.scratch.resize(size, 0.0);
        }
    }

    /// Generates texts until they are finished, as one batch; `emit` receives each piece with the index of its text. A
    /// text does not depend on the others in its batch.
    pub fn generate(
        &mut self,
        generations: &mut [Generation],
        mut emit: impl FnMut(usize, super::Piece) -> Result<()>,
    ) -> Result<()> {
        let mut scratch = Scratch::default();
        loop {
            for (number, generation) in generations.iter_mut().enumerate() {
                while let Some(piece) = generation.sequence.next_piece() {
                    emit(number, piece)?;
                }
            }
            let mut open: Vec<&mut Generation> =
                generations.iter_mut().filter(|generation| !generation.sequence.is_finished()).collect();
            if open.is_empty() {
                return Ok(());
            }
            let logits = self.predict(&mut open);
            let size = logits.len() / open.len();
            for (generation, row) in open.iter_mut().zip(logits.chunks_exact_mut(size)) {
                generation.sequence.sample(row, &mut scratch);
            }
        }
    }
}

/// sum = weight * softmax(row) if `first`, otherwise sum += weight * softmax(row).
fn add_probabilities(sum: &mut [f32], row: &[f32], weight: f32, first: bool) {
    let all = log_sum_exp(row) as f32;
    for (sum, &logit) in sum.iter_mut().zip(row) {
        *sum = if first { 0.0 } else { *sum } + weight * exp(logit - all);
    }
}

fn check_same_vocabulary(first: &LanguageModel, other: &LanguageModel, number: usize) -> Result<()> {
    let (a, b) = (&first.tokenizer, &other.tokenizer);
    let difference = if a.pre_tokenizer() != b.pre_tokenizer() {
        format!("the tokenizers {} and {}", a.pre_tokenizer().name(), b.pre_tokenizer().name())
    } else if a.len() != b.len() {
        format!("{} and {} tokens", a.len(), b.len())
    } else if let Some(id) = (0..a.len() as u32).find(|&id| a.piece(id) != b.piece(id)) {
        format!("token {id} is {:?} and {:?}", a.piece(id), b.piece(id))
    } else {
        return Ok(());
    };
    Err(Error::failure(format!("models 1 and {number} have different vocabularies: {difference}"))
        .hint("prepare the second book with the vocabulary of the first (rnn-prep --vocab), or use --turns"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::tests::random_model;

    #[test]
    fn an_ensemble_is_the_weighted_sum_of_probabilities() {
        let (a, b) = (random_model(1), random_model(2));
        let request = || GenerationRequest { seed_text: "the cat".into(), ..GenerationRequest::default() };
        let row = |parts: &[(&LanguageModel, f32)]| -> Vec<f64> {
            let mut ensemble = Ensemble::new(parts.to_vec()).unwrap();
            let mut generation = ensemble.begin(request()).unwrap();
            let logits: Vec<f64> =
                ensemble.predict(&mut [&mut generation]).iter().map(|&x| f64::from(x).exp()).collect();
            let total: f64 = logits.iter().sum();
            logits.iter().map(|x| x / total).collect()
        };
        let (alone_a, alone_b, mixed) = (row(&[(&a, 1.0)]), row(&[(&b, 1.0)]), row(&[(&a, 1.4), (&b, 0.6)]));
        for token in 0..mixed.len() {
            assert!((mixed[token] - 0.7 * alone_a[token] - 0.3 * alone_b[token]).abs() < 1e-6);
        }
        assert_ne!(alone_a, alone_b);
    }

    #[test]
    fn a_text_is_the_same_alone_and_in_a_batch() {
        let a = random_model(3);
        let request = |number: u64, seed_text: &str| GenerationRequest {
            seed_text: seed_text.into(),
            num_words: Some(10 + number as usize),
            random_seed: 5,
            sample_index: number,
            ..GenerationRequest::default()
        };
        let requests: Vec<GenerationRequest> =
            ["the cat", "", "the dog sat, the cat", "ran"].iter().zip(0..).map(|(s, n)| request(n, s)).collect();
        let texts = |requests: &[GenerationRequest]| {
            let mut ensemble = Ensemble::single(&a);
            let mut generations: Vec<Generation> =
                requests.iter().map(|r| ensemble.begin(r.clone()).unwrap()).collect();
            let mut texts = vec![String::new(); requests.len()];
            ensemble
                .generate(&mut generations, |i, piece| {
                    texts[i].push_str(&piece.text);
                    Ok(())
                })
                .unwrap();
            texts
        };
        let together = texts(&requests);
        for (request, text) in requests.into_iter().zip(&together) {
            assert_eq!(&texts(&[request])[0], text);
        }
    }

    #[test]
    fn different_vocabularies_and_invalid_weights_are_refused() {
        let (a, mut b) = (random_model(1), random_model(2));
        assert!(Ensemble::new(vec![(&a, -1.0), (&b, 2.0)]).is_err());
        assert!(Ensemble::new(vec![(&a, 0.0), (&b, 0.0)]).is_err());
        assert!(Ensemble::new(vec![(&a, f32::NAN)]).is_err());
        let pieces = (0..b.tokenizer.len() as u32).map(|id| match id {
            3 => "cow",
            _ => b.tokenizer.piece(id),
        });
        b.tokenizer = crate::text::Tokenizer::new(b.tokenizer.pre_tokenizer(), pieces).unwrap();
        let error = Ensemble::new(vec![(&a, 1.0), (&b, 1.0)]).err().unwrap().to_string();
        assert!(error.contains("token 3 is"), "{error}");
    }
}
