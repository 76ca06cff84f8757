//! The fields of `POST /v1/completions`. OpenAI's clients send more than these; what has no meaning here is overlooked.

use rnn_tools::sampling::SamplingParams;
use serde_json::Value;

use crate::body::Reader;
use crate::generate::fields::{HIGHEST_PENALTY, HIGHEST_TEMPERATURE, MOST_CHARACTERS, positive, stop, top_k};

pub const MAX_TOKENS: usize = 16;
pub const MOST_TOKENS: usize = 2000;
/// Prompts in one request, and texts from each.
pub const MOST_PROMPTS: usize = 8;
pub const MOST_LOGPROBS: usize = 5;
/// Of presence and frequency.
pub const MOST_PENALTY: f64 = 2.0;
/// A bias beyond this bans a token, or makes it certain.
pub const MOST_BIAS: f64 = 100.0;

#[derive(Debug, PartialEq)]
pub enum Prompt {
    Text(String),
    Tokens(Vec<u32>),
}

pub struct Fields {
    pub model: Option<String>,
    pub prompts: Vec<Prompt>,
    pub max_tokens: usize,
    pub n: usize,
    pub stream: bool,
    pub include_usage: bool,
    pub logprobs: Option<usize>,
    pub echo: bool,
    pub stop: Vec<String>,
    pub seed: Option<u64>,
    pub sampling: SamplingParams,
}

impl Fields {
    pub fn read(reader: &mut Reader) -> Self {
        reader.is_strict = true;
        let usual = SamplingParams::default();
        let number = |reader: &mut Reader, name: &str, low: f64, exclusive: bool, high: f64| {
            reader.optional(name, |r, name| r.float(name, low, exclusive, high))
        };
        let count = |reader: &mut Reader, name: &str, low: i128, high: usize| {
            reader.optional(name, |r, name| r.integer(name, low, high as i128)).map(|count| count as usize)
        };
        Self {
            model: reader.optional("model", |r, name| r.text(name, usize::MAX)),
            prompts: prompts(reader),
            max_tokens: count(reader, "max_tokens", 0, MOST_TOKENS).unwrap_or(MAX_TOKENS),
            n: count(reader, "n", 1, MOST_PROMPTS).unwrap_or(1),
            stream: reader.optional("stream", Reader::truth).unwrap_or(false),
            include_usage: include_usage(reader),
            logprobs: count(reader, "logprobs", 0, MOST_LOGPROBS),
            echo: reader.optional("echo", Reader::truth).unwrap_or(false),
            stop: stop(reader).unwrap_or_default(),
            // Any 64 bits, with a sign or without.
            seed: reader
                .optional("seed", |r, name| r.integer(name, i64::MIN.into(), u64::MAX.into()))
                .map(|seed| seed as u64),
            sampling: SamplingParams {
                temperature: number(reader, "temperature", 0.0, false, HIGHEST_TEMPERATURE)
                    .map_or(usual.temperature, |t| t as f32),
                top_k: top_k(reader),
                top_p: positive(number(reader, "top_p", 0.0, true, 1.0), usual.top_p),
                min_p: number(reader, "min_p", 0.0, false, 1.0).map_or(usual.min_p, |p| p as f32),
                repetition_penalty: positive(
                    number(reader, "repetition_penalty", 0.0, true, HIGHEST_PENALTY),
                    usual.repetition_penalty,
                ),
                presence_penalty: number(reader, "presence_penalty", -MOST_PENALTY, false, MOST_PENALTY)
                    .map_or(usual.presence_penalty, |p| p as f32),
                frequency_penalty: number(reader, "frequency_penalty", -MOST_PENALTY, false, MOST_PENALTY)
                    .map_or(usual.frequency_penalty, |p| p as f32),
                bias: bias(reader),
                ..usual
            },
        }
    }
}

/// One text, some texts, the tokens of one text, or those of some.
fn prompts(reader: &mut Reader) -> Vec<Prompt> {
    let one = |value: &Value| -> Option<Prompt> {
        match value {
            Value::String(text) if text.chars().count() <= MOST_CHARACTERS => Some(Prompt::Text(text.clone())),
            Value::Array(ids) if ids.len() <= MOST_CHARACTERS => {
                // A whole number, also where it is written as 1.0.
                let whole =
                    |id: f64| (id.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&id)).then_some(id as u32);
                let ids: Option<Vec<u32>> = ids.iter().map(|id| whole(id.as_f64()?)).collect();
                ids.map(Prompt::Tokens)
            }
            _ => None,
        }
    };
    let Some(value) = reader.raw("prompt") else { return vec![Prompt::Text(String::new())] };
    let all = match value {
        Value::Array(items) if items.iter().all(Value::is_string) || items.iter().all(Value::is_array) => {
            items.iter().map(one).collect()
        }
        value => one(value).map(|prompt| vec![prompt]),
    };
    match all {
        Some(all) if (1..=MOST_PROMPTS).contains(&all.len()) => all,
        _ => {
            let message =
                format!("a text of at most {MOST_CHARACTERS} characters, at most {MOST_PROMPTS} such texts, or tokens");
            reader.value_error("prompt", &message);
            Vec::new()
        }
    }
}

fn include_usage(reader: &mut Reader) -> bool {
    let Some(options) = reader.raw("stream_options") else { return false };
    match &options["include_usage"] {
        _ if !options.is_object() => reader.value_error("stream_options", "an object"),
        Value::Bool(include) => return *include,
        Value::Null => {}
        _ => reader.value_error("stream_options", "include_usage is true or false"),
    }
    false
}

/// Token ids and what is added to their logits.
fn bias(reader: &mut Reader) -> Vec<(u32, f32)> {
    let Some(value) = reader.raw("logit_bias") else { return Vec::new() };
    let read = |(id, bias): (&String, &Value)| -> Option<(u32, f32)> {
        let bias = bias.as_f64().filter(|bias| bias.abs() <= MOST_BIAS)?;
        Some((id.parse().ok()?, if bias == -MOST_BIAS { f32::NEG_INFINITY } else { bias as f32 }))
    };
    let all = value.as_object().and_then(|map| map.iter().map(read).collect::<Option<Vec<_>>>());
    all.unwrap_or_else(|| {
        reader
            .value_error("logit_bias", &format!("an object of token ids and numbers from -{MOST_BIAS} to {MOST_BIAS}"));
        Vec::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::{Fault, read_bytes};

    fn read(body: &str) -> Result<Fields, Vec<Value>> {
        read_bytes(body.as_bytes(), Fields::read).map_err(|fault| match fault {
            Fault::Faults(faults) => faults,
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn a_prompt_comes_in_four_forms() {
        let prompts = |json: &str| read(&format!(r#"{{"prompt": {json}}}"#)).map(|fields| fields.prompts);
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
    fn what_is_unknown_is_overlooked_and_what_is_wrong_is_not() {
        let fields =
            read(r#"{"model": "x", "best_of": 3, "suffix": null, "user": "u", "seed": -1, "n": null}"#).unwrap();
        assert_eq!((fields.max_tokens, fields.n, fields.seed), (MAX_TOKENS, 1, Some(u64::MAX)));
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
        assert!(read(r#"{"logit_bias": {"1": -100, "2": 3}}"#).unwrap().sampling.check().is_ok());
    }
}
