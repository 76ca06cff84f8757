//! The state file: where a text stands, so that another run goes on as if it had never stopped.
//!
//! A safetensors file: for each model a row of what the network remembers; the last tokens of the text, by which the
//! n-grams, the penalties and the copy guard go; in the metadata the models' fingerprints, the random generator and
//! where the text stands between two pieces.

use std::path::Path;

use safetensors::tensor::Dtype;
use serde::{Deserialize, Serialize};

use super::{Author, Draft, Position};
use crate::container::{self, Container, Entry};
use crate::error::{Error, Result};
use crate::io;

/// Of the metadata beside the tensors.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// SHA-256 of each model file.
    models: Vec<String>,
    /// Tokens that each network has read.
    read: Vec<u64>,
    position: Position,
}

/// Writes the state file of a text whose networks have read all of it.
pub fn write(path: &Path, draft: &Draft, fingerprints: &[String]) -> Result<()> {
    let history: Vec<u8> = draft.sequence.context().iter().flat_map(|token| token.to_le_bytes()).collect();
    let mut entries = vec![Entry {
        name: "history".into(),
        dtype: Dtype::U32,
        shape: vec![draft.sequence.context().len()],
        data: history,
    }];
    for (number, state) in draft.states.iter().enumerate() {
        let values = state.values();
        entries.push(Entry::floats(format!("state.{number}"), vec![values.len()], values));
    }
    let saved = Saved {
        models: fingerprints.to_vec(),
        read: draft.states.iter().map(|state| state.tokens()).collect(),
        position: draft.sequence.position(),
    };
    let json = serde_json::to_string(&saved).expect("Saved has a JSON form");
    container::write(path, &[("rnn_state", json)], &entries)
}

/// Takes the text up where a state file left it. The draft is a new one, with the same models.
pub fn read(path: &Path, draft: &mut Draft, authors: &[&Author], fingerprints: &[String]) -> Result<()> {
    let bytes = io::read(path)?;
    from_bytes(&bytes, draft, authors, fingerprints)
        .map_err(|fault| Error::file(path, fault).hint("a state file is written by rnn-gen --state-out"))
}

fn from_bytes(
    bytes: &[u8],
    draft: &mut Draft,
    authors: &[&Author],
    fingerprints: &[String],
) -> std::result::Result<(), String> {
    let file = Container::parse(bytes, "state file")?;
    let saved: Saved =
        serde_json::from_str(file.text("rnn_state")?).map_err(|e| format!("bad `rnn_state` in the metadata: {e}"))?;
    if saved.models.len() != fingerprints.len() || saved.read.len() != fingerprints.len() {
        return Err(format!("it was written with {} models, and here are {}", saved.models.len(), fingerprints.len()));
    }
    if let Some(at) = (0..fingerprints.len()).find(|&at| saved.models[at] != fingerprints[at]) {
        let which = if fingerprints.len() == 1 { String::new() } else { format!(" {}", at + 1) };
        return Err(format!("it was written with another model{which}, and only that one can go on from it"));
    }
    let history: Vec<u32> = file.row("history")?;
    let states: std::result::Result<Vec<_>, String> = (0..authors.len())
        .map(|number| {
            let name = format!("state.{number}");
            let values: Vec<f32> = file.row(&name)?;
            let network = &authors[number].network;
            network.restore(&values, saved.read[number]).ok_or(format!("tensor `{name}` does not fit the network"))
        })
        .collect();
    draft.sequence.take_up(&history, saved.position)?;
    draft.states = states?;
    Ok(())
}
