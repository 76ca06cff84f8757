//! Beam search: the text that the model holds to be the likeliest as a whole, or nearly so.

use super::{Draft, Mixture, Piece, Request, measure};
use crate::sampling::{likeliest, log_sum_exp};

/// A text that beam search has found.
pub struct Hypothesis<'a> {
    pub draft: Draft<'a>,
    pub pieces: Vec<Piece>,
    /// Sum of the tokens' log-probabilities, in nats.
    pub log_probability: f64,
    /// Tokens written.
    pub length: usize,
    /// The log-probability divided by length^length_penalty.
    pub score: f64,
}

/// The best texts that a search with `width` texts side by side finds, best first and `width` at most; none where
/// every token is banned. A text may end at every step, by its request's limits; the search ends when so many have
/// ended that none of the open ones scores better than the worst of them (the rule of Hugging Face's `generate`).
pub fn search<'a>(
    mixture: &mut Mixture<'a>,
    begin: Draft<'a>,
    request: &Request,
    width: usize,
    length_penalty: f64,
) -> Vec<Hypothesis<'a>> {
    let score = |log_probability: f64, length: usize| log_probability / (length as f64).powf(length_penalty);
    let mut ended: Vec<Hypothesis> = Vec::new();
    let mut open = vec![Hypothesis { draft: begin, pieces: Vec::new(), log_probability: 0.0, length: 0, score: 0.0 }];
    while !open.is_empty() {
        let mut drafts: Vec<&mut Draft> = open.iter_mut().map(|text| &mut text.draft).collect();
        let logits = mixture.predict(&mut drafts);
        let size = logits.len() / drafts.len();
        // Log-probability, text, token, and what the model makes of it.
        let mut steps = Vec::new();
        for (number, (text, row)) in open.iter().zip(logits.chunks_exact_mut(size)).enumerate() {
            let raw = request.alternatives.map(|count| (row.to_vec(), count));
            let all = log_sum_exp(row) as f32;
            row.iter_mut().for_each(|logit| *logit -= all);
            text.draft.sequence.restrict(row);
            // Twice as many as go on, since half of them may end.
            for token in likeliest(row, 2 * width) {
                let own = f64::from(row[token as usize]);
                let measure = raw.as_ref().map(|(raw, count)| measure(raw, token, *count));
                steps.push((text.log_probability + own, number, token, own, measure));
            }
        }
        steps.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut next: Vec<Hypothesis> = Vec::new();
        for (rank, (log_probability, number, token, own, measure)) in steps.into_iter().enumerate() {
            let parent = &open[number];
            let mut text = Hypothesis {
                draft: parent.draft.clone(),
                pieces: parent.pieces.clone(),
                log_probability,
                length: parent.length + 1,
                score: score(log_probability, parent.length + 1),
            };
            text.draft.sequence.accept(token, own.exp() as f32, measure);
            text.pieces.extend(std::iter::from_fn(|| text.draft.sequence.next_piece()));
            if !text.draft.sequence.is_done() {
                next.push(text);
            } else if rank < width {
                ended.push(text);
            }
            if next.len() == width {
                break;
            }
        }
        ended.sort_by(|a, b| b.score.total_cmp(&a.score));
        ended.truncate(width);
        let best_open = next.iter().map(|text| text.score).fold(f64::NEG_INFINITY, f64::max);
        if ended.len() == width && ended[width - 1].score >= best_open {
            break;
        }
        open = next;
    }
    ended
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::Limits;
    use crate::generate::tests::author;

    /// Every text there is, by trying all tokens at every step.
    fn exhaustive<'a>(
        mixture: &mut Mixture<'a>,
        draft: Draft<'a>,
        text: String,
        sum: f64,
        length: usize,
        all: &mut Vec<(f64, usize, String)>,
    ) {
        let mut draft = draft;
        let mut row = mixture.predict(&mut [&mut draft]).to_vec();
        let total = log_sum_exp(&row) as f32;
        row.iter_mut().for_each(|x| *x -= total);
        draft.sequence.restrict(&mut row);
        for token in (0..row.len() as u32).filter(|&t| row[t as usize] > f32::NEG_INFINITY) {
            let mut after = draft.clone();
            after.sequence.accept(token, 1.0, None);
            let mut text = text.clone();
            text.extend(std::iter::from_fn(|| after.sequence.next_piece()).map(|piece| piece.text));
            let sum = sum + f64::from(row[token as usize]);
            if after.sequence.is_done() {
                all.push((sum, length + 1, text));
            } else if length < 6 {
                exhaustive(mixture, after, text, sum, length + 1, all);
            }
        }
    }

    #[test]
    fn a_wide_search_finds_what_trying_everything_finds() {
        let author = author(7);
        for (limits, num_words, length_penalty) in [
            // Marks cost no word: without a penalty for length, many of them only make a text less likely.
            (Limits::default(), Some(1), 0.0),
            (Limits { characters: Some(7), ..Limits::default() }, None, 0.0),
            (Limits { characters: Some(7), ..Limits::default() }, None, 1.0),
        ] {
            let request = Request { seed_text: "the".into(), num_words, limits, ..Request::default() };
            let mut mixture = Mixture::of(&author);
            let begin = mixture.begin(request.clone()).unwrap();
            let mut all = Vec::new();
            exhaustive(&mut mixture, begin.clone(), String::new(), 0.0, 0, &mut all);
            let score = |(sum, length, _): &(f64, usize, String)| sum / (*length as f64).powf(length_penalty);
            all.sort_by(|a, b| score(b).total_cmp(&score(a)));
            let found = search(&mut mixture, begin, &request, 400, length_penalty);
            for (ours, theirs) in found.iter().zip(&all).take(20) {
                assert!((ours.score - score(theirs)).abs() < 1e-4, "{} {}", ours.score, score(theirs));
            }
            let text: String = found[0].pieces.iter().map(|piece| piece.text.as_str()).collect();
            assert_eq!(text, all[0].2);
        }
    }

    #[test]
    fn one_beam_is_greedy_and_nothing_is_found_where_all_is_banned() {
        let author = author(8);
        let mut request = Request { seed_text: "the".into(), num_words: Some(12), ..Request::default() };
        request.sampling.temperature = 0.0;
        let mut mixture = Mixture::of(&author);
        let begin = mixture.begin(request.clone()).unwrap();
        let mut greedy = String::new();
        mixture
            .write(&mut [begin.clone()], |_, piece| {
                greedy.push_str(&piece.text);
                Ok(())
            })
            .unwrap();
        let found = search(&mut mixture, begin, &request, 1, 1.0);
        assert_eq!(found[0].pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), greedy);
        request.sampling.bias = (0..10).map(|token| (token, f32::NEG_INFINITY)).collect();
        let begin = mixture.begin(request.clone()).unwrap();
        assert!(search(&mut mixture, begin, &request, 3, 1.0).is_empty());
    }
}
