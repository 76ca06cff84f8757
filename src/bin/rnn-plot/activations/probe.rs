//! Reads a text with a network and exposes its activations after each token.

use std::path::Path;

use rnn_tools::engine::{Model, State};
use rnn_tools::error::{Error, Result};
use rnn_tools::format::count;
use rnn_tools::io;
use rnn_tools::model::ModelFile;
use rnn_tools::text::Decoder;

use crate::wording;

pub struct Probe {
    /// The name of the model.
    pub name: String,
    model: Model,
    tokens: Vec<u32>,
    /// The text of each token.
    pub pieces: Vec<String>,
}

impl Probe {
    pub fn new(model: &Path, text: &Path) -> Result<Self> {
        if io::is_stream(model) && io::is_stream(text) {
            return Err(Error::usage("model and text cannot both be standard input"));
        }
        let file = ModelFile::read(model)?;
        let tokens = file.tokenizer.encode(&io::read_text(text)?);
        if tokens.is_empty() {
            return Err(Error::file(text, "the file has no text"));
        }
        let mut decoder = Decoder::new(&file.tokenizer, None);
        let pieces = tokens.iter().map(|&token| decoder.push(token)).collect();
        Ok(Self { name: wording::title(model), model: Model::new(&file), tokens, pieces })
    }

    pub fn layers(&self) -> usize {
        self.model.num_layers()
    }

    /// Returns the number of units of a layer, counted from 1.
    pub fn units(&self, layer: usize) -> Result<usize> {
        if !(1..=self.layers()).contains(&layer) {
            return Err(Error::usage(format!("the layer must be from 1 to {}, got {layer}", self.layers())));
        }
        Ok(self.model.layer_size(layer - 1))
    }

    /// Calls `seen` for each of the first `max` tokens, with its index and the activations after it.
    pub fn read(&self, max: usize, mut seen: impl FnMut(usize, &View)) {
        let (mut state, mut work) = (self.model.initial_state(), self.model.workspace(1));
        for (i, &token) in self.tokens.iter().take(max).enumerate() {
            self.model.step(&[token], &mut [&mut state], &mut work);
            seen(i, &View { model: &self.model, state: &state });
        }
    }

    /// Returns the number of tokens to draw, at most `max`; warns if some are left out.
    pub fn drawn(&self, max: usize) -> usize {
        if self.tokens.len() > max {
            log::warn!("the picture shows the first {} of {} tokens", count(max), count(self.tokens.len()));
        }
        self.tokens.len().min(max)
    }
}

/// The activations after a token.
pub struct View<'a> {
    model: &'a Model,
    state: &'a State,
}

impl View<'_> {
    /// Returns the activations of a layer, counted from 1: an LSTM's tanh(cell), before the output gate; other
    /// cells' hidden state.
    pub fn layer(&self, layer: usize) -> Vec<f32> {
        match self.model.cell(self.state, layer - 1) {
            [] => self.model.hidden(self.state, layer - 1).to_vec(),
            cells => cells.iter().map(|cell| cell.tanh()).collect(),
        }
    }
}
