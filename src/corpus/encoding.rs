//! Converts the bytes of a book to UTF-8 with LF line ends.

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::error::{Error, Result};

/// The number of bytes in which to look for a declared encoding; the longest old headers are 20 KB.
const HEADER_BYTES: usize = 40_000;

/// A decoded text and its original encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// The name of the encoding.
    pub encoding: String,
    /// The encoding declared in the file's header, if it is unknown.
    pub unknown: Option<String>,
}

/// Determines the encoding by byte order mark, then by validity as UTF-8, then by the header, and decodes. Valid
/// UTF-8 takes precedence over the header: text in another encoding is practically never valid UTF-8.
pub fn decode(bytes: &[u8]) -> Result<Decoded> {
    let (encoding, rest) = match Encoding::for_bom(bytes) {
        Some((encoding, length)) => (encoding, &bytes[length..]),
        None => (UTF_8, bytes),
    };
    if encoding != UTF_16LE && encoding != UTF_16BE && rest.contains(&0) {
        return Err(Error::failure("not text: it contains zero bytes")
            .hint("use a plain-text file, not an archive, an image or a word-processor document"));
    }
    let named = |text: &str, name: &str| Decoded { text: with_lf(text), encoding: name.into(), unknown: None };
    if encoding != UTF_8 {
        let (text, _) = encoding.decode_without_bom_handling(rest);
        return Ok(named(&text, encoding.name()));
    }
    if let Ok(text) = std::str::from_utf8(rest) {
        return Ok(named(text, UTF_8.name()));
    }
    let label = declared(rest);
    let encoding = label.as_deref().and_then(by_label);
    let unknown = if encoding.is_none() { label } else { None };
    match encoding {
        Some(encoding) if encoding != UTF_8 => {
            let (text, _) = encoding.decode_without_bom_handling(rest);
            Ok(named(&text, encoding.name()))
        }
        // No declared encoding, or a wrong claim of UTF-8: mostly UTF-8 with stray bytes, or Windows-1252.
        _ => {
            let (text, is_utf8) = decode_mixed(rest);
            let name = if is_utf8 { "UTF-8 with stray windows-1252" } else { WINDOWS_1252.name() };
            Ok(Decoded { unknown, ..named(&text, name) })
        }
    }
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

/// Decodes mostly valid UTF-8 as UTF-8, with stray bytes as Windows-1252, and anything else as Windows-1252.
/// Returns the text and whether it was mostly UTF-8.
fn decode_mixed(bytes: &[u8]) -> (String, bool) {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 16);
    let (mut characters, mut strays) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        characters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        text.push_str(chunk.valid());
        strays += chunk.invalid().len();
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    if characters > strays {
        return (text, true);
    }
    (WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(), false)
}

/// Converts CRLF and lone CR to LF and removes a trailing DOS end-of-file character.
fn with_lf(text: &str) -> String {
    let text = text.trim_end_matches('\u{1a}');
    if text.contains('\r') { text.replace("\r\n", "\n").replace('\r', "\n") } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        decode(bytes).unwrap().text
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
            let decoded = decode(&bytes).unwrap();
            assert_eq!(decoded.text.chars().last(), Some(letter), "{label}");
            assert_eq!(decoded.unknown, None, "{label}");
        }
    }

    #[test]
    fn a_wrong_claim_of_utf8_is_ignored() {
        let mut bytes = b"Character set encoding: UTF-8\n\nna\xefve caf\xe9 \x96 \xdf\n".to_vec();
        assert!(text(&bytes).ends_with("naïve café – ß\n"));
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
    fn unknown_encodings_are_reported() {
        let decoded = decode(b"Character set encoding: CP437\n\n\x82\n").unwrap();
        assert_eq!(decoded.unknown.as_deref(), Some("CP437"));
        assert_eq!(decoded.encoding, "windows-1252");
    }

    #[test]
    fn arbitrary_bytes_decode_or_fail() {
        let mut rng = crate::random::Rng::new(3);
        let labels = ["", "UTF-8", "ISO-8859-2", "Big5", "Shift_JIS", "ISO-2022-JP", "nonsense"];
        for i in 0..2000 {
            let mut bytes = format!("Character set encoding: {}\n", labels[i % labels.len()]).into_bytes();
            bytes.extend((0..rng.next_u64() % 40).map(|_| rng.next_u64() as u8));
            let Ok(decoded) = decode(&bytes) else { continue };
            assert!(!decoded.text.contains('\r'), "{bytes:?}");
            assert_eq!(text(decoded.text.as_bytes()), decoded.text, "{bytes:?}");
        }
    }

    #[test]
    fn binary_data_is_refused_and_the_dos_end_of_file_dropped() {
        assert!(decode(b"PK\x03\x04\0\0").unwrap_err().to_string().contains("not text"));
        assert_eq!(text(b"THE END\r\n\x1a"), "THE END\n");
        assert_eq!(text(b"a\rb\r\rc"), "a\nb\n\nc");
        assert_eq!(text(b""), "");
    }
}
