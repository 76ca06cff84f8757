//! Validation of a body by its table of fields, with pydantic's types and messages for every error.

use std::fmt::Display;

use serde_json::{Map, Value, json};

use super::coerce::{self, TypeError};
use super::field::{DefaultValue, Field, Kind, Schema};

const NOT_A_STRING: TypeError<'static> = ("string_type", "Input should be a valid string");

/// Returns the fields that have a value, coerced to their types, or all errors.
pub fn validate(body: &Value, schema: &Schema) -> Result<Value, Vec<Value>> {
    let mut validator = Validator { is_strict: schema.is_strict, body, errors: Vec::new() };
    let mut values = Map::new();
    for field in schema.fields {
        if let Some(value) = validator.field(field) {
            values.insert(field.name.to_string(), value);
        }
    }
    if validator.errors.is_empty() { Ok(values.into()) } else { Err(validator.errors) }
}

/// Collects the errors. An absent or invalid field is None; unknown fields are ignored.
struct Validator<'a> {
    is_strict: bool,
    body: &'a Value,
    errors: Vec<Value>,
}

impl Validator<'_> {
    fn field(&mut self, field: &Field) -> Option<Value> {
        let given = self.body.get(field.name);
        let is_absent = given.is_none_or(|value| value.is_null() && field.is_nullable(self.is_strict));
        if !is_absent {
            return self.value(field, given?);
        }
        match field.default {
            DefaultValue::Required => {
                let body = self.body;
                self.error(field.name, &[], ("missing", "Field required"), body, None)
            }
            DefaultValue::Null => None,
            default => self.value(field, &default.value()),
        }
    }

    fn value(&mut self, field: &Field, input: &Value) -> Option<Value> {
        let name = field.name;
        match field.kind {
            Kind::Boolean => self.typed(name, "boolean", input, coerce::boolean).map(Value::from),
            Kind::Integer { min, max } => {
                let number = self.typed(name, "number", input, coerce::integer)?;
                if number > max {
                    return self.too_large(name, input, max, json!(max as u64));
                }
                if number < min {
                    return self.too_small(name, input, min, json!(min as i64));
                }
                Some(
                    i64::try_from(number)
                        .map_or_else(|_| u64::try_from(number).unwrap_or(u64::MAX).into(), Value::from),
                )
            }
            Kind::Number { min, max } => {
                let number = self.typed(name, "number", input, coerce::float)?;
                if number.is_nan() || number > max {
                    return self.too_large(name, input, max, json!(max));
                }
                if number < min {
                    return self.too_small(name, input, min, json!(min));
                }
                Some(number.into())
            }
            Kind::Positive { max } => {
                let number = self.typed(name, "number", input, coerce::float)?;
                if number.is_nan() || number > max {
                    return self.too_large(name, input, max, json!(max));
                }
                if number <= 0.0 {
                    let error = ("greater_than", "Input should be greater than 0");
                    return self.error(name, &[], error, input, Some(json!({"gt": 0.0})));
                }
                Some(number.into())
            }
            Kind::Text { max_length } => self.text(name, max_length, input),
            Kind::Texts { max_items, max_length } => self.texts(name, max_items, max_length, input),
            Kind::Other { read, .. } => match read(input) {
                Ok(value) => Some(value),
                Err(message) => self.value_error(name, input, &message),
            },
        }
    }

    /// Reads a value. If the schema is strict, a value of another type than `expected` is an error.
    fn typed<T>(
        &mut self,
        name: &str,
        expected: &str,
        input: &Value,
        read: impl FnOnce(&Value) -> Result<T, TypeError<'static>>,
    ) -> Option<T> {
        let is_expected = match input {
            Value::Bool(_) => expected == "boolean",
            Value::Number(_) => expected == "number",
            _ => false,
        };
        match read(input) {
            Ok(_) if self.is_strict && !is_expected => {
                let (kind, message) = (format!("{expected}_type"), format!("Input should be a valid {expected}"));
                self.error(name, &[], (&kind, &message), input, None)
            }
            Ok(value) => Some(value),
            Err(error) => self.error(name, &[], error, input, None),
        }
    }

    fn text(&mut self, name: &str, max_length: usize, input: &Value) -> Option<Value> {
        match input {
            Value::String(text) if text.chars().count() > max_length => {
                let message = format!("String should have at most {max_length} characters");
                self.error(name, &[], ("string_too_long", &message), input, Some(json!({"max_length": max_length})))
            }
            Value::String(_) => Some(input.clone()),
            _ => self.error(name, &[], NOT_A_STRING, input, None),
        }
    }

    /// Returns a list, even for a single text.
    fn texts(&mut self, name: &str, max_items: usize, max_length: usize, input: &Value) -> Option<Value> {
        let texts = match input {
            Value::String(_) => vec![input.clone()],
            Value::Array(items) if items.iter().all(Value::is_string) => items.clone(),
            Value::Array(items) => {
                self.error::<()>(name, &["str".into()], NOT_A_STRING, input, None);
                for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.is_string()) {
                    self.error::<()>(name, &["list[str]".into(), index.into()], NOT_A_STRING, item, None);
                }
                return None;
            }
            _ => {
                self.error::<()>(name, &["str".into()], NOT_A_STRING, input, None);
                let not_a_list = ("list_type", "Input should be a valid list");
                return self.error(name, &["list[str]".into()], not_a_list, input, None);
            }
        };
        let is_long = |text: &Value| text.as_str().is_some_and(|text| text.chars().count() > max_length);
        if texts.len() > max_items || texts.iter().any(is_long) {
            let message = format!("at most {max_items} texts of at most {max_length} characters");
            return self.value_error(name, input, &message);
        }
        Some(texts.into())
    }

    fn too_large<T>(&mut self, name: &str, input: &Value, max: impl Display, limit: Value) -> Option<T> {
        let message = format!("Input should be less than or equal to {max}");
        self.error(name, &[], ("less_than_equal", &message), input, Some(json!({ "le": limit })))
    }

    fn too_small<T>(&mut self, name: &str, input: &Value, min: impl Display, limit: Value) -> Option<T> {
        let message = format!("Input should be greater than or equal to {min}");
        self.error(name, &[], ("greater_than_equal", &message), input, Some(json!({ "ge": limit })))
    }

    /// Records an error that a custom pydantic validator would raise.
    fn value_error<T>(&mut self, name: &str, input: &Value, message: &str) -> Option<T> {
        let message = format!("Value error, {message}");
        self.error(name, &[], ("value_error", &message), input, Some(json!({"error": {}})))
    }

    /// Records an error at `name`, or at `inner` within it. Returns None, which the caller can return.
    fn error<T>(
        &mut self,
        name: &str,
        inner: &[Value],
        (kind, message): (&str, &str),
        input: &Value,
        context: Option<Value>,
    ) -> Option<T> {
        let location: Vec<Value> = ["body".into(), name.into()].into_iter().chain(inner.iter().cloned()).collect();
        let mut error = json!({"type": kind, "loc": location, "msg": message, "input": input});
        if let Some(context) = context {
            error["ctx"] = context;
        }
        self.errors.push(error);
        None
    }
}
