//! Recognizes UTF-16 and UTF-32 without a byte order mark.

use encoding_rs::{UTF_16BE, UTF_16LE};

use super::Charset;

/// Recognizes the start of a text by the places of its zeros: the high bytes of most characters are zero, and few
/// others.
pub fn detect(bytes: &[u8]) -> Option<Charset> {
    let mut zeros = [0; 4];
    bytes.iter().zip((0..4).cycle()).filter(|(byte, _)| **byte == 0).for_each(|(_, place)| zeros[place] += 1);
    let units = bytes.len() / 4;
    let is_clear = |high: usize, low: usize| high > 0 && low * 4 <= high;
    let found = match zeros {
        [_, low, high, highest] if units > 0 && highest >= units && high * 10 >= units * 8 && low <= high => {
            Charset::Utf32 { big_endian: false }
        }
        [highest, high, low, _] if units > 0 && highest >= units && high * 10 >= units * 8 && low <= high => {
            Charset::Utf32 { big_endian: true }
        }
        [a, b, c, d] if is_clear(b + d, a + c) => Charset::Web(UTF_16LE),
        [a, b, c, d] if is_clear(a + c, b + d) => Charset::Web(UTF_16BE),
        _ => return None,
    };
    // Stray zeros in a text of another encoding, which has words and spaces.
    let zeros: usize = zeros.iter().sum();
    let spaces = bytes.iter().filter(|&&byte| byte == b' ').count().saturating_sub(zeros);
    if zeros * 4 < bytes.len() && (std::str::from_utf8(bytes).is_ok() || spaces * 16 > bytes.len()) {
        return None;
    }
    let text = found.decode(bytes, false).ok()?;
    let is_text = |c: char| !c.is_control() || "\t\n\r\u{c}\u{1a}".contains(c);
    let counted = text.chars().filter(|c| !c.is_ascii()).count();
    let unassigned = text.chars().filter(|c| matches!(*c as u32, 0xe000..=0xf8ff | 0xfff0..=0xffff)).count();
    (text.chars().all(is_text) && unassigned * 10 <= counted).then_some(found)
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
