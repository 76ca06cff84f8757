//! Builds token files from texts that may be larger than memory. The text arrives in blocks, in a single pass;
//! its ids wait in a [`Spool`] until the whole text is known and the vocabulary can be chosen.

use std::hash::Hasher;
use std::ops::Range;
use std::path::Path;

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHasher};
use safetensors::tensor::Dtype;

use super::spool::Spool;
use super::types::{BOS_TYPE, BlockTokenizer, EOS_TYPE, TokenizedBlock, Types, UNKNOWN_TYPE};
use super::{Embeddings, Prep, Split, embeddings, is_narrow, metadata, to_bytes};
use crate::container::{self, TensorSpec};
use crate::error::{Error, Result};
use crate::format::plural;
use crate::random::Rng;
use crate::text::vocabulary::{self, VocabLimits};
use crate::text::{PreTokenizer, Tokenizer, UNKNOWN_ID};

/// The purpose of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Training, except for the fractions held out of it.
    Main,
    Valid,
    Test,
}

/// Several documents, or part of a long text that was split at [`PreTokenizer::last_split`].
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    pub part: Part,
    pub texts: Vec<String>,
    /// Whether a file or chapter starts here.
    pub begins: bool,
}

/// Collects blocks of text.
pub struct Builder {
    tokenizer: BlockTokenizer,
    types: Types,
    spool: Spool,
    /// The positions at which documents start in the main part.
    starts: Vec<u64>,
    documents: u64,
    shuffled: Option<u64>,
    /// The end of each part in the spool.
    ends: [u64; 3],
}

/// Options for choosing the vocabulary and splitting the text.
pub struct BuildOptions {
    pub limits: VocabLimits,
    pub split: Split,
    /// Use this vocabulary instead of building one.
    pub vocabulary: Option<Tokenizer>,
}

impl Builder {
    /// With `documents`, each text of a block is a document; with `unwrap`, wrapped lines are joined.
    pub fn new(pre_tokenizer: PreTokenizer, documents: bool, unwrap: bool) -> Self {
        let tokenizer = BlockTokenizer { pre_tokenizer, documents, unwrap };
        let types = Types::new(pre_tokenizer);
        Self { tokenizer, types, spool: Spool::new(), starts: Vec::new(), documents: 0, shuffled: None, ends: [0; 3] }
    }

    /// Tokenizes blocks in parallel and adds them. The parts must arrive in order.
    pub fn add(&mut self, blocks: &[Block]) -> Result<()> {
        let tokenized: Vec<TokenizedBlock> =
            blocks.par_iter().map(|block| self.tokenizer.tokenize(&block.texts)).collect();
        for (block, tokenized) in blocks.iter().zip(tokenized) {
            let begin = self.spool.len();
            debug_assert!(self.ends[block.part as usize + 1..].iter().all(|&end| end <= begin));
            if self.tokenizer.documents {
                self.documents += tokenized.starts.len() as u64;
            }
            if block.part == Part::Main && (self.tokenizer.documents || block.begins) {
                let starts = tokenized.starts.iter().map(|&start| begin + start as u64);
                self.starts.extend(starts.take(if self.tokenizer.documents { usize::MAX } else { 1 }));
            }
            let ids = self.types.merge(tokenized);
            self.spool.push(&ids).map_err(|e| Error::failure(e.to_string()))?;
            self.ends[block.part as usize..].fill(self.spool.len());
        }
        Ok(())
    }

    /// Puts the documents of the main part in a random order.
    pub fn shuffle(&mut self, seed: u64) -> Result<()> {
        let [main, _, end] = self.ends;
        if self.starts.len() < 2 {
            return Err(Error::usage("there is only one document, so there is nothing to shuffle")
                .hint("--lines and --column divide a file into documents, --split-by chapter a book"));
        }
        self.starts[0] = 0;
        let ends = self.starts.iter().skip(1).copied().chain([main]);
        let mut documents: Vec<Range<u64>> = self.starts.iter().zip(ends).map(|(&start, end)| start..end).collect();
        Rng::new(seed).shuffle(&mut documents);
        let mut shuffled = Spool::new();
        self.starts.clear();
        for document in documents {
            self.starts.push(shuffled.len());
            self.spool.read(document, |ids| shuffled.push(ids)).map_err(|e| Error::failure(e.to_string()))?;
        }
        self.spool.read(main..end, |ids| shuffled.push(ids)).map_err(|e| Error::failure(e.to_string()))?;
        (self.spool, self.shuffled) = (shuffled, Some(seed));
        Ok(())
    }

    /// Splits the text and chooses the vocabulary from the training part alone.
    pub fn finish(mut self, choice: BuildOptions) -> Result<Prepared> {
        let [main, valid_end, test_end] = self.ends;
        if test_end < 2 {
            return Err(Error::failure(format!(
                "the text has {}, too few to learn from",
                plural(test_end as usize, "token", "tokens")
            ))
            .hint("try a book: rnn-fetch ferry | rnn-prep -o ferry.tokens"));
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
            let read = self.spool.read(range.clone(), |ids| {
                ids.iter().for_each(|&id| counts[id as usize] += 1);
                Ok(())
            });
            read.map_err(|e| Error::failure(e.to_string()))?;
        }
        let repeated = if self.tokenizer.documents { self.repeated(&ranges)? } else { [0; 3] };
        let chosen = self.choose(&counts[0], &choice);
        let tokenizer = choice.vocabulary.unwrap_or(chosen);
        if tokenizer.len() < 2 {
            return Err(Error::failure(format!(
                "no word occurs {} times, so the vocabulary would be empty",
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
            shuffle: self.shuffled,
            unwrap: self.tokenizer.unwrap,
            ..Prep::default()
        };
        let (types, spool) = (self.types, self.spool);
        Ok(Prepared { tokenizer, prep, embeddings: None, types, map, spool, ranges, counts, repeated })
    }

    /// Returns the number of documents of each held-out part that are also in the training part.
    fn repeated(&mut self, ranges: &[Range<u64>; 3]) -> Result<[u64; 3]> {
        // The number of copies of each document in each part, by hash; only those of held-out documents are kept.
        let mut copies: FxHashMap<u64, [u64; 3]> = FxHashMap::default();
        for part in [1, 2, 0] {
            let mut hash = FxHasher::default();
            let read = self.spool.read(ranges[part].clone(), |ids| {
                for &id in ids {
                    match id {
                        BOS_TYPE => hash = FxHasher::default(),
                        EOS_TYPE if part > 0 => copies.entry(hash.finish()).or_default()[part] += 1,
                        EOS_TYPE => {
                            copies.entry(hash.finish()).and_modify(|parts| parts[0] += 1);
                        }
                        id => hash.write_u32(id),
                    }
                }
                Ok(())
            });
            read.map_err(|e| Error::failure(e.to_string()))?;
        }
        let in_training = copies.values().filter(|parts| parts[0] > 0);
        Ok(in_training.fold([0; 3], |[_, valid, test], parts| [0, valid + parts[1], test + parts[2]]))
    }

    /// Fails if the text consists of a single word, apart from punctuation and white space.
    fn check_variety(&self) -> Result<()> {
        let is_word = |piece: &str| piece.chars().any(|c| !c.is_whitespace() && !c.is_ascii_punctuation());
        let mut types = self.types.pieces().iter().skip(3).filter(|piece| is_word(piece));
        match (types.next(), types.next()) {
            (Some(word), None) if self.tokenizer.pre_tokenizer != PreTokenizer::Byte => {
                Err(Error::failure(format!("the text repeats a single word, {word:?}: there is nothing to learn")))
            }
            _ => Ok(()),
        }
    }

    fn choose(&self, counts: &[u64], choice: &BuildOptions) -> Tokenizer {
        let counted = self.types.pieces().iter().zip(counts.iter().copied()).filter(|_| choice.vocabulary.is_none());
        vocabulary::build(self.tokenizer.pre_tokenizer, counted, choice.limits, self.tokenizer.documents)
    }
}

/// The contents of a token file and its statistics.
pub struct Prepared {
    pub tokenizer: Tokenizer,
    pub prep: Prep,
    pub embeddings: Option<Embeddings>,
    pub(super) types: Types,
    /// The vocabulary id of each type, by number.
    pub(super) map: Vec<u32>,
    spool: Spool,
    ranges: [Range<u64>; 3],
    /// The number of occurrences of each type in each part.
    pub(super) counts: [Vec<u64>; 3],
    /// The number of documents of each part that are also in the training part.
    pub(super) repeated: [u64; 3],
}

pub const PARTS: [&str; 3] = ["train", "valid", "test"];

impl Prepared {
    /// Loads word vectors for the vocabulary.
    pub fn load_embeddings(&mut self, path: &Path) -> Result<()> {
        let (vectors, mut info) = Embeddings::read(path, &self.tokenizer)?;
        let (mut covered, mut all) = (0, 0);
        for (&count, &id) in self.counts[0].iter().zip(&self.map) {
            all += count;
            covered += if vectors.has(id as usize) { count } else { 0 };
        }
        info.coverage = covered as f64 / all.max(1) as f64;
        (self.prep.embeddings, self.embeddings) = (Some(info), Some(vectors));
        Ok(())
    }

    pub fn tokens(&self, part: usize) -> u64 {
        self.ranges[part].end - self.ranges[part].start
    }

    /// Writes the token file atomically, block by block.
    pub fn write(&mut self, path: &Path) -> Result<()> {
        let narrow = is_narrow(&self.tokenizer);
        let (dtype, width) = if narrow { (Dtype::U16, 2) } else { (Dtype::U32, 4) };
        // The widest elements come first, so that all tensors are aligned.
        let mut specs = Vec::new();
        if let Some(vectors) = &self.embeddings {
            let shape = vectors.shape(&self.tokenizer).to_vec();
            specs.push(TensorSpec {
                name: embeddings::TENSOR,
                dtype: Dtype::F32,
                shape,
                bytes: 4 * vectors.data.len(),
            });
        }
        specs.extend(PARTS.iter().zip(&self.ranges).map(|(&name, range)| {
            let tokens = (range.end - range.start) as usize;
            TensorSpec { name, dtype, shape: vec![tokens], bytes: tokens * width }
        }));
        let Self { tokenizer, prep, spool, map, ranges, embeddings, .. } = self;
        container::write_with(path, &metadata(tokenizer, prep), &specs, |out| {
            embeddings.iter().try_for_each(|vectors| out.write_all(&container::f32_bytes(&vectors.data)))?;
            for range in ranges.iter() {
                spool.read(range.clone(), |numbers| {
                    let ids: Vec<u32> = numbers.iter().map(|&number| map[number as usize]).collect();
                    out.write_all(&to_bytes(&ids, narrow))
                })?;
            }
            Ok(())
        })
    }

    /// Returns the number of unknown tokens in a part and the number of their types.
    pub fn unknown(&self, part: usize) -> (u64, usize) {
        let known = |number: usize| self.map[number] != UNKNOWN_ID || number == UNKNOWN_TYPE as usize;
        let missing = self.counts[part].iter().enumerate().filter(|&(number, &count)| count > 0 && !known(number));
        missing.fold((0, 0), |(tokens, types), (_, &count)| (tokens + count, types + 1))
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
    fn the_vocabulary_comes_from_the_training_part_alone() {
        let text = format!("{}new words here", "old ".repeat(97));
        let prepared = prepare(&text, PreTokenizer::Plain, LIMITS, split(0.03, 0.0)).unwrap();
        assert_eq!((prepared.unknown(0), prepared.unknown(1)), ((0, 0), (3, 3)));
        let file = written(prepared);
        assert_eq!(file.tokenizer.len(), 2);
        assert_eq!(file.valid, [0, 0, 0]);
    }

    #[test]
    fn blocks_with_several_texts_and_parts_are_combined() {
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
    fn the_file_does_not_depend_on_block_boundaries() {
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
    fn a_given_vocabulary_is_used_unchanged() {
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
        assert!(fails("", split(0.1, 0.0)).contains("0 tokens"));
        assert!(fails("word", split(0.1, 0.0)).contains("1 token,"));
        assert!(fails("word word word", split(0.1, 0.0)).contains("single word"));
        assert!(fails("each word comes once", split(0.1, 0.0)).contains("no word occurs 2 times"));
        assert!(fails("a b a b", split(1.0, 0.0)).contains("held-out"));
    }
}
