//! Splitting a text into training, validation and test parts.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};

/// The boundaries at which a text may be split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SplitBy {
    /// Anywhere, so that the fractions are exact
    #[default]
    Token,
    /// Between documents: files, or lines or rows with --lines or --column
    Document,
    /// Before chapter headings, and between files
    Chapter,
}

/// Fractions of a text to hold out from its end; both in [0, 1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Split {
    pub valid: f64,
    pub test: f64,
    pub by: SplitBy,
}

impl Split {
    pub fn check(&self) -> Result<()> {
        let in_range = |fraction: f64| (0.0..1.0).contains(&fraction);
        if !in_range(self.valid) || !in_range(self.test) || self.valid + self.test >= 1.0 {
            return Err(Error::usage("the held-out fractions must each be at least 0 and add up to less than 1"));
        }
        Ok(())
    }

    /// Returns the contiguous ranges for training, validation and testing. The text has `total` tokens, and its
    /// documents start at `starts`.
    pub fn ranges(&self, total: u64, starts: &[u64]) -> Result<[Range<u64>; 3]> {
        let tokens = |fraction: f64| (total as f64 * fraction) as u64;
        let (mut test, mut valid) = (total - tokens(self.test), total - tokens(self.test) - tokens(self.valid));
        if self.by != SplitBy::Token {
            let unit = if self.by == SplitBy::Chapter { "chapters" } else { "documents" };
            let too_few = || {
                Error::failure(format!("the text has too few {unit} to split between them"))
                    .hint("--split-by token splits it anywhere")
            };
            // The training part and each requested held-out part get at least one document.
            let nearest = |position: u64, from: u64, to: u64| {
                let allowed = starts.iter().copied().filter(|&start| start > from && start < to);
                allowed.min_by_key(|start| start.abs_diff(position)).ok_or_else(too_few)
            };
            if self.test > 0.0 {
                let before =
                    if self.valid > 0.0 { starts.iter().copied().find(|&start| start > 0).unwrap_or(0) } else { 0 };
                test = nearest(test, before, total)?;
            }
            valid = if self.valid > 0.0 { nearest(valid, 0, test)? } else { test };
            let (held_out, wanted) = ((total - valid) as f64 / total as f64, self.valid + self.test);
            if held_out > 0.5 && held_out > wanted + 0.1 {
                let reason = format!(
                    "the text has too few {unit}: splitting between them would hold out {:.0} % of it instead of {:.0} %",
                    100.0 * held_out,
                    100.0 * wanted
                );
                return Err(Error::failure(reason).hint("--split-by token splits it anywhere"));
            }
        }
        Ok([0..valid, valid..test, test..total])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fractions_are_exact_between_tokens_and_approximate_between_documents() {
        let split = |valid, test, by| Split { valid, test, by };
        let token = split(0.1, 0.05, SplitBy::Token);
        assert_eq!(token.ranges(100, &[]).unwrap(), [0..85, 85..95, 95..100]);
        let starts = [0, 50, 70, 92];
        assert_eq!(split(0.1, 0.05, SplitBy::Document).ranges(100, &starts).unwrap(), [0..70, 70..92, 92..100]);
        assert_eq!(split(0.1, 0.0, SplitBy::Document).ranges(100, &starts).unwrap(), [0..92, 92..100, 100..100]);
        assert_eq!(split(0.0, 0.4, SplitBy::Document).ranges(100, &starts).unwrap(), [0..50, 50..50, 50..100]);
        assert_eq!(split(0.0, 0.0, SplitBy::Chapter).ranges(100, &[0]).unwrap(), [0..100, 100..100, 100..100]);
        assert_eq!(split(0.3, 0.6, SplitBy::Document).ranges(100, &[0, 98, 99]).unwrap(), [0..98, 98..99, 99..100]);
        let refused = split(0.1, 0.0, SplitBy::Chapter).ranges(100, &[0, 7]).unwrap_err().to_string();
        assert!(refused.contains("hold out 93 % of it instead of 10 %"), "{refused}");
        assert_eq!(split(0.5, 0.0, SplitBy::Document).ranges(100, &[0, 45]).unwrap()[1], 45..100);
        for few in [&[][..], &[0], &[0, 50]] {
            assert!(split(0.1, 0.1, SplitBy::Document).ranges(100, few).is_err());
        }
    }

    #[test]
    fn impossible_fractions_are_refused() {
        for (valid, test) in [(1.0, 0.0), (0.5, 0.5), (f64::NAN, 0.0), (-0.1, 0.0)] {
            assert!(Split { valid, test, by: SplitBy::Token }.check().is_err());
        }
    }
}
