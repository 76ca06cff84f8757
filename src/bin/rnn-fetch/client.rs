//! The HTTP client: rate limiting, retries and progress.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use rnn_tools::cli::fetch::Args;
use rnn_tools::error::{Error, Result};
use ureq::Agent;

use crate::cache::{Cache, Entry, EntryKind};
use crate::transfer::{Failure, Outcome, transfer};

/// The longest delay before a retry that a server may request.
const MAX_WAIT: Duration = Duration::from_secs(60);

/// What is known of a URL.
#[derive(Clone, Copy)]
pub struct UrlSource {
    /// Whether the book has no other URL.
    pub is_only: bool,
    /// Whether the user gave it, so that it may be that of an HTML page.
    pub may_be_page: bool,
}

pub struct Client {
    agent: Agent,
    retries: u32,
    wait: Duration,
    shows_progress: bool,
    /// The time of the last request to each server.
    last_request: RefCell<HashMap<String, Instant>>,
    /// Servers that could not be reached and are not tried again.
    unreachable: RefCell<HashSet<String>>,
}

impl Client {
    /// Creates a client. ureq takes proxies from `HTTPS_PROXY` and related variables.
    pub fn new(args: &Args) -> Self {
        let timeout = Some(Duration::from_secs(args.timeout));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("rnn-fetch/", env!("CARGO_PKG_VERSION")))
            .accept("text/plain, */*;q=0.5")
            // No compression, so that lengths and ranges refer to the file itself.
            .accept_encoding("identity")
            .timeout_resolve(timeout)
            .timeout_connect(timeout)
            .timeout_recv_response(timeout)
            .timeout_per_read(timeout)
            .build();
        Self {
            agent: config.into(),
            retries: args.retries,
            wait: Duration::from_secs_f64(args.wait),
            shows_progress: args.common.shows_progress(),
            last_request: RefCell::default(),
            unreachable: RefCell::default(),
        }
    }

    /// Downloads `url`, with retries. Retries an unreachable server only if the book has no other URL.
    /// Stores interrupted transfers in `cache` for the next run.
    pub fn get(&self, url: &str, cached: Option<&Entry>, cache: Option<&Cache>, source: UrlSource) -> Result<Outcome> {
        if self.unreachable.borrow().contains(server(url)) {
            return Err(Error::failure("skipped: the server was unreachable earlier in this run"));
        }
        let kept = cache.and_then(|cache| cache.get(url, EntryKind::Partial));
        let from_before = kept.is_some();
        let mut partial = kept.unwrap_or_default();
        let mut tries = 0;
        let mut pause = self.wait;
        loop {
            self.wait_for_turn(url, pause);
            let bar = self.bar(url);
            let result = transfer(&self.agent, url, cached, &mut partial, source.may_be_page, &bar);
            bar.finish_and_clear();
            let (reason, retry_after) = match result {
                Err(Failure::Retry(reason, after)) => (reason, after),
                Err(Failure::Unreachable(reason)) if source.is_only => (reason, None),
                done => {
                    if matches!(done, Err(Failure::Unreachable(_))) {
                        self.unreachable.borrow_mut().insert(server(url).into());
                    }
                    if let (true, Some(cache)) = (from_before || tries > 0, cache) {
                        cache.remove(url, EntryKind::Partial);
                    }
                    return done.map_err(|failure| match failure {
                        Failure::Retry(reason, _) | Failure::Unreachable(reason) | Failure::Permanent(reason) => {
                            Error::failure(reason)
                        }
                    });
                }
            };
            if let (false, Some(cache)) = (partial.body.is_empty(), cache) {
                cache.put(url, EntryKind::Partial, &partial);
            }
            pause = retry_after.unwrap_or(self.wait.saturating_mul(1 << tries.min(5)));
            if tries == self.retries || pause > MAX_WAIT {
                return Err(Error::failure(reason));
            }
            tries += 1;
            log::warn!("{url}: {reason}; retrying");
        }
    }

    /// Sleeps until `pause` has passed since the last request to the server.
    fn wait_for_turn(&self, url: &str, pause: Duration) {
        let mut last_request = self.last_request.borrow_mut();
        if let Some(last) = last_request.get(server(url)) {
            thread::sleep(pause.saturating_sub(last.elapsed()));
        }
        last_request.insert(server(url).into(), Instant::now());
    }

    fn bar(&self, url: &str) -> ProgressBar {
        if !self.shows_progress {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template("{msg} {bytes}/{total_bytes} {bar:30} {eta}");
        let bar = ProgressBar::new_spinner().with_message(url.to_string());
        bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
    }
}

/// Returns the host and port of a URL.
fn server(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or("")
}
