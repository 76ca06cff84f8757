//! Reading with nothing but the network and the n-grams: long texts in pieces side by side, many texts at once.
//!
//! A piece begins with tokens of the one before it, which are read and not asked for: a recurrent network has
//! forgotten nearly everything that stands further back (Khandelwal et al. 2018).

use std::ops::Range;

use rayon::prelude::*;

use super::row::Row;
use super::{Evaluator, Guess, Text};
use crate::engine::State;

/// Tokens asked for in a piece, at least.
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
struct Piece {
    text: usize,
    /// Where reading begins.
    start: usize,
    /// The places that are asked for.
    asked: Range<usize>,
}

/// The network's and the mixture's guesses about the texts. (texts)(tokens, predictors)
pub fn read(evaluator: &Evaluator, texts: &[Text]) -> Vec<Vec<Guess>> {
    let mut pieces = cut(texts, if evaluator.options.exact { usize::MAX } else { LENGTH });
    // Those that end together are read together.
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.asked.end - piece.start));
    let batch = pieces.len().div_ceil(rayon::current_num_threads()).clamp(1, BATCH);
    let read: Vec<Vec<Vec<Guess>>> =
        pieces.par_chunks(batch).map(|pieces| read_batch(evaluator, texts, pieces)).collect();
    let mut parts: Vec<(&Piece, Vec<Guess>)> = pieces.iter().zip(read.into_iter().flatten()).collect();
    parts.sort_by_key(|(piece, _)| (piece.text, piece.start));
    let mut all = vec![Vec::new(); texts.len()];
    parts.into_iter().for_each(|(piece, guesses)| all[piece.text].extend(guesses));
    all
}

/// Cuts texts of twice `length` and more into equal pieces.
fn cut(texts: &[Text], length: usize) -> Vec<Piece> {
    let pieces = texts.iter().enumerate().flat_map(|(index, text)| {
        let (first, targets) = (text.context, text.targets().len());
        let count = (targets / length).clamp(1, MOST);
        (0..count).map(move |number| {
            let place = |number: usize| first + targets * number / count;
            let asked = place(number)..place(number + 1);
            Piece { text: index, start: if number == 0 { 0 } else { asked.start.saturating_sub(OVERLAP) }, asked }
        })
    });
    pieces.filter(|piece| !piece.asked.is_empty()).collect()
}

/// Reads pieces, the longest first, side by side.
fn read_batch(evaluator: &Evaluator, texts: &[Text], pieces: &[Piece]) -> Vec<Vec<Guess>> {
    let network = &evaluator.network;
    let mut states: Vec<State> = pieces.iter().map(|_| network.initial_state()).collect();
    let mut work = network.workspace(pieces.len());
    let mut guesses: Vec<Vec<Guess>> = pieces.iter().map(|_| Vec::new()).collect();
    // Piece, place and the state before it.
    let mut places: Vec<(usize, usize, State)> = Vec::new();
    for step in 0.. {
        let reading = pieces.iter().take_while(|piece| piece.start + step < piece.asked.end).count();
        for (number, piece) in pieces[..reading].iter().enumerate() {
            if piece.asked.contains(&(piece.start + step)) {
                places.push((number, piece.start + step, states[number].clone()));
            }
        }
        if places.len() >= BLOCK || reading == 0 {
            let blocks = places.par_chunks(ROWS).map(|places| guess(evaluator, texts, pieces, places));
            let all: Vec<Vec<Guess>> = blocks.collect();
            let width = evaluator.predictors().len();
            let rows = all.iter().flat_map(|block| block.chunks(width));
            places.iter().zip(rows).for_each(|((number, ..), row)| guesses[*number].extend(row));
            places.clear();
        }
        if reading == 0 {
            return guesses;
        }
        let tokens: Vec<u32> =
            pieces[..reading].iter().map(|piece| texts[piece.text].tokens[piece.start + step]).collect();
        let mut states: Vec<&mut State> = states[..reading].iter_mut().collect();
        network.step(&tokens, &mut states, &mut work);
    }
    unreachable!("every piece ends")
}

/// The guesses about some places. (places, predictors)
fn guess(evaluator: &Evaluator, texts: &[Text], pieces: &[Piece], places: &[(usize, usize, State)]) -> Vec<Guess> {
    let vocab_size = evaluator.tokenizer.len();
    let states: Vec<&State> = places.iter().map(|(.., state)| state).collect();
    let mut logits = vec![0.0; places.len() * vocab_size];
    evaluator.network.logits(&states, &mut logits, &mut evaluator.network.workspace(places.len()));
    let (mut row, mut guesses) = (Row::default(), Vec::new());
    for (&(number, place, _), logits) in places.iter().zip(logits.chunks_exact(vocab_size)) {
        let tokens = &texts[pieces[number].text].tokens;
        let target = tokens[place];
        let own = row.read_network(logits, target);
        guesses.push(own);
        if let Some(ngram) = &evaluator.ngram {
            guesses.push(row.read_ngram(ngram, &tokens[..place], target, own));
        }
    }
    guesses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_hold_every_target_once_and_begin_before_it() {
        for (tokens, context) in [(0, 0), (1, 1), (2, 1), (999, 0), (1001, 1), (50_123, 1)] {
            let text = Text { tokens: vec![0; tokens], context, characters: 0, words: 0, unknown: Vec::new() };
            let pieces = cut(&[text], 500);
            let asked: Vec<usize> = pieces.iter().flat_map(|piece| piece.asked.clone()).collect();
            assert_eq!(asked, (context..tokens).collect::<Vec<_>>());
            for piece in &pieces {
                assert!(piece.start == 0 || piece.asked.start - piece.start == OVERLAP);
                assert!(pieces.len() == 1 || piece.asked.len() >= 500);
            }
        }
    }
}
