//! rnn-train: tokens to a model.

mod batches;
mod checkpoint;
mod cpu;
mod device;
mod evaluation;
mod fault;
mod folder;
mod forward;
mod mixture;
mod network;
mod ops;
mod optimizer;
mod output;
mod report;
mod session;
mod softmax;
mod stop;
mod stopwatch;
mod threads;
mod trainer;

use std::process::ExitCode;

use rnn_tools::cli::{self, train::Args};
use rnn_tools::dataset::TokenFile;
use rnn_tools::error::Result;
use rnn_tools::settings::Settings;
use rnn_tools::{history, io, random};

use checkpoint::{Checkpoint, Place, Progress};
use folder::Folder;
use report::Report;
use session::Session;
use stop::Stop;
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
    let settings = args.overrides.put_into(Settings::preset(args.preset));
    settings.check()?;
    let file = TokenFile::read(&args.tokens)?;
    io::create_folder(&args.output)?;
    let folder = Folder::lock(&args.output, &args.limits)?;
    let progress = Progress {
        settings: settings.clone(),
        seed: args.random_seed.unwrap_or_else(random::fresh_seed),
        data: file.fingerprint(),
        place: Place { epoch: 1, window: 0, steps: 0 },
        rows: Vec::new(),
        tokens: 0,
        row_seconds: 0.0,
        seconds: 0.0,
        averaged: None,
        mixed_val_loss: None,
        rollbacks: 0,
    };
    let (trainer, report) = prepare(args, &file, &settings, progress.seed)?;
    folder.clear()?;
    let mut session = Session::new(trainer, &file, folder, report, stop, progress);
    // So that there is something to go back to from the first step on.
    session.save()?;
    session.run()
}

fn resume(args: &Args, stop: Stop) -> Result<()> {
    Checkpoint::find(&args.output)?;
    let mut folder = Folder::lock(&args.output, &args.limits)?;
    let checkpoint = Checkpoint::read(&args.output)?;
    let file = TokenFile::read(&args.tokens)?;
    let wanted = args.overrides.put_into(checkpoint.progress.settings.clone());
    checkpoint.check(&file.fingerprint(), &wanted, args.random_seed)?;
    let progress = checkpoint.progress.clone();
    let (mut trainer, report) = prepare(args, &file, &wanted, progress.seed)?;
    trainer.restore(&checkpoint)?;
    drop(checkpoint);
    folder.latest = Some(progress.place.steps);
    if !progress.rows.is_empty() {
        history::write(&folder.history(), &progress.rows)?;
    }
    log::info!("going on in epoch {} after step {}", progress.place.epoch, progress.place.steps);
    Session::new(trainer, &file, folder, report, stop, progress).run()
}

/// The trainer at its start, and what is said of it.
fn prepare<'a>(args: &Args, file: &'a TokenFile, settings: &'a Settings, seed: u64) -> Result<(Trainer<'a>, Report)> {
    let device = device::choose(args.device)?;
    threads::set_count(args.threads)?;
    cpu::choose_matrix_product();
    let trainer = Trainer::new(file, settings, device, seed)?;
    let report = Report::new(args, settings.epochs);
    report.start(&trainer, file, device, seed);
    Ok((trainer, report))
}
