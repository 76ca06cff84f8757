//! Checks whether training fits into memory, and suggests settings that need less.

use std::fs;

use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result};
use rnn_tools::format::bytes;
use rnn_tools::memory::{Memory, savings};
use rnn_tools::settings::Settings;

pub fn estimate(settings: &Settings, file: &TokenFile) -> Memory {
    Memory::new(settings, file.tokenizer.len(), num_tokens(file))
}

fn num_tokens(file: &TokenFile) -> usize {
    file.parts().iter().map(|(_, ids)| ids.len()).sum()
}

/// Returns a hint with the options that reduce memory, and by how much.
pub fn advice(settings: &Settings, file: &TokenFile) -> String {
    let options = savings(settings, file.tokenizer.len(), num_tokens(file)).into_iter().map(|(smaller, saved)| {
        let changes = settings.differences(&smaller);
        let options: String = changes.iter().map(|(option, _, value)| format!("--{option} {value} ")).collect();
        format!("{options}saves {}", bytes(saved as usize))
    });
    let options: Vec<String> = options.collect();
    format!("about {} are needed; {}", bytes(estimate(settings, file).total() as usize), options.join(", "))
}

/// Fails if training does not fit into memory. Where the system overcommits memory, it would kill the process without a
/// message.
pub fn check(settings: &Settings, file: &TokenFile) -> Result<()> {
    let needed = estimate(settings, file).total();
    match available() {
        Some(all) if needed > all => {
            let (needed, all) = (bytes(needed as usize), bytes(all as usize));
            Err(Error::failure(format!("out of memory: training needs about {needed}, but this machine has {all}"))
                .hint(advice(settings, file)))
        }
        Some(all) if needed > 0.8 * all => {
            log::warn!(
                "training will use about {} of this machine's {} of memory",
                bytes(needed as usize),
                bytes(all as usize)
            );
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Returns the memory of this machine, or the limit of its control group; None if unknown.
fn available() -> Option<f64> {
    let number = |text: &str| text.split_whitespace().find_map(|word| word.parse::<f64>().ok());
    let info = fs::read_to_string("/proc/meminfo").ok()?;
    let total = info.lines().find(|line| line.starts_with("MemTotal:")).and_then(number)? * 1024.0;
    let group = fs::read_to_string("/sys/fs/cgroup/memory.max").ok().and_then(|text| number(&text));
    Some(group.map_or(total, |group| group.min(total)))
}

/// Returns the peak resident memory of this process in bytes.
pub fn peak() -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<f64>().ok()? * 1024.0)
}
