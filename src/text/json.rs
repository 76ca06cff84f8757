//! Tokenizers as the `tokenizer.json` of Hugging Face's tokenizers library: the styles as its
//! normalizers and pre-tokenizers, the vocabulary as its `WordLevel` model.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Style, Tokenizer, UNKNOWN, classic, plain};

const STYLES: [Style; 2] = [Style::Plain, Style::Classic];

fn replacements(rules: &[(&str, &str)]) -> impl Iterator<Item = Value> {
    rules.iter().map(|(pattern, content)| json!({"type": "Replace", "pattern": {"Regex": pattern}, "content": content}))
}

fn normalizer(style: Style) -> Value {
    let mut steps = vec![json!({"type": "NFC"})];
    match style {
        Style::Plain => steps.extend(replacements(&plain::NORMALIZATION)),
        Style::Classic => {
            steps.push(json!({"type": "Lowercase"}));
            steps.extend(replacements(&classic::NORMALIZATION));
        }
    }
    json!({"type": "Sequence", "normalizers": steps})
}

/// `Removed` with `invert` keeps exactly what the pattern finds.
fn pre_tokenizer(style: Style) -> Value {
    match style {
        Style::Plain => {
            json!({"type": "Split", "pattern": {"Regex": plain::PATTERN}, "behavior": "Removed", "invert": true})
        }
        Style::Classic => json!({"type": "WhitespaceSplit"}),
    }
}

pub fn write(tokenizer: &Tokenizer) -> String {
    let vocab: Map<String, Value> =
        tokenizer.pieces.iter().enumerate().map(|(id, piece)| (piece.to_string(), json!(id))).collect();
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [],
        "normalizer": normalizer(tokenizer.style),
        "pre_tokenizer": pre_tokenizer(tokenizer.style),
        "post_processor": null,
        "decoder": null,
        "model": {"type": "WordLevel", "vocab": vocab, "unk_token": UNKNOWN},
    })
    .to_string()
}

#[derive(Deserialize)]
struct File {
    normalizer: Value,
    pre_tokenizer: Value,
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: Map<String, Value>,
}

pub fn parse(text: &str) -> Result<Tokenizer, String> {
    let file: File = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let style = STYLES
        .into_iter()
        .find(|&style| file.normalizer == normalizer(style) && file.pre_tokenizer == pre_tokenizer(style))
        .ok_or("its normalizer and pre_tokenizer are not ones that rnn-prep writes")?;
    let mut pieces: Vec<Option<Box<str>>> = vec![None; file.model.vocab.len()];
    for (piece, id) in file.model.vocab {
        let slot = id.as_u64().and_then(|id| pieces.get_mut(usize::try_from(id).ok()?));
        match slot {
            Some(slot @ None) => *slot = Some(piece.into()),
            _ => return Err(format!("the token {piece:?} has the id {id}, which is out of range or taken")),
        }
    }
    Tokenizer::new(style, pieces.into_iter().flatten().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_vocabularies_are_refused() {
        let good: Value =
            serde_json::from_str(&Tokenizer::new(Style::Plain, vec![UNKNOWN.into(), "a".into()]).unwrap().to_json())
                .unwrap();
        for (vocab, fault) in [
            (json!({"<unk>": 0, "a": 2}), "out of range"),
            (json!({"<unk>": 0, "a": 0}), "taken"),
            (json!({"<unk>": 0, "a": -1}), "out of range"),
            (json!({"<unk>": 0, "a": "1"}), "out of range"),
            (json!({"a": 0, "<unk>": 1}), "first token"),
            (json!({}), "first token"),
        ] {
            let mut bad = good.clone();
            bad["model"]["vocab"] = vocab;
            let error = parse(&bad.to_string()).unwrap_err();
            assert!(error.contains(fault), "{error}");
        }
        let mut foreign = good;
        foreign["pre_tokenizer"] = json!({"type": "ByteLevel"});
        assert!(parse(&foreign.to_string()).is_err());
        assert!(parse("{}").is_err());
    }
}
