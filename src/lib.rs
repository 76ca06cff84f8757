//! The library behind the rnn-tools commands: bytes, numbers and text, no network, no libtorch.
//!
//! Modules are listed from the top down; each uses only those below it (a test says so).

#![cfg_attr(rustfmt, rustfmt_skip)]

// The commands' arguments, and one way to run and to fail.
pub mod cli;

// What a user asks of a model.
pub mod generate;
pub mod evaluate;

// Native inference, and choosing a token.
pub mod sampling;
pub mod engine;

// The artifacts, and the arithmetic of training.
pub mod dataset;
pub mod table;
pub mod history;
pub mod cost;
pub mod settings;
pub mod schedule;
pub mod cross_entropy;
pub mod model;
pub mod ngram;

// Text and where it comes from.
pub mod corpus;
pub mod text;

// The ground floor.
pub mod container;
pub mod io;
pub mod error;
pub mod simd;
pub mod random;
pub mod format;
