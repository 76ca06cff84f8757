//! Describes a token file.

use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use serde_json::json;

use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result};
use rnn_tools::format::plural;
use rnn_tools::text::UNKNOWN_ID;

/// The number of tokens shown.
const NUM_SHOWN: usize = 40;

pub fn inspect(path: &Path, as_json: bool) -> Result<()> {
    let file = TokenFile::read(path)?;
    let text = if as_json { json_form(&file) } else { text_form(&file) };
    std::io::stdout().write_all(text.as_bytes()).map_err(|e| Error::io("write", "standard output", e))
}

fn unknown(ids: &[u32]) -> usize {
    ids.iter().filter(|&&id| id == UNKNOWN_ID).count()
}

fn first(file: &TokenFile) -> &[u32] {
    &file.train[..file.train.len().min(NUM_SHOWN)]
}

fn json_form(file: &TokenFile) -> String {
    let parts: serde_json::Map<String, serde_json::Value> = file
        .parts()
        .into_iter()
        .map(|(name, ids)| (name.to_string(), json!({"tokens": ids.len(), "unknown": unknown(ids)})))
        .collect();
    let first: Vec<_> = first(file).iter().map(|&id| json!({"id": id, "token": file.tokenizer.piece(id)})).collect();
    let facts = json!({
        "level": file.tokenizer.pre_tokenizer().level(),
        "language": file.tokenizer.pre_tokenizer().language(),
        "keep_indent": file.tokenizer.pre_tokenizer().keeps_indent(),
        "vocab_size": file.tokenizer.len(),
        "parts": parts,
        "embedding_size": file.embeddings.as_ref().map(|vectors| vectors.size),
        "fingerprint": file.fingerprint(),
        "prep": file.prep,
        "first_tokens": first,
    });
    format!("{facts}\n")
}

/// Quotes tokens, so that no control character reaches the terminal.
fn text_form(file: &TokenFile) -> String {
    let mut text =
        format!("level: {}\nvocabulary: {} tokens\n", file.tokenizer.pre_tokenizer().name(), file.tokenizer.len());
    let mut add = |line: String| writeln!(text, "{line}").expect("writing to a string cannot fail");
    for (name, ids) in file.parts().into_iter().filter(|(_, ids)| !ids.is_empty()) {
        let unknown_percent = 100.0 * unknown(ids) as f64 / ids.len() as f64;
        add(format!("{name}: {}, {unknown_percent:.1} % unknown", plural(ids.len(), "token", "tokens")));
    }
    if file.prep.documents > 0 {
        add(format!("documents: {}", file.prep.documents));
    }
    if let Some(vectors) = &file.embeddings {
        let with = (0..file.tokenizer.len()).filter(|&id| vectors.has(id)).count();
        add(format!("word vectors: of size {}, for {}", vectors.size, plural(with, "token", "tokens")));
    }
    for source in &file.prep.sources {
        add(format!("source: {:?}, {} bytes, sha256 {}", source.name, source.bytes, source.sha256));
    }
    add(format!("fingerprint: {}", file.fingerprint()));
    let first: Vec<String> = first(file).iter().map(|&id| format!("{:?}", file.tokenizer.piece(id))).collect();
    add(format!("first tokens: {}", first.join(" ")));
    text
}
