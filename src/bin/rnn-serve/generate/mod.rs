//! `POST /generate`: continues a seed text, all at once or piece by piece.

pub mod request;

use std::time::Duration;

use rnn_tools::generate::{FinishReason, GenerationRequest, StoppingCriteria};
use rnn_tools::random::fresh_seed;
use serde_json::{Value, json};

use crate::App;
use crate::body;
use crate::http::{Request, Response};
use crate::scheduler::{self, Event, RequestError, ResponseHandle, Samples};
use request::{GenerateRequest, SCHEMA};

/// The interval between comments in an idle stream, which proxies would close otherwise.
pub const PING: Duration = Duration::from_secs(15);

pub fn generate(app: &App, request: &Request) -> Response {
    let fields: GenerateRequest = match body::read(request, &SCHEMA) {
        Ok(fields) => fields,
        Err(error) => return error.response(),
    };
    let model = match app.find(fields.model.as_deref()) {
        Ok(model) => model,
        Err(refusal) => return refusal,
    };
    let random_seed = fields.random_seed.unwrap_or_else(fresh_seed);
    let strings = fields.stop.iter().flatten().filter(|text| !text.is_empty()).cloned().collect();
    let generation = GenerationRequest {
        num_words: Some(fields.num_words),
        stopping_criteria: StoppingCriteria { strings, ..StoppingCriteria::default() },
        sampling: fields.sampling(),
        random_seed,
        ..GenerationRequest::default()
    };
    let samples = Samples { request: generation, first: 0, count: fields.num_samples };
    let (scheduled, unknown) = scheduler::Request::generate(&model.language_model, &fields.seed_text, samples);
    let Ok(response) = model.scheduler.submit(scheduled, fields.stream, &request.client) else {
        app.metrics.rejected("queue_full");
        return full();
    };
    let output = Output { texts: vec![fields.seed_text.clone(); fields.num_samples], finished: Vec::new() };
    let generation = Generation { model: model.name.clone(), random_seed, unknown, output, fields };
    if generation.fields.stream {
        return Response::events(Events { response, generation, state: State::Open });
    }
    let mut generation = generation;
    loop {
        match response.next() {
            Ok(Some(event)) => generation.output.apply(&event),
            Ok(None) => return Response::json(200, &generation.summary()),
            Err(error) => {
                app.metrics.rejected(reason(error));
                return failed(error);
            }
        }
    }
}

pub fn full() -> Response {
    Response::refusal(429, "Too many requests; try again in a moment").with("Retry-After", "1")
}

pub fn failed(error: RequestError) -> Response {
    match error {
        RequestError::DeadlineExceeded => Response::refusal(503, LATE).with("Retry-After", "5"),
        RequestError::Internal => Response::text(500, "Internal Server Error"),
        // Only for the log, since the client is gone. nginx uses this status too.
        RequestError::ClientGone => Response::refusal(499, "Client closed the request"),
    }
}

pub const LATE: &str = "The text was not finished in time";

/// The label of an error in the metrics.
pub fn reason(error: RequestError) -> &'static str {
    match error {
        RequestError::DeadlineExceeded => "deadline",
        RequestError::ClientGone => "client_gone",
        RequestError::Internal => "internal",
    }
}

/// Returns OpenAI's name for a finish reason.
pub fn finish_reason(end: FinishReason) -> &'static str {
    if matches!(end, FinishReason::Words | FinishReason::Tokens) { "length" } else { "stop" }
}

/// The samples as generated so far.
struct Output {
    texts: Vec<String>,
    /// Sample, finish reason, number of words.
    finished: Vec<(usize, FinishReason, usize)>,
}

impl Output {
    fn apply(&mut self, event: &Event) {
        match event {
            Event::Piece { sample, piece } => self.texts[*sample].push_str(&piece.text),
            Event::Finished { sample, reason, num_words, .. } => self.finished.push((*sample, *reason, *num_words)),
            Event::PrefillDone { .. } => {}
        }
    }
}

struct Generation {
    fields: GenerateRequest,
    model: String,
    random_seed: u64,
    unknown: Vec<String>,
    output: Output,
}

impl Generation {
    fn summary(&self) -> Value {
        let samples: Vec<Value> = self
            .output
            .texts
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let end = self.output.finished.iter().find(|(sample, ..)| *sample == index);
                let (end, words) = end.map_or((FinishReason::NoCandidates, 0), |(_, end, words)| (*end, *words));
                json!({"generated_text": text, "num_words_generated": words, "finish_reason": finish_reason(end)})
            })
            .collect();
        let mut answer = json!({
            "seed_text": self.fields.seed_text,
            "generated_text": samples[0]["generated_text"],
            "num_words_generated": samples[0]["num_words_generated"],
            "temperature": self.fields.temperature,
            "random_seed": self.random_seed,
            "unknown_words": self.unknown,
            "finish_reason": samples[0]["finish_reason"],
            "model": self.model,
        });
        if samples.len() > 1 {
            answer["samples"] = samples.into();
        }
        answer
    }
}

/// The response as server-sent events: the pieces, the summary, `[DONE]`.
struct Events {
    response: ResponseHandle,
    generation: Generation,
    state: State,
}

enum State {
    Open,
    Summarized,
    Done,
}

impl Iterator for Events {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let data = match self.state {
            State::Done => return None,
            State::Summarized => {
                self.state = State::Done;
                return Some("data: [DONE]\n\n".into());
            }
            State::Open => loop {
                if !self.response.wait(PING) {
                    return Some(": ping\n\n".into());
                }
                match self.response.next() {
                    Ok(Some(event)) => {
                        self.generation.output.apply(&event);
                        if let Event::Piece { sample, piece } = event {
                            let mut data = json!({"text": piece.text, "probability": piece.probability});
                            if self.generation.fields.num_samples > 1 {
                                data["sample"] = sample.into();
                            }
                            break data;
                        }
                    }
                    Ok(None) => {
                        self.state = State::Summarized;
                        break self.generation.summary();
                    }
                    Err(error) => {
                        self.state = State::Done;
                        return failure_event(error, |detail| json!({ "detail": detail }));
                    }
                }
            },
        };
        Some(format!("data: {data}\n\n"))
    }
}

/// Returns the last event of a stream that fails after its status has been sent.
pub fn failure_event(error: RequestError, form: impl FnOnce(&str) -> Value) -> Option<String> {
    let detail = match error {
        RequestError::ClientGone => return None,
        RequestError::DeadlineExceeded => LATE,
        RequestError::Internal => "Internal Server Error",
    };
    Some(format!("event: error\ndata: {}\n\n", form(detail)))
}
