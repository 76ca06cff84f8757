//! A request to a model: to continue a prompt, to score it, or both.

use rnn_tools::generate::{GenerationRequest, LanguageModel, Prompt, Sequence, UnknownWordPolicy};

pub struct Request {
    prompt: Prompt,
    scoring: Option<PromptScoring>,
    /// None if only the prompt is scored.
    samples: Option<Samples>,
}

#[derive(Clone, Copy)]
struct PromptScoring {
    /// First prompt token to score.
    begin: usize,
    /// The number of most probable tokens to report per token.
    alternatives: usize,
}

/// The samples to generate from one prompt.
pub struct Samples {
    /// Its seed text and sample index are ignored.
    pub request: GenerationRequest,
    /// Index of the first sample; each index has its own stream of random numbers.
    pub first: u64,
    pub count: usize,
}

impl Request {
    /// Continues `seed_text`. Also returns the words that are not in the vocabulary. They are dropped from the prompt,
    /// or replaced by the unknown token if no known word remains.
    pub fn generate(model: &LanguageModel, seed_text: &str, samples: Samples) -> (Self, Vec<String>) {
        let prompt = prompt(model, seed_text);
        let unknown = prompt.unknown.iter().map(|word| word.word.clone()).collect();
        (Self { prompt, scoring: None, samples: Some(samples) }, unknown)
    }

    /// Continues the given tokens, all of which must be below vocab_size.
    pub fn generate_from_tokens(ids: &[u32], samples: Samples) -> Self {
        Self { prompt: Prompt::tokens(ids.to_vec()), scoring: None, samples: Some(samples) }
    }

    /// Scores each token of a text, encoded as the training text was.
    pub fn score(model: &LanguageModel, text: &str) -> Self {
        let mut prompt = prompt(model, "");
        let scoring = Some(PromptScoring { begin: prompt.ids.len(), alternatives: 0 });
        prompt.ids.extend(model.tokenizer.encode(text));
        Self { prompt, scoring, samples: None }
    }

    /// Also scores the prompt, except for the token that begins a document.
    #[must_use]
    pub fn with_prompt_scores(mut self, model: &LanguageModel, alternatives: usize) -> Self {
        let has_bos = model.tokenizer.bos().is_some_and(|bos| self.prompt.ids.first() == Some(&bos));
        self.scoring = Some(PromptScoring { begin: usize::from(has_bos), alternatives });
        self
    }

    /// The number of sequences that the request occupies in a batch.
    pub fn num_sequences(&self) -> usize {
        self.samples.as_ref().map_or(1, |samples| samples.count)
    }

    pub fn prompt_ids(&self) -> &[u32] {
        &self.prompt.ids
    }

    /// The beginning of the prompt that is not scored, for which no logits are computed.
    pub fn unscored_ids(&self) -> &[u32] {
        &self.prompt.ids[..self.scoring.map_or(self.prompt.ids.len(), |scoring| scoring.begin)]
    }

    /// The number of most probable tokens to report per scored token.
    pub fn alternatives(&self) -> usize {
        self.scoring.map_or(0, |scoring| scoring.alternatives)
    }

    /// Returns a sequence per sample, with the prompt marked as read.
    pub fn sequences<'a>(&self, model: &'a LanguageModel) -> Vec<Sequence<'a>> {
        let Some(samples) = &self.samples else { return Vec::new() };
        let sequence = |sample_index| {
            let request = GenerationRequest { sample_index, ..samples.request.clone() };
            let mut sequence = Sequence::with_prompt(&model.tokenizer, request, &self.prompt).ok()?;
            sequence.set_read(sequence.unread().len());
            Some(sequence)
        };
        // The settings have been checked, so no sequence is dropped.
        (samples.first..samples.first + samples.count as u64).filter_map(sequence).collect()
    }
}

fn prompt(model: &LanguageModel, text: &str) -> Prompt {
    let prompt = |policy| Prompt::new(&model.tokenizer, text, policy);
    prompt(UnknownWordPolicy::Skip)
        .or_else(|_| prompt(UnknownWordPolicy::Unk))
        .unwrap_or_else(|_| Prompt::tokens(Vec::new()))
}
