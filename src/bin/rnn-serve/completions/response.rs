//! Responses in OpenAI's format, complete or in parts.

use std::ops::Range;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use rnn_tools::generate::TokenStats;
use rnn_tools::random::fresh_seed;
use rnn_tools::text::Tokenizer;
use serde_json::{Value, json};

use super::request::CompletionRequest;
use crate::generate::finish_reason;
use crate::models::Model;
use crate::scheduler::Event;

/// The text generated so far.
pub struct Completion {
    model: Arc<Model>,
    id: String,
    created: u64,
    n: usize,
    echo: bool,
    logprobs: Option<usize>,
    choices: Vec<Choice>,
    prompt_tokens: usize,
    completion_tokens: usize,
}

#[derive(Default)]
struct Choice {
    text: String,
    finish_reason: Option<&'static str>,
    /// The text, statistics and character offset of each piece, or of each token of an echoed prompt.
    tokens: Vec<(String, Option<TokenStats>, usize)>,
    characters: usize,
}

impl Choice {
    fn add(&mut self, text: &str, measure: Option<TokenStats>) {
        self.tokens.push((text.to_string(), measure, self.characters));
        self.characters += text.chars().count();
        self.text.push_str(text);
    }
}

impl Completion {
    pub fn new(model: Arc<Model>, fields: &CompletionRequest) -> Self {
        let created = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let echoed: Vec<String> = match fields.echo {
            true => fields.prompt.iter().map(|prompt| model.echo(prompt)).collect(),
            false => vec![String::new(); fields.prompt.len()],
        };
        let mut choices = Vec::new();
        for text in echoed {
            for _ in 0..fields.n {
                let mut choice = Choice::default();
                // With log-probabilities the prompt is echoed token by token instead.
                if fields.logprobs.is_none() && !text.is_empty() {
                    choice.add(&text, None);
                }
                choices.push(choice);
            }
        }
        Self {
            id: format!("cmpl-{:08x}{:08x}", fresh_seed(), fresh_seed()),
            created,
            n: fields.n,
            echo: fields.echo,
            logprobs: fields.logprobs,
            choices,
            prompt_tokens: 0,
            completion_tokens: 0,
            model,
        }
    }

    /// Applies an event of a prompt and returns the choices that it changed.
    pub fn apply(&mut self, prompt: usize, event: Event) -> Range<usize> {
        let first = prompt * self.n;
        match event {
            Event::PrefillDone { tokens, scores } => {
                self.prompt_tokens += tokens;
                if self.echo && self.logprobs.is_some() {
                    let tokenizer = &self.model.language_model.tokenizer;
                    let mut previous = None;
                    for (id, measure) in scores {
                        let text = format!("{}{}", tokenizer.separator(previous, id), tokenizer.piece(id));
                        previous = Some(id);
                        self.choices[first..first + self.n]
                            .iter_mut()
                            .for_each(|c| c.add(&text, Some(measure.clone())));
                    }
                }
                first..first + self.n
            }
            Event::Piece { sample, piece } => {
                self.choices[first + sample].add(&piece.text, piece.stats);
                first + sample..first + sample + 1
            }
            Event::Finished { sample, reason, num_tokens, .. } => {
                self.completion_tokens += num_tokens;
                self.choices[first + sample].finish_reason = Some(finish_reason(reason));
                first + sample..first + sample + 1
            }
        }
    }

    fn choice(&self, index: usize) -> Value {
        let choice = &self.choices[index];
        json!({
            "text": choice.text,
            "index": index,
            "logprobs": self.logprobs.map(|_| logprobs(&choice.tokens, &self.model.language_model.tokenizer)),
            "finish_reason": choice.finish_reason,
        })
    }

    pub fn object(&self, choices: Vec<Value>) -> Value {
        json!({
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.model.name,
            "choices": choices,
        })
    }

    pub fn usage(&self) -> Value {
        json!({
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
            "total_tokens": self.prompt_tokens + self.completion_tokens,
        })
    }

    pub fn complete(&self) -> Value {
        let mut answer = self.object((0..self.choices.len()).map(|index| self.choice(index)).collect());
        answer["usage"] = self.usage();
        answer
    }

    /// Returns what was added to a choice since the last call, or None if nothing was.
    pub fn take_part(&mut self, index: usize) -> Option<Value> {
        let choice = &self.choices[index];
        if choice.text.is_empty() && choice.finish_reason.is_none() {
            return None;
        }
        let value = self.choice(index);
        let choice = &mut self.choices[index];
        choice.text.clear();
        choice.tokens.clear();
        Some(value)
    }
}

/// Returns natural logarithms of the probabilities before temperature and filters.
fn logprobs(tokens: &[(String, Option<TokenStats>, usize)], tokenizer: &Tokenizer) -> Value {
    let ln = |p: f32| f64::from(p.max(f32::MIN_POSITIVE)).ln();
    let top = |measure: &TokenStats| -> Value {
        measure.alternatives.iter().map(|&(id, p)| (tokenizer.piece(id).to_string(), Value::from(ln(p)))).collect()
    };
    json!({
        "tokens": tokens.iter().map(|(text, ..)| text).collect::<Vec<_>>(),
        "token_logprobs": tokens.iter().map(|(_, m, _)| m.as_ref().map(|m| ln(m.probability))).collect::<Vec<_>>(),
        "top_logprobs": tokens.iter().map(|(_, m, _)| m.as_ref().map(top)).collect::<Vec<_>>(),
        "text_offset": tokens.iter().map(|(.., offset)| offset).collect::<Vec<_>>(),
    })
}
