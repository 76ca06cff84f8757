//! `POST /score` and `POST /tokenize`: the tokens of a text and their probabilities.

use std::sync::Arc;

use rnn_tools::text::UNKNOWN_ID;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::App;
use crate::body::field::{DefaultValue, Field, Schema};
use crate::body::{self, BodyError};
use crate::generate::request::{MAX_CHARACTERS, MODEL};
use crate::generate::{failed, full, reason};
use crate::http::{Request, Response};
use crate::models::Model;
use crate::scheduler::{self, Event};

pub const SCHEMA: Schema = Schema {
    name: "TextRequest",
    is_strict: false,
    example: r#"{"text": "the"}"#,
    fields: &[Field::text("text", MAX_CHARACTERS, "The text to read.").default(DefaultValue::Required), MODEL],
};

#[derive(Deserialize)]
struct TextRequest {
    text: String,
    model: Option<String>,
}

/// Returns the text and model of a request, or the error response.
fn text_and_model(app: &App, request: &Request) -> Result<(String, Arc<Model>), Response> {
    let request: TextRequest = body::read(request, &SCHEMA).map_err(BodyError::response)?;
    Ok((request.text, app.find(request.model.as_deref())?))
}

/// Returns the log-probability of each token given the preceding ones.
pub fn score(app: &App, request: &Request) -> Response {
    let (text, model) = match text_and_model(app, request) {
        Ok(both) => both,
        Err(refusal) => return refusal,
    };
    let Ok(response) =
        model.scheduler.submit(scheduler::Request::score(&model.language_model, &text), false, &request.client)
    else {
        app.metrics.rejected("queue_full");
        return full();
    };
    let mut measures = Vec::new();
    loop {
        match response.next() {
            Ok(Some(Event::PrefillDone { scores: all, .. })) => measures = all,
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                app.metrics.rejected(reason(error));
                return failed(error);
            }
        }
    }
    let tokenizer = &model.language_model.tokenizer;
    let mut likelihood = 0.0;
    let tokens: Vec<Value> = measures
        .iter()
        .map(|(id, measure)| {
            let logprob = f64::from(measure.probability.max(f32::MIN_POSITIVE)).ln();
            likelihood += logprob;
            json!({"id": id, "text": tokenizer.piece(*id), "logprob": logprob, "rank": measure.rank})
        })
        .collect();
    Response::json(
        200,
        &json!({
            "model": model.name,
            "num_tokens": tokens.len(),
            "num_unknown": measures.iter().filter(|(id, _)| *id == UNKNOWN_ID).count(),
            "log_likelihood": likelihood,
            "perplexity": if tokens.is_empty() { Value::Null } else { (-likelihood / tokens.len() as f64).exp().into() },
            "tokens": tokens,
        }),
    )
}

/// Returns the tokens of a text.
pub fn tokenize(app: &App, request: &Request) -> Response {
    let (text, model) = match text_and_model(app, request) {
        Ok(both) => both,
        Err(refusal) => return refusal,
    };
    let tokenizer = &model.language_model.tokenizer;
    let ids = tokenizer.encode(&text);
    Response::json(
        200,
        &json!({
            "model": model.name,
            "num_tokens": ids.len(),
            "num_unknown": ids.iter().filter(|&&id| id == UNKNOWN_ID).count(),
            "tokens": ids.iter().map(|&id| json!({"id": id, "text": tokenizer.piece(id)})).collect::<Vec<_>>(),
        }),
    )
}
