//! From the arguments to a request: values checked, words turned into tokens.

use rnn_tools::cli::generate::Args;
use rnn_tools::error::{Error, Result};
use rnn_tools::generate::{GenerationRequest, StoppingCriteria};
use rnn_tools::sampling::SamplingParams;
use rnn_tools::text::Tokenizer;

/// Words where nobody said how many; where something else ends the text.
const WORDS: usize = 50;
const MOST_WORDS: usize = 10_000;

/// Everything that can be said without a model.
pub fn request(args: &Args, seed_text: String, random_seed: u64) -> Result<GenerationRequest> {
    let stopping_criteria = stopping_criteria(args)?;
    let ends_otherwise = stopping_criteria != StoppingCriteria { keep_string: true, ..StoppingCriteria::default() };
    let num_words = match args.words {
        None if args.interactive => None,
        None => Some(if ends_otherwise { MOST_WORDS } else { WORDS }),
        Some(0) => None,
        number => number,
    };
    if num_words.is_none() && !ends_otherwise && !args.interactive {
        let needs_an_end = [
            (args.json, "--json"),
            (args.novelty, "--novelty"),
            (args.samples > 1, "--samples"),
            (args.beams.is_some(), "--beams"),
            (args.state_out.is_some(), "--state-out"),
        ];
        if let Some((_, option)) = needs_an_end.iter().find(|(given, _)| *given) {
            return Err(Error::usage(format!("{option} needs a text with an end, and -n 0 has none")));
        }
    }
    if args.samples == 0 || args.first_sample == 0 {
        return Err(Error::usage("samples are counted from 1"));
    }
    if args.beams == Some(0) || args.beams.is_some_and(|beams| beams < args.samples) {
        return Err(Error::usage("--beams must be at least 1, and at least --samples"));
    }
    if !args.length_penalty.is_finite() {
        return Err(Error::usage("--length-penalty must be a number"));
    }
    if args.no_copy.is_some_and(|words| words < 2) {
        return Err(
            Error::usage("--no-copy needs runs of at least 2 words").hint("5 to 8 keep idioms and stop copying")
        );
    }
    if args.model.len() > 1 && args.mix.is_empty() && args.turns.is_none() {
        return Err(Error::usage("several models need --mix or --turns").hint("--mix 0.5,0.5 mixes them word by word"));
    }
    if !args.mix.is_empty() && args.mix.len() != args.model.len() {
        return Err(Error::usage(format!("--mix has {} shares for {} models", args.mix.len(), args.model.len())));
    }
    if args.turns.is_some() && args.model.len() == 1 {
        return Err(Error::usage("--turns needs several models").hint("give -m more than once"));
    }
    let sampling = sampling(args)?;
    sampling.check()?;
    let sees_probabilities = args.json || args.probs || args.best.is_some();
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
        alternatives: sees_probabilities.then_some(args.best.unwrap_or(0)),
    })
}

fn stopping_criteria(args: &Args) -> Result<StoppingCriteria> {
    for (name, value) in [("chars", args.chars), ("sentences", args.sentences), ("paragraphs", args.paragraphs)] {
        if value == Some(0) {
            return Err(Error::usage(format!("--{name} must be at least 1")));
        }
    }
    if args.until.iter().any(String::is_empty) {
        return Err(Error::usage("--until needs a string that is not empty"));
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
    // The cut by default is for those who do not choose one themselves.
    let cuts_otherwise = args.top_k.is_some() || args.min_p.is_some() || args.typical.is_some();
    let top_p = if cuts_otherwise { 1.0 } else { SamplingParams::default().top_p };
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

/// `0.8`, or `1.2@0,0.6@100`.
fn temperature(text: &str) -> Result<(f32, Vec<(usize, f32)>)> {
    let fault = || {
        Error::usage(format!("'{text}' is not a temperature"))
            .hint("a number, as in 0.8, or numbers with the words at which they hold, as in 1.2@0,0.6@100")
    };
    if let Ok(number) = text.trim().parse() {
        return Ok((number, Vec::new()));
    }
    let points: Option<Vec<(usize, f32)>> = text
        .split(',')
        .map(|point| point.split_once('@').and_then(|(t, at)| Some((at.trim().parse().ok()?, t.trim().parse().ok()?))))
        .collect();
    let points = points.ok_or_else(fault)?;
    Ok((points[0].1, points))
}

/// Puts the biases and bans into a request; refuses what this model cannot do.
pub fn for_model(request: &mut GenerationRequest, args: &Args, tokenizer: &Tokenizer) -> Result<()> {
    let mut bias = Vec::new();
    for option in &args.bias {
        let fault =
            || Error::usage(format!("--bias '{option}' is not a word and a number")).hint("as in --bias cat=2.5");
        let (word, number) = option.rsplit_once('=').ok_or_else(fault)?;
        let number: f32 = number.parse().map_err(|_| fault())?;
        let tokens = tokens(tokenizer, word);
        if tokens.is_empty() {
            return Err(Error::failure(format!("the model does not know the word '{word}' of --bias")));
        }
        bias.extend(tokens.into_iter().map(|token| (token, number)));
    }
    for word in &args.ban {
        let tokens = tokens(tokenizer, word);
        if tokens.is_empty() {
            log::warn!("the model does not know '{word}' and never writes it anyway");
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
        return Err(Error::failure("the model writes no full stops, so --sentences would never end"));
    }
    if request.stopping_criteria.paragraphs.is_some() && !writes(&['\n']) {
        return Err(Error::failure("the model writes no line breaks, so --paragraphs would never end"));
    }
    Ok(())
}

/// The tokens of a word or mark, with the blanks that it may carry.
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
    fn who_chooses_a_cut_gets_no_other() {
        let top_p = |line: &str| request(&args(line), String::new(), 1).unwrap().sampling.top_p;
        assert_eq!([top_p(""), top_p("--top-k 5"), top_p("--top-k 5 --top-p 0.3")], [0.6, 1.0, 0.3]);
    }

    #[test]
    fn the_default_length_is_fifty_words_or_what_ends_the_text() {
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
            "--beams 0",
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
    fn a_word_has_all_its_tokens() {
        let pieces = [UNKNOWN, "the", ", ", ",", " “", "The", "\n\n"].map(Into::into).to_vec();
        let t = Tokenizer::new(PreTokenizer::Plain, pieces).unwrap();
        assert_eq!(
            [tokens(&t, "the"), tokens(&t, ","), tokens(&t, "“"), tokens(&t, "\\n\\n")],
            [vec![1], vec![2, 3], vec![4], vec![6]]
        );
        assert!(tokens(&t, "of the").is_empty());
    }
}
