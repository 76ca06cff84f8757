//! Turns the arguments into a request: checks values and encodes words.

use rnn_tools::cli::generate::Args;
use rnn_tools::error::{Error, Result};
use rnn_tools::format::plural;
use rnn_tools::generate::{GenerationRequest, StoppingCriteria};
use rnn_tools::sampling::SamplingParams;
use rnn_tools::text::Tokenizer;

/// Default numbers of words, without and with another option that ends the text.
const WORDS: usize = 50;
const MAX_WORDS: usize = 10_000;

/// Returns the request, apart from what depends on the model.
pub fn request(args: &Args, seed_text: String, random_seed: u64) -> Result<GenerationRequest> {
    let stopping_criteria = stopping_criteria(args)?;
    let has_other_end = stopping_criteria != StoppingCriteria { keep_string: true, ..StoppingCriteria::default() };
    let num_words = match args.words {
        None if args.interactive => None,
        None => Some(if has_other_end { MAX_WORDS } else { WORDS }),
        Some(0) => None,
        number => number,
    };
    if num_words.is_none() && !has_other_end && !args.interactive {
        let needs_end = [
            (args.json, "--json"),
            (args.novelty, "--novelty"),
            (args.samples > 1, "--samples"),
            (args.beams.is_some(), "--beams"),
            (args.state_out.is_some(), "--state-out"),
        ];
        if let Some((_, option)) = needs_end.iter().find(|(given, _)| *given) {
            return Err(Error::usage(format!("{option} cannot be used with -n 0, which sets no length limit")));
        }
    }
    for (is_zero, option) in [(args.samples == 0, "--samples"), (args.first_sample == 0, "--first-sample")] {
        if is_zero {
            return Err(Error::usage(format!("{option} must be at least 1")));
        }
    }
    if args.beams.is_some_and(|beams| beams < args.samples) {
        return Err(Error::usage("--beams must be at least --samples"));
    }
    if !args.length_penalty.is_finite() {
        return Err(Error::usage("--length-penalty must be a number"));
    }
    if args.no_copy.is_some_and(|words| words < 2) {
        return Err(
            Error::usage("--no-copy must be at least 2").hint("5 to 8 allows common phrases but prevents copying")
        );
    }
    if args.model.len() > 1 && args.mix.is_empty() && args.turns.is_none() {
        return Err(
            Error::usage("several models require --mix or --turns").hint("--mix 0.5,0.5 averages their probabilities")
        );
    }
    if !args.mix.is_empty() && args.mix.len() != args.model.len() {
        return Err(Error::usage(format!(
            "--mix has {} for {}",
            plural(args.mix.len(), "weight", "weights"),
            plural(args.model.len(), "model", "models")
        )));
    }
    if args.turns.is_some() && args.model.len() == 1 {
        return Err(Error::usage("--turns requires several models").hint("repeat -m"));
    }
    let sampling = sampling(args)?;
    sampling.check()?;
    let needs_stats = args.json || args.probs || args.best.is_some();
    Ok(GenerationRequest {
        seed_text,
        unknown: args.unknown,
        num_words,
        num_tokens: None,
        stopping_criteria,
        sampling,
        allow_unknown: args.allow_unk,
        random_seed,
        sample_index: args.first_sample - 1,
        alternatives: needs_stats.then_some(args.best.unwrap_or(0)),
    })
}

fn stopping_criteria(args: &Args) -> Result<StoppingCriteria> {
    for (name, value) in [("chars", args.chars), ("sentences", args.sentences), ("paragraphs", args.paragraphs)] {
        if value == Some(0) {
            return Err(Error::usage(format!("--{name} must be at least 1")));
        }
    }
    if args.until.iter().any(String::is_empty) {
        return Err(Error::usage("--until must not be empty"));
    }
    Ok(StoppingCriteria {
        characters: args.chars,
        sentences: args.sentences,
        paragraphs: args.paragraphs,
        strings: args.until.iter().map(|string| string.replace("\\n", "\n")).collect(),
        keep_string: true,
    })
}

fn sampling(args: &Args) -> Result<SamplingParams> {
    let (temperature, schedule) = temperature(&args.temperature)?;
    // The default top-p applies only if no other filter is chosen.
    let has_other_filter = args.top_k.is_some() || args.min_p.is_some() || args.typical.is_some();
    let top_p = if has_other_filter { 1.0 } else { SamplingParams::default().top_p };
    Ok(SamplingParams {
        temperature,
        schedule,
        top_k: args.top_k,
        top_p: args.top_p.unwrap_or(top_p),
        min_p: args.min_p.unwrap_or(0.0),
        typical_p: args.typical.unwrap_or(1.0),
        repetition_penalty: args.repetition_penalty,
        presence_penalty: args.presence_penalty,
        frequency_penalty: args.frequency_penalty,
        penalty_window: args.penalty_window,
        no_repeat_ngram_size: match args.no_repeat_ngram {
            Some(0) => return Err(Error::usage("--no-repeat-ngram must be at least 1")),
            size => size.unwrap_or(0),
        },
        bias: Vec::new(),
    })
}

/// Parses `0.8` or `1.2@0,0.6@100`.
fn temperature(text: &str) -> Result<(f32, Vec<(usize, f32)>)> {
    let error = || {
        Error::usage(format!("--temperature must be a number or a schedule, got '{text}'"))
            .hint("0.8, or temperatures at word counts: 1.2@0,0.6@100")
    };
    if let Ok(number) = text.trim().parse() {
        return Ok((number, Vec::new()));
    }
    let points: Option<Vec<(usize, f32)>> = text
        .split(',')
        .map(|point| point.split_once('@').and_then(|(t, at)| Some((at.trim().parse().ok()?, t.trim().parse().ok()?))))
        .collect();
    let points = points.ok_or_else(error)?;
    Ok((points[0].1, points))
}

/// Adds biases and bans to a request; refuses stopping criteria that the model can never meet.
pub fn for_model(request: &mut GenerationRequest, args: &Args, tokenizer: &Tokenizer) -> Result<()> {
    let mut bias = Vec::new();
    for option in &args.bias {
        let error = || Error::usage(format!("--bias must be WORD=X, got '{option}'")).hint("--bias cat=2.5");
        let (word, number) = option.rsplit_once('=').ok_or_else(error)?;
        let number: f32 = number.parse().map_err(|_| error())?;
        let tokens = tokens(tokenizer, word);
        if tokens.is_empty() {
            return Err(Error::failure(format!("--bias: '{word}' is not in the vocabulary")));
        }
        bias.extend(tokens.into_iter().map(|token| (token, number)));
    }
    for word in &args.ban {
        let tokens = tokens(tokenizer, word);
        if tokens.is_empty() {
            log::warn!("--ban: '{word}' is not in the vocabulary");
        }
        bias.extend(tokens.into_iter().map(|token| (token, f32::NEG_INFINITY)));
    }
    request.sampling.bias = bias;
    request.sampling.check()?;
    let writes = |marks: &[char]| {
        !tokenizer.pre_tokenizer().is_word_level()
            || (0..tokenizer.len() as u32).any(|id| tokenizer.piece(id).contains(marks) && !tokenizer.is_word(id))
    };
    if request.stopping_criteria.sentences.is_some() && !writes(&['.', '!', '?', '…', '。', '！', '？']) {
        return Err(Error::failure("--sentences: the vocabulary has no full stops"));
    }
    if request.stopping_criteria.paragraphs.is_some() && !writes(&['\n']) {
        return Err(Error::failure("--paragraphs: the vocabulary has no line breaks"));
    }
    Ok(())
}

/// Returns the tokens of a word or punctuation mark, with and without adjacent spaces.
fn tokens(tokenizer: &Tokenizer, word: &str) -> Vec<u32> {
    let word = word.replace("\\n", "\n");
    let piece = |id: u32| tokenizer.piece(id);
    let bare = |text: &str| {
        if text.trim_matches(' ').is_empty() { text.to_string() } else { text.trim_matches(' ').to_string() }
    };
    (0..tokenizer.len() as u32).filter(|&id| piece(id) == word || bare(piece(id)) == bare(&word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rnn_tools::cli::Parser;
    use rnn_tools::text::{PreTokenizer, UNKNOWN};

    fn args(line: &str) -> Args {
        Args::try_parse_from(["rnn-gen", "-m", "x"].into_iter().chain(line.split_whitespace())).unwrap()
    }

    #[test]
    fn a_temperature_is_a_number_or_a_schedule() {
        assert_eq!(temperature("0.8").unwrap(), (0.8, vec![]));
        assert_eq!(temperature("1.2@0,0.6@100").unwrap(), (1.2, vec![(0, 1.2), (100, 0.6)]));
        for bad in ["", "warm", "1@", "1@2,3", "@5", "1@-2"] {
            assert!(temperature(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn another_filter_replaces_the_default_top_p() {
        let top_p = |line: &str| request(&args(line), String::new(), 1).unwrap().sampling.top_p;
        assert_eq!([top_p(""), top_p("--top-k 5"), top_p("--top-k 5 --top-p 0.3")], [0.6, 1.0, 0.3]);
    }

    #[test]
    fn the_default_length_is_fifty_words_without_another_end() {
        let words = |line: &str| request(&args(line), String::new(), 1).unwrap().num_words;
        assert_eq!([words(""), words("-n 7"), words("-n 0"), words("-i")], [Some(50), Some(7), None, None]);
        assert_eq!(
            [words("--until x"), words("--sentences 2"), words("-n 0 --chars 9")],
            [Some(10_000), Some(10_000), None]
        );
    }

    #[test]
    fn contradictions_are_usage_errors() {
        for line in [
            "-n 0 --json",
            "-n 0 --samples 2",
            "-n 0 --beams 2",
            "--beams 2 --samples 3",
            "--samples 0",
            "--first-sample 0",
            "--sentences 0",
            "-m y",
            "--mix 0.5,0.5",
            "-m y --mix 1",
            "--turns sentence",
            "--no-repeat-ngram 0",
            "--top-k 0",
            "--min-p 2",
            "--typical 0",
            "--no-copy 1 --book b",
        ] {
            assert!(request(&args(line), String::new(), 1).is_err(), "{line}");
        }
        for line in ["--no-copy 5", "--beams 2 -t 0.5", "--beams 2 --top-k 3", "-i --samples 2", "--json --probs"] {
            let all = ["rnn-gen", "-m", "x"].into_iter().chain(line.split_whitespace());
            assert!(Args::try_parse_from(all).is_err(), "{line}");
        }
    }

    #[test]
    fn all_tokens_of_a_word_are_found() {
        let pieces = [UNKNOWN, "the", ", ", ",", " “", "The", "\n\n"];
        let t = Tokenizer::new(PreTokenizer::Plain, pieces).unwrap();
        assert_eq!(
            [tokens(&t, "the"), tokens(&t, ","), tokens(&t, "“"), tokens(&t, "\\n\\n")],
            [vec![1], vec![2, 3], vec![4], vec![6]]
        );
        assert!(tokens(&t, "of the").is_empty());
    }
}
