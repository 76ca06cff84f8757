//! Where a text stands, as far as the networks do not remember it.

use serde::{Deserialize, Serialize};

use super::seam::Seam;
use super::{Piece, Sequence};
use crate::random::Rng;
use crate::sampling::History;
use crate::text::Decoder;

/// All of a text that its continuation depends on, but its last tokens and the networks' states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Position {
    rng: [u64; 4],
    /// The token after which the text goes on; none where it has not begun.
    previous: Option<u32>,
    /// Where a typed text stands before the next piece.
    seam: Option<Seam>,
    /// Words written, for a temperature schedule, and pieces since the last one.
    words: usize,
    marks: usize,
    /// What was chosen beyond the end of the text: text, token, whether it is a word, probability.
    rest: Vec<(String, u32, bool, f32)>,
}

impl Sequence<'_> {
    /// Where the text stands; everything chosen has been fetched.
    pub fn position(&self) -> Position {
        let rest_words = self.rest.iter().filter(|piece| piece.is_word).count();
        Position {
            rng: self.rng.state(),
            previous: self.decoder.previous(),
            seam: self.seam.clone(),
            words: self.words_before + self.words - rest_words,
            marks: self.marks.saturating_sub(self.rest.len()),
            rest: self.rest.iter().map(|p| (p.text.clone(), p.token, p.is_word, p.probability)).collect(),
        }
    }

    /// Goes on where another text stood, instead of after the seed text. `tokens`: its last ones, which the network
    /// has read.
    pub fn take_up(&mut self, tokens: &[u32], position: Position) -> Result<(), String> {
        let known = |id: &u32| (*id as usize) < self.tokenizer.len();
        let rest_tokens = position.rest.iter().map(|(_, token, _, _)| token);
        if !tokens.iter().chain(&position.previous).chain(rest_tokens).all(known) {
            return Err("a token is beyond the vocabulary".into());
        }
        self.rng = Rng::from_state(position.rng).ok_or("the random generator's state is all zeros")?;
        self.history = History::new(self.request.sampling.penalty_window);
        tokens.iter().for_each(|&token| self.history.push(token));
        self.unread.clear();
        self.decoder = Decoder::new(self.tokenizer, position.previous);
        self.seam = position.seam;
        (self.words_before, self.words, self.tokens, self.marks) = (position.words, 0, 0, position.marks);
        for (text, token, is_word, probability) in position.rest {
            if self.is_done() {
                self.rest.push(Piece { text, token, is_word, probability, measure: None });
            } else {
                self.write(Piece { text, token, is_word, probability, measure: None });
            }
        }
        Ok(())
    }

    /// Draws from another stream from here on: a branch of the same text.
    pub fn reseed(&mut self, random_seed: u64, sample: u64) {
        (self.request.random_seed, self.request.sample) = (random_seed, sample);
        self.rng = Rng::stream(random_seed, sample);
    }
}
