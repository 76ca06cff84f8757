//! Bodies of requests, read as FastAPI and pydantic read them and with their words for every fault: clients show these
//! to people, so they are part of the interface. By hand, since serde stops at the first fault and takes no `"10"` for
//! a number.

mod coerce;
mod json;

use serde_json::{Value, json};

use crate::http::{Request, Response};
use coerce::Wrong;
use json::Unreadable;

/// Why a body cannot be used.
#[derive(Debug)]
pub enum Fault {
    /// It does not say that it is JSON.
    Kind,
    /// It is not UTF-8.
    NotText,
    /// Faults in FastAPI's form, all that there are.
    Faults(Vec<Value>),
}

impl Fault {
    /// As FastAPI puts it.
    pub fn response(self) -> Response {
        match self {
            Fault::Kind => Response::refusal(415, "Content-Type must be application/json"),
            Fault::NotText => Response::refusal(400, "There was an error parsing the body"),
            Fault::Faults(faults) => Response::json(422, &json!({ "detail": faults })),
        }
    }
}

/// Reads a request's body as JSON, then by its fields.
pub fn read<T>(request: &Request, fields: impl FnOnce(&mut Reader) -> T) -> Result<T, Fault> {
    if !is_json(request.header("content-type")) {
        return Err(Fault::Kind);
    }
    read_bytes(&request.body, fields)
}

pub fn read_bytes<T>(bytes: &[u8], fields: impl FnOnce(&mut Reader) -> T) -> Result<T, Fault> {
    let body = match json::read(bytes) {
        Ok(Some(body)) => body,
        Ok(None) => {
            let fault = json!({"type": "missing", "loc": ["body"], "msg": "Field required", "input": null});
            return Err(Fault::Faults(vec![fault]));
        }
        Err(Unreadable::NotText) => return Err(Fault::NotText),
        Err(Unreadable::NotJson(fault)) => return Err(Fault::Faults(vec![fault])),
    };
    if !body.is_object() {
        let msg = "Input should be a valid dictionary or object to extract fields from";
        let fault = json!({"type": "model_attributes_type", "loc": ["body"], "msg": msg, "input": body});
        return Err(Fault::Faults(vec![fault]));
    }
    let mut reader = Reader { is_strict: false, body: &body, faults: Vec::new() };
    let read = fields(&mut reader);
    if reader.faults.is_empty() { Ok(read) } else { Err(Fault::Faults(reader.faults)) }
}

/// As FastAPI: JSON of any kind, or no word about it.
fn is_json(content_type: Option<&str>) -> bool {
    let Some(content_type) = content_type else { return true };
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json")
}

/// Reads field by field and collects the faults. A field that is missing or faulty is None; what nobody asks for is
/// overlooked.
pub struct Reader<'a> {
    /// Only numbers are numbers, and only true and false are truth values.
    pub is_strict: bool,
    body: &'a Value,
    faults: Vec<Value>,
}

impl<'a> Reader<'a> {
    /// The field as it came, where it is there and not null.
    pub fn raw(&self, name: &str) -> Option<&'a Value> {
        self.body.get(name).filter(|value| !value.is_null())
    }

    pub fn missing(&mut self, name: &str) {
        let fault = json!({"type": "missing", "loc": ["body", name], "msg": "Field required", "input": self.body});
        self.faults.push(fault);
    }

    /// A fault at `name`, or further in.
    pub fn fault(&mut self, name: &str, inner: &[Value], kind: &str, msg: &str, input: &Value, ctx: Option<Value>) {
        let loc: Vec<Value> = ["body".into(), name.into()].into_iter().chain(inner.iter().cloned()).collect();
        let mut fault = json!({"type": kind, "loc": loc, "msg": msg, "input": input});
        if let Some(ctx) = ctx {
            fault["ctx"] = ctx;
        }
        self.faults.push(fault);
    }

    /// A fault that a validator of the application finds.
    pub fn value_error(&mut self, name: &str, message: &str) {
        let body: &'a Value = self.body;
        self.fault(
            name,
            &[],
            "value_error",
            &format!("Value error, {message}"),
            &body[name],
            Some(json!({"error": {}})),
        );
    }

    fn field<T>(&mut self, name: &str, types: &[&str], read: impl FnOnce(&Value) -> Result<T, Wrong>) -> Option<T> {
        let body: &'a Value = self.body;
        let input = body.get(name)?;
        let fits = |types: &[&str]| !self.is_strict || types.contains(&type_of(input));
        match read(input) {
            Ok(_) if !fits(types) => {
                let msg = format!("Input should be a valid {}", types[0]);
                self.fault(name, &[], &format!("{}_type", types[0]), &msg, input, None);
                None
            }
            Ok(value) => Some(value),
            Err((kind, msg)) => {
                self.fault(name, &[], kind, msg, input, None);
                None
            }
        }
    }

    /// A field that may also be null.
    pub fn optional<T>(&mut self, name: &str, read: impl FnOnce(&mut Self, &str) -> Option<T>) -> Option<T> {
        if self.body[name].is_null() { None } else { read(self, name) }
    }

    /// A text of at most so many characters.
    pub fn text(&mut self, name: &str, most: usize) -> Option<String> {
        let body: &'a Value = self.body;
        match body.get(name)? {
            input @ Value::String(text) if text.chars().count() > most => {
                let msg = format!("String should have at most {most} characters");
                self.fault(name, &[], "string_too_long", &msg, input, Some(json!({"max_length": most})));
            }
            Value::String(text) => return Some(text.clone()),
            input => self.fault(name, &[], "string_type", "Input should be a valid string", input, None),
        }
        None
    }

    /// The same, and it must be there.
    pub fn required_text(&mut self, name: &str, most: usize) -> String {
        if self.body.get(name).is_none() {
            self.missing(name);
        }
        self.text(name, most).unwrap_or_default()
    }

    /// One text or a list of them.
    pub fn texts(&mut self, name: &str) -> Option<Vec<String>> {
        let body: &'a Value = self.body;
        match body.get(name)? {
            Value::String(text) => return Some(vec![text.clone()]),
            input @ Value::Array(items) => {
                if let Some(texts) = items.iter().map(|item| item.as_str().map(str::to_string)).collect() {
                    return Some(texts);
                }
                self.fault(name, &["str".into()], "string_type", "Input should be a valid string", input, None);
                for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.is_string()) {
                    let inner = ["list[str]".into(), index.into()];
                    self.fault(name, &inner, "string_type", "Input should be a valid string", item, None);
                }
            }
            input => {
                self.fault(name, &["str".into()], "string_type", "Input should be a valid string", input, None);
                self.fault(name, &["list[str]".into()], "list_type", "Input should be a valid list", input, None);
            }
        }
        None
    }

    pub fn truth(&mut self, name: &str) -> Option<bool> {
        self.field(name, &["boolean"], coerce::truth)
    }

    /// At least `ge` and at most `le`.
    pub fn integer(&mut self, name: &str, ge: i128, le: i128) -> Option<i128> {
        let number = self.field(name, &["number"], coerce::integer)?;
        let input = &self.body[name];
        if number > le {
            self.fault(name, &[], "less_than_equal", &at_most(le), input, Some(json!({"le": le as u64})));
        } else if number < ge {
            self.fault(name, &[], "greater_than_equal", &at_least(ge), input, Some(json!({"ge": ge as i64})));
        } else {
            return Some(number);
        }
        None
    }

    /// At least `low`, or above it where it is `exclusive`, and at most `le`; not NaN.
    pub fn float(&mut self, name: &str, low: f64, exclusive: bool, le: f64) -> Option<f64> {
        let number = self.field(name, &["number"], coerce::float)?;
        let input = &self.body[name];
        if number.is_nan() || number > le {
            self.fault(name, &[], "less_than_equal", &at_most(le), input, Some(json!({"le": le})));
        } else if exclusive && number <= low {
            let msg = format!("Input should be greater than {low}");
            self.fault(name, &[], "greater_than", &msg, input, Some(json!({"gt": low})));
        } else if number < low {
            self.fault(name, &[], "greater_than_equal", &at_least(low), input, Some(json!({"ge": low})));
        } else {
            return Some(number);
        }
        None
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        _ => "other",
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
    use super::*;

    #[test]
    fn json_is_what_says_so_or_nothing() {
        for good in ["application/json", "Application/JSON; charset=utf-8", "application/problem+json"] {
            assert!(is_json(Some(good)), "{good}");
        }
        for bad in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", "text/json", ""] {
            assert!(!is_json(Some(bad)), "{bad}");
        }
        assert!(is_json(None));
    }
}
