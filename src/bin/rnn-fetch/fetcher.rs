//! The bytes of a book, from wherever they are: built in, a file, the cache, the first mirror that has them.

use rnn_tools::cli::fetch::Args;
use rnn_tools::corpus::catalogue::FERRY;
use rnn_tools::corpus::lock::sha256;
use rnn_tools::corpus::mirrors;
use rnn_tools::error::{Error, Result};
use rnn_tools::io;

use crate::cache::{Cache, Entry, EntryKind};
use crate::client::Client;
use crate::location::Location;
use crate::transfer::Answer;

pub struct Fetcher<'a> {
    args: &'a Args,
    cache: Option<Cache>,
    client: Client,
}

/// What came, and from which address.
pub struct Fetched {
    pub bytes: Vec<u8>,
    pub url: Option<String>,
}

/// What a lock file says must come.
#[derive(Clone, Copy)]
pub struct Expected<'a> {
    pub url: Option<&'a str>,
    pub sha256: &'a str,
}

impl<'a> Fetcher<'a> {
    pub fn new(args: &'a Args) -> Self {
        Self { args, cache: Cache::open(), client: Client::new(args) }
    }

    pub fn get(&self, label: &str, source: &Location, wanted: Option<Expected>) -> Result<Fetched> {
        let local = |bytes| Ok(Fetched { bytes, url: None });
        let mut urls = match source {
            Location::BuiltIn(_) => return local(FERRY.as_bytes().to_vec()),
            Location::File(path) => return local(io::read(path)?),
            Location::Url(url) => vec![url.clone()],
            Location::Gutenberg(number) => mirrors::addresses(*number, &self.args.mirror),
        };
        if let Some(url) = wanted.and_then(|wanted| wanted.url) {
            urls.retain(|other| other != url);
            urls.insert(0, url.into());
        }
        self.download(label, urls, wanted)
    }

    fn download(&self, label: &str, mut urls: Vec<String>, wanted: Option<Expected>) -> Result<Fetched> {
        let fits = |body: &[u8]| wanted.is_none_or(|wanted| sha256(body) == wanted.sha256);
        // The address that served us before comes first: it can say in a word that nothing changed.
        let cached = urls.iter().enumerate().find_map(|(i, url)| {
            let entry = self.cache.as_ref()?.get(url, EntryKind::Complete)?;
            fits(&entry.body).then_some((i, entry))
        });
        let cached = cached.map(|(i, entry)| {
            urls[..=i].rotate_right(1);
            (urls[0].clone(), entry)
        });
        let from_cache = |(url, entry): (String, Entry)| Fetched { bytes: entry.body, url: Some(url) };
        if self.args.offline || wanted.is_some() {
            match cached {
                Some(cached) => return Ok(from_cache(cached)),
                None if self.args.offline => {
                    return Err(Error::failure(format!("{label} is not in the cache"))
                        .hint("without --offline it is downloaded and kept"));
                }
                None => {}
            }
        }
        let mut last = String::new();
        for (i, url) in urls.iter().enumerate() {
            let known = cached.as_ref().filter(|(cached, _)| cached == url).map(|(_, entry)| entry);
            let reason = match self.client.get(url, known, self.cache.as_ref(), urls.len() == 1) {
                Ok(Answer::Text(entry)) if fits(&entry.body) => {
                    if let Some(cache) = &self.cache {
                        cache.put(url, EntryKind::Complete, &entry);
                    }
                    return Ok(Fetched { bytes: entry.body, url: Some(url.clone()) });
                }
                Ok(Answer::Text(entry)) => {
                    format!("not the file that was locked, but one of {} bytes", entry.body.len())
                }
                Ok(Answer::NotModified) => match cached {
                    Some(cached) => {
                        log::debug!("{label}: unchanged, from the cache");
                        return Ok(from_cache(cached));
                    }
                    None => "304 Not Modified, without being asked".into(),
                },
                Err(error) => error.to_string(),
            };
            last = format!("{url}: {reason}");
            if i + 1 < urls.len() {
                log::warn!("{last}; trying the next address");
            }
        }
        if let Some(cached) = cached {
            log::warn!("{last}; using the copy in the cache");
            return Ok(from_cache(cached));
        }
        Err(match urls.len() {
            1 => Error::failure(format!("cannot get {last}"))
                .hint("give the address of a plain-text file; HTTPS_PROXY names a proxy"),
            n => Error::failure(format!("cannot get {label} from any of {n} addresses; the last, {last}"))
                .hint("--mirror URL names another mirror, HTTPS_PROXY a proxy"),
        })
    }
}
