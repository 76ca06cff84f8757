//! Several models write in turn, each reading what the others have written.

use rnn_tools::error::{Error, Result};
use rnn_tools::generate::{
    Ensemble, FinishReason, Generation, GenerationRequest, Piece, Scratch, StoppingCriteria, Unknown,
};

use crate::output::Output;
use crate::{Job, no_choice, warn_unknown};

/// How long a turn is.
#[derive(Clone, Copy)]
enum Turn {
    Sentence,
    Paragraph,
    Words(usize),
}

pub fn run(job: &Job) -> Result<()> {
    let turn = match job.args.turns.as_deref().map(|text| (text, text.parse::<usize>())) {
        Some(("sentence", _)) => Turn::Sentence,
        Some(("paragraph", _)) => Turn::Paragraph,
        Some((_, Ok(words))) if words > 0 => Turn::Words(words),
        _ => {
            return Err(Error::usage(format!(
                "a turn is a sentence, a paragraph or a number of words, not '{}'",
                job.args.turns.as_deref().unwrap_or_default()
            )));
        }
    };
    let mut output = Output::new(job.args, &job.request.seed_text);
    let mut writers = Vec::new();
    for (number, model) in job.models.iter().enumerate() {
        let mut request = GenerationRequest { sample_index: number as u64, ..job.request.clone() };
        // Each model has its own numbers for the same words.
        crate::options::for_model(&mut request, job.args, &model.tokenizer)?;
        if output.has_color {
            request.alternatives = request.alternatives.or(Some(0));
        }
        let ensemble = Ensemble::single(model);
        let mut generation = ensemble.begin(request)?;
        warn_unknown(&generation.sequence.unknown, &format!(" {}", number + 1));
        if let Some(copy_filter) = job.copy_filters.get(number) {
            generation.sequence.set_copy_filter(copy_filter);
        }
        writers.push((ensemble, generation, String::new()));
    }
    job.report_seed();
    output.start()?;
    let (mut scratch, mut all, mut left) = (Scratch::default(), Vec::new(), job.request.num_words);
    for number in (0..writers.len()).cycle() {
        let (ensemble, generation, unheard) = &mut writers[number];
        if !unheard.is_empty() {
            generation.sequence.push_text(unheard, Unknown::Unk)?;
            unheard.clear();
        }
        let (pieces, end) =
            write_turn(ensemble, generation, &job.request.stopping_criteria, turn, left, &mut scratch, |piece| {
                output.piece(0, piece.clone())
            })?;
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let words = pieces.iter().filter(|piece| piece.is_word).count();
        left = left.map(|left| left.saturating_sub(words.max(1)));
        all.extend(pieces);
        let ended = matches!(end, FinishReason::String | FinishReason::Document | FinishReason::NoCandidates)
            || left == Some(0);
        for (other, (_, _, unheard)) in writers.iter_mut().enumerate() {
            if other != number {
                unheard.push_str(&text);
            }
        }
        if ended {
            let (_, generation, _) = &writers[number];
            return job.finish(&mut output, 0, &generation.sequence, &all);
        }
    }
    Err(no_choice())
}

/// Writes until the turn is over, or the text.
fn write_turn(
    ensemble: &mut Ensemble,
    generation: &mut Generation,
    stopping_criteria: &StoppingCriteria,
    turn: Turn,
    left: Option<usize>,
    scratch: &mut Scratch,
    mut emit: impl FnMut(&Piece) -> Result<()>,
) -> Result<(Vec<Piece>, FinishReason)> {
    let (mut stopping_criteria, mut words) = (stopping_criteria.clone(), left);
    match turn {
        Turn::Sentence => stopping_criteria.sentences = Some(1),
        Turn::Paragraph => stopping_criteria.paragraphs = Some(1),
        Turn::Words(number) => words = Some(left.map_or(number, |left| left.min(number))),
    }
    let mut pieces: Vec<Piece> = generation.sequence.resume(words, stopping_criteria.clone());
    pieces.iter().try_for_each(&mut emit)?;
    loop {
        while let Some(piece) = generation.sequence.next_piece() {
            emit(&piece)?;
            pieces.push(piece);
        }
        if let Some(end) = generation.sequence.finish_reason() {
            if matches!(end, FinishReason::Sentences | FinishReason::Paragraphs) {
                // The blank or line break after it belongs to the turn.
                let rest = generation.sequence.resume(words, stopping_criteria);
                rest.iter().try_for_each(&mut emit)?;
                pieces.extend(rest);
            }
            return Ok((pieces, end));
        }
        let before = generation.clone();
        let logits = ensemble.predict(&mut [generation]);
        generation.sequence.sample(logits, scratch);
        // That a sentence is over shows in the word after it, and that one is for the next model to choose.
        if generation.sequence.finish_reason() == Some(FinishReason::Sentences)
            && generation.sequence.surplus().iter().any(|piece| piece.is_word)
        {
            let shown: Vec<Piece> = std::iter::from_fn(|| generation.sequence.next_piece()).collect();
            *generation = before;
            let rest = generation.sequence.resume(words, stopping_criteria);
            debug_assert!(rest.len() >= shown.len());
            rest.iter().try_for_each(&mut emit)?;
            pieces.extend(rest);
            return Ok((pieces, FinishReason::Sentences));
        }
    }
}
