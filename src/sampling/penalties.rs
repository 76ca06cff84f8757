//! Changes to the logits before they are converted to probabilities.

use super::{SamplingParams, TokenHistory};

impl SamplingParams {
    /// Applies bias, penalties and n-gram bans to the logits of the next token.
    pub fn process(&self, logits: &mut [f32], history: &TokenHistory) {
        for &(token, bias) in &self.bias {
            logits[token as usize] += bias;
        }
        if self.has_penalties() {
            for (token, count) in history.counts() {
                let logit = &mut logits[token as usize];
                let factor = if *logit > 0.0 { 1.0 / self.repetition_penalty } else { self.repetition_penalty };
                *logit = *logit * factor - self.presence_penalty - self.frequency_penalty * count as f32;
            }
        }
        if self.no_repeat_ngram_size > 0 {
            self.ban_repeats(logits, history.tokens());
        }
    }

    /// Bans each token that followed an earlier occurrence of the last tokens.
    fn ban_repeats(&self, logits: &mut [f32], tokens: &[u32]) {
        let length = self.no_repeat_ngram_size - 1;
        let Some(context) = tokens.len().checked_sub(length).map(|begin| &tokens[begin..]) else { return };
        for ngram in tokens.windows(length + 1) {
            // Comparing the last token first is cheap and nearly always decides.
            if ngram[..length].last() == context.last() && &ngram[..length] == context {
                logits[ngram[length] as usize] = f32::NEG_INFINITY;
            }
        }
    }
}
