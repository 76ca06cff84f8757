//! Activations of a network's units while it reads a text (Karpathy, Johnson and Fei-Fei 2015).

mod find;
mod heat_map;
mod probe;
mod unit;

use std::io::Write;
use std::path::Path;

use rnn_tools::cli::plot::Activations;
use rnn_tools::error::{Error, Result};

use crate::output::Output;
use heat_map::HeatMap;
use probe::Probe;
use unit::Unit;

/// The number of units that `--find` prints.
const MAX_FOUND: usize = 10;

pub fn show(args: &Activations) -> Result<()> {
    // Units are only printed if no file is named.
    let draws = args.find.is_none() || args.look.output.is_some() || args.look.term;
    let inputs: [&Path; 2] = [&args.model, &args.text];
    let output =
        draws.then(|| Output::new(&args.look, (args.width.width, None), "activations", &inputs)).transpose()?;
    let mut shown = args.unit;
    let feature = args.find.as_deref().map(find::Feature::parse).transpose()?;
    let probe = Probe::new(&args.model, &args.text)?;
    if let Some(feature) = feature {
        let found = find::find(&probe, &feature)?;
        let mut table = String::from("unit\tcorrelation\n");
        for ((layer, unit), correlation) in found.iter().take(MAX_FOUND) {
            table += &format!("{layer}:{unit}\t{correlation:.4}\n");
        }
        std::io::stdout().write_all(table.as_bytes()).map_err(Error::stdout)?;
        let Some((unit, _)) = found.first() else { return Ok(()) };
        shown = Some(*unit);
    }
    let Some(output) = output else { return Ok(()) };
    match shown {
        Some((layer, unit)) => output.show(&Unit::new(&probe, layer, unit)?),
        None => output.show(&HeatMap::new(&probe, args.layer.unwrap_or(probe.layers()))?),
    }
}
