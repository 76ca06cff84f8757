//! The `config.json` that teaching projects on Keras keep beside their weights, for a model of ours.

use std::path::Path;

use rnn_tools::error::Result;
use rnn_tools::model::{Cell, ModelFile};
use serde_json::{Value, json};

pub fn keras(path: &Path) -> Result<String> {
    let ModelFile { config, training, .. } = ModelFile::read(path)?;
    let setting = |name: &str| training.settings[name].clone();
    let units = match config.cell {
        Cell::Lstm => "lstm_units",
        Cell::Gru => "gru_units",
        Cell::RnnTanh | Cell::RnnRelu => "rnn_units",
    };
    // One figure there: between the layers and after the last.
    let dropout =
        [setting("dropout_hidden"), setting("dropout_output")].into_iter().find(|share| share.as_f64() != Some(0.0));
    let fields = json!({
        "vocab_size": config.vocab_size,
        "embedding_dim": config.embedding_size,
        units: config.hidden_size,
        "num_layers": config.num_layers,
        "dropout": dropout.unwrap_or(json!(0.0)),
        "sequence_length": setting("seq_length"),
        "batch_size": setting("batch_size"),
        "epochs": training.epochs,
        "learning_rate": setting("learning_rate"),
    });
    let known = fields.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let known: Value =
        known.map(|(name, value)| (name.clone(), value.clone())).collect::<serde_json::Map<_, _>>().into();
    Ok(format!("{known:#}\n"))
}
