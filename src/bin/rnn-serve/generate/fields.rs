//! The fields of a request, read as pydantic reads them and with its words for every fault. FastAPI's
//! clients show these to people, so they are part of the interface. By hand, since serde stops at the
//! first fault and takes no `"10"` for a number.

use serde_json::{Value, json};

use super::coerce::{self, Wrong};

/// In the seed text. Reading it takes time that nobody can stop.
pub const MOST_CHARACTERS: usize = 10_000;
pub const NUM_WORDS: usize = 50;
pub const MOST_WORDS: usize = 1000;
/// That of rnn-gen.
pub const TEMPERATURE: f64 = 1.0;
pub const HIGHEST_TEMPERATURE: f64 = 10.0;

#[derive(Debug, PartialEq)]
pub struct Fields {
    pub seed_text: String,
    pub num_words: usize,
    pub temperature: f64,
    pub random_seed: Option<u64>,
    pub top_k: Option<usize>,
    pub top_p: Option<f64>,
    pub stream: bool,
}

impl Fields {
    /// Reads a request's body, None being an empty one. Fails with every fault, in the order of the
    /// fields; fields that are not known are overlooked.
    pub fn read(body: &Option<Value>) -> Result<Self, Vec<Value>> {
        let Some(body) = body else {
            return Err(vec![json!({"type": "missing", "loc": ["body"], "msg": "Field required", "input": null})]);
        };
        if !body.is_object() {
            let msg = "Input should be a valid dictionary or object to extract fields from";
            return Err(vec![json!({"type": "model_attributes_type", "loc": ["body"], "msg": msg, "input": body})]);
        }
        let mut reader = Reader { body, faults: Vec::new() };
        let seed_text = reader.seed_text();
        let num_words = reader.integer("num_words", 1, MOST_WORDS as i128).unwrap_or(NUM_WORDS as i128);
        let temperature = reader.float("temperature", 0.0, false, HIGHEST_TEMPERATURE).unwrap_or(TEMPERATURE);
        let random_seed = reader.optional("random_seed", |r, name| r.integer(name, 0, u64::MAX.into()));
        // No model has more tokens than that; more is the same as all of them.
        let top_k = reader.optional("top_k", |r, name| r.integer(name, 1, i128::MAX));
        let top_p = reader.optional("top_p", |r, name| r.float(name, 0.0, true, 1.0));
        let stream = reader.field("stream", coerce::truth).unwrap_or(false);
        if !reader.faults.is_empty() {
            return Err(reader.faults);
        }
        Ok(Self {
            seed_text,
            num_words: num_words as usize,
            temperature,
            random_seed: random_seed.map(|seed| seed as u64),
            top_k: top_k.map(|k| usize::try_from(k).unwrap_or(usize::MAX)),
            top_p,
            stream,
        })
    }
}

/// Reads field by field and collects the faults. A field that is missing or faulty is None.
struct Reader<'a> {
    body: &'a Value,
    faults: Vec<Value>,
}

impl<'a> Reader<'a> {
    fn fault(&mut self, name: &str, kind: &str, msg: &str, ctx: Option<Value>) {
        let missing = kind == "missing";
        let input = if missing { self.body } else { &self.body[name] };
        let mut fault = json!({"type": kind, "loc": ["body", name], "msg": msg, "input": input});
        if let Some(ctx) = ctx {
            fault["ctx"] = ctx;
        }
        self.faults.push(fault);
    }

    fn field<T>(&mut self, name: &str, read: impl FnOnce(&Value) -> Result<T, Wrong>) -> Option<T> {
        match read(self.body.get(name)?) {
            Ok(value) => Some(value),
            Err((kind, msg)) => {
                self.fault(name, kind, msg, None);
                None
            }
        }
    }

    /// A field that may also be null.
    fn optional<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Option<T> {
        if self.body[name].is_null() { None } else { read(self, name) }
    }

    fn seed_text(&mut self) -> String {
        let body: &'a Value = self.body;
        let name = "seed_text";
        match body.get(name) {
            None => self.fault(name, "missing", "Field required", None),
            Some(Value::String(text)) if text.chars().count() > MOST_CHARACTERS => {
                let msg = format!("String should have at most {MOST_CHARACTERS} characters");
                self.fault(name, "string_too_long", &msg, Some(json!({"max_length": MOST_CHARACTERS})));
            }
            Some(Value::String(text)) => return text.clone(),
            Some(_) => self.fault(name, "string_type", "Input should be a valid string", None),
        }
        String::new()
    }

    /// At least `ge` and at most `le`.
    fn integer(&mut self, name: &str, ge: i128, le: i128) -> Option<i128> {
        let number = self.field(name, coerce::integer)?;
        if number > le {
            self.fault(name, "less_than_equal", &at_most(le), Some(json!({"le": le as u64})));
        } else if number < ge {
            self.fault(name, "greater_than_equal", &at_least(ge), Some(json!({"ge": ge as u64})));
        } else {
            return Some(number);
        }
        None
    }

    /// At least `low`, or above it where it is `exclusive`, and at most `le`; not NaN.
    fn float(&mut self, name: &str, low: f64, exclusive: bool, le: f64) -> Option<f64> {
        let number = self.field(name, coerce::float)?;
        if number.is_nan() || number > le {
            self.fault(name, "less_than_equal", &at_most(le), Some(json!({"le": le})));
        } else if exclusive && number <= low {
            let msg = format!("Input should be greater than {low}");
            self.fault(name, "greater_than", &msg, Some(json!({"gt": low})));
        } else if number < low {
            self.fault(name, "greater_than_equal", &at_least(low), Some(json!({"ge": low})));
        } else {
            return Some(number);
        }
        None
    }
}

fn at_most(limit: impl std::fmt::Display) -> String {
    format!("Input should be less than or equal to {limit}")
}

fn at_least(limit: impl std::fmt::Display) -> String {
    format!("Input should be greater than or equal to {limit}")
}

#[cfg(test)]
mod tests {
    use super::super::json::{self, Unreadable};
    use super::*;

    /// What `Fields` is as an answer of the recorded application.
    fn answer(body: &str) -> (u64, Value) {
        match json::read(body.as_bytes()).map(|value| Fields::read(&value)) {
            Ok(Ok(f)) => (
                200,
                json!({
                    "seed_text": f.seed_text, "num_words": f.num_words, "temperature": f.temperature,
                    "random_seed": f.random_seed, "top_k": f.top_k, "top_p": f.top_p, "stream": f.stream,
                }),
            ),
            Ok(Err(faults)) => (422, json!({ "detail": faults })),
            Err(Unreadable::NotJson(fault)) => (422, json!({"detail": [fault]})),
            Err(Unreadable::NotText) => (400, Value::Null),
        }
    }

    /// Recorded from an application with the same fields: FastAPI 0.165.0, pydantic 2.14.3, Python 3.11.
    #[test]
    fn answers_as_fastapi_does() {
        let cases: Vec<Value> =
            include_str!("fastapi.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert!(cases.len() > 150);
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
}
