//! The loop of a training run: steps, evaluation, saving the best model, checkpoints, early stopping, limits and
//! signals, and rollback after divergence.

use std::time::Instant;

use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::generate::{GenerationRequest, LanguageModel};
use rnn_tools::history::{self, Row};
use rnn_tools::model::{self, ModelFile, Training};
use rnn_tools::schedule::{self, Schedule};
use rnn_tools::settings::Settings;

use crate::checkpoint::{Checkpoint, Progress};
use crate::output_dir::OutputDir;
use crate::report::Report;
use crate::stop_condition::{StopCondition, StopReason};
use crate::stopwatch::Stopwatch;
use crate::trainer::Trainer;

/// Steps between two checks of the running loss: often enough for the progress bar and to detect divergence, and rare
/// enough that waiting for the device does not slow training.
const CHECK_EVERY: usize = 100;
/// The maximum number of rollbacks, each of which halves the learning rate.
const MAX_ROLLBACKS: i32 = 3;
/// Nats per token above the best validation loss that count as divergence: seven times its perplexity.
const DIVERGENCE_MARGIN: f64 = 2.0;
/// The number of words in each sample of `--sample-every`.
const SAMPLE_WORDS: usize = 40;

pub struct Session<'a> {
    trainer: Trainer<'a>,
    file: &'a TokenFile,
    folder: OutputDir,
    report: Report,
    stop: StopCondition,
    sample_every: Option<u64>,
    /// Its position, tokens and seconds are updated only when it is saved.
    progress: Progress,
    /// The time of the whole run, and of the steps since the last row of the history.
    run: Stopwatch,
    row: Stopwatch,
    last_saved: Instant,
}

/// Why the loop of steps ended.
enum End {
    Completed,
    Stopped(StopReason),
}

impl<'a> Session<'a> {
    /// Creates the session of a new run, or of one resumed at `progress`.
    pub fn new(
        trainer: Trainer<'a>,
        file: &'a TokenFile,
        folder: OutputDir,
        report: Report,
        stop: StopCondition,
        progress: Progress,
        sample_every: Option<u64>,
    ) -> Self {
        let (run, row) = (Stopwatch::from(progress.seconds), Stopwatch::from(progress.row_seconds));
        Self { trainer, file, folder, report, stop, sample_every, progress, run, row, last_saved: Instant::now() }
    }

    /// Trains until the end, or until there is a reason to stop.
    pub fn run(&mut self) -> Result<()> {
        self.report.begin(self.trainer.position.epoch, self.trainer.epoch_fraction());
        let end = self.steps();
        self.report.end();
        let how_to_resume = || match self.folder.latest {
            Some(step) => format!("the run is saved up to step {step}: fix the cause and continue with --resume"),
            None => "nothing has been saved yet".to_string(),
        };
        match end.map_err(|error| if error.hint_text().is_none() { error.hint(how_to_resume()) } else { error })? {
            End::Completed => self.log_best(),
            End::Stopped(reason) => return self.stopped(&reason),
        }
        Ok(())
    }

    fn settings(&self) -> &Settings {
        &self.progress.settings
    }

    fn steps(&mut self) -> Result<End> {
        while self.trainer.position.epoch <= self.settings().epochs {
            if history::is_exhausted(&self.progress.rows, self.settings().patience) {
                let patience = self.settings().patience;
                self.report
                    .line(&format!("stopped early: validation loss has not improved for {patience} evaluations"));
                break;
            }
            if let Some(reason) = self.stop.reason(self.trainer.position.steps) {
                if self.trainer.is_finite() {
                    self.save()?;
                }
                return Ok(End::Stopped(reason));
            }
            self.trainer.step(self.rate_factor());
            self.report.progress(self.trainer.position.epoch, self.trainer.epoch_fraction());
            let every = self.settings().eval_every;
            let steps = self.trainer.position.steps;
            if self.sample_every.is_some_and(|every| (steps as u64).is_multiple_of(every)) {
                self.sample()?;
            }
            if self.trainer.is_epoch_done() || (every > 0 && steps.is_multiple_of(every)) {
                self.evaluate()?;
            } else if self.stop.takes_save_request() {
                if self.trainer.is_finite() {
                    self.save()?;
                    self.report.line(&format!("saved after step {steps}, as SIGUSR1 asked"));
                }
            } else if steps.is_multiple_of(CHECK_EVERY) || self.last_saved.elapsed() >= self.folder.checkpoint_every {
                self.check_progress()?;
            }
        }
        Ok(End::Completed)
    }

    /// Returns the factor of the learning rate that depends on the run so far: rollbacks and plateaus.
    fn rate_factor(&self) -> f64 {
        let rate = 0.5f64.powi(self.progress.rollbacks);
        let settings = self.settings();
        if settings.schedule != Schedule::Plateau {
            return rate;
        }
        rate * schedule::plateau(&self.val_losses(), settings.decay_every, settings.decay_factor)
    }

    fn val_losses(&self) -> Vec<f64> {
        self.progress.rows.iter().map(|row| row.val_loss).collect()
    }

    /// Shows the running loss, and saves a checkpoint if one is due.
    fn check_progress(&mut self) -> Result<()> {
        let (loss, accuracy) = self.trainer.score.means();
        if !loss.is_finite() {
            return self.roll_back("the loss is not a number");
        }
        self.report.running(loss, accuracy, self.trainer.score.tokens as f64 / self.row.seconds());
        if self.last_saved.elapsed() >= self.folder.checkpoint_every {
            if !self.trainer.is_finite() {
                return self.roll_back("a weight is not a number");
            }
            self.save()?;
        }
        Ok(())
    }

    /// Evaluates, appends a row to the history, and writes the model file if it is the best so far. Begins the next
    /// epoch if this one is done.
    fn evaluate(&mut self) -> Result<()> {
        let (loss, accuracy) = self.trainer.score.means();
        self.row.stop();
        let (val_loss, val_accuracy) = self.trainer.evaluate();
        let uniform = (self.trainer.network.config().vocab_size() as f64).ln();
        let best = history::best(&self.progress.rows).map_or((uniform, uniform), |best| (best.loss, best.val_loss));
        if let Some(reason) = divergence((loss, val_loss), best) {
            return self.roll_back(reason);
        }
        let score = self.trainer.take_score();
        let row = Row {
            epoch: self.trainer.position.epoch,
            loss,
            accuracy,
            val_loss,
            val_accuracy,
            learning_rate: self.trainer.learning_rate,
            seconds: self.run.seconds(),
            tokens_per_second: score.tokens as f64 / self.row.seconds(),
            step: self.trainer.position.steps,
        };
        self.report.row(&row, self.trainer.is_epoch_done());
        let rows = &mut self.progress.rows;
        let is_best = history::best(rows).is_none_or(|best| val_loss < best.val_loss);
        rows.push(row);
        if is_best {
            self.progress.mixed_val_loss = self.trainer.interpolation.as_ref().map(|interpolation| interpolation.loss);
            self.write_model(&self.progress.rows)?;
        }
        self.trainer.start_average_if_stalled(&self.val_losses());
        self.row = Stopwatch::from(0.0);
        if self.trainer.is_epoch_done() {
            self.trainer.next_epoch();
        }
        self.save()?;
        // Written last, so that every evaluation in the history is also in a checkpoint.
        history::write(&self.folder.history(), &self.progress.rows)
    }

    pub fn save(&mut self) -> Result<()> {
        self.row.stop();
        let (position, tokens, averaged) =
            (self.trainer.position, self.trainer.score.tokens, self.trainer.averaged_steps());
        let (row_seconds, seconds) = (self.row.seconds(), self.run.seconds());
        self.progress = Progress { position, tokens, averaged, row_seconds, seconds, ..self.progress.clone() };
        self.folder.save(&self.progress, &self.trainer.tensors())?;
        self.row.start();
        self.last_saved = Instant::now();
        Ok(())
    }

    /// Returns to the last checkpoint with half the learning rate, or fails after too many rollbacks.
    fn roll_back(&mut self, reason: &str) -> Result<()> {
        let position = self.trainer.position;
        let rollbacks = self.progress.rollbacks + 1;
        if rollbacks > MAX_ROLLBACKS {
            return Err(self.diverged(reason));
        }
        let checkpoint = Checkpoint::read(self.folder.path())?;
        self.trainer.restore(&checkpoint)?;
        self.progress = Progress { rollbacks, ..checkpoint.progress };
        self.row = Stopwatch::from(self.progress.row_seconds);
        self.report.warn(&format!(
            "{reason} in epoch {}, step {}: rolled back to step {} with half the learning rate",
            position.epoch, position.steps, self.trainer.position.steps
        ));
        self.save()
    }

    fn diverged(&self, reason: &str) -> Error {
        let kept = match history::best(&self.progress.rows) {
            Some(best) => format!("the model of epoch {} is kept", best.epoch),
            None => "no model was written".to_string(),
        };
        Error::failure(format!(
            "training diverged in epoch {} despite {MAX_ROLLBACKS} reductions of the learning rate: {reason}; {kept}",
            self.trainer.position.epoch
        ))
        .hint("lower --learning-rate, or set --clip-norm")
    }

    /// Writes the current model, which is the best of `rows`.
    fn write_model(&self, rows: &[Row]) -> Result<()> {
        let best = history::best(rows).expect("there is a row, and its loss is finite");
        let (trainer, progress) = (&self.trainer, &self.progress);
        let training = Training {
            best_epoch: best.epoch,
            epochs: trainer.position.epoch,
            val_loss: best.val_loss,
            val_accuracy: best.val_accuracy,
            mixed_val_loss: trainer.interpolation.as_ref().map(|interpolation| interpolation.loss),
            loss: best.loss,
            accuracy: best.accuracy,
            seed: progress.seed,
            data: progress.data.clone(),
            settings: serde_json::to_value(&progress.settings).expect("settings have a JSON form"),
        };
        self.folder.write_model(&self.model(training))
    }

    /// Returns the current network, with averaged weights if there are any.
    fn model(&self, training: Training) -> ModelFile {
        let trainer = &self.trainer;
        ModelFile {
            config: trainer.network.config().clone(),
            tokenizer: self.file.tokenizer.clone(),
            training,
            tensors: trainer.with_averaged_weights(|network| network.export()),
            ngram: trainer.interpolation.as_ref().map(|interpolation| interpolation.ngram.clone()),
        }
    }

    /// Shows text generated by the current model.
    fn sample(&self) -> Result<()> {
        let model = LanguageModel::new(self.model(Training::default()));
        let request = GenerationRequest {
            num_words: Some(SAMPLE_WORDS),
            random_seed: self.progress.seed,
            sample_index: self.trainer.position.steps as u64,
            ..GenerationRequest::default()
        };
        let text: String = model.generate(request)?.map(|piece| piece.text).collect();
        self.report.sample(self.trainer.position.steps, text.trim());
        Ok(())
    }

    /// Reports how to resume. If no model has been written yet, a limit of time or steps evaluates and writes one; a
    /// signal does not, because that takes time.
    fn stopped(&mut self, reason: &StopReason) -> Result<()> {
        let why = match reason {
            StopReason::Signal(_) => "stopped by a signal",
            StopReason::MaxTime => "stopped by --max-time",
            StopReason::MaxSteps => "stopped by --max-steps",
        };
        let position = self.trainer.position;
        let text = format!("{why} in epoch {} after step {}, saved", position.epoch, position.steps);
        let hint = format!("continue with: {}", self.report.resume_command);
        if let StopReason::Signal(signal) = reason {
            return Err(Error::signal(*signal, text).hint(hint));
        }
        if self.progress.rows.is_empty() && self.trainer.score.tokens > 0 {
            let (loss, accuracy) = self.trainer.score.means();
            let (val_loss, val_accuracy) = self.trainer.evaluate();
            let (epoch, step) = (position.epoch, position.steps);
            let row = Row { epoch, loss, accuracy, val_loss, val_accuracy, step, ..Row::default() };
            if val_loss.is_finite() {
                self.write_model(&[row])?;
                log::info!(
                    "wrote the model after {step} steps to {}: val_loss {val_loss:.4}",
                    quoted(self.folder.model())
                );
            }
        } else {
            self.log_best();
        }
        log::info!("{text}; {hint}");
        Ok(())
    }

    fn log_best(&self) {
        let Some(best) = history::best(&self.progress.rows) else { return };
        let step = if self.settings().eval_every > 0 { format!(", step {},", best.step) } else { String::new() };
        log::info!(
            "kept epoch {}{step} in {}: val_loss {:.4}, perplexity {:.1}",
            best.epoch,
            quoted(self.folder.path().join(model::FILE_NAME)),
            best.val_loss,
            best.val_loss.exp()
        );
        if let Some(loss) = self.progress.mixed_val_loss {
            log::info!("interpolated with the n-gram model: val_loss {loss:.4}, perplexity {:.1}", loss.exp());
        }
    }
}

/// Returns what is wrong with the training and validation losses of an evaluation, compared with those of the best one
/// (at first, of a uniform distribution). A validation loss that rises far while the training loss falls is
/// overfitting, which `--patience` handles; when both are worse, training has diverged.
fn divergence((loss, val_loss): (f64, f64), (best_loss, best_val_loss): (f64, f64)) -> Option<&'static str> {
    if !loss.is_finite() {
        return Some("the loss is not a number");
    }
    if !val_loss.is_finite() {
        return Some("the validation loss is not a number");
    }
    (val_loss > best_val_loss + DIVERGENCE_MARGIN && loss > best_loss)
        .then_some("the validation loss is far above the best")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn overfitting_is_not_divergence() {
        let best = (4.0, 5.0);
        assert_eq!(divergence((2.0, 9.0), best), None);
        assert_eq!(divergence((4.5, 6.9), best), None);
        assert!(divergence((4.5, 7.1), best).is_some());
        assert!(divergence((f64::NAN, 5.0), best).is_some() && divergence((4.0, f64::INFINITY), best).is_some());
    }
}
