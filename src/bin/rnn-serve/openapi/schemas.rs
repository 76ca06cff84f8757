//! The JSON of the server's responses, as JSON Schema.

use serde_json::{Map, Value, json};

/// The facts of a model that several responses contain.
const FACTS: [(&str, &str); 7] = [
    ("cell", "string"),
    ("vocab_size", "integer"),
    ("embedding_size", "integer"),
    ("hidden_size", "integer"),
    ("num_layers", "integer"),
    ("tie_weights", "boolean"),
    ("num_parameters", "integer"),
];

/// Returns the schemas of all responses by name.
pub fn responses() -> Map<String, Value> {
    let token = |more: &[(&'static str, Value)]| {
        let both = [("id", integer()), ("text", string())];
        array(object(both.into_iter().chain(more.iter().cloned())))
    };
    let logprob = described(number(), "In nats.");
    let sample = [
        ("generated_text", described(string(), "The seed text and its continuation.")),
        ("num_words_generated", integer()),
        ("finish_reason", reference("FinishReason")),
    ];
    let logprobs = object([
        ("tokens", array(string())),
        ("token_logprobs", array(json!({"type": ["number", "null"]}))),
        ("top_logprobs", array(json!({"type": ["object", "null"], "additionalProperties": number()}))),
        ("text_offset", array(integer())),
    ]);
    let choice = object([
        ("text", string()),
        ("index", integer()),
        ("logprobs", nullable(logprobs)),
        ("finish_reason", reference("FinishReason")),
    ]);
    let usage = ["prompt_tokens", "completion_tokens", "total_tokens"].map(|name| (name, integer()));
    let error = [("message", string()), ("type", string()), ("param", optional_string()), ("code", optional_string())];
    let model =
        [("id", string()), ("object", json!({"const": "model"})), ("created", integer()), ("owned_by", string())];
    let layer = [
        ("name", string()),
        ("type", string()),
        ("output_shape", array(json!({"type": ["integer", "null"]}))),
        ("num_parameters", integer()),
    ];
    let facts = || FACTS.map(|(name, kind)| (name, json!({ "type": kind })));
    let all = [
        (
            "FinishReason",
            json!({
                "type": "string",
                "enum": ["length", "stop"],
                "description": "`length`: the text has the requested length; `stop`: it reached a stop text or the \
                                end of the document.",
            }),
        ),
        ("Sample", object(sample.clone())),
        (
            "Generation",
            object(
                [
                    ("seed_text", string()),
                    ("temperature", number()),
                    ("random_seed", integer()),
                    ("unknown_words", array(string())),
                    ("model", string()),
                    (
                        "samples?",
                        described(
                            array(reference("Sample")),
                            "All texts, if several were requested; the first is repeated above.",
                        ),
                    ),
                ]
                .into_iter()
                .chain(sample),
            ),
        ),
        (
            "Score",
            object([
                ("model", string()),
                ("num_tokens", integer()),
                ("num_unknown", described(integer(), "The number of tokens unknown to the model.")),
                ("log_likelihood", logprob.clone()),
                ("perplexity", json!({"type": ["number", "null"]})),
                (
                    "tokens",
                    token(&[
                        ("logprob", logprob),
                        ("rank", described(integer(), "1 for the most probable token at this position.")),
                    ]),
                ),
            ]),
        ),
        (
            "Tokens",
            object([
                ("model", string()),
                ("num_tokens", integer()),
                ("num_unknown", described(integer(), "The number of tokens unknown to the model.")),
                ("tokens", token(&[])),
            ]),
        ),
        (
            "Completion",
            object([
                ("id", string()),
                ("object", json!({"const": "text_completion"})),
                ("created", integer()),
                ("model", string()),
                ("choices", array(choice)),
                ("usage", object(usage)),
            ]),
        ),
        ("CompletionError", object([("error", object(error))])),
        ("Models", object([("object", json!({"const": "list"})), ("data", array(object(model)))])),
        (
            "ModelInfo",
            object([("model", string())].into_iter().chain(facts()).chain([
                ("tokenizer", string()),
                ("language", nullable(string())),
                ("has_ngram?", boolean()),
                ("sha256", string()),
                ("loaded", described(integer(), "Seconds since the Unix epoch.")),
                ("training", any_object()),
                ("limits", described(any_object(), "The defaults and bounds of the fields of `POST /generate`.")),
            ])),
        ),
        (
            "ModelSummary",
            object([
                ("model", string()),
                ("layers", array(object(layer))),
                ("total_params", integer()),
                ("trainable_params", integer()),
                ("non_trainable_params", integer()),
                ("table", described(string(), "The layers as a text table.")),
            ]),
        ),
        ("Stats", object([("model", string()), ("training", any_object()), ("server", any_object())])),
        ("Health", {
            let mut health = object([
                ("status", json!({"type": "string", "enum": ["healthy", "draining"]})),
                ("model_loaded", boolean()),
                ("version", string()),
            ]);
            facts().into_iter().for_each(|(name, fact)| health["properties"][name] = fact);
            health
        }),
        (
            "Root",
            object([
                ("name", string()),
                ("version", string()),
                ("models", array(string())),
                ("endpoints", json!({"type": "object", "additionalProperties": string()})),
            ]),
        ),
        ("Refusal", object([("detail", string())])),
        ("HTTPValidationError", object([("detail", array(reference("ValidationError")))])),
        (
            "ValidationError",
            object([
                ("type", string()),
                ("loc", array(json!({"type": ["string", "integer"]}))),
                ("msg", string()),
                ("input", json!({})),
                ("ctx?", any_object()),
            ]),
        ),
    ];
    all.into_iter().map(|(name, schema)| (name.to_string(), schema)).collect()
}

/// An event of a `text/event-stream`.
pub fn event(description: &str) -> Value {
    described(object([("data", string()), ("event?", string())]), description)
}

pub fn reference(schema: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{schema}")})
}

/// An object whose properties are required unless their name ends in `?`.
fn object(properties: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let (mut required, mut schemas) = (Vec::new(), Map::new());
    for (name, schema) in properties {
        match name.strip_suffix('?') {
            Some(name) => schemas.insert(name.to_string(), schema),
            None => {
                required.push(name);
                schemas.insert(name.to_string(), schema)
            }
        };
    }
    json!({"type": "object", "required": required, "properties": schemas})
}

pub fn any_object() -> Value {
    json!({"type": "object"})
}

fn array(items: Value) -> Value {
    json!({"type": "array", "items": items})
}

pub fn string() -> Value {
    json!({"type": "string"})
}

fn optional_string() -> Value {
    nullable(string())
}

fn integer() -> Value {
    json!({"type": "integer"})
}

fn number() -> Value {
    json!({"type": "number"})
}

fn boolean() -> Value {
    json!({"type": "boolean"})
}

fn nullable(mut schema: Value) -> Value {
    schema["type"] = json!([schema["type"], "null"]);
    schema
}

fn described(mut schema: Value, description: &str) -> Value {
    schema["description"] = description.into();
    schema
}
