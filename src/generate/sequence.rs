//! One text in the making, without the network: what the network has still to read, which token comes next given
//! its logits, what that adds to the text, and where the text ends. Whoever has networks drives it: one text or
//! many in one batch, one model or several.
//!
//! ```text
//! loop {
//!     the network reads sequence.unread(), then sequence.set_read()
//!     its logits, mixed with the n-grams after sequence.context()
//!     sequence.choose(logits)
//!     while let Some(piece) = sequence.next_piece() { ... }
//!     if sequence.is_done() { break }
//! }
//! ```

use std::collections::VecDeque;

use super::ends::{End, Watch};
use super::prompt::{self, Prompt, UnknownWord};
use super::seam::Seam;
use super::{Measure, Piece, Request};
use crate::error::Result;
use crate::math::exp;
use crate::random::Rng;
use crate::sampling::{self, History, Scratch};
use crate::text::{Decoder, Style, Tokenizer, UNKNOWN_ID};

/// Marks in a row that cost no word; from then on they do, so that a text of nothing else ends too.
const MOST_MARKS: usize = 16;

/// A text in the making.
#[derive(Clone)]
pub struct Sequence<'a> {
    tokenizer: &'a Tokenizer,
    request: Request,
    /// Words of the seed text that the model does not know.
    pub unknown: Vec<UnknownWord>,
    rng: Rng,
    history: History,
    /// Tokens that stand in the text and that the network has not read.
    unread: Vec<u32>,
    /// Until the first piece after a typed text is there.
    seam: Option<Seam>,
    decoder: Decoder<'a>,
    /// Of a character that is not whole yet, what has been chosen of it.
    begun: Option<Piece>,
    /// Tokens and words written.
    tokens: usize,
    words: usize,
    /// Pieces since the last word.
    marks: usize,
    watch: Watch,
    /// Pieces that nobody has fetched.
    ready: VecDeque<Piece>,
    end: Option<End>,
    /// What was chosen beyond the end of the text: it comes first where the text is continued.
    rest: Vec<Piece>,
}

/// Room for the choice of a token, which keeps nothing from one to the next and can serve many texts.
#[derive(Default)]
pub struct Room {
    scratch: Scratch,
    /// The logits before anything is done to them. (vocab_size)
    raw: Vec<f32>,
}

impl<'a> Sequence<'a> {
    /// Takes the seed text. An empty one begins a paragraph; where the model knows documents, every seed text begins
    /// one.
    pub fn new(tokenizer: &'a Tokenizer, request: Request) -> Result<Self> {
        let prompt = Prompt::typed(tokenizer, &request.seed_text, request.unknown)?;
        Self::after(tokenizer, request, &prompt)
    }

    /// The same after a prompt that was made before, whatever the request's seed text is.
    pub fn after(tokenizer: &'a Tokenizer, request: Request, prompt: &Prompt) -> Result<Self> {
        request.sampling.check()?;
        let mut sequence = Self {
            tokenizer,
            unknown: prompt.unknown.clone(),
            rng: Rng::stream(request.random_seed, request.sample),
            history: History::new(request.sampling.penalty_window),
            unread: Vec::new(),
            seam: None,
            decoder: Decoder::new(tokenizer, None),
            begun: None,
            tokens: 0,
            words: 0,
            marks: 0,
            watch: Watch::new(request.limits.clone(), paragraph_break(tokenizer)),
            ready: VecDeque::new(),
            end: None,
            rest: Vec::new(),
            request,
        };
        prompt.ids.iter().for_each(|&id| sequence.put(id));
        sequence.seam.clone_from(&prompt.seam);
        sequence.decoder = Decoder::new(tokenizer, prompt.previous);
        Ok(sequence)
    }

    /// Goes on after a text that a person, or another model, has written; says how many tokens were read. The text
    /// stands as it was typed, so it adds no pieces.
    pub fn read(&mut self, text: &str) -> Result<usize> {
        let (ids, unknown) = prompt::encode(self.tokenizer, text, self.request.unknown)?;
        self.unknown.extend(unknown);
        let previous = ids.last().copied();
        ids.iter().for_each(|&id| self.put(id));
        if self.tokenizer.style().is_word_level() {
            self.seam = Some(Seam::new(text, previous.map(|id| self.tokenizer.piece(id))));
        }
        self.decoder = Decoder::new(self.tokenizer, previous);
        Ok(ids.len())
    }

    fn put(&mut self, token: u32) {
        self.unread.push(token);
        self.history.push(token);
    }

    /// Tokens that the network has to read before it can say what comes next, in order.
    pub fn unread(&self) -> &[u32] {
        &self.unread
    }

    /// The network has read the first `count` of them.
    pub fn set_read(&mut self, count: usize) {
        self.unread.drain(..count);
    }

    /// The end of the text, as tokens: what n-grams go by.
    pub fn context(&self) -> &[u32] {
        self.history.tokens()
    }

    /// Words written so far.
    pub fn words(&self) -> usize {
        self.words
    }

    /// Tokens written so far.
    pub fn tokens(&self) -> usize {
        self.tokens
    }

    /// Whether nothing more comes, once the pieces that are there have been fetched.
    pub fn is_done(&self) -> bool {
        self.end.is_some()
    }

    /// Why the text ended.
    pub fn end(&self) -> Option<End> {
        self.end
    }

    /// Chooses the next token, given the logits after everything that was to be read; overwrites them. There may then
    /// be a piece to fetch, or several, or none yet. `logits`: (vocab_size)
    pub fn choose(&mut self, logits: &mut [f32], room: &mut Room) {
        if self.is_done() || self.is_full() {
            return;
        }
        if self.request.alternatives.is_some() {
            room.raw.clear();
            room.raw.extend_from_slice(logits);
        }
        self.restrict(logits);
        let temperature = self.request.sampling.temperature_at(self.words);
        match self.request.sampling.choose(logits, temperature, &mut room.scratch, &mut self.rng) {
            Some(choice) => {
                let measure = self.request.alternatives.map(|count| measure(&room.raw, choice.token, count));
                self.accept(choice.token, choice.probability, measure);
            }
            None => self.finish(End::NoChoice, 0),
        }
    }

    /// Whether no word may be written from the start.
    fn is_full(&mut self) -> bool {
        if self.request.num_words == Some(0) {
            self.finish(End::Words, 0);
        } else if self.request.num_tokens == Some(0) {
            self.finish(End::Tokens, 0);
        }
        self.is_done()
    }

    /// Bans what cannot be written, and applies bias, penalties and bans to the rest. `logits`: (vocab_size)
    pub fn restrict(&self, logits: &mut [f32]) {
        self.request.sampling.process(logits, &self.history);
        if !self.request.allow_unknown {
            logits[UNKNOWN_ID as usize] = f32::NEG_INFINITY;
        }
        if let Some(begin) = self.tokenizer.begin() {
            logits[begin as usize] = f32::NEG_INFINITY;
        }
        if self.tokenizer.style() == Style::Byte {
            for (id, logit) in (0..).zip(logits.iter_mut()) {
                if !self.decoder.may_follow(id) {
                    *logit = f32::NEG_INFINITY;
                }
            }
        }
    }

    /// Adds a token to the text, chosen with `probability`.
    pub fn accept(&mut self, token: u32, probability: f32, measure: Option<Measure>) {
        if Some(token) == self.tokenizer.end() {
            return self.finish(End::Document, 0);
        }
        self.put(token);
        self.tokens += 1;
        let text = self.decoder.push(token);
        // The bytes of one character come together, so that half of one is never written.
        let piece = match self.begun.take() {
            Some(begun) => begun.and(Piece { text, token, is_word: false, probability, measure }),
            None => Piece { text, token, is_word: false, probability, measure },
        };
        if !self.decoder.is_whole() {
            self.begun = Some(piece);
            return;
        }
        let text = match self.seam.take() {
            Some(seam) => seam.join(&piece.text),
            None => piece.text,
        };
        let is_word = self.tokenizer.is_word(token);
        self.write(Piece { text, is_word, ..piece });
    }

    /// Counts a piece, and ends the text where it has to.
    fn write(&mut self, piece: Piece) {
        self.marks = if piece.is_word { 0 } else { self.marks + 1 };
        if piece.is_word || self.marks > MOST_MARKS {
            self.words += 1;
        }
        let verdict = self.watch.push(&piece.text);
        self.ready.push_back(piece);
        if let Some((end, cut)) = verdict {
            self.finish(end, cut);
        } else if self.request.num_words.is_some_and(|most| self.words >= most) {
            self.finish(End::Words, 0);
        } else if self.request.num_tokens.is_some_and(|most| self.tokens >= most) {
            self.finish(End::Tokens, 0);
        }
    }

    /// Ends the text, `cut` bytes before the end of what has been chosen.
    fn finish(&mut self, end: End, mut cut: usize) {
        self.end = Some(end);
        while cut > 0 {
            let mut piece = self.ready.pop_back().expect("what may be cut is held back");
            let keep = piece.text.len().saturating_sub(cut);
            cut -= piece.text.len() - keep;
            if keep > 0 {
                self.ready.push_back(Piece { text: piece.text[..keep].into(), ..piece.clone() });
                piece.text.drain(..keep);
                piece.is_word = false;
            }
            self.rest.insert(0, piece);
        }
    }

    /// The next piece of the text, if one is certain.
    pub fn next_piece(&mut self) -> Option<Piece> {
        if !self.is_done() {
            let waiting: usize = self.ready.iter().skip(1).map(|piece| piece.text.len()).sum();
            if waiting < self.watch.held() {
                return None;
            }
        }
        self.ready.pop_front()
    }
}

/// Line breaks that end a paragraph: two, or one where the vocabulary has no two together.
fn paragraph_break(tokenizer: &Tokenizer) -> usize {
    let lines_only = tokenizer.style().is_word_level() && tokenizer.id("\n\n").is_none();
    if lines_only { 1 } else { 2 }
}

/// What the model itself makes of a token. `logits`: (vocab_size)
pub fn measure(logits: &[f32], token: u32, alternatives: usize) -> Measure {
    let all = sampling::log_sum_exp(logits);
    let probability = |token: u32| exp((f64::from(logits[token as usize]) - all) as f32);
    let own = logits[token as usize];
    let rank = 1 + logits.iter().filter(|&&logit| logit > own).count();
    let best = sampling::likeliest(logits, alternatives);
    Measure {
        probability: probability(token),
        rank,
        alternatives: best.into_iter().map(|token| (token, probability(token))).collect(),
    }
}
