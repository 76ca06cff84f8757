//! Batches of separate documents, each read from start to end.

use std::ops::Range;
use std::sync::Arc;

use super::Window;
use crate::random::Rng;

/// The number of batches whose documents are sorted by length together: large enough for little padding, small
/// enough for a random order.
const POOL: usize = 64;

/// The documents of a text, in order: ranges of its ids, including `<bos>` and `<eos>`, each of at least two ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documents {
    ranges: Vec<Range<usize>>,
}

/// Segments of several documents side by side, padded to the same length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaddedBatch {
    /// (time, documents); 0 for padding.
    pub input: Vec<u32>,
    /// The indices in `input` that have a target.
    pub rows: Vec<usize>,
    /// The position of each of these targets in the text.
    pub targets: Vec<usize>,
}

impl Documents {
    /// Finds the documents by their first token, `begin`. Ids before the first one form a document too.
    pub fn find(ids: &[u32], begin: u32) -> Self {
        let mut starts: Vec<usize> = (0..ids.len()).filter(|&at| at == 0 || ids[at] == begin).collect();
        starts.push(ids.len());
        let ranges = starts.windows(2).map(|pair| pair[0]..pair[1]);
        Self { ranges: ranges.filter(|range| range.len() > 1).collect() }
    }

    /// Returns the range of each document.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Returns the number of targets: all ids except the first of each document.
    pub fn num_targets(&self) -> usize {
        self.ranges.iter().map(|range| range.len() - 1).sum()
    }

    /// Returns the windows of an epoch: `count` documents of similar length at a time, in segments of `length`. The
    /// order is random with `rng`, otherwise from the shortest to the longest.
    pub fn windows(&self, count: usize, length: usize, rng: Option<&mut Rng>) -> Vec<Window> {
        let mut documents = self.ranges.clone();
        let Some(rng) = rng else {
            documents.sort_by_key(Range::len);
            return documents.chunks(count).flat_map(|batch| segments(batch.into(), length)).collect();
        };
        rng.shuffle(&mut documents);
        documents.chunks_mut(count.saturating_mul(POOL)).for_each(|pool| pool.sort_by_key(Range::len));
        let mut batches: Vec<Arc<[Range<usize>]>> = documents.chunks(count).map(Into::into).collect();
        rng.shuffle(&mut batches);
        batches.into_iter().flat_map(|batch| segments(batch, length)).collect()
    }
}

impl PaddedBatch {
    /// Returns the window's segments of `documents`, whose ids are in `ids`.
    pub fn new(ids: &[u32], documents: &[Range<usize>], window: &Window) -> Self {
        let mut padded = Self { input: Vec::new(), rows: Vec::new(), targets: Vec::new() };
        for time in window.start..window.start + window.length {
            for document in documents {
                let target = document.start + time + 1;
                if target < document.end {
                    padded.rows.push(padded.input.len());
                    padded.targets.push(target);
                }
                padded.input.push(if target < document.end { ids[target - 1] } else { 0 });
            }
        }
        padded
    }
}

fn segments(documents: Arc<[Range<usize>]>, length: usize) -> impl Iterator<Item = Window> {
    let targets = documents.iter().map(Range::len).max().unwrap_or(1) - 1;
    (0..targets).step_by(length).map(move |start| Window {
        start,
        length: length.min(targets - start),
        documents: Some(documents.clone()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: u32 = 1;
    const END: u32 = 2;

    /// Returns documents of these lengths, marks not counted.
    fn text(lengths: &[usize]) -> Vec<u32> {
        let mut next = 10;
        let mut ids = Vec::new();
        for &length in lengths {
            ids.push(BEGIN);
            ids.extend(next..next + length as u32);
            ids.push(END);
            next += length as u32;
        }
        ids
    }

    #[test]
    fn documents_start_at_their_mark_and_a_part_may_start_inside_one() {
        let ids = [&[7, END][..], &text(&[2, 0, 1])].concat();
        let documents = Documents::find(&ids, BEGIN);
        assert_eq!(documents.ranges, [0..2, 2..6, 6..8, 8..11]);
        assert!(Documents::find(&[], BEGIN).is_empty());
        assert!(Documents::find(&[BEGIN], BEGIN).is_empty());
    }

    #[test]
    fn every_target_occurs_once_and_follows_its_input() {
        let ids = text(&[3, 1, 40, 7, 7, 2, 25, 0, 9]);
        let documents = Documents::find(&ids, BEGIN);
        for (count, length, seed) in [(2, 5, None), (4, 8, Some(1)), (1, 1, Some(2)), (99, 99, Some(3))] {
            let mut rng = seed.map(Rng::new);
            let mut targets = Vec::new();
            for window in documents.windows(count, length, rng.as_mut()) {
                assert!((1..=length).contains(&window.length));
                let side_by_side = window.documents.clone().unwrap();
                let padded = PaddedBatch::new(&ids, &side_by_side, &window);
                assert_eq!(padded.input.len(), window.length * side_by_side.len());
                assert!(!padded.rows.is_empty(), "a window of padding");
                for (&row, &target) in padded.rows.iter().zip(&padded.targets) {
                    assert_eq!(padded.input[row], ids[target - 1]);
                    assert!(ids[target] != BEGIN, "a target in the next document");
                }
                targets.extend(padded.targets);
            }
            targets.sort();
            let expected: Vec<usize> = (1..ids.len()).filter(|&at| ids[at] != BEGIN).collect();
            assert_eq!(targets, expected);
            assert_eq!(targets.len(), documents.num_targets());
        }
    }

    #[test]
    fn the_order_is_random_with_little_padding() {
        let mut rng = Rng::new(5);
        let lengths: Vec<usize> = (0..5000).map(|_| (rng.uniform() * 40.0) as usize).collect();
        let ids = text(&lengths);
        let documents = Documents::find(&ids, BEGIN);
        let windows = documents.windows(32, 50, Some(&mut Rng::new(1)));
        let cells: usize = windows.iter().map(|w| w.length * w.documents.as_ref().unwrap().len()).sum();
        let targets = ids.len() - documents.len();
        assert!(cells as f64 / (targets as f64) < 1.06, "{cells} {targets}");
        let first = |seed| documents.windows(32, 50, Some(&mut Rng::new(seed)))[0].documents.clone().unwrap();
        assert_eq!(first(1), first(1));
        assert_ne!(first(1), first(2));
    }
}
