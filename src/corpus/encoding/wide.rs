//! Recognizes UTF-16 and UTF-32 without a byte order mark.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::Charset;

/// Recognizes the start of a text by the places of its zeros: the high bytes of most characters are zero, and few
/// others.
pub fn detect(bytes: &[u8]) -> Option<Charset> {
    let mut zeros = [0; 4];
    bytes.iter().zip((0..4).cycle()).filter(|(byte, _)| **byte == 0).for_each(|(_, place)| zeros[place] += 1);
    let units = bytes.len() / 4;
    // Other scripts have few zeros, but their bytes are no narrow text either.
    let is_narrow = std::str::from_utf8(bytes).is_ok_and(|text| text.chars().all(|c| c == '\0' || is_text(c)));
    // Nor have they a space in every sixth place.
    let spaces = bytes.iter().filter(|&&byte| byte == b' ').count().saturating_sub(zeros.iter().sum());
    let is_narrow = is_narrow || spaces * 16 > bytes.len();
    let is_clear = |high: usize, low: usize| high > 1 && low * 4 <= high && (!is_narrow || high * 5 >= units * 6);
    let found = match zeros {
        [_, low, high, highest] if units > 0 && highest >= units && high * 2 >= units && low <= high => {
            Charset::Utf32 { big_endian: false }
        }
        [highest, high, low, _] if units > 0 && highest >= units && high * 2 >= units && low <= high => {
            Charset::Utf32 { big_endian: true }
        }
        [a, b, c, d] if is_clear(b + d, a + c) => Charset::Web(UTF_16LE),
        [a, b, c, d] if is_clear(a + c, b + d) => Charset::Web(UTF_16BE),
        _ => {
            *[Charset::Web(UTF_16LE), Charset::Web(UTF_16BE)].iter().find(|charset| is_east_asian(**charset, bytes))?
        }
    };
    let text = found.decode(bytes, false).ok()?;
    let counted = text.chars().filter(|c| !c.is_ascii()).count();
    let unassigned = text.chars().filter(|c| matches!(*c as u32, 0xe000..=0xf8ff | 0xfff0..=0xffff)).count();
    (text.chars().all(is_text) && unassigned * 10 <= counted).then_some(found)
}

/// Returns whether the bytes are Chinese, Japanese or Korean text, in which a low byte may also be zero.
fn is_east_asian(charset: Charset, bytes: &[u8]) -> bool {
    let common = |c: char| matches!(c as u32, 0x20..=0x7e | 0x3000..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xff00..=0xffef);
    charset.decode(bytes, false).is_ok_and(|text| {
        let count = text.chars().count();
        let common = text.chars().filter(|c| common(*c) || c.is_whitespace() || "‘’“”…—·".contains(*c)).count();
        count >= 20 && common * 20 >= count * 19
    })
}

fn is_text(c: char) -> bool {
    !c.is_control() || "\t\n\r\u{c}\u{1a}".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_text_is_recognized_without_a_mark() {
        for text in ["The ferry was late.\n", "渡し守は\n黙っていた。\n", "Éй 😀 x\n", "Старый паромщик знал"]
        {
            let wide = |code: fn(u32) -> [u8; 4]| text.chars().flat_map(|c| code(c as u32)).collect::<Vec<u8>>();
            assert_eq!(detect(&wide(u32::to_le_bytes)).unwrap().name(), "UTF-32LE", "{text}");
            assert_eq!(detect(&wide(u32::to_be_bytes)).unwrap().name(), "UTF-32BE", "{text}");
            let wide = |code: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(code).collect::<Vec<u8>>();
            assert_eq!(detect(&wide(u16::to_le_bytes)).unwrap().name(), "UTF-16LE", "{text}");
            assert_eq!(detect(&wide(u16::to_be_bytes)).unwrap().name(), "UTF-16BE", "{text}");
        }
        for bytes in [
            &b"plain"[..],
            b"PK\x03\x04\0\0\0",
            b"\0\0\0\0",
            b"\x7fELF\x02\x01\x01\0\0\0\0\0",
            b"one\0 two",
            b"a text with\0 a zero",
            b"un \xe9t\xe9 avec\0 un z\xe9ro de trop dans le texte",
            "un été avec un zéro\0 de trop".as_bytes(),
        ] {
            assert_eq!(detect(bytes), None, "{bytes:?}");
        }
    }
}
