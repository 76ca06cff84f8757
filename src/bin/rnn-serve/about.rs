//! What the server says about itself and its model.

use serde_json::{Value, json};

use crate::App;
use crate::generate::fields;
use crate::http::{Request, Response};

/// Never waits for a turn: it tells that the server lives, also when it is busy.
pub fn health<'a>(app: &'a App, _: &Request) -> Response<'a> {
    let mut answer = json!({"status": "healthy", "model_loaded": true, "version": env!("CARGO_PKG_VERSION")});
    for (name, value) in facts(app) {
        answer[name] = value;
    }
    Response::json(200, &answer).with("Cache-Control", "no-store")
}

pub fn model_info<'a>(app: &'a App, _: &Request) -> Response<'a> {
    let training = &app.author.training;
    let mut answer = json!({});
    for (name, value) in facts(app) {
        answer[name] = value;
    }
    answer["tokenizer"] = app.author.tokenizer.style().name().into();
    answer["training"] = json!(training);
    answer["limits"] = json!({
        "seed_text": {"max_length": fields::MOST_CHARACTERS},
        "num_words": {"default": fields::NUM_WORDS, "ge": 1, "le": fields::MOST_WORDS},
        "temperature": {"default": fields::TEMPERATURE, "ge": 0.0, "le": fields::HIGHEST_TEMPERATURE},
    });
    Response::json(200, &answer)
}

fn facts(app: &App) -> [(&'static str, Value); 6] {
    let config = app.author.network.config();
    [
        ("vocab_size", config.vocab_size.into()),
        ("embedding_size", config.embedding_size.into()),
        ("hidden_size", config.hidden_size.into()),
        ("num_layers", config.num_layers.into()),
        ("tie_weights", config.tie_weights.into()),
        ("num_parameters", config.num_parameters().into()),
    ]
}
