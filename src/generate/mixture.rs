//! The networks behind a text: one model, or several of the same vocabulary whose probabilities are mixed.

use super::{Author, Request, Room, Sequence};
use crate::engine::{State, Workspace};
use crate::error::{Error, Result};
use crate::math::{exp, ln};
use crate::sampling::log_sum_exp;

/// Models and their shares, with room to work on a batch of texts.
pub struct Mixture<'a> {
    /// Shares add up to 1.
    parts: Vec<(&'a Author, f32)>,
    work: Vec<Workspace>,
    /// (batch, vocab_size)
    logits: Vec<f32>,
    /// Of one model, where there are several. (batch, vocab_size)
    own: Vec<f32>,
    /// (vocab_size)
    scratch: Vec<f32>,
}

/// A text in the making, and what each network remembers of it.
#[derive(Clone)]
pub struct Draft<'a> {
    pub sequence: Sequence<'a>,
    /// One a model.
    pub states: Vec<State>,
}

impl<'a> Mixture<'a> {
    /// One model alone.
    pub fn of(author: &'a Author) -> Self {
        Self { parts: vec![(author, 1.0)], work: Vec::new(), logits: Vec::new(), own: Vec::new(), scratch: Vec::new() }
    }

    /// Models with their weights, which need not add up to 1.
    pub fn new(parts: Vec<(&'a Author, f32)>) -> Result<Self> {
        let total: f32 = parts.iter().map(|(_, weight)| weight).sum();
        if parts.iter().any(|(_, weight)| *weight < 0.0) || !(total > 0.0 && total.is_finite()) {
            return Err(Error::usage("the shares of a mixture must be 0 or more, and one of them above 0"));
        }
        let Some(&(first, _)) = parts.first() else { return Err(Error::usage("a mixture needs a model")) };
        for (number, (other, _)) in (2..).zip(&parts[1..]) {
            check_same_vocabulary(first, other, number)?;
        }
        let parts = parts.into_iter().map(|(author, weight)| (author, weight / total)).collect();
        Ok(Self { parts, ..Self::of(first) })
    }

    /// A text that the networks have not begun to read.
    pub fn begin(&self, request: Request) -> Result<Draft<'a>> {
        let (author, _) = self.parts[0];
        let states = self.parts.iter().map(|(author, _)| author.network.initial_state()).collect();
        Ok(Draft { sequence: author.begin(request)?, states })
    }

    /// Has the networks read what they have not read of each text, all texts together.
    pub fn read(&mut self, drafts: &mut [&mut Draft]) {
        self.make_room(drafts.len());
        for (part, (author, _)) in self.parts.iter().enumerate() {
            for at in 0.. {
                let (mut tokens, mut states) = (Vec::new(), Vec::new());
                for draft in drafts.iter_mut() {
                    if let Some(&token) = draft.sequence.unread().get(at) {
                        tokens.push(token);
                        states.push(&mut draft.states[part]);
                    }
                }
                if tokens.is_empty() {
                    break;
                }
                author.network.step(&tokens, &mut states, &mut self.work[part]);
            }
        }
        for draft in drafts {
            draft.sequence.set_read(draft.sequence.unread().len());
        }
    }

    /// The logits of the next token of each text. (batch, vocab_size)
    pub fn predict(&mut self, drafts: &mut [&mut Draft]) -> &mut [f32] {
        self.read(drafts);
        let Self { parts, work, logits, own, scratch } = self;
        let size = scratch.len();
        let logits = &mut logits[..drafts.len() * size];
        let is_alone = parts.len() == 1;
        for (part, (author, share)) in parts.iter().enumerate() {
            let target = if is_alone { &mut *logits } else { &mut own[..drafts.len() * size] };
            let states: Vec<&State> = drafts.iter().map(|draft| &draft.states[part]).collect();
            author.network.logits(&states, target, &mut work[part]);
            for (draft, row) in drafts.iter().zip(target.chunks_exact_mut(size)) {
                author.mix_ngrams(draft.sequence.context(), row, scratch);
            }
            if !is_alone {
                let rows = logits.chunks_exact_mut(size).zip(own.chunks_exact(size));
                rows.for_each(|(sum, row)| add_probabilities(sum, row, *share, part == 0));
            }
        }
        if !is_alone {
            logits.iter_mut().for_each(|sum| *sum = ln(*sum));
        }
        logits
    }

    fn make_room(&mut self, batch: usize) {
        let size = self.parts[0].0.tokenizer.len();
        if self.logits.len() < batch * size {
            self.work = self.parts.iter().map(|(author, _)| author.network.workspace(batch)).collect();
            self.logits.resize(batch * size, 0.0);
            self.own.resize(if self.parts.len() > 1 { batch * size } else { 0 }, 0.0);
            self.scratch.resize(size, 0.0);
        }
    }

    /// Writes texts to their ends, all together; `emit` gets each piece with the place of its text in `drafts`. What
    /// becomes of a text does not depend on those beside it.
    pub fn write(
        &mut self,
        drafts: &mut [Draft],
        mut emit: impl FnMut(usize, super::Piece) -> Result<()>,
    ) -> Result<()> {
        let mut room = Room::default();
        loop {
            for (number, draft) in drafts.iter_mut().enumerate() {
                while let Some(piece) = draft.sequence.next_piece() {
                    emit(number, piece)?;
                }
            }
            let mut open: Vec<&mut Draft> = drafts.iter_mut().filter(|draft| !draft.sequence.is_done()).collect();
            if open.is_empty() {
                return Ok(());
            }
            let logits = self.predict(&mut open);
            let size = logits.len() / open.len();
            for (draft, row) in open.iter_mut().zip(logits.chunks_exact_mut(size)) {
                draft.sequence.choose(row, &mut room);
            }
        }
    }
}

/// sum += share * softmax(row), from nothing where it is the `first`.
fn add_probabilities(sum: &mut [f32], row: &[f32], share: f32, first: bool) {
    let all = log_sum_exp(row) as f32;
    for (sum, &logit) in sum.iter_mut().zip(row) {
        *sum = if first { 0.0 } else { *sum } + share * exp(logit - all);
    }
}

fn check_same_vocabulary(first: &Author, other: &Author, number: usize) -> Result<()> {
    let (a, b) = (&first.tokenizer, &other.tokenizer);
    let fault = if a.style() != b.style() {
        format!("text is cut in another way: {} and {}", a.style().name(), b.style().name())
    } else if a.len() != b.len() {
        format!("{} tokens and {}", a.len(), b.len())
    } else if let Some(id) = (0..a.len() as u32).find(|&id| a.piece(id) != b.piece(id)) {
        format!("token {id} is {:?} and {:?}", a.piece(id), b.piece(id))
    } else {
        return Ok(());
    };
    Err(Error::failure(format!("model {number} does not have the vocabulary of the first: {fault}")).hint(
        "prepare the second book with the first one's vocabulary (rnn-prep --vocab), or let the models take --turns",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::tests::author;

    #[test]
    fn a_mixture_is_the_weighted_sum_of_probabilities() {
        let (a, b) = (author(1), author(2));
        let request = || Request { seed_text: "the cat".into(), ..Request::default() };
        let row = |parts: &[(&Author, f32)]| -> Vec<f64> {
            let mut mixture = Mixture::new(parts.to_vec()).unwrap();
            let mut draft = mixture.begin(request()).unwrap();
            let logits: Vec<f64> = mixture.predict(&mut [&mut draft]).iter().map(|&x| f64::from(x).exp()).collect();
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
    fn a_text_is_the_same_alone_and_beside_others_of_other_lengths() {
        let a = author(3);
        let request = |number: u64, seed_text: &str| Request {
            seed_text: seed_text.into(),
            num_words: Some(10 + number as usize),
            random_seed: 5,
            sample: number,
            ..Request::default()
        };
        let requests: Vec<Request> =
            ["the cat", "", "the dog sat, the cat", "ran"].iter().zip(0..).map(|(s, n)| request(n, s)).collect();
        let texts = |requests: &[Request]| {
            let mut mixture = Mixture::of(&a);
            let mut drafts: Vec<Draft> = requests.iter().map(|r| mixture.begin(r.clone()).unwrap()).collect();
            let mut texts = vec![String::new(); requests.len()];
            mixture
                .write(&mut drafts, |i, piece| {
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
    fn other_vocabularies_and_shares_are_refused() {
        let (a, mut b) = (author(1), author(2));
        assert!(Mixture::new(vec![(&a, -1.0), (&b, 2.0)]).is_err());
        assert!(Mixture::new(vec![(&a, 0.0), (&b, 0.0)]).is_err());
        assert!(Mixture::new(vec![(&a, f32::NAN)]).is_err());
        let pieces = (0..b.tokenizer.len() as u32).map(|id| match id {
            3 => "cow".into(),
            _ => b.tokenizer.piece(id).into(),
        });
        b.tokenizer = crate::text::Tokenizer::new(b.tokenizer.style(), pieces.collect()).unwrap();
        let fault = Mixture::new(vec![(&a, 1.0), (&b, 1.0)]).err().unwrap().to_string();
        assert!(fault.contains("token 3 is"), "{fault}");
    }
}
