//! Limits on connections and requests.

use std::fs;
use std::time::Duration;

pub struct HttpLimits {
    /// The maximum number of open connections.
    pub connections: usize,
    /// The maximum number of requests in progress, including those that wait in a queue.
    pub requests: usize,
    pub head_bytes: usize,
    pub headers: usize,
    pub body_bytes: usize,
    /// The time from the first byte of a request to the end of its head.
    pub head_time: Duration,
    /// The time for a whole body.
    pub body_time: Duration,
    /// The time between two requests, and before the first.
    pub idle_time: Duration,
    /// The time in which a client must receive a piece of a response.
    pub write_time: Duration,
}

impl HttpLimits {
    pub fn for_this_process() -> Self {
        Self::for_files(open_files())
    }

    /// tiny_http stops accepting for good when it finds no free file descriptor, so one must always remain free: a
    /// connection takes one, and a request in progress takes three more.
    fn for_files(files: usize) -> Self {
        let files = files.clamp(64, 1 << 20) - 32;
        let requests = (files / 6).min(160);
        Self {
            connections: (files - 3 * requests).min(1000),
            requests,
            head_bytes: 16 << 10,
            headers: 100,
            // Twice the longest seed text with every character escaped. Every connection may send such a body.
            body_bytes: 256 << 10,
            head_time: Duration::from_secs(5),
            body_time: Duration::from_secs(15),
            idle_time: Duration::from_secs(30),
            write_time: Duration::from_secs(10),
        }
    }
}

/// Returns the soft limit on open files or, where it cannot be read, the lowest common one (macOS).
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
    fn a_file_descriptor_always_remains_free() {
        for files in [64, 256, 1024, 4096, 1 << 20] {
            let limits = HttpLimits::for_files(files);
            assert!(limits.connections + 3 * limits.requests + 32 <= files, "{files}");
            assert!(limits.requests >= 5 && limits.connections >= 8, "{files}");
        }
    }
}
