//! The state file of a text, from which another run continues as if uninterrupted.
//!
//! It is a safetensors file: one tensor for the state of each model's network, one for the last tokens of the text (the
//! context of n-grams, penalties and the copy filter), and in the metadata the fingerprints of the models and the state
//! of the sequence.

use std::path::Path;

use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};

use super::{Generation, LanguageModel, SequenceState};
use crate::container::{self, Container, TensorData};
use crate::error::{Error, Result};
use crate::format::plural;
use crate::io;

/// The metadata beside the tensors.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// SHA-256 of each model file.
    models: Vec<String>,
    /// The number of tokens that each network has read.
    read: Vec<u64>,
    #[serde(rename = "position")]
    sequence: SequenceState,
}

/// Writes the state file of a text whose networks have read all of it.
pub fn write(path: &Path, generation: &Generation, fingerprints: &[String]) -> Result<()> {
    let history: Vec<u8> = generation.sequence.context().iter().flat_map(|token| token.to_le_bytes()).collect();
    let mut entries = vec![TensorData {
        name: "history".into(),
        dtype: Dtype::U32,
        shape: vec![generation.sequence.context().len()],
        data: history,
    }];
    for (number, state) in generation.states.iter().enumerate() {
        let values = state.values();
        entries.push(TensorData::f32(format!("state.{number}"), vec![values.len()], values));
    }
    let saved = Saved {
        models: fingerprints.to_vec(),
        read: generation.states.iter().map(|state| state.tokens()).collect(),
        sequence: generation.sequence.state(),
    };
    let json = serde_json::to_string(&saved).expect("Saved has a JSON form");
    container::write(path, &[("rnn_state", json)], &entries)
}

/// Restores a text from a state file into a new generation with the same models.
pub fn read(
    path: &Path,
    generation: &mut Generation,
    models: &[&LanguageModel],
    fingerprints: &[String],
) -> Result<()> {
    let bytes = io::read(path)?;
    from_bytes(&bytes, generation, models, fingerprints)
        .map_err(|e| e.in_file(path).hint("a state file is written by rnn-gen --state-out"))
}

fn from_bytes(
    bytes: &[u8],
    generation: &mut Generation,
    models: &[&LanguageModel],
    fingerprints: &[String],
) -> Result<()> {
    let file = Container::parse(bytes, "state file")?;
    let saved: Saved = serde_json::from_str(file.metadata("rnn_state")?)
        .map_err(|e| Error::invalid(format!("bad `rnn_state` in the metadata: {e}")))?;
    if saved.models.len() != fingerprints.len() || saved.read.len() != fingerprints.len() {
        return Err(Error::invalid(format!(
            "it was written with {}, but the number given is {}",
            plural(saved.models.len(), "model", "models"),
            fingerprints.len()
        )));
    }
    if let Some(at) = (0..fingerprints.len()).find(|&at| saved.models[at] != fingerprints[at]) {
        let which = if fingerprints.len() == 1 { String::new() } else { format!(" {}", at + 1) };
        return Err(Error::invalid(format!(
            "it was written with another model{which}; only that model can continue the text"
        )));
    }
    let history: Vec<u32> = file.read_vec("history")?;
    let states: Result<Vec<_>> = (0..models.len())
        .map(|number| {
            let name = format!("state.{number}");
            let values: Vec<f32> = file.read_vec(&name)?;
            let network = &models[number].network;
            network
                .restore(&values, saved.read[number])
                .ok_or_else(|| Error::invalid(format!("tensor `{name}` does not fit the network")))
        })
        .collect();
    generation.sequence.restore(&history, saved.sequence)?;
    generation.states = states?;
    Ok(())
}
