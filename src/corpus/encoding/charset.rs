//! Encodings by name, and their decoders: those of the Web, and UTF-32.

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{Error, Result};

/// Names for suggestions. `for_label` knows many more.
const NAMES: [&str; 41] = [
    "UTF-8",
    "UTF-16LE",
    "UTF-16BE",
    "UTF-32LE",
    "UTF-32BE",
    "ASCII",
    "latin1",
    "ISO-8859-1",
    "ISO-8859-2",
    "ISO-8859-3",
    "ISO-8859-4",
    "ISO-8859-5",
    "ISO-8859-6",
    "ISO-8859-7",
    "ISO-8859-8",
    "ISO-8859-9",
    "ISO-8859-10",
    "ISO-8859-13",
    "ISO-8859-15",
    "ISO-8859-16",
    "windows-1250",
    "windows-1251",
    "windows-1252",
    "windows-1253",
    "windows-1254",
    "windows-1255",
    "windows-1256",
    "windows-1257",
    "windows-1258",
    "windows-874",
    "TIS-620",
    "KOI8-R",
    "KOI8-U",
    "IBM866",
    "macintosh",
    "GBK",
    "GB18030",
    "Big5",
    "Shift_JIS",
    "EUC-JP",
    "EUC-KR",
];

/// A character encoding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    Web(&'static Encoding),
    Utf32 { big_endian: bool },
}

impl Charset {
    /// Finds an encoding by its name or a usual label: `latin1`, `cp1251`, `sjis`.
    pub fn for_label(label: &str) -> Option<Self> {
        let plain = label.trim().to_ascii_lowercase();
        match plain.as_str() {
            "utf-32le" => return Some(Self::Utf32 { big_endian: false }),
            "utf-32be" | "utf-32" => return Some(Self::Utf32 { big_endian: true }),
            "utf-16" => return Some(Self::Web(UTF_16LE)),
            _ => {}
        }
        // For its labels of one kind, the Web has no others: `koi8r`, `cp-1251`, `macroman`.
        let other = match plain.replace(['-', '_', ' '], "").as_str() {
            "koi8r" => "koi8-r".into(),
            "koi8u" => "koi8-u".into(),
            "macroman" => "macintosh".into(),
            "maccyrillic" => "x-mac-cyrillic".into(),
            "shiftjis" | "cp932" => "shift_jis".into(),
            "eucjp" => "euc-jp".into(),
            "cp936" => "gbk".into(),
            "cp949" | "euckr" | "uhc" => "euc-kr".into(),
            "cp950" => "big5".into(),
            "cp874" => "windows-874".into(),
            "utf16le" => "utf-16le".into(),
            "utf16be" => "utf-16be".into(),
            joined => joined.strip_prefix("windows").map_or(joined.to_string(), |number| format!("cp{number}")),
        };
        let find = |label: &str| Encoding::for_label_no_replacement(label.as_bytes());
        find(&plain).or_else(|| find(&other)).map(Self::Web)
    }

    /// Like `for_label`, for the option --encoding: fails with a suggestion.
    pub fn parse(label: &str) -> Result<Self> {
        Self::for_label(label).ok_or_else(|| {
            let wrong = label.to_lowercase();
            let nearest = NAMES.iter().min_by_key(|name| strsim::osa_distance(&wrong, &name.to_lowercase()));
            let near = nearest.filter(|name| strsim::osa_distance(&wrong, &name.to_lowercase()) <= 2);
            let suggestion = near.map_or(String::new(), |name| format!("did you mean {name}? "));
            Error::usage(format!(
                "unknown encoding; {suggestion}known are UTF-8, UTF-16LE, windows-1250 to 1258, ISO-8859-2, KOI8-R, \
                 IBM866, macintosh, GB18030, Big5, Shift_JIS, EUC-JP, EUC-KR …; iconv converts from others"
            ))
        })
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Web(encoding) => encoding.name(),
            Self::Utf32 { big_endian: false } => "UTF-32LE",
            Self::Utf32 { big_endian: true } => "UTF-32BE",
        }
    }

    /// Returns the encoding that a byte order mark shows.
    pub fn for_bom(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xfe, 0, 0, ..] => Some(Self::Utf32 { big_endian: false }),
            [0, 0, 0xfe, 0xff, ..] => Some(Self::Utf32 { big_endian: true }),
            [0xef, 0xbb, 0xbf, ..] => Some(Self::Web(UTF_8)),
            [0xff, 0xfe, ..] => Some(Self::Web(UTF_16LE)),
            [0xfe, 0xff, ..] => Some(Self::Web(UTF_16BE)),
            _ => None,
        }
    }

    pub fn decoder(self) -> Decoder {
        match self {
            Self::Web(encoding) => Decoder::Web(encoding.new_decoder_with_bom_removal()),
            Self::Utf32 { big_endian } => Decoder::Utf32 { big_endian, pending: Vec::new(), at_start: true },
        }
    }

    /// Decodes a whole text, or with `is_whole` false the start of one. Fails with the offset behind the first invalid
    /// bytes.
    pub fn decode(self, bytes: &[u8], is_whole: bool) -> std::result::Result<String, usize> {
        let mut text = String::new();
        match self.decoder().decode(bytes, is_whole, &mut text) {
            (_, true) => Ok(text),
            (end, false) => Err(end),
        }
    }
}

/// Decodes a text part by part.
pub enum Decoder {
    Web(encoding_rs::Decoder),
    Utf32 {
        big_endian: bool,
        /// The bytes of an incomplete character.
        pending: Vec<u8>,
        at_start: bool,
    },
}

impl Decoder {
    /// Appends the text of `bytes` to `out`, up to the end of the first invalid sequence. Returns the number of bytes
    /// consumed, and whether they are valid. `is_last` says that no bytes follow `bytes`.
    pub fn decode(&mut self, bytes: &[u8], is_last: bool, out: &mut String) -> (usize, bool) {
        match self {
            Self::Web(decoder) => {
                let mut consumed = 0;
                loop {
                    let rest = &bytes[consumed..];
                    let room = decoder.max_utf8_buffer_length_without_replacement(rest.len());
                    out.reserve(room.unwrap_or(rest.len() + 16));
                    let (result, read) = decoder.decode_to_string_without_replacement(rest, out, is_last);
                    consumed += read;
                    match result {
                        DecoderResult::InputEmpty => return (consumed, true),
                        DecoderResult::OutputFull => {}
                        DecoderResult::Malformed(..) => return (consumed, false),
                    }
                }
            }
            Self::Utf32 { big_endian, pending, at_start } => {
                for (i, byte) in bytes.iter().enumerate() {
                    pending.push(*byte);
                    let Ok(unit) = <[u8; 4]>::try_from(&pending[..]) else { continue };
                    pending.clear();
                    let code = if *big_endian { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) };
                    match char::from_u32(code) {
                        Some('\u{feff}') if *at_start => {}
                        Some(c) => out.push(c),
                        None => return (i + 1, false),
                    }
                    *at_start = false;
                }
                let is_complete = pending.is_empty() || !is_last;
                if is_last {
                    pending.clear();
                }
                (bytes.len(), is_complete)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_are_known_and_others_get_a_suggestion() {
        for name in NAMES {
            assert!(Charset::parse(name).is_ok(), "{name}");
        }
        for (label, name) in [
            ("cp1251", "windows-1251"),
            ("CP-1251", "windows-1251"),
            ("koi8r", "KOI8-R"),
            ("latin2", "ISO-8859-2"),
            ("windows 1250", "windows-1250"),
            ("sjis", "Shift_JIS"),
            ("cp866", "IBM866"),
            ("UTF16BE", "UTF-16BE"),
            ("mac-roman", "macintosh"),
        ] {
            assert_eq!(Charset::parse(label).unwrap().name(), name, "{label}");
        }
        assert!(Charset::parse("KOI-8R").is_ok_and(|found| found.name() == "KOI8-R"));
        for wrong in ["CP437", "iso-2022-kr", "", "nonsense"] {
            assert!(Charset::parse(wrong).is_err(), "{wrong}");
        }
        assert!(Charset::parse("KOI8-A").unwrap_err().to_string().contains("KOI8-R?"));
    }

    #[test]
    fn a_text_can_be_decoded_byte_by_byte() {
        let text = "\u{feff}Éй 😀 渡し守\n";
        let utf32: Vec<u8> = text.chars().flat_map(|c| (c as u32).to_be_bytes()).collect();
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (charset, bytes) in [(Charset::Utf32 { big_endian: true }, utf32), (Charset::Web(UTF_16LE), utf16)] {
            let (mut decoder, mut out) = (charset.decoder(), String::new());
            assert!(bytes.iter().all(|byte| decoder.decode(&[*byte], false, &mut out).1));
            assert_eq!((decoder.decode(b"", true, &mut out), &out[..]), ((0, true), &text[3..]));
            assert!(charset.decode(&bytes[..bytes.len() - 1], true).is_err(), "{}", charset.name());
        }
    }
}
