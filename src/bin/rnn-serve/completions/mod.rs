//! `POST /v1/completions`: generates text in OpenAI's format, for programs written for its API. Tokens are those of the
//! model, mostly words.

pub mod request;
mod response;

use std::sync::Arc;

use rnn_tools::generate::{GenerationRequest, StoppingCriteria};
use rnn_tools::random::fresh_seed;
use rnn_tools::text::UNKNOWN_ID;
use serde_json::{Value, json};

use crate::App;
use crate::body::{self, BodyError};
use crate::generate::{LATE, PING, failure_event, reason};
use crate::http::{Request, Response};
use crate::models::Model;
use crate::scheduler::{self, RequestError, ResponseHandle, Samples};
use request::{CompletionRequest, Prompt, SCHEMA};
use response::Completion;

pub fn completions(app: &App, request: &Request) -> Response {
    let mut fields: CompletionRequest = match body::read(request, &SCHEMA) {
        Ok(fields) => fields,
        Err(error) => return refused(error),
    };
    let Some(model) = app.models.find(fields.model.as_deref()) else {
        let name = fields.model.unwrap_or_default();
        let message = format!("The model {name:?} does not exist; GET /v1/models lists the available ones");
        return error(404, "invalid_request_error", &message, Some("model"), Some("model_not_found"));
    };
    let outside = |id: u32| id as usize >= model.language_model.tokenizer.len();
    // Tokens outside the vocabulary are read as unknown.
    for prompt in &mut fields.prompt {
        if let Prompt::Tokens(ids) = prompt {
            ids.iter_mut().filter(|id| outside(**id)).for_each(|id| *id = UNKNOWN_ID);
        }
    }
    // They cannot be biased.
    fields.logit_bias.retain(|&(id, _)| !outside(id));
    let seed = fields.seed.map_or_else(fresh_seed, |seed| seed as u64);
    let mut responses = Vec::new();
    for (index, prompt) in fields.prompt.iter().enumerate() {
        let Ok(response) = model.scheduler.submit(
            scheduled_request(&model, &fields, prompt, seed, index),
            fields.stream,
            &request.client,
        ) else {
            app.metrics.rejected("queue_full");
            return error(429, "rate_limit_error", "Too many requests; try again in a moment", None, None)
                .with("Retry-After", "1");
        };
        responses.push(response);
    }
    let completion = Completion::new(Arc::clone(&model), &fields);
    if fields.stream {
        return Response::events(Events {
            responses,
            at: 0,
            completion,
            remaining: Remaining::Text,
            include_usage: fields.stream_options.include_usage,
        });
    }
    let mut completion = completion;
    for (index, response) in responses.iter().enumerate() {
        loop {
            match response.next() {
                Ok(Some(event)) => {
                    completion.apply(index, event);
                }
                Ok(None) => break,
                Err(error) => {
                    app.metrics.rejected(reason(error));
                    return failed(error);
                }
            }
        }
    }
    Response::json(200, &completion.complete())
}

fn scheduled_request(
    model: &Model,
    fields: &CompletionRequest,
    prompt: &Prompt,
    seed: u64,
    index: usize,
) -> scheduler::Request {
    let samples = Samples {
        request: GenerationRequest {
            num_tokens: Some(fields.max_tokens),
            stopping_criteria: StoppingCriteria {
                strings: fields.stop.iter().filter(|s| !s.is_empty()).cloned().collect(),
                ..StoppingCriteria::default()
            },
            sampling: fields.sampling(),
            random_seed: seed,
            alternatives: fields.logprobs,
            ..GenerationRequest::default()
        },
        first: (index * fields.n) as u64,
        count: fields.n,
    };
    let request = match prompt {
        Prompt::Text(text) => scheduler::Request::generate(&model.language_model, text, samples).0,
        Prompt::Tokens(ids) => scheduler::Request::generate_from_tokens(ids, samples),
    };
    match fields.logprobs {
        Some(alternatives) if fields.echo => request.with_prompt_scores(&model.language_model, alternatives),
        _ => request,
    }
}

/// The response as server-sent events. All prompts are continued at the same time, and sent one after another.
struct Events {
    responses: Vec<ResponseHandle>,
    at: usize,
    completion: Completion,
    remaining: Remaining,
    include_usage: bool,
}

/// What remains to be sent.
#[derive(PartialEq)]
enum Remaining {
    Text,
    Done,
    Nothing,
}

impl Iterator for Events {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        if self.remaining != Remaining::Text {
            let is_done = self.remaining == Remaining::Done;
            self.remaining = Remaining::Nothing;
            return is_done.then(|| "data: [DONE]\n\n".to_string());
        }
        while let Some(response) = self.responses.get(self.at) {
            if !response.wait(PING) {
                return Some(": ping\n\n".into());
            }
            match response.next() {
                Ok(Some(event)) => {
                    let changed = self.completion.apply(self.at, event);
                    let parts: Vec<Value> = changed.filter_map(|index| self.completion.take_part(index)).collect();
                    if !parts.is_empty() {
                        return Some(format!("data: {}\n\n", self.completion.object(parts)));
                    }
                }
                Ok(None) => self.at += 1,
                Err(error) => {
                    self.remaining = Remaining::Nothing;
                    return failure_event(
                        error,
                        |message| json!({"error": body_of("server_error", message, None, None)}),
                    );
                }
            }
        }
        self.remaining = Remaining::Done;
        if !self.include_usage {
            return self.next();
        }
        let mut answer = self.completion.object(Vec::new());
        answer["usage"] = self.completion.usage();
        Some(format!("data: {answer}\n\n"))
    }
}

fn failed(cause: RequestError) -> Response {
    match cause {
        RequestError::DeadlineExceeded => error(503, "server_error", LATE, None, None).with("Retry-After", "5"),
        RequestError::ClientGone => error(499, "server_error", "Client closed the request", None, None),
        RequestError::Internal => error(500, "server_error", "Internal Server Error", None, None),
    }
}

/// Returns the first error in the body in OpenAI's format, with the name of the field.
fn refused(refusal: BodyError) -> Response {
    let (status, message, param) = match refusal {
        BodyError::MediaType => (415, "Content-Type must be application/json".to_string(), None),
        BodyError::NotUtf8 => (400, "There was an error parsing the body".to_string(), None),
        BodyError::Invalid(errors) => {
            let (param, message) = (errors[0]["loc"][1].as_str(), errors[0]["msg"].as_str().unwrap_or_default());
            let message = message.strip_prefix("Value error, ").unwrap_or(message);
            let full = param.map_or_else(|| message.to_string(), |param| format!("{param}: {message}"));
            (400, full, param.map(str::to_string))
        }
    };
    error(status, "invalid_request_error", &message, param.as_deref(), None)
}

pub fn error(status: u16, kind: &str, message: &str, param: Option<&str>, code: Option<&str>) -> Response {
    Response::json(status, &json!({"error": body_of(kind, message, param, code)}))
}

fn body_of(kind: &str, message: &str, param: Option<&str>, code: Option<&str>) -> Value {
    json!({"message": message, "type": kind, "param": param, "code": code})
}
