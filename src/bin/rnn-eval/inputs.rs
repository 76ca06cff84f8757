//! Input files: texts and token files, distinguished by their contents.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rnn_tools::cli::evaluate::{Args, Per, Split};
use rnn_tools::dataset::{Documents, TokenFile};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::evaluate::{Evaluator, Text};
use rnn_tools::format::count;
use rnn_tools::io;
use rnn_tools::text::PreTokenizer;
use rnn_tools::text::unwrap::unwrap;

/// An input file.
pub struct Input {
    path: PathBuf,
    /// The name in the report.
    pub name: String,
    content: Content,
}

enum Content {
    Text(String),
    Tokens(Box<TokenFile>),
}

/// A text that is evaluated from the initial state.
#[derive(Clone)]
pub struct Unit {
    /// The file, and the number of the line or document.
    pub name: String,
    pub text: Text,
    /// The text as read from the file; empty for token files.
    pub line: String,
}

/// Reads all files, or standard input.
pub fn read(args: &Args) -> Result<Vec<Input>> {
    let stream = [PathBuf::from(io::STREAM)];
    let paths = if args.inputs.is_empty() { &stream[..] } else { &args.inputs };
    if paths.iter().filter(|path| io::is_stream(path)).count() > 1 {
        return Err(Error::usage("standard input can be read only once"));
    }
    paths.iter().map(|path| Input::read(path, args.split.is_some())).collect()
}

impl Input {
    fn read(path: &Path, wants_split: bool) -> Result<Self> {
        let bytes = io::read(path)?;
        let content = if is_container(&bytes) {
            let file = TokenFile::from_bytes(&bytes).map_err(|reason| Error::file(path, reason))?;
            Content::Tokens(Box::new(file))
        } else if wants_split {
            return Err(Error::file(path, "--split requires a token file, and this is not one")
                .hint("a token file is written by rnn-prep"));
        } else {
            let text = io::text(path, bytes)?;
            if text.trim().is_empty() {
                return Err(Error::file(path, "the file contains no text"));
            }
            Content::Text(text)
        };
        Ok(Self { path: path.into(), name: path.to_string_lossy().into_owned(), content })
    }

    /// Returns the texts in the file, encoded with the model's vocabulary.
    pub fn units(&self, evaluator: &Evaluator, args: &Args) -> Result<Vec<Unit>> {
        let units = match &self.content {
            Content::Text(text) => self.texts(text, evaluator, args),
            Content::Tokens(file) => self.parts(file, evaluator, args)?,
        };
        if units.iter().all(|unit| unit.text.targets().is_empty()) {
            return Err(match self.content {
                Content::Text(_) => Error::file(&self.path, "the file contains no tokens"),
                Content::Tokens(_) => Error::file(&self.path, format!("part `{}` is empty", split(args)))
                    .hint("rnn-prep --valid 0.1 --test 0.1 holds out text; --split selects another part"),
            });
        }
        Ok(units)
    }

    fn texts(&self, text: &str, evaluator: &Evaluator, args: &Args) -> Vec<Unit> {
        let unit = |name: String, text: &str| {
            let unwrapped = if args.unwrap { unwrap(text) } else { text.to_string() };
            Unit { name, text: Text::new(&evaluator.tokenizer, &unwrapped), line: text.to_string() }
        };
        if args.lines || args.per == Some(Per::Line) || args.rank.is_some() {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            lines.map(|(index, line)| unit(format!("{}:{}", self.name, index + 1), line)).collect()
        } else {
            // The final line break belongs to the file, not to the text, unless the text was tokenized with it.
            let is_tokenized = evaluator.tokenizer.pre_tokenizer() == PreTokenizer::Tokens;
            vec![unit(self.name.clone(), if is_tokenized { text } else { text.trim_end() })]
        }
    }

    fn parts(&self, file: &TokenFile, evaluator: &Evaluator, args: &Args) -> Result<Vec<Unit>> {
        if args.lines || args.unwrap || args.per == Some(Per::Line) || args.rank.is_some() {
            return Err(Error::usage(format!("{} is a token file, which has no lines", quoted(&self.path)))
                .hint("rnn-prep --lines makes each line a document; then use --per document"));
        }
        let tokenizer = &evaluator.tokenizer;
        if file.tokenizer.to_json() != tokenizer.to_json() {
            return Err(Error::file(
                &self.path,
                format!(
                    "its vocabulary ({} tokens, {}) differs from that of the model ({} tokens, {})",
                    count(file.tokenizer.len()),
                    file.tokenizer.pre_tokenizer().name(),
                    count(tokenizer.len()),
                    tokenizer.pre_tokenizer().name()
                ),
            )
            .hint("encode it with rnn-prep --vocab MODEL, or pass the text itself"));
        }
        let name = split(args);
        let tokens = file.parts().into_iter().find(|(part, _)| *part == name).map_or(&[][..], |(_, tokens)| tokens);
        let unit = |name: String, tokens: &[u32]| Unit {
            name,
            text: Text::from_tokens(tokenizer, tokens),
            line: String::new(),
        };
        Ok(match tokenizer.bos() {
            Some(begin) if file.prep.documents > 0 => {
                let documents = Documents::find(tokens, begin);
                let ranges = documents.ranges().iter().zip(1..);
                ranges.map(|(range, number)| unit(format!("{}:{number}", self.name), &tokens[range.clone()])).collect()
            }
            _ => vec![unit(self.name.clone(), tokens)],
        })
    }
}

fn split(args: &Args) -> &'static str {
    match args.split.unwrap_or(Split::Valid) {
        Split::Train => "train",
        Split::Valid => "valid",
        Split::Test => "test",
    }
}

/// Returns whether the bytes start like safetensors: eight bytes of length, then JSON. The first eight letters of a
/// text would be a length of thousands of terabytes.
fn is_container(bytes: &[u8]) -> bool {
    let length = bytes.first_chunk().map(|length| u64::from_le_bytes(*length));
    length.is_some_and(|length| length < 1 << 40) && bytes.get(8) == Some(&b'{')
}

/// Returns the `max` most frequent unknown pieces; ties in alphabetical order.
pub fn most_frequent<'a>(texts: impl Iterator<Item = &'a Text>, max: usize) -> Vec<(String, usize)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    texts.flat_map(|text| &text.unknown).for_each(|word| *counts.entry(word).or_default() += 1);
    let mut all: Vec<(String, usize)> = counts.into_iter().map(|(word, count)| (word.to_string(), count)).collect();
    all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(max);
    all
}
