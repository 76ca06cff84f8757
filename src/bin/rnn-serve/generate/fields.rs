//! The fields of `POST /generate`.

use rnn_tools::sampling::SamplingParams;

use crate::body::Reader;

/// In the seed text. Reading it takes time.
pub const MOST_CHARACTERS: usize = 10_000;
pub const NUM_WORDS: usize = 50;
pub const MOST_WORDS: usize = 1000;
/// That of rnn-gen.
pub const TEMPERATURE: f64 = 1.0;
pub const HIGHEST_TEMPERATURE: f64 = 10.0;
pub const HIGHEST_PENALTY: f64 = 10.0;
pub const MOST_SAMPLES: usize = 16;
pub const MOST_STOPS: usize = 16;
/// In each of them: they are looked for after every word.
pub const MOST_STOP_CHARACTERS: usize = 200;

#[derive(Debug, PartialEq)]
pub struct Fields {
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

impl Fields {
    /// Faults come in the order of the fields.
    pub fn read(reader: &mut Reader) -> Self {
        let seed_text = reader.required_text("seed_text", MOST_CHARACTERS);
        let num_words = reader.integer("num_words", 1, MOST_WORDS as i128).unwrap_or(NUM_WORDS as i128);
        let temperature = reader.float("temperature", 0.0, false, HIGHEST_TEMPERATURE).unwrap_or(TEMPERATURE);
        let random_seed = reader.optional("random_seed", |r, name| r.integer(name, 0, u64::MAX.into()));
        let top_k = top_k(reader);
        let top_p = reader.optional("top_p", |r, name| r.float(name, 0.0, true, 1.0));
        let min_p = reader.optional("min_p", |r, name| r.float(name, 0.0, false, 1.0));
        let repetition_penalty =
            reader.optional("repetition_penalty", |r, name| r.float(name, 0.0, true, HIGHEST_PENALTY));
        let stop = stop(reader);
        let num_samples = reader.integer("num_samples", 1, MOST_SAMPLES as i128).unwrap_or(1);
        let stream = reader.truth("stream").unwrap_or(false);
        let model = reader.optional("model", |r, name| r.text(name, usize::MAX));
        Self {
            seed_text,
            num_words: num_words as usize,
            temperature,
            random_seed: random_seed.map(|seed| seed as u64),
            top_k,
            top_p,
            min_p,
            repetition_penalty,
            stop,
            num_samples: num_samples as usize,
            stream,
            model,
        }
    }

    pub fn sampling(&self) -> SamplingParams {
        let usual = SamplingParams::default();
        SamplingParams {
            temperature: self.temperature as f32,
            top_k: self.top_k,
            top_p: positive(self.top_p, usual.top_p),
            min_p: self.min_p.map_or(usual.min_p, |p| p as f32),
            repetition_penalty: positive(self.repetition_penalty, usual.repetition_penalty),
            ..usual
        }
    }
}

/// What is above 0 must stay above 0 as a shorter number too.
pub fn positive(number: Option<f64>, otherwise: f32) -> f32 {
    number.map_or(otherwise, |number| (number as f32).max(f32::MIN_POSITIVE))
}

/// No model has more tokens than that; more is the same as all of them.
pub fn top_k(reader: &mut Reader) -> Option<usize> {
    let k = reader.optional("top_k", |r, name| r.integer(name, 1, i128::MAX));
    k.map(|k| usize::try_from(k).unwrap_or(usize::MAX))
}

/// Texts that end the writing.
pub fn stop(reader: &mut Reader) -> Option<Vec<String>> {
    let stop = reader.optional("stop", Reader::texts)?;
    if stop.len() > MOST_STOPS || stop.iter().any(|text| text.chars().count() > MOST_STOP_CHARACTERS) {
        reader.value_error("stop", &format!("at most {MOST_STOPS} texts of at most {MOST_STOP_CHARACTERS} characters"));
    }
    Some(stop)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::body::{self, Fault};

    /// What `Fields` is as an answer of the recorded application.
    fn answer(body: &str) -> (u64, Value) {
        match body::read_bytes(body.as_bytes(), Fields::read) {
            Ok(f) => (
                200,
                json!({
                    "seed_text": f.seed_text, "num_words": f.num_words, "temperature": f.temperature,
                    "random_seed": f.random_seed, "top_k": f.top_k, "top_p": f.top_p, "min_p": f.min_p,
                    "repetition_penalty": f.repetition_penalty, "stop": f.stop, "num_samples": f.num_samples,
                    "stream": f.stream, "model": f.model,
                }),
            ),
            Err(Fault::Faults(faults)) => (422, json!({ "detail": faults })),
            Err(Fault::NotText) => (400, Value::Null),
            Err(Fault::Kind) => (415, Value::Null),
        }
    }

    /// Recorded from an application with the same fields by `tests/serve/record_fastapi.py`.
    #[test]
    fn answers_as_fastapi_does() {
        let cases: Vec<Value> =
            include_str!("fastapi.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(cases.len() > 250, "{}", cases.len());
        for case in cases {
            let body = case["body"].as_str().unwrap();
            let (status, ours) = answer(body);
            assert_eq!((status, &ours), (case["status"].as_u64().unwrap(), &case["answer"]), "{body:?}");
            assert_eq!(ours.to_string(), case["answer"].to_string(), "{body:?}: order of the keys");
        }
    }

    #[test]
    fn a_seed_text_is_measured_in_characters() {
        let body = |count: usize| format!(r#"{{"seed_text":"{}"}}"#, "é".repeat(count));
        assert_eq!(answer(&body(MOST_CHARACTERS)).0, 200);
        let (status, refused) = answer(&body(MOST_CHARACTERS + 1));
        assert_eq!((status, &refused["detail"][0]["type"]), (422, &json!("string_too_long")));
        assert_eq!(refused["detail"][0]["ctx"], json!({"max_length": 10_000}));
    }

    #[test]
    fn numbers_that_are_above_0_stay_so() {
        let fields = body::read_bytes(br#"{"seed_text":"","top_p":1e-300,"repetition_penalty":1e-300}"#, Fields::read);
        assert!(fields.unwrap().sampling().check().is_ok());
    }
}
