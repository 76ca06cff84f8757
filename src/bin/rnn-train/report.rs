//! What is seen of a training run: a bar on a terminal, a line an epoch, JSON lines on request.

use std::io::Write;

use indicatif::{ProgressBar, ProgressStyle};
use rnn_tools::cli::train::Args;
use rnn_tools::dataset::TokenFile;
use rnn_tools::history::Epoch;
use rnn_tools::model::Config;
use rnn_tools::numerals::count;
use tch::Device;

/// Parts of an epoch that the bar tells apart.
const TICKS: u64 = 1000;

pub struct Report {
    bar: Option<ProgressBar>,
    epochs: usize,
    json: bool,
}

impl Report {
    pub fn new(args: &Args, epochs: usize) -> Self {
        let bar = args.common.shows_progress().then(|| {
            let style = ProgressStyle::with_template("{msg} {bar:24} {eta} left").expect("the template is valid");
            ProgressBar::new(TICKS * epochs as u64).with_style(style.progress_chars("=> "))
        });
        Self { bar, epochs, json: args.json }
    }

    pub fn start(&self, config: &Config, file: &TokenFile, device: Device, seed: u64) {
        let place = match device {
            Device::Cpu => format!("the CPU, {} threads", tch::get_num_threads()),
            other => format!("{other:?}"),
        };
        self.line(&format!(
            "{} parameters, {} tokens, on {place}, random seed {seed}",
            count(config.num_parameters()),
            count(file.train.len())
        ));
    }

    /// `share` of epoch `epoch` (from 1) is done.
    pub fn progress(&self, epoch: usize, share: f64) {
        if let Some(bar) = &self.bar {
            let message = format!("Epoch {epoch}/{}", self.epochs);
            if bar.message() != message {
                bar.set_message(message);
            }
            bar.set_position((epoch as u64 - 1) * TICKS + (share * TICKS as f64) as u64);
        }
    }

    pub fn epoch(&mut self, epoch: &Epoch) {
        self.line(&format!(
            "Epoch {}/{} - {:.0}s - {:.0} tokens/s - loss: {:.4} - accuracy: {:.4} - val_loss: {:.4} - val_accuracy: {:.4}",
            epoch.epoch,
            self.epochs,
            epoch.seconds,
            epoch.tokens_per_second,
            epoch.loss,
            epoch.accuracy,
            epoch.val_loss,
            epoch.val_accuracy
        ));
        if self.json {
            self.print_json(epoch);
        }
        if let Some(bar) = self.bar.as_ref().filter(|_| epoch.epoch == self.epochs) {
            bar.finish_and_clear();
        }
    }

    /// A reader that goes away does not end the training.
    fn print_json(&mut self, epoch: &Epoch) {
        let line = serde_json::to_string(epoch).expect("an epoch has a JSON form");
        let mut stdout = std::io::stdout().lock();
        if let Err(error) = writeln!(stdout, "{line}").and_then(|()| stdout.flush()) {
            log::warn!("cannot write to standard output ({error}); training goes on");
            self.json = false;
        }
    }

    /// A log line that does not tear the bar.
    fn line(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| log::info!("{text}")),
            None => log::info!("{text}"),
        }
    }
}
