//! The report of rnn-prep: the size of the text, the coverage of the vocabulary, the cost of training, and advice
//! on texts that are too small and vocabularies that do not fit.

use serde::Serialize;

use super::builder::PARTS;
use super::estimate::Estimate;
use super::types::Types;
use super::{Prep, Prepared, SplitBy};
use crate::format::{count, plural};
use crate::settings::{Preset, Settings};
use crate::text::PreTokenizer;

/// Below this size of the training part, a network learns little.
const MIN_WORDS: u64 = 20_000;
const MIN_CHARACTERS: u64 = 200_000;
/// Above this fraction of unknown tokens, a held-out part measures little.
const MAX_UNKNOWN: f64 = 0.1;
/// Below this number of tokens, a loss is mostly noise.
const MIN_HELD_OUT: u64 = 1000;
/// Above this vocabulary size, the output projection takes nearly all of the training time.
const LARGE_VOCABULARY: usize = 50_000;

/// The number of most frequent and of rarest types shown.
const SHOWN: usize = 10;

#[derive(Clone, Debug, Serialize)]
pub struct Report<'a> {
    /// The tokenizer level.
    pub level: &'static str,
    /// The language, if the level has a rule for it.
    pub language: Option<&'static str>,
    /// The number of tokens in the vocabulary.
    pub vocab_size: usize,
    /// The number of distinct pieces in the training part, and how many of them occur once.
    pub types: usize,
    pub seen_once: usize,
    /// The fraction of the training part that the vocabulary covers.
    pub coverage: f64,
    pub parts: Vec<PartReport>,
    pub most_frequent: Vec<Type<'a>>,
    pub rarest: Vec<Type<'a>>,
    /// The cost of one epoch, per preset.
    pub estimates: Vec<Estimate>,
    pub advice: Vec<String>,
    pub prep: &'a Prep,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartReport {
    pub name: &'static str,
    pub tokens: u64,
    pub types: usize,
    /// Tokens outside the vocabulary: their number, the number of distinct ones, and their fraction of all tokens.
    pub unknown: u64,
    pub unknown_types: usize,
    pub unknown_share: f64,
    /// The number of documents of a held-out part that are also in the training part.
    pub repeated: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Type<'a> {
    pub token: &'a str,
    pub count: u64,
}

impl<'a> Report<'a> {
    pub fn new(prepared: &'a Prepared) -> Self {
        let parts: Vec<PartReport> = (0..PARTS.len()).map(|part| PartReport::new(prepared, part)).collect();
        let pieces = prepared.types.pieces().iter().zip(&prepared.counts[0]).enumerate();
        let mut types: Vec<Type> = pieces
            .filter(|&(number, (_, &count))| count > 0 && Types::is_text(number))
            .map(|(_, (piece, &count))| Type { token: piece, count })
            .collect();
        types.sort_unstable_by(|a, b| b.count.cmp(&a.count).then(a.token.cmp(b.token)));
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let vocab_size = prepared.tokenizer.len();
        let estimate = |(name, preset)| Estimate::new(name, preset, vocab_size, parts[0].tokens, cores);
        let mut report = Self {
            level: prepared.tokenizer.pre_tokenizer().level(),
            language: prepared.tokenizer.pre_tokenizer().language(),
            vocab_size,
            types: types.len(),
            seen_once: types.iter().filter(|t| t.count == 1).count(),
            coverage: 1.0 - parts[0].unknown_share,
            estimates: [("classic", Preset::Classic), ("small", Preset::Small)].map(estimate).to_vec(),
            most_frequent: types.iter().take(SHOWN).cloned().collect(),
            rarest: types.iter().rev().take(SHOWN.min(types.len().saturating_sub(SHOWN))).cloned().collect(),
            parts,
            advice: Vec::new(),
            prep: &prepared.prep,
        };
        let by_character = matches!(prepared.tokenizer.pre_tokenizer(), PreTokenizer::Char | PreTokenizer::Codepoint);
        let has_returns = by_character && ["\r", "\r\n"].iter().any(|&piece| prepared.tokenizer.id(piece).is_some());
        report.advice = advice(&report, has_returns);
        report
    }
}

impl PartReport {
    fn new(prepared: &Prepared, part: usize) -> Self {
        let (unknown, unknown_types) = prepared.unknown(part);
        let tokens = prepared.tokens(part);
        let counts = prepared.counts[part].iter().enumerate();
        let types = counts.filter(|&(number, &count)| count > 0 && Types::is_text(number)).count();
        let unknown_share = unknown as f64 / tokens.max(1) as f64;
        let repeated = prepared.repeated[part];
        Self { name: PARTS[part], tokens, types, unknown, unknown_types, unknown_share, repeated }
    }
}

/// Returns one sentence for each thing that the user may want to change.
fn advice(report: &Report, has_returns: bool) -> Vec<String> {
    let mut advice = Vec::new();
    let [train, valid, test] = &report.parts[..] else { return advice };
    let in_characters = matches!(report.level, "char" | "codepoint" | "byte");
    let (min, unit) =
        if in_characters { (MIN_CHARACTERS, ("character", "characters")) } else { (MIN_WORDS, ("word", "words")) };
    let min_tokens = Settings::preset(Preset::Small).batch_size as u64 * 2;
    if train.tokens < min_tokens {
        let most = (train.tokens / 2).max(1);
        advice.push(format!(
            "the training part has only {}, too few for batches of {}; give rnn-train --batch-size {most} or less",
            plural(train.tokens as usize, "token", "tokens"),
            min_tokens / 2
        ));
    }
    if train.tokens < min {
        let times = min.div_ceil(train.tokens.max(1));
        advice.push(format!(
            "a network learns little from {}; use at least {}, about {} times as many",
            plural(train.tokens as usize, unit.0, unit.1),
            count(min as usize),
            count(times as usize)
        ));
    }
    let smallest = report.estimates.iter().min_by_key(|estimate| estimate.parameters);
    if let Some(smallest) = smallest.filter(|e| train.tokens >= min && e.parameters as u64 > 50 * train.tokens) {
        advice.push(format!(
            "even the smallest preset has {} parameters per token; --min-count 2 or --max-vocab makes the network smaller",
            smallest.parameters as u64 / train.tokens
        ));
    }
    if valid.tokens < MIN_HELD_OUT {
        advice.push(match valid.tokens {
            0 => "there is no validation part, which rnn-train requires; add --valid 0.1".into(),
            1 => "one held-out token is too little for validation; raise --valid".into(),
            tokens => format!("{tokens} held-out tokens are too few for validation; raise --valid"),
        });
    }
    let split = &report.prep.split;
    let fractions = [(valid, split.valid), (test, split.test)];
    let main =
        train.tokens + fractions.iter().filter(|(_, wanted)| *wanted > 0.0).map(|(part, _)| part.tokens).sum::<u64>();
    for (part, wanted) in fractions.into_iter().filter(|&(_, wanted)| wanted > 0.0 && split.by != SplitBy::Token) {
        let share = part.tokens as f64 / main.max(1) as f64;
        if share > 2.0 * wanted || share < 0.5 * wanted {
            let unit = if split.by == SplitBy::Chapter { "chapters" } else { "documents" };
            advice.push(format!(
                "the {} part is {:.1} % of the text instead of {:.1} %, because it was split between {unit}; --split-by token splits anywhere",
                part.name,
                100.0 * share,
                100.0 * wanted
            ));
        }
    }
    for part in [valid, test].into_iter().filter(|part| part.repeated > 0) {
        advice.push(format!(
            "documents of the {} part that are also in the training part: {}; its loss is too good",
            part.name, part.repeated
        ));
    }
    for part in [valid, test].into_iter().filter(|part| part.unknown_share > MAX_UNKNOWN) {
        advice.push(format!(
            "{:.0} % of the {} part is unknown, so its loss means little; use more text or another vocabulary",
            100.0 * part.unknown_share,
            part.name
        ));
    }
    if train.unknown_share > MAX_UNKNOWN {
        advice.push(format!(
            "{:.0} % of the training part is unknown; lower --min-count, raise --max-vocab or drop --vocab",
            100.0 * train.unknown_share
        ));
    }
    if report.vocab_size > LARGE_VOCABULARY {
        let remedy = match report.seen_once {
            0 => "--max-vocab makes it smaller".into(),
            1 => "one of them occurs only once, and --min-count 2 drops it".into(),
            once => format!("{} of them occur only once, and --min-count 2 drops those", count(once)),
        };
        advice.push(format!("a vocabulary of {} tokens makes training slow; {remedy}", count(report.vocab_size)));
    }
    if has_returns {
        advice.push("lines end in CR LF, and generated lines will too; `rnn-fetch FILE` converts them to LF".into());
    }
    if let Some(info) = report.prep.embeddings.as_ref().filter(|info| info.coverage < 0.5) {
        advice.push(format!(
            "the word vectors cover only {:.0} % of the text; are they for the same language?",
            100.0 * info.coverage
        ));
    }
    advice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::{Block, BuildOptions, Builder, Part, Split, SplitBy};
    use crate::text::vocabulary::VocabLimits;

    fn advice(text: &str, valid: f64, min_count: usize) -> String {
        let mut builder = Builder::new(PreTokenizer::Plain, false, false);
        builder.add(&[Block { part: Part::Main, texts: vec![text.into()], begins: true }]).unwrap();
        let split = Split { valid, test: 0.0, by: SplitBy::Token };
        let options = BuildOptions { limits: VocabLimits { min_count, max_size: None }, split, vocabulary: None };
        let prepared = builder.finish(options).unwrap();
        Report::new(&prepared).advice.join("\n")
    }

    #[test]
    fn a_good_text_gets_no_advice_and_a_bad_one_gets_reasons() {
        let good = "The cat sat on the mat. ".repeat(4000);
        assert_eq!(advice(&good, 0.1, 1), "");
        let short = advice(&"The cat sat. ".repeat(8), 0.1, 1);
        assert!(short.contains("--batch-size 14 or less") && short.contains("learns little"), "{short}");
        assert!(advice(&good, 0.0, 1).contains("--valid 0.1"));
        let rare: String = (0..30_000).map(|i| format!("the {i} ")).collect();
        let unknown = advice(&rare, 0.1, 2);
        assert!(unknown.contains("50 % of the valid part") && unknown.contains("lower --min-count"), "{unknown}");
    }
}
