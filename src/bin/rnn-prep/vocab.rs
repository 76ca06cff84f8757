//! Reads the vocabulary of a token file, a model file, a `tokenizer.json`, or a list.

use std::path::Path;

use rnn_tools::container::Container;
use rnn_tools::error::{Error, Result};
use rnn_tools::text::{PreTokenizer, Tokenizer, vocabulary};
use rnn_tools::{io, model};

/// Reads a vocabulary. `requested` is the pre-tokenizer selected by options, if any; lists do not specify one.
pub fn read(path: &Path, requested: Option<PreTokenizer>) -> Result<Tokenizer> {
    let path = model::locate(path);
    let bytes = io::read(&path)?;
    let invalid = |error: Error| error.in_file(&path);
    let bad = |error: Error| invalid(error.context("bad tokenizer"));
    let tokenizer = if is_container(&bytes) {
        let file = Container::parse(&bytes, "token file or model").map_err(invalid)?;
        Tokenizer::from_json(file.metadata("tokenizer").map_err(invalid)?).map_err(bad)?
    } else {
        let text = std::str::from_utf8(&bytes)
            .map_err(|e| Error::file(&path, format!("not a vocabulary: invalid byte at offset {}", e.valid_up_to())))?;
        if is_json(text) {
            Tokenizer::from_json(text).map_err(bad)?
        } else {
            let text = text.strip_prefix('\u{feff}').unwrap_or(text);
            return vocabulary::from_list(requested.unwrap_or(PreTokenizer::Plain), text).map_err(invalid);
        }
    };
    match requested {
        Some(style) if style != tokenizer.pre_tokenizer() => Err(Error::usage(format!(
            "the vocabulary is for level {:?}, not {:?}",
            tokenizer.pre_tokenizer().name(),
            style.name()
        ))
        .hint("omit --level, --classic, --language and --keep-indent to use the vocabulary's own level")),
        _ => Ok(tokenizer),
    }
}

/// Tests for the start of a safetensors file: eight bytes of length and a JSON object.
fn is_container(bytes: &[u8]) -> bool {
    bytes.get(8) == Some(&b'{') && bytes[4..8] == [0; 4]
}

/// Tests for the start of a JSON object. (The first token of a list may be a brace.)
fn is_json(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('{') && text[1..].trim_start().starts_with('"')
}
