//! The `tokenizer.json` format of Hugging Face's tokenizers library. A [`PreTokenizer`] becomes a normalizer and a
//! pre-tokenizer, the vocabulary a `WordLevel` model.

use std::borrow::Cow;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::{Value, json};

use super::{
    BOS, EOS, Interner, PreTokenizer, Tokenizer, UNKNOWN, bytes, classic, clusters, elision, plain, separated,
};
use crate::error::{Error, Result};

fn replacements(rules: &[(&str, &str)]) -> impl Iterator<Item = Value> {
    rules.iter().map(|(pattern, content)| json!({"type": "Replace", "pattern": {"Regex": pattern}, "content": content}))
}

fn normalizer(style: PreTokenizer) -> Value {
    let mut steps = vec![json!({"type": "NFC"})];
    match style {
        PreTokenizer::Plain | PreTokenizer::French | PreTokenizer::Italian => {
            steps.extend(replacements(&plain::NORMALIZATION))
        }
        PreTokenizer::Indented => steps.extend(replacements(&plain::NORMALIZATION_WITH_INDENT)),
        PreTokenizer::Classic => {
            steps.push(json!({"type": "Lowercase"}));
            steps.extend(replacements(&classic::NORMALIZATION));
        }
        PreTokenizer::Tokens | PreTokenizer::Char | PreTokenizer::Codepoint | PreTokenizer::Byte => {
            return Value::Null;
        }
    }
    json!({"type": "Sequence", "normalizers": steps})
}

/// `Removed` with `invert` keeps exactly the matches of the pattern.
fn keep(pattern: &str) -> Value {
    json!({"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": true})
}

fn byte_level() -> Value {
    json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": false})
}

fn pre_tokenizer(style: PreTokenizer) -> Value {
    let any_character = keep(r"[\s\S]");
    match style {
        PreTokenizer::Plain => keep(plain::PATTERN),
        PreTokenizer::Indented => keep(&format!("{}|{}", plain::INDENT, plain::PATTERN)),
        PreTokenizer::French => keep(&plain::pattern_with_elided(elision::FRENCH_PATTERN)),
        PreTokenizer::Italian => keep(plain::PATTERN_ALL_ELIDED),
        PreTokenizer::Classic => json!({"type": "WhitespaceSplit"}),
        PreTokenizer::Tokens => keep(separated::PATTERN),
        PreTokenizer::Char => keep(clusters::PATTERN),
        PreTokenizer::Codepoint => any_character,
        PreTokenizer::Byte => json!({"type": "Sequence", "pretokenizers": [byte_level(), any_character]}),
    }
}

/// Decodes as [`Decoder`](super::Decoder) does. All replacements before `Fuse` apply to single tokens.
fn decoder(style: PreTokenizer) -> Value {
    let token = |piece: &str| format!(r"\A{piece}\z");
    let line_break = if style == PreTokenizer::Byte { bytes::to_char(b'\n') } else { '\n' }.to_string();
    let (begin, end, unknown) = (token(BOS), token(EOS), token(UNKNOWN));
    let mut steps: Vec<Value> = replacements(&[(&*begin, ""), (&*end, &*line_break)]).collect();
    let fuse = json!({"type": "Fuse"});
    match style {
        PreTokenizer::Plain | PreTokenizer::Indented | PreTokenizer::French | PreTokenizer::Italian => {
            // Carriage returns, which normalized text lacks, mark both ends of words; between two words, they are a
            // space. Elided words have no mark at their end. `\K` drops the match so far.
            let word_char = plain::WORD_CHAR;
            let word_end = format!(r"\A{word_char}(?:[\s\S]*{word_char})?\K\z");
            let word_start = format!(r"\A(?={word_char})");
            let marked_unknown = format!("\r{UNKNOWN}\r");
            steps.extend(replacements(&[(&unknown, &marked_unknown), (&word_end, "\r"), (&word_start, "\r")]));
            steps.push(fuse);
            steps.extend(replacements(&[(r"\r\r", " "), (r"\r", "")]));
        }
        PreTokenizer::Classic | PreTokenizer::Tokens => {
            steps.extend(replacements(&[(r"(?<=\S)\z", " ")]));
            steps.push(fuse);
            steps.extend(replacements(&[(r" ?\n", "\n"), (r" \z", "")]));
        }
        PreTokenizer::Char | PreTokenizer::Codepoint => steps.push(fuse),
        PreTokenizer::Byte => steps.push(byte_level()),
    }
    json!({"type": "Sequence", "decoders": steps})
}

/// The members of a vocabulary, written without a copy in memory.
struct Vocab<'a>(&'a Interner);

impl Serialize for Vocab<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().zip(0u32..))
    }
}

#[derive(Serialize)]
struct WrittenModel<'a> {
    r#type: &'static str,
    vocab: Vocab<'a>,
    unk_token: &'static str,
}

#[derive(Serialize)]
struct WrittenFile<'a> {
    version: &'static str,
    truncation: (),
    padding: (),
    added_tokens: [(); 0],
    normalizer: Value,
    pre_tokenizer: Value,
    post_processor: (),
    decoder: Value,
    model: WrittenModel<'a>,
}

pub fn write(tokenizer: &Tokenizer) -> String {
    let style = tokenizer.pre_tokenizer;
    let file = WrittenFile {
        version: "1.0",
        truncation: (),
        padding: (),
        added_tokens: [],
        normalizer: normalizer(style),
        pre_tokenizer: pre_tokenizer(style),
        post_processor: (),
        decoder: decoder(style),
        model: WrittenModel { r#type: "WordLevel", vocab: Vocab(&tokenizer.pieces), unk_token: UNKNOWN },
    };
    serde_json::to_string(&file).expect("a tokenizer has a JSON form")
}

#[derive(Deserialize)]
struct File {
    normalizer: Value,
    pre_tokenizer: Value,
    model: Model,
}

#[derive(Deserialize)]
struct Model {
    vocab: VocabEntries,
}

/// The members of a vocabulary in the order of the file.
struct VocabEntries {
    pieces: Interner,
    ids: Vec<u32>,
}

impl<'de> Deserialize<'de> for VocabEntries {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = VocabEntries;

            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("an object of tokens and their ids")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<VocabEntries, A::Error> {
                let (mut pieces, mut ids) = (Interner::default(), Vec::new());
                while let Some((piece, id)) = map.next_entry::<Cow<str>, Value>()? {
                    if pieces.intern(&piece) as usize != ids.len() {
                        return Err(A::Error::custom(format!("the token {piece:?} is duplicated")));
                    }
                    let number = id.as_u64().and_then(|id| u32::try_from(id).ok());
                    ids.push(number.ok_or_else(|| A::Error::custom(bad_id(&piece, &id)))?);
                }
                Ok(VocabEntries { pieces, ids })
            }
        }
        deserializer.deserialize_map(Members)
    }
}

fn bad_id(piece: &str, id: impl std::fmt::Display) -> String {
    format!("the token {piece:?} has the id {id}, which is out of range or duplicated")
}

impl VocabEntries {
    /// Returns the pieces in the order of their ids.
    fn sorted(self) -> Result<Interner> {
        if self.ids.iter().copied().eq(0..self.ids.len() as u32) {
            return Ok(self.pieces);
        }
        let mut places = vec![None; self.ids.len()];
        for (place, &id) in (0..).zip(&self.ids) {
            match places.get_mut(id as usize) {
                Some(free @ None) => *free = Some(place),
                _ => return Err(Error::invalid(bad_id(self.pieces.get(place), id))),
            }
        }
        let mut sorted = Interner::default();
        sorted.extend(places.into_iter().flatten().map(|place| self.pieces.get(place)));
        Ok(sorted)
    }
}

pub fn parse(text: &str) -> Result<Tokenizer> {
    let file: File = serde_json::from_str(text).map_err(Error::invalid)?;
    let style = PreTokenizer::ALL
        .into_iter()
        .find(|&style| file.normalizer == normalizer(style) && file.pre_tokenizer == pre_tokenizer(style))
        .ok_or_else(|| {
            Error::invalid("its normalizer and pre_tokenizer are not supported; rnn-prep writes those that are")
        })?;
    Tokenizer::from_interner(style, file.model.vocab.sorted()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_vocabularies_are_refused() {
        let good: Value =
            serde_json::from_str(&Tokenizer::new(PreTokenizer::Plain, [UNKNOWN, "a"]).unwrap().to_json()).unwrap();
        for (vocab, message) in [
            (json!({"<unk>": 0, "a": 2}), "out of range"),
            (json!({"<unk>": 0, "a": 0}), "duplicated"),
            (json!({"<unk>": 0, "a": 1u64 << 32}), "out of range"),
            (json!({"<unk>": 0, "a": -1}), "out of range"),
            (json!({"<unk>": 0, "a": "1"}), "out of range"),
            (json!({"a": 0, "<unk>": 1}), "first token"),
            (json!({}), "first token"),
        ] {
            let mut bad = good.clone();
            bad["model"]["vocab"] = vocab;
            let error = parse(&bad.to_string()).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        let twice = good.to_string().replace(r#""a":1"#, r#""a":1,"a":2"#);
        assert!(parse(&twice).unwrap_err().to_string().contains("\"a\" is duplicated"));
        let mut foreign = good;
        foreign["pre_tokenizer"] = json!({"type": "ByteLevel"});
        assert!(parse(&foreign.to_string()).is_err());
        assert!(parse("{}").is_err());
    }

    #[test]
    fn the_order_of_the_ids_counts_not_that_of_the_file() {
        let json = Tokenizer::new(PreTokenizer::Plain, [UNKNOWN, "a", "b", "c"]).unwrap().to_json();
        let shuffled = json.replace(r#""<unk>":0,"a":1,"b":2,"c":3"#, r#""c":3,"a":1,"<unk>":0,"b":2"#);
        assert_ne!(shuffled, json);
        assert_eq!(parse(&shuffled).unwrap().to_json(), json);
    }

    #[test]
    fn the_characters_of_older_versions_are_code_points() {
        let old = r#"{"normalizer":null,"pre_tokenizer":{"type":"Split","pattern":{"Regex":"[\\s\\S]"},"behavior":"Removed","invert":true},
            "decoder":{"type":"Fuse"},"model":{"type":"WordLevel","vocab":{"<unk>":0,"e":1,"\u0301":2},"unk_token":"<unk>"}}"#;
        assert_eq!(parse(old).unwrap().encode("e\u{301}"), [1, 2]);
    }
}
