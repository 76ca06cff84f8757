//! Request bodies, validated as FastAPI and pydantic would and with their messages, which clients show to users. serde
//! alone is not enough: it stops at the first error and does not read `"10"` as a number.

mod coerce;
mod describe;
pub mod field;
mod validate;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::http::{Request, Response};
use field::Schema;

/// Why a body cannot be used.
#[derive(Debug)]
pub enum BodyError {
    /// Its Content-Type is not JSON.
    MediaType,
    NotUtf8,
    /// All errors, in FastAPI's form.
    Invalid(Vec<Value>),
}

impl BodyError {
    /// Returns FastAPI's response to this error.
    pub fn response(self) -> Response {
        match self {
            BodyError::MediaType => Response::refusal(415, "Content-Type must be application/json"),
            BodyError::NotUtf8 => Response::refusal(400, "There was an error parsing the body"),
            BodyError::Invalid(errors) => Response::json(422, &json!({ "detail": errors })),
        }
    }
}

/// Reads the body of a request by its table of fields.
pub fn read<T: DeserializeOwned>(request: &Request, schema: &Schema) -> Result<T, BodyError> {
    if !is_json(request.header("content-type")) {
        return Err(BodyError::MediaType);
    }
    read_bytes(&request.body, schema)
}

pub fn read_bytes<T: DeserializeOwned>(bytes: &[u8], schema: &Schema) -> Result<T, BodyError> {
    let body = parse(bytes)?;
    if !body.is_object() {
        let message = "Input should be a valid dictionary or object to extract fields from";
        return Err(invalid(json!({"type": "model_attributes_type", "loc": ["body"], "msg": message, "input": body})));
    }
    let values = validate::validate(&body, schema).map_err(BodyError::Invalid)?;
    Ok(serde_json::from_value(values).expect("validated values have the types of the fields"))
}

fn parse(bytes: &[u8]) -> Result<Value, BodyError> {
    let text = std::str::from_utf8(bytes).map_err(|_| BodyError::NotUtf8)?;
    if text.is_empty() {
        return Err(invalid(json!({"type": "missing", "loc": ["body"], "msg": "Field required", "input": null})));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        invalid(json!({
            "type": "json_invalid",
            "loc": ["body", character(text, &error)],
            "msg": "JSON decode error",
            "input": {},
            "ctx": {"error": message},
        }))
    })
}

/// Returns the index of the character at which a JSON error was found.
fn character(text: &str, error: &serde_json::Error) -> usize {
    let line_start: usize = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum();
    let byte = (line_start + error.column()).saturating_sub(1);
    text.char_indices().take_while(|&(at, _)| at < byte).count()
}

fn invalid(error: Value) -> BodyError {
    BodyError::Invalid(vec![error])
}

/// Accepts any JSON media type, or no Content-Type at all, as FastAPI does.
fn is_json(content_type: Option<&str>) -> bool {
    let Some(content_type) = content_type else { return true };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_recognized_by_its_media_type() {
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
            assert!(is_json(Some(good)), "{good}");
        }
        for bad in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/json", ""] {
            assert!(!is_json(Some(bad)), "{bad}");
        }
        assert!(is_json(None));
    }

    #[test]
    fn syntax_errors_are_located_by_character() {
        let location = |body: &str| match parse(body.as_bytes()) {
            Err(BodyError::Invalid(errors)) => errors[0]["loc"][1].as_u64().unwrap(),
            other => panic!("{other:?}"),
        };
        assert_eq!(location(r#"{"é": }"#), 6);
        assert!((7..=12).contains(&location("{\"é\":\n [1e999]}")));
        for body in ["NaN", r#"{"a":-Infinity}"#, r#""\ud800""#, &"[".repeat(200)] {
            location(body);
        }
    }

    #[test]
    fn a_byte_order_mark_is_skipped_and_other_encodings_are_refused() {
        assert!(parse("\u{feff}{}".as_bytes()).is_ok());
        assert!(matches!(parse(b"\"\xff\""), Err(BodyError::NotUtf8)));
    }

    #[test]
    fn fuzzed_requests() {
        crate::mutate::round("request", 1500, |bytes| {
            for schema in crate::openapi::REQUESTS {
                match read_bytes::<Value>(bytes, schema) {
                    Ok(values) => assert!(values.is_object()),
                    Err(BodyError::Invalid(errors)) => assert!(!errors.is_empty()),
                    Err(_) => {}
                }
            }
        });
    }
}
