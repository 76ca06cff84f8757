//! A network as people draw and count it: one entry for each step on the way of a token.

use serde::Serialize;
use serde_json::Value;

use super::{Cell, Config};
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

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layer {
    pub kind: Kind,
    pub name: String,
    /// What else there is to say of it.
    pub detail: String,
    /// Numbers that it gives for each token; none where it gives the token itself.
    pub size: Option<usize>,
    pub parameters: usize,
}

impl Layer {
    /// All layers in the order in which a token passes them. `settings` are those of the training run; their
    /// dropouts of input, hidden and output stand where they act.
    pub fn stack(config: &Config, settings: &Value) -> Vec<Self> {
        let share = |name: &str| settings[name].as_f64().filter(|&share| share > 0.0 && share < 1.0);
        let (hidden, output) = (share("dropout_hidden"), share("dropout_output"));
        let parameters = |prefix: &str| sum(config, |name| name.starts_with(prefix));
        let mut all = vec![
            Self {
                kind: Kind::Tokens,
                name: "Tokens".into(),
                detail: format!("{} in the vocabulary", count(config.vocab_size)),
                size: None,
                parameters: 0,
            },
            Self {
                kind: Kind::Embedding,
                name: "Embedding".into(),
                detail: format!("{} numbers a token", count(config.embedding_size)),
                size: Some(config.embedding_size),
                parameters: parameters("embedding."),
            },
        ];
        all.extend(share("dropout_input").map(|share| dropout(share, config.embedding_size)));
        for layer in 0..config.num_layers {
            all.push(recurrent(config, layer));
            if layer + 1 < config.num_layers {
                all.extend(hidden.map(|share| dropout(share, config.layer_size(layer))));
            }
        }
        all.extend(output.map(|share| dropout(share, config.features())));
        if config.attention > 0 {
            all.push(Self {
                kind: Kind::Attention,
                name: "Attention".into(),
                detail: format!("over the last {} steps", count(config.attention)),
                size: Some(config.features()),
                parameters: parameters("attention."),
            });
        }
        all.push(Self {
            kind: Kind::Output,
            name: if config.cutoffs.is_empty() { "Dense + softmax" } else { "Adaptive softmax" }.into(),
            detail: output_detail(config),
            size: Some(config.vocab_size),
            parameters: parameters("output."),
        });
        all
    }
}

fn recurrent(config: &Config, layer: usize) -> Layer {
    let (name, function) = match config.cell {
        Cell::Lstm => ("LSTM", ""),
        Cell::Gru => ("GRU", ""),
        Cell::RnnTanh => ("RNN", ", tanh"),
        Cell::RnnRelu => ("RNN", ", max(x, 0)"),
    };
    let size = config.layer_size(layer);
    let tensors = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map(|name| config.layer_tensor(layer, name));
    Layer {
        kind: Kind::Recurrent,
        name: format!("{name} {}", layer + 1),
        detail: format!("{} units{function}", count(size)),
        size: Some(size),
        parameters: sum(config, |name| tensors.iter().any(|tensor| tensor == name)),
    }
}

fn dropout(share: f64, size: usize) -> Layer {
    let percent = format!("{:.1}", 100.0 * share);
    let detail = format!("{}% while training", percent.trim_end_matches(".0"));
    Layer { kind: Kind::Dropout, name: "Dropout".into(), detail, size: Some(size), parameters: 0 }
}

fn output_detail(config: &Config) -> String {
    let mut detail = match config.cutoffs.first() {
        Some(&first) => {
            let tails = config.clusters().iter().map(|&(first, end, _)| count(end - first)).collect::<Vec<_>>();
            format!("a head of {}, tails of {}", count(first), tails.join(", "))
        }
        None if config.tie_weights => "bias, and the embedding’s weights".into(),
        None => "weights and bias".into(),
    };
    if config.skip_connections {
        detail += &format!(", reads {} numbers", count(config.features()));
    }
    detail
}

fn sum(config: &Config, belongs: impl Fn(&str) -> bool) -> usize {
    config.tensors().iter().filter(|(name, _)| belongs(name)).map(|(_, shape)| shape.iter().product::<usize>()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config() -> Config {
        Config { vocab_size: 1000, embedding_size: 20, hidden_size: 20, num_layers: 2, ..Config::default() }
    }

    #[test]
    fn the_layers_hold_every_parameter_once() {
        for cell in [Cell::Lstm, Cell::Gru, Cell::RnnTanh, Cell::RnnRelu] {
            for config in [
                config(),
                Config { tie_weights: true, num_layers: 13, ..config() },
                Config { last_size: Some(7), ..config() },
                Config { skip_connections: true, attention: 5, ..config() },
                Config { cutoffs: vec![100, 500], last_size: Some(8), ..config() },
            ] {
                let config = Config { cell, ..config };
                let stack = Layer::stack(&config, &Value::Null);
                assert_eq!(stack.iter().map(|l| l.parameters).sum::<usize>(), config.num_parameters(), "{config:?}");
                assert!(stack.iter().all(|l| !matches!(l.kind, Kind::Recurrent | Kind::Attention) || l.parameters > 0));
            }
        }
    }

    #[test]
    fn dropout_shows_only_if_there_is_some() {
        let dropouts = |settings: Value| {
            let stack = Layer::stack(&config(), &settings);
            stack.into_iter().filter(|l| l.kind == Kind::Dropout).map(|l| l.detail).collect::<Vec<_>>()
        };
        let settings = json!({"dropout_input": 0.6, "dropout_hidden": 0.2, "dropout_output": 0.125});
        assert_eq!(dropouts(settings), ["60% while training", "20% while training", "12.5% while training"]);
        assert_eq!(dropouts(json!({"dropout_output": 0.5})), ["50% while training"]);
        for none in [json!({}), json!(null), json!({"dropout_output": 0}), json!({"dropout_input": "much"})] {
            assert!(dropouts(none).is_empty());
        }
    }
}
