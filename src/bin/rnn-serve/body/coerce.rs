//! Numbers and truth values as pydantic takes them: from JSON's numbers, from strings, from `true`.

use serde_json::Value;

/// What is wrong with a value: pydantic's name for it and its message.
pub type Wrong = (&'static str, &'static str);

/// An integer of any size that matters: what is larger than 64 bits is as much out of range.
pub fn integer(value: &Value) -> Result<i128, Wrong> {
    match value {
        Value::Bool(truth) => Ok(i128::from(*truth)),
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(integer), ..) => Ok(integer.into()),
            (_, Some(integer), _) => Ok(integer.into()),
            // An integer that no 64 bits hold has become the nearest float, which may be one that they hold.
            (_, _, Some(float)) if float <= i64::MIN as f64 => Ok(i128::MIN),
            (_, _, Some(float)) if float.fract() == 0.0 => Ok(float as i128),
            _ => Err(("int_from_float", "Input should be a valid integer, got a number with a fractional part")),
        },
        Value::String(text) => integer_in(text.trim())
            .ok_or(("int_parsing", "Input should be a valid integer, unable to parse string as an integer")),
        _ => Err(("int_type", "Input should be a valid integer")),
    }
}

/// Digits, single underscores between them, a sign before and nothing but zeros behind the point.
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

pub fn float(value: &Value) -> Result<f64, Wrong> {
    match value {
        Value::Bool(truth) => Ok(f64::from(u8::from(*truth))),
        Value::Number(number) => Ok(number.as_f64().unwrap_or(f64::NAN)),
        Value::String(text) => without_underscores(text.trim())
            .and_then(|plain| plain.parse().ok())
            .ok_or(("float_parsing", "Input should be a valid number, unable to parse string as a number")),
        _ => Err(("float_type", "Input should be a valid number")),
    }
}

/// None where an underscore does not stand between two digits.
fn without_underscores(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    let between = |at: usize| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
    bytes.iter().enumerate().all(|(at, &b)| b != b'_' || between(at)).then(|| text.replace('_', ""))
}

pub fn truth(value: &Value) -> Result<bool, Wrong> {
    let unclear = ("bool_parsing", "Input should be a valid boolean, unable to interpret input");
    match value {
        Value::Bool(truth) => Ok(*truth),
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
