//! Network states after token prefixes that were processed recently, so that a repeated prompt, or one that continues
//! an earlier text, is not processed from the start.

use rnn_tools::engine::State;

const MAX_ENTRIES: usize = 256;
/// The total over the states of all entries (16 MiB).
const MAX_NUMBERS: usize = 4 << 20;
const MAX_TOKENS: usize = 8192;

#[derive(Default)]
pub struct PrefixCache {
    /// Least recently used first.
    entries: Vec<(Vec<u32>, State)>,
}

impl PrefixCache {
    /// Returns the length of the longest cached prefix of `ids` and the state after it.
    pub fn longest_prefix(&mut self, ids: &[u32]) -> Option<(usize, State)> {
        let matching = self.entries.iter().enumerate().filter(|(_, (prefix, _))| ids.starts_with(prefix));
        let (at, _) = matching.max_by_key(|(_, (prefix, _))| prefix.len())?;
        let entry = self.entries.remove(at);
        let found = (entry.0.len(), entry.1.clone());
        self.entries.push(entry);
        Some(found)
    }

    pub fn insert(&mut self, ids: &[u32], state: &State) {
        if ids.is_empty() || ids.len() > MAX_TOKENS || self.entries.iter().any(|(prefix, _)| prefix == ids) {
            return;
        }
        // All states belong to one network and have the same length.
        let capacity = (MAX_NUMBERS / state.values().len().max(1)).min(MAX_ENTRIES);
        if capacity == 0 {
            return;
        }
        self.entries.drain(..(self.entries.len() + 1).saturating_sub(capacity));
        self.entries.push((ids.to_vec(), state.clone()));
    }
}
