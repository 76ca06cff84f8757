//! rnn-train: tokens to a model.

mod batches;
mod checkpoint;
mod cpu;
mod device;
mod evaluation;
mod fault;
mod folder;
mod forward;
mod freeze;
mod mixture;
mod network;
mod ops;
mod optimizer;
mod output;
mod report;
mod session;
mod softmax;
mod start;
mod stop;
mod stopwatch;
mod threads;
mod trainer;

use std::process::ExitCode;

use rnn_tools::cli::{self, train::Args};
use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result};
use rnn_tools::model::ModelFile;
use rnn_tools::settings::Settings;
use rnn_tools::text::Tokenizer;
use rnn_tools::{history, io, random};

use checkpoint::{Checkpoint, Place, Progress};
use folder::Folder;
use report::Report;
use session::Session;
use stop::Stop;
use tch::Device;
use threads::Balance;
use trainer::Trainer;

fn main() -> ExitCode {
    cli::main(|args| fault::as_error(|| run(args)))
}

fn run(args: Args) -> Result<()> {
    threads::wait_without_spinning();
    let stop = Stop::new(&args.limits)?;
    if args.resume { resume(&args, stop) } else { begin(&args, stop) }
}

fn begin(args: &Args, stop: Stop) -> Result<()> {
    let mut file = TokenFile::read(&args.tokens)?;
    let data = file.fingerprint();
    let from = args.from.as_ref().map(|path| start::read(path, &mut file, args.grow_vocab)).transpose()?;
    let settings = settings(args, from.as_ref())?;
    io::create_folder(&args.output)?;
    let folder = Folder::lock(&args.output, &args.limits)?;
    let progress = Progress {
        settings: settings.clone(),
        seed: args.random_seed.unwrap_or_else(random::fresh_seed),
        data,
        vocabulary: from.as_ref().map(|model| model.tokenizer.to_json()),
        place: Place { epoch: 1, window: 0, steps: 0 },
        rows: Vec::new(),
        tokens: 0,
        row_seconds: 0.0,
        seconds: 0.0,
        averaged: None,
        mixed_val_loss: None,
        rollbacks: 0,
    };
    let (trainer, report) = prepare(args, &file, &settings, progress.seed, from)?;
    folder.clear()?;
    let mut session = Session::new(trainer, &file, folder, report, stop, progress, args.sample_every);
    // So that there is something to go back to from the first step on.
    session.save()?;
    session.run()
}

/// Of the preset, the model that is gone on from, the file and the options, each over those before.
fn settings(args: &Args, from: Option<&ModelFile>) -> Result<Settings> {
    let mut settings = Settings::preset(args.preset);
    if let Some(model) = from {
        settings = settings.with_shape(&model.config);
    }
    if let Some(path) = &args.config {
        let values = serde_json::from_slice(&io::read(path)?).map_err(|e| e.to_string());
        settings = values.and_then(|values| settings.with_values(&values)).map_err(|fault| Error::file(path, fault))?;
    }
    settings = args.overrides.put_into(settings);
    if let Some(model) = from {
        let differences = settings.clone().with_shape(&model.config).differences(&settings);
        if !differences.is_empty() {
            return Err(Error::failure(format!("in the model of --from {}", checkpoint::list(&differences)))
                .hint("leave the options out: the network keeps its shape"));
        }
    }
    settings.check()?;
    Ok(settings)
}

fn resume(args: &Args, stop: Stop) -> Result<()> {
    Checkpoint::find(&args.output)?;
    let mut folder = Folder::lock(&args.output, &args.limits)?;
    let checkpoint = Checkpoint::read(&args.output)?;
    let mut file = TokenFile::read(&args.tokens)?;
    let wanted = args.overrides.put_into(checkpoint.progress.settings.clone());
    checkpoint.check(&file.fingerprint(), &wanted, args.random_seed)?;
    let progress = checkpoint.progress.clone();
    if let Some(text) = &progress.vocabulary {
        let fault = |fault| Error::file(args.output.join(checkpoint::FILE_NAME), format!("bad `vocabulary`: {fault}"));
        start::adopt(&mut file, Tokenizer::from_json(text).map_err(fault)?);
    }
    let (mut trainer, report) = prepare(args, &file, &wanted, progress.seed, None)?;
    trainer.restore(&checkpoint)?;
    drop(checkpoint);
    folder.latest = Some(progress.place.steps);
    if !progress.rows.is_empty() {
        history::write(&folder.history(), &progress.rows)?;
    }
    log::info!("going on in epoch {} after step {}", progress.place.epoch, progress.place.steps);
    Session::new(trainer, &file, folder, report, stop, progress, args.sample_every).run()
}

/// The trainer at its start, and what is said of it.
fn prepare<'a>(
    args: &Args,
    file: &'a TokenFile,
    settings: &'a Settings,
    seed: u64,
    from: Option<ModelFile>,
) -> Result<(Trainer<'a>, Report)> {
    let device = device::choose(args.device)?;
    threads::set_count(args.threads)?;
    cpu::choose_matrix_product();
    let mut trainer = Trainer::new(file, settings, device, seed, from.as_ref())?;
    if args.threads.is_none() && device == Device::Cpu {
        trainer.threads = Balance::free();
    }
    let report = Report::new(args, settings.epochs);
    report.start(&trainer, file, device, seed);
    Ok((trainer, report))
}
