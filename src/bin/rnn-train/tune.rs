//! `--tune`: searches for good settings for a text within a given time.
//!
//! Successive halving (Jamieson and Talwalkar 2016) over random settings: many are trained for few epochs, the best
//! third of them for three times as many, and so on. Each trial is a complete training run with its own schedule.

use std::time::{Duration, Instant};

use rnn_tools::cli::train::Overrides;
use rnn_tools::dataset::TokenFile;
use rnn_tools::error::Result;
use rnn_tools::random::Rng;
use rnn_tools::settings::Settings;
use serde::Serialize;
use tch::Device;

use crate::stop_condition::StopCondition;
use crate::thread_tuner::ThreadTuner;
use crate::trainer::Trainer;

/// The number of rounds, which take equally long, and the factor by which the number of trials falls from round to
/// round.
const ROUNDS: usize = 3;
const REDUCTION_FACTOR: usize = 3;
/// The number of trials in the last round, if there is time for that many full runs.
const FINALISTS: usize = 3;
/// The maximum time of a trial, relative to that of the base settings.
const MAX_SLOWDOWN: f64 = 2.5;

/// The result of training with some settings.
#[derive(Clone, Debug, Serialize)]
pub struct Trial {
    pub number: usize,
    pub round: usize,
    pub epochs: usize,
    pub seconds: f64,
    /// None if the trial was too slow or diverged.
    pub val_loss: Option<f64>,
    /// The settings for training the model in full.
    pub settings: Settings,
}

pub struct Search<'a> {
    pub file: &'a TokenFile,
    /// The settings at the centre of the search.
    pub base: Settings,
    /// Settings given as options, which are not varied.
    pub fixed: &'a Overrides,
    pub device: Device,
    pub threads: ThreadTuner,
    pub seed: u64,
    pub deadline: Instant,
    pub stop: &'a StopCondition,
}

impl Search<'_> {
    /// Runs trials until time runs out, and calls `report` for each. Returns the best trial of the last round.
    pub fn run(&mut self, mut report: impl FnMut(&Trial)) -> Result<Option<Trial>> {
        // Measures the time of an epoch.
        let base = self.base.clone();
        let (_, epoch_seconds) = self.train(&base, 1, None)?;
        let time = self.deadline.saturating_duration_since(Instant::now()).as_secs_f64();
        let (first, epochs) = plan(time, epoch_seconds, base.epochs);
        let mut candidates: Vec<Settings> = (0..first).map(|n| candidate(&base, self.fixed, self.seed, n)).collect();
        let (mut number, mut best): (usize, Option<Trial>) = (0, None);
        for (round, epochs) in epochs.into_iter().enumerate() {
            let mut trials = Vec::new();
            for settings in candidates {
                let expected = epoch_seconds * epochs as f64;
                if self.is_over() {
                    break;
                }
                number += 1;
                let (val_loss, seconds) = self.train(&settings, epochs, Some(MAX_SLOWDOWN * expected + 1.0))?;
                // A trial cut short by the deadline is not a result.
                if val_loss.is_none() && self.is_over() {
                    break;
                }
                let trial = Trial { number, round: round + 1, epochs, seconds, val_loss, settings };
                report(&trial);
                trials.push(trial);
            }
            trials.retain(|trial| trial.val_loss.is_some());
            trials.sort_by(|a, b| a.val_loss.unwrap_or(f64::MAX).total_cmp(&b.val_loss.unwrap_or(f64::MAX)));
            let Some(winner) = trials.first() else { break };
            best = Some(winner.clone());
            if trials.len() == 1 {
                break; // no other trial to compare it with
            }
            candidates =
                trials.iter().take(trials.len().div_ceil(REDUCTION_FACTOR)).map(|t| t.settings.clone()).collect();
        }
        Ok(best)
    }

    fn is_over(&self) -> bool {
        Instant::now() >= self.deadline || self.stop.reason(0).is_some()
    }

    /// Trains for `epochs` epochs, or at most `limit` seconds. Returns the validation loss, if training was completed,
    /// and the seconds taken.
    fn train(&mut self, settings: &Settings, epochs: usize, limit: Option<f64>) -> Result<(Option<f64>, f64)> {
        let started = Instant::now();
        // The n-gram model does not depend on the settings searched.
        let settings = Settings { epochs, ngram: 0, patience: 0, ..settings.clone() };
        let mut trainer = Trainer::new(self.file, &settings, self.device, self.seed, None)?;
        // Keeps what the thread tuner has learned from trial to trial.
        std::mem::swap(&mut trainer.threads, &mut self.threads);
        let end = limit.map_or(self.deadline, |limit| self.deadline.min(started + Duration::from_secs_f64(limit)));
        let val_loss = train_until(&mut trainer, epochs, || Instant::now() >= end || self.stop.reason(0).is_some());
        std::mem::swap(&mut trainer.threads, &mut self.threads);
        Ok((val_loss, started.elapsed().as_secs_f64()))
    }
}

/// Returns the validation loss after `epochs` epochs; None if it is not finite, or if `is_over` becomes true.
fn train_until(trainer: &mut Trainer, epochs: usize, is_over: impl Fn() -> bool) -> Option<f64> {
    while trainer.position.epoch <= epochs {
        trainer.step(1.0);
        if is_over() {
            return None;
        }
        if trainer.is_epoch_done() {
            if !trainer.take_score().means().0.is_finite() {
                return None;
            }
            trainer.next_epoch();
        }
    }
    Some(trainer.evaluate().0).filter(|loss| loss.is_finite())
}

/// Returns the number of trials in the first round, and the epochs per trial of each round: as many as there is time
/// for, and at most `epochs`.
fn plan(seconds: f64, epoch_seconds: f64, epochs: usize) -> (usize, Vec<usize>) {
    let all = seconds / epoch_seconds.max(1e-3);
    let last = (all / (ROUNDS * FINALISTS) as f64).clamp(1.0, epochs as f64);
    let rounds = (0..ROUNDS).rev().map(|n| (last / (REDUCTION_FACTOR as f64).powi(n as i32)).round().max(1.0) as usize);
    // If time is short, rounds coincide.
    let mut rounds: Vec<usize> = rounds.collect();
    rounds.dedup();
    (((all / rounds.len() as f64 / rounds[0] as f64) as usize).clamp(2, 200), rounds)
}

/// Returns the settings of a trial: the base settings for number 0, random settings around them for the others.
fn candidate(base: &Settings, fixed: &Overrides, seed: u64, number: usize) -> Settings {
    let mut settings = base.clone();
    if number == 0 {
        return settings;
    }
    let mut rng = Rng::stream(seed, number as u64);
    settings.learning_rate *= 4f64.powf(2.0 * rng.uniform() - 1.0);
    let mut near = |value: f64, max: f64| {
        let (low, high) = ((value - 0.25).max(0.0), (value + 0.25).min(max));
        ((low + (high - low) * rng.uniform()) * 100.0).round() / 100.0
    };
    settings.dropout_input = near(settings.dropout_input, 0.8);
    settings.dropout_hidden = near(settings.dropout_hidden, 0.8);
    settings.dropout_output = near(settings.dropout_output, 0.8);
    settings.dropout_embedding = near(settings.dropout_embedding, 0.5);
    settings.dropout_weight = near(settings.dropout_weight, 0.8);
    settings.label_smoothing = near(settings.label_smoothing, 0.3);
    // Log-uniform from 1e-4 to 0.3.
    settings.weight_decay = two_digits(10f64.powf(-4.0 + 3.5 * rng.uniform()));
    settings.learning_rate = two_digits(settings.learning_rate);
    let factors = [0.5, 0.75, 1.0, 1.0, 1.5];
    let factor = factors[(rng.uniform() * factors.len() as f64) as usize];
    settings.hidden_size = ((base.hidden_size as f64 * factor / 8.0).round() as usize * 8).max(8);
    if base.embedding_size == base.hidden_size {
        settings.embedding_size = settings.hidden_size;
    }
    settings.num_layers = (base.num_layers + (rng.uniform() * 3.0) as usize).saturating_sub(1).clamp(1, 4);
    let settings = fixed.apply(&settings).expect("the options were applied before");
    // A fixed size may not fit the random ones.
    if settings.check().is_ok() {
        return settings;
    }
    let Settings { embedding_size, hidden_size, num_layers, .. } = *base;
    Settings { embedding_size, hidden_size, num_layers, ..settings }
}

/// Rounds to two significant digits.
fn two_digits(number: f64) -> f64 {
    format!("{number:.1e}").parse().expect("a formatted number is valid")
}

#[cfg(test)]
mod tests {
    use rnn_tools::settings::Preset;

    use super::*;

    #[test]
    fn the_plan_fits_the_time() {
        for (seconds, epoch, epochs) in [(600.0, 1.0, 40), (60.0, 5.0, 40), (10.0, 9.0, 40), (3600.0, 0.01, 100)] {
            let (first, rounds) = plan(seconds, epoch, epochs);
            let rise = rounds.windows(2).all(|pair| pair[0] < pair[1]);
            assert!(rise && rounds[0] >= 1 && *rounds.last().unwrap() <= epochs && first >= 2, "{first} {rounds:?}");
            let needed = (first * rounds[0] * rounds.len()) as f64 * epoch;
            assert!(first == 2 || first == 200 || (0.6..1.01).contains(&(needed / seconds)), "{needed} {seconds}");
        }
        assert_eq!(plan(90.0, 9.0, 40), (10, vec![1]));
        let (first, rounds) = plan(600.0, 1.0, 40);
        assert_eq!((first, rounds), (50, vec![4, 13, 40]));
    }

    #[test]
    fn candidates_are_valid_and_keep_fixed_settings() {
        let fixed = Overrides { learning_rate: Some(0.01), hidden_size: Some(40), ..Overrides::default() };
        for preset in [Preset::Small, Preset::Classic, Preset::Char, Preset::Awd] {
            let base = Settings::preset(preset);
            for free in [&Overrides::default(), &fixed] {
                let base = free.apply(&base).unwrap();
                if base.check().is_err() {
                    continue; // tied weights need equal sizes
                }
                let all: Vec<Settings> = (0..40).map(|n| candidate(&base, free, 1, n)).collect();
                assert_eq!(all[0], base);
                for settings in &all {
                    settings.check().unwrap();
                    assert_eq!((settings.epochs, settings.seq_length), (base.epochs, base.seq_length));
                }
                let is_fixed = free.learning_rate.is_some();
                assert_eq!(all.iter().all(|s| s.learning_rate == base.learning_rate), is_fixed);
                assert_eq!(all.iter().all(|s| s.hidden_size == base.hidden_size), is_fixed);
                assert!(all.iter().any(|s| s.dropout_input != base.dropout_input));
            }
        }
    }
}
