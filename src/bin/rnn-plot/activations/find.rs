//! Finds the units whose activations correlate most with a feature of the text.

use regex::Regex;
use rnn_tools::error::{Error, Result};

use super::probe::Probe;

/// A feature of the text that a unit may track.
pub enum Feature {
    /// Whether a quotation is open.
    Quotes,
    /// How many brackets are open.
    Brackets,
    /// Characters since the last line break.
    LineLength,
    /// Whether the token is part of a match.
    Pattern(Regex),
}

impl Feature {
    pub fn parse(what: &str) -> Result<Self> {
        Ok(match what {
            "quotes" => Self::Quotes,
            "brackets" => Self::Brackets,
            "line-length" => Self::LineLength,
            pattern => Self::Pattern(Regex::new(pattern).map_err(|e| {
                let reason = e.to_string().lines().last().unwrap_or_default().replace("error: ", "");
                Error::usage(format!("--find {pattern:?} is not a regular expression: {reason}"))
                    .hint("it can also be quotes, brackets or line-length")
            })?),
        })
    }

    /// The value of the feature for each piece: at its last character, or for a pattern at any character.
    pub fn signal(&self, pieces: &[String]) -> Vec<f64> {
        if let Self::Pattern(pattern) = self {
            return matches(pattern, pieces);
        }
        let (mut open, mut depth, mut column) = (false, 0.0, 0.0);
        let mut after = |piece: &String| {
            for letter in piece.chars() {
                match letter {
                    '“' | '«' => open = true,
                    '”' | '»' => open = false,
                    '"' => open = !open,
                    '(' | '[' | '{' => depth += 1.0,
                    ')' | ']' | '}' => depth = f64::max(depth - 1.0, 0.0),
                    _ => {}
                }
                column = if letter == '\n' { 0.0 } else { column + 1.0 };
            }
            match self {
                Self::Quotes => f64::from(u8::from(open)),
                Self::Brackets => depth,
                _ => column,
            }
        };
        pieces.iter().map(&mut after).collect()
    }
}

fn matches(pattern: &Regex, pieces: &[String]) -> Vec<f64> {
    let text = pieces.concat();
    let mut found = pattern.find_iter(&text).map(|found| found.range()).filter(|range| !range.is_empty()).peekable();
    let mut start = 0;
    let mut inside = |piece: &String| {
        let end = start + piece.len();
        while found.peek().is_some_and(|range| range.end <= start) {
            found.next();
        }
        let is_in = found.peek().is_some_and(|range| range.start < end);
        start = end;
        f64::from(u8::from(is_in))
    };
    pieces.iter().map(&mut inside).collect()
}

/// Returns all units (layer and number, from 1) with their correlations, strongest first.
pub fn find(probe: &Probe, feature: &Feature) -> Result<Vec<((usize, usize), f64)>> {
    let signal = feature.signal(&probe.pieces);
    let number = signal.len() as f64;
    let mean = signal.iter().sum::<f64>() / number;
    let variance = signal.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / number;
    if variance == 0.0 {
        return Err(
            Error::failure("the feature has the same value at every token of this text").hint("give a longer text")
        );
    }
    // per unit, the sums of its values, their squares, and their products with the signal
    let mut sums: Vec<Vec<[f64; 3]>> = Vec::new();
    for layer in 1..=probe.layers() {
        sums.push(vec![[0.0; 3]; probe.units(layer)?]);
    }
    probe.read(usize::MAX, |i, view| {
        for (layer, sums) in (1..).zip(&mut sums) {
            for (sum, value) in sums.iter_mut().zip(view.layer(layer)) {
                let value = f64::from(value);
                let more = [value, value * value, value * (signal[i] - mean)];
                sum.iter_mut().zip(more).for_each(|(sum, more)| *sum += more);
            }
        }
    });
    let correlation = |[sum, square, product]: [f64; 3]| {
        let spread = (square / number - (sum / number).powi(2)).max(0.0);
        if spread < 1e-12 { 0.0 } else { product / number / (spread * variance).sqrt() }
    };
    let layers = (1..).zip(sums);
    let mut all: Vec<((usize, usize), f64)> = layers
        .flat_map(|(layer, sums)| (1..).zip(sums).map(move |(unit, sums)| ((layer, unit), correlation(sums))))
        .collect();
    all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(what: &str, pieces: &[&str]) -> Vec<f64> {
        let pieces: Vec<String> = pieces.iter().map(|piece| piece.to_string()).collect();
        Feature::parse(what).unwrap().signal(&pieces)
    }

    #[test]
    fn features_are_measured_after_each_piece() {
        assert_eq!(signal("quotes", &["He: ", "“", "Go", ".”", " \"", "a", "\""]), [0.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0]);
        assert_eq!(signal("brackets", &["(a", "[", "]", "))", ")", "{"]), [1.0, 2.0, 1.0, 0.0, 0.0, 1.0]);
        assert_eq!(signal("line-length", &["ab", "é", "c\nd", "\n"]), [2.0, 3.0, 1.0, 0.0]);
    }

    #[test]
    fn a_pattern_marks_every_piece_that_it_overlaps() {
        assert_eq!(signal("[0-9]+ b", &["a", " 1", "2", " ", "b", "c 3 b"]), [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(signal("x*", &["a", "xx", "b"]), [0.0, 1.0, 0.0]);
        assert!(Feature::parse("(").is_err());
    }
}
