//! States of the network after texts that it has read: a seed text that comes again, or one that goes on where another
//! ended, need not be read from the start.

use rnn_tools::engine::State;

/// Texts kept, numbers in their states (16 MiB of them), and the longest text.
const MOST: usize = 256;
const MOST_NUMBERS: usize = 4 << 20;
const LONGEST: usize = 8192;

#[derive(Default)]
pub struct Cache {
    /// From the longest unused one to the one used last.
    texts: Vec<(Vec<u32>, State)>,
}

impl Cache {
    /// The state after the longest known beginning of `ids`, and its length.
    pub fn find(&mut self, ids: &[u32]) -> Option<(usize, State)> {
        let known = |(text, _): &(Vec<u32>, State)| ids.starts_with(text);
        let texts = self.texts.iter().enumerate().filter(|(_, entry)| known(entry));
        let at = texts.max_by_key(|(_, (text, _))| text.len()).map(|(at, _)| at)?;
        let entry = self.texts.remove(at);
        let found = (entry.0.len(), entry.1.clone());
        self.texts.push(entry);
        Some(found)
    }

    pub fn keep(&mut self, ids: &[u32], state: &State) {
        if ids.is_empty() || ids.len() > LONGEST || self.texts.iter().any(|(text, _)| text == ids) {
            return;
        }
        let room = (MOST_NUMBERS / state.values().len().max(1)).min(MOST);
        if room == 0 {
            return;
        }
        // All states are of one network, and equally large.
        self.texts.drain(..(self.texts.len() + 1).saturating_sub(room));
        self.texts.push((ids.to_vec(), state.clone()));
    }
}
