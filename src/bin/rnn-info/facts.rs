//! Reads the facts about a file as a JSON object, which is then printed or compared.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result};
use rnn_tools::format::hex;
use rnn_tools::model::ModelFile;
use rnn_tools::model::layers::Layer;
use rnn_tools::table::Table;
use rnn_tools::text::{Tokenizer, UNKNOWN_ID};
use rnn_tools::{container, io};
use safetensors::SafeTensors;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::foreign;

/// The maximum number of source texts listed.
const MAX_SOURCES: usize = 20;

pub struct Facts {
    pub fields: Value,
    /// The damage found in the file, if any.
    pub damage: Option<String>,
}

/// Reads any supported file; fails only if it cannot be read or recognized.
pub fn read(path: &Path) -> Result<Facts> {
    let bytes = io::read(path)?;
    let (kind, fields, damage) = classify(&bytes).map_err(|e| {
        e.in_file(path).hint("rnn-info reads token files, models, checkpoints, histories, states and safetensors")
    })?;
    let mut all = Map::new();
    all.insert("file".into(), json!(path.to_string_lossy()));
    all.insert("kind".into(), json!(kind));
    all.insert("bytes".into(), json!(bytes.len()));
    if let Some(modified) = std::fs::metadata(path).and_then(|about| about.modified()).ok().and_then(date) {
        all.insert("modified".into(), json!(modified));
    }
    all.extend(fields);
    // the fingerprint of a token file is the hash of its ids, that of any other file the hash of its bytes
    let name = if all.contains_key("fingerprint") { "sha256" } else { "fingerprint" };
    all.insert(name.into(), json!(hex(&Sha256::digest(&bytes))));
    let checksum = container::checksum_matches(&bytes);
    let corrupt = (checksum == Some(false)).then(|| "the checksum does not match".to_string());
    // The checksum also covers what nothing else checks; what is known beyond it helps to find the cause.
    let integrity = match (&corrupt, &damage, checksum) {
        (Some(corrupt), None, _) => format!("corrupt: {corrupt}"),
        (Some(corrupt), Some(damage), _) => format!("corrupt: {corrupt}; damaged: {damage}"),
        (None, Some(damage), _) => format!("damaged: {damage}"),
        (None, None, Some(_)) => "checksum matches".into(),
        (None, None, None) => "no checksum".into(),
    };
    let damage = (corrupt.is_some() || damage.is_some()).then(|| integrity.clone());
    all.insert("integrity".into(), json!(integrity));
    Ok(Facts { fields: Value::Object(all), damage })
}

type Found = (&'static str, Map<String, Value>, Option<String>);

fn classify(bytes: &[u8]) -> Result<Found> {
    let is_container = bytes.get(8) == Some(&b'{') && bytes.get(..8).is_some_and(|length| length[7] == 0);
    if !is_container {
        return history(bytes)
            .map(|fields| ("history", fields, None))
            .map_err(|e| Error::invalid(format!("neither a safetensors file nor a history ({e})")));
    }
    let parsed =
        SafeTensors::read_metadata(bytes).and_then(|(_, header)| Ok((header, SafeTensors::deserialize(bytes)?)));
    let (header, tensors) = parsed.map_err(|e| Error::invalid(format!("a damaged safetensors file ({e})")))?;
    let metadata = header.metadata().clone().unwrap_or_default();
    let json = |name: &str| metadata.get(name).and_then(|text| serde_json::from_str::<Value>(text).ok());
    let has = |names: &[&str]| names.iter().all(|name| metadata.contains_key(*name));
    if has(&["config", "tokenizer", "training"]) {
        let mut fields = Map::new();
        let damage = match ModelFile::from_bytes(bytes) {
            Ok(file) => {
                fields = model(&file);
                None
            }
            Err(damage) => {
                for name in ["config", "training"] {
                    fields.extend(json(name).map(|value| (name.to_string(), value)));
                }
                Some(damage.to_string())
            }
        };
        fields.insert("tensors".into(), foreign::tensors(&tensors));
        return Ok(("model", fields, damage));
    }
    if has(&["tokenizer", "prep"]) {
        return Ok(match TokenFile::from_bytes(bytes) {
            Ok(file) => ("token file", token_file(&file), None),
            Err(damage) => ("token file", Map::new(), Some(damage.to_string())),
        });
    }
    if has(&["progress"]) {
        let Some(progress) = json("progress") else {
            return Ok(("checkpoint", Map::new(), Some("bad `progress` in the metadata".into())));
        };
        let mut fields = checkpoint(&progress);
        fields.insert("tensors".into(), foreign::tensors(&tensors));
        return Ok(("checkpoint", fields, foreign::damage(&tensors)));
    }
    let Some(Value::Object(mut state)) = json("rnn_state") else {
        return Ok(("safetensors file", foreign::describe(&tensors, &metadata), foreign::damage(&tensors)));
    };
    state.insert("tensors".into(), foreign::tensors(&tensors));
    Ok(("state", state, foreign::damage(&tensors)))
}

fn model(file: &ModelFile) -> Map<String, Value> {
    let mut training = object(serde_json::to_value(&file.training).expect("training has a JSON form"));
    let settings = training.remove("settings").unwrap_or_default();
    let ngram = file.ngram.as_ref().map(|ngram| {
        let counts: Vec<usize> = ngram.levels.iter().map(|level| level.tokens.len()).collect();
        json!({"order": ngram.order(), "ngrams": counts, "shares": ngram.weights})
    });
    let layers: Vec<Value> = Layer::table(&file.config, &settings)
        .into_iter()
        .map(|layer| json!({"layer": layer.name, "size": layer.size, "parameters": layer.parameters, "detail": layer.detail}))
        .collect();
    object(json!({
        "tokenizer": tokenizer(&file.tokenizer),
        "config": file.config,
        "parameters": file.config.num_parameters(),
        "layers": layers,
        "ngram": ngram,
        "perplexity": file.training.val_loss.exp(),
        "mixed_perplexity": file.training.mixed_val_loss.map(f64::exp),
        "training": training,
        "settings": settings,
    }))
}

fn tokenizer(tokenizer: &Tokenizer) -> Value {
    let mut facts = json!({"level": tokenizer.pre_tokenizer().level()});
    if tokenizer.pre_tokenizer().keeps_indent() {
        facts["keep_indent"] = true.into();
    }
    if let Some(language) = tokenizer.pre_tokenizer().language() {
        facts["language"] = language.into();
    }
    facts["vocab_size"] = tokenizer.len().into();
    facts["documents"] = tokenizer.bos().is_some().into();
    facts
}

fn token_file(file: &TokenFile) -> Map<String, Value> {
    let part = |(name, ids): (&str, &[u32])| {
        let unknown = ids.iter().filter(|&&id| id == UNKNOWN_ID).count();
        json!({"part": name, "tokens": ids.len(), "unknown": unknown, "unknown_share": unknown as f64 / ids.len().max(1) as f64})
    };
    let mut prep = object(serde_json::to_value(&file.prep).expect("Prep has a JSON form"));
    let mut sources = prep.remove("sources").unwrap_or_default();
    let num_sources = sources.as_array().map_or(0, Vec::len);
    if let Some(sources) = sources.as_array_mut() {
        sources.truncate(MAX_SOURCES);
    }
    object(json!({
        "tokenizer": tokenizer(&file.tokenizer),
        "parts": file.parts().map(part),
        "num_sources": num_sources,
        "sources": sources,
        "prep": prep,
        "embedding_size": file.embeddings.as_ref().map(|vectors| vectors.size),
        "fingerprint": file.fingerprint(),
    }))
}

/// The facts about a checkpoint; its history is reduced to the number of rows, the best row and the last one.
fn checkpoint(progress: &Value) -> Map<String, Value> {
    let mut fields = progress.as_object().cloned().unwrap_or_default();
    if let Some(Value::Array(rows)) = fields.remove("rows") {
        let loss = |row: &Value| row["val_loss"].as_f64().filter(|loss| loss.is_finite());
        let valid = rows.iter().filter(|row| loss(row).is_some());
        let best = valid.min_by(|a, b| loss(a).unwrap_or_default().total_cmp(&loss(b).unwrap_or_default()));
        fields.insert("rows".into(), json!(rows.len()));
        fields.insert("best".into(), best.cloned().unwrap_or_default());
        fields.insert("last".into(), rows.last().cloned().unwrap_or_default());
    }
    fields
}

fn history(bytes: &[u8]) -> Result<Map<String, Value>> {
    let table = Table::from_bytes(bytes)?;
    let names: Vec<&str> = table.names().collect();
    if !names.iter().any(|name| *name == "epoch" || *name == "step") {
        return Err(Error::invalid("it has no column `epoch` or `step`"));
    }
    let row = |row: usize| -> Value {
        let fields = names.iter().filter_map(|name| {
            let values = table.column(name).ok()??;
            Some((name.to_string(), json!(values[row])))
        });
        Value::Object(fields.collect())
    };
    let losses = table.column("val_loss").ok().flatten().unwrap_or_default();
    let best =
        (0..losses.len()).filter(|&row| losses[row].is_finite()).min_by(|&a, &b| losses[a].total_cmp(&losses[b]));
    Ok(object(json!({
        "rows": table.rows,
        "columns": names,
        "best": best.map(row),
        "perplexity": best.map(|row| losses[row].exp()),
        "last": row(table.rows - 1),
    })))
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Formats a time as `2026-01-31 12:34:56 UTC`.
fn date(time: SystemTime) -> Option<String> {
    let seconds = time.duration_since(UNIX_EPOCH).ok()?.as_secs();
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // days since 1 March of the year 0, in cycles of 400 years (Howard Hinnant's civil_from_days)
    let days = days + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (day, month) = (day - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = era * 400 + year + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    Some(format!("{year}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn dates_follow_the_calendar() {
        let at = |seconds| date(UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
        assert_eq!(at(0), "1970-01-01 00:00:00 UTC");
        assert_eq!(at(951_782_399), "2000-02-28 23:59:59 UTC");
        assert_eq!(at(951_782_400), "2000-02-29 00:00:00 UTC");
        assert_eq!(at(4_107_542_400), "2100-03-01 00:00:00 UTC");
    }
}
