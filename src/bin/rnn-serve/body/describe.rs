//! The fields of a request as JSON Schema.

use serde_json::{Map, Value, json};

use super::field::{DefaultValue, Field, Kind, Schema};

/// The string forms of a boolean that schema-driven clients should know; case does not matter.
const BOOLEAN_WORDS: [&str; 14] =
    ["0", "1", "true", "false", "True", "False", "yes", "no", "on", "off", "t", "f", "y", "n"];

impl Schema {
    pub fn describe(&self) -> Value {
        let properties: Map<String, Value> =
            self.fields.iter().map(|field| (field.name.to_string(), field.describe(self.is_strict))).collect();
        let required = self.fields.iter().filter(|field| field.default == DefaultValue::Required);
        let required: Vec<&str> = required.map(|field| field.name).collect();
        let example: Value = serde_json::from_str(self.example).expect("a test parses it");
        json!({"type": "object", "required": required, "properties": properties, "example": example})
    }
}

impl Field {
    fn describe(&self, is_strict: bool) -> Value {
        let mut schemas = self.kind.schemas();
        if !is_strict {
            schemas.extend(self.kind.coerced());
        }
        let is_nullable = self.is_nullable(is_strict);
        let mut schema = match schemas.as_mut_slice() {
            [only] => {
                if is_nullable {
                    only["type"] = json!([only["type"], "null"]);
                }
                only.take()
            }
            _ => {
                schemas.extend(is_nullable.then(|| json!({"type": "null"})));
                json!({ "anyOf": schemas })
            }
        };
        schema["description"] = self.description.into();
        if self.default != DefaultValue::Required {
            schema["default"] = self.default.value();
        }
        schema
    }
}

impl Kind {
    fn schemas(self) -> Vec<Value> {
        let text = |max_length: usize| match max_length {
            usize::MAX => json!({"type": "string"}),
            _ => json!({"type": "string", "maxLength": max_length}),
        };
        vec![match self {
            Kind::Boolean => json!({"type": "boolean"}),
            Kind::Integer { min, max: i128::MAX } => json!({"type": "integer", "minimum": min as i64}),
            Kind::Integer { min, max } => json!({"type": "integer", "minimum": min as i64, "maximum": max as u64}),
            Kind::Number { min, max } => json!({"type": "number", "minimum": min, "maximum": max}),
            Kind::Positive { max } => json!({"type": "number", "exclusiveMinimum": 0, "maximum": max}),
            Kind::Text { max_length } => text(max_length),
            Kind::Texts { max_items, max_length } => {
                return vec![
                    text(max_length),
                    json!({"type": "array", "items": text(max_length), "maxItems": max_items}),
                ];
            }
            Kind::Other { schemas, .. } => return schemas(),
        }]
    }

    /// Returns schemas of values of other JSON types that pydantic converts to this type.
    fn coerced(self) -> Vec<Value> {
        let string = |pattern: String| json!({"type": "string", "pattern": format!("^({pattern})$")});
        let (boolean, only_true) = (json!({"type": "boolean"}), json!({"const": true}));
        match self {
            Kind::Boolean => {
                let forms: Vec<Value> =
                    [0, 1].map(Value::from).into_iter().chain(BOOLEAN_WORDS.map(Value::from)).collect();
                vec![json!({ "enum": forms })]
            }
            Kind::Integer { min: 0, max } => vec![string(format!("0|{}", up_to(max))), boolean],
            Kind::Integer { max, .. } => vec![string(up_to(max)), only_true],
            Kind::Number { max, .. } => vec![string(format!(r"0(\.[0-9]{{1,9}})?|{}", decimals(max))), boolean],
            Kind::Positive { max } => vec![string(format!(r"0\.[0-9]{{0,8}}[1-9]|{}", decimals(max))), only_true],
            _ => Vec::new(),
        }
    }
}

/// Returns a pattern for the numbers from 1 to `max`, which must be an integer.
fn decimals(max: f64) -> String {
    let below = if max > 1.0 { format!(r"({})(\.[0-9]{{1,9}})?|", up_to(max as i128 - 1)) } else { String::new() };
    format!(r"{below}{max}(\.0{{1,9}})?")
}

/// Returns a pattern for the integers from 1 to `max`.
fn up_to(max: i128) -> String {
    let digits = max.to_string();
    // For a large maximum, integers with fewer digits are sufficient.
    if digits.len() > 6 {
        return format!("[1-9][0-9]{{0,{}}}", digits.len().min(32) - 2);
    }
    let mut alternatives = Vec::new();
    if digits.len() > 1 {
        alternatives.push(format!("[1-9][0-9]{{0,{}}}", digits.len() - 2));
    }
    for (at, digit) in digits.bytes().map(|digit| digit - b'0').enumerate() {
        let lowest = u8::from(at == 0);
        if digit > lowest {
            let free = digits.len() - at - 1;
            alternatives.push(format!("{}[{lowest}-{}][0-9]{{{free}}}", &digits[..at], digit - 1));
        }
    }
    alternatives.push(digits);
    alternatives.join("|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_exactly_the_integers_of_the_range() {
        for max in [1, 9, 10, 16, 99, 100, 305, 1000] {
            let pattern = regex::Regex::new(&format!("^({})$", up_to(max))).unwrap();
            for number in 0..2 * max {
                assert_eq!(pattern.is_match(&number.to_string()), (1..=max).contains(&number), "{number} of {max}");
            }
        }
    }

    #[test]
    fn patterns_of_decimals_end_at_the_maximum() {
        let pattern = regex::Regex::new(&format!("^({})$", decimals(10.0))).unwrap();
        assert!(["1", "9.5", "10", "10.000"].iter().all(|number| pattern.is_match(number)));
        assert!(!["0", "10.1", "11", "9."].iter().any(|number| pattern.is_match(number)));
    }
}
