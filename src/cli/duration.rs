//! Durations on the command line: `90s`, `10m`, `2h`, `1h30m`; a plain number is in seconds.

use std::time::Duration;

use crate::error::{Error, Result};

/// About a hundred years; anything longer is a typing error.
const MAX_SECONDS: f64 = 3e9;

/// Parses a duration above zero.
pub fn parse(text: &str) -> Result<Duration> {
    let invalid = || Error::usage("must be a duration such as 90s, 10m or 1h30m");
    let (mut seconds, mut rest) = (0.0, text);
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number: f64 = rest[..end].parse().map_err(|_| invalid())?;
        let mut letters = rest[end..].chars();
        seconds += number
            * match letters.next() {
                None if rest == text => 1.0,
                Some('s') => 1.0,
                Some('m') => 60.0,
                Some('h') => 3600.0,
                Some('d') => 86_400.0,
                _ => return Err(invalid()),
            };
        rest = letters.as_str();
    }
    if seconds > 0.0 && seconds <= MAX_SECONDS { Ok(Duration::from_secs_f64(seconds)) } else { Err(invalid()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_units() {
        for (text, seconds) in [("90", 90.0), ("90s", 90.0), ("1.5m", 90.0), ("2h", 7200.0), ("1h30m", 5400.0)] {
            assert_eq!(parse(text).unwrap(), Duration::from_secs_f64(seconds), "{text}");
        }
        for text in ["", "0", "-1", "s", "1x", "1h30", "1e3", "nan", "9999999999999d", "1 m", "1é"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
