//! Several models take turns, each reading the text of the others.

use rnn_tools::error::{Error, Result};
use rnn_tools::generate::{
    Ensemble, FinishReason, Generation, GenerationRequest, Piece, Scratch, StoppingCriteria, UnknownWordPolicy,
};

use crate::output::Output;
use crate::{Job, no_choice, warn_unknown};

/// The length of a turn.
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
                "--turns must be sentence, paragraph or a number of words, got '{}'",
                job.args.turns.as_deref().unwrap_or_default()
            )));
        }
    };
    let mut output = Output::new(job.args, &job.request.seed_text);
    let mut generators = Vec::new();
    for (number, model) in job.models.iter().enumerate() {
        let mut request = GenerationRequest { sample_index: number as u64, ..job.request.clone() };
        // The token ids of a word differ between vocabularies.
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
        generators.push((ensemble, generation, String::new()));
    }
    job.report_seed();
    output.start()?;
    let (mut scratch, mut all, mut left) = (Scratch::default(), Vec::new(), job.request.num_words);
    for number in (0..generators.len()).cycle() {
        let (ensemble, generation, pending_text) = &mut generators[number];
        if !pending_text.is_empty() {
            generation.sequence.push_text(pending_text, UnknownWordPolicy::Unk)?;
            pending_text.clear();
        }
        let (pieces, end) =
            generate_turn(ensemble, generation, &job.request.stopping_criteria, turn, left, &mut scratch, |piece| {
                output.piece(0, piece.clone())
            })?;
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let words = pieces.iter().filter(|piece| piece.is_word).count();
        left = left.map(|left| left.saturating_sub(words.max(1)));
        all.extend(pieces);
        let ended = matches!(end, FinishReason::String | FinishReason::Document | FinishReason::NoCandidates)
            || left == Some(0);
        for (other, (_, _, pending_text)) in generators.iter_mut().enumerate() {
            if other != number {
                pending_text.push_str(&text);
            }
        }
        if ended {
            let (_, generation, _) = &generators[number];
            return job.finish(&mut output, 0, &generation.sequence, &all);
        }
    }
    Err(no_choice())
}

/// Generates until the turn or the text ends.
fn generate_turn(
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
                // The space or line break after the end belongs to the turn.
                let surplus = generation.sequence.resume(words, stopping_criteria);
                surplus.iter().try_for_each(&mut emit)?;
                pieces.extend(surplus);
            }
            return Ok((pieces, end));
        }
        let before = generation.clone();
        let logits = ensemble.predict(&mut [generation]);
        generation.sequence.sample(logits, scratch);
        // The end of a sentence shows only in the next word, which the next model has to generate.
        if generation.sequence.finish_reason() == Some(FinishReason::Sentences)
            && generation.sequence.surplus().iter().any(|piece| piece.is_word)
        {
            let shown: Vec<Piece> = std::iter::from_fn(|| generation.sequence.next_piece()).collect();
            *generation = before;
            let surplus = generation.sequence.resume(words, stopping_criteria);
            debug_assert!(surplus.len() >= shown.len());
            surplus.iter().try_for_each(&mut emit)?;
            pieces.extend(surplus);
            return Ok((pieces, FinishReason::Sentences));
        }
    }
}
