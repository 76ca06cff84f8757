//! Asking politely: who we are, how often, how many times again.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use rnn_tools::cli::fetch::Args;
use rnn_tools::error::{Error, Result};
use ureq::Agent;

use crate::cache::{Cache, Entry, EntryKind};
use crate::transfer::{Answer, Failure, transfer};

/// A server that wants us to wait longer than this is given up for now.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub struct Client {
    agent: Agent,
    retries: u32,
    wait: Duration,
    shows_progress: bool,
    /// When each server was last asked.
    asked: RefCell<HashMap<String, Instant>>,
    /// Servers that could not be reached; their other addresses are not waited for.
    dead: RefCell<HashSet<String>>,
}

impl Client {
    /// Proxies are taken from `HTTPS_PROXY` and its kin, as ureq does by itself.
    pub fn new(args: &Args) -> Self {
        let silence = Some(Duration::from_secs(args.timeout));
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .user_agent(concat!("rnn-fetch/", env!("CARGO_PKG_VERSION")))
            .accept("text/plain, */*;q=0.5")
            // The bytes themselves, so that lengths, ranges and versions mean the same on both sides.
            .accept_encoding("identity")
            .timeout_resolve(silence)
            .timeout_connect(silence)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .build();
        Self {
            agent: config.into(),
            retries: args.retries,
            wait: Duration::from_secs_f64(args.wait),
            shows_progress: args.common.shows_progress(),
            asked: RefCell::default(),
            dead: RefCell::default(),
        }
    }

    /// Gets `url`, trying again where that may help. A server that cannot be reached is tried again only
    /// if `only` it has the book. What broke off is kept in `cache` for the next run.
    pub fn get(&self, url: &str, cached: Option<&Entry>, cache: Option<&Cache>, only: bool) -> Result<Answer> {
        if self.dead.borrow().contains(server(url)) {
            return Err(Error::failure("the server was not reached before"));
        }
        let kept = cache.and_then(|cache| cache.get(url, EntryKind::Partial));
        let from_before = kept.is_some();
        let mut partial = kept.unwrap_or_default();
        let mut tries = 0;
        let mut pause = self.wait;
        loop {
            self.wait_for_turn(url, pause);
            let bar = self.bar(url);
            let result = transfer(&self.agent, url, cached, &mut partial, &bar);
            bar.finish_and_clear();
            let (reason, asked_for) = match result {
                Err(Failure::Retry(reason, after)) => (reason, after),
                Err(Failure::Unreachable(reason)) if only => (reason, None),
                done => {
                    if matches!(done, Err(Failure::Unreachable(_))) {
                        self.dead.borrow_mut().insert(server(url).into());
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
            pause = asked_for.unwrap_or(self.wait.saturating_mul(1 << tries.min(5)));
            if tries == self.retries || pause > LONGEST_WAIT {
                return Err(Error::failure(reason));
            }
            tries += 1;
            log::warn!("{url}: {reason}; trying again");
        }
    }

    /// Sleeps until `pause` has passed since the server was last asked.
    fn wait_for_turn(&self, url: &str, pause: Duration) {
        let mut asked = self.asked.borrow_mut();
        if let Some(last) = asked.get(server(url)) {
            thread::sleep(pause.saturating_sub(last.elapsed()));
        }
        asked.insert(server(url).into(), Instant::now());
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

/// The host and port of an address.
fn server(url: &str) -> &str {
    url.split('/').nth(2).unwrap_or("")
}
