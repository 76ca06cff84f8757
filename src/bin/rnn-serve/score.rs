//! `POST /score` and `POST /tokenize`: a text as the model sees it.

use std::sync::Arc;

use rnn_tools::text::UNKNOWN_ID;
use serde_json::{Value, json};

use crate::App;
use crate::body::{self, Reader};
use crate::generate::fields::MOST_CHARACTERS;
use crate::generate::{failed, full, reason};
use crate::http::{Request, Response};
use crate::models::Model;
use crate::scheduler::{self, Event};

struct Fields {
    text: String,
    model: Option<String>,
}

fn fields(reader: &mut Reader) -> Fields {
    Fields {
        text: reader.required_text("text", MOST_CHARACTERS),
        model: reader.optional("model", |r, name| r.text(name, usize::MAX)),
    }
}

/// What a request is about, or the answer that refuses it.
fn text_and_model(app: &App, request: &Request) -> Result<(Fields, Arc<Model>), Response> {
    let fields = body::read(request, fields).map_err(|fault| fault.response())?;
    let model = app.find(fields.model.as_deref())?;
    Ok((fields, model))
}

/// How likely each token of a text is after those before it.
pub fn score(app: &App, request: &Request) -> Response {
    let (fields, model) = match text_and_model(app, request) {
        Ok(both) => both,
        Err(refusal) => return refusal,
    };
    let Ok(response) =
        model.scheduler.submit(scheduler::Request::score(&model.author, &fields.text), false, &request.client)
    else {
        app.metrics.rejected("queue_full");
        return full();
    };
    let mut measures = Vec::new();
    loop {
        match response.next() {
            Ok(Some(Event::PromptRead { scores: all, .. })) => measures = all,
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) => {
                app.metrics.rejected(reason(error));
                return failed(error);
            }
        }
    }
    let tokenizer = &model.author.tokenizer;
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

pub fn tokenize(app: &App, request: &Request) -> Response {
    let (fields, model) = match text_and_model(app, request) {
        Ok(both) => both,
        Err(refusal) => return refusal,
    };
    let tokenizer = &model.author.tokenizer;
    let ids = tokenizer.encode(&fields.text);
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
