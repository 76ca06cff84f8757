//! Pictures of networks: as boxes, unrolled through time, and single cells.

use std::fs;
use std::path::Path;

use rnn_tools::model::{Cell, Config, ModelFile, Training};
use rnn_tools::text::{PreTokenizer, Tokenizer};
use serde_json::{Value, json};

use crate::svg::*;

pub fn write_model(path: &Path, vocab_size: usize, num_layers: usize, tie_weights: bool, settings: Value) {
    let config =
        Config { vocab_size, embedding_size: 12, hidden_size: 12, num_layers, tie_weights, ..Config::default() };
    let pieces = (0..vocab_size).map(|id| if id == 0 { "<unk>".into() } else { format!("w{id}") });
    let tokenizer = Tokenizer::new(PreTokenizer::Classic, pieces).unwrap();
    let training = Training { settings, ..Training::default() };
    ModelFile { training, ..ModelFile::random(config, tokenizer, 1) }.write(path).unwrap();
}

#[test]
fn a_network_is_a_stack_of_boxes_that_do_not_touch() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = 0.0;
    for (layers, tied, vocabulary, settings) in [
        (1, false, 40, json!({})),
        (2, true, 33_278, json!({"dropout_hidden": 0.5, "dropout_output": 0.5, "epochs": 20})),
        (6, false, 40, json!({"dropout_hidden": 0.2, "dropout_output": 0.2})),
        (12, true, 40, json!({"dropout_hidden": 0.2, "dropout_output": 0.2})),
    ] {
        let dropout = settings.get("dropout_output").is_some();
        write_model(&folder.path().join("model.safetensors"), vocabulary, layers, tied, settings);
        plotted(folder.path(), &["architecture", ".", "-o", "a.svg", "-q"]);
        let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
        assert_labels_are_apart(&svg);

        let mut boxes: Vec<(i64, i64)> = tags(&svg, "polygon").iter().filter_map(|tag| wide(tag)).collect();
        boxes.sort();
        boxes.retain({
            let mut bottom = i64::MIN;
            move |&(top, end)| {
                top > bottom && {
                    bottom = end;
                    true
                }
            } // skips the fill inside each outline
        });
        assert_eq!(boxes.len(), 3 + layers * (1 + usize::from(dropout)));
        assert!(boxes.windows(2).all(|pair| pair[1].0 - pair[0].1 > 30), "{boxes:?}");

        let words: Vec<String> = labels(&svg).into_iter().map(|l| l.text).collect();
        let count = |text: &str| words.iter().filter(|w| *w == text).count();
        assert_eq!(count("h, c"), layers);
        assert_eq!(count("Dropout"), if dropout { layers } else { 0 });
        assert_eq!(count("tied"), usize::from(tied));
        assert_eq!(count(&format!("LSTM {layers}")), 1);
        if vocabulary == 33_278 {
            // 33,278 × 12 for the embedding, 2 × 1,248 for the layers, a bias of 33,278
            assert_eq!((count("(batch, time, 33,278)"), count("435,110 parameters")), (1, 1));
        }

        plotted(folder.path(), &["architecture", "model.safetensors", "-o", "a.png", "-q"]);
        let picture = bitmap(&folder.path().join("a.png"));
        assert_eq!((picture.width as f64, picture.height as f64), (number(&svg, "width"), number(&svg, "height")));
        assert!(picture.height as f64 > last && picture.has_margin(20));
        last = picture.height as f64;
    }
}

/// Upper and lower edge of a polygon as wide as a layer's box.
fn wide(tag: &str) -> Option<(i64, i64)> {
    let (x, y) = extent(tag);
    (x.1 - x.0 > 1500.0).then_some((y.0 as i64, y.1 as i64))
}

fn words(svg: &str) -> Vec<String> {
    labels(svg).into_iter().map(|label| label.text).collect()
}

#[test]
fn every_network_that_can_be_trained_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let base = Config { vocab_size: 60, embedding_size: 12, hidden_size: 12, num_layers: 3, ..Config::default() };
    for (config, expected) in [
        (Config { cell: Cell::Gru, last_size: Some(8), ..base.clone() }, &["GRU 3", "8 units", "h"][..]),
        (Config { cell: Cell::RnnTanh, ..base.clone() }, &["RNN 1", "12 units, tanh"]),
        (Config { cell: Cell::RnnRelu, num_layers: 1, ..base.clone() }, &["12 units, max(x, 0)"]),
        (
            Config { skip_connections: true, attention: 5, ..base.clone() },
            &["Attention", "over the last 5 steps", "(batch, time, 48)"],
        ),
        (Config { cutoffs: vec![10, 30], ..base.clone() }, &["Adaptive softmax", "a head of 10, tails of 20, 30"]),
        (Config { tie_weights: true, embedding_size: 8, last_size: Some(8), ..base }, &["tied", "weights"]),
    ] {
        let pieces = (0..60).map(|id| if id == 0 { "<unk>".into() } else { format!("w{id}") });
        let model = ModelFile::random(config.clone(), Tokenizer::new(PreTokenizer::Classic, pieces).unwrap(), 1);
        model.write(&folder.path().join("m")).unwrap();
        for options in [&[][..], &["--unrolled"], &["--unrolled=8"]] {
            plotted(folder.path(), &[&["architecture", "m", "-q", "-o", "a.svg"], options].concat());
            let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
            assert_labels_are_apart(&svg);
            let words = words(&svg);
            if options.is_empty() {
                assert!(expected.iter().all(|word| words.iter().any(|w| w == word)), "{expected:?} in {words:?}");
                // one joint each for the embedding and every layer but the last
                let joints = tags(&svg, "circle").len() - if config.tie_weights { 2 } else { 0 };
                assert_eq!(joints, if config.skip_connections { config.num_layers } else { 0 });
            } else {
                let steps = if options == ["--unrolled"] { 4 } else { 8 };
                let cells = words.iter().filter(|w| ["LSTM", "GRU", "RNN"].contains(&w.as_str())).count();
                assert_eq!(cells, steps * config.num_layers);
                assert!(words.contains(&format!("P(token {})", steps + 1)));
            }
        }
    }
    assert_usage(folder.path(), &["architecture", "m", "--unrolled=1"], "--unrolled");
}

#[test]
fn cells_are_drawn_with_their_equations() {
    let folder = tempfile::tempdir().unwrap();
    for (cell, gates, source) in [("lstm", 5, "Hochreiter"), ("gru", 3, "Cho"), ("rnn", 1, "Elman")] {
        plotted(folder.path(), &["architecture", "--cell", cell, "-q", "-o", "a.svg"]);
        let svg = fs::read_to_string(folder.path().join("a.svg")).unwrap();
        assert_labels_are_apart(&svg);
        let words = words(&svg);
        assert_eq!(words.iter().filter(|w| *w == "σ" || *w == "tanh").count(), gates, "{words:?}");
        assert!(words.iter().any(|w| w.contains(source)) && words.contains(&"t−1".to_string()));
        plotted(folder.path(), &["architecture", "--cell", cell, "-q", "-o", "a.png", "--theme", "dark"]);
        assert!(bitmap(&folder.path().join("a.png")).has_margin(20));
    }
    assert_usage(folder.path(), &["architecture", "m", "--cell", "gru"], "--cell");
    assert_usage(folder.path(), &["architecture"], "MODEL");
}
