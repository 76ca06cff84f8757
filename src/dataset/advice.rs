//! What to do about a text that is too small, or about a vocabulary that does not fit it, before hours are
//! spent on training.

use super::report::Report;
use crate::settings::{Preset, Settings};

/// A network learns little from less.
const FEW_WORDS: u64 = 20_000;
const FEW_CHARACTERS: u64 = 200_000;
/// Held-out text of which more is unknown says little about what was learned.
const MUCH_UNKNOWN: f64 = 0.1;
/// A loss over fewer tokens is mostly chance.
const FEW_HELD_OUT: u64 = 1000;
/// From here on the projection to the vocabulary takes nearly all of the time.
const LARGE_VOCABULARY: usize = 50_000;

/// One sentence for each thing that the user may want to change.
pub fn advice(report: &Report, has_returns: bool) -> Vec<String> {
    let mut advice = Vec::new();
    let [train, valid, test] = &report.parts[..] else { return advice };
    let in_characters = matches!(report.level, "char" | "byte");
    let (few, unit) = if in_characters { (FEW_CHARACTERS, "characters") } else { (FEW_WORDS, "words") };
    let least = Settings::preset(Preset::Small).batch_size as u64 * 2;
    if train.tokens < least {
        let most = (train.tokens / 2).max(1);
        advice.push(format!(
            "{} tokens to train on are too few for a batch of {}; rnn-train will need --batch-size {most} or less",
            train.tokens,
            least / 2
        ));
    }
    if train.tokens < few {
        let times = few.div_ceil(train.tokens.max(1));
        advice.push(format!(
            "a network learns little from {} {unit}; {few} or more are better, about {times} times as many",
            train.tokens
        ));
    }
    let smallest = report.estimates.iter().min_by_key(|estimate| estimate.parameters);
    if let Some(smallest) = smallest.filter(|e| train.tokens >= few && e.parameters as u64 > 50 * train.tokens) {
        advice.push(format!(
            "even the smallest preset has {} parameters for each token; --min-count 2 or --max-vocab makes a smaller network",
            smallest.parameters as u64 / train.tokens
        ));
    }
    if valid.tokens < FEW_HELD_OUT {
        advice.push(match valid.tokens {
            0 => "nothing is held out to validate on, and rnn-train needs that: --valid 0.1".into(),
            tokens => format!("{tokens} held-out tokens are too few to validate on; --valid holds out a larger share"),
        });
    }
    for part in [valid, test].into_iter().filter(|part| part.unknown_share > MUCH_UNKNOWN) {
        advice.push(format!(
            "{:.0} % of the {} part is unknown, so its loss says little; more text, or another vocabulary, knows more of it",
            100.0 * part.unknown_share,
            part.name
        ));
    }
    if train.unknown_share > MUCH_UNKNOWN {
        advice.push(format!(
            "{:.0} % of the text to train on is unknown; lower --min-count, raise --max-vocab, or use no --vocab",
            100.0 * train.unknown_share
        ));
    }
    if report.vocab_size > LARGE_VOCABULARY {
        advice.push(format!(
            "{} tokens in the vocabulary make training slow; {} of them come once: --min-count 2 drops those",
            report.vocab_size, report.seen_once
        ));
    }
    if has_returns {
        advice.push(
            "the lines end in CR LF, and so will those that are generated; `rnn-fetch FILE` makes them LF".into(),
        );
    }
    if let Some(found) = report.prep.embeddings.as_ref().filter(|found| found.share < 0.5) {
        advice.push(format!(
            "the word vectors cover only {:.0} % of the text; are they of its language?",
            100.0 * found.share
        ));
    }
    advice
}

#[cfg(test)]
mod tests {
    use crate::dataset::report::Report;
    use crate::dataset::{Block, BuildOptions, Builder, Part, Split, SplitBy};
    use crate::text::PreTokenizer;
    use crate::text::vocabulary::VocabLimits;

    fn advice(text: &str, valid: f64, min_count: usize) -> String {
        let mut builder = Builder::new(PreTokenizer::Plain, false, false);
        builder.add(&[Block { part: Part::Main, texts: vec![text.into()], begins: true }]).unwrap();
        let split = Split { valid, test: 0.0, by: SplitBy::Token };
        let choice = BuildOptions { limits: VocabLimits { min_count, max_size: None }, split, vocabulary: None };
        let prepared = builder.finish(choice).unwrap();
        Report::new(&prepared).advice.join("\n")
    }

    #[test]
    fn a_good_text_needs_none_and_a_bad_one_is_told_why() {
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
