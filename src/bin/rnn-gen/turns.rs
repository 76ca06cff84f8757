//! Several models write in turn, each reading what the others have written.

use rnn_tools::error::{Error, Result};
use rnn_tools::generate::{Draft, End, Limits, Mixture, Piece, Request, Room, Unknown};

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
    for (number, author) in job.authors.iter().enumerate() {
        let mut request = Request { sample: number as u64, ..job.request.clone() };
        // Each model has its own numbers for the same words.
        crate::options::for_model(&mut request, job.args, &author.tokenizer)?;
        if output.has_color {
            request.alternatives = request.alternatives.or(Some(0));
        }
        let mixture = Mixture::of(author);
        let mut draft = mixture.begin(request)?;
        warn_unknown(&draft.sequence.unknown, &format!(" {}", number + 1));
        if let Some(guard) = job.guards.get(number) {
            draft.sequence.set_guard(guard);
        }
        writers.push((mixture, draft, String::new()));
    }
    job.report_seed();
    output.start()?;
    let (mut room, mut all, mut left) = (Room::default(), Vec::new(), job.request.num_words);
    for number in (0..writers.len()).cycle() {
        let (mixture, draft, unheard) = &mut writers[number];
        if !unheard.is_empty() {
            draft.sequence.read(unheard, Unknown::Unk)?;
            unheard.clear();
        }
        let (pieces, end) = write_turn(mixture, draft, &job.request.limits, turn, left, &mut room, |piece| {
            output.piece(0, piece.clone())
        })?;
        let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
        let words = pieces.iter().filter(|piece| piece.is_word).count();
        left = left.map(|left| left.saturating_sub(words.max(1)));
        all.extend(pieces);
        let ended = matches!(end, End::String | End::Document | End::NoChoice) || left == Some(0);
        for (other, (_, _, unheard)) in writers.iter_mut().enumerate() {
            if other != number {
                unheard.push_str(&text);
            }
        }
        if ended {
            let (_, draft, _) = &writers[number];
            return job.finish(&mut output, 0, &draft.sequence, &all);
        }
    }
    Err(no_choice())
}

/// Writes until the turn is over, or the text.
fn write_turn(
    mixture: &mut Mixture,
    draft: &mut Draft,
    limits: &Limits,
    turn: Turn,
    left: Option<usize>,
    room: &mut Room,
    mut emit: impl FnMut(&Piece) -> Result<()>,
) -> Result<(Vec<Piece>, End)> {
    let (mut limits, mut words) = (limits.clone(), left);
    match turn {
        Turn::Sentence => limits.sentences = Some(1),
        Turn::Paragraph => limits.paragraphs = Some(1),
        Turn::Words(number) => words = Some(left.map_or(number, |left| left.min(number))),
    }
    let mut pieces: Vec<Piece> = draft.sequence.go_on(words, limits.clone());
    pieces.iter().try_for_each(&mut emit)?;
    loop {
        while let Some(piece) = draft.sequence.next_piece() {
            emit(&piece)?;
            pieces.push(piece);
        }
        if let Some(end) = draft.sequence.end() {
            if matches!(end, End::Sentences | End::Paragraphs) {
                // The blank or line break after it belongs to the turn.
                let rest = draft.sequence.go_on(words, limits);
                rest.iter().try_for_each(&mut emit)?;
                pieces.extend(rest);
            }
            return Ok((pieces, end));
        }
        let before = draft.clone();
        let logits = mixture.predict(&mut [draft]);
        draft.sequence.choose(logits, room);
        // That a sentence is over shows in the word after it, and that one is for the next model to choose.
        if draft.sequence.end() == Some(End::Sentences) && draft.sequence.rest().iter().any(|piece| piece.is_word) {
            let shown: Vec<Piece> = std::iter::from_fn(|| draft.sequence.next_piece()).collect();
            *draft = before;
            let rest = draft.sequence.go_on(words, limits);
            debug_assert!(rest.len() >= shown.len());
            rest.iter().try_for_each(&mut emit)?;
            pieces.extend(rest);
            return Ok((pieces, End::Sentences));
        }
    }
}
