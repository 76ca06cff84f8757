//! Sequential evaluation of a text, with the cache and with dynamic evaluation.

use std::ops::Range;

use rayon::prelude::*;

use super::cache::{ContinuousCache, Lookup};
use super::distributions::{Distributions, rank};
use super::dynamic::AdaptingNetwork;
use super::interpolation::Interpolation;
use super::{Evaluator, Text, TokenScore};
use crate::engine::{Model, State, Workspace};

/// The maximum number of positions processed together.
const BLOCK: usize = 64;

/// The source of states and logits.
enum Source<'a> {
    Fixed { network: &'a Model, state: State, work: Box<Workspace> },
    Learning(Box<AdaptingNetwork<'a>>),
}

/// Returns the scores of a text under all predictors. (tokens, predictors)
pub fn read(evaluator: &Evaluator, text: &Text) -> Vec<TokenScore> {
    let mut source = match &evaluator.learner {
        Some(learner) => Source::Learning(Box::new(learner.network())),
        None => Source::Fixed {
            network: &evaluator.network,
            state: evaluator.network.initial_state(),
            work: Box::new(evaluator.network.workspace(1)),
        },
    };
    let ngram_weights = evaluator.ngram.as_ref().map_or(&[][..], |ngram| &ngram.weights);
    let mut cache = evaluator.options.cache.map(|cache| {
        let memory = ContinuousCache::new(cache, evaluator.network.config().features());
        let interpolation = Interpolation::new(ngram_weights, memory.caches(), cache.weight);
        (memory, interpolation)
    });
    let (mut rows, mut scores) = (Vec::new(), Vec::new());
    rows.resize_with(BLOCK, Distributions::default);
    let (mut features, mut logits) = (Vec::new(), Vec::new());
    let mut start = text.context;
    while start < text.tokens.len() {
        let positions = start..(start + source.block(start)).min(text.tokens.len());
        source.read(&text.tokens, positions.clone(), &mut features, &mut logits);
        let own = score(evaluator, &text.tokens, positions.clone(), &logits, &mut rows);
        match &mut cache {
            None => scores.extend(own.into_iter().flatten()),
            Some((memory, interpolation)) => {
                let targets = &text.tokens[positions.clone()];
                let size = features.len() / targets.len();
                let states = features.chunks_exact(size);
                let first = states.zip(targets).map(|(state, &token)| memory.push(state, token)).min();
                let blended = mix(memory, interpolation, first.unwrap_or(0), targets, &own, &mut rows);
                memory.evict();
                for (own, blended) in own.into_iter().zip(blended) {
                    scores.extend(own);
                    scores.push(blended);
                }
            }
        }
        source.learn(&text.tokens, positions.clone());
        start = positions.end;
    }
    scores
}

/// Returns the scores under the network and the n-gram mixture at each position; stores the distributions in `rows`.
fn score(
    evaluator: &Evaluator,
    tokens: &[u32],
    positions: Range<usize>,
    logits: &[f32],
    rows: &mut [Distributions],
) -> Vec<Vec<TokenScore>> {
    let logits = logits.par_chunks_exact(evaluator.tokenizer.len());
    let one = |((position, row), logits): ((usize, &mut Distributions), &[f32])| {
        let own = row.read_network(logits, tokens[position]);
        let ngram = evaluator.ngram.as_ref();
        let mixed = ngram.map(|ngram| row.read_ngram(ngram, &tokens[..position], tokens[position], own));
        [Some(own), mixed].into_iter().flatten().collect()
    };
    positions.into_par_iter().zip(rows.par_iter_mut()).zip(logits).map(one).collect()
}

/// Returns the scores under the mixture of all predictors at positions from `first` on.
fn mix(
    memory: &ContinuousCache,
    interpolation: &mut Interpolation,
    first: usize,
    targets: &[u32],
    own: &[Vec<TokenScore>],
    rows: &mut [Distributions],
) -> Vec<TokenScore> {
    let lookups: Vec<Lookup> =
        (first..first + targets.len()).into_par_iter().map(|position| memory.look_back(position)).collect();
    let mut all_weights = Vec::new();
    let mut log_likelihoods = Vec::new();
    for (((&target, own), row), lookup) in targets.iter().zip(own).zip(&*rows).zip(&lookups) {
        let Lookup { tokens, weights, matched } = lookup;
        let context = (row.found, *matched);
        let mut probabilities = vec![own[0].log_likelihood.exp()];
        probabilities.extend(row.ngram.get(target as usize).map(|&p| f64::from(p)));
        probabilities.extend(weights.iter().map(|weights| {
            let target_weights = tokens.iter().zip(weights).filter(|(token, _)| **token == target);
            target_weights.map(|(_, &weight)| f64::from(weight)).sum::<f64>()
        }));
        let mixture = interpolation.weights(context, probabilities.len());
        let total: f64 = mixture.iter().zip(&probabilities).map(|(weight, p)| weight * p).sum();
        // If the sum underflows, the network's log-likelihood is used.
        let least = mixture[0].ln() + own[0].log_likelihood;
        log_likelihoods.push(if total > 0.0 { total.ln() } else { least });
        if !weights.is_empty() {
            interpolation.learn(context, &probabilities);
        }
        all_weights.push(mixture);
    }
    let rank_of = |(((&target, row), mixture), lookup): (((&u32, &mut Distributions), &Vec<f64>), &Lookup)| {
        let ngram = if row.ngram.is_empty() { 0.0 } else { mixture[1] };
        row.mix(mixture[0] as f32, ngram as f32);
        for (weights, &cache_weight) in lookup.weights.iter().zip(&mixture[mixture.len() - lookup.weights.len()..]) {
            let words = lookup.tokens.iter().zip(weights);
            words.for_each(|(&token, weight)| row.mixed[token as usize] += cache_weight as f32 * weight);
        }
        rank(target, &row.mixed)
    };
    let ranks: Vec<u32> = targets.par_iter().zip(&mut *rows).zip(&all_weights).zip(&lookups).map(rank_of).collect();
    log_likelihoods.into_iter().zip(ranks).map(|(log_likelihood, rank)| TokenScore { log_likelihood, rank }).collect()
}

impl Source<'_> {
    /// Returns the number of positions to read together from `start` on.
    fn block(&self, start: usize) -> usize {
        match self {
            Self::Fixed { .. } => BLOCK,
            // The first token has no input, so nothing can be learned from it.
            Self::Learning(_) if start == 0 => 1,
            Self::Learning(network) => network.segment().min(BLOCK),
        }
    }

    /// Reads up to each of the positions, which follow the previous ones. `features`: (positions, features), `logits`:
    /// (positions, vocab_size)
    fn read(&mut self, tokens: &[u32], positions: Range<usize>, features: &mut Vec<f32>, logits: &mut Vec<f32>) {
        let Self::Fixed { network, state, work } = self else {
            let Self::Learning(network) = self else { unreachable!("there are only two sources") };
            return network.read(&tokens[positions.start.saturating_sub(1)..positions.end - 1], features, logits);
        };
        let vocab_size = network.config().vocab_size();
        let mut states: Vec<State> = Vec::new();
        for position in positions {
            if position > 0 {
                network.step(&[tokens[position - 1]], &mut [state], work);
            }
            states.push(state.clone());
        }
        features.clear();
        states.iter().for_each(|state| features.extend_from_slice(network.features(state)));
        logits.resize(states.len() * vocab_size, 0.0);
        let rows = states.len().div_ceil(rayon::current_num_threads());
        states.par_chunks(rows).zip(logits.par_chunks_mut(rows * vocab_size)).for_each(|(states, logits)| {
            let states: Vec<&State> = states.iter().collect();
            network.logits(&states, logits, &mut network.workspace(states.len()));
        });
    }

    /// Learns from the tokens at the positions, if the weights are dynamic.
    fn learn(&mut self, tokens: &[u32], positions: Range<usize>) {
        if let Self::Learning(network) = self {
            network.learn(&tokens[positions]);
        }
    }
}
