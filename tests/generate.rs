//! End-to-end tests of rnn-gen's options: lengths, samples, beams, ensembles, turns, state files, the copy filter, JSON
//! and tables.

use std::fs;
use std::path::Path;

use rnn_tools::dataset::TokenFile;
use rnn_tools::model::{Cell, Config, ModelFile};
use rnn_tools::ngram::Ngram;
use rnn_tools::text::{BOS, EOS, PreTokenizer, Tokenizer, UNKNOWN, bytes};
use serde_json::Value;

mod shell;
use shell::{Ran, sh};

const WORDS: [&str; 12] = ["the", "cat", "dog", "sat", "ran", ", ", ". ", "Once", "\n\n", "“", "” ", "The"];

fn tokenizer(style: PreTokenizer, pieces: &[&str]) -> Tokenizer {
    Tokenizer::new(style, [UNKNOWN].iter().chain(pieces)).unwrap()
}

fn model(tokenizer: Tokenizer, seed: u64) -> ModelFile {
    let config =
        Config { vocab_size: tokenizer.len(), embedding_size: 8, hidden_size: 12, num_layers: 2, ..Config::default() };
    ModelFile::random(config, tokenizer, seed)
}

/// Creates a folder with two models, `a` and `b`, that have the same vocabulary.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, seed) in [("a", 1), ("b", 2)] {
        model(tokenizer(PreTokenizer::Plain, &WORDS), seed).write(&folder.path().join(name)).unwrap();
    }
    folder
}

fn words(text: &str) -> usize {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).count()
}

fn json(ran: &Ran) -> Vec<Value> {
    ran.succeeds().stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

#[test]
fn a_text_ends_at_the_requested_length() {
    let folder = folder();
    let run = |options: &str| {
        sh(folder.path(), &format!("rnn-gen -q -m a -r 4 --top-p 1 {options}")).succeeds().stdout.clone()
    };
    let two = run("--sentences 2");
    assert!(two.trim_end().ends_with(['.', '”']) && two.matches('.').count() >= 2, "{two:?}");
    assert!(run("--sentences 3").starts_with(two.trim_end()));
    let paragraph = run("--paragraphs 1");
    assert!(
        !paragraph.trim_end().contains("\n\n") && paragraph.ends_with('\n') && words(&paragraph) > 0,
        "{paragraph:?}"
    );
    let until = run("--until 'cat sat' --until 'dog ran'");
    assert!(until.ends_with("cat sat\n") || until.ends_with("dog ran\n"), "{until:?}");
    for most in 1..40 {
        let count = run(&format!("--chars {most} --seed the")).trim_end_matches('\n').chars().count();
        assert!(count <= 3 + most, "{count}");
    }
    assert_eq!(words(&run("-n 7 --sentences 90")), 7);
    assert_eq!(run("--seed-file /dev/null -n 9"), run("-n 9"));
    fs::write(folder.path().join("seed"), "The cat\n").unwrap();
    assert!(run("--seed-file seed -n 2").starts_with("The cat"));
}

#[test]
fn samples_are_the_same_in_a_batch_and_alone() {
    let folder = folder();
    let run = |options: &str| json(&sh(folder.path(), &format!("rnn-gen -q -m a -r 7 -n 20 --json {options}")));
    // More than fit in one batch.
    let all = run("--samples 70");
    assert_eq!(all.len(), 70);
    for number in [1, 2, 64, 65, 70] {
        let alone = run(&format!("--first-sample {number}"));
        assert_eq!(alone[0], all[number - 1]);
        assert_eq!(alone[0]["sample"], number);
    }
    assert_ne!(all[0]["text"], all[1]["text"]);
    let text = sh(folder.path(), "rnn-gen -q -m a -r 7 -n 20 --samples 3").stdout;
    let texts: Vec<&str> = text.split("\n\n* * *\n\n").map(|text| text.trim_end_matches('\n')).collect();
    assert_eq!(texts, all[..3].iter().map(|o| o["text"].as_str().unwrap().trim_end_matches('\n')).collect::<Vec<_>>());
}

#[test]
fn json_contains_the_text_and_what_is_needed_to_reproduce_it() {
    let folder = folder();
    let ran = sh(folder.path(), "rnn-gen -m a --seed 'the zebra cat' -n 12 -r 1 --json --best 3 --top-k 4");
    let object = &json(&ran)[0];
    let tokens: String = object["tokens"].as_array().unwrap().iter().map(|t| t.as_str().unwrap()).collect();
    assert_eq!(object["generated_text"].as_str().unwrap(), tokens);
    assert_eq!(object["text"].as_str().unwrap(), format!("the zebra cat{tokens}"));
    assert_eq!((&object["num_words"], &object["end"]), (&12.into(), &"words".into()));
    assert_eq!(object["unknown_words"][0]["column"], 5);
    let (own, chosen) = (floats(&object["probabilities"]), floats(&object["sampling_probabilities"]));
    assert!(own.iter().zip(&chosen).all(|(own, chosen)| *own > 0.0 && *own < *chosen + 1e-6 && *chosen <= 1.0));
    for (at, ranks) in object["ranks"].as_array().unwrap().iter().enumerate() {
        let best = object["alternatives"][at].as_array().unwrap();
        let falls = best.windows(2).all(|pair| pair[0]["probability"].as_f64() >= pair[1]["probability"].as_f64());
        assert!(falls && best.len() == 3);
        if let Some(found) = best.get(ranks.as_u64().unwrap() as usize - 1) {
            assert!((found["probability"].as_f64().unwrap() - own[at]).abs() < 1e-6);
        }
    }
    assert_eq!(object["models"][0]["fingerprint"].as_str().unwrap().len(), 64);
    let seed = object["random_seed"].as_u64().unwrap();
    let again =
        sh(folder.path(), &format!("rnn-gen -q -m a --seed 'the zebra cat' -n 12 --json --best 3 --top-k 4 -r {seed}"));
    assert_eq!(again.stdout, ran.stdout);
    sh(folder.path(), "rnn-gen --json -m - < a").fails(2, "fingerprint");
}

#[test]
fn a_table_has_one_row_per_piece() {
    let folder = folder();
    let ran = sh(folder.path(), "rnn-gen -q -m a -r 1 -n 30 --probs --samples 2 --seed the");
    let rows: Vec<Vec<&str>> = ran.succeeds().stdout.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0], ["sample", "piece", "probability", "chosen", "rank"]);
    assert!(rows.iter().all(|row| row.len() == 5));
    let second: String = rows.iter().filter(|row| row[0] == "2").map(|row| row[1]).collect();
    let text = sh(folder.path(), "rnn-gen -q -m a -r 1 -n 30 --first-sample 2 --seed the").stdout;
    assert_eq!(format!("the{}\n", second.replace("\\n", "\n")), text);
}

#[test]
fn colour_is_used_only_on_request() {
    let folder = folder();
    let run = |line: &str| sh(folder.path(), line).succeeds().stdout.clone();
    let plain = run("rnn-gen -q -m a -r 1 -n 30");
    assert!(!plain.contains('\x1b'));
    let colored = run("rnn-gen -q -m a -r 1 -n 30 --color always");
    let mut bare = colored.clone();
    for code in [0, 31, 32, 33, 35] {
        bare = bare.replace(&format!("\x1b[{code}m"), "");
    }
    assert!(colored.contains('\x1b') && bare == plain, "{colored:?}");
}

#[test]
fn banned_words_are_absent_and_favoured_words_frequent() {
    let folder = folder();
    let run = |options: &str| sh(folder.path(), &format!("rnn-gen -q -m a -r 1 -n 60 -t 1 --top-p 1 {options}"));
    let text = run("--ban cat --ban , --ban '\\n\\n'").succeeds().stdout.clone();
    assert!(!text.contains("cat") && !text.contains(',') && !text.trim().contains('\n'), "{text:?}");
    assert!(run("--bias dog=20").stdout.matches("dog").count() > 50);
    assert!(run("--allow-unk --bias '<unk>=20'").stdout.contains("<unk>"));
    run("--bias dog").fails(2, "'dog'");
    run("--bias zebra=2").fails(1, "'zebra'");
    let all: String =
        WORDS.iter().map(|word| format!(" --ban '{}'", word.trim_matches(' ').replace('\n', "\\n"))).collect();
    let none = run(&all);
    none.fails(1, "banned");
    run("--allow-unk --no-repeat-ngram 1").fails(1, "banned");
    let once = sh(folder.path(), "rnn-gen -q -m a -r 1 -n 3 --top-p 1 --no-repeat-ngram 1 --seed Once");
    assert_eq!(once.succeeds().stdout.to_lowercase().matches("once").count(), 1);
}

#[test]
fn beam_search_finds_more_probable_texts_than_greedy_decoding() {
    let folder = folder();
    let log_probability = |options: &str| -> f64 {
        let object = &json(&sh(folder.path(), &format!("rnn-gen -q -m a --seed the -n 8 --json {options}")))[0];
        floats(&object["probabilities"]).iter().map(|p| p.ln()).sum()
    };
    let (greedy, one, many) =
        (log_probability("-t 0"), log_probability("--beams 1"), log_probability("--beams 50 --length-penalty 0"));
    assert!((greedy - one).abs() < 1e-4 && many >= greedy - 1e-4, "{greedy} {one} {many}");
    let best = json(&sh(folder.path(), "rnn-gen -q -m a -n 4 --beams 6 --samples 4 --json"));
    let texts: std::collections::HashSet<&str> = best.iter().map(|o| o["text"].as_str().unwrap()).collect();
    assert_eq!(texts.len(), 4);
    sh(folder.path(), "rnn-gen -q -m a --beams 4 -t 0.5").fails(2, "--temperature");
}

#[test]
fn a_saved_text_continues_as_if_uninterrupted() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut plain = model(tokenizer(PreTokenizer::Plain, &WORDS), 3);
    let book: Vec<u32> = (0..400).map(|i| 1 + i * i % 12).collect();
    plain.ngram = Some(Ngram::count(&book, plain.config.vocab_size, 3));
    plain.ngram.as_mut().unwrap().weights = vec![0.2, 0.4, 0.5];
    plain.write(&at.join("plain")).unwrap();
    let documents = tokenizer(PreTokenizer::Char, &[BOS, EOS, "a", "b", " ", ".", "\n"]);
    let mut gru = model(documents, 4);
    let config = Config { cell: Cell::Gru, attention: 4, skip_connections: true, ..gru.config.clone() };
    gru = ModelFile::random(config, gru.tokenizer, 4);
    gru.write(&at.join("gru")).unwrap();
    let pieces = [UNKNOWN.into()].into_iter().chain(bytes::pieces());
    model(Tokenizer::new(PreTokenizer::Byte, pieces).unwrap(), 5).write(&at.join("bytes")).unwrap();

    let penalties =
        "--no-repeat-ngram 6 --repetition-penalty 1.1 --frequency-penalty 0.1 --penalty-window 9 -t 1.2@0,0.5@40";
    for model in ["-m plain", "-m bytes", "-m plain -m plain --mix 0.4,0.6"] {
        let run = |options: &str| sh(at, &format!("rnn-gen -q {model} {penalties} --json {options}"));
        let text = |ran: &Ran| json(ran)[0]["generated_text"].as_str().unwrap().to_string();
        let whole = text(&run("-r 8 --seed 'the cat' -n 60"));
        let first = text(&run("-r 8 --seed 'the cat' -n 25 --state-out s"));
        let second = text(&run("--state-in s -n 20 --state-out s"));
        let third = text(&run("--state-in s -n 15"));
        assert_eq!(first + &second + &third, whole, "{model}");
    }
    // These limits may end the text inside the tokens sampled so far.
    for (limit, ends) in
        [("--sentences", ["1", "2", "3"]), ("--paragraphs", ["1", "1", "2"]), ("--chars", ["31", "8", "39"])]
    {
        let run = |options: &str| sh(at, &format!("rnn-gen -q -m plain -t 1 --top-p 1 --json {limit} {options}"));
        let text = |ran: &Ran| json(ran)[0]["generated_text"].as_str().unwrap().to_string();
        let whole = text(&run(&format!("{} -r 2 --seed the", ends[2])));
        let first = text(&run(&format!("{} -r 2 --seed the --state-out s", ends[0])));
        let second = text(&run(&format!("{} --state-in s", ends[1])));
        assert!(whole.starts_with(&(first.clone() + &second)) || limit == "--chars", "{whole:?} {first:?} {second:?}");
        assert!(whole.starts_with(&first));
    }
    // Documents, attention, a new random seed, and additional seed text.
    let gru = |options: &str| {
        sh(at, &format!("rnn-gen -q -m gru -t 2 --top-p 1 --ban '<eos>' {options}")).succeeds().stdout.clone()
    };
    let first = gru("-r 3 --seed 'ab a' -n 30 --state-out s");
    let whole = gru("-r 3 --seed 'ab a' -n 50");
    assert_eq!(first.trim_end_matches('\n').to_string() + &gru("--state-in s -n 20"), whole);
    assert_eq!(gru("--state-in s -n 20 -r 5"), gru("--state-in s -n 20 -r 5"));
    assert_ne!(gru("--state-in s -n 20 -r 5"), gru("--state-in s -n 20"));
    assert!(gru("--state-in s -n 20 --seed 'b b'").starts_with("b b"));
}

#[test]
fn a_state_file_of_another_model_or_a_damaged_one_is_refused() {
    let folder = folder();
    let at = folder.path();
    sh(at, "rnn-gen -q -m a -n 5 --state-out s").succeeds();
    sh(at, "rnn-gen -m b --state-in s").fails(1, "another model");
    sh(at, "rnn-gen -m a -m b --mix 1,1 --state-in s").fails(1, "1 model, but the number given is 2");
    sh(at, "rnn-gen -m a --state-in a").fails(1, "'a': not a state file");
    let good = fs::read(at.join("s")).unwrap();
    for cut in [0, 7, 100, good.len() - 1] {
        fs::write(at.join("cut"), &good[..cut]).unwrap();
        sh(at, "rnn-gen -m a --state-in cut").fails(1, "'cut': not a state file");
    }
    let swap = |from: &str, to: &str| {
        let place = good.windows(from.len()).position(|bytes| bytes == from.as_bytes()).unwrap();
        let mut bytes = good.clone();
        bytes[place..place + from.len()].copy_from_slice(to.as_bytes());
        fs::write(at.join("bad"), bytes).unwrap();
        sh(at, "rnn-gen -m a --state-in bad")
    };
    swap("state.0", "state.1").fails(1, "tensor `state.0` is missing");
    swap("rng", "rmg").fails(1, "bad `rnn_state`");
    let mut nan = good.clone();
    let end = nan.len();
    nan[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(at.join("bad"), nan).unwrap();
    sh(at, "rnn-gen -m a --state-in bad").fails(1, "does not fit the network");
}

#[test]
fn several_models_are_mixed_or_take_turns() {
    let folder = folder();
    let at = folder.path();
    let run = |line: &str| sh(at, &format!("rnn-gen -q -r 6 {line}"));
    let a = run("-m a -n 40").stdout;
    assert_eq!(run("-m a -m b --mix 1,0 -n 40").succeeds().stdout, a);
    assert_ne!(run("-m a -m b --mix 0.5,0.5 -n 40").succeeds().stdout, a);
    assert_eq!(
        run("-m a -m a --turns 40 -n 40").succeeds().stdout,
        a,
        "the first turn does not depend on the other model"
    );
    for turn in ["sentence", "paragraph", "3"] {
        let ran = run(&format!("-m a -m b --turns {turn} -n 40 --json"));
        assert_eq!(json(&ran)[0]["num_words"], 40, "{ran:?}");
    }
    // Models with different vocabularies can take turns but cannot be mixed.
    model(tokenizer(PreTokenizer::Classic, &["the", "cow", "cat", "sat"]), 9).write(&at.join("c")).unwrap();
    assert_eq!(json(&run("-m a -m c --turns 5 -n 20 --json"))[0]["num_words"], 20);
    run("-m a -m c --mix 1,1").fails(1, "models 1 and 2 have different vocabularies");
    run("-m a -m b").fails(2, "--mix or --turns");
    run("-m a -m b --mix 1").fails(2, "1 weight for 2 models");
    run("-m a -m b --turns chapter").fails(2, "'chapter'");
    run("-m a -m b --mix 0,0").fails(2, "weights");
}

#[test]
fn the_copy_filter_prevents_copied_runs() {
    let folder = folder();
    let at = folder.path();
    let tokenizer = tokenizer(PreTokenizer::Plain, &WORDS);
    let train: Vec<u32> = (0..4000u32).map(|i| 1 + (i * i / 7 + i) % 12).collect();
    let book = TokenFile { tokenizer, prep: Default::default(), train, valid: vec![], test: vec![], embeddings: None };
    book.write(&at.join("book")).unwrap();
    let novelty = |options: &str| -> (u64, u64, u64) {
        let ran = sh(at, &format!("rnn-gen -m a -r 3 -n 300 -t 1 --top-p 1 --book book --novelty --json {options}"));
        assert!(ran.stderr.contains("runs of 5 words"), "{ran:?}");
        let object = &json(&ran)[0]["novelty"];
        let field = |name: &str| object[name].as_u64().unwrap();
        (field("runs"), field("copied"), field("longest_words"))
    };
    let (runs, copied, longest) = novelty("");
    assert!(runs > 250 && copied > 0 && longest >= 5, "{copied} {longest}");
    let filtered = novelty("--no-copy 5");
    assert!(filtered.0 > 250 && (filtered.1, filtered.2) == (0, 0), "{filtered:?}");
    assert!(novelty("--no-copy 6").2 <= 5);
    // The book and the model may have different vocabularies.
    let pieces: Vec<&str> = ["owl", "cow", "hen"].iter().chain(&WORDS).copied().collect();
    model(self::tokenizer(PreTokenizer::Plain, &pieces), 9).write(&at.join("c")).unwrap();
    assert!(novelty("-m c --turns 40 --no-copy 8").2 < 8);
    sh(at, "rnn-gen -m a --no-copy 5").fails(2, "--book");
    sh(at, "rnn-gen -m a --no-copy 1 --book book").fails(2, "at least 2");
    sh(at, "rnn-gen -m a --no-copy 5 --book a").fails(1, "'a': not a token file");
}

#[test]
fn each_policy_for_unknown_words_is_reported() {
    let folder = folder();
    let run =
        |policy: &str| sh(folder.path(), &format!("rnn-gen -m a -r 1 -n 5 --seed 'the\nbat sat' --unknown {policy}"));
    assert!(run("skip").succeeds().stderr.contains("\"bat\" of the seed text (line 2, character 1)"));
    let nearest = run("nearest");
    assert!(nearest.succeeds().stderr.contains("\"cat\""), "{nearest:?}");
    assert!(nearest.stdout.starts_with("the\nbat sat"));
    assert!(run("unk").succeeds().stderr.contains("<unk>"));
    run("error").fails(1, "\"bat\" (line 2, character 1)");
}

#[test]
fn interactive_mode_works_through_a_pipe() {
    let folder = folder();
    let run = |lines: &str, options: &str| {
        sh(folder.path(), &format!("printf '{lines}' | rnn-gen -m a -i -r 1 --seed the --best 3 {options}"))
    };
    assert_eq!(run("cat sat\\n:q\\n", "").succeeds().stdout, "the cat sat\n");
    assert_eq!(run("cat sat\\ndog\\n-\\n-\\nran\\n", "").succeeds().stdout, "the ran\n");
    assert_eq!(run("", "").succeeds().stdout, "the\n");
    let first = run("1\\n", "");
    assert!(first.stderr.contains("1 ") && first.stderr.contains(" %"), "{first:?}");
    assert_eq!(json(&run("1\\n", "--json"))[0]["ranks"][0], 1);
    assert_eq!(words(&run("+20\\n", "").succeeds().stdout), 21);
    assert_eq!(words(&run("\\n\\n\\n", "-n 2").succeeds().stdout), 3);
    let unknown = run("zebra\\n?\\n9\\n-\\n:q\\n", "");
    assert!(unknown.succeeds().stderr.contains("\"zebra\"") && unknown.stderr.contains("\"9\""), "{unknown:?}");
    sh(folder.path(), "echo the | rnn-gen -m a -i --seed -").fails(2, "standard input");
}

#[test]
fn impossible_combinations_of_options_and_models_are_refused() {
    let folder = folder();
    sh(folder.path(), "rnn-gen -m a -n 0 --json").fails(2, "-n 0");
    sh(folder.path(), "rnn-gen -m a -n 0 --samples 2").fails(2, "-n 0");
    write_classic(folder.path());
    sh(folder.path(), "rnn-gen -m classic --sentences 2").fails(1, "no full stops");
    sh(folder.path(), "rnn-gen -m classic --paragraphs 2").fails(1, "no line breaks");
}

fn write_classic(at: &Path) {
    model(tokenizer(PreTokenizer::Classic, &["the", "cat"]), 1).write(&at.join("classic")).unwrap();
}

#[test]
fn int8_weights_generate_text() {
    let folder = folder();
    let run = |options: &str| sh(folder.path(), &format!("rnn-gen -m a -q -r 1 -n 30 --probs {options}"));
    let (floats, integers) = (run(""), run("--int8"));
    assert_eq!(integers.succeeds().stdout, run("--int8").stdout);
    assert_ne!(floats.succeeds().stdout, integers.stdout, "probabilities differ slightly");
}
