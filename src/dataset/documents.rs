//! A part of a text that is many documents, each read from its own beginning to its own end.

use std::ops::Range;
use std::sync::Arc;

use super::Window;
use crate::random::Rng;

/// Batches' worth of documents among which those of like length are sought: enough to leave little padding, few
/// enough to leave the order random.
const POOL: usize = 64;

/// Documents in the order of the text: ranges of its ids, marks included, each of two ids or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documents {
    ranges: Vec<Range<usize>>,
}

/// Pieces of some documents side by side, padded where one is shorter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaddedBatch {
    /// (time, documents), 0 where there is nothing
    pub input: Vec<u32>,
    /// Of each position that has one, in the order of `input`: where it stands there, and in the text.
    pub rows: Vec<usize>,
    pub targets: Vec<usize>,
}

impl Documents {
    /// Finds where documents begin. What comes before the first mark is the end of a document, and one too.
    pub fn find(ids: &[u32], begin: u32) -> Self {
        let mut starts: Vec<usize> = (0..ids.len()).filter(|&at| at == 0 || ids[at] == begin).collect();
        starts.push(ids.len());
        let ranges = starts.windows(2).map(|pair| pair[0]..pair[1]);
        Self { ranges: ranges.filter(|range| range.len() > 1).collect() }
    }

    /// Where each of them stands.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    pub fn len(&self) -> usize {
        self.ranges.len()
    }

    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Every id but the first of each document.
    pub fn num_targets(&self) -> usize {
        self.ranges.iter().map(|range| range.len() - 1).sum()
    }

    /// The windows of an epoch: `count` documents of like length at a time, in pieces of `length`, in an order that
    /// `rng` decides; without one, from the shortest to the longest.
    pub fn windows(&self, count: usize, length: usize, rng: Option<&mut Rng>) -> Vec<Window> {
        let mut documents = self.ranges.clone();
        let Some(rng) = rng else {
            documents.sort_by_key(Range::len);
            return documents.chunks(count).flat_map(|batch| pieces(batch.into(), length)).collect();
        };
        shuffle(&mut documents, rng);
        documents.chunks_mut(count.saturating_mul(POOL)).for_each(|pool| pool.sort_by_key(Range::len));
        let mut batches: Vec<Arc<[Range<usize>]>> = documents.chunks(count).map(Into::into).collect();
        shuffle(&mut batches, rng);
        batches.into_iter().flat_map(|batch| pieces(batch, length)).collect()
    }
}

impl PaddedBatch {
    /// The window's documents, of the text's `ids`.
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

fn pieces(documents: Arc<[Range<usize>]>, length: usize) -> impl Iterator<Item = Window> {
    let targets = documents.iter().map(Range::len).max().unwrap_or(1) - 1;
    (0..targets).step_by(length).map(move |start| Window {
        start,
        length: length.min(targets - start),
        documents: Some(documents.clone()),
    })
}

/// Fisher and Yates's.
fn shuffle<T>(items: &mut [T], rng: &mut Rng) {
    for end in (1..items.len()).rev() {
        items.swap(end, (rng.uniform() * (end + 1) as f64) as usize);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BEGIN: u32 = 1;
    const END: u32 = 2;

    /// Documents of these lengths without their marks.
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
    fn documents_lie_between_marks_and_a_part_may_begin_within_one() {
        let ids = [&[7, END][..], &text(&[2, 0, 1])].concat();
        let documents = Documents::find(&ids, BEGIN);
        assert_eq!(documents.ranges, [0..2, 2..6, 6..8, 8..11]);
        assert!(Documents::find(&[], BEGIN).is_empty());
        assert!(Documents::find(&[BEGIN], BEGIN).is_empty());
    }

    #[test]
    fn every_target_comes_once_and_after_its_own_input() {
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
                    assert!(ids[target] != BEGIN, "a target across the seam");
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
    fn the_order_is_random_and_little_is_padding() {
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
