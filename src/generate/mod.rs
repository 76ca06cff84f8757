//! Text from a model: reading a seed text, then writing on.

mod seam;

use std::path::Path;

use crate::engine::{Model, State, Workspace};
use crate::error::{Error, Result};
use crate::model::{ModelFile, Training};
use crate::ngram::Ngram;
use crate::random::Rng;
use crate::sampling::Sampling;
use crate::text::{Decoder, Style, Tokenizer, UNKNOWN_ID};
use seam::Seam;

/// Marks in a row that cost no word; from then on they do, so that a text of nothing else ends too.
const MOST_MARKS: usize = 16;

/// A model ready to write: the network, its tokenizer and its origin. Shared freely between threads.
pub struct Author {
    pub network: Model,
    /// Mixed with the network, where the model file has one.
    pub ngram: Option<Ngram>,
    pub tokenizer: Tokenizer,
    pub training: Training,
}

/// What to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The text to go on from; may be empty.
    pub seed_text: String,
    /// Words to write; punctuation and line breaks are not counted. At the levels of characters and bytes, and in
    /// scripts without blanks, characters. None goes on for ever, or to the end of a document.
    pub num_words: Option<usize>,
    pub sampling: Sampling,
    pub random_seed: u64,
}

/// A text in the making: an iterator over its pieces, each to be appended to what came before, first of all
/// to the seed text.
pub struct Generation<'a> {
    author: &'a Author,
    request: Request,
    /// Words of the seed text that the model does not know and did not read.
    pub unknown: Vec<String>,
    rng: Rng,
    state: State,
    work: Workspace,
    /// Until the first piece is there.
    seam: Option<Seam>,
    decoder: Decoder<'a>,
    /// The last tokens, as many as the n-gram model looks back.
    context: Vec<u32>,
    words_left: Option<usize>,
    /// Pieces since the last word.
    marks: usize,
    logits: Vec<f32>,
    scratch: Vec<f32>,
    order: Vec<u32>,
}

/// The next piece of a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    /// With the blank that parts it from the word before.
    pub text: String,
    pub is_word: bool,
    /// With which the piece was chosen, after temperature and cuts.
    pub probability: f32,
}

impl Author {
    /// Reads a model file, or the one in a folder.
    pub fn read(path: &Path) -> Result<Self> {
        let file = ModelFile::read(path)?;
        let network = Model::new(&file);
        Ok(Self { network, ngram: file.ngram, tokenizer: file.tokenizer, training: file.training })
    }

    /// Reads the seed text. Words that the model does not know are left out and named in the result;
    /// where there is none that it knows, that is an error. An empty seed text begins a paragraph; where the
    /// model knows documents, every seed text begins one.
    pub fn write(&self, request: Request) -> Result<Generation<'_>> {
        request.sampling.check()?;
        let (mut ids, unknown) = self.tokenizer.encode_typed(&request.seed_text);
        if ids.is_empty() && !unknown.is_empty() {
            return Err(Error::failure(format!(
                "the model knows no word of the seed text: {}",
                unknown.iter().map(|word| format!("{word:?}")).collect::<Vec<_>>().join(", ")
            ))
            .hint("use words of the book that it was trained on"));
        }
        let previous = ids.last().copied();
        let is_word_level = self.tokenizer.style().is_word_level();
        let seam = is_word_level.then(|| Seam::new(&request.seed_text, previous.map(|id| self.tokenizer.piece(id))));
        if let Some(begin) = self.tokenizer.begin() {
            ids.insert(0, begin);
        } else if ids.is_empty() {
            let breaks = ["\n\n", "\n"].map(|line_break| self.tokenizer.encode(line_break));
            ids.extend(breaks.into_iter().find(|ids| ids.len() == 1 && ids[0] != UNKNOWN_ID).into_iter().flatten());
        }
        let (mut state, mut work) = (self.network.initial_state(), self.network.workspace(1));
        ids.iter().for_each(|&id| self.network.step(&[id], &mut [&mut state], &mut work));
        Ok(Generation {
            author: self,
            unknown,
            rng: Rng::new(request.random_seed),
            state,
            work,
            seam,
            decoder: Decoder::new(&self.tokenizer, previous),
            context: ids,
            words_left: request.num_words,
            marks: 0,
            logits: vec![0.0; self.tokenizer.len()],
            scratch: vec![0.0; self.tokenizer.len()],
            order: Vec::new(),
            request,
        })
    }
}

impl Iterator for Generation<'_> {
    type Item = Piece;

    fn next(&mut self) -> Option<Piece> {
        if self.words_left == Some(0) {
            return None;
        }
        let tokenizer = &self.author.tokenizer;
        let (mut text, mut probability) = (String::new(), 1.0);
        // The bytes of one character come together, so that half of one is never written.
        let token = loop {
            let (token, chance) = self.choose();
            if Some(token) == tokenizer.end() {
                self.words_left = Some(0);
                return None;
            }
            text.push_str(&self.decoder.push(token));
            probability *= chance;
            if self.decoder.is_whole() {
                break token;
            }
        };
        let is_word = tokenizer.is_word(token);
        self.marks = if is_word { 0 } else { self.marks + 1 };
        if let Some(left) = &mut self.words_left
            && (is_word || self.marks > MOST_MARKS)
        {
            *left -= 1;
        }
        if let Some(seam) = self.seam.take() {
            text = seam.join(&text);
        }
        Some(Piece { text, is_word, probability })
    }
}

impl Generation<'_> {
    /// The next token, among those that can be written, and its probability.
    fn choose(&mut self) -> (u32, f32) {
        let Author { network, tokenizer, ngram, .. } = self.author;
        network.logits(&[&self.state], &mut self.logits, &mut self.work);
        if let Some(ngram) = ngram {
            let begin = self.context.len().saturating_sub(ngram.order() - 1);
            self.context.drain(..begin);
            ngram.mix(&self.context, &mut self.logits, &mut self.scratch);
        }
        self.logits[UNKNOWN_ID as usize] = f32::NEG_INFINITY;
        if let Some(begin) = tokenizer.begin() {
            self.logits[begin as usize] = f32::NEG_INFINITY;
        }
        if tokenizer.style() == Style::Byte {
            for (id, logit) in (0..).zip(&mut self.logits) {
                if !self.decoder.may_follow(id) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
        let choice = self.request.sampling.choose(&mut self.logits, &mut self.order, &mut self.rng);
        network.step(&[choice.token], &mut [&mut self.state], &mut self.work);
        self.context.push(choice.token);
        (choice.token, choice.probability)
    }
}
