//! Converts the bytes of a book to UTF-8 with LF line ends.

mod charset;
mod detect;
mod wide;

use std::borrow::Cow;

use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, WINDOWS_1252};

use crate::error::{Error, Result};

pub use charset::{Charset, Decoder};

/// The number of bytes in which to look for a declared encoding; the longest old headers are 20 KB.
const HEADER_BYTES: usize = 40_000;

/// A decoded text and its original encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// The name of the encoding.
    pub encoding: String,
}

/// What bytes are that contain zeros, or that are not valid UTF-8.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recognized {
    Text(Charset),
    /// UTF-8 in which some bytes are invalid.
    DamagedUtf8,
    NotText,
    /// The encoding is not clear. The one that the text declares, if any, is not that of the text.
    Unclear(Option<String>),
}

/// Recognizes the encoding by byte order mark, then by the places of zeros (UTF-16 and UTF-32), then by the share of
/// valid UTF-8, then by the declaration, and otherwise by the frequency of letters. Without `is_whole`, `bytes` is the
/// start of a text.
pub fn recognize(bytes: &[u8], declaration: Option<&str>, is_whole: bool) -> Recognized {
    let utf8 = Charset::Web(UTF_8);
    match Charset::for_bom(bytes) {
        Some(charset) if charset != utf8 => return Recognized::Text(charset),
        Some(_) => return Recognized::DamagedUtf8,
        None => {}
    }
    if bytes.contains(&0) {
        return wide::detect(bytes).map_or(Recognized::NotText, Recognized::Text);
    }
    let (mut characters, mut strays) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        strays += chunk.invalid().len();
    }
    if characters > strays {
        return Recognized::DamagedUtf8;
    }
    let declared = declaration.map(str::to_string).or_else(|| declared(bytes));
    let known = declared.as_deref().and_then(by_label).filter(|encoding| *encoding != UTF_8);
    match known.filter(|known| detect::plausible(known, bytes).is_some()).or_else(|| detect::detect(bytes, is_whole)) {
        Some(encoding) => Recognized::Text(Charset::Web(encoding)),
        None => Recognized::Unclear(declared),
    }
}

/// The error for bytes whose encoding is not clear. `declared` is what the text says.
pub fn unclear(declared: Option<&str>) -> Error {
    let declared =
        declared.map_or(String::new(), |label| format!(" (its header says {})", crate::error::escaped(label)));
    Error::failure(format!("cannot tell the encoding of the text{declared}"))
        .hint("name it with --encoding, for example --encoding windows-1252")
}

/// Returns whether a text of ASCII bytes is Japanese in ISO-2022-JP, which is marked by escape sequences. Fails for
/// other encodings of this kind.
pub fn is_iso_2022_jp(text: &str, is_whole: bool) -> Result<bool> {
    if !text.contains("\u{1b}$") {
        return Ok(false);
    }
    match detect::detect(text.as_bytes(), is_whole) {
        Some(encoding) if encoding == ISO_2022_JP => Ok(true),
        _ => Err(unclear(None)),
    }
}

/// Decodes a text in the encoding `named`, if it is given. Otherwise recognizes the encoding. Valid UTF-8 takes
/// precedence over a declaration in the header: text in another encoding is practically never valid UTF-8. Fails if
/// the encoding is not clear.
pub fn decode(bytes: &[u8], named: Option<&str>) -> Result<Decoded> {
    match named {
        Some(label) => decode_in(bytes, Charset::parse(label)?),
        None => decode_declared(bytes, None),
    }
}

/// Recognizes the encoding of a text whose container declares one: the `charset` of an HTML page or an HTTP header.
/// Such a declaration may be wrong.
pub fn decode_declared(bytes: &[u8], declaration: Option<&str>) -> Result<Decoded> {
    let rest = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if !bytes.contains(&0)
        && let Ok(text) = std::str::from_utf8(rest)
    {
        return match is_iso_2022_jp(text, true)? {
            true => decode_in(bytes, Charset::Web(ISO_2022_JP)),
            false => Ok(named(text, UTF_8.name())),
        };
    }
    match recognize(bytes, declaration, true) {
        Recognized::Text(charset) => decode_in(bytes, charset),
        Recognized::DamagedUtf8 => with_strays(rest).map(|text| named(&text, "UTF-8 with stray windows-1252")),
        Recognized::NotText => Err(Error::failure("not text: it contains zero bytes")
            .hint("use a plain-text file, not an archive, an image or a word-processor document")),
        Recognized::Unclear(declared) => Err(unclear(declared.as_deref())),
    }
}

fn decode_in(bytes: &[u8], charset: Charset) -> Result<Decoded> {
    let text = charset.decode(bytes, true).map_err(|end| {
        Error::failure(format!("not {} text: invalid byte at offset {}", charset.name(), end.saturating_sub(1)))
            .hint("name another encoding with --encoding; `rnn-prep --lossy` replaces invalid bytes")
    })?;
    if text.contains('\0') {
        return Err(Error::failure(format!("not {} text: it contains zero bytes", charset.name())));
    }
    Ok(named(&text, charset.name()))
}

fn named(text: &str, name: &str) -> Decoded {
    Decoded { text: with_lf(text), encoding: name.into() }
}

/// Returns the value of `Character set encoding:` in the Gutenberg header.
fn declared(bytes: &[u8]) -> Option<String> {
    const FIELD: &[u8] = b"character set encoding:";
    let header = &bytes[..bytes.len().min(HEADER_BYTES)];
    header.split(|&b| b == b'\n' || b == b'\r').map(<[u8]>::trim_ascii).find_map(|line| {
        let (field, value) = line.split_at_checked(FIELD.len())?;
        let value = String::from_utf8_lossy(value.trim_ascii()).into_owned();
        (field.eq_ignore_ascii_case(FIELD) && !value.is_empty()).then_some(value)
    })
}

/// Finds an encoding by any name that Gutenberg files use: `ISO-8859-1`, `ISO Latin-1`, `ISO 8859-1 (Latin-1)`,
/// `Codepage 1252`, `Unicode UTF-8`.
fn by_label(label: &str) -> Option<&'static Encoding> {
    let plain = label.to_ascii_lowercase();
    if let Some(encoding) = Encoding::for_label(plain.trim().as_bytes()) {
        return Some(encoding);
    }
    let letters: String = plain.chars().filter(char::is_ascii_alphanumeric).collect();
    // Longer names come first: `iso885915` starts with `iso88591`.
    let known = [
        ("utf8", "utf-8"),
        ("iso885915", "iso-8859-15"),
        ("iso88592", "iso-8859-2"),
        ("iso88593", "iso-8859-3"),
        ("iso88597", "iso-8859-7"),
        ("iso88591", "windows-1252"),
        ("latin1", "windows-1252"),
        ("1250", "windows-1250"),
        ("1251", "windows-1251"),
        ("1252", "windows-1252"),
        ("1253", "windows-1253"),
        ("macroman", "macintosh"),
        ("macintosh", "macintosh"),
        ("big5", "big5"),
        ("gb2312", "gbk"),
        ("gbk", "gbk"),
        ("koi8r", "koi8-r"),
        ("shiftjis", "shift_jis"),
        ("eucjp", "euc-jp"),
        ("ascii", "windows-1252"),
    ];
    let (_, name) = known.iter().find(|(part, _)| letters.contains(part))?;
    Encoding::for_label(name.as_bytes())
}

/// Decodes UTF-8 that contains single letters and quotation marks in Windows-1252, as some old books do. Fails if the
/// invalid bytes can also be remains of UTF-8.
fn with_strays(bytes: &[u8]) -> Result<String> {
    let mut occurs = [false; 256];
    bytes.utf8_chunks().flat_map(|chunk| chunk.valid().bytes()).for_each(|byte| occurs[usize::from(byte)] = true);
    let is_western = bytes.utf8_chunks().all(|chunk| chunk.valid().chars().all(is_western));
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16);
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        at += chunk.valid().len();
        let invalid = chunk.invalid();
        let stray = WINDOWS_1252.decode_without_bom_handling(invalid).0;
        let after_small = text.ends_with(char::is_lowercase);
        let is_sign = |c: char| "‘’“”–—".contains(c) || c.is_lowercase() || (c.is_uppercase() && !after_small);
        let is_letter = invalid.len() == 1 && !occurs[usize::from(invalid[0])] && stray.chars().all(is_sign);
        let is_clear = invalid.is_empty() || (is_letter && is_western && at + 1 < bytes.len());
        if !is_clear {
            return Err(Error::failure(format!("damaged UTF-8: invalid byte at offset {at}")).hint(
                "`rnn-prep --lossy` replaces invalid bytes; if the text is not UTF-8, name its encoding with --encoding",
            ));
        }
        at += invalid.len();
        text.push_str(&stray);
    }
    Ok(text)
}

/// Returns whether Windows-1252 could express the character, roughly: no letter of another script.
fn is_western(c: char) -> bool {
    c < '\u{180}' || !c.is_alphabetic()
}

/// Converts CRLF and lone CR to LF and removes a trailing DOS end-of-file character.
pub fn with_lf(text: &str) -> String {
    line_ends_as_lf(text.trim_end_matches('\u{1a}')).into_owned()
}

/// Converts CRLF and lone CR to LF.
pub fn line_ends_as_lf(text: &str) -> Cow<'_, str> {
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n").into(),
        false => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes, None).unwrap().text
    }

    #[test]
    fn the_same_text_in_every_encoding_decodes_alike() {
        let cases: [&[u8]; 7] = [
            "“Été”\n".as_bytes(),
            "\u{feff}“Été”\n".as_bytes(),
            b"\x93\xc9t\xe9\x94\n",
            b"\x93\xc9t\xe9\x94\r\n",
            b"\x93\xc9t\xe9\x94\r",
            b"\xff\xfe\x1c\x20\xc9\0t\0\xe9\0\x1d\x20\n\0",
            b"\xfe\xff\x20\x1c\0\xc9\0t\0\xe9\x20\x1d\0\n",
        ];
        for bytes in cases {
            assert_eq!(text(bytes), "“Été”\n", "{bytes:?}");
        }
    }

    #[test]
    fn the_header_may_use_any_name_of_an_encoding() {
        for (label, byte, letter) in [
            ("ISO-8859-1", b'\xe9', 'é'),
            ("ISO Latin-1", b'\xe9', 'é'),
            ("ISO 8859-1 (Latin-1)", b'\xe9', 'é'),
            ("Windows Codepage 1252", b'\x97', '—'),
            ("ISO-8859-15", b'\xa4', '€'),
            ("iso-8859-2", b'\xb3', 'ł'),
            ("ISO-8859-7", b'\xe1', 'α'),
            ("windows-1251", b'\xe4', 'д'),
            ("MacRoman", b'\x8e', 'é'),
        ] {
            let mut bytes = format!("Title: X\r\n\r\ncharacter Set Encoding: {label}\r\n\r\n").into_bytes();
            bytes.push(byte);
            let decoded = decode(&bytes, None).unwrap();
            assert_eq!(decoded.text.chars().last(), Some(letter), "{label}");
        }
    }

    #[test]
    fn a_wrong_claim_of_utf8_is_ignored() {
        let mut bytes = b"Character set encoding: UTF-8\n\n".to_vec();
        bytes.extend(WINDOWS_1252.encode(&"naïve – café à la crème, élève ß\n".repeat(5)).0.iter());
        assert!(text(&bytes).ends_with("naïve – café à la crème, élève ß\n"));
        // A stray byte in otherwise valid UTF-8 affects only itself.
        bytes = "Character set encoding: UTF-8\n\nnaïve café ".into();
        bytes.extend(b"\x97\n");
        assert!(text(&bytes).ends_with("naïve café —\n"));
    }

    #[test]
    fn valid_utf8_takes_precedence_over_the_header() {
        assert!(text("Character set encoding: ISO-8859-1\n\ncafé\n".as_bytes()).ends_with("café\n"));
    }

    #[test]
    fn an_unclear_encoding_is_an_error_unless_it_is_named() {
        let error = decode(b"Character set encoding: CP437\n\n\x82\n", None).unwrap_err();
        assert!(error.to_string().contains("CP437"), "{error}");
        let bytes = b"It was a na\xefve idea.\n";
        assert!(decode(bytes, None).is_err());
        assert_eq!(decode(bytes, Some("latin1")).unwrap().text, "It was a naïve idea.\n");
        assert!(decode(bytes, Some("utf-8")).is_err() && decode(bytes, Some("EUC-JP")).is_err());
    }

    #[test]
    fn damaged_utf8_is_an_error() {
        for (text, damage) in
            [("Été après été, à la forêt. ", 1), ("Старый паромщик знал реку. ", 1), ("年老いた渡し守は。", 2)]
        {
            let mut bytes = text.repeat(20).into_bytes();
            bytes.push(0xd0);
            assert!(decode(&bytes, None).unwrap_err().to_string().contains("damaged UTF-8"), "{text}");
            bytes = text.repeat(20).into_bytes();
            bytes.remove(damage);
            assert!(decode(&bytes, None).unwrap_err().to_string().contains("damaged UTF-8"), "{text}");
        }
        // ISO-2022-KR, which the Web does not have.
        assert!(decode(b"\x1b$)C\x0e9Y\x0f\n", None).is_err());
    }

    #[test]
    fn arbitrary_bytes_decode_or_fail() {
        let mut rng = crate::random::Rng::new(3);
        let labels = ["", "UTF-8", "ISO-8859-2", "Big5", "Shift_JIS", "ISO-2022-JP", "nonsense"];
        for i in 0..2000 {
            let mut bytes = format!("Character set encoding: {}\n", labels[i % labels.len()]).into_bytes();
            bytes.extend((0..rng.next_u64() % 40).map(|_| rng.next_u64() as u8));
            let Ok(decoded) = decode(&bytes, None) else { continue };
            assert!(!decoded.text.contains('\r'), "{bytes:?}");
            assert_eq!(text(decoded.text.as_bytes()), decoded.text, "{bytes:?}");
        }
    }

    #[test]
    fn binary_data_is_refused_and_the_dos_end_of_file_dropped() {
        assert!(decode(b"PK\x03\x04\0\0\0", None).unwrap_err().to_string().contains("not text"));
        assert_eq!(text(b"THE END\r\n\x1a"), "THE END\n");
        assert_eq!(text(b"a\rb\r\rc"), "a\nb\n\nc");
        assert_eq!(text(b""), "");
    }
}
