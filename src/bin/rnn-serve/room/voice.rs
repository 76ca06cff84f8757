//! What is ordered, and one text in the making.

use rnn_tools::generate::{
    FinishReason, GenerationRequest, LanguageModel, Piece, Prompt, Scratch, Sequence, TokenStats, Unknown, token_stats,
};

pub struct Order {
    prompt: Prompt,
    measured: Option<Measured>,
    /// None where nothing is to be written.
    writing: Option<Writing>,
}

/// From which of the prompt's tokens on the model is asked what it makes of them, with so many alternatives for each.
#[derive(Clone, Copy)]
struct Measured {
    begin: usize,
    alternatives: usize,
}

pub struct Writing {
    /// Its seed text is not looked at, nor its sample.
    pub request: GenerationRequest,
    /// Texts from one prompt, each with a stream of random numbers of its own: the first one's, and how many.
    pub first_sample: u64,
    pub samples: usize,
}

impl Order {
    /// Texts that go on from `seed_text`. Words that the model does not know are left out; where it knows none, it reads
    /// that unknown words stand there. They are named beside the order.
    pub fn write(author: &LanguageModel, seed_text: &str, writing: Writing) -> (Self, Vec<String>) {
        let prompt = typed(author, seed_text);
        let unknown = prompt.unknown.iter().map(|word| word.word.clone()).collect();
        (Self { prompt, measured: None, writing: Some(writing) }, unknown)
    }

    /// The same after given tokens, all of them below vocab_size.
    pub fn write_after(ids: &[u32], writing: Writing) -> Self {
        Self { prompt: Prompt::tokens(ids.to_vec()), measured: None, writing: Some(writing) }
    }

    /// How likely the tokens of a text are. It is read as the book spells it.
    pub fn measure(author: &LanguageModel, text: &str) -> Self {
        let mut prompt = typed(author, "");
        let measured = Some(Measured { begin: prompt.ids.len(), alternatives: 0 });
        prompt.ids.extend(author.tokenizer.encode(text));
        Self { prompt, measured, writing: None }
    }

    /// Asks how likely the prompt is, too.
    pub fn measured(mut self, author: &LanguageModel, alternatives: usize) -> Self {
        let marks =
            usize::from(author.tokenizer.bos().is_some() && self.prompt.ids.first() == author.tokenizer.bos().as_ref());
        self.measured = Some(Measured { begin: marks, alternatives });
        self
    }

    pub fn samples(&self) -> usize {
        self.writing.as_ref().map_or(1, |writing| writing.samples)
    }

    /// What the network reads first.
    pub fn ids(&self) -> &[u32] {
        &self.prompt.ids
    }

    /// Up to here it reads without being asked anything.
    pub fn silent(&self) -> usize {
        self.measured.map_or(self.prompt.ids.len(), |measured| measured.begin)
    }

    /// The texts that are to be written, each at its beginning.
    pub fn voices<'a>(&self, author: &'a LanguageModel) -> Vec<Voice<'a>> {
        let Some(writing) = &self.writing else { return Vec::new() };
        let samples = writing.first_sample..writing.first_sample + writing.samples as u64;
        let voice = |sample| {
            let request = GenerationRequest { sample_index: sample, ..writing.request.clone() };
            let mut sequence = Sequence::with_prompt(&author.tokenizer, request, &self.prompt).ok()?;
            sequence.set_read(sequence.unread().len());
            Some(Voice { author, sequence, read: self.prompt.ids.clone() })
        };
        // The settings have been checked, so none is left out.
        samples.filter_map(voice).collect()
    }
}

fn typed(author: &LanguageModel, text: &str) -> Prompt {
    let typed = |policy| Prompt::new(&author.tokenizer, text, policy);
    typed(Unknown::Skip).or_else(|_| typed(Unknown::Unk)).unwrap_or_else(|_| Prompt::tokens(Vec::new()))
}

/// Room to work in, which keeps nothing from one token to the next.
#[derive(Default)]
pub struct Desk {
    scratch: Scratch,
    /// (vocab_size)
    ngrams: Vec<f32>,
}

impl Desk {
    /// Mixes the n-grams in, where there are some.
    fn mix(&mut self, author: &LanguageModel, context: &[u32], logits: &mut [f32]) {
        self.ngrams.resize(logits.len(), 0.0);
        author.interpolate_ngrams(context, logits, &mut self.ngrams);
    }

    /// What the model makes of the token at `at` of an order, from the logits after those before it.
    pub fn measure(
        &mut self,
        author: &LanguageModel,
        order: &Order,
        at: usize,
        logits: &mut [f32],
    ) -> (u32, TokenStats) {
        let (ids, alternatives) = (order.ids(), order.measured.map_or(0, |measured| measured.alternatives));
        self.mix(author, &ids[..at], logits);
        (ids[at], token_stats(logits, ids[at], alternatives))
    }
}

/// One text.
pub struct Voice<'a> {
    author: &'a LanguageModel,
    sequence: Sequence<'a>,
    /// All that the network has read.
    pub read: Vec<u32>,
}

impl Voice<'_> {
    /// Chooses the next token, from the logits after all that was read, and gives it to be read; at the end of the text
    /// why it ended.
    pub fn go_on(&mut self, logits: &mut [f32], desk: &mut Desk) -> Result<u32, FinishReason> {
        desk.mix(self.author, self.sequence.context(), logits);
        self.sequence.sample(logits, &mut desk.scratch);
        match (self.sequence.finish_reason(), self.sequence.unread().first()) {
            (None, Some(&token)) => {
                self.sequence.set_read(1);
                self.read.push(token);
                Ok(token)
            }
            (end, _) => Err(end.unwrap_or(FinishReason::NoCandidates)),
        }
    }

    /// The next piece of the text, if one is certain.
    pub fn next_piece(&mut self) -> Option<Piece> {
        self.sequence.next_piece()
    }

    pub fn words(&self) -> usize {
        self.sequence.words()
    }

    pub fn tokens(&self) -> usize {
        self.sequence.tokens()
    }
}
