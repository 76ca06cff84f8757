//! What is done with bytes from outside, once for the tests and for libFuzzer: each target parses them, and checks what
//! must hold if that succeeds.

use std::path::Path;

use rnn_tools::container::{self, Container};
use rnn_tools::corpus::encoding::{self, Charset};
use rnn_tools::corpus::{documents, gutenberg};
use rnn_tools::dataset::{Embeddings, TokenFile};
use rnn_tools::engine::Model;
use rnn_tools::model::ModelFile;
use rnn_tools::table::Table;
use rnn_tools::text::{Decoder, PreTokenizer, Tokenizer, UNKNOWN, unwrap, vocabulary};
use rnn_tools::{cli, history};
use serde_json::Value;

pub type Target = fn(&[u8]);

pub const TARGETS: &[(&str, Target)] = &[
    ("container", container),
    ("model", model),
    ("tokens", tokens),
    ("tokenizer", tokenizer),
    ("vocabulary", vocabulary),
    ("text", text),
    ("gutenberg", gutenberg),
    ("encoding", encoding),
    ("document", document),
    ("table", table),
    ("history", history),
    ("vectors", vectors),
    ("config", config),
];

/// Returns the bytes with the lengths of a container made right, so that changes of the header reach its parser.
fn repaired(bytes: &[u8]) -> Option<Vec<u8>> {
    const MAX_BYTES: u64 = 1 << 16;
    let rest = bytes.get(8..)?;
    let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<Value>();
    let header = values.next()?.ok()?;
    let size = values.byte_offset();
    let ends = header.as_object()?.values().filter_map(|tensor| tensor["data_offsets"][1].as_u64());
    let length = ends.max().unwrap_or(0).min(MAX_BYTES) as usize;
    let mut whole = (size as u64).to_le_bytes().to_vec();
    whole.extend_from_slice(rest);
    whole.resize(8 + size + length, 0);
    Some(whole)
}

fn container(bytes: &[u8]) {
    for bytes in [Some(bytes.to_vec()), repaired(bytes)].into_iter().flatten() {
        let _ = container::checksum_matches(&bytes);
        let Ok(file) = Container::parse(&bytes, "container") else { continue };
        for name in ["a", "b", "state.0", "history", "train", "embedding.weight"] {
            if let Ok((shape, numbers)) = file.read_all_finite(name) {
                assert_eq!(shape.iter().product::<usize>(), numbers.len());
                assert!(numbers.iter().all(|number| number.is_finite()));
            }
            let _ = (file.read_vec::<u16>(name), file.read_vec::<u32>(name), file.bytes(name).map(drop));
        }
    }
}

fn model(bytes: &[u8]) {
    for bytes in [Some(bytes.to_vec()), repaired(bytes)].into_iter().flatten() {
        let Ok(file) = ModelFile::from_bytes(&bytes) else { continue };
        assert!(file.tensors.values().flat_map(|tensor| &tensor.data).all(|number| number.is_finite()));
        let vocab_size = file.tokenizer.len();
        assert_eq!(vocab_size, file.config.vocab_size());
        let network = Model::new(&file);
        let (mut state, mut work) = (network.initial_state(), network.workspace(1));
        let mut logits = vec![0.0; vocab_size];
        for token in 0..3 {
            network.step(&[token % vocab_size as u32], &mut [&mut state], &mut work);
            network.logits(&[&state], &mut logits, &mut work);
        }
        if let Some(ngram) = &file.ngram {
            ngram.interpolate(&[1, 0], &mut logits, &mut vec![0.0; vocab_size]);
        }
    }
}

fn tokens(bytes: &[u8]) {
    for bytes in [Some(bytes.to_vec()), repaired(bytes)].into_iter().flatten() {
        let Ok(file) = TokenFile::from_bytes(&bytes) else { continue };
        for (_, ids) in file.parts() {
            let _ = file.tokenizer.decode(ids);
        }
        let vectors = file.embeddings.iter().flat_map(|vectors| &vectors.data);
        assert!(vectors.copied().all(f32::is_finite));
    }
}

fn tokenizer(bytes: &[u8]) {
    let Some(tokenizer) = std::str::from_utf8(bytes).ok().and_then(|text| Tokenizer::from_json(text).ok()) else {
        return;
    };
    check_tokenizer(&tokenizer);
}

/// A vocabulary as a list, at the level that the first byte names.
fn vocabulary(bytes: &[u8]) {
    let Some((level, list)) = level_and_text(bytes) else { return };
    if let Ok(tokenizer) = vocabulary::from_list(level, list) {
        check_tokenizer(&tokenizer);
    }
}

fn level_and_text(bytes: &[u8]) -> Option<(PreTokenizer, &str)> {
    let (first, rest) = bytes.split_first()?;
    let level = PreTokenizer::ALL[usize::from(*first) % PreTokenizer::ALL.len()];
    Some((level, std::str::from_utf8(rest).ok()?))
}

/// Its JSON is read back as the same tokenizer, and its ids decode to one text, whether at once or one by one.
fn check_tokenizer(tokenizer: &Tokenizer) {
    let json = tokenizer.to_json();
    let again = Tokenizer::from_json(&json).expect("what was written is read back");
    assert_eq!(again.to_json(), json);
    let ids: Vec<u32> = (0..tokenizer.len() as u32).chain((0..tokenizer.len() as u32).rev()).collect();
    let mut decoder = Decoder::new(tokenizer, None);
    let pieces: String = ids.iter().map(|&id| decoder.push(id)).collect();
    assert_eq!(pieces + decoder.rest(), tokenizer.decode(&ids));
    let pieces = (0..tokenizer.len() as u32).map(|id| tokenizer.piece(id)).collect::<Vec<_>>().join(" ");
    let (known, unknown) = tokenizer.encode_typed(&pieces);
    assert!(known.len() + unknown.len() <= pieces.len());
}

/// A text, at the level that the first byte names: it may be read in parts, and its tokens decode to it.
fn text(bytes: &[u8]) {
    let Some((level, text)) = level_and_text(bytes) else { return };
    let normalized = level.normalize(text);
    let pieces = level.pieces(&normalized);
    assert!(pieces.iter().all(|piece| !piece.is_empty()));
    let middle = (text.len() / 2..=text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    if let Some(at) = level.last_split(&text[..middle]) {
        let (before, after) = (level.normalize(&text[..at]), level.normalize(&text[at..]));
        let parts = [level.pieces(&before), level.pieces(&after)].concat();
        assert_eq!(parts, pieces, "{level:?} {text:?} cut at {at}");
    }
    assert!(unwrap::unwrap(text).len() <= text.len(), "{text:?}");
    let mut all: Vec<Box<str>> = vec![UNKNOWN.into()];
    if level == PreTokenizer::Byte {
        all.extend(rnn_tools::text::bytes::pieces());
    } else {
        let mut known: Vec<&str> = pieces.clone();
        known.sort_unstable();
        known.dedup();
        all.extend(known.into_iter().filter(|piece| !piece.starts_with('<')).map(Into::into));
    }
    let tokenizer = Tokenizer::new(level, all).expect("distinct pieces");
    let ids = tokenizer.encode(text);
    assert_eq!(ids.len(), pieces.len());
    let decoded = tokenizer.decode(&ids);
    if !ids.contains(&0) {
        assert_eq!(tokenizer.encode(&decoded), ids, "{level:?} {text:?} is decoded as {decoded:?}");
        if !level.is_word_level() {
            assert_eq!(decoded, text);
        }
    }
}

/// Nothing is left for a second pass, and nothing is added.
fn gutenberg(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let text = text.replace('\r', "\n");
    let Ok(stripped) = gutenberg::strip(&text) else { return };
    assert!(stripped.text.len() <= text.len() + 1);
    assert_eq!(gutenberg::strip(&stripped.text).map(|again| again.text).ok(), Some(stripped.text));
}

/// Text is decoded alike at once and in parts, and never contains a carriage return or more than three bytes a byte.
fn encoding(bytes: &[u8]) {
    if let Ok(decoded) = encoding::decode(bytes, None) {
        assert!(decoded.text.len() <= 3 * bytes.len() && !decoded.text.contains('\r'));
    }
    let (label, bytes) = bytes.split_at(bytes.iter().position(|&byte| byte == b'\n').unwrap_or(0));
    let Some(charset) = std::str::from_utf8(label).ok().and_then(Charset::for_label) else { return };
    let _ = encoding::decode_declared(bytes, Some(charset.name()));
    let mut parts = String::new();
    let mut decoder = charset.decoder();
    let (before, after) = bytes.split_at(bytes.len() / 2);
    let is_valid = decoder.decode(before, false, &mut parts).1 && decoder.decode(after, true, &mut parts).1;
    assert_eq!(charset.decode(bytes, true).ok(), is_valid.then_some(parts));
}

fn document(bytes: &[u8]) {
    let _ = documents::read(bytes, Path::new("a"), documents::Declared::default());
}

fn table(bytes: &[u8]) {
    let Ok(table) = Table::from_bytes(bytes) else { return };
    for name in table.names() {
        if let Ok(Some(column)) = table.column(name) {
            assert_eq!(column.len(), table.rows);
        }
        let _ = table.missing_column(name);
    }
}

fn history(bytes: &[u8]) {
    if let Ok(rows) = history::parse(bytes) {
        assert!(!rows.is_empty());
        assert!(history::best(&rows).is_none_or(|best| !best.val_loss.is_nan()));
        let _ = history::is_exhausted(&rows, 2);
    }
}

fn vectors(bytes: &[u8]) {
    let pieces = [UNKNOWN, "the", "The", "ferry", ", "];
    let tokenizer = Tokenizer::new(PreTokenizer::Plain, pieces).expect("distinct pieces");
    if let Ok((vectors, info)) = Embeddings::parse(bytes, Path::new("a"), &tokenizer) {
        assert_eq!(vectors.data.len(), vectors.size * tokenizer.len());
        assert!(vectors.data.iter().all(|number| number.is_finite()) && info.tokens < tokenizer.len());
    }
}

fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(error) = cli::parse_configuration(text, Path::new("a"), "rnn-gen") {
        assert_eq!(error.to_string().lines().count(), 1, "{error}");
    }
}
