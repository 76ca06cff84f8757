//! The byte level: 256 tokens that can represent any text.
//!
//! Vocabularies spell each byte as a visible character, as GPT-2 does (Radford et al. 2019): printable Latin-1
//! characters represent themselves, all other bytes map to U+0100 and up.

/// The number of bytes.
pub const COUNT: usize = 256;

/// Returns the character that represents a byte.
pub const fn to_char(byte: u8) -> char {
    let code = match byte {
        b'!'..=b'~' | 0xa1..=0xac | 0xae..=0xff => byte as u32,
        0..=0x20 => 0x100 + byte as u32,
        0x7f..=0xa0 => 0x100 + 33 + (byte - 0x7f) as u32,
        0xad => 0x100 + 67,
    };
    char::from_u32(code).unwrap()
}

/// Returns the byte that a character represents.
pub fn from_char(letter: char) -> Option<u8> {
    let code = letter as u32;
    match code {
        0x21..=0x7e | 0xa1..=0xac | 0xae..=0xff => Some(code as u8),
        0x100..=0x120 => Some((code - 0x100) as u8),
        0x121..=0x142 => Some((code - 0x121) as u8 + 0x7f),
        0x143 => Some(0xad),
        _ => None,
    }
}

/// Returns the characters that represent `bytes`.
pub fn to_chars(bytes: &[u8]) -> String {
    bytes.iter().map(|&byte| to_char(byte)).collect()
}

/// Returns the pieces of the vocabulary, ordered by byte.
pub fn pieces() -> impl Iterator<Item = Box<str>> {
    (0..=u8::MAX).map(|byte| to_char(byte).to_string().into())
}

/// Returns whether `byte` may follow `pending`, an incomplete UTF-8 character or nothing.
pub fn may_follow(pending: &[u8], byte: u8) -> bool {
    let mut bytes = [0; 5];
    let length = pending.len().min(4);
    bytes[..length].copy_from_slice(&pending[..length]);
    bytes[length] = byte;
    match std::str::from_utf8(&bytes[..=length]) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_own_character() {
        let letters: std::collections::HashSet<char> = (0..=255).map(to_char).collect();
        assert_eq!(letters.len(), COUNT);
        assert!((0..=255).all(|b| from_char(to_char(b)) == Some(b)));
        // GPT-2's own table.
        assert_eq!((to_char(b' '), to_char(b'\n'), to_char(0x7f), to_char(0xad)), ('Ġ', 'Ċ', 'ġ', 'Ń'));
        assert_eq!((from_char('字'), from_char('\n'), from_char('ń')), (None, None, None));
    }

    #[test]
    fn only_valid_continuations_may_follow() {
        assert!(may_follow(&[], b'a') && may_follow(&[], 0xc3) && !may_follow(&[], 0x80) && !may_follow(&[], 0xff));
        assert!(may_follow(&[0xc3], 0xa9) && !may_follow(&[0xc3], b'a'));
        assert!(!may_follow(&[0xe0], 0x80), "overlong");
        assert!(!may_follow(&[0xed], 0xa0), "a surrogate");
    }
}
