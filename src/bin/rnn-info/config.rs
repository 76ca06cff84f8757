//! A model's configuration in the `config.json` form common in Keras tutorials.

use std::path::Path;

use rnn_tools::error::Result;
use rnn_tools::model::{Block, ModelFile};
use serde_json::{Value, json};

pub fn keras(path: &Path) -> Result<String> {
    let ModelFile { config, training, .. } = ModelFile::read(path)?;
    let setting = |name: &str| training.settings[name].clone();
    let sizes = json!(config);
    let module = config.blocks().into_iter().find_map(|block| match block {
        Block::Recurrent(layer) => Some(layer.cell.properties().module),
        _ => None,
    });
    let units = format!("{}_units", module.unwrap_or("rnn"));
    // This form has a single dropout: that between layers, or else that after the last one.
    let dropout = [setting("dropout_hidden"), setting("dropout_output")]
        .into_iter()
        .find(|probability| probability.as_f64() != Some(0.0));
    let fields = json!({
        "vocab_size": sizes["vocab_size"],
        "embedding_dim": sizes["embedding_size"],
        units: sizes["hidden_size"],
        "num_layers": sizes["num_layers"],
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
