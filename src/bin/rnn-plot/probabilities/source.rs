//! Reads tokens and their probabilities from the JSON of rnn-gen, or the table or JSON of rnn-eval.

use std::path::Path;

use rnn_tools::error::{Error, Result};
use rnn_tools::format::plural;
use rnn_tools::io;
use serde_json::Value;

use super::Token;

/// Columns that identify the text of a token.
const TEXT: [&str; 2] = ["model", "text"];

/// Returns the tokens of each text in a file.
pub fn read(path: &Path) -> Result<Vec<Vec<Token>>> {
    let text = io::read_text(path)?;
    let texts = if text.trim_start().starts_with('{') { from_json(&text) } else { from_table(&text) };
    let texts = texts.map_err(|e| e.in_file(path).hint("rnn-gen --json and rnn-eval --per token write this format"))?;
    if texts.iter().all(Vec::is_empty) {
        return Err(Error::file(path, "there are no tokens in it"));
    }
    Ok(texts)
}

/// Tokens grouped by text.
#[derive(Default)]
struct Texts {
    all: Vec<Vec<Token>>,
    last: Option<String>,
}

impl Texts {
    /// Adds a token of the text `name`; starts a new text if the previous token has another name.
    fn push(&mut self, name: String, token: Token) {
        if self.last.as_ref() != Some(&name) {
            self.all.push(Vec::new());
            self.last = Some(name);
        }
        self.all.last_mut().expect("there is a text").push(token);
    }
}

/// One object per text, as written by rnn-gen, or per token, as written by rnn-eval.
fn from_json(text: &str) -> Result<Vec<Vec<Token>>> {
    let mut texts = Texts::default();
    let objects = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    for (number, object) in (1..).zip(objects) {
        let object = object.map_err(|e| Error::invalid(format!("not JSON: {e}")))?;
        let Some(token) = object["token"].as_str() else {
            texts.all.push(tokens(&object).map_err(|e| e.context(format!("text {number}")))?);
            continue;
        };
        let value = &object["probability"];
        let token = Token { text: token.into(), probability: checked(value.as_f64(), value)? };
        texts.push(TEXT.map(|name| object[name].to_string()).concat(), token);
    }
    Ok(texts.all)
}

/// Reads the `seed_text`, and the `tokens` with their `probabilities`.
fn tokens(object: &Value) -> Result<Vec<Token>> {
    let list = |name: &str| object[name].as_array().ok_or_else(|| Error::invalid(format!("it has no list `{name}`")));
    let (texts, probabilities) = (list("tokens")?, list("probabilities")?);
    if texts.len() != probabilities.len() {
        return Err(Error::invalid(format!(
            "it has {} and {}",
            plural(texts.len(), "token", "tokens"),
            plural(probabilities.len(), "probability", "probabilities")
        )));
    }
    let seed = object["seed_text"].as_str().filter(|seed| !seed.is_empty());
    let mut all: Vec<Token> = seed.map(|seed| Token { text: seed.into(), probability: None }).into_iter().collect();
    for (text, probability) in texts.iter().zip(probabilities) {
        let text = text.as_str().ok_or_else(|| Error::invalid(format!("the token {text} is not a string")))?;
        all.push(Token { text: text.into(), probability: checked(probability.as_f64(), probability)? });
    }
    Ok(all)
}

fn checked(probability: Option<f64>, value: &impl std::fmt::Display) -> Result<Option<f64>> {
    match probability {
        Some(p) if !(0.0..=1.000001).contains(&p) => Err(Error::invalid(format!("{value} is not a probability"))),
        other => Ok(other),
    }
}

/// A tab-separated table with a header and one line per token.
fn from_table(text: &str) -> Result<Vec<Vec<Token>>> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').map(str::trim).collect();
    let column = |name: &str| header.iter().position(|head| *head == name);
    let token = column("token").ok_or_else(|| Error::invalid("it has no column `token`"))?;
    let (value, is_log) = match (column("probability"), column("log_likelihood")) {
        (Some(at), _) => (at, false),
        (None, Some(at)) => (at, true),
        (None, None) => return Err(Error::invalid("it has no column `probability` or `log_likelihood`")),
    };
    let apart = TEXT.map(column);
    let mut texts = Texts::default();
    for (number, line) in (2..).zip(lines) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (Some(text), Some(field)) = (fields.get(token), fields.get(value)) else {
            return Err(Error::invalid(format!(
                "line {number} has {} fields, but the header has {}",
                fields.len(),
                header.len()
            )));
        };
        let measure = match field.trim() {
            "" => None,
            field => Some(
                field
                    .parse::<f64>()
                    .map_err(|_| Error::invalid(format!("line {number}: {field:?} is not a number")))?,
            ),
        };
        let probability = checked(if is_log { measure.map(f64::exp) } else { measure }, field)?;
        let name = apart.iter().flatten().filter_map(|&at| fields.get(at)).copied().collect();
        texts.push(name, Token { text: unescaped(text), probability });
    }
    Ok(texts.all.into_iter().map(with_spaces).collect())
}

/// Replaces the escapes `\n`, `\t`, `\r` and `\\`.
fn unescaped(field: &str) -> String {
    let mut text = String::new();
    let mut letters = field.chars();
    while let Some(letter) = letters.next() {
        text.push(match (letter, letter == '\\') {
            (_, true) => match letters.next() {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            },
            (letter, _) => letter,
        });
    }
    text
}

/// Inserts spaces between words if the tokens have none.
fn with_spaces(mut tokens: Vec<Token>) -> Vec<Token> {
    let is_word = |token: &Token| token.text.starts_with(char::is_alphanumeric) && token.text.chars().nth(1).is_some();
    if tokens.iter().any(|token| token.text.starts_with(' ')) || !tokens.iter().any(is_word) {
        return tokens;
    }
    for at in 1..tokens.len() {
        let touches = tokens[at - 1].text.ends_with(char::is_alphanumeric);
        if touches && tokens[at].text.starts_with(char::is_alphanumeric) {
            tokens[at].text.insert(0, ' ');
        }
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(tokens: &[Token]) -> String {
        tokens.iter().map(|token| token.text.as_str()).collect()
    }

    #[test]
    fn tables_have_probabilities_or_log_likelihoods() {
        let tokens = &from_table("token\tlog_likelihood\nThe\t0\ncat\t-1\n. \t\n\\n\t-2\n").unwrap()[0];
        assert_eq!(joined(tokens), "The cat. \n");
        assert_eq!(tokens[1].probability, Some((-1f64).exp()));
        assert_eq!(tokens[2].probability, None);
        let letters = from_table("text\tprobability\ttoken\nx\t0.5\ta\nx\t0.25\tb\ny\t1\tc\n").unwrap();
        assert_eq!(letters.iter().map(|text| joined(text)).collect::<Vec<_>>(), ["ab", "c"]);
        for bad in
            ["", "token\n", "token\tprobability\na\n", "token\tprobability\na\tx\n", "token\tprobability\na\t2\n"]
        {
            assert!(from_table(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn objects_are_read_one_after_the_other() {
        let one = r#"{"seed_text": "A", "tokens": [" b", "c"], "probabilities": [0.5, null]}"#;
        let texts = from_json(&format!("{one}\n{one}")).unwrap();
        assert_eq!((texts.len(), joined(&texts[1])), (2, "A bc".into()));
        assert_eq!(texts[0].iter().map(|t| t.probability).collect::<Vec<_>>(), [None, Some(0.5), None]);
        let token =
            |text: &str, token: &str| format!(r#"{{"text": "{text}", "token": "{token}", "probability": 0.5}}"#);
        let tokens = from_json(&[token("x", "a"), token("x", " b"), token("y", "c")].join("\n")).unwrap();
        assert_eq!(tokens.iter().map(|text| joined(text)).collect::<Vec<_>>(), ["a b", "c"]);
        for bad in ["{", "{}", r#"{"tokens": ["a"], "probabilities": []}"#, r#"{"tokens": [1], "probabilities": [1]}"#]
        {
            assert!(from_json(bad).is_err(), "{bad:?}");
        }
    }
}
