//! The sampling settings and their valid ranges.

use crate::error::{Error, Result};

/// How the next token is sampled.
#[derive(Clone, Debug, PartialEq)]
pub struct SamplingParams {
    /// Divides the logits; 0 always chooses the most probable token.
    pub temperature: f32,
    /// A temperature schedule: (words generated, temperature) in ascending order, interpolated linearly. If it is
    /// empty, `temperature` applies throughout.
    pub schedule: Vec<(usize, f32)>,
    /// Keeps only the k most probable tokens (Fan et al. 2018).
    pub top_k: Option<usize>,
    /// Keeps the most probable tokens that together reach probability p (Holtzman et al. 2020); 1 keeps all.
    pub top_p: f32,
    /// Keeps tokens with at least this fraction of the highest probability (Nguyen et al. 2024); 0 keeps all.
    pub min_p: f32,
    /// Keeps the most typical tokens that together reach probability p: those whose surprisal is closest to the entropy
    /// (Meister et al. 2023); 1 keeps all.
    pub typical_p: f32,
    /// Divides the positive logits of tokens in the penalty window and multiplies the negative ones (Keskar et al.
    /// 2019); 1 disables it.
    pub repetition_penalty: f32,
    /// Subtracted once from the logit of each token in the penalty window.
    pub presence_penalty: f32,
    /// Subtracted from the logit of a token for each occurrence in the penalty window.
    pub frequency_penalty: f32,
    /// The number of last tokens, including the seed text, to which the three penalties apply.
    pub penalty_window: usize,
    /// The length of token sequences that must not repeat within [`LOOK_BACK`] tokens (Paulus et al. 2018); 0 disables
    /// it.
    ///
    /// [`LOOK_BACK`]: super::LOOK_BACK
    pub no_repeat_ngram_size: usize,
    /// Added to the logits of tokens; minus infinity bans a token.
    pub bias: Vec<(u32, f32)>,
}

impl Default for SamplingParams {
    /// The settings that read best with a model of one book: the least probable 40% of the probability mass is
    /// mostly noise, and a lower temperature would prefer a few frequent words over the many rare ones that fit.
    fn default() -> Self {
        Self { top_p: 0.6, ..Self::PLAIN }
    }
}

impl SamplingParams {
    /// The unmodified distribution of the model.
    pub const PLAIN: Self = Self {
        temperature: 1.0,
        schedule: Vec::new(),
        top_k: None,
        top_p: 1.0,
        min_p: 0.0,
        typical_p: 1.0,
        repetition_penalty: 1.0,
        presence_penalty: 0.0,
        frequency_penalty: 0.0,
        penalty_window: 64,
        no_repeat_ngram_size: 0,
        bias: Vec::new(),
    };

    /// Returns the temperature after `words` generated words.
    pub fn temperature_at(&self, words: usize) -> f32 {
        let after = self.schedule.partition_point(|&(at, _)| at <= words);
        match (after.checked_sub(1).map(|i| self.schedule[i]), self.schedule.get(after)) {
            (None, None) => self.temperature,
            (None, Some(&(_, only))) | (Some((_, only)), None) => only,
            (Some((from, a)), Some(&(to, b))) => a + (b - a) * ((words - from) as f32 / (to - from) as f32),
        }
    }

    /// Whether any penalty is active.
    pub fn has_penalties(&self) -> bool {
        self.repetition_penalty != 1.0 || self.presence_penalty != 0.0 || self.frequency_penalty != 0.0
    }

    /// Rejects values outside their range.
    pub fn check(&self) -> Result<()> {
        let temperatures = std::iter::once(&self.temperature).chain(self.schedule.iter().map(|(_, t)| t));
        if let Some(bad) = temperatures.into_iter().find(|t| !(**t >= 0.0 && t.is_finite())) {
            return Err(Error::value("temperature", "0 or more", bad)
                .hint("0.5 is conservative, 1 samples as the model predicts, 0 always takes the most probable word"));
        }
        if self.schedule.windows(2).any(|pair| pair[0].0 >= pair[1].0) {
            return Err(Error::usage(
                "the word counts of a temperature schedule must be ascending, as in 1.2@0,0.6@100",
            ));
        }
        if self.top_k == Some(0) {
            return Err(Error::value("top_k", "at least 1", 0));
        }
        let positive = self.repetition_penalty > 0.0 && self.repetition_penalty.is_finite();
        for (name, value, is_in_range, rule) in [
            ("top_p", self.top_p, self.top_p > 0.0 && self.top_p <= 1.0, "above 0 and at most 1"),
            ("typical", self.typical_p, self.typical_p > 0.0 && self.typical_p <= 1.0, "above 0 and at most 1"),
            ("min_p", self.min_p, (0.0..=1.0).contains(&self.min_p), "between 0 and 1"),
            ("repetition_penalty", self.repetition_penalty, positive, "above 0 (1 disables it)"),
            ("presence_penalty", self.presence_penalty, self.presence_penalty.is_finite(), "finite (0 disables it)"),
            ("frequency_penalty", self.frequency_penalty, self.frequency_penalty.is_finite(), "finite (0 disables it)"),
        ] {
            if !is_in_range {
                return Err(Error::value(name, rule, value));
            }
        }
        if let Some((_, bad)) = self.bias.iter().find(|(_, bias)| bias.is_nan() || *bias == f32::INFINITY) {
            return Err(Error::value("bias", "a number or minus infinity", bad));
        }
        Ok(())
    }
}
