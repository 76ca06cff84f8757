//! rnn-train-libtorch, the program that [rnn-train](launcher.rs) executes to train a model on a token file.

mod activation_regularization;
#[cfg(test)]
mod agreement;
mod batches;
mod blocks;
mod checkpoint;
mod cpu;
mod device;
mod dropout;
mod dry_run;
mod earlier_run;
mod evaluation;
mod freeze;
mod interpolation;
mod libtorch_error;
mod linear_cross_entropy;
mod memory;
mod network;
mod ops;
mod optimizer;
mod output_dir;
mod pretrained;
mod report;
mod session;
mod stop_condition;
mod stopwatch;
mod thread_tuner;
mod trainer;
mod tune;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use rnn_tools::cli::{self, train::Args};
use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result, quoted, shell_word};
use rnn_tools::model::ModelFile;
use rnn_tools::settings::Settings;
use rnn_tools::text::Tokenizer;
use rnn_tools::{history, io, random};

use checkpoint::{Checkpoint, Position, Progress};
use output_dir::OutputDir;
use report::Report;
use session::Session;
use stop_condition::{StopCondition, StopReason};
use tch::Device;
use thread_tuner::ThreadTuner;
use trainer::Trainer;
use tune::Search;

fn main() -> ExitCode {
    cli::main(|args| libtorch_error::catch("lower --batch-size, --seq-length or --hidden-size", || run(args)))
}

fn run(args: Args) -> Result<()> {
    let stop = StopCondition::new(&args.limits)?;
    match &args.output {
        Some(output) if earlier_run::is_resumed(&args, output)? => resume(&args, output, stop),
        _ => start(&args, stop),
    }
}

/// Starts a new run, or handles --tune or --dry-run.
fn start(args: &Args, stop: StopCondition) -> Result<()> {
    earlier_run::refuse(args)?;
    let mut file = TokenFile::read(&args.tokens)?;
    stop.catch_signals()?;
    let data = file.fingerprint();
    let from = args.from.as_ref().map(|path| pretrained::read(path, &mut file, args.grow_vocab)).transpose()?;
    let settings = settings(args, from.as_ref())?;
    let seed = args.random_seed.unwrap_or_else(random::fresh_seed);
    if let Some(minutes) = args.tune {
        return tune(args, &file, settings, seed, minutes, &stop);
    }
    let Some(output) = args.output.as_ref().filter(|_| !args.dry_run) else {
        let trainer = prepare(args, &file, &settings, seed, from)?;
        return with_advice(&settings, &file, || {
            dry_run::run(trainer, &settings, memory::estimate(&settings, &file), args.json)
        });
    };
    io::create_folder(output)?;
    let folder = OutputDir::lock(output, &args.limits, args.int8)?;
    let progress = Progress {
        settings: settings.clone(),
        seed,
        data,
        vocabulary: from.as_ref().map(|model| model.tokenizer.to_json()),
        position: Position { epoch: 1, window: 0, steps: 0 },
        rows: Vec::new(),
        tokens: 0,
        row_seconds: 0.0,
        seconds: 0.0,
        averaged: None,
        mixed_val_loss: None,
        rollbacks: 0,
    };
    let trainer = prepare(args, &file, &settings, seed, from)?;
    let report = Report::new(args, settings.epochs);
    report.start(&trainer, &file, seed);
    folder.clear()?;
    let mut session = Session::new(trainer, &file, folder, report, stop, progress, args.sample_every);
    with_advice(&settings, &file, || {
        // A rollback needs a checkpoint from the first step on.
        session.save()?;
        session.run()
    })
}

/// Returns the settings of the preset, overridden by the shape of the `--from` model and then by the options.
fn settings(args: &Args, from: Option<&ModelFile>) -> Result<Settings> {
    let mut settings = Settings::preset(args.preset);
    if let Some(model) = from {
        settings = settings.with_shape(&model.config);
    }
    settings = args.overrides.apply(&settings)?;
    if let Some(model) = from {
        let differences = settings.clone().with_shape(&model.config).differences(&settings);
        if !differences.is_empty() {
            return Err(Error::failure(format!("--from keeps the model's shape: {}", checkpoint::list(&differences)))
                .hint("omit these options"));
        }
    }
    settings.check()?;
    Ok(settings)
}

fn resume(args: &Args, output: &Path, stop: StopCondition) -> Result<()> {
    let mut folder = OutputDir::lock(output, &args.limits, args.int8)?;
    let checkpoint = Checkpoint::read(output)?;
    let mut file = TokenFile::read(&args.tokens)?;
    stop.catch_signals()?;
    let settings = earlier_run::settings(args, &checkpoint.progress.settings)?;
    checkpoint.check(&file.fingerprint(), args.random_seed)?;
    let progress = Progress { settings: settings.clone(), ..checkpoint.progress.clone() };
    if !progress.rows.is_empty() {
        history::write(&folder.history(), &progress.rows)?;
    }
    if earlier_run::is_finished(&progress) {
        log::info!(
            "nothing to do: the run in {} is finished; {}",
            quoted(output),
            earlier_run::how_to_extend(&settings)
        );
        return Ok(());
    }
    if let Some(text) = &progress.vocabulary {
        let error = |reason| Error::file(output.join(checkpoint::FILE_NAME), format!("bad `vocabulary`: {reason}"));
        pretrained::adopt(&mut file, Tokenizer::from_json(text).map_err(error)?);
    }
    let mut trainer = prepare(args, &file, &settings, progress.seed, None)?;
    trainer.restore(&checkpoint)?;
    drop(checkpoint);
    let report = Report::new(args, settings.epochs);
    report.start(&trainer, &file, progress.seed);
    folder.latest = Some(progress.position.steps);
    log::info!("resuming in epoch {} after step {}", progress.position.epoch, progress.position.steps);
    let mut session = Session::new(trainer, &file, folder, report, stop, progress, args.sample_every);
    with_advice(&settings, &file, || session.run())
}

/// Builds the trainer of a new run.
fn prepare<'a>(
    args: &Args,
    file: &'a TokenFile,
    settings: &'a Settings,
    seed: u64,
    from: Option<ModelFile>,
) -> Result<Trainer<'a>> {
    let device = choose_device(args, settings, file)?;
    let mut trainer = with_advice(settings, file, || Trainer::new(file, settings, device, seed, from.as_ref()))?;
    trainer.threads = thread_tuner(args, settings, device);
    Ok(trainer)
}

fn choose_device(args: &Args, settings: &Settings, file: &TokenFile) -> Result<Device> {
    let device = device::choose(args.device)?;
    if let Some(count) = args.threads {
        tch::set_num_threads(count as i32);
    }
    cpu::choose_matrix_product();
    if device == Device::Cpu {
        memory::check(settings, file)?;
    }
    Ok(device)
}

fn thread_tuner(args: &Args, settings: &Settings, device: Device) -> ThreadTuner {
    // Where results depend on the number of threads, it stays fixed, so that a resumed run gives the same model.
    let is_exact = cpu::ignores_threads() && settings.attention == 0;
    let is_adaptive = args.threads.is_none() && device == Device::Cpu && is_exact;
    if is_adaptive { ThreadTuner::adaptive() } else { ThreadTuner::fixed() }
}

/// Runs `f`, which may run out of memory; the error then lists the options that reduce memory.
fn with_advice<T>(settings: &Settings, file: &TokenFile, f: impl FnOnce() -> Result<T>) -> Result<T> {
    libtorch_error::catch(&memory::advice(settings, file), f)
}

/// Searches for settings and writes the best ones.
fn tune(args: &Args, file: &TokenFile, base: Settings, seed: u64, minutes: f64, stop: &StopCondition) -> Result<()> {
    let time = Duration::try_from_secs_f64(60.0 * minutes).ok().filter(|time| !time.is_zero());
    let deadline = time.and_then(|time| Instant::now().checked_add(time));
    let deadline =
        deadline.ok_or_else(|| Error::usage(format!("--tune must be a positive number of minutes, got {minutes}")))?;
    let output = args.output.as_deref().expect("--output is required without --dry-run, which conflicts with --tune");
    io::create_folder(output)?;
    let _folder = OutputDir::lock(output, &args.limits, args.int8)?;
    let device = choose_device(args, &base, file)?;
    let mut report = Report::new(args, base.epochs);
    let (fixed, threads) = (&args.overrides, thread_tuner(args, &base, device));
    let mut search = Search { file, base: base.clone(), fixed, device, threads, seed, deadline, stop };
    let best = with_advice(&base, file, || search.run(|trial| report.trial(trial, &base)))?;
    let Some(best) = best else {
        return Err(Error::failure("--tune: no trial was completed in time").hint("give --tune more minutes"));
    };
    let path = output.join(earlier_run::TUNED);
    let text = serde_json::to_string_pretty(&best.settings).expect("settings have a JSON form");
    io::write(&path, |out| writeln!(out, "{text}"))?;
    log::info!(
        "wrote the settings of trial {} to {}; train with them: rnn-train {} --config {} -o FOLDER",
        best.number,
        quoted(&path),
        shell_word(&args.tokens),
        shell_word(&path)
    );
    match stop.reason(0) {
        Some(StopReason::Signal(signal)) => Err(Error::signal(signal, "stopped by a signal")),
        _ => Ok(()),
    }
}

/// Seeds libtorch's global generator, and locks it against other tests.
#[cfg(test)]
fn seeded(seed: i64) -> std::sync::MutexGuard<'static, ()> {
    static GENERATOR: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let guard = GENERATOR.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    tch::manual_seed(seed);
    guard
}
