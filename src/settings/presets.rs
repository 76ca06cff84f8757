//! The settings to start from.

use clap::ValueEnum;

use super::{Optimizer, OutputBias, Settings};
use crate::model::Cell;
use crate::schedule::Schedule;

/// Named sets of settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Preset {
    /// What learns most from one book in a minute or two: one tied layer, much dropout, label smoothing
    Small,
    /// What teaching projects use: embedding 100, two layers of 150, dropout 0.2, Adam
    Classic,
    /// Characters: embedding 128, two layers of 512, streams of 100
    Char,
    /// The sizes and dropouts of AWD-LSTM, with Adam in one cycle: for a GPU and a few million words
    Awd,
}

impl Settings {
    pub fn preset(preset: Preset) -> Self {
        let classic = Self {
            cell: Cell::Lstm,
            embedding_size: 100,
            hidden_size: 150,
            num_layers: 2,
            last_size: 0,
            skip_connections: false,
            attention: 0,
            tie_weights: false,
            cutoffs: Vec::new(),
            dropout_input: 0.0,
            dropout_hidden: 0.2,
            dropout_output: 0.2,
            locked_dropout: false,
            dropout_embedding: 0.0,
            dropout_weight: 0.0,
            activation_penalty: 0.0,
            temporal_penalty: 0.0,
            label_smoothing: 0.0,
            output_bias: OutputBias::Zero,
            ngram: 0,
            epochs: 100,
            patience: 10,
            batch_size: 32,
            seq_length: 50,
            random_length: false,
            accumulate: 1,
            optimizer: Optimizer::Adam,
            learning_rate: 1e-3,
            schedule: Schedule::Constant,
            warmup: 0.1,
            decay_factor: 0.5,
            decay_every: 1,
            decay_after: 0,
            beta1: 0.9,
            beta2: 0.999,
            momentum: 0.0,
            weight_decay: 0.0,
            clip_norm: 0.0,
            clip_value: 0.0,
            average: 0.0,
            eval_every: 0,
            freeze: Vec::new(),
        };
        match preset {
            Preset::Classic => classic,
            Preset::Small => Self {
                embedding_size: 256,
                hidden_size: 256,
                num_layers: 1,
                tie_weights: true,
                dropout_input: 0.6,
                dropout_hidden: 0.3,
                dropout_output: 0.6,
                locked_dropout: true,
                dropout_embedding: 0.2,
                dropout_weight: 0.5,
                label_smoothing: 0.15,
                output_bias: OutputBias::FixedUnigram,
                ngram: 3,
                epochs: 40,
                patience: 0,
                batch_size: 20,
                seq_length: 35,
                optimizer: Optimizer::Adamw,
                learning_rate: 5e-3,
                schedule: Schedule::OneCycle,
                beta2: 0.99,
                weight_decay: 0.05,
                clip_norm: 0.25,
                average: 0.99,
                ..classic
            },
            Preset::Char => Self {
                embedding_size: 128,
                hidden_size: 512,
                dropout_input: 0.05,
                dropout_hidden: 0.3,
                dropout_output: 0.3,
                locked_dropout: true,
                dropout_weight: 0.2,
                ngram: 6,
                epochs: 14,
                patience: 0,
                seq_length: 100,
                optimizer: Optimizer::Adamw,
                learning_rate: 4e-3,
                schedule: Schedule::OneCycle,
                beta2: 0.99,
                weight_decay: 0.01,
                clip_norm: 0.25,
                average: 0.998,
                ..classic
            },
            Preset::Awd => Self {
                embedding_size: 400,
                hidden_size: 1150,
                num_layers: 3,
                last_size: 400,
                tie_weights: true,
                dropout_input: 0.6,
                dropout_hidden: 0.2,
                dropout_output: 0.4,
                locked_dropout: true,
                dropout_embedding: 0.1,
                dropout_weight: 0.5,
                activation_penalty: 2.0,
                temporal_penalty: 1.0,
                epochs: 90,
                patience: 0,
                batch_size: 80,
                seq_length: 70,
                random_length: true,
                learning_rate: 5e-3,
                schedule: Schedule::OneCycle,
                beta2: 0.99,
                weight_decay: 1.2e-6,
                clip_norm: 0.12,
                average: 0.999,
                ..classic
            },
        }
    }
}
