//! What a folder holds of an earlier run: whether it is continued, kept or replaced.

use std::path::{Path, PathBuf};

use rnn_tools::cli::train::{Args, Resume};
use rnn_tools::error::{Error, Result, quoted, shell_word};
use rnn_tools::outputs::{self, Kind};
use rnn_tools::settings::{Preset, Settings};
use rnn_tools::{history, model};

use crate::checkpoint::{self, Checkpoint, Progress};
use crate::output_dir;

/// The file that `--tune` writes.
pub const TUNED: &str = "tuned.json";

/// Returns whether the run in `output` is to be continued.
pub fn is_resumed(args: &Args, output: &Path) -> Result<bool> {
    match args.resume {
        Resume::Always => {
            let starts = [("--preset", args.preset != Preset::Small), ("--from", args.from.is_some())];
            if let Some((option, _)) = starts.iter().find(|(_, is_given)| *is_given) {
                let message = format!("{option} cannot be used with --resume, which keeps the settings of the run");
                return Err(Error::usage(message).hint("omit it, or use --resume=auto"));
            }
            Checkpoint::find(output).map(|_| true)
        }
        Resume::Auto => Ok(output.join(checkpoint::FILE_NAME).exists()),
        Resume::Never => Ok(false),
    }
}

/// Fails if a new run or `--tune` would replace its inputs, or files of an earlier run without `--overwrite`.
pub fn refuse(args: &Args) -> Result<()> {
    let Some(output) = args.output.as_ref().filter(|_| !args.dry_run) else { return Ok(()) };
    if output.is_dir() {
        let paths: Vec<PathBuf> = output_dir::FILES.iter().chain([&TUNED]).map(|name| output.join(name)).collect();
        // Only whether they are inputs matters here; what may be replaced is decided below.
        let outputs: Vec<_> = paths.iter().map(|path| (path.as_path(), Kind::Text)).collect();
        let from = args.from.as_deref().map(model::locate);
        let inputs: Vec<&Path> = from.iter().chain([&args.tokens]).map(PathBuf::as_path).collect();
        outputs::check(&outputs, &inputs, true)?;
    }
    if args.overwrite {
        return Ok(());
    }
    let found = if args.tune.is_some() {
        Some(output.join(TUNED)).filter(|path| path.exists())
    } else {
        output_dir::files_of_a_run(output).into_iter().next()
    };
    let Some(found) = found else { return Ok(()) };
    let hint = if args.tune.is_some() {
        "use --overwrite to replace it, or choose another folder".into()
    } else if output.join(checkpoint::FILE_NAME).exists() {
        format!(
            "continue that run: {}, or --resume=auto in scripts; replace it: --overwrite; or choose another folder",
            resume_command(args, output)
        )
    } else {
        "it has no checkpoint for --resume or --resume=auto: use --overwrite to replace it, or choose another folder"
            .into()
    };
    Err(Error::usage(format!("{} exists: an earlier run wrote it", quoted(found))).hint(hint))
}

/// Returns the command that continues the run in `output`.
pub fn resume_command(args: &Args, output: &Path) -> String {
    format!("rnn-train {} --resume -o {}", shell_word(&args.tokens), shell_word(output))
}

/// Returns the settings to continue a run with, which may only be longer: more epochs, if that changes no learning rate
/// of the past, and more patience.
pub fn settings(args: &Args, of_run: &Settings) -> Result<Settings> {
    let base = match args.preset {
        Preset::Small => of_run.clone(),
        // The shape is the model's.
        preset if args.from.is_some() => Settings::preset(preset).with_shape(&of_run.config(1)),
        preset => Settings::preset(preset),
    };
    let wanted = args.overrides.apply(&base)?;
    let has_more_epochs = wanted.epochs > of_run.epochs;
    let has_more_patience = wanted.patience == 0 || of_run.patience > 0 && wanted.patience > of_run.patience;
    let same = Settings {
        epochs: if has_more_epochs { wanted.epochs } else { of_run.epochs },
        patience: if has_more_patience { wanted.patience } else { of_run.patience },
        ..of_run.clone()
    };
    let differences = same.differences(&wanted);
    if !differences.is_empty() {
        let list = checkpoint::list(&differences);
        return Err(Error::failure(format!("--resume keeps the settings of the run: {list}"))
            .hint("omit these options, or start another run; only --epochs and --patience can be raised"));
    }
    if has_more_epochs && of_run.schedule.depends_on_length() {
        let schedule = of_run.to_values()["schedule"].clone();
        return Err(Error::failure(format!(
            "--epochs is {} and cannot be raised, because --schedule {} has ended with it",
            of_run.epochs,
            schedule.as_str().unwrap_or_default()
        ))
        .hint("start a run with --schedule constant, step or plateau, or train the model further with --from FOLDER"));
    }
    wanted.check()?;
    Ok(wanted)
}

/// Returns whether no step is left.
pub fn is_finished(progress: &Progress) -> bool {
    let settings = &progress.settings;
    progress.position.epoch > settings.epochs || history::is_exhausted(&progress.rows, settings.patience)
}

/// Returns what trains a finished run for longer.
pub fn how_to_extend(settings: &Settings) -> &'static str {
    if settings.schedule.depends_on_length() {
        "its learning rate has reached its end: train the model further with --from FOLDER -o ANOTHER"
    } else {
        "raise --epochs or --patience to train longer"
    }
}
