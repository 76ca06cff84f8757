//! `POST /generate`: text that goes on from a seed text, at once or piece by piece.

mod coerce;
pub mod fields;
mod json;

use serde_json::{Value, json};

use rnn_tools::generate::{Generation, Request as Order};
use rnn_tools::random::fresh_seed;
use rnn_tools::sampling::Sampling;

use crate::App;
use crate::http::{Request, Response};
use crate::turns::{NoTurn, Turn};
use fields::Fields;
use json::Unreadable;

pub fn generate<'a>(app: &'a App, request: &Request) -> Response<'a> {
    if !is_json(request.header("content-type")) {
        return Response::refusal(415, "Content-Type must be application/json");
    }
    let fields = match json::read(&request.body).map(|value| Fields::read(&value)) {
        Ok(Ok(fields)) => fields,
        Ok(Err(faults)) => return unprocessable(faults),
        Err(Unreadable::NotText) => return Response::refusal(400, "There was an error parsing the body"),
        Err(Unreadable::NotJson(fault)) => return unprocessable(vec![fault]),
    };
    let turn = match app.turns.take(|| request.visitor.is_gone()) {
        Ok(turn) => turn,
        Err(NoTurn::Full) => {
            return Response::refusal(429, "Too many texts are being written; try again in a moment")
                .with("Retry-After", "1");
        }
        Err(NoTurn::Gone) => return gone(),
    };
    let writing = match Writing::begin(app, turn, fields) {
        Ok(writing) => writing,
        Err(fault) => return unprocessable(vec![fault]),
    };
    let visitor = request.visitor.clone();
    if writing.fields.stream {
        return Response::events(Events { writing: Some(writing), done: false, gone: move || visitor.is_gone() });
    }
    let mut writing = writing;
    while writing.next().is_some() {
        if visitor.is_gone() {
            return gone();
        }
    }
    Response::json(200, &writing.summary())
}

/// As FastAPI: JSON of any kind, or no word about it.
fn is_json(content_type: Option<&str>) -> bool {
    let Some(content_type) = content_type else { return true };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json")
}

fn unprocessable<'a>(faults: Vec<Value>) -> Response<'a> {
    Response::json(422, &json!({ "detail": faults }))
}

/// Nobody reads it; the log shows it. (499 is nginx's number for this.)
fn gone<'a>() -> Response<'a> {
    Response::refusal(499, "Client closed the request")
}

/// A text in the making, and the turn that it takes.
struct Writing<'a> {
    fields: Fields,
    random_seed: u64,
    generation: Generation<'a>,
    text: String,
    num_words: usize,
    _turn: Turn<'a>,
}

impl<'a> Writing<'a> {
    /// Fails, with the fault as FastAPI would put it, where the model knows no word of the seed text.
    fn begin(app: &'a App, turn: Turn<'a>, fields: Fields) -> Result<Self, Value> {
        let random_seed = fields.random_seed.unwrap_or_else(fresh_seed);
        let order = Order {
            seed_text: fields.seed_text.clone(),
            num_words: Some(fields.num_words),
            sampling: Sampling {
                temperature: fields.temperature as f32,
                top_k: fields.top_k,
                // Above 0 it must stay above 0 as a shorter number too.
                top_p: fields.top_p.map_or(Sampling::default().top_p, |p| (p as f32).max(f32::MIN_POSITIVE)),
                ..Sampling::default()
            },
            random_seed,
            ..Order::default()
        };
        let generation = app.author.write(order).map_err(|error| {
            let hint = error.hint_text().map(|hint| format!("; {hint}")).unwrap_or_default();
            json!({
                "type": "value_error",
                "loc": ["body", "seed_text"],
                "msg": format!("Value error, {error}{hint}"),
                "input": fields.seed_text,
                "ctx": {"error": {}},
            })
        })?;
        Ok(Self { text: fields.seed_text.clone(), random_seed, generation, num_words: 0, fields, _turn: turn })
    }

    fn next(&mut self) -> Option<String> {
        let piece = self.generation.next()?;
        self.num_words += usize::from(piece.is_word);
        self.text.push_str(&piece.text);
        Some(piece.text)
    }

    fn summary(&self) -> Value {
        json!({
            "seed_text": self.fields.seed_text,
            "generated_text": self.text,
            "num_words_generated": self.num_words,
            "temperature": self.fields.temperature,
            "random_seed": self.random_seed,
            "unknown_words": self.generation.sequence.unknown.iter().map(|word| &word.word).collect::<Vec<_>>(),
        })
    }
}

/// The same as server-sent events: the pieces, the summary, `[DONE]`. The turn ends with the summary.
struct Events<'a, G> {
    writing: Option<Writing<'a>>,
    done: bool,
    gone: G,
}

impl<G: Fn() -> bool> Iterator for Events<'_, G> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.done || (self.gone)() {
            return None;
        }
        let Some(writing) = &mut self.writing else {
            self.done = true;
            return Some("data: [DONE]\n\n".into());
        };
        let event = match writing.next() {
            Some(text) => json!({ "text": text }),
            None => {
                let summary = writing.summary();
                self.writing = None;
                summary
            }
        };
        Some(format!("data: {event}\n\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_what_says_so_or_nothing() {
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
            assert!(is_json(Some(good)), "{good}");
        }
        for bad in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/json", ""] {
            assert!(!is_json(Some(bad)), "{bad}");
        }
        assert!(is_json(None));
    }
}
