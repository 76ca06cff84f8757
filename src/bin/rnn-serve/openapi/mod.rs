//! The OpenAPI description of the server. Request bodies come from their tables of fields, methods and keys from the
//! routes; the rest is here.

mod schemas;

use serde_json::{Map, Value, json};

use crate::body::field::Schema;
use crate::route::Route;
use crate::{completions, generate, score};
use schemas::{any_object, event, reference, responses, string};

pub const REQUESTS: [&Schema; 3] = [&generate::request::SCHEMA, &score::SCHEMA, &completions::request::SCHEMA];

/// Errors that any request can cause.
const ALWAYS: [&str; 2] = ["MethodNotAllowed", "TooLarge"];
const OF_MODELS: &[&str] = &["Unauthorized", "ModelNotFound", "Unavailable"];
const OF_TEXTS: &[&str] = &["NotText", "Unauthorized", "ModelNotFound", "NotJson", "Invalid", "TooMany", "Unavailable"];
const OF_TOKENIZE: &[&str] = &["NotText", "Unauthorized", "ModelNotFound", "NotJson", "Invalid", "Unavailable"];
const OF_COMPLETIONS: &[&str] = &[
    "CompletionInvalid",
    "CompletionUnauthorized",
    "CompletionModelNotFound",
    "CompletionNotJson",
    "CompletionTooMany",
    "CompletionUnavailable",
];
const OF_PICTURES: &[&str] = &["Unauthorized", "ModelNotFound", "NotAcceptable", "Invalid", "Unavailable"];

/// The name, status, description, schema and header of each error.
const ERRORS: [(&str, u16, &str, &str, Option<&str>); 17] = [
    ("NotText", 400, "The body is not UTF-8, or the request is malformed.", "Refusal", None),
    ("Unauthorized", 401, "The server requires a key.", "Refusal", Some("WWW-Authenticate")),
    ("ModelNotFound", 404, "There is no such model, or nothing to draw.", "Refusal", None),
    ("MethodNotAllowed", 405, "The path requires another method.", "Refusal", Some("Allow")),
    ("NotAcceptable", 406, "Pictures are PNG or SVG.", "Refusal", None),
    ("TooLarge", 413, "The body is larger than 256 KiB.", "Refusal", None),
    ("NotJson", 415, "The body is not JSON.", "Refusal", None),
    ("Invalid", 422, "Some fields are missing or invalid; all are listed.", "HTTPValidationError", None),
    ("TooMany", 429, "Too many requests are waiting.", "Refusal", Some("Retry-After")),
    ("Unavailable", 503, "Too many connections, a timeout, or rnn-plot is missing.", "Refusal", Some("Retry-After")),
    ("Stopping", 503, "The server is stopping, or has too many connections.", "", None),
    ("CompletionInvalid", 400, "A field is invalid.", "CompletionError", None),
    ("CompletionUnauthorized", 401, "The server requires a key.", "CompletionError", None),
    ("CompletionModelNotFound", 404, "There is no such model.", "CompletionError", None),
    ("CompletionNotJson", 415, "The body is not JSON.", "CompletionError", None),
    ("CompletionTooMany", 429, "Too many requests are waiting.", "CompletionError", Some("Retry-After")),
    ("CompletionUnavailable", 503, "Not finished in time, or too many connections.", "", None),
];

/// The description of a route, except for what the route itself contains.
struct Operation {
    path: &'static str,
    tag: &'static str,
    id: &'static str,
    summary: &'static str,
    description: &'static str,
    request: Option<&'static Schema>,
    /// The query parameters.
    parameters: &'static [&'static str],
    /// The media types of a successful response: the name of a schema for JSON, a description for a stream.
    content: &'static [(&'static str, &'static str)],
    errors: &'static [&'static str],
}

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const PICTURES: &[(&str, &str)] = &[("image/png", ""), ("image/svg+xml", "")];

const fn operation(path: &'static str, tag: &'static str, id: &'static str, summary: &'static str) -> Operation {
    Operation {
        path,
        tag,
        id,
        summary,
        description: "",
        request: None,
        parameters: &[],
        content: &[],
        errors: &["Unavailable"],
    }
}

const OPERATIONS: [Operation; 15] = [
    Operation {
        description: "The words are returned all at once, or as server-sent events if `stream` is true. The random \
                      seed in the response reproduces the text.",
        request: Some(&generate::request::SCHEMA),
        content: &[
            (JSON, "Generation"),
            (
                EVENTS,
                "Events `data: {\"text\", \"probability\"}` (with `sample`, if there are several), then the JSON \
                 response, then `data: [DONE]`. A failure after the start is `event: error`.",
            ),
        ],
        errors: OF_TEXTS,
        ..operation("/generate", "Text", "generate", "Continue a seed text")
    },
    Operation {
        description: "The log-probability of each token given those before it, and the perplexity of the text.",
        request: Some(&score::SCHEMA),
        content: &[(JSON, "Score")],
        errors: OF_TEXTS,
        ..operation("/score", "Text", "score", "Score a text")
    },
    Operation {
        description: "The tokens of a text. Unknown ones have id 0.",
        request: Some(&score::SCHEMA),
        content: &[(JSON, "Tokens")],
        errors: OF_TOKENIZE,
        ..operation("/tokenize", "Text", "tokenize", "Tokenize a text")
    },
    Operation {
        description: "OpenAI's completions. Other fields are ignored.",
        request: Some(&completions::request::SCHEMA),
        content: &[(JSON, "Completion"), (EVENTS, "Completions with one piece of text each, then `data: [DONE]`.")],
        errors: OF_COMPLETIONS,
        ..operation("/v1/completions", "OpenAI", "createCompletion", "Continue a prompt")
    },
    Operation {
        description: "Lists the models by name.",
        content: &[(JSON, "Models")],
        errors: &["CompletionUnauthorized", "Unavailable"],
        ..operation("/v1/models", "OpenAI", "listModels", "List the models")
    },
    Operation {
        description: "The architecture and training of the model, and the limits of requests.",
        parameters: &["model"],
        content: &[(JSON, "ModelInfo")],
        errors: OF_MODELS,
        ..operation("/model/info", "Model", "modelInfo", "Describe the model")
    },
    Operation {
        description: "A table like Keras's: JSON, or text for clients that accept `text/plain`.",
        parameters: &["model"],
        content: &[(JSON, "ModelSummary"), ("text/plain", "")],
        errors: OF_MODELS,
        ..operation("/model/summary", "Model", "modelSummary", "List the layers")
    },
    Operation {
        description: "PNG, or SVG for clients that accept `image/svg+xml`. Drawn by rnn-plot.",
        parameters: &["model", "theme"],
        content: PICTURES,
        errors: OF_PICTURES,
        ..operation("/visualizations/architecture", "Model", "drawArchitecture", "Draw the layers")
    },
    Operation {
        description: "Loss and accuracy by epoch. PNG, or SVG for clients that accept `image/svg+xml`. Drawn by \
                      rnn-plot.",
        parameters: &["model", "theme"],
        content: PICTURES,
        errors: OF_PICTURES,
        ..operation("/visualizations/training", "Model", "drawTraining", "Draw the training history")
    },
    Operation {
        description: "Responds even while all models are busy; requires no key.",
        content: &[(JSON, "Health")],
        errors: &["Stopping"],
        ..operation("/health", "Server", "health", "Check that the server is running")
    },
    Operation {
        description: "Counts since the server started.",
        parameters: &["model"],
        content: &[(JSON, "Stats")],
        errors: OF_MODELS,
        ..operation("/stats", "Server", "stats", "Training results and server statistics")
    },
    Operation {
        description: "In Prometheus's text format.",
        content: &[("text/plain", "")],
        errors: &["Unauthorized", "Unavailable"],
        ..operation("/metrics", "Server", "metrics", "Metrics for Prometheus")
    },
    Operation {
        description: "HTML for browsers, JSON for other clients.",
        content: &[(JSON, "Root"), ("text/html", "")],
        ..operation("/", "Server", "root", "The start page")
    },
    Operation {
        description: "A page on which each endpoint can be tried.",
        content: &[("text/html", "")],
        ..operation("/docs", "Server", "docs", "This description as a page")
    },
    Operation {
        description: "OpenAPI 3.1.",
        content: &[(JSON, "")],
        ..operation("/openapi.json", "Server", "openapi", "This description")
    },
];

/// Returns the description of `routes`. `needs_key` states whether the server requires a key.
pub fn document(routes: &[Route], needs_key: bool) -> Value {
    let mut paths = Map::new();
    for operation in &OPERATIONS {
        let route = routes.iter().find(|route| route.path == operation.path).expect("a test compares the paths");
        let mut described = operation.describe();
        if !route.needs_key {
            described["security"] = json!([]);
        }
        paths.insert(route.path.to_string(), json!({route.method.to_lowercase(): described}));
    }
    let mut schemas = responses();
    schemas.extend(REQUESTS.map(|schema| (schema.name.to_string(), schema.describe())));
    let responses: Map<String, Value> = ERRORS
        .map(|(name, _, description, schema, header)| {
            let schema = if schema.is_empty() { any_object() } else { reference(schema) };
            let mut response = json!({"description": description, "content": {JSON: {"schema": schema}}});
            if let Some(header) = header {
                response["headers"] = json!({header: {"schema": string()}});
            }
            (name.to_string(), response)
        })
        .into_iter()
        .collect();
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "rnn-serve",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": "Generates text with a recurrent network, word by word. Errors are JSON with `detail`, in \
                            FastAPI's format; below `/v1` they have OpenAI's format. There, numbers must be JSON \
                            numbers; elsewhere they may also be strings, or true for 1, as in FastAPI.",
        },
        "tags": [
            {"name": "Text", "description": "Generate and score text."},
            {"name": "OpenAI", "description": "The same in OpenAI's format, for its clients."},
            {"name": "Model", "description": "The model and its training."},
            {"name": "Server", "description": "The state of the server."},
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A key, if the server requires one."},
            },
            "schemas": schemas,
            "responses": responses,
        },
    });
    if needs_key {
        document["security"] = json!([{"bearer": []}]);
    }
    document
}

impl Operation {
    fn describe(&self) -> Value {
        let content: Map<String, Value> = self
            .content
            .iter()
            .map(|&(media_type, text)| {
                let schema = match media_type {
                    JSON if text.is_empty() => any_object(),
                    JSON => reference(text),
                    EVENTS => event(text),
                    "image/png" => json!({"type": "string", "format": "binary"}),
                    _ => string(),
                };
                (media_type.to_string(), json!({ "schema": schema }))
            })
            .collect();
        let mut responses = Map::new();
        responses.insert("200".into(), json!({"description": "Success.", "content": content}));
        for (name, status, ..) in ERRORS.iter().filter(|(name, ..)| self.errors.contains(name) || ALWAYS.contains(name))
        {
            responses.insert(status.to_string(), json!({"$ref": format!("#/components/responses/{name}")}));
        }
        let mut operation = json!({
            "tags": [self.tag],
            "operationId": self.id,
            "summary": self.summary,
            "description": self.description,
        });
        if let Some(schema) = self.request {
            operation["requestBody"] = json!({"required": true, "content": {JSON: {"schema": reference(schema.name)}}});
        }
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.iter().map(|name| parameter(name)).collect();
        }
        operation["responses"] = responses.into();
        operation
    }
}

fn parameter(name: &str) -> Value {
    let (description, schema) = match name {
        "theme" => {
            ("For a light or a dark page.", json!({"type": "string", "enum": ["light", "dark"], "default": "light"}))
        }
        _ => (generate::request::MODEL.description, string()),
    };
    json!({"name": name, "in": "query", "required": false, "description": description, "schema": schema})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::body::field::{DefaultValue, Field, Kind};
    use crate::body::read_bytes;

    /// Values at the bounds of a field and just outside them, and the bounds as the description states them.
    fn bounds(field: &Field) -> (Vec<Value>, Vec<Value>, Vec<(&'static str, Value)>) {
        let text = |length: usize| json!("é".repeat(length));
        match field.kind {
            Kind::Integer { min, max } => {
                let (low, high) = (min as i64, max.min(u64::MAX.into()) as u64);
                let above = Some(high).filter(|_| i128::from(high) == max).map(|high| json!(high as f64 * 2.0));
                let below = if low > i64::MIN { json!(low - 1) } else { json!(-1e19) };
                let maximum = above.as_ref().map(|_| ("maximum", json!(high)));
                let stated = [("minimum", json!(low))].into_iter().chain(maximum).collect();
                (vec![json!(low), json!(high)], [below].into_iter().chain(above).collect(), stated)
            }
            Kind::Number { min, max } => (
                vec![json!(min), json!(max)],
                vec![json!(min - 0.001), json!(max + 0.001)],
                vec![("minimum", json!(min)), ("maximum", json!(max))],
            ),
            Kind::Positive { max } => (
                vec![json!(0.001), json!(max)],
                vec![json!(0), json!(max + 0.001)],
                vec![("exclusiveMinimum", json!(0)), ("maximum", json!(max))],
            ),
            Kind::Text { max_length: usize::MAX } => (vec![text(20_000)], vec![json!(5)], Vec::new()),
            Kind::Text { max_length } => {
                (vec![text(max_length)], vec![text(max_length + 1)], vec![("maxLength", json!(max_length))])
            }
            Kind::Texts { max_items, max_length } => (
                vec![json!(vec![text(max_length); max_items])],
                vec![text(max_length + 1), json!(vec![""; max_items + 1])],
                vec![("maxLength", json!(max_length)), ("maxItems", json!(max_items))],
            ),
            Kind::Boolean => (vec![json!(true)], vec![json!(2)], Vec::new()),
            Kind::Other { schemas, .. } => (
                Vec::new(),
                vec![json!(5)],
                schemas()
                    .remove(0)
                    .as_object()
                    .map(|schema| {
                        schema
                            .iter()
                            .filter(|(name, _)| *name == "maxLength")
                            .map(|(_, max)| ("maxLength", max.clone()))
                            .collect()
                    })
                    .unwrap_or_default(),
            ),
        }
    }

    /// Whether a schema or one of its alternatives states a bound.
    fn states(schema: &Value, name: &str, bound: &Value) -> bool {
        let is_equal = |value: &Value| value == bound || value.as_f64().is_some_and(|v| Some(v) == bound.as_f64());
        schema.get(name).is_some_and(is_equal)
            || schema["anyOf"].as_array().is_some_and(|all| all.iter().any(|one| states(one, name, bound)))
    }

    #[test]
    fn every_field_is_described_with_the_limits_that_validation_enforces() {
        let document = document(&crate::routes::ROUTES, false);
        for schema in REQUESTS {
            let described = &document["components"]["schemas"][schema.name];
            assert!(read_bytes::<Value>(schema.example.as_bytes(), schema).is_ok(), "{}", schema.name);
            for field in schema.fields {
                let properties = &described["properties"][field.name];
                assert_eq!(properties["description"], field.description);
                let required = described["required"].as_array().unwrap();
                assert_eq!(required.contains(&field.name.into()), field.default == DefaultValue::Required);
                let (inside, outside, stated) = bounds(field);
                for (name, bound) in stated {
                    assert!(states(properties, name, &bound), "{}.{}: {name} {bound}", schema.name, field.name);
                }
                let errors = |value: &Value| {
                    let mut body: Value = serde_json::from_str(schema.example).unwrap();
                    body[field.name] = value.clone();
                    match read_bytes::<Value>(body.to_string().as_bytes(), schema) {
                        Err(crate::body::BodyError::Invalid(errors)) => errors,
                        other => other.map(|_| Vec::new()).unwrap(),
                    }
                };
                for value in inside {
                    assert_eq!(errors(&value), [Value::Null; 0], "{}.{}", schema.name, field.name);
                }
                for value in outside {
                    assert_eq!(errors(&value)[0]["loc"][1], field.name, "{}.{}: {value}", schema.name, field.name);
                }
            }
        }
    }
}
