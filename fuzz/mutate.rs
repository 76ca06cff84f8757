//! Calls a target with the seeds in `fuzz/corpus/NAME` and with mutations of them, the same in every run.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use rnn_tools::random::Rng;

/// The maximum length of an input.
const MAX_BYTES: usize = 1 << 13;

const NUMBERS: [u64; 12] =
    [0, 1, 7, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fff_ffff, 0xffff_ffff, i64::MAX as u64, u64::MAX];
const WORDS: [&str; 24] = [
    "-1",
    "0",
    "1e999",
    "18446744073709551615",
    "9007199254740993",
    "NaN",
    "null",
    "\"\"",
    "[[[[",
    "{\"a\":",
    "\\u0000",
    "\\ud800",
    "\r\n",
    "\n",
    "\t",
    " ",
    "\"",
    ",",
    "\u{feff}",
    "\u{301}",
    "字",
    "’",
    "\u{1f468}\u{200d}\u{1f469}",
    "\u{2028}",
];

/// Saves the input at which a target panics.
struct Current<'a> {
    name: &'a str,
    input: &'a [u8],
}

impl Drop for Current<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let path = env::temp_dir().join(format!("rnn-fuzz-{}", self.name));
            let saved = fs::write(&path, self.input);
            eprintln!("the input of {} is in {} ({saved:?})", self.name, path.display());
        }
    }
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let entries = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

/// Runs one round: every seed and `rounds` mutations, or as many as `RNN_FUZZ_SECONDS` allow, starting at the number
/// `RNN_FUZZ_SEED`.
pub fn round(name: &str, rounds: u64, target: fn(&[u8])) {
    let variable = |name: &str| env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = variable("RNN_FUZZ_SECONDS");
    let mut rng = Rng::new(variable("RNN_FUZZ_SEED").unwrap_or(1));
    let seeds = seeds(name);
    let run = |input: &[u8]| {
        let current = Current { name, input };
        target(input);
        drop(current);
    };
    seeds.iter().for_each(|seed| run(seed));
    let (began, mut count) = (Instant::now(), 0);
    while seconds.map_or(count < rounds, |seconds| began.elapsed() < Duration::from_secs(seconds)) {
        run(&mutated(&seeds, &mut rng));
        count += 1;
    }
    if seconds.is_some() {
        println!("{name}: {count} inputs");
    }
}

fn below(limit: usize, rng: &mut Rng) -> usize {
    (rng.uniform() * limit as f64) as usize
}

/// Returns a seed with one to eight changes.
fn mutated(seeds: &[Vec<u8>], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = seeds[below(seeds.len(), rng)].clone();
    for _ in 0..1 << below(4, rng) {
        let at = below(bytes.len() + 1, rng);
        let end = at + below((bytes.len() - at).min(64) + 1, rng);
        match below(8, rng) {
            0 if at < bytes.len() => bytes[at] ^= 1 << below(8, rng),
            1 if at < bytes.len() => bytes[at] = rng.next_u64() as u8,
            2 => drop(bytes.drain(at..end)),
            3 => bytes.truncate(at),
            4 => {
                let copy = bytes[at..end].to_vec();
                let to = below(bytes.len() + 1, rng);
                bytes.splice(to..to, copy);
            }
            5 => {
                let other = &seeds[below(seeds.len(), rng)];
                let from = below(other.len() + 1, rng);
                let length = below((other.len() - from).min(200) + 1, rng);
                bytes.splice(at..end, other[from..from + length].iter().copied());
            }
            6 => {
                let number = NUMBERS[below(NUMBERS.len(), rng)].to_le_bytes();
                let width = (1 << below(4, rng)).min(bytes.len() - at);
                bytes[at..at + width].copy_from_slice(&number[..width]);
            }
            _ => drop(bytes.splice(at..at, WORDS[below(WORDS.len(), rng)].bytes())),
        }
    }
    bytes.truncate(MAX_BYTES);
    bytes
}
