//! rnn-plot: plots training curves, networks, vocabularies and activations.

mod activations;
mod architecture;
mod canvas;
mod chart;
mod compare;
mod embeddings;
mod history;
mod output;
mod probabilities;
mod text_layout;
mod theme;
mod vocabulary;
mod wording;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rnn_tools::cli;
use rnn_tools::cli::plot::{self, Args, Picture};
use rnn_tools::error::{Error, Result};
use rnn_tools::io;

use output::Output;

fn main() -> ExitCode {
    cli::main(|args: Args| match args.picture {
        Picture::History(args) => history(&args),
        Picture::Architecture(args) => architecture(&args),
        Picture::Vocabulary(args) => {
            let output = Output::new(&args.look, (args.size.width, args.size.height), "vocabulary", &[&args.tokens])?;
            output.show(&vocabulary::Vocabulary::read(&args.tokens)?)
        }
        Picture::Probabilities(args) => probabilities(&args),
        Picture::Activations(args) => activations::show(&args),
        Picture::Embeddings(args) => embeddings::show(&args),
        Picture::Compare(args) => {
            let output = Output::new(&args.look, (args.size.width, args.size.height), "compare", &paths(&args.files))?;
            output.show(&compare::Compare::read(&args)?)
        }
    })
}

fn paths(files: &[PathBuf]) -> Vec<&Path> {
    files.iter().map(PathBuf::as_path).collect()
}

fn history(args: &plot::History) -> Result<()> {
    let output = Output::new(&args.look, (args.size.width, args.size.height), "history", &paths(&args.histories))?;
    if !args.follow {
        return output.show(&history::History::read(&args.histories, args.smooth)?);
    }
    if args.histories.iter().any(|path| !io::is_stream(path)) {
        return Err(Error::usage("--follow reads standard input, not files")
            .hint("rnn-train NAME.tokens --json | rnn-plot history --follow"));
    }
    history::follow(args.smooth, |history| output.redraw(history))
}

fn architecture(args: &plot::Architecture) -> Result<()> {
    let output = Output::new(&args.look, (None, None), "architecture", &paths(args.model.as_slice()))?;
    match (&args.model, args.cell, args.unrolled) {
        (_, Some(cell), _) => output.show(&architecture::CellDiagram(cell)),
        (Some(model), _, Some(steps)) => output.show(&architecture::Unrolled::read(model, steps.into())?),
        (Some(model), ..) => output.show(&architecture::Architecture::read(model)?),
        (None, ..) => unreachable!("clap requires a model or a cell"),
    }
}

fn probabilities(args: &plot::Probabilities) -> Result<()> {
    let output = Output::of_any_format(&args.look, (args.width.width, None), "probabilities", &[&args.file])?;
    let picture = probabilities::Probabilities::read(&args.file)?;
    match output.page() {
        Some(path) => {
            let page = probabilities::page(&picture, theme::of(args.look.theme));
            io::write(path, |out| out.write_all(page.as_bytes()))
        }
        None => output.show(&picture),
    }
}
