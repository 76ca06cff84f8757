//! Prints the report as text or JSON.

use std::io::Write;

use rnn_tools::dataset::report::{Report, Type};
use rnn_tools::error::{Error, Result};
use rnn_tools::format::{count, plural};

/// Prints to standard error; JSON goes to standard output unless the token file does.
pub fn print(report: &Report, json: bool, stdout_is_taken: bool) -> Result<()> {
    if json {
        let line = serde_json::to_string(report).expect("a report has a JSON form");
        if stdout_is_taken {
            eprintln!("{line}");
            return Ok(());
        }
        let failed = |e| Error::io("write", "standard output", e);
        return writeln!(std::io::stdout(), "{line}").map_err(failed);
    }
    log::info!("{} in the vocabulary", plural(report.vocab_size, "token", "tokens"));
    for part in report.parts.iter().filter(|part| part.tokens > 0) {
        let unknown_percent = 100.0 * part.unknown_share;
        let tokens = plural(part.tokens as usize, "token", "tokens");
        log::info!("{}: {tokens}, {unknown_percent:.1} % unknown", part.name);
    }
    if report.prep.documents > 0 {
        let documents = plural(report.prep.documents as usize, "document", "documents");
        log::info!("{documents}, each between <bos> and <eos>");
    }
    let train = report.parts[0].tokens.max(1) as f64;
    let most_frequent: Vec<String> =
        report.most_frequent.iter().map(|t| format!("{:?} {:.1} %", t.token, 100.0 * t.count as f64 / train)).collect();
    log::info!("most frequent: {}", most_frequent.join(", "));
    if !report.rarest.is_empty() {
        let rarest: Vec<String> = report.rarest.iter().map(|t: &Type| format!("{:?}", t.token)).collect();
        let (once, types) = (count(report.seen_once), plural(report.types, "type", "types"));
        log::info!("rarest: {}; {once} of {types} occur once", rarest.join(", "));
    }
    if let Some(info) = &report.prep.embeddings {
        log::info!(
            "word vectors of size {} for {} of {}, covering {:.1} % of the text",
            info.size,
            count(info.tokens),
            plural(report.vocab_size, "token", "tokens"),
            100.0 * info.coverage
        );
        if info.unreadable > 0 {
            let lines = plural(info.unreadable, "line", "lines");
            log::warn!("skipped {lines} of word vectors, not UTF-8");
        }
    }
    for estimate in &report.estimates {
        log::info!(
            "--preset {}: {:.1} million parameters, {:.1} GB of memory, about {} per epoch on {} cores",
            estimate.preset,
            estimate.parameters as f64 / 1e6,
            estimate.memory_bytes as f64 / 1e9,
            duration(estimate.seconds_per_epoch),
            estimate.cores
        );
    }
    log::info!("(times are estimates and may be off by a factor of three)");
    report.advice.iter().for_each(|advice| log::warn!("{advice}"));
    Ok(())
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "a second".into(),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} minutes", s / 60.0),
        s => format!("{:.0} hours", s / 3600.0),
    }
}
