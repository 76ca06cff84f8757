//! The boxes of a network: one per layer, except that a deep network's middle layers share one.

use plotters::style::RGBColor;
use rnn_tools::model::Config;
use rnn_tools::model::layers::{Kind, Layer};
use serde_json::Value;

use crate::theme::Theme;

/// In a network with more recurrent layers than this, those in the middle share one box.
const MAX_LAYERS: usize = 12;
/// The number of recurrent layers with boxes of their own at each end of such a network.
const ENDS: usize = 5;

/// The layers to draw, one box each.
pub fn boxes(config: &Config, settings: &Value) -> Vec<Layer> {
    let mut all = Layer::table(config, settings);
    let recurrent: Vec<usize> = (0..all.len()).filter(|&at| all[at].kind == Kind::Recurrent).collect();
    if recurrent.len() <= MAX_LAYERS {
        return all;
    }
    let (first, end) = (ENDS, recurrent.len() - ENDS);
    let middle = recurrent[first]..recurrent[end];
    let has_dropout = all[middle.clone()].iter().any(|layer| layer.kind == Kind::Dropout);
    let dropout = if has_dropout { " with dropout" } else { "" };
    let Layer { name, detail, size, state, .. } = &all[recurrent[first]];
    let cell = name.split(' ').next().unwrap_or_default();
    let merged = Layer {
        kind: Kind::Recurrent,
        name: format!("{cell} {} – {end}", first + 1),
        detail: format!("{} layers{dropout}, {detail} each", end - first),
        size: *size,
        state: *state,
        parameters: all[middle.clone()].iter().map(|layer| layer.parameters).sum(),
    };
    all.splice(middle, [merged]);
    all
}

/// Fill and outline of a box.
pub fn colors(theme: &Theme, kind: Kind) -> (RGBColor, RGBColor) {
    match kind {
        Kind::Embedding => theme.embedding,
        Kind::Recurrent => theme.recurrent,
        Kind::Attention | Kind::Output => theme.dense,
        Kind::Tokens | Kind::Dropout => theme.plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn layers_in_the_middle_of_a_deep_network_share_a_box() {
        let config = |num_layers| Config {
            vocab_size: 1000,
            embedding_size: 20,
            hidden_size: 20,
            num_layers,
            ..Config::default()
        };
        for settings in [json!({}), json!({"dropout_hidden": 0.2})] {
            let boxes = boxes(&config(64), &settings);
            assert_eq!(boxes.iter().map(|l| l.parameters).sum::<usize>(), config(64).num_parameters());
            let names: Vec<&str> = boxes.iter().map(|l| l.name.as_str()).filter(|n| n.starts_with("LSTM")).collect();
            assert_eq!((names.len(), names[4], names[5], names[6]), (11, "LSTM 5", "LSTM 6 – 59", "LSTM 60"));
        }
        assert_eq!(boxes(&config(12), &Value::Null).len(), 15);
    }
}
