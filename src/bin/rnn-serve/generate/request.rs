//! The request of `POST /generate`, and the fields that other requests share with it.

use rnn_tools::sampling::SamplingParams;
use serde::Deserialize;

use crate::body::field::{DefaultValue, Field, Schema};

/// The maximum length of a seed text or prompt, since processing it takes time.
pub const MAX_CHARACTERS: usize = 10_000;

pub const TEMPERATURE: Field = Field::number(
    "temperature",
    0.0,
    10.0,
    "Values below 1 favour likely words, values above 1 rare ones; 0 always takes the most probable word.",
)
.default(DefaultValue::Number(1.0));
pub const TOP_K: Field = Field::integer("top_k", 1, i128::MAX, "Sample only from the k most probable words.");
pub const TOP_P: Field = Field::positive(
    "top_p",
    1.0,
    "Sample only from the most probable words whose probabilities sum to this; 1 keeps all words. If omitted: 0.6.",
);
pub const MIN_P: Field = Field::number(
    "min_p",
    0.0,
    1.0,
    "Sample only from words whose probability is at least this fraction of the most probable word's.",
);
pub const REPETITION_PENALTY: Field =
    Field::positive("repetition_penalty", 10.0, "Values above 1 make words of the recent text less likely.");
/// Stop texts are searched for after every word, so they are few and short.
pub const STOP: Field = Field::texts("stop", 16, 200, "The text ends before the first of these.");
pub const MODEL: Field =
    Field::text("model", usize::MAX, "Name of the model, if the server has several. If omitted: the first one.");

pub const SCHEMA: Schema = Schema {
    name: "GenerateRequest",
    is_strict: false,
    example: r#"{"seed_text": "the", "num_words": 20, "temperature": 1.0}"#,
    fields: &[
        Field::text(
            "seed_text",
            MAX_CHARACTERS,
            "The text to continue; may be empty. Words unknown to the model are left out and listed in the response.",
        )
        .default(DefaultValue::Required),
        Field::integer(
            "num_words",
            1,
            1000,
            "The number of words to generate; punctuation and line breaks do not count.",
        )
        .default(DefaultValue::Integer(50)),
        TEMPERATURE,
        Field::integer(
            "random_seed",
            0,
            u64::MAX as i128,
            "The same seed, model and settings produce the same text. If omitted: chosen, and returned.",
        ),
        TOP_K,
        TOP_P,
        MIN_P,
        REPETITION_PENALTY,
        STOP,
        Field::integer("num_samples", 1, 16, "The number of different texts to generate.")
            .default(DefaultValue::Integer(1)),
        Field::boolean("stream", "Send the words as server-sent events while they are generated."),
        MODEL,
    ],
};

#[derive(Debug, Deserialize)]
pub struct GenerateRequest {
    pub seed_text: String,
    pub num_words: usize,
    pub temperature: f64,
    pub random_seed: Option<u64>,
    pub top_k: Option<usize>,
    pub top_p: Option<f64>,
    pub min_p: Option<f64>,
    pub repetition_penalty: Option<f64>,
    pub stop: Option<Vec<String>>,
    pub num_samples: usize,
    pub stream: bool,
    pub model: Option<String>,
}

impl GenerateRequest {
    pub fn sampling(&self) -> SamplingParams {
        let default = SamplingParams::default();
        SamplingParams {
            temperature: self.temperature as f32,
            top_k: self.top_k,
            top_p: positive(self.top_p, default.top_p),
            min_p: self.min_p.map_or(default.min_p, |p| p as f32),
            repetition_penalty: positive(self.repetition_penalty, default.repetition_penalty),
            ..default
        }
    }
}

/// Rounds to an `f32` that is still above 0.
pub fn positive(number: Option<f64>, default: f32) -> f32 {
    number.map_or(default, |number| (number as f32).max(f32::MIN_POSITIVE))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::body::{self, BodyError};

    /// Returns a request in the form of the recorded application's responses.
    fn response(body: &str) -> (u64, Value) {
        match body::read_bytes::<GenerateRequest>(body.as_bytes(), &SCHEMA) {
            Ok(r) => (
                200,
                json!({
                    "seed_text": r.seed_text, "num_words": r.num_words, "temperature": r.temperature,
                    "random_seed": r.random_seed, "top_k": r.top_k, "top_p": r.top_p, "min_p": r.min_p,
                    "repetition_penalty": r.repetition_penalty, "stop": r.stop, "num_samples": r.num_samples,
                    "stream": r.stream, "model": r.model,
                }),
            ),
            Err(BodyError::Invalid(errors)) => (422, json!({ "detail": errors })),
            Err(BodyError::NotUtf8) => (400, Value::Null),
            Err(BodyError::MediaType) => (415, Value::Null),
        }
    }

    /// Recorded from an application with the same fields by `tests/serve/record_fastapi.py`; the messages and positions
    /// of JSON syntax errors are serde_json's.
    #[test]
    fn responses_match_fastapi() {
        let cases: Vec<Value> =
            include_str!("fastapi.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(cases.len() > 250, "{}", cases.len());
        for case in cases {
            let body = case["body"].as_str().unwrap();
            let (status, ours) = response(body);
            assert_eq!((status, &ours), (case["status"].as_u64().unwrap(), &case["answer"]), "{body:?}");
            assert_eq!(ours.to_string(), case["answer"].to_string(), "{body:?}: order of the keys");
        }
    }

    #[test]
    fn a_seed_text_is_measured_in_characters() {
        let body = |count: usize| format!(r#"{{"seed_text":"{}"}}"#, "é".repeat(count));
        assert_eq!(response(&body(MAX_CHARACTERS)).0, 200);
        let (status, refused) = response(&body(MAX_CHARACTERS + 1));
        assert_eq!((status, &refused["detail"][0]["type"]), (422, &json!("string_too_long")));
        assert_eq!(refused["detail"][0]["ctx"], json!({"max_length": 10_000}));
    }

    #[test]
    fn tiny_numbers_stay_above_0() {
        let body = br#"{"seed_text":"","top_p":1e-300,"repetition_penalty":1e-300}"#;
        let request: GenerateRequest = body::read_bytes(body, &SCHEMA).unwrap();
        assert!(request.sampling().check().is_ok());
    }
}
