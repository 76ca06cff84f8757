//! The library behind the rnn-tools commands. It needs neither network access nor libtorch.
//!
//! Modules are listed from the top down; each uses only those below it (checked by a test).

#![cfg_attr(rustfmt, rustfmt_skip)]

// The arguments of the commands, and their common startup and error handling.
pub mod cli;

// Uses of a model.
pub mod generate;
pub mod evaluate;

// Native inference and sampling.
pub mod sampling;
pub mod engine;

// File formats and parts of training.
pub mod dataset;
pub mod table;
pub mod history;
pub mod memory;
pub mod settings;
pub mod schedule;
pub mod cross_entropy;
pub mod model;
pub mod ngram;

// Text and its sources.
pub mod corpus;
pub mod text;

// Foundations.
pub mod outputs;
pub mod container;
pub mod io;
pub mod error;
pub mod simd;
pub mod random;
pub mod format;
