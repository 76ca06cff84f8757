//! rnn-eval: evaluates models on texts.

mod inputs;
mod rank;
mod table;

use std::process::ExitCode;

use rnn_tools::cli;
use rnn_tools::cli::evaluate::{Args, Per, Reading};
use rnn_tools::engine::Precision;
use rnn_tools::error::{Error, Result};
use rnn_tools::evaluate::{CacheOptions, Dynamic, Evaluator, MetricSums, Options, Text, TokenScore};
use rnn_tools::model::StoredModel;

use inputs::{Input, Unit};
use table::Table;

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> Result<()> {
    if args.rank.is_some() && args.model.len() > 1 {
        return Err(Error::usage("--rank takes one model"));
    }
    cli::set_num_threads(args.threads)?;
    // Models are opened before standard input is read, so that a missing model is reported at once.
    let evaluators: Vec<Evaluator> = args
        .model
        .iter()
        .map(|path| Evaluator::open(StoredModel::open(path)?, options(&args.reading)))
        .collect::<Result<_>>()?;
    let inputs = inputs::read(&args)?;
    let mut table = Table::new(args.json);
    for (path, evaluator) in args.model.iter().zip(&evaluators) {
        let name = path.to_string_lossy();
        let units = inputs.iter().map(|input| input.units(evaluator, &args)).collect::<Result<Vec<_>>>()?;
        if let Some(by) = args.rank {
            let lines = units.concat();
            rank::rank(evaluator, &lines, by).iter().try_for_each(|candidate| table.candidate(candidate))?;
            continue;
        }
        let report = Report { model: &name, evaluator, table: &mut table, args: &args };
        report.print(&inputs, &units)?;
    }
    table.finish()
}

fn options(reading: &Reading) -> Options {
    let Reading { exact, int8, no_ngrams, cache, cache_theta, cache_share, dynamic, dynamic_decay } = *reading;
    Options {
        without_ngram: no_ngrams,
        cache: cache.map(|window| CacheOptions { window, theta: cache_theta, weight: cache_share }),
        dynamic: dynamic.map(|rate| Dynamic { rate, decay: dynamic_decay }),
        exact,
        precision: if int8 { Precision::Int8 } else { Precision::Stored },
    }
}

/// Prints the rows of one model.
struct Report<'a> {
    model: &'a str,
    evaluator: &'a Evaluator,
    table: &'a mut Table,
    args: &'a Args,
}

impl Report<'_> {
    /// `units`: the units of each input.
    fn print(mut self, inputs: &[Input], units: &[Vec<Unit>]) -> Result<()> {
        let texts: Vec<Text> = units.iter().flatten().map(|unit| unit.text.clone()).collect();
        let scores = self.evaluator.scores(&texts);
        let mut rest = &scores[..];
        let mut all = Vec::new();
        for (input, units) in inputs.iter().zip(units) {
            let (own, after) = rest.split_at(units.len());
            rest = after;
            let read: Vec<(&Unit, &Vec<TokenScore>)> = units.iter().zip(own).collect();
            match self.args.per {
                Some(Per::Token) => self.tokens(&read)?,
                Some(Per::Document | Per::Line) => {
                    read.iter().try_for_each(|unit| self.metrics(&unit.0.name, std::slice::from_ref(unit)))?;
                }
                None if inputs.len() > 1 => self.metrics(&input.name, &read)?,
                None => {}
            }
            all.extend(read);
        }
        match (self.args.per, inputs) {
            (Some(Per::Token), _) => Ok(()),
            (None, [one]) => self.metrics(&one.name, &all),
            _ if all.len() > 1 => self.metrics("total", &all),
            _ => Ok(()),
        }
    }

    /// Prints the metrics of some texts together, one row per predictor.
    fn metrics(&mut self, name: &str, texts: &[(&Unit, &Vec<TokenScore>)]) -> Result<()> {
        let predictors = self.evaluator.predictors();
        let unknown_words =
            self.args.unknown.map(|most| inputs::most_frequent(texts.iter().map(|(unit, _)| &unit.text), most));
        if let Some(words) = unknown_words.iter().find(|words| !words.is_empty() && !self.args.json) {
            let words: Vec<String> = words.iter().map(|(word, count)| format!("{word:?} {count}")).collect();
            log::info!("{name}: unknown: {}", words.join(", "));
        }
        for (index, predictor) in predictors.iter().enumerate() {
            let mut sums = MetricSums::default();
            for (unit, scores) in texts {
                sums.add(&unit.text, scores.iter().skip(index).step_by(predictors.len()).copied());
            }
            self.table.metrics([self.model, name, predictor], &sums.metrics(), unknown_words.as_deref())?;
        }
        Ok(())
    }

    /// Prints one row per token, with the scores of the last predictor, which combines all others.
    fn tokens(&mut self, texts: &[(&Unit, &Vec<TokenScore>)]) -> Result<()> {
        let predictors = self.evaluator.predictors().len();
        for (unit, scores) in texts {
            let pieces = unit.text.pieces(&self.evaluator.tokenizer);
            for (number, (piece, scores)) in pieces.iter().zip(scores.chunks_exact(predictors)).enumerate() {
                let score = scores.last().expect("there is at least one predictor");
                self.table.token([self.model, &unit.name], number + 1, piece, score)?;
            }
        }
        Ok(())
    }
}
