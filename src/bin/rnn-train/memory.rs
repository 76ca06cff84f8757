//! Whether a training has room in this machine, and what makes it smaller.

use std::fs;

use rnn_tools::cost::{self, Memory};
use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result};
use rnn_tools::format::bytes;
use rnn_tools::settings::Settings;

pub fn estimate(settings: &Settings, file: &TokenFile) -> Memory {
    Memory::new(settings, file.tokenizer.len(), num_tokens(file))
}

fn num_tokens(file: &TokenFile) -> usize {
    file.parts().iter().map(|(_, ids)| ids.len()).sum()
}

/// The options that help, and by how much.
pub fn advice(settings: &Settings, file: &TokenFile) -> String {
    let savings = cost::savings(settings, file.tokenizer.len(), num_tokens(file));
    let options: Vec<String> =
        savings.iter().map(|(option, saved)| format!("{option} saves {}", bytes(*saved as usize))).collect();
    format!("about {} are needed: {}", bytes(estimate(settings, file).total() as usize), options.join(", "))
}

/// Refuses what cannot have room: where memory is promised freely, the system would end the program without a word.
pub fn check(settings: &Settings, file: &TokenFile) -> Result<()> {
    let needed = estimate(settings, file).total();
    match machine() {
        Some(all) if needed > all => {
            Err(Error::failure(format!("out of memory: this machine has {}", bytes(all as usize)))
                .hint(advice(settings, file)))
        }
        Some(all) if needed > 0.8 * all => {
            log::warn!("about {} of this machine's {} will be used", bytes(needed as usize), bytes(all as usize));
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The memory of this machine, or of the control group that this process is in; None where nobody tells.
fn machine() -> Option<f64> {
    let number = |text: &str| text.split_whitespace().find_map(|word| word.parse::<f64>().ok());
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let total = info.lines().find(|line| line.starts_with("MemTotal:")).and_then(number)? * 1024.0;
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| number(&text));
    Some(group.map_or(total, |group| group.min(total)))
}

/// The most that this process has had in memory so far.
pub fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0)
}
