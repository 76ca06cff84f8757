//! rnn-train: tokens to a model.

mod checkpoint;
mod cpu;
mod device;
mod fault;
mod forward;
mod mixture;
mod network;
mod ops;
mod optimizer;
mod output;
mod report;
mod softmax;
mod threads;
mod trainer;

use std::process::ExitCode;

use rnn_tools::cli::{self, train::Args};
use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::history::{self, Epoch};
use rnn_tools::model::{self, ModelFile, Training};
use rnn_tools::settings::Settings;
use rnn_tools::{io, random};

use checkpoint::Checkpoint;
use report::Report;
use trainer::Trainer;

fn main() -> ExitCode {
    cli::main(|args| fault::as_error(|| run(args)))
}

fn run(args: Args) -> Result<()> {
    threads::wait_without_spinning();
    let checkpoint = args.resume.then(|| Checkpoint::read(&args.output)).transpose()?;
    let settings = match &checkpoint {
        Some(checkpoint) => args.overrides.put_into(checkpoint.progress.settings.clone()),
        None => args.overrides.put_into(Settings::preset(args.preset)),
    };
    settings.check()?;
    let file = TokenFile::read(&args.tokens)?;
    let data = file.fingerprint();
    let mut seed = args.random_seed.unwrap_or_else(random::fresh_seed);
    if let Some(checkpoint) = &checkpoint {
        checkpoint.check(&data, &settings, args.random_seed)?;
        seed = checkpoint.progress.seed;
    }
    io::create_folder(&args.output)?;
    let device = device::choose(args.device)?;
    threads::set_count(args.threads)?;
    cpu::choose_matrix_product();

    let mut trainer = Trainer::new(&file, &settings, device, seed)?;
    let mut report = Report::new(&args, settings.epochs);
    report.start(trainer.network.config(), &file, device, seed);
    let (model_path, history_path) = (args.output.join(model::FILE_NAME), args.output.join(history::FILE_NAME));
    let mut epochs: Vec<Epoch> = Vec::new();
    let mut mixed_val_loss = None;
    if let Some(checkpoint) = &checkpoint {
        trainer.resume(checkpoint)?;
        epochs.clone_from(&checkpoint.progress.epochs);
        mixed_val_loss = checkpoint.progress.mixed_val_loss;
        history::write(&history_path, &epochs)?;
        log::info!("going on after epoch {}", epochs.len());
    }
    while epochs.len() < settings.epochs && !is_exhausted(&epochs, &settings) {
        let number = epochs.len() + 1;
        let epoch = trainer.epoch(number, |share| report.progress(number, share));
        report.epoch(&epoch);
        let is_best = history::best(&epochs).is_none_or(|best| epoch.val_loss < best.val_loss);
        epochs.push(epoch);
        let epoch = &epochs[number - 1];
        if !epoch.loss.is_finite() || !epoch.val_loss.is_finite() {
            history::write(&history_path, &epochs)?;
            return Err(diverged(&epochs));
        }
        if is_best {
            let training = training(&trainer, &epochs, seed, &data, &settings);
            mixed_val_loss = training.mixed_val_loss;
            model_file(&trainer, &file, training).write(&model_path)?;
        }
        trainer.save(&args.output, &data, &epochs, mixed_val_loss)?;
        // Last: an epoch that the history shows is saved.
        history::write(&history_path, &epochs)?;
    }
    if epochs.len() < settings.epochs {
        log::info!("no better validation loss for {} epochs, stopped", settings.patience);
    }
    let best = history::best(&epochs).expect("every epoch's loss is finite");
    log::info!(
        "kept epoch {} in {}: val_loss {:.4}, perplexity {:.1}",
        best.epoch,
        quoted(&model_path),
        best.val_loss,
        best.val_loss.exp()
    );
    if let Some(loss) = mixed_val_loss {
        log::info!("with the book's own n-grams: val_loss {loss:.4}, perplexity {:.1}", loss.exp());
    }
    Ok(())
}

/// Whether the validation loss has not improved for as many epochs as patience lasts.
fn is_exhausted(epochs: &[Epoch], settings: &Settings) -> bool {
    let since = history::best(epochs).map_or(0, |best| epochs.len() - best.epoch);
    settings.patience > 0 && since >= settings.patience
}

fn training(trainer: &Trainer, epochs: &[Epoch], seed: u64, data: &str, settings: &Settings) -> Training {
    let best = history::best(epochs).expect("called after an epoch with a finite loss");
    Training {
        best_epoch: best.epoch,
        epochs: epochs.len(),
        val_loss: best.val_loss,
        val_accuracy: best.val_accuracy,
        mixed_val_loss: trainer.mixture.as_ref().map(|mixture| mixture.loss),
        loss: best.loss,
        accuracy: best.accuracy,
        seed,
        data: data.into(),
        settings: serde_json::to_value(settings).expect("settings have a JSON form"),
    }
}

fn model_file(trainer: &Trainer, file: &TokenFile, training: Training) -> ModelFile {
    ModelFile {
        config: trainer.network.config().clone(),
        tokenizer: file.tokenizer.clone(),
        training,
        tensors: trainer.with_kept(|network| network.export()),
        ngram: trainer.mixture.as_ref().map(|mixture| mixture.ngram.clone()),
    }
}

fn diverged(epochs: &[Epoch]) -> Error {
    let kept = match history::best(epochs) {
        Some(best) => format!("the model of epoch {} is kept", best.epoch),
        None => "no model was written".to_string(),
    };
    Error::failure(format!("training diverged in epoch {}: the loss is not a number; {kept}", epochs.len()))
        .hint("lower --learning-rate, or set --clip-norm")
}
