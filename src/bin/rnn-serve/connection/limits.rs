//! How much of everything a client gets.

use std::fs;
use std::time::Duration;

pub struct HttpLimits {
    /// Open at once.
    pub connections: usize,
    /// Being answered at once, those that wait for their turn included.
    pub requests: usize,
    pub head_bytes: usize,
    pub headers: usize,
    pub body_bytes: usize,
    /// From the first byte of a request to the end of its head.
    pub head_time: Duration,
    /// For a whole body.
    pub body_time: Duration,
    /// Between two requests, and before the first.
    pub idle_time: Duration,
    /// In which a client must take a piece of an answer.
    pub write_time: Duration,
}

impl HttpLimits {
    pub fn for_this_process() -> Self {
        Self::for_files(open_files())
    }

    /// tiny_http goes deaf for good where it finds no free file, so there must always be one: a
    /// connection takes one, and a request that is being answered three more.
    fn for_files(files: usize) -> Self {
        let files = files.clamp(64, 1 << 20) - 32;
        let requests = (files / 6).min(160);
        Self {
            connections: (files - 3 * requests).min(1000),
            requests,
            head_bytes: 16 << 10,
            headers: 100,
            // The longest seed text with every character escaped, twice over; every connection may send one.
            body_bytes: 256 << 10,
            head_time: Duration::from_secs(5),
            body_time: Duration::from_secs(15),
            idle_time: Duration::from_secs(30),
            write_time: Duration::from_secs(10),
        }
    }
}

/// The soft limit on open files; where it cannot be seen, the lowest in use (macOS).
fn open_files() -> usize {
    fs::read_to_string("/proc/self/limits")
        .ok()
        .and_then(|limits| limits.lines().find_map(|line| line.strip_prefix("Max open files").map(str::to_string)))
        .and_then(|line| line.split_whitespace().next()?.parse().ok())
        .unwrap_or(256)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_always_a_free_file() {
        for files in [64, 256, 1024, 4096, 1 << 20] {
            let limits = HttpLimits::for_files(files);
            assert!(limits.connections + 3 * limits.requests + 32 <= files, "{files}");
            assert!(limits.requests >= 5 && limits.connections >= 8, "{files}");
        }
    }
}
