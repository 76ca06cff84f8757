//! The library behind the rnn-tools commands: bytes, numbers and text, no network, no libtorch.
//!
//! Modules are listed from the top down; each uses only those below it.

pub mod cli;

pub mod generate;

pub mod engine;
pub mod sampling;

pub mod settings;

pub mod dataset;
pub mod history;
pub mod model;
pub mod schedule;

pub mod corpus;
pub mod text;

pub mod error;
pub mod io;
pub mod math;
pub mod random;
