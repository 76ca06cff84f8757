//! Character classes for word-level tokenization. Lookups in the Unicode tables are slow, so results are cached
//! in pages of 256 characters.

use std::sync::OnceLock;

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_script::{Script, UnicodeScript};

/// The classes of a character, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Class(u8);

impl Class {
    const LETTER_OR_DIGIT: u8 = 1;
    const NUMBER: u8 = 2;
    const COMBINING: u8 = 4;
    const SPACE: u8 = 8;
    const WORD: u8 = 16;
    const HEBREW: u8 = 32;

    #[inline]
    pub fn of(c: char) -> Self {
        static PAGES: [OnceLock<[Class; 256]>; 256] = [const { OnceLock::new() }; 256];
        let code = c as usize;
        match PAGES.get(code >> 8) {
            Some(page) => {
                let first = code & !0xff;
                let look = |i| char::from_u32((first + i) as u32).map_or(Class(0), Class::look_up);
                page.get_or_init(|| std::array::from_fn(look))[code & 0xff]
            }
            None => Self::look_up(c),
        }
    }

    fn look_up(c: char) -> Self {
        use GeneralCategoryGroup::{Letter, Mark, Number};
        use Script::{Han, Hebrew, Hiragana, Katakana, Khmer, Lao, Myanmar, Thai};
        let (group, script) = (c.general_category_group(), c.script());
        let unspaced = matches!(script, Han | Hiragana | Katakana | Khmer | Lao | Myanmar | Thai);
        let letter_or_digit = matches!(group, Letter | Mark | Number);
        let space = c == '\t' || c.general_category() == GeneralCategory::SpaceSeparator;
        let bits = [
            (letter_or_digit, Self::LETTER_OR_DIGIT),
            (group == Number, Self::NUMBER),
            (group == Mark, Self::COMBINING),
            (space, Self::SPACE),
            (c == '_' || (letter_or_digit && !unspaced), Self::WORD),
            (script == Hebrew, Self::HEBREW),
        ];
        Self(bits.iter().filter(|(is, _)| *is).map(|(_, bit)| bit).sum())
    }

    /// Returns whether the character is a letter, combining mark or digit of any script.
    pub fn is_letter_or_digit(self) -> bool {
        self.0 & Self::LETTER_OR_DIGIT != 0
    }

    pub fn is_number(self) -> bool {
        self.0 & Self::NUMBER != 0
    }

    /// Returns whether the character is a mark that combines with the preceding character.
    pub fn is_combining(self) -> bool {
        self.0 & Self::COMBINING != 0
    }

    /// Returns whether the character is a space of any width or a tab.
    pub fn is_space(self) -> bool {
        self.0 & Self::SPACE != 0
    }

    /// Returns whether the character is part of a word: a letter, mark, digit or `_` of a script that separates
    /// words with spaces.
    pub fn is_word(self) -> bool {
        self.0 & Self::WORD != 0
    }

    pub fn is_hebrew(self) -> bool {
        self.0 & Self::HEBREW != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cached_pages_agree_with_the_unicode_tables() {
        for c in (0..0x20000).filter_map(char::from_u32) {
            assert_eq!(Class::of(c), Class::look_up(c), "{c:?}");
        }
        assert!(Class::of('é').is_word() && Class::of('_').is_word() && !Class::of('字').is_word());
        assert!(Class::of('字').is_letter_or_digit() && !Class::of('_').is_letter_or_digit());
        assert!(Class::of('\u{a0}').is_space() && !Class::of('\n').is_space());
        assert!(Class::of('½').is_number() && Class::of('\u{301}').is_combining());
    }
}
