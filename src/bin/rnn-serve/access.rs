//! Access control: keys for clients, and CORS origins for pages of other sites.

use std::path::Path;

use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;
use sha2::{Digest, Sha256};

use crate::http::Request;

const VARIABLE: &str = "RNN_API_KEY";

/// Digests of the accepted keys. If there are none, every request is admitted.
pub struct Keys(Vec<[u8; 32]>);

impl Keys {
    /// Reads the keys from a file, one per line, or from the environment. They are not accepted on the command line,
    /// which every user of the machine can read.
    pub fn read(file: Option<&Path>) -> Result<Self> {
        let text = match file {
            Some(file) => io::read_text(file)?,
            None => std::env::var(VARIABLE).unwrap_or_default(),
        };
        let keys: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let source = file.map_or_else(|| VARIABLE.to_string(), quoted);
        if file.is_some() && keys.is_empty() {
            return Err(Error::failure(format!("{source} contains no key")).hint("write one key per line"));
        }
        if let Some(bad) = keys.iter().position(|key| !key.bytes().all(|b| b.is_ascii_graphic())) {
            return Err(Error::failure(format!(
                "{source}: key {} contains a space or a character that is not printable ASCII",
                bad + 1
            )));
        }
        Ok(Self(keys.iter().map(|key| digest(key)).collect()))
    }

    pub fn are_required(&self) -> bool {
        !self.0.is_empty()
    }

    /// Returns whether the request carries an accepted key. The digests of all keys are compared, so that the time it
    /// takes reveals nothing about a key.
    pub fn admit(&self, request: &Request) -> bool {
        let given = request.header("authorization").and_then(|value| {
            let (scheme, key) = value.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| digest(key.trim()))
        });
        let Some(given) = given else { return !self.are_required() };
        let differs = |key: &[u8; 32]| key.iter().zip(&given).fold(0, |sum, (a, b)| sum | (a ^ b));
        !self.are_required() | self.0.iter().fold(false, |found, key| found | (differs(key) == 0))
    }
}

fn digest(key: &str) -> [u8; 32] {
    Sha256::digest(key.as_bytes()).into()
}

/// The sites whose pages may read responses.
pub enum Origins {
    All,
    Some(Vec<String>),
}

impl Origins {
    pub fn new(origins: &[String]) -> Result<Self> {
        if origins.iter().any(|origin| origin == "*") {
            return Ok(Self::All);
        }
        for origin in origins {
            let host = origin.split_once("://").map_or("", |(_, host)| host);
            if host.is_empty() || host.contains('/') || !host.bytes().all(|b| b.is_ascii_graphic()) {
                return Err(Error::usage(format!("{origin:?} is not an origin")).hint("use https://example.org or *"));
            }
        }
        Ok(Self::Some(origins.iter().map(|origin| origin.to_ascii_lowercase()).collect()))
    }

    /// Returns the value of Access-Control-Allow-Origin for a page of `origin`, or None if the page is not allowed.
    pub fn allow(&self, origin: Option<&str>) -> Option<String> {
        match self {
            Self::All => Some("*".into()),
            Self::Some(origins) => {
                origin.filter(|origin| origins.contains(&origin.to_ascii_lowercase())).map(str::to_string)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_scheme_and_host() {
        let some = Origins::new(&["https://a.example".into(), "http://localhost:3000".into()]).unwrap();
        assert_eq!(some.allow(Some("https://A.example")).as_deref(), Some("https://A.example"));
        assert_eq!(some.allow(Some("https://b.example")), None);
        assert_eq!(some.allow(None), None);
        assert_eq!(Origins::new(&["*".into()]).unwrap().allow(None).as_deref(), Some("*"));
        for bad in ["a.example", "https://", "https://a.example/", "https://a b"] {
            assert!(Origins::new(&[bad.into()]).is_err(), "{bad}");
        }
    }
}
