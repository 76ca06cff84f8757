//! Gets the bytes of a book: built-in, from a file, from the cache, or from the first mirror that has it.

use rnn_tools::cli::fetch::Args;
use rnn_tools::corpus::catalogue::FERRY;
use rnn_tools::corpus::lock::sha256;
use rnn_tools::corpus::mirrors;
use rnn_tools::error::{Error, Result};
use rnn_tools::io;

use crate::cache::{Cache, Entry, EntryKind};
use crate::client::{Client, UrlSource};
use crate::location::Location;
use crate::transfer::Outcome;

pub struct Fetcher<'a> {
    args: &'a Args,
    cache: Option<Cache>,
    client: Client,
}

/// A book and the URL it came from, if any.
pub struct Fetched {
    pub bytes: Vec<u8>,
    pub url: Option<String>,
    pub content_type: Option<String>,
}

/// The contents that a lock file requires.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub url: Option<&'a str>,
    pub sha256: &'a str,
}

impl<'a> Fetcher<'a> {
    pub fn new(args: &'a Args) -> Self {
        Self { args, cache: Cache::open(), client: Client::new(args) }
    }

    pub fn get(&self, label: &str, location: &Location, expected: Option<Expected>) -> Result<Fetched> {
        let local = |bytes| Ok(Fetched { bytes, url: None, content_type: None });
        let mut urls = match location {
            Location::BuiltIn(_) => return local(FERRY.as_bytes().to_vec()),
            Location::File(path) => return local(io::read(path)?),
            Location::Url(url) => vec![url.clone()],
            Location::Gutenberg(number) => mirrors::addresses(*number, &self.args.mirror),
        };
        if let Some(url) = expected.and_then(|expected| expected.url) {
            urls.retain(|other| other != url);
            urls.insert(0, url.into());
        }
        self.download(label, urls, expected, matches!(location, Location::Url(_)))
    }

    fn download(
        &self,
        label: &str,
        mut urls: Vec<String>,
        expected: Option<Expected>,
        may_be_page: bool,
    ) -> Result<Fetched> {
        let matches = |body: &[u8]| expected.is_none_or(|expected| sha256(body) == expected.sha256);
        // A cached URL comes first, because a conditional request may confirm that nothing changed.
        let cached = urls.iter().enumerate().find_map(|(i, url)| {
            let entry = self.cache.as_ref()?.get(url, EntryKind::Complete)?;
            matches(&entry.body).then_some((i, entry))
        });
        let cached = cached.map(|(i, entry)| {
            urls[..=i].rotate_right(1);
            (urls[0].clone(), entry)
        });
        let from_cache = |(url, entry): (String, Entry)| Fetched {
            bytes: entry.body,
            url: Some(url),
            content_type: entry.content_type,
        };
        let source = UrlSource { is_only: urls.len() == 1, may_be_page };
        if self.args.offline || expected.is_some() {
            match cached {
                Some(cached) => return Ok(from_cache(cached)),
                None if self.args.offline => {
                    return Err(Error::failure(format!("{label} is not in the cache"))
                        .hint("run without --offline to download it"));
                }
                None => {}
            }
        }
        let mut last = String::new();
        for (i, url) in urls.iter().enumerate() {
            let known = cached.as_ref().filter(|(cached, _)| cached == url).map(|(_, entry)| entry);
            let reason = match self.client.get(url, known, self.cache.as_ref(), source) {
                Ok(Outcome::Text(entry)) if matches(&entry.body) => {
                    if let Some(cache) = &self.cache {
                        cache.put(url, EntryKind::Complete, &entry);
                    }
                    return Ok(from_cache((url.clone(), entry)));
                }
                Ok(Outcome::Text(entry)) => {
                    format!("the file does not match the lock file ({} bytes)", entry.body.len())
                }
                Ok(Outcome::NotModified) => match cached {
                    Some(cached) => {
                        log::debug!("{label}: unchanged, from the cache");
                        return Ok(from_cache(cached));
                    }
                    None => "unexpected 304 Not Modified".into(),
                },
                Err(error) => error.to_string(),
            };
            last = format!("{url}: {reason}");
            if i + 1 < urls.len() {
                log::warn!("{last}; trying the next URL");
            }
        }
        if let Some(cached) = cached {
            log::warn!("{last}; using the copy in the cache");
            return Ok(from_cache(cached));
        }
        Err(match urls.len() {
            1 => Error::failure(format!("cannot download {last}"))
                .hint("use the URL of a text or an article; set HTTPS_PROXY to use a proxy"),
            n => Error::failure(format!("cannot download {label} from any of {n} URLs; the last error is {last}"))
                .hint("use another mirror with --mirror URL, or a proxy with HTTPS_PROXY"),
        })
    }
}
