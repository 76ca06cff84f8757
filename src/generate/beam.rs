//! Beam search: an approximate search for the most probable text.

use super::{Ensemble, Generation, GenerationRequest, Piece, token_stats};
use crate::sampling::{log_sum_exp, top_k};

/// A text found by beam search.
pub struct Hypothesis<'a> {
    pub generation: Generation<'a>,
    pub pieces: Vec<Piece>,
    /// The sum of the tokens' log-probabilities, in nats.
    pub log_probability: f64,
    /// The number of generated tokens.
    pub length: usize,
    /// The log-probability divided by length^length_penalty.
    pub score: f64,
}

/// Returns up to `width` finished texts in descending order of score, or none if every token is banned. The search
/// ends when `width` texts are finished and no unfinished text scores higher than the worst of them, as in Hugging
/// Face's `generate`.
pub fn search<'a>(
    ensemble: &mut Ensemble<'a>,
    begin: Generation<'a>,
    request: &GenerationRequest,
    width: usize,
    length_penalty: f64,
) -> Vec<Hypothesis<'a>> {
    let score = |log_probability: f64, length: usize| log_probability / (length as f64).powf(length_penalty);
    let mut ended: Vec<Hypothesis> = Vec::new();
    let mut open =
        vec![Hypothesis { generation: begin, pieces: Vec::new(), log_probability: 0.0, length: 0, score: 0.0 }];
    while !open.is_empty() {
        let mut generations: Vec<&mut Generation> = open.iter_mut().map(|text| &mut text.generation).collect();
        let logits = ensemble.predict(&mut generations);
        let size = logits.len() / generations.len();
        // Candidates: total log-probability, index of the text, token, the token's log-probability and statistics.
        let mut steps = Vec::new();
        for (number, (text, row)) in open.iter().zip(logits.chunks_exact_mut(size)).enumerate() {
            let raw = request.alternatives.map(|count| (row.to_vec(), count));
            let all = log_sum_exp(row) as f32;
            row.iter_mut().for_each(|logit| *logit -= all);
            text.generation.sequence.process_logits(row);
            // Twice the beam width, because up to half of the candidates may finish their texts.
            for token in top_k(row, 2 * width) {
                let own = f64::from(row[token as usize]);
                let stats = raw.as_ref().map(|(raw, count)| token_stats(raw, token, *count));
                steps.push((text.log_probability + own, number, token, own, stats));
            }
        }
        steps.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
        let mut next: Vec<Hypothesis> = Vec::new();
        for (rank, (log_probability, number, token, own, stats)) in steps.into_iter().enumerate() {
            let parent = &open[number];
            let mut text = Hypothesis {
                generation: parent.generation.clone(),
                pieces: parent.pieces.clone(),
                log_probability,
                length: parent.length + 1,
                score: score(log_probability, parent.length + 1),
            };
            text.generation.sequence.accept(token, own.exp() as f32, stats);
            text.pieces.extend(std::iter::from_fn(|| text.generation.sequence.next_piece()));
            if !text.generation.sequence.is_finished() {
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
    use crate::generate::StoppingCriteria;
    use crate::generate::tests::random_model;

    /// Collects all possible texts by trying every token at every step.
    fn exhaustive<'a>(
        ensemble: &mut Ensemble<'a>,
        generation: Generation<'a>,
        text: String,
        sum: f64,
        length: usize,
        all: &mut Vec<(f64, usize, String)>,
    ) {
        let mut generation = generation;
        let mut row = ensemble.predict(&mut [&mut generation]).to_vec();
        let total = log_sum_exp(&row) as f32;
        row.iter_mut().for_each(|x| *x -= total);
        generation.sequence.process_logits(&mut row);
        for token in (0..row.len() as u32).filter(|&t| row[t as usize] > f32::NEG_INFINITY) {
            let mut after = generation.clone();
            after.sequence.accept(token, 1.0, None);
            let mut text = text.clone();
            text.extend(std::iter::from_fn(|| after.sequence.next_piece()).map(|piece| piece.text));
            let sum = sum + f64::from(row[token as usize]);
            if after.sequence.is_finished() {
                all.push((sum, length + 1, text));
            } else if length < 6 {
                exhaustive(ensemble, after, text, sum, length + 1, all);
            }
        }
    }

    #[test]
    fn a_wide_search_agrees_with_exhaustive_search() {
        let model = random_model(7);
        for (stopping_criteria, num_words, length_penalty) in [
            // Punctuation does not count as words; without a length penalty, it only makes a text less probable.
            (StoppingCriteria::default(), Some(1), 0.0),
            (StoppingCriteria { characters: Some(7), ..StoppingCriteria::default() }, None, 0.0),
            (StoppingCriteria { characters: Some(7), ..StoppingCriteria::default() }, None, 1.0),
        ] {
            let request = GenerationRequest {
                seed_text: "the".into(),
                num_words,
                stopping_criteria,
                ..GenerationRequest::default()
            };
            let mut ensemble = Ensemble::single(&model);
            let begin = ensemble.begin(request.clone()).unwrap();
            let mut all = Vec::new();
            exhaustive(&mut ensemble, begin.clone(), String::new(), 0.0, 0, &mut all);
            let score = |(sum, length, _): &(f64, usize, String)| sum / (*length as f64).powf(length_penalty);
            all.sort_by(|a, b| score(b).total_cmp(&score(a)));
            let found = search(&mut ensemble, begin, &request, 400, length_penalty);
            for (ours, theirs) in found.iter().zip(&all).take(20) {
                assert!((ours.score - score(theirs)).abs() < 1e-4, "{} {}", ours.score, score(theirs));
            }
            let text: String = found[0].pieces.iter().map(|piece| piece.text.as_str()).collect();
            assert_eq!(text, all[0].2);
        }
    }

    #[test]
    fn one_beam_is_greedy_and_banning_every_token_finds_nothing() {
        let model = random_model(8);
        let mut request =
            GenerationRequest { seed_text: "the".into(), num_words: Some(12), ..GenerationRequest::default() };
        request.sampling.temperature = 0.0;
        let mut ensemble = Ensemble::single(&model);
        let begin = ensemble.begin(request.clone()).unwrap();
        let mut greedy = String::new();
        ensemble
            .generate(&mut [begin.clone()], |_, piece| {
                greedy.push_str(&piece.text);
                Ok(())
            })
            .unwrap();
        let found = search(&mut ensemble, begin, &request, 1, 1.0);
        assert_eq!(found[0].pieces.iter().map(|piece| piece.text.as_str()).collect::<String>(), greedy);
        request.sampling.bias = (0..10).map(|token| (token, f32::NEG_INFINITY)).collect();
        let begin = ensemble.begin(request.clone()).unwrap();
        assert!(search(&mut ensemble, begin, &request, 3, 1.0).is_empty());
    }
}
