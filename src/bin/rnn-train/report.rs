//! The output of a training run: a progress bar on a terminal, a log line per evaluation, and JSON lines with `--json`.

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};
use rnn_tools::cli::train::Args;
use rnn_tools::dataset::TokenFile;
use rnn_tools::format::{count, plural};
use rnn_tools::history::Row;
use rnn_tools::settings::Settings;
use serde::Serialize;
use tch::Device;

use crate::earlier_run::resume_command;
use crate::trainer::Trainer;
use crate::tune::Trial;

/// Ticks of the progress bar per epoch.
const TICKS: u64 = 1000;

pub struct Report {
    bar: Option<ProgressBar>,
    epochs: usize,
    json: bool,
    /// The command that continues the run.
    pub resume_command: String,
}

impl Report {
    pub fn new(args: &Args, epochs: usize) -> Self {
        let bar = args.common.shows_progress().then(|| {
            let style =
                ProgressStyle::with_template("{prefix} {bar:20} {eta} left{wide_msg}").expect("the template is valid");
            ProgressBar::new(TICKS * epochs as u64).with_style(style.progress_chars("=> "))
        });
        let resume_command = args.output.as_deref().map(|output| resume_command(args, output)).unwrap_or_default();
        Self { bar, epochs, json: args.json, resume_command }
    }

    pub fn start(&self, trainer: &Trainer, file: &TokenFile, seed: u64) {
        let device = match trainer.train.device() {
            Device::Cpu => format!("the CPU with {}", plural(tch::get_num_threads() as usize, "thread", "threads")),
            other => format!("{other:?}"),
        };
        let documents = trainer.train.num_documents().map(|n| format!(" in {}", plural(n, "document", "documents")));
        self.line(&format!(
            "{} parameters, {} tokens{}, on {device}, random seed {seed}",
            count(trainer.network.config().num_parameters()),
            count(file.train.len()),
            documents.unwrap_or_default()
        ));
    }

    /// Shows that `fraction` of epoch `epoch` (from 1) is done.
    pub fn progress(&self, epoch: usize, fraction: f64) {
        let Some(bar) = &self.bar else { return };
        let prefix = format!("Epoch {epoch}/{}", self.epochs);
        if bar.prefix() != prefix {
            bar.set_prefix(prefix);
        }
        bar.set_position((epoch as u64 - 1) * TICKS + (fraction * TICKS as f64) as u64);
    }

    /// Starts the estimate of the time left, which ignores the progress of a resumed run before this point.
    pub fn begin(&self, epoch: usize, fraction: f64) {
        self.progress(epoch, fraction);
        self.bar.iter().for_each(ProgressBar::reset_eta);
    }

    /// Shows the metrics of the steps since the last row.
    pub fn running(&self, loss: f64, accuracy: f64, tokens_per_second: f64) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!(" - loss: {loss:.4} - accuracy: {accuracy:.4} - {tokens_per_second:.0} tokens/s"));
        }
    }

    /// Prints a row of the history, for a whole epoch or a part of one.
    pub fn row(&mut self, row: &Row, is_epoch: bool) {
        let step = if is_epoch { String::new() } else { format!(", step {}", row.step) };
        self.line(&format!(
            "Epoch {}/{}{step} - {:.0}s - {:.0} tokens/s - loss: {:.4} - accuracy: {:.4} - val_loss: {:.4} - val_accuracy: {:.4}",
            row.epoch,
            self.epochs,
            row.seconds,
            row.tokens_per_second,
            row.loss,
            row.accuracy,
            row.val_loss,
            row.val_accuracy
        ));
        if self.json {
            self.print_json(row);
        }
    }

    /// Prints a trial of a search around the settings `base`.
    pub fn trial(&mut self, trial: &Trial, base: &Settings) {
        let loss = trial.val_loss.map_or("too slow or diverged".to_string(), |loss| format!("val_loss: {loss:.4}"));
        let changes = base.differences(&trial.settings);
        let changes: Vec<String> = changes.iter().map(|(option, _, value)| format!("--{option} {value}")).collect();
        let changes = if changes.is_empty() { "base settings".to_string() } else { changes.join(" ") };
        let Trial { number, round, epochs, seconds, .. } = trial;
        self.line(&format!("Trial {number}, round {round}: {epochs} epochs - {seconds:.0}s - {loss} - {changes}"));
        if self.json {
            self.print_json(trial);
        }
    }

    /// Prints a sample of text generated after this many steps.
    pub fn sample(&self, step: usize, text: &str) {
        format!("after step {step}: {text}").lines().for_each(|line| self.line(line));
    }

    /// Removes the progress bar.
    pub fn end(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    pub fn warn(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| log::warn!("{text}")),
            None => log::warn!("{text}"),
        }
    }

    /// Prints a JSON line. If the reader of standard output has exited, training continues.
    fn print_json(&mut self, row: &impl Serialize) {
        let line = serde_json::to_string(row).expect("a row has a JSON form");
        let mut stdout = std::io::stdout().lock();
        if let Err(error) = writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
            log::warn!("cannot write to standard output ({error}); training continues");
            self.json = false;
        }
    }

    /// Logs a line without disturbing the progress bar.
    pub fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| log::info!("{text}")),
            None => log::info!("{text}"),
        }
    }
}
