//! The location of a book: a catalogue name, a Project Gutenberg number, a URL or a file.

use std::path::{Path, PathBuf};

use rnn_tools::corpus::catalogue::{self, Book};
use rnn_tools::corpus::mirrors;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::io;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    BuiltIn(&'static Book),
    Gutenberg(u32),
    Url(String),
    File(PathBuf),
}

impl Location {
    /// Parses a location. A catalogue name takes precedence over a file; `./alice` is the file.
    pub fn parse(word: &str) -> Result<Self> {
        if word.contains("://") {
            check_url(word)?;
            return Ok(mirrors::number_of_page(word).map_or_else(|| Self::Url(word.into()), Self::Gutenberg));
        }
        if let Some(book) = catalogue::find(word) {
            return Ok(book.gutenberg.map_or(Self::BuiltIn(book), Self::Gutenberg));
        }
        if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
            return match word.parse() {
                Ok(number) if number > 0 => Ok(Self::Gutenberg(number)),
                _ => Err(Error::usage(format!("Project Gutenberg has no book {word}"))),
            };
        }
        let path = Path::new(word);
        if io::is_stream(path) || path.exists() || word.contains(['/', '.', '\\']) {
            return Ok(Self::File(path.into()));
        }
        let hint = match catalogue::nearest(word) {
            Some(book) => format!("did you mean `{}`? --list shows all names", book.name),
            None => "--list shows all names; a number, a URL or a file works too".into(),
        };
        Err(Error::usage(format!("there is no book or file named {}", quoted(word))).hint(hint))
    }

    /// Returns the file name for `-d`, without `.txt`.
    pub fn file_stem(&self) -> String {
        let last = |text: &str| {
            let path = text.split(['?', '#']).next().unwrap_or("").trim_end_matches('/');
            let name = path.rsplit('/').next().unwrap_or("");
            let name = name.split_once('.').map_or(name, |(stem, _)| stem);
            let safe: String =
                name.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).collect();
            if safe.is_empty() { "book".to_string() } else { safe }
        };
        match self {
            Self::BuiltIn(book) => book.name.into(),
            Self::Gutenberg(number) => {
                catalogue::by_number(*number).map_or(number.to_string(), |book| book.name.into())
            }
            Self::Url(url) => last(url.split_once("://").map_or(url, |(_, rest)| rest)),
            Self::File(path) if io::is_stream(path) => "stdin".into(),
            Self::File(path) => path.file_stem().map_or("book".into(), |stem| stem.to_string_lossy().into_owned()),
        }
    }
}

/// Checks that a URL uses http or https and contains no white space or control characters.
pub fn check_url(url: &str) -> Result<()> {
    let lower = url.to_ascii_lowercase();
    let named = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://"));
    if named.is_none_or(|rest| rest.is_empty()) || url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(Error::usage(format!("{} is not an http or https URL", quoted(url))));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_numbers_urls_and_files_are_distinguished() {
        let parse = |word: &str| Location::parse(word).unwrap();
        assert_eq!(parse("ALICE"), Location::Gutenberg(11));
        assert_eq!(parse("2701"), Location::Gutenberg(2701));
        assert_eq!(parse("https://www.gutenberg.org/ebooks/84"), Location::Gutenberg(84));
        assert_eq!(parse("HTTP://x/y"), Location::Url("HTTP://x/y".into()));
        assert!(matches!(parse("ferry"), Location::BuiltIn(_)));
        for file in ["-", "./alice", "missing.txt"] {
            assert_eq!(parse(file), Location::File(file.into()));
        }
    }

    #[test]
    fn invalid_locations_are_refused_with_a_suggestion() {
        assert!(Location::parse("alcie").unwrap_err().hint_text().unwrap().contains("`alice`"));
        for word in
            ["0", "99999999999999", "ftp://x/y", "file:///etc/passwd", "http://", "http://a b/", "http://a/\x1b[2J", ""]
        {
            assert_eq!(Location::parse(word).unwrap_err().kind(), rnn_tools::error::ErrorKind::Usage, "{word}");
        }
    }

    #[test]
    fn files_are_named_after_books() {
        for (word, stem) in [
            ("alice", "alice"),
            ("11", "alice"),
            ("9", "9"),
            ("http://host/a/pg11.txt.utf-8?x=1/2", "pg11"),
            ("http://host/../..", "book"),
            ("texts/my.book.txt", "my.book"),
            ("-", "stdin"),
        ] {
            assert_eq!(Location::parse(word).unwrap().file_stem(), stem, "{word}");
        }
    }
}
