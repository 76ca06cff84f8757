//! The state of a sequence apart from its last tokens and the states of the networks.

use serde::{Deserialize, Serialize};

use super::prompt_boundary::PromptBoundary;
use super::{Piece, Sequence};
use crate::error::{Error, Result};
use crate::random::Rng;
use crate::sampling::TokenHistory;
use crate::text::Decoder;

/// What the continuation of a text depends on, apart from its last tokens and the states of the networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SequenceState {
    rng: [u64; 4],
    /// The last token of the text; None if there is none.
    previous: Option<u32>,
    /// Set if the text ends with the prompt.
    #[serde(rename = "seam")]
    boundary: Option<PromptBoundary>,
    /// Words generated, for the temperature schedule, and pieces since the last word.
    words: usize,
    marks: usize,
    /// Pieces sampled beyond the end of the text: text, token, whether it is a word, probability.
    #[serde(rename = "rest")]
    surplus: Vec<(String, u32, bool, f32)>,
}

impl Sequence<'_> {
    /// Returns the state of a text whose pieces have all been fetched.
    pub fn state(&self) -> SequenceState {
        let surplus_words = self.surplus.iter().filter(|piece| piece.is_word).count();
        SequenceState {
            rng: self.rng.state(),
            previous: self.decoder.previous(),
            boundary: self.boundary.clone(),
            words: self.words_before + self.words - surplus_words,
            marks: self.marks.saturating_sub(self.surplus.len()),
            surplus: self.surplus.iter().map(|p| (p.text.clone(), p.token, p.is_word, p.probability)).collect(),
        }
    }

    /// Replaces the text with a saved one. `tokens`: its last tokens, which the network has read.
    pub fn restore(&mut self, tokens: &[u32], state: SequenceState) -> Result<()> {
        let known = |id: &u32| (*id as usize) < self.tokenizer.len();
        let surplus_tokens = state.surplus.iter().map(|(_, token, _, _)| token);
        if !tokens.iter().chain(&state.previous).chain(surplus_tokens).all(known) {
            return Err(Error::invalid("a token is outside the vocabulary"));
        }
        self.rng =
            Rng::from_state(state.rng).ok_or_else(|| Error::invalid("the random generator's state is all zeros"))?;
        self.history = TokenHistory::new(self.request.sampling.penalty_window);
        tokens.iter().for_each(|&token| self.history.push(token));
        self.unread.clear();
        self.decoder = Decoder::new(self.tokenizer, state.previous);
        self.boundary = state.boundary;
        (self.words_before, self.words, self.tokens, self.marks) = (state.words, 0, 0, state.marks);
        for (text, token, is_word, probability) in state.surplus {
            if self.is_finished() {
                self.surplus.push(Piece { text, token, is_word, probability, stats: None });
            } else {
                self.push_piece(Piece { text, token, is_word, probability, stats: None });
            }
        }
        Ok(())
    }

    /// Switches to another random stream: the text branches.
    pub fn reseed(&mut self, random_seed: u64, sample_index: u64) {
        (self.request.random_seed, self.request.sample_index) = (random_seed, sample_index);
        self.rng = Rng::stream(random_seed, sample_index);
    }
}
