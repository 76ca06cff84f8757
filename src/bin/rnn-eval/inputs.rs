//! What is read: texts and token files, told apart by what is in them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rnn_tools::cli::evaluate::{Args, Per, Split};
use rnn_tools::dataset::{Documents, TokenFile};
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::evaluate::{Evaluator, Text};
use rnn_tools::format::count;
use rnn_tools::io;
use rnn_tools::text::unwrap::unwrap;

/// A file.
pub struct Input {
    path: PathBuf,
    /// As it stands in the report.
    pub name: String,
    content: Content,
}

enum Content {
    Text(String),
    Tokens(Box<TokenFile>),
}

/// A text that is read from a fresh start.
#[derive(Clone)]
pub struct Unit {
    /// The file, and the number of its line or document.
    pub name: String,
    pub text: Text,
    /// As it stands in the file; empty if it came as tokens.
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
            let file = TokenFile::from_bytes(&bytes).map_err(|fault| Error::file(path, fault))?;
            Content::Tokens(Box::new(file))
        } else if wants_split {
            return Err(Error::file(path, "not a token file, and only a token file has a --split")
                .hint("a token file is written by rnn-prep"));
        } else {
            let text = io::text(path, bytes)?;
            if text.trim().is_empty() {
                return Err(Error::file(path, "there is no text in it"));
            }
            Content::Text(text)
        };
        Ok(Self { path: path.into(), name: path.to_string_lossy().into_owned(), content })
    }

    /// The texts in it, in the model's tokens.
    pub fn units(&self, evaluator: &Evaluator, args: &Args) -> Result<Vec<Unit>> {
        let units = match &self.content {
            Content::Text(text) => self.texts(text, evaluator, args),
            Content::Tokens(file) => self.parts(file, evaluator, args)?,
        };
        if units.iter().all(|unit| unit.text.targets().is_empty()) {
            return Err(match self.content {
                Content::Text(_) => Error::file(&self.path, "the model's tokenizer finds no token in it"),
                Content::Tokens(_) => Error::file(&self.path, format!("its part `{}` is empty", split(args)))
                    .hint("rnn-prep --valid 0.1 --test 0.1 holds text out; --split names another part"),
            });
        }
        Ok(units)
    }

    fn texts(&self, text: &str, evaluator: &Evaluator, args: &Args) -> Vec<Unit> {
        let cut = |name: String, text: &str| {
            let unwrapped = if args.unwrap { unwrap(text) } else { text.to_string() };
            Unit { name, text: Text::new(&evaluator.tokenizer, &unwrapped), line: text.to_string() }
        };
        if args.lines || args.per == Some(Per::Line) || args.rank.is_some() {
            let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            lines.map(|(index, line)| cut(format!("{}:{}", self.name, index + 1), line)).collect()
        } else {
            // The line break at the end belongs to the file, not to the text.
            vec![cut(self.name.clone(), text.trim_end())]
        }
    }

    fn parts(&self, file: &TokenFile, evaluator: &Evaluator, args: &Args) -> Result<Vec<Unit>> {
        if args.lines || args.unwrap || args.per == Some(Per::Line) || args.rank.is_some() {
            return Err(Error::usage(format!("{} is a token file, and has no lines", quoted(&self.path)))
                .hint("rnn-prep --lines makes a document of each line: --per document"));
        }
        let tokenizer = &evaluator.tokenizer;
        if file.tokenizer.to_json() != tokenizer.to_json() {
            return Err(Error::file(
                &self.path,
                format!(
                    "its vocabulary ({} tokens, {}) is not that of the model ({} tokens, {})",
                    count(file.tokenizer.len()),
                    file.tokenizer.pre_tokenizer().name(),
                    count(tokenizer.len()),
                    tokenizer.pre_tokenizer().name()
                ),
            )
            .hint("rnn-prep --vocab MODEL cuts a text into a model's tokens; rnn-eval also reads the text itself"));
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

/// Whether bytes begin as safetensors do: eight bytes of length, then JSON. No text does, since the length of its
/// first letters would be that of thousands of terabytes.
fn is_container(bytes: &[u8]) -> bool {
    let length = bytes.first_chunk().map(|length| u64::from_le_bytes(*length));
    length.is_some_and(|length| length < 1 << 40) && bytes.get(8) == Some(&b'{')
}

/// The unknown pieces that come most often, of equals the first in the alphabet.
pub fn commonest<'a>(texts: impl Iterator<Item = &'a Text>, most: usize) -> Vec<(String, usize)> {
    let mut counts: HashMap<&str, usize> = HashMap::new();
    texts.flat_map(|text| &text.unknown).for_each(|word| *counts.entry(word).or_default() += 1);
    let mut all: Vec<(String, usize)> = counts.into_iter().map(|(word, count)| (word.to_string(), count)).collect();
    all.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    all.truncate(most);
    all
}
