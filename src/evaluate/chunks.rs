//! Reading with nothing but the network and the n-grams: long texts in chunks side by side, many texts at once.
//!
//! A chunk begins with tokens of the one before it, which are read and not asked for: a recurrent network has
//! forgotten nearly everything that stands further back (Khandelwal et al. 2018).

use std::ops::Range;

use rayon::prelude::*;

use super::distributions::Distributions;
use super::{Evaluator, Text, TokenScore};
use crate::engine::State;

/// Tokens asked for in a chunk, at least.
const LENGTH: usize = 500;
/// Pieces of a text, at most: not by the number of cores, so that the figures are the same on every machine.
const MOST: usize = 64;
/// Tokens read before them.
const OVERLAP: usize = 100;
/// States in one step, at most.
const BATCH: usize = 64;
/// Places whose logits are computed together, by one core.
const ROWS: usize = 32;
/// Places collected before that, for all cores.
const BLOCK: usize = 16 * ROWS;

/// A part of a text.
#[derive(Clone, Debug, PartialEq)]
struct Chunk {
    text: usize,
    /// Where reading begins.
    start: usize,
    /// The places that are asked for.
    asked: Range<usize>,
}

/// The network's and the mixture's scores about the texts. (texts)(tokens, predictors)
pub fn read(evaluator: &Evaluator, texts: &[Text]) -> Vec<Vec<TokenScore>> {
    let mut chunks = cut(texts, if evaluator.options.exact { usize::MAX } else { LENGTH });
    // Those that end together are read together.
    chunks.sort_by_key(|chunk| std::cmp::Reverse(chunk.asked.end - chunk.start));
    let batch = chunks.len().div_ceil(rayon::current_num_threads()).clamp(1, BATCH);
    let read: Vec<Vec<Vec<TokenScore>>> =
        chunks.par_chunks(batch).map(|chunks| read_batch(evaluator, texts, chunks)).collect();
    let mut parts: Vec<(&Chunk, Vec<TokenScore>)> = chunks.iter().zip(read.into_iter().flatten()).collect();
    parts.sort_by_key(|(chunk, _)| (chunk.text, chunk.start));
    let mut all = vec![Vec::new(); texts.len()];
    parts.into_iter().for_each(|(chunk, scores)| all[chunk.text].extend(scores));
    all
}

/// Cuts texts of twice `length` and more into equal chunks.
fn cut(texts: &[Text], length: usize) -> Vec<Chunk> {
    let chunks = texts.iter().enumerate().flat_map(|(index, text)| {
        let (first, targets) = (text.context, text.targets().len());
        let count = (targets / length).clamp(1, MOST);
        (0..count).map(move |number| {
            let place = |number: usize| first + targets * number / count;
            let asked = place(number)..place(number + 1);
            Chunk { text: index, start: if number == 0 { 0 } else { asked.start.saturating_sub(OVERLAP) }, asked }
        })
    });
    chunks.filter(|chunk| !chunk.asked.is_empty()).collect()
}

/// Reads chunks, the longest first, side by side.
fn read_batch(evaluator: &Evaluator, texts: &[Text], chunks: &[Chunk]) -> Vec<Vec<TokenScore>> {
    let network = &evaluator.network;
    let mut states: Vec<State> = chunks.iter().map(|_| network.initial_state()).collect();
    let mut work = network.workspace(chunks.len());
    let mut scores: Vec<Vec<TokenScore>> = chunks.iter().map(|_| Vec::new()).collect();
    // Chunk, place and the state before it.
    let mut places: Vec<(usize, usize, State)> = Vec::new();
    for step in 0.. {
        let reading = chunks.iter().take_while(|chunk| chunk.start + step < chunk.asked.end).count();
        for (number, chunk) in chunks[..reading].iter().enumerate() {
            if chunk.asked.contains(&(chunk.start + step)) {
                places.push((number, chunk.start + step, states[number].clone()));
            }
        }
        if places.len() >= BLOCK || reading == 0 {
            let blocks = places.par_chunks(ROWS).map(|places| score(evaluator, texts, chunks, places));
            let all: Vec<Vec<TokenScore>> = blocks.collect();
            let width = evaluator.predictors().len();
            let rows = all.iter().flat_map(|block| block.chunks(width));
            places.iter().zip(rows).for_each(|((number, ..), row)| scores[*number].extend(row));
            places.clear();
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

/// The scores about some places. (places, predictors)
fn score(evaluator: &Evaluator, texts: &[Text], chunks: &[Chunk], places: &[(usize, usize, State)]) -> Vec<TokenScore> {
    let vocab_size = evaluator.tokenizer.len();
    let states: Vec<&State> = places.iter().map(|(.., state)| state).collect();
    let mut logits = vec![0.0; places.len() * vocab_size];
    evaluator.network.logits(&states, &mut logits, &mut evaluator.network.workspace(places.len()));
    let (mut row, mut scores) = (Distributions::default(), Vec::new());
    for (&(number, place, _), logits) in places.iter().zip(logits.chunks_exact(vocab_size)) {
        let tokens = &texts[chunks[number].text].tokens;
        let target = tokens[place];
        let own = row.read_network(logits, target);
        scores.push(own);
        if let Some(ngram) = &evaluator.ngram {
            scores.push(row.read_ngram(ngram, &tokens[..place], target, own));
        }
    }
    scores
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_every_target_once_and_begin_before_it() {
        for (tokens, context) in [(0, 0), (1, 1), (2, 1), (999, 0), (1001, 1), (50_123, 1)] {
            let text = Text { tokens: vec![0; tokens], context, characters: 0, words: 0, unknown: Vec::new() };
            let chunks = cut(&[text], 500);
            let asked: Vec<usize> = chunks.iter().flat_map(|chunk| chunk.asked.clone()).collect();
            assert_eq!(asked, (context..tokens).collect::<Vec<_>>());
            for chunk in &chunks {
                assert!(chunk.start == 0 || chunk.asked.start - chunk.start == OVERLAP);
                assert!(chunks.len() == 1 || chunk.asked.len() >= 500);
            }
        }
    }
}
