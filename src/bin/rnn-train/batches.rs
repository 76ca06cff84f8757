//! A part of the text on the device, cut into batches.

use rnn_tools::dataset::{Streams, Window};
use tch::{Device, Tensor};

pub struct Batches {
    pub streams: Streams,
    /// (streams.length, streams.count)
    tokens: Tensor,
}

/// A window of each of some texts that are read in parallel.
pub struct Batch {
    /// (time, batch)
    pub input: Tensor,
    /// (time * batch)
    pub target: Tensor,
}

impl Batches {
    pub fn new(ids: &[u32], streams: Streams, device: Device) -> Self {
        let (count, length) = (streams.count as i64, streams.length as i64);
        let ids: Vec<i64> = ids[..streams.count * streams.length].iter().map(|&id| id.into()).collect();
        let tokens = Tensor::from_slice(&ids).view([count, length]).tr().contiguous().to_device(device);
        Self { streams, tokens }
    }

    pub fn device(&self) -> Device {
        self.tokens.device()
    }

    pub fn batch(&self, window: &Window) -> Batch {
        let (start, length) = (window.start as i64, window.length as i64);
        Batch {
            input: self.tokens.narrow(0, start, length),
            target: self.tokens.narrow(0, start + 1, length).reshape([-1]),
        }
    }
}
