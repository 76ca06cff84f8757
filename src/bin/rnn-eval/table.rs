//! Standard output: a table with a header, or JSON lines with the same fields.

use std::io::{IsTerminal, Write};

use rnn_tools::error::{Error, Result};
use rnn_tools::evaluate::{Metrics, Piece, TokenScore};
use rnn_tools::io;
use serde_json::{Map, Value, json};

use crate::rank::Candidate;

pub struct Table {
    out: std::io::BufWriter<std::io::StdoutLock<'static>>,
    terminal: bool,
    json: bool,
    has_header: bool,
}

impl Table {
    pub fn new(json: bool) -> Self {
        let stdout = std::io::stdout().lock();
        let terminal = stdout.is_terminal();
        Self { out: std::io::BufWriter::new(stdout), terminal, json, has_header: false }
    }

    /// `names`: model, text and predictor.
    pub fn metrics(
        &mut self,
        names: [&str; 3],
        metrics: &Metrics,
        unknown_words: Option<&[(String, usize)]>,
    ) -> Result<()> {
        let mut fields = fields(["model", "text", "predictor"], names);
        if let Value::Object(metrics) = json!(metrics) {
            fields.extend(metrics);
        }
        if let Some(words) = unknown_words.filter(|_| self.json) {
            fields.insert("unknown_words".into(), json!(words));
        }
        self.row(fields)
    }

    /// `names`: model and text. `position` counts from 1.
    pub fn token(&mut self, names: [&str; 2], position: usize, piece: &Piece, score: &TokenScore) -> Result<()> {
        let mut fields = fields(["model", "text"], names);
        fields.insert("position".into(), position.into());
        fields.insert("token".into(), piece.text.as_str().into());
        fields.insert("id".into(), piece.id.into());
        fields.insert("log_likelihood".into(), score.log_likelihood.into());
        fields.insert("probability".into(), score.log_likelihood.exp().into());
        fields.insert("rank".into(), score.rank.into());
        self.row(fields)
    }

    pub fn candidate(&mut self, candidate: &Candidate) -> Result<()> {
        let mut fields = Map::new();
        fields.insert("log_likelihood_per_token".into(), candidate.per_token().into());
        fields.insert("log_likelihood".into(), candidate.log_likelihood.into());
        fields.insert("tokens".into(), candidate.tokens.into());
        fields.insert("unknown".into(), candidate.unknown.into());
        fields.insert("line".into(), candidate.line.into());
        self.row(fields)
    }

    pub fn finish(&mut self) -> Result<()> {
        self.out.flush().map_err(Error::stdout)
    }

    fn row(&mut self, fields: Map<String, Value>) -> Result<()> {
        if self.json {
            return writeln!(self.out, "{}", Value::Object(fields)).map_err(Error::stdout);
        }
        if !std::mem::replace(&mut self.has_header, true) {
            let names: Vec<&str> = fields.keys().map(String::as_str).collect();
            writeln!(self.out, "{}", names.join("\t")).map_err(Error::stdout)?;
        }
        let cells: Vec<String> = fields.values().map(cell).collect();
        let row = cells.join("\t");
        let shown = if self.terminal { io::for_terminal(&row) } else { row };
        writeln!(self.out, "{shown}").map_err(Error::stdout)
    }
}

fn fields<const N: usize>(keys: [&str; N], values: [&str; N]) -> Map<String, Value> {
    keys.iter().zip(values).map(|(key, value)| ((*key).to_string(), json!(value))).collect()
}

/// Formats a cell: numbers with six decimals, small ones in scientific notation; tabs and line breaks escaped.
fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => {
            text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n").replace('\r', "\\r")
        }
        Value::Number(number) if number.is_f64() => match number.as_f64().unwrap_or(f64::NAN) {
            small if small != 0.0 && small.abs() < 1e-3 => format!("{small:.6e}"),
            number => format!("{number:.6}"),
        },
        // JSON has no NaN.
        Value::Null => "nan".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_formatted_and_escaped() {
        assert_eq!(cell(&json!("a\tb\n\\")), "a\\tb\\n\\\\");
        assert_eq!(
            [json!(1.5), json!(0.00012345678), json!(3), json!(f64::NAN)].map(|v| cell(&v)),
            ["1.500000", "1.234568e-4", "3", "nan"]
        );
    }
}
