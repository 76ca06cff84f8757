//! States of the network after texts that it has read: a seed text that comes again, or one that goes on where another
//! ended, need not be read from the start.

use rnn_tools::engine::State;

/// Texts kept, and the longest of them. A state is as large as the network's layers are wide: some kilobytes.
const MOST: usize = 256;
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
        if self.texts.len() >= MOST {
            self.texts.remove(0);
        }
        self.texts.push((ids.to_vec(), state.clone()));
    }
}
