//! Making a token file of texts that may be larger than memory: they come in blocks, once, and their ids wait
//! in a [`Spool`] until the whole is known and the vocabulary can be chosen.

use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use safetensors::tensor::Dtype;

use super::spool::Spool;
use super::types::{Cut, Cutter, Types, UNKNOWN_TYPE};
use super::{Embeddings, Prep, Split, embeddings, is_narrow, metadata, to_bytes};
use crate::container::{self, TensorSpec};
use crate::error::{Error, Result};
use crate::text::vocabulary::{self, VocabLimits};
use crate::text::{PreTokenizer, Tokenizer, UNKNOWN_ID};

/// What a text is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// To train on, but for the shares that are held out of it.
    Main,
    Valid,
    Test,
}

/// Some text: a piece of a long one, cut where [`PreTokenizer::last_split`] allows it, or a number of documents.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub part: Part,
    pub texts: Vec<String>,
    /// A file or chapter begins here.
    pub begins: bool,
}

/// Takes the blocks.
pub struct Builder {
    cutter: Cutter,
    types: Types,
    spool: Spool,
    /// The ids at which documents begin, of the main part.
    starts: Vec<u64>,
    documents: u64,
    /// Where each part ends on the spool.
    ends: [u64; 3],
}

/// How the vocabulary is chosen, and the text split.
pub struct BuildOptions {
    pub limits: VocabLimits,
    pub split: Split,
    /// Instead of a vocabulary of the text's own.
    pub vocabulary: Option<Tokenizer>,
}

impl Builder {
    /// With `documents`, each text of a block is one and gets marks; with `unwrap`, wrapped lines are joined.
    pub fn new(style: PreTokenizer, documents: bool, unwrap: bool) -> Self {
        let cutter = Cutter { style, documents, unwrap };
        Self { cutter, types: Types::new(style), spool: Spool::new(), starts: Vec::new(), documents: 0, ends: [0; 3] }
    }

    /// Adds blocks, which all cores cut at once. The parts must come in their order.
    pub fn add(&mut self, blocks: &[Block]) -> Result<()> {
        let cuts: Vec<Cut> = blocks.par_iter().map(|block| self.cutter.cut(&block.texts)).collect();
        for (block, cut) in blocks.iter().zip(cuts) {
            let begin = self.spool.len();
            debug_assert!(self.ends[block.part as usize + 1..].iter().all(|&end| end <= begin));
            if self.cutter.documents {
                self.documents += cut.starts.len() as u64;
            }
            if block.part == Part::Main && (self.cutter.documents || block.begins) {
                let starts = cut.starts.iter().map(|&start| begin + start as u64);
                self.starts.extend(starts.take(if self.cutter.documents { usize::MAX } else { 1 }));
            }
            let ids = self.types.adopt(cut);
            self.spool.push(&ids)?;
            self.ends[block.part as usize..].fill(self.spool.len());
        }
        Ok(())
    }

    /// Splits the text and chooses the vocabulary, from the training part alone.
    pub fn finish(mut self, choice: BuildOptions) -> Result<Prepared> {
        let [main, valid_end, test_end] = self.ends;
        if test_end < 2 {
            return Err(Error::failure(format!("the text has {test_end} words, too few to learn from"))
                .hint("give it a book: rnn-fetch ferry | rnn-prep -o ferry.tokens"));
        }
        self.check_variety()?;
        let mut split = choice.split;
        let mut ranges = {
            split.valid = if valid_end > main { 0.0 } else { split.valid };
            split.test = if test_end > valid_end { 0.0 } else { split.test };
            split.check()?;
            split.ranges(main, &self.starts)?
        };
        if valid_end > main {
            ranges[1] = main..valid_end;
        }
        if test_end > valid_end {
            ranges[2] = valid_end..test_end;
        }

        let mut counts = [const { Vec::new() }; 3];
        for (counts, range) in counts.iter_mut().zip(&ranges) {
            counts.resize(self.types.len(), 0u64);
            self.spool.read(range.clone(), |ids| -> Result<()> {
                ids.iter().for_each(|&id| counts[id as usize] += 1);
                Ok(())
            })?;
        }
        let chosen = self.choose(&counts[0], &choice);
        let tokenizer = choice.vocabulary.unwrap_or(chosen);
        if tokenizer.len() < 2 {
            return Err(Error::failure(format!(
                "no word is seen {} times, so none would be known",
                choice.limits.min_count
            ))
            .hint("keep rare words with --min-count 1"));
        }
        let map = self.types.pieces().iter().map(|piece| tokenizer.id(piece).unwrap_or(UNKNOWN_ID)).collect();
        let prep = Prep {
            min_count: choice.limits.min_count,
            max_vocab: choice.limits.max_size,
            documents: self.documents,
            split,
            unwrap: self.cutter.unwrap,
            ..Prep::default()
        };
        Ok(Prepared { tokenizer, prep, embeddings: None, types: self.types, map, spool: self.spool, ranges, counts })
    }

    /// Nothing can be learned of one word, whatever punctuation and line breaks come with it.
    fn check_variety(&self) -> Result<()> {
        let says_something = |piece: &str| piece.chars().any(|c| !c.is_whitespace() && !c.is_ascii_punctuation());
        let mut types = self.types.pieces()[3..].iter().filter(|piece| says_something(piece));
        match (types.next(), types.next()) {
            (Some(word), None) if self.cutter.style != PreTokenizer::Byte => {
                Err(Error::failure(format!("the text is one word, {word:?}, over and over, too few to learn from")))
            }
            _ => Ok(()),
        }
    }

    fn choose(&self, counts: &[u64], choice: &BuildOptions) -> Tokenizer {
        let pieces = self.types.pieces().iter().map(|piece| &**piece);
        let counted = pieces.zip(counts.iter().copied()).filter(|_| choice.vocabulary.is_none());
        vocabulary::build(self.cutter.style, counted, choice.limits, self.cutter.documents)
    }
}

/// All that goes into a token file, and what is known about it.
pub struct Prepared {
    pub tokenizer: Tokenizer,
    pub prep: Prep,
    pub embeddings: Option<Embeddings>,
    pub(super) types: Types,
    /// From numbers of types to ids of the vocabulary.
    pub(super) map: Vec<u32>,
    spool: Spool,
    ranges: [Range<u64>; 3],
    /// How often each type comes in each part.
    pub(super) counts: [Vec<u64>; 3],
}

pub const PARTS: [&str; 3] = ["train", "valid", "test"];

impl Prepared {
    /// Looks up word vectors for the vocabulary.
    pub fn embed(&mut self, path: &Path) -> Result<()> {
        let (vectors, mut found) = Embeddings::read(path, &self.tokenizer)?;
        let (mut with, mut all) = (0, 0);
        for (&count, &id) in self.counts[0].iter().zip(&self.map) {
            all += count;
            with += if vectors.has(id as usize) { count } else { 0 };
        }
        found.share = with as f64 / all.max(1) as f64;
        (self.prep.embeddings, self.embeddings) = (Some(found), Some(vectors));
        Ok(())
    }

    pub fn tokens(&self, part: usize) -> u64 {
        self.ranges[part].end - self.ranges[part].start
    }

    /// Writes the token file whole or not at all, some ids at a time.
    pub fn write(&mut self, path: &Path) -> Result<()> {
        let narrow = is_narrow(&self.tokenizer);
        let (dtype, width) = if narrow { (Dtype::U16, 2) } else { (Dtype::U32, 4) };
        // The vectors come first, since their numbers are the wider ones: so all are aligned.
        let mut outlines = Vec::new();
        if let Some(vectors) = &self.embeddings {
            let shape = vectors.shape(&self.tokenizer).to_vec();
            outlines.push(TensorSpec {
                name: embeddings::TENSOR,
                dtype: Dtype::F32,
                shape,
                bytes: 4 * vectors.data.len(),
            });
        }
        outlines.extend(PARTS.iter().zip(&self.ranges).map(|(&name, range)| {
            let tokens = (range.end - range.start) as usize;
            TensorSpec { name, dtype, shape: vec![tokens], bytes: tokens * width }
        }));
        let Self { tokenizer, prep, spool, map, ranges, embeddings, .. } = self;
        container::write_with(path, &metadata(tokenizer, prep), &outlines, |out| {
            embeddings.iter().try_for_each(|vectors| out.write_all(&vectors.to_bytes()))?;
            for range in ranges.iter() {
                spool.read(range.clone(), |numbers| {
                    let ids: Vec<u32> = numbers.iter().map(|&number| map[number as usize]).collect();
                    out.write_all(&to_bytes(&ids, narrow)).map_err(Fault::Write)
                })?;
            }
            Ok(())
        })
    }

    /// Share of a part's tokens that the vocabulary does not know, and how many types they are.
    pub fn unknown(&self, part: usize) -> (u64, usize) {
        let known = |number: usize| self.map[number] != UNKNOWN_ID || number == UNKNOWN_TYPE as usize;
        let missing = self.counts[part].iter().enumerate().filter(|&(number, &count)| count > 0 && !known(number));
        missing.fold((0, 0), |(tokens, types), (_, &count)| (tokens + count, types + 1))
    }
}

/// What can go wrong between the spool and the token file.
enum Fault {
    Write(std::io::Error),
    Spool(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Spool(error)
    }
}

impl From<Fault> for std::io::Error {
    fn from(fault: Fault) -> Self {
        match fault {
            Fault::Write(error) => error,
            Fault::Spool(error) => Self::other(error.to_string()),
        }
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::dataset::{SplitBy, TokenFile};

    const LIMITS: VocabLimits = VocabLimits { min_count: 1, max_size: None };

    fn prepare(text: &str, style: PreTokenizer, limits: VocabLimits, split: Split) -> Result<Prepared> {
        let mut builder = Builder::new(style, false, false);
        builder.add(&[Block { part: Part::Main, texts: vec![text.into()], begins: true }])?;
        builder.finish(BuildOptions { limits, split, vocabulary: None })
    }

    fn written(mut prepared: Prepared) -> TokenFile {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tokens");
        prepared.write(&path).unwrap();
        TokenFile::read(&path).unwrap()
    }

    /// The token file of a text, with every piece known.
    pub fn build(text: &str, style: PreTokenizer, split: Split) -> TokenFile {
        written(prepare(text, style, LIMITS, split).unwrap())
    }

    fn split(valid: f64, test: f64) -> Split {
        Split { valid, test, by: SplitBy::Token }
    }

    #[test]
    fn parts_are_contiguous_and_complete() {
        let text = "a b a b a c a b c d. ".repeat(30);
        let file = build(&text, PreTokenizer::Plain, split(0.1, 0.05));
        let whole: Vec<u32> = [&file.train[..], &file.valid, &file.test].concat();
        assert_eq!(file.tokenizer.decode(&whole), text);
        assert_eq!((file.valid.len(), file.test.len()), (33, 16));
    }

    #[test]
    fn the_vocabulary_knows_only_the_training_part() {
        let text = format!("{}new words here", "old ".repeat(97));
        let prepared = prepare(&text, PreTokenizer::Plain, LIMITS, split(0.03, 0.0)).unwrap();
        assert_eq!((prepared.unknown(0), prepared.unknown(1)), ((0, 0), (3, 3)));
        let file = written(prepared);
        assert_eq!(file.tokenizer.len(), 2);
        assert_eq!(file.valid, [0, 0, 0]);
    }

    #[test]
    fn blocks_of_several_texts_and_parts_come_together() {
        let block =
            |part, texts: &[&str]| Block { part, texts: texts.iter().map(|t| t.to_string()).collect(), begins: true };
        let mut builder = Builder::new(PreTokenizer::Plain, true, false);
        builder
            .add(&[block(Part::Main, &["a b", "b c"]), block(Part::Main, &["c"]), block(Part::Test, &["a d"])])
            .unwrap();
        let split = Split { valid: 0.3, test: 0.2, by: SplitBy::Document };
        let file = written(builder.finish(BuildOptions { limits: LIMITS, split, vocabulary: None }).unwrap());
        assert_eq!(file.prep.documents, 4);
        let texts = [file.train, file.valid, file.test].map(|ids| file.tokenizer.decode(&ids));
        assert_eq!(texts, ["a b\nb c\n", "c\n", "a <unk>\n"]);
    }

    #[test]
    fn any_cutting_into_blocks_makes_the_same_file() {
        let text = "One, two — three “four”.\n\n  five  six\n".repeat(20);
        for style in [PreTokenizer::Plain, PreTokenizer::Classic, PreTokenizer::Char, PreTokenizer::Byte] {
            let whole = build(&text, style, split(0.2, 0.0));
            let mut builder = Builder::new(style, false, false);
            let mut rest = &text[..];
            while !rest.is_empty() {
                let mut size = rest.len().min(50);
                while !rest.is_char_boundary(size) {
                    size += 1;
                }
                let at = if size == rest.len() { size } else { style.last_split(&rest[..size]).unwrap() };
                let texts = vec![rest[..at].to_string()];
                builder.add(&[Block { part: Part::Main, texts, begins: false }]).unwrap();
                rest = &rest[at..];
            }
            let file = written(
                builder.finish(BuildOptions { limits: LIMITS, split: split(0.2, 0.0), vocabulary: None }).unwrap(),
            );
            assert_eq!(file.fingerprint(), whole.fingerprint(), "{style:?}");
        }
    }

    #[test]
    fn another_vocabulary_is_kept_as_it_is() {
        let other = build("b a b a b", PreTokenizer::Plain, split(0.0, 0.0)).tokenizer;
        let mut builder = Builder::new(PreTokenizer::Plain, false, false);
        builder.add(&[Block { part: Part::Main, texts: vec!["a c b".into()], begins: true }]).unwrap();
        let choice = BuildOptions { limits: LIMITS, split: split(0.0, 0.0), vocabulary: Some(other.clone()) };
        let file = written(builder.finish(choice).unwrap());
        assert_eq!((file.train.as_slice(), file.tokenizer.to_json()), (&[2, 0, 1][..], other.to_json()));
    }

    #[test]
    fn too_little_text_is_refused() {
        let limits = VocabLimits { min_count: 2, max_size: None };
        let fails = |text: &str, split| prepare(text, PreTokenizer::Plain, limits, split).err().unwrap().to_string();
        assert!(fails("", split(0.1, 0.0)).contains("0 words"));
        assert!(fails("word", split(0.1, 0.0)).contains("1 words"));
        assert!(fails("word word word", split(0.1, 0.0)).contains("over and over"));
        assert!(fails("each word comes once", split(0.1, 0.0)).contains("no word is seen 2 times"));
        assert!(fails("a b a b", split(1.0, 0.0)).contains("held-out"));
    }
}
