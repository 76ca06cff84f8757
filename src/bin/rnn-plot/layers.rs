//! What the boxes of a network say.

use std::ops::Range;

use rnn_tools::model::Config;
use rnn_tools::numerals::count;
use serde_json::Value;

use crate::wording::decimal;

/// A deeper network is drawn with one box for the layers in the middle.
const MOST_LSTM: usize = 12;
/// Layers drawn one by one at each end of such a network.
const ENDS: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Tokens,
    Embedding,
    Lstm,
    Dropout,
    Output,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Layer {
    pub kind: Kind,
    pub name: String,
    pub detail: String,
    /// Of the output.
    pub shape: String,
    pub parameters: usize,
}

impl Layer {
    /// All layers in the order in which a token passes them. `settings` are those of the training run; their
    /// dropouts of input, hidden and output stand where they act.
    pub fn stack(config: &Config, settings: &Value) -> Vec<Self> {
        let &Config { vocab_size, embedding_size, hidden_size, num_layers, tie_weights, .. } = config;
        let share = |name: &str| settings[name].as_f64().filter(|&share| share > 0.0 && share < 1.0);
        let (hidden, output) = (share("dropout_hidden"), share("dropout_output"));
        let mut all = vec![
            Self {
                kind: Kind::Tokens,
                name: "Tokens".into(),
                detail: format!("{} in the vocabulary", count(vocab_size)),
                shape: "(batch, time)".into(),
                parameters: 0,
            },
            Self {
                kind: Kind::Embedding,
                name: "Embedding".into(),
                detail: format!("{} numbers a token", count(embedding_size)),
                shape: shape(embedding_size),
                parameters: parameters(config, |name| name.starts_with("embedding.")),
            },
        ];
        all.extend(share("dropout_input").map(|share| dropout(share, embedding_size)));
        for layers in groups(num_layers) {
            let after = if layers.end == num_layers { output } else { hidden };
            all.push(lstm(config, layers, hidden.is_some()));
            all.extend(after.map(|share| dropout(share, hidden_size)));
        }
        all.push(Self {
            kind: Kind::Output,
            name: "Dense + softmax".into(),
            detail: if tie_weights { "bias, and the embedding’s weights" } else { "weights and bias" }.into(),
            shape: shape(vocab_size),
            parameters: parameters(config, |name| name.starts_with("output.")),
        });
        all
    }
}

fn dropout(share: f64, size: usize) -> Layer {
    let percent = decimal(100.0 * share, usize::from(!whole(100.0 * share)));
    let detail = format!("{percent}% while training");
    Layer { kind: Kind::Dropout, name: "Dropout".into(), detail, shape: shape(size), parameters: 0 }
}

/// The box for one LSTM layer, or for several alike.
fn lstm(config: &Config, layers: Range<usize>, dropout: bool) -> Layer {
    let units = format!("{} units", count(config.hidden_size));
    let (first, last) = (layers.start + 1, layers.end);
    let (name, detail) = match layers.len() {
        1 => (format!("LSTM {first}"), units),
        many if dropout => (format!("LSTM {first} – {last}"), format!("{many} layers with dropout, {units} each")),
        many => (format!("LSTM {first} – {last}"), format!("{many} layers, {units} each")),
    };
    let parameters = layers.map(|layer| parameters(config, |name| name.ends_with(&format!("_l{layer}")))).sum();
    Layer { kind: Kind::Lstm, name, detail, shape: shape(config.hidden_size), parameters }
}

/// Layers that share a box.
fn groups(num_layers: usize) -> Vec<Range<usize>> {
    let single = |layers: Range<usize>| layers.map(|layer| layer..layer + 1);
    if num_layers <= MOST_LSTM {
        return single(0..num_layers).collect();
    }
    let middle = ENDS..num_layers - ENDS;
    single(0..middle.start).chain([middle.clone()]).chain(single(middle.end..num_layers)).collect()
}

fn parameters(config: &Config, belongs: impl Fn(&str) -> bool) -> usize {
    config.tensors().iter().filter(|(name, _)| belongs(name)).map(|(_, shape)| shape.iter().product::<usize>()).sum()
}

fn shape(size: usize) -> String {
    format!("(batch, time, {})", count(size))
}

fn whole(number: f64) -> bool {
    (number - number.round()).abs() < 1e-6
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config(num_layers: usize, tie_weights: bool) -> Config {
        Config { vocab_size: 1000, embedding_size: 20, hidden_size: 20, num_layers, tie_weights, ..Config::default() }
    }

    #[test]
    fn the_boxes_hold_every_parameter_once() {
        for (layers, tied) in [(1, false), (2, true), (12, false), (13, true), (64, false)] {
            let config = config(layers, tied);
            let stack = Layer::stack(&config, &Value::Null);
            assert_eq!(stack.iter().map(|l| l.parameters).sum::<usize>(), config.num_parameters());
            assert!(stack.len() <= MOST_LSTM + 3);
        }
    }

    #[test]
    fn dropout_shows_only_if_there_is_some() {
        let dropouts = |settings: Value| {
            let stack = Layer::stack(&config(2, false), &settings);
            stack.into_iter().filter(|l| l.kind == Kind::Dropout).map(|l| l.detail).collect::<Vec<_>>()
        };
        let settings = json!({"dropout_input": 0.6, "dropout_hidden": 0.2, "dropout_output": 0.125});
        assert_eq!(dropouts(settings), ["60% while training", "20% while training", "12.5% while training"]);
        assert_eq!(dropouts(json!({"dropout_output": 0.5})), ["50% while training"]);
        for none in [json!({}), json!(null), json!({"dropout_output": 0}), json!({"dropout_input": "much"})] {
            assert!(dropouts(none).is_empty());
        }
    }

    #[test]
    fn layers_in_the_middle_of_a_deep_network_share_a_box() {
        let names: Vec<String> = Layer::stack(&config(64, false), &Value::Null).into_iter().map(|l| l.name).collect();
        assert_eq!(names[6..9], ["LSTM 5", "LSTM 6 – 59", "LSTM 60"]);
        assert_eq!(names.last().unwrap(), "Dense + softmax");
    }
}
