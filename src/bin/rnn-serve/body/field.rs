//! The fields of a request, declared once: reading, validation, the limits in `/model/info` and the OpenAPI description
//! all come from these tables.

use serde_json::{Map, Value, json};

/// The object that the body of a request must be.
pub struct Schema {
    /// Its name in the OpenAPI description.
    pub name: &'static str,
    /// In the order in which errors are reported.
    pub fields: &'static [Field],
    /// If true, as in OpenAI's API, only JSON numbers are numbers, only true and false are booleans, and null means the
    /// default. If false, as in FastAPI, `"10"` is a number too.
    pub is_strict: bool,
    /// An example of a body, as JSON.
    pub example: &'static str,
}

#[derive(Clone, Copy)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    pub default: DefaultValue,
    pub description: &'static str,
}

/// The type of a field and its range. Bounds are inclusive unless stated.
#[derive(Clone, Copy)]
pub enum Kind {
    Boolean,
    /// A `max` of `i128::MAX` means no maximum.
    Integer {
        min: i128,
        max: i128,
    },
    Number {
        min: f64,
        max: f64,
    },
    /// Above 0.
    Positive {
        max: f64,
    },
    /// `max_length` in characters; `usize::MAX` means no maximum.
    Text {
        max_length: usize,
    },
    /// A text or a list of texts.
    Texts {
        max_items: usize,
        max_length: usize,
    },
    /// Any other JSON: its alternative OpenAPI schemas, and a function that reads it or returns an error message.
    Other {
        schemas: fn() -> Vec<Value>,
        read: fn(&Value) -> Result<Value, String>,
    },
}

#[derive(Clone, Copy, PartialEq)]
pub enum DefaultValue {
    Required,
    /// No value; null means the same.
    Null,
    Boolean(bool),
    Integer(i64),
    Number(f64),
    Text(&'static str),
}

impl Field {
    const fn new(name: &'static str, kind: Kind, description: &'static str) -> Self {
        Self { name, kind, default: DefaultValue::Null, description }
    }

    pub const fn boolean(name: &'static str, description: &'static str) -> Self {
        Self::new(name, Kind::Boolean, description).default(DefaultValue::Boolean(false))
    }

    pub const fn integer(name: &'static str, min: i128, max: i128, description: &'static str) -> Self {
        Self::new(name, Kind::Integer { min, max }, description)
    }

    pub const fn number(name: &'static str, min: f64, max: f64, description: &'static str) -> Self {
        Self::new(name, Kind::Number { min, max }, description)
    }

    pub const fn positive(name: &'static str, max: f64, description: &'static str) -> Self {
        Self::new(name, Kind::Positive { max }, description)
    }

    pub const fn text(name: &'static str, max_length: usize, description: &'static str) -> Self {
        Self::new(name, Kind::Text { max_length }, description)
    }

    pub const fn texts(name: &'static str, max_items: usize, max_length: usize, description: &'static str) -> Self {
        Self::new(name, Kind::Texts { max_items, max_length }, description)
    }

    pub const fn other(
        name: &'static str,
        schemas: fn() -> Vec<Value>,
        read: fn(&Value) -> Result<Value, String>,
        description: &'static str,
    ) -> Self {
        Self::new(name, Kind::Other { schemas, read }, description)
    }

    /// Sets the default.
    #[must_use]
    pub const fn default(mut self, default: DefaultValue) -> Self {
        self.default = default;
        self
    }

    /// Whether null is accepted.
    pub fn is_nullable(&self, is_strict: bool) -> bool {
        self.default == DefaultValue::Null || is_strict && self.default != DefaultValue::Required
    }

    /// Returns the bounds under pydantic's names and the default, or None for a field without bounds.
    pub fn limits(&self) -> Option<Value> {
        let mut limits = match self.kind {
            Kind::Integer { min, max: i128::MAX } => json!({"ge": min as i64}),
            Kind::Integer { min, max } => json!({"ge": min as i64, "le": max as u64}),
            Kind::Number { min, max } => json!({"ge": min, "le": max}),
            Kind::Positive { max } => json!({"gt": 0.0, "le": max}),
            Kind::Text { max_length } if max_length < usize::MAX => json!({"max_length": max_length}),
            Kind::Texts { max_items, max_length } => json!({"max_items": max_items, "max_length": max_length}),
            _ => return None,
        };
        if !matches!(self.default, DefaultValue::Required | DefaultValue::Null) {
            limits["default"] = self.default.value();
        }
        Some(limits)
    }
}

impl DefaultValue {
    pub fn value(self) -> Value {
        match self {
            DefaultValue::Required | DefaultValue::Null => Value::Null,
            DefaultValue::Boolean(value) => value.into(),
            DefaultValue::Integer(value) => value.into(),
            DefaultValue::Number(value) => value.into(),
            DefaultValue::Text(value) => value.into(),
        }
    }
}

impl Schema {
    /// Returns the limits of all fields by name.
    pub fn limits(&self) -> Map<String, Value> {
        self.fields.iter().filter_map(|field| Some((field.name.to_string(), field.limits()?))).collect()
    }
}
