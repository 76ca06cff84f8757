//! Candidate lines, the most likely first.

use rnn_tools::cli::evaluate::RankBy;
use rnn_tools::evaluate::{Evaluator, Text};
use rnn_tools::text::UNKNOWN_ID;

use crate::inputs::Unit;

/// A line and its log-likelihood.
pub struct Candidate<'a> {
    pub line: &'a str,
    /// The sum over all tokens, in nats.
    pub log_likelihood: f64,
    pub tokens: usize,
    pub unknown: usize,
}

impl Candidate<'_> {
    pub fn per_token(&self) -> f64 {
        self.log_likelihood / self.tokens as f64
    }
}

/// Returns the lines with at least one token, in descending order of their score.
pub fn rank<'a>(evaluator: &Evaluator, lines: &'a [Unit], by: RankBy) -> Vec<Candidate<'a>> {
    let texts: Vec<Text> = lines.iter().map(|unit| unit.text.clone()).collect();
    let predictors = evaluator.predictors().len();
    let scores = evaluator.scores(&texts);
    let mut candidates: Vec<Candidate> = lines
        .iter()
        .zip(&scores)
        .filter(|(unit, _)| !unit.text.targets().is_empty())
        .map(|(unit, scores)| Candidate {
            line: &unit.line,
            log_likelihood: scores.chunks_exact(predictors).map(|all| all[predictors - 1].log_likelihood).sum(),
            tokens: unit.text.targets().len(),
            unknown: unit.text.targets().iter().filter(|&&id| id == UNKNOWN_ID).count(),
        })
        .collect();
    let score = |candidate: &Candidate| match by {
        RankBy::Token => candidate.per_token(),
        RankBy::Total => candidate.log_likelihood,
    };
    candidates.sort_by(|a, b| score(b).total_cmp(&score(a)));
    candidates
}
