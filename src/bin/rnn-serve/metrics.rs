//! The server's metrics in Prometheus's text format (version 0.0.4), which is simple enough to write by hand.

use std::collections::BTreeMap;
use std::fmt::{Display, Write};
use std::fs;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::App;
use crate::http::{Request, Response};
use crate::lock::lock;

/// Upper bounds of the histograms' buckets, in seconds.
const BOUNDS: [f64; 14] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

pub struct Metrics {
    pub started: Instant,
    pub generated_tokens: AtomicU64,
    pub prompt_tokens: AtomicU64,
    /// Prompt tokens reused from the prefix cache.
    pub cached_tokens: AtomicU64,
    pub first_token: Histogram,
    pub generation: Histogram,
    requests: Mutex<BTreeMap<(String, &'static str, u16), u64>>,
    durations: Mutex<BTreeMap<&'static str, Histogram>>,
    rejected: Mutex<BTreeMap<&'static str, u64>>,
    reloads: Mutex<BTreeMap<(String, &'static str), u64>>,
}

/// A histogram of durations.
#[derive(Default)]
pub struct Histogram(Mutex<Buckets>);

#[derive(Clone, Copy, Default)]
struct Buckets {
    counts: [u64; BOUNDS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    pub fn observe(&self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        let mut buckets = lock(&self.0);
        buckets.count += 1;
        buckets.sum += seconds;
        if let Some(at) = BOUNDS.iter().position(|&bound| seconds <= bound) {
            buckets.counts[at] += 1;
        }
    }
}

impl Metrics {
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            generated_tokens: AtomicU64::new(0),
            prompt_tokens: AtomicU64::new(0),
            cached_tokens: AtomicU64::new(0),
            first_token: Histogram::default(),
            generation: Histogram::default(),
            requests: Mutex::default(),
            durations: Mutex::default(),
            rejected: Mutex::default(),
            reloads: Mutex::default(),
        }
    }

    /// Counts a response. `route` is the path of a known route, so that clients cannot create new labels.
    pub fn answered(&self, method: &str, route: &'static str, status: u16, duration: Duration) {
        let known = ["GET", "HEAD", "POST", "OPTIONS"].into_iter().find(|known| *known == method);
        let key = (known.unwrap_or("other").to_string(), route, status);
        *lock(&self.requests).entry(key).or_default() += 1;
        lock(&self.durations).entry(route).or_default().observe(duration);
    }

    pub fn rejected(&self, reason: &'static str) {
        *lock(&self.rejected).entry(reason).or_default() += 1;
    }

    pub fn reloaded(&self, model: &str, result: &'static str) {
        *lock(&self.reloads).entry((model.to_string(), result)).or_default() += 1;
    }

    /// Returns the number of all requests so far, and of those that failed with status 500.
    pub fn requests(&self) -> (u64, u64) {
        let requests = lock(&self.requests);
        let failed = requests.iter().filter(|((.., status), _)| *status == 500).map(|(_, count)| count).sum();
        (requests.values().sum(), failed)
    }
}

pub fn metrics(app: &App, _: &Request) -> Response {
    let mut page = Page(String::new());
    let metrics = &app.metrics;
    let models = app.models.all();
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);

    page.head("rnn_build_info", "gauge", "The version of the server.");
    page.line("rnn_build_info", &[("version", env!("CARGO_PKG_VERSION"))], 1);
    page.head("rnn_model_info", "gauge", "The served models.");
    for model in &models {
        page.line("rnn_model_info", &[("name", &model.name), ("sha256", &model.sha256)], 1);
    }
    page.head("rnn_requests_running", "gauge", "Requests being processed.");
    for model in &models {
        page.line("rnn_requests_running", &[("model", &model.name)], model.scheduler.load().running);
    }
    page.head("rnn_requests_waiting", "gauge", "Requests waiting in the queue.");
    for model in &models {
        page.line("rnn_requests_waiting", &[("model", &model.name)], model.scheduler.load().waiting);
    }
    page.head("rnn_open_connections", "gauge", "Open client connections.");
    page.line("rnn_open_connections", &[], app.clients.connections.load(Ordering::Relaxed));

    page.head("rnn_http_requests_total", "counter", "HTTP requests answered.");
    for ((method, route, status), number) in lock(&metrics.requests).iter() {
        let status = status.to_string();
        page.line("rnn_http_requests_total", &[("method", method), ("route", route), ("status", &status)], number);
    }
    page.head("rnn_http_request_duration_seconds", "histogram", "Time from a request to the end of its response.");
    for (route, histogram) in lock(&metrics.durations).iter() {
        page.histogram("rnn_http_request_duration_seconds", Some(("route", route)), histogram);
    }
    page.head("rnn_requests_rejected_total", "counter", "Requests rejected or aborted, by reason.");
    for (reason, number) in lock(&metrics.rejected).iter() {
        page.line("rnn_requests_rejected_total", &[("reason", reason)], number);
    }
    page.head("rnn_model_reloads_total", "counter", "Model reloads, by result.");
    for ((model, result), number) in lock(&metrics.reloads).iter() {
        page.line("rnn_model_reloads_total", &[("model", model), ("result", result)], number);
    }
    for (name, help, counter) in [
        ("rnn_generated_tokens_total", "Generated tokens.", &metrics.generated_tokens),
        ("rnn_prompt_tokens_total", "Prompt tokens, including cached ones.", &metrics.prompt_tokens),
        ("rnn_cached_tokens_total", "Prompt tokens reused from the prefix cache.", &metrics.cached_tokens),
    ] {
        page.head(name, "counter", help);
        page.line(name, &[], count(counter));
    }
    for (name, help, histogram) in [
        ("rnn_time_to_first_token_seconds", "Time from submitting a request to its first token.", &metrics.first_token),
        ("rnn_generation_duration_seconds", "Time from submitting a request to its end.", &metrics.generation),
    ] {
        page.head(name, "histogram", help);
        page.histogram(name, None, histogram);
    }

    page.head("process_start_time_seconds", "gauge", "Start time of the process, in seconds since the Unix epoch.");
    let started = SystemTime::now().checked_sub(metrics.started.elapsed()).unwrap_or(UNIX_EPOCH);
    let started = started.duration_since(UNIX_EPOCH).unwrap_or_default();
    page.line("process_start_time_seconds", &[], started.as_secs_f64());
    if let Some(bytes) = resident_memory() {
        page.head("process_resident_memory_bytes", "gauge", "Resident memory size in bytes.");
        page.line("process_resident_memory_bytes", &[], bytes);
    }
    if let Ok(files) = fs::read_dir("/proc/self/fd") {
        page.head("process_open_fds", "gauge", "Number of open file descriptors.");
        page.line("process_open_fds", &[], files.count());
    }
    Response::new(200, "text/plain; version=0.0.4; charset=utf-8", page.0.into_bytes())
}

/// Returns the resident memory in bytes, if the system reports it (Linux).
pub fn resident_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}

struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        let labels: Vec<String> = labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
        let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn histogram(&mut self, name: &str, label: Option<(&str, &str)>, histogram: &Histogram) {
        let buckets = *lock(&histogram.0);
        let labels: Vec<_> = label.into_iter().collect();
        let mut below = 0;
        for (bound, count) in BOUNDS.iter().map(f64::to_string).zip(buckets.counts).chain([("+Inf".into(), 0)]) {
            below = if bound == "+Inf" { buckets.count } else { below + count };
            let all: Vec<_> = labels.iter().copied().chain([("le", bound.as_str())]).collect();
            self.line(&format!("{name}_bucket"), &all, below);
        }
        self.line(&format!("{name}_sum"), &labels, buckets.sum);
        self.line(&format!("{name}_count"), &labels, buckets.count);
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_cumulative_and_labels_escaped() {
        let mut page = Page(String::new());
        let histogram = Histogram::default();
        for milliseconds in [1, 2, 2000, 60_000] {
            histogram.observe(Duration::from_millis(milliseconds));
        }
        page.histogram("x", Some(("r", "a\"b\\")), &histogram);
        assert!(page.0.starts_with("x_bucket{r=\"a\\\"b\\\\\",le=\"0.001\"} 1\n"), "{}", page.0);
        assert!(page.0.contains("le=\"0.0025\"} 2\n") && page.0.contains("le=\"30\"} 3\n"));
        assert!(page.0.ends_with("le=\"+Inf\"} 4\nx_sum{r=\"a\\\"b\\\\\"} 62.003\nx_count{r=\"a\\\"b\\\\\"} 4\n"));
    }
}
