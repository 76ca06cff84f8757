//! Batches of a part of the text: parallel streams, or documents side by side.

use rnn_tools::dataset::{Documents, PaddedBatch, Streams, TokenFile, Window};
use rnn_tools::random::Rng;
use rnn_tools::settings::Settings;
use tch::{Device, Tensor};

/// Tokens per stream of the validation part: long enough that the breaks between streams hardly affect the loss.
const EVAL_STREAM: usize = 2000;
/// The maximum number of streams or documents evaluated in parallel, and of time steps per window.
const EVAL_COUNT: usize = 64;
const EVAL_LENGTH: usize = 128;

pub struct Batches {
    text: Text,
    device: Device,
}

enum Text {
    Streams {
        streams: Streams,
        /// On the device. (streams.length, streams.count)
        tokens: Tensor,
    },
    /// Documents are copied to the device batch by batch, since their neighbours change every epoch.
    Documents { documents: Documents, ids: Vec<u32>, count: usize },
}

/// One window of several texts read in parallel.
pub struct Batch {
    /// (time, batch)
    pub input: Tensor,
    /// The positions that have a target; None if all have one. (n)
    rows: Option<Tensor>,
    /// (n)
    pub targets: Tensor,
}

impl Batch {
    /// Selects the rows of the positions that have a target. `features`: (time * batch, size)
    pub fn select(&self, features: Tensor) -> Tensor {
        match &self.rows {
            Some(rows) => features.index_select(0, rows),
            None => features,
        }
    }
}

impl Batches {
    /// Returns the training part: documents if there are enough of them for a batch, otherwise streams. None if it is
    /// too short.
    pub fn train(file: &TokenFile, settings: &Settings, device: Device) -> Option<Self> {
        let documents = documents(file, &file.train).filter(|documents| documents.len() >= settings.batch_size);
        Self::new(&file.train, documents, settings.batch_size, device)
    }

    /// Returns the validation part, read in the same way.
    pub fn valid(&self, file: &TokenFile) -> Option<Self> {
        match self.text {
            Text::Streams { .. } => {
                let count = (file.valid.len() / EVAL_STREAM).clamp(1, EVAL_COUNT);
                Self::new(&file.valid, None, count, self.device)
            }
            Text::Documents { .. } => {
                let documents = documents(file, &file.valid).filter(|documents| !documents.is_empty())?;
                Self::new(&file.valid, Some(documents), EVAL_COUNT, self.device)
            }
        }
    }

    fn new(ids: &[u32], documents: Option<Documents>, count: usize, device: Device) -> Option<Self> {
        let text = match documents {
            Some(documents) => Text::Documents { documents, ids: ids.into(), count },
            None => {
                let streams = Streams::new(ids.len(), count)?;
                let (count, length) = (streams.count as i64, streams.length as i64);
                let ids: Vec<i64> = ids[..streams.count * streams.length].iter().map(|&id| id.into()).collect();
                let tokens = Tensor::from_slice(&ids).view([count, length]).tr().contiguous().to_device(device);
                Text::Streams { streams, tokens }
            }
        };
        Some(Self { text, device })
    }

    pub fn device(&self) -> Device {
        self.device
    }

    /// The number of documents, if documents are read one by one.
    pub fn num_documents(&self) -> Option<usize> {
        match &self.text {
            Text::Streams { .. } => None,
            Text::Documents { documents, .. } => Some(documents.len()),
        }
    }

    /// The number of tokens predicted in an epoch.
    pub fn num_targets(&self) -> usize {
        match &self.text {
            Text::Streams { streams, .. } => streams.count * (streams.length - 1),
            Text::Documents { documents, .. } => documents.num_targets(),
        }
    }

    /// Returns the windows of an epoch (from 1).
    pub fn windows(&self, settings: &Settings, seed: u64, epoch: usize) -> Vec<Window> {
        // The low stream numbers are used by the steps.
        let mut rng = Rng::stream(seed, u64::MAX - epoch as u64);
        match &self.text {
            Text::Streams { streams, .. } if settings.random_length => {
                streams.random_windows(settings.seq_length, &mut rng)
            }
            Text::Streams { streams, .. } => streams.windows(settings.seq_length, epoch),
            Text::Documents { documents, count, .. } => documents.windows(*count, settings.seq_length, Some(&mut rng)),
        }
    }

    /// Returns the number of windows in all epochs; approximate for documents, which are batched differently in each.
    pub fn num_windows(&self, settings: &Settings, seed: u64) -> usize {
        let in_epoch = |epoch| self.windows(settings, seed, epoch).len();
        match &self.text {
            Text::Streams { .. } => (1..=settings.epochs).map(in_epoch).sum(),
            Text::Documents { .. } => settings.epochs * in_epoch(1),
        }
    }

    /// Returns the windows of an evaluation.
    pub fn eval_windows(&self) -> Vec<Window> {
        match &self.text {
            Text::Streams { streams, .. } => streams.windows(EVAL_LENGTH, 0),
            Text::Documents { documents, count, .. } => documents.windows(*count, EVAL_LENGTH, None),
        }
    }

    /// Returns two positions in the part for each target of [`eval_windows`](Self::eval_windows), in order: where its
    /// text begins, and its own.
    pub fn eval_targets(&self) -> Vec<(usize, usize)> {
        let windows = self.eval_windows();
        match &self.text {
            Text::Streams { streams, .. } => {
                let times = windows.iter().flat_map(|window| window.start..window.start + window.length);
                let begins = |stream| stream * streams.length;
                times.flat_map(|time| (0..streams.count).map(move |s| (begins(s), begins(s) + time + 1))).collect()
            }
            Text::Documents { ids, .. } => {
                let in_window = |window: &Window| {
                    let documents = window.documents.clone().unwrap_or_default();
                    let targets = PaddedBatch::new(ids, &documents, window).targets;
                    let begin = |target| {
                        documents
                            .iter()
                            .find(|document| document.contains(&target))
                            .expect("every target is in a document")
                            .start
                    };
                    targets.into_iter().map(|target| (begin(target), target)).collect::<Vec<_>>()
                };
                windows.iter().flat_map(in_window).collect()
            }
        }
    }

    /// Returns the number of texts side by side in a window.
    pub fn count(&self, window: &Window) -> i64 {
        match (&self.text, &window.documents) {
            (Text::Streams { streams, .. }, _) => streams.count as i64,
            (Text::Documents { .. }, documents) => documents.as_ref().map_or(0, |documents| documents.len()) as i64,
        }
    }

    pub fn batch(&self, window: &Window) -> Batch {
        let (start, length) = (window.start as i64, window.length as i64);
        match &self.text {
            Text::Streams { tokens, .. } => Batch {
                input: tokens.narrow(0, start, length),
                rows: None,
                targets: tokens.narrow(0, start + 1, length).reshape([-1]),
            },
            Text::Documents { ids, .. } => {
                let documents = window.documents.clone().unwrap_or_default();
                let padded = PaddedBatch::new(ids, &documents, window);
                let upload = |numbers: Vec<i64>| Tensor::from_slice(&numbers).to_device(self.device);
                let is_full = padded.rows.len() == padded.input.len();
                Batch {
                    input: upload(padded.input.iter().map(|&id| id.into()).collect()).view([length, -1]),
                    rows: (!is_full).then(|| upload(padded.rows.iter().map(|&row| row as i64).collect())),
                    targets: upload(padded.targets.iter().map(|&at| ids[at].into()).collect()),
                }
            }
        }
    }
}

fn documents(file: &TokenFile, ids: &[u32]) -> Option<Documents> {
    let begin = file.tokenizer.bos().filter(|_| file.prep.documents > 0)?;
    Some(Documents::find(ids, begin))
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::*;

    fn streams(ids: &[u32], count: usize) -> Batches {
        Batches::new(ids, None, count, Device::Cpu).unwrap()
    }

    #[test]
    fn eval_targets_are_in_the_order_of_scoring() {
        let ids: Vec<u32> = [1, 5, 6, 2, 1, 7, 2, 1, 8, 9, 3, 2].into();
        let documents = Batches::new(&ids, Some(Documents::find(&ids, 1)), 2, Device::Cpu).unwrap();
        for part in [streams(&ids, 3), documents] {
            let scored: Vec<i64> = part
                .eval_windows()
                .iter()
                .flat_map(|window| Vec::<i64>::try_from(part.batch(window).targets).unwrap())
                .collect();
            let listed = part.eval_targets();
            assert_eq!(scored, listed.iter().map(|&(_, at)| ids[at].into()).collect::<Vec<i64>>());
            assert!(listed.iter().all(|&(begin, at)| begin < at));
        }
    }

    #[test]
    fn padding_is_not_selected() {
        let ids = [1, 5, 6, 2, 1, 2];
        let part = Batches::new(&ids, Some(Documents::find(&ids, 1)), 2, Device::Cpu).unwrap();
        let windows = part.eval_windows();
        assert_eq!(windows.len(), 1);
        let batch = part.batch(&windows[0]);
        assert_eq!(batch.input.size(), [3, 2]);
        let features = Tensor::arange(6, (Kind::Float, Device::Cpu)).view([6, 1]);
        // The shorter document comes first, and has one target.
        assert_eq!(Vec::<f32>::try_from(batch.select(features).view(-1)).unwrap(), [0.0, 1.0, 3.0, 5.0]);
        assert_eq!(Vec::<i64>::try_from(batch.targets).unwrap(), [2, 5, 6, 2]);
    }
}
