//! Coerces values to numbers and booleans as pydantic does: from JSON numbers, strings and booleans.

use serde_json::Value;

/// Pydantic's type of an error and its message.
pub type TypeError<'a> = (&'a str, &'a str);

/// Reads an integer. One beyond 64 bits is out of every range, so that its exact value does not matter.
pub fn integer(value: &Value) -> Result<i128, TypeError<'static>> {
    match value {
        Value::Bool(value) => Ok(i128::from(*value)),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(integer), ..) => Ok(integer.into()),
            (_, Some(integer), _) => Ok(integer.into()),
            // serde_json turns an integer beyond 64 bits into the nearest float, which may be -2^63 itself.
            (_, _, Some(float)) if float <= i64::MIN as f64 => Ok(i128::MIN),
            (_, _, Some(float)) if float.fract() == 0.0 => Ok(float as i128),
            _ => Err(("int_from_float", "Input should be a valid integer, got a number with a fractional part")),
        },
        Value::String(text) => integer_in(text.trim())
            .ok_or(("int_parsing", "Input should be a valid integer, unable to parse string as an integer")),
        _ => Err(("int_type", "Input should be a valid integer")),
    }
}

/// Reads digits with single underscores between them, an optional sign, and only zeros after the decimal point.
fn integer_in(text: &str) -> Option<i128> {
    let text = match text.split_once('.') {
        Some((integer, zeros)) if !zeros.is_empty() && zeros.bytes().all(|b| b == b'0') => integer,
        _ => text,
    };
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let plain = without_underscores(digits)?;
    if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let size = plain.parse::<i128>().unwrap_or(i128::MAX);
    Some(if text.starts_with('-') { -size } else { size })
}

pub fn float(value: &Value) -> Result<f64, TypeError<'static>> {
    match value {
        Value::Bool(value) => Ok(f64::from(u8::from(*value))),
        Value::Number(number) => Ok(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => without_underscores(text.trim())
            .and_then(|plain| plain.parse().ok())
            .ok_or(("float_parsing", "Input should be a valid number, unable to parse string as a number")),
        _ => Err(("float_type", "Input should be a valid number")),
    }
}

/// Returns None if an underscore is not between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let between = |at: usize| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    bytes.iter().enumerate().all(|(at, &b)| b != b'_' || between(at)).then(|| text.replace('_', ""))
}

pub fn boolean(value: &Value) -> Result<bool, TypeError<'static>> {
    let unclear = ("bool_parsing", "Input should be a valid boolean, unable to interpret input");
    match value {
        Value::Bool(value) => Ok(*value),
        Value::Number(number) => match number.as_f64() {
            Some(0.0) => Ok(false),
            Some(1.0) => Ok(true),
            Some(other) if other.fract() == 0.0 => Err(unclear),
            _ => Err(("bool_type", "Input should be a valid boolean")),
        },
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "1" | "true" | "t" | "yes" | "y" | "on" => Ok(true),
            "0" | "false" | "f" | "no" | "n" | "off" => Ok(false),
            _ => Err(unclear),
        },
        _ => Err(("bool_type", "Input should be a valid boolean")),
    }
}
