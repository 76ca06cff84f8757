//! The layer table: one row for each layer of a network, in forward order.

use serde::Serialize;
use serde_json::Value;

use super::{Block, Config};
use crate::format::count;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    Tokens,
    Embedding,
    Recurrent,
    Dropout,
    Attention,
    Output,
}

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    pub kind: Kind,
    pub name: String,
    /// A short description of its size.
    pub detail: String,
    /// The number of output values per token; None for the tokens themselves.
    pub size: Option<usize>,
    pub parameters: usize,
    /// The state of a recurrent layer: `h`, or `h, c`.
    pub state: Option<&'static str>,
}

impl Layer {
    /// Returns all rows in forward order. `settings` are those of the training run; its dropout on input, hidden layers
    /// and output is listed where it is applied.
    pub fn table(config: &Config, settings: &Value) -> Vec<Self> {
        let blocks = config.blocks();
        let dropout = |name: &str, size| {
            let probability = settings[name].as_f64().filter(|&p| p > 0.0 && p < 1.0)?;
            let percent = format!("{:.1}", 100.0 * probability);
            let detail = format!("{}% during training", percent.trim_end_matches(".0"));
            Some(Self::new(Kind::Dropout, "Dropout", detail, Some(size)))
        };
        let recurrent = blocks.iter().filter(|block| matches!(block, Block::Recurrent(_))).count();
        let mut rows = Vec::new();
        for block in &blocks {
            match block {
                Block::Embedding(embedding) => {
                    let detail = format!("{} in the vocabulary", count(embedding.vocab_size));
                    rows.push(Self::new(Kind::Tokens, "Tokens", detail, None));
                    let detail = format!("{} values per token", count(embedding.size));
                    rows.push(Self::of(block, Kind::Embedding, "Embedding", detail));
                    rows.extend(dropout("dropout_input", embedding.size));
                }
                Block::Recurrent(layer) => {
                    let properties = layer.cell.properties();
                    let activation = properties.activation.map_or(String::new(), |name| format!(", {name}"));
                    let name = format!("{} {}", properties.label, layer.index + 1);
                    let detail = format!("{} units{activation}", count(layer.size));
                    let state = if properties.has_cell_state { "h, c" } else { "h" };
                    rows.push(Self { state: Some(state), ..Self::of(block, Kind::Recurrent, &name, detail) });
                    let is_last = layer.index + 1 == recurrent;
                    rows.extend(dropout("dropout_hidden", layer.size).filter(|_| !is_last));
                }
                Block::Concatenation(_) => {}
                Block::Attention(attention) => {
                    let detail = format!("over the last {} steps", count(attention.window));
                    rows.push(Self::of(block, Kind::Attention, "Attention", detail));
                }
                Block::Softmax(softmax) => {
                    let detail =
                        if softmax.is_tied { "bias; weights tied to the embedding" } else { "weights and bias" };
                    rows.push(Self::of(block, Kind::Output, "Dense + softmax", detail.into()));
                }
                Block::AdaptiveSoftmax(softmax) => {
                    let tails: Vec<String> = softmax.clusters.iter().map(|c| count(c.tokens.len())).collect();
                    let detail = format!("a head of {}, tails of {}", count(softmax.shortlist), tails.join(", "));
                    rows.push(Self::of(block, Kind::Output, "Adaptive softmax", detail));
                }
            }
        }
        let features = config.features();
        let is_concatenated = blocks.iter().any(|block| matches!(block, Block::Concatenation(_)));
        if let Some(output) = rows.last_mut().filter(|_| is_concatenated) {
            output.detail += &format!(", reads {} values", count(features));
        }
        let below =
            rows.iter().position(|row| matches!(row.kind, Kind::Attention | Kind::Output)).unwrap_or(rows.len());
        rows.splice(below..below, dropout("dropout_output", features));
        rows
    }

    fn new(kind: Kind, name: &str, detail: String, size: Option<usize>) -> Self {
        Self { kind, name: name.into(), detail, size, parameters: 0, state: None }
    }

    fn of(block: &Block, kind: Kind, name: &str, detail: String) -> Self {
        Self { parameters: block.num_parameters(), ..Self::new(kind, name, detail, Some(block.output_size())) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn config() -> Config {
        Config { vocab_size: 1000, embedding_size: 20, hidden_size: 20, num_layers: 2, ..Config::default() }
    }

    #[test]
    fn every_parameter_is_counted_once() {
        for config in Config::examples() {
            let table = Layer::table(&config, &Value::Null);
            assert_eq!(table.iter().map(|l| l.parameters).sum::<usize>(), config.num_parameters(), "{config:?}");
            assert!(table.iter().all(|l| !matches!(l.kind, Kind::Recurrent | Kind::Attention) || l.parameters > 0));
        }
    }

    #[test]
    fn dropout_is_listed_only_where_it_is_applied() {
        let dropouts = |settings: Value| {
            let table = Layer::table(&config(), &settings);
            table.into_iter().filter(|l| l.kind == Kind::Dropout).map(|l| l.detail).collect::<Vec<_>>()
        };
        let settings = json!({"dropout_input": 0.6, "dropout_hidden": 0.2, "dropout_output": 0.125});
        assert_eq!(dropouts(settings), ["60% during training", "20% during training", "12.5% during training"]);
        assert_eq!(dropouts(json!({"dropout_output": 0.5})), ["50% during training"]);
        for none in [json!({}), json!(null), json!({"dropout_output": 0}), json!({"dropout_input": "much"})] {
            assert!(dropouts(none).is_empty());
        }
    }
}
