//! Parallel evaluation of the network and the n-gram model: many texts at once, long texts in chunks.
//!
//! A chunk starts with tokens of the previous one, which are read but not scored: a recurrent network has forgotten
//! nearly everything further back (Khandelwal et al. 2018).

use std::ops::Range;

use rayon::prelude::*;

use super::distributions::Distributions;
use super::{Evaluator, Text, TokenScore};
use crate::engine::State;

/// The minimum number of scored tokens in a chunk.
const MIN_TARGETS: usize = 500;
/// The maximum number of chunks of a text. It does not depend on the number of cores, so that the results are the same
/// on every machine.
const MAX_CHUNKS: usize = 64;
/// The number of tokens read before the scored ones.
const OVERLAP: usize = 100;
/// The maximum number of states in a step.
const BATCH: usize = 64;
/// The number of positions whose logits one core computes together.
const ROWS: usize = 32;
/// The number of positions collected for all cores.
const BLOCK: usize = 16 * ROWS;

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
struct Chunk {
    text: usize,
    /// The first position to read.
    start: usize,
    /// The positions to score.
    scored: Range<usize>,
}

/// Returns the scores of the texts under the network and the mixture. (texts)(tokens, predictors)
pub fn read(evaluator: &Evaluator, texts: &[Text]) -> Vec<Vec<TokenScore>> {
    let mut chunks = cut(texts, if evaluator.options.exact { usize::MAX } else { MIN_TARGETS });
    // Chunks of similar length are read together.
    chunks.sort_by_key(|chunk| std::cmp::Reverse(chunk.scored.end - chunk.start));
    let batch = chunks.len().div_ceil(rayon::current_num_threads()).clamp(1, BATCH);
    let read: Vec<Vec<Vec<TokenScore>>> =
        chunks.par_chunks(batch).map(|chunks| read_batch(evaluator, texts, chunks)).collect();
    let mut parts: Vec<(&Chunk, Vec<TokenScore>)> = chunks.iter().zip(read.into_iter().flatten()).collect();
    parts.sort_by_key(|(chunk, _)| (chunk.text, chunk.start));
    let mut all = vec![Vec::new(); texts.len()];
    parts.into_iter().for_each(|(chunk, scores)| all[chunk.text].extend(scores));
    all
}

/// Splits texts of at least twice `length` into equal chunks.
fn cut(texts: &[Text], length: usize) -> Vec<Chunk> {
    let chunks = texts.iter().enumerate().flat_map(|(index, text)| {
        let (first, targets) = (text.context, text.targets().len());
        let count = (targets / length).clamp(1, MAX_CHUNKS);
        (0..count).map(move |number| {
            let position = |number: usize| first + targets * number / count;
            let scored = position(number)..position(number + 1);
            Chunk { text: index, start: if number == 0 { 0 } else { scored.start.saturating_sub(OVERLAP) }, scored }
        })
    });
    chunks.filter(|chunk| !chunk.scored.is_empty()).collect()
}

/// Reads chunks, sorted by descending length, in parallel.
fn read_batch(evaluator: &Evaluator, texts: &[Text], chunks: &[Chunk]) -> Vec<Vec<TokenScore>> {
    let network = &evaluator.network;
    let mut states: Vec<State> = chunks.iter().map(|_| network.initial_state()).collect();
    let mut work = network.workspace(chunks.len());
    let mut scores: Vec<Vec<TokenScore>> = chunks.iter().map(|_| Vec::new()).collect();
    // Chunk, position and the state before it.
    let mut positions: Vec<(usize, usize, State)> = Vec::new();
    for step in 0.. {
        let reading = chunks.iter().take_while(|chunk| chunk.start + step < chunk.scored.end).count();
        for (number, chunk) in chunks[..reading].iter().enumerate() {
            if chunk.scored.contains(&(chunk.start + step)) {
                positions.push((number, chunk.start + step, states[number].clone()));
            }
        }
        if positions.len() >= BLOCK || reading == 0 {
            let blocks = positions.par_chunks(ROWS).map(|positions| score(evaluator, texts, chunks, positions));
            let all: Vec<Vec<TokenScore>> = blocks.collect();
            let width = evaluator.predictors().len();
            let rows = all.iter().flat_map(|block| block.chunks(width));
            positions.iter().zip(rows).for_each(|((number, ..), row)| scores[*number].extend(row));
            positions.clear();
        }
        if reading == 0 {
            return scores;
        }
        let tokens: Vec<u32> =
            chunks[..reading].iter().map(|chunk| texts[chunk.text].tokens[chunk.start + step]).collect();
        let mut states: Vec<&mut State> = states[..reading].iter_mut().collect();
        network.step(&tokens, &mut states, &mut work);
    }
    unreachable!("every chunk ends")
}

/// Returns the scores at some positions. (positions, predictors)
fn score(
    evaluator: &Evaluator,
    texts: &[Text],
    chunks: &[Chunk],
    positions: &[(usize, usize, State)],
) -> Vec<TokenScore> {
    let vocab_size = evaluator.tokenizer.len();
    let states: Vec<&State> = positions.iter().map(|(.., state)| state).collect();
    let mut logits = vec![0.0; positions.len() * vocab_size];
    evaluator.network.logits(&states, &mut logits, &mut evaluator.network.workspace(positions.len()));
    let (mut row, mut scores) = (Distributions::default(), Vec::new());
    for (&(number, position, _), logits) in positions.iter().zip(logits.chunks_exact(vocab_size)) {
        let tokens = &texts[chunks[number].text].tokens;
        let target = tokens[position];
        let own = row.read_network(logits, target);
        scores.push(own);
        if let Some(ngram) = &evaluator.ngram {
            scores.push(row.read_ngram(ngram, &tokens[..position], target, own));
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_cover_every_target_once_and_start_before_it() {
        for (tokens, context) in [(0, 0), (1, 1), (2, 1), (999, 0), (1001, 1), (50_123, 1)] {
            let text = Text { tokens: vec![0; tokens], context, characters: 0, words: 0, unknown: Vec::new() };
            let chunks = cut(&[text], 500);
            let scored: Vec<usize> = chunks.iter().flat_map(|chunk| chunk.scored.clone()).collect();
            assert_eq!(scored, (context..tokens).collect::<Vec<_>>());
            for chunk in &chunks {
                assert!(chunk.start == 0 || chunk.scored.start - chunk.start == OVERLAP);
                assert!(chunks.len() == 1 || chunk.scored.len() >= 500);
            }
        }
    }
}
