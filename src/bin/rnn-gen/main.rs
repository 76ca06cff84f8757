//! rnn-gen: generates text from a seed text.

mod interactive;
mod options;
mod output;
mod record;
mod turns;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use rnn_tools::cli::{self, generate::Args};
use rnn_tools::dataset::TokenFile;
use rnn_tools::engine::Precision;
use rnn_tools::error::{Error, Result};
use rnn_tools::generate::copy_filter::CopyFilter;
use rnn_tools::generate::novelty::{BookIndex, Novelty, RUN_LENGTH};
use rnn_tools::generate::{
    Ensemble, FinishReason, Generation, GenerationRequest, LanguageModel, Piece, Sequence, UnknownWord, beam,
    state_file,
};
use rnn_tools::outputs::{self, Kind};
use rnn_tools::{io, model, random};

use output::Output;
use record::Record;

/// The number of texts in a batch; further texts are generated in further batches.
const BATCH: usize = 64;

fn main() -> ExitCode {
    cli::main(run)
}

fn run(args: Args) -> Result<()> {
    let random_seed = args.random_seed.unwrap_or_else(random::fresh_seed);
    let seed_text = match (&args.seed_file, args.seed.as_str()) {
        (Some(path), _) => Some(path.as_path()),
        (None, io::STREAM) => Some(Path::new(io::STREAM)),
        _ => None,
    };
    if args.interactive && seed_text.is_some_and(io::is_stream) {
        return Err(Error::usage("--interactive cannot be used with a seed text from standard input"));
    }
    // Wrong options are reported before waiting for a text or reading a model.
    let mut request = options::request(&args, args.seed.clone(), random_seed)?;
    if let Some(path) = &args.state_out {
        // A state may replace the one that it continues.
        let models: Vec<PathBuf> = args.model.iter().map(|path| model::locate(path)).collect();
        let inputs = models.iter().chain(&args.seed_file).chain(&args.book).map(PathBuf::as_path);
        outputs::check(&[(path, Kind::State)], &inputs.collect::<Vec<_>>(), args.force.force)?;
    }
    if let Some(path) = seed_text {
        request.seed_text = io::read_text(path)?.trim_end().to_string();
    }
    let precision = if args.int8 { Precision::Int8 } else { Precision::Stored };
    let models =
        args.model.iter().map(|path| LanguageModel::read(path, precision)).collect::<Result<Vec<LanguageModel>>>()?;
    options::for_model(&mut request, &args, &models[0].tokenizer)?;
    let names = args.json || args.state_in.is_some() || args.state_out.is_some();
    let fingerprints = match names {
        true => args.model.iter().map(|path| model::fingerprint(path)).collect::<Result<Vec<String>>>()?,
        false => Vec::new(),
    };
    let book = args.book.as_deref().map(TokenFile::read).transpose()?;
    if let Some(book) = &book
        && models.iter().all(|model| model.training.data != book.fingerprint())
    {
        log::warn!("the model was not trained on the text of --book");
    }
    let copy_filters = match (args.no_copy, &book) {
        // One per vocabulary: an ensemble has one, models that take turns may have different ones.
        (Some(words), Some(book)) => {
            let tokenizers =
                models.iter().map(|model| &model.tokenizer).take(if args.mix.is_empty() { models.len() } else { 1 });
            tokenizers.map(|tokenizer| CopyFilter::new(tokenizer, book, words)).collect::<Result<Vec<CopyFilter>>>()?
        }
        _ => Vec::new(),
    };
    let book_index = book.as_ref().filter(|_| args.novelty).map(BookIndex::new);
    let mut job = Job {
        record: Record::new(&args, &models, &fingerprints, &request),
        args: &args,
        models: &models,
        fingerprints,
        copy_filters: &copy_filters,
        book_index: book_index.as_ref(),
        request,
    };
    let continues = args.state_in.is_some() && args.random_seed.is_none() && args.samples == 1;
    job.record.from_state = continues;
    match (args.turns.is_some(), args.beams) {
        (true, _) => turns::run(&job),
        (_, Some(width)) => job.beams(width),
        _ => job.samples(continues),
    }
}

/// The request, and everything that was read for it.
pub struct Job<'a> {
    args: &'a Args,
    models: &'a [LanguageModel],
    fingerprints: Vec<String>,
    copy_filters: &'a [CopyFilter],
    book_index: Option<&'a BookIndex>,
    request: GenerationRequest,
    record: Record,
}

impl<'a> Job<'a> {
    fn ensemble(&self) -> Result<Ensemble<'a>> {
        let equal = vec![1.0; self.models.len()];
        let weights = if self.args.mix.is_empty() { &equal } else { &self.args.mix };
        Ensemble::new(self.models.iter().zip(weights.iter().copied()).collect())
    }

    /// Returns a generation at its start, and the seed text to print.
    fn begin(&self, ensemble: &Ensemble<'a>, continues: bool) -> Result<(Generation<'a>, String)> {
        let GenerationRequest { seed_text, unknown, .. } = &self.request;
        let mut shown = String::new();
        let mut generation;
        if let Some(path) = &self.args.state_in {
            generation = ensemble.begin(GenerationRequest { seed_text: String::new(), ..self.request.clone() })?;
            let models: Vec<&LanguageModel> = self.models.iter().collect();
            state_file::read(path, &mut generation, &models, &self.fingerprints)?;
            if !continues {
                generation.sequence.reseed(self.request.random_seed, self.request.sample_index);
            }
            if !seed_text.is_empty() {
                let rest = generation.sequence.resume(self.request.num_words, self.request.stopping_criteria.clone());
                shown.extend(rest.iter().map(|piece| piece.text.as_str()));
                generation.sequence.push_text(seed_text, *unknown)?;
            }
        } else {
            generation = ensemble.begin(self.request.clone())?;
        }
        if let Some(copy_filter) = self.copy_filters.first() {
            generation.sequence.set_copy_filter(copy_filter);
        }
        warn_unknown(&generation.sequence.unknown, "");
        Ok((generation, shown + seed_text))
    }

    fn samples(&self, continues: bool) -> Result<()> {
        let mut ensemble = self.ensemble()?;
        let (mut first, shown) = self.begin(&ensemble, continues)?;
        if continues {
            log::info!("continuing with the random generator of the state file");
        } else {
            self.report_seed();
        }
        let mut output = Output::new(self.args, &shown);
        if output.has_color && self.request.alternatives.is_none() {
            first.sequence.set_alternatives(Some(0));
        }
        if self.args.interactive {
            let (pieces, mut generation) = interactive::run(&mut ensemble, first, &shown, self.args.best)?;
            pieces.iter().try_for_each(|piece| output.piece(0, piece.clone()))?;
            self.finish(&mut output, 0, &generation.sequence, &pieces)?;
            return self.save(&mut ensemble, &mut generation);
        }
        output.start()?;
        ensemble.prefill(&mut [&mut first]);
        let keeps = self.args.json || self.book_index.is_some();
        for begin in (0..self.args.samples).step_by(BATCH) {
            let batch = begin..self.args.samples.min(begin + BATCH);
            let mut generations: Vec<Generation> = batch.clone().map(|_| first.clone()).collect();
            if !continues {
                for (generation, number) in generations.iter_mut().zip(batch.clone()) {
                    generation.sequence.reseed(self.request.random_seed, self.request.sample_index + number as u64);
                }
            }
            let mut pieces = vec![Vec::new(); generations.len()];
            ensemble.generate(&mut generations, |at, piece| {
                if keeps {
                    pieces[at].push(piece.clone());
                }
                output.piece(begin + at, piece)
            })?;
            for ((generation, pieces), number) in generations.iter().zip(&pieces).zip(batch) {
                self.finish(&mut output, number, &generation.sequence, pieces)?;
            }
            self.save(&mut ensemble, &mut generations[0])?;
        }
        Ok(())
    }

    fn report_seed(&self) {
        if self.args.random_seed.is_none() {
            log::info!("random seed {}", self.request.random_seed);
        }
    }

    fn beams(&self, width: usize) -> Result<()> {
        let mut ensemble = self.ensemble()?;
        let (generation, shown) = self.begin(&ensemble, false)?;
        let mut output = Output::new(self.args, &shown);
        let alternatives = self.request.alternatives.or(output.has_color.then_some(0));
        let request = GenerationRequest { alternatives, ..self.request.clone() };
        let found = beam::search(&mut ensemble, generation, &request, width, self.args.length_penalty);
        if found.is_empty() {
            return Err(no_choice());
        }
        for (number, text) in found.into_iter().take(self.args.samples).enumerate() {
            text.pieces.iter().try_for_each(|piece| output.piece(number, piece.clone()))?;
            self.finish(&mut output, number, &text.generation.sequence, &text.pieces)?;
        }
        Ok(())
    }

    /// Prints the end of a finished text, and reports its novelty.
    fn finish(&self, output: &mut Output, number: usize, sequence: &Sequence, pieces: &[Piece]) -> Result<()> {
        let request =
            GenerationRequest { sample_index: self.request.sample_index + number as u64, ..self.request.clone() };
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let novelty = self.book_index.map(|index| index.compare(&text));
        let end = sequence.finish_reason();
        output.finish(number, || self.record.text(sequence, &request, pieces, end, novelty.as_ref()).to_string())?;
        if let Some(novelty) = novelty {
            let sample =
                if self.args.samples > 1 { format!("sample {}: ", request.sample_index + 1) } else { String::new() };
            log::info!("{sample}{}", describe(&novelty));
        }
        if end == Some(FinishReason::NoCandidates) { Err(no_choice()) } else { Ok(()) }
    }

    fn save(&self, ensemble: &mut Ensemble, generation: &mut Generation) -> Result<()> {
        let Some(path) = &self.args.state_out else { return Ok(()) };
        ensemble.prefill(&mut [generation]);
        state_file::write(path, generation, &self.fingerprints)
    }
}

/// Warns about unknown words of the seed text; `whose` is the number of the model if there are several.
fn warn_unknown(unknown: &[UnknownWord], whose: &str) {
    for UnknownWord { word, line, column, replacement } in unknown {
        let place = format!("line {line}, character {column}");
        let treatment = match replacement {
            Some(replacement) => format!("replaced with {replacement:?}"),
            None => "skipped".into(),
        };
        log::warn!("model{whose}: unknown word {word:?} of the seed text ({place}), {treatment}");
    }
}

fn no_choice() -> Error {
    Error::failure("every possible next word is banned").hint("relax --ban, --no-copy or --no-repeat-ngram")
}

fn describe(novelty: &Novelty) -> String {
    let Novelty { runs, copied, longest, longest_words } = novelty;
    let percent = 100.0 * *copied as f64 / (*runs).max(1) as f64;
    let longest = match longest_words {
        0 => String::new(),
        words => format!("; the longest copied run has {words} words: {longest:?}"),
    };
    format!("{copied} of {runs} runs of {RUN_LENGTH} words are copied from the book ({percent:.0} %){longest}")
}
