//! Reading a text token by token with a memory of it: the cache, and weights that go on learning.

use std::ops::Range;

use rayon::prelude::*;

use super::cache::{ContinuousCache, Lookup};
use super::distributions::{Distributions, rank};
use super::dynamic::Follower;
use super::interpolation::Interpolation;
use super::{Evaluator, Text, TokenScore};
use crate::engine::{Model, State, Workspace};

/// Places whose distributions are held at once, where the weights stay the same meanwhile.
const BLOCK: usize = 64;

/// Where states and logits come from.
enum Source<'a> {
    Fixed { network: &'a Model, state: State, work: Box<Workspace> },
    Learning(Box<Follower<'a>>),
}

/// All predictors' scores about a text. (tokens, predictors)
pub fn read(evaluator: &Evaluator, text: &Text) -> Vec<TokenScore> {
    let mut source = match &evaluator.learner {
        Some(learner) => Source::Learning(Box::new(learner.follow())),
        None => Source::Fixed {
            network: &evaluator.network,
            state: evaluator.network.initial_state(),
            work: Box::new(evaluator.network.workspace(1)),
        },
    };
    let shares = evaluator.ngram.as_ref().map_or(&[][..], |ngram| &ngram.weights);
    let mut cache = evaluator.options.cache.map(|cache| {
        let memory = ContinuousCache::new(cache, evaluator.network.config().features());
        let interpolation = Interpolation::new(shares, memory.caches(), cache.weight);
        (memory, interpolation)
    });
    let (mut rows, mut scores) = (Vec::new(), Vec::new());
    rows.resize_with(BLOCK, Distributions::default);
    let (mut features, mut logits) = (Vec::new(), Vec::new());
    let mut start = text.context;
    while start < text.tokens.len() {
        let places = start..(start + source.block(start)).min(text.tokens.len());
        source.read(&text.tokens, places.clone(), &mut features, &mut logits);
        let own = score(evaluator, &text.tokens, places.clone(), &logits, &mut rows);
        match &mut cache {
            None => scores.extend(own.into_iter().flatten()),
            Some((memory, interpolation)) => {
                let targets = &text.tokens[places.clone()];
                let size = features.len() / targets.len();
                let states = features.chunks_exact(size);
                let first = states.zip(targets).map(|(state, &token)| memory.push(state, token)).min();
                let blended = mix(memory, interpolation, first.unwrap_or(0), targets, &own, &mut rows);
                memory.forget();
                for (own, blended) in own.into_iter().zip(blended) {
                    scores.extend(own);
                    scores.push(blended);
                }
            }
        }
        source.learn(&text.tokens, places.clone());
        start = places.end;
    }
    scores
}

/// The scores of network and n-grams, one list a place; `rows` keep the distributions.
fn score(
    evaluator: &Evaluator,
    tokens: &[u32],
    places: Range<usize>,
    logits: &[f32],
    rows: &mut [Distributions],
) -> Vec<Vec<TokenScore>> {
    let logits = logits.par_chunks_exact(evaluator.tokenizer.len());
    let one = |((place, row), logits): ((usize, &mut Distributions), &[f32])| {
        let own = row.read_network(logits, tokens[place]);
        let ngram = evaluator.ngram.as_ref();
        let mixed = ngram.map(|ngram| row.read_ngram(ngram, &tokens[..place], tokens[place], own));
        [Some(own), mixed].into_iter().flatten().collect()
    };
    places.into_par_iter().zip(rows.par_iter_mut()).zip(logits).map(one).collect()
}

/// The scores of everything together at places from `first` on.
fn mix(
    memory: &ContinuousCache,
    interpolation: &mut Interpolation,
    first: usize,
    targets: &[u32],
    own: &[Vec<TokenScore>],
    rows: &mut [Distributions],
) -> Vec<TokenScore> {
    let views: Vec<Lookup> =
        (first..first + targets.len()).into_par_iter().map(|place| memory.look_back(place)).collect();
    let mut all_shares = Vec::new();
    let mut log_likelihoods = Vec::new();
    for (((&target, own), row), view) in targets.iter().zip(own).zip(&*rows).zip(&views) {
        let Lookup { tokens, weights, matched } = view;
        let context = (row.found, *matched);
        let mut probabilities = vec![own[0].log_likelihood.exp()];
        probabilities.extend(row.ngram.get(target as usize).map(|&p| f64::from(p)));
        probabilities.extend(weights.iter().map(|weights| {
            let of_target = tokens.iter().zip(weights).filter(|(token, _)| **token == target);
            of_target.map(|(_, &weight)| f64::from(weight)).sum::<f64>()
        }));
        let shares = interpolation.shares(context, probabilities.len());
        let total: f64 = shares.iter().zip(&probabilities).map(|(share, p)| share * p).sum();
        // A probability too small for a double is still the network's.
        let least = shares[0].ln() + own[0].log_likelihood;
        log_likelihoods.push(if total > 0.0 { total.ln() } else { least });
        if !weights.is_empty() {
            interpolation.learn(context, &probabilities);
        }
        all_shares.push(shares);
    }
    let rank_of = |(((&target, row), shares), view): (((&u32, &mut Distributions), &Vec<f64>), &Lookup)| {
        let ngram = if row.ngram.is_empty() { 0.0 } else { shares[1] };
        row.mix(shares[0] as f32, ngram as f32);
        for (weights, &share) in view.weights.iter().zip(&shares[shares.len() - view.weights.len()..]) {
            let words = view.tokens.iter().zip(weights);
            words.for_each(|(&token, weight)| row.mixed[token as usize] += share as f32 * weight);
        }
        rank(target, &row.mixed)
    };
    let ranks: Vec<u32> = targets.par_iter().zip(&mut *rows).zip(&all_shares).zip(&views).map(rank_of).collect();
    log_likelihoods.into_iter().zip(ranks).map(|(log_likelihood, rank)| TokenScore { log_likelihood, rank }).collect()
}

impl Source<'_> {
    /// Places to be read at once from `start` on.
    fn block(&self, start: usize) -> usize {
        match self {
            Self::Fixed { .. } => BLOCK,
            // Nothing was read before the first token, and there is nothing to learn from it.
            Self::Learning(_) if start == 0 => 1,
            Self::Learning(follower) => follower.segment().min(BLOCK),
        }
    }

    /// Reads on to each of the places, which follow those before. `features`: (places, features), `logits`: (places,
    /// vocab_size)
    fn read(&mut self, tokens: &[u32], places: Range<usize>, features: &mut Vec<f32>, logits: &mut Vec<f32>) {
        let Self::Fixed { network, state, work } = self else {
            let Self::Learning(follower) = self else { unreachable!("there are two sources") };
            return follower.read(&tokens[places.start.saturating_sub(1)..places.end - 1], features, logits);
        };
        let vocab_size = network.config().vocab_size();
        let mut states: Vec<State> = Vec::new();
        for place in places {
            if place > 0 {
                network.step(&[tokens[place - 1]], &mut [state], work);
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

    /// Is told what stood at the places.
    fn learn(&mut self, tokens: &[u32], places: Range<usize>) {
        if let Self::Learning(follower) = self {
            follower.learn(&tokens[places]);
        }
    }
}
