//! `POST /score` and `POST /tokenize`: a text as the model sees it.

use rnn_tools::text::UNKNOWN_ID;
use serde_json::{Value, json};

use crate::App;
use crate::body::{self, Reader};
use crate::generate::fields::MOST_CHARACTERS;
use crate::generate::{failed, full, reason};
use crate::http::{Request, Response};
use crate::room::{Event, Order};

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

/// How likely each token of a text is after those before it.
pub fn score(app: &App, request: &Request) -> Response {
    let fields = match body::read(request, fields) {
        Ok(fields) => fields,
        Err(fault) => return fault.response(),
    };
    let model = match app.find(fields.model.as_deref()) {
        Ok(model) => model,
        Err(refusal) => return refusal,
    };
    let Ok(ticket) = model.room.enter(Order::score(&model.author, &fields.text), false, &request.visitor) else {
        app.metrics.rejected("queue_full");
        return full();
    };
    let mut scores = Vec::new();
    loop {
        match ticket.next() {
            Ok(Some(Event::Scored(tokens))) => scores = tokens,
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(failure) => {
                app.metrics.rejected(reason(failure));
                return failed(failure);
            }
        }
    }
    let likelihood: f64 = scores.iter().map(|token| f64::from(token.logprob)).sum();
    let tokenizer = &model.author.tokenizer;
    let tokens = scores.iter().map(|token| {
        json!({"id": token.id, "text": tokenizer.piece(token.id), "logprob": token.logprob, "rank": token.rank})
    });
    Response::json(
        200,
        &json!({
            "model": model.name,
            "num_tokens": scores.len(),
            "num_unknown": scores.iter().filter(|token| token.id == UNKNOWN_ID).count(),
            "log_likelihood": likelihood,
            "perplexity": if scores.is_empty() { Value::Null } else { (-likelihood / scores.len() as f64).exp().into() },
            "tokens": tokens.collect::<Vec<_>>(),
        }),
    )
}

pub fn tokenize(app: &App, request: &Request) -> Response {
    let fields = match body::read(request, fields) {
        Ok(fields) => fields,
        Err(fault) => return fault.response(),
    };
    let model = match app.find(fields.model.as_deref()) {
        Ok(model) => model,
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
