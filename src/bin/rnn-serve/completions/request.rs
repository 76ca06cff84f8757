//! The request of `POST /v1/completions`. OpenAI's clients send more fields, which are ignored.

use rnn_tools::sampling::SamplingParams;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::body::field::{DefaultValue, Field, Schema};
use crate::generate::request::{
    MAX_CHARACTERS, MIN_P, MODEL, REPETITION_PENALTY, STOP, TEMPERATURE, TOP_K, TOP_P, positive,
};

/// Prompts per request, and texts per prompt.
const MAX_PROMPTS: usize = 8;
/// The largest logit bias. Its negative bans a token.
const MAX_BIAS: f64 = 100.0;

pub const SCHEMA: Schema = Schema {
    name: "CompletionRequest",
    is_strict: true,
    example: r#"{"prompt": "the", "max_tokens": 16}"#,
    fields: &[
        MODEL,
        Field::other(
            "prompt",
            prompt_schemas,
            read_prompts,
            "The text to continue, or a list of texts; or the token ids of one text, or of several. Ids outside the \
             model's vocabulary are read as unknown.",
        )
        .default(DefaultValue::Text("")),
        Field::integer(
            "max_tokens",
            0,
            2000,
            "The number of tokens to generate: words, punctuation marks and line breaks.",
        )
        .default(DefaultValue::Integer(16)),
        TEMPERATURE,
        Field::integer("n", 1, MAX_PROMPTS as i128, "The number of texts per prompt.")
            .default(DefaultValue::Integer(1)),
        Field::boolean("stream", "Send the tokens as server-sent events while they are generated."),
        Field::other(
            "stream_options",
            || vec![json!({"type": "object", "properties": {"include_usage": {"type": ["boolean", "null"]}}})],
            read_stream_options,
            "With `include_usage`, a stream ends with the token counts.",
        ),
        Field::integer(
            "logprobs",
            0,
            5,
            "Return the log-probability of each token, and of this many of the most probable tokens at its position.",
        ),
        Field::boolean("echo", "Begin the text with the prompt."),
        STOP,
        Field::integer(
            "seed",
            i64::MIN as i128,
            u64::MAX as i128,
            "The same seed, model and settings produce the same text.",
        ),
        Field::number("presence_penalty", -2.0, 2.0, "Makes words that occur in the text less likely.")
            .default(DefaultValue::Number(0.0)),
        Field::number("frequency_penalty", -2.0, 2.0, "Makes words less likely with each occurrence in the text.")
            .default(DefaultValue::Number(0.0)),
        Field::other(
            "logit_bias",
            bias_schemas,
            read_bias,
            "Numbers to add to the logits of tokens, by token id, from -100 (never) to 100.",
        ),
        TOP_K,
        TOP_P,
        MIN_P,
        REPETITION_PENALTY,
    ],
};

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Prompt {
    Text(String),
    Tokens(Vec<u32>),
}

#[derive(Debug, Deserialize)]
pub struct CompletionRequest {
    pub model: Option<String>,
    pub prompt: Vec<Prompt>,
    pub max_tokens: usize,
    temperature: f32,
    pub n: usize,
    pub stream: bool,
    #[serde(default)]
    pub stream_options: StreamOptions,
    pub logprobs: Option<usize>,
    pub echo: bool,
    #[serde(default)]
    pub stop: Vec<String>,
    /// Any 64-bit integer, signed or unsigned.
    pub seed: Option<i128>,
    presence_penalty: f32,
    frequency_penalty: f32,
    #[serde(default)]
    pub logit_bias: Vec<(u32, f32)>,
    top_k: Option<usize>,
    top_p: Option<f64>,
    min_p: Option<f32>,
    repetition_penalty: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
pub struct StreamOptions {
    pub include_usage: bool,
}

impl CompletionRequest {
    pub fn sampling(&self) -> SamplingParams {
        let default = SamplingParams::default();
        let bias = |bias: f32| if f64::from(bias) == -MAX_BIAS { f32::NEG_INFINITY } else { bias };
        SamplingParams {
            temperature: self.temperature,
            top_k: self.top_k,
            top_p: positive(self.top_p, default.top_p),
            min_p: self.min_p.unwrap_or(default.min_p),
            repetition_penalty: positive(self.repetition_penalty, default.repetition_penalty),
            presence_penalty: self.presence_penalty,
            frequency_penalty: self.frequency_penalty,
            bias: self.logit_bias.iter().map(|&(token, number)| (token, bias(number))).collect(),
            ..default
        }
    }
}

fn prompt_schemas() -> Vec<Value> {
    let text = json!({"type": "string", "maxLength": MAX_CHARACTERS});
    let token = json!({"type": "integer", "minimum": 0, "maximum": u32::MAX});
    let tokens = json!({"type": "array", "items": token, "maxItems": MAX_CHARACTERS});
    let several = |items: &Value| json!({"type": "array", "items": items, "minItems": 1, "maxItems": MAX_PROMPTS});
    let mut some_tokens = tokens.clone();
    some_tokens["minItems"] = 1.into();
    vec![text.clone(), several(&text), some_tokens, several(&tokens)]
}

/// Returns a list of texts or of lists of token ids.
fn read_prompts(value: &Value) -> Result<Value, String> {
    let one = |value: &Value| -> Option<Value> {
        match value {
            Value::String(text) if text.chars().count() <= MAX_CHARACTERS => Some(value.clone()),
            Value::Array(ids) if ids.len() <= MAX_CHARACTERS => {
                // An integer may be written as 1.0.
                let integer =
                    |id: f64| (id.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&id)).then_some(id as u32);
                ids.iter().map(|id| Some(Value::from(integer(id.as_f64()?)?))).collect()
            }
            _ => None,
        }
    };
    let prompts: Option<Vec<Value>> = match value {
        Value::Array(items) if items.iter().all(Value::is_string) || items.iter().all(Value::is_array) => {
            items.iter().map(one).collect()
        }
        value => one(value).map(|prompt| vec![prompt]),
    };
    prompts.filter(|prompts| (1..=MAX_PROMPTS).contains(&prompts.len())).map(Value::from).ok_or_else(|| {
        format!("must be 1 to {MAX_PROMPTS} texts of at most {MAX_CHARACTERS} characters, or their token ids")
    })
}

fn read_stream_options(options: &Value) -> Result<Value, String> {
    match &options["include_usage"] {
        _ if !options.is_object() => Err("must be an object".into()),
        Value::Bool(_) | Value::Null => Ok(json!({"include_usage": options["include_usage"] == true})),
        _ => Err("include_usage must be true or false".into()),
    }
}

fn bias_schemas() -> Vec<Value> {
    vec![json!({
        "type": "object",
        "propertyNames": {"pattern": "^[0-9]{1,9}$"},
        "additionalProperties": {"type": "number", "minimum": -MAX_BIAS, "maximum": MAX_BIAS},
    })]
}

/// Returns a list of pairs of token id and bias.
fn read_bias(value: &Value) -> Result<Value, String> {
    let pair = |(id, bias): (&String, &Value)| -> Option<Value> {
        bias.as_f64().filter(|bias| bias.abs() <= MAX_BIAS)?;
        Some(json!([id.parse::<u32>().ok()?, bias]))
    };
    value
        .as_object()
        .and_then(|biases| biases.iter().map(pair).collect())
        .ok_or_else(|| format!("must be an object that maps token ids to numbers from -{MAX_BIAS} to {MAX_BIAS}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{BodyError, read_bytes};

    fn read(body: &str) -> Result<CompletionRequest, Vec<Value>> {
        read_bytes(body.as_bytes(), &SCHEMA).map_err(|error| match error {
            BodyError::Invalid(errors) => errors,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_prompt_has_four_forms() {
        let prompts = |json: &str| read(&format!(r#"{{"prompt": {json}}}"#)).map(|request| request.prompt);
        let text = |text: &str| Prompt::Text(text.into());
        assert_eq!(prompts(r#""a""#).unwrap(), [text("a")]);
        assert_eq!(prompts(r#"["a", "b"]"#).unwrap(), [text("a"), text("b")]);
        assert_eq!(prompts("[1, 2]").unwrap(), [Prompt::Tokens(vec![1, 2])]);
        assert_eq!(prompts("[[1], [2, 3]]").unwrap(), [Prompt::Tokens(vec![1]), Prompt::Tokens(vec![2, 3])]);
        assert_eq!(prompts("null").unwrap(), [text("")]);
        for bad in ["5", "{}", "[1, \"a\"]", "[-1]", "[1.5]", "[[\"a\"]]", "true", "[5000000000]", "[]", "[\"a\", [1]]"]
        {
            assert_eq!(prompts(bad).unwrap_err()[0]["loc"][1], "prompt", "{bad}");
        }
    }

    #[test]
    fn unknown_fields_are_ignored_and_invalid_ones_refused() {
        let request =
            read(r#"{"model": "x", "best_of": 3, "suffix": null, "user": "u", "seed": -1, "n": null}"#).unwrap();
        assert_eq!((request.max_tokens, request.n, request.seed), (16, 1, Some(-1)));
        for (bad, name) in [
            (r#"{"max_tokens": -1}"#, "max_tokens"),
            (r#"{"n": 9}"#, "n"),
            (r#"{"n": true}"#, "n"),
            (r#"{"max_tokens": "5"}"#, "max_tokens"),
            (r#"{"echo": 1}"#, "echo"),
            (r#"{"stream_options": 5}"#, "stream_options"),
            (r#"{"prompt": ["","","","","","","","",""]}"#, "prompt"),
            (r#"{"logprobs": 6}"#, "logprobs"),
            (r#"{"presence_penalty": 3}"#, "presence_penalty"),
            (r#"{"logit_bias": {"x": 1}}"#, "logit_bias"),
            (r#"{"logit_bias": {"1": 101}}"#, "logit_bias"),
        ] {
            assert_eq!(read(bad).err().unwrap()[0]["loc"][1], name, "{bad}");
        }
        assert!(read(r#"{"logit_bias": {"1": -100, "2": 3}}"#).unwrap().sampling().check().is_ok());
    }
}
