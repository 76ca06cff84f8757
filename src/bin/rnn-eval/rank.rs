//! Candidate lines, the likeliest first.

use rnn_tools::cli::evaluate::RankBy;
use rnn_tools::error::Result;
use rnn_tools::evaluate::{Evaluator, Text};
use rnn_tools::text::UNKNOWN_ID;

use crate::inputs::Unit;
use crate::table::Table;

/// A line and what the model gave to it.
pub struct Candidate<'a> {
    pub line: &'a str,
    /// Nats, of all tokens.
    pub log_likelihood: f64,
    pub tokens: usize,
    pub unknown: usize,
}

impl Candidate<'_> {
    pub fn per_token(&self) -> f64 {
        self.log_likelihood / self.tokens as f64
    }
}

pub fn print(evaluator: &Evaluator, lines: &[Unit], by: RankBy, table: &mut Table) -> Result<()> {
    let texts: Vec<Text> = lines.iter().map(|unit| unit.text.clone()).collect();
    let predictors = evaluator.predictors().len();
    let guesses = evaluator.guesses(&texts);
    let mut candidates: Vec<Candidate> = lines
        .iter()
        .zip(&guesses)
        .filter(|(unit, _)| !unit.text.targets().is_empty())
        .map(|(unit, guesses)| Candidate {
            line: &unit.line,
            log_likelihood: guesses.chunks_exact(predictors).map(|all| all[predictors - 1].log_likelihood).sum(),
            tokens: unit.text.targets().len(),
            unknown: unit.text.targets().iter().filter(|&&id| id == UNKNOWN_ID).count(),
        })
        .collect();
    let score = |candidate: &Candidate| match by {
        RankBy::Token => candidate.per_token(),
        RankBy::Total => candidate.log_likelihood,
    };
    candidates.sort_by(|a, b| score(b).total_cmp(&score(a)));
    candidates.iter().try_for_each(|candidate| table.candidate(candidate))?;
    table.finish()
}
