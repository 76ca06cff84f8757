//! Recognizes chapter headings in the languages of the catalogue, by their words, their numbers and their layout.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The maximum length of a heading in characters.
const MAX_CHARS: usize = 80;

/// Words for numbered divisions, without accents.
const DIVISIONS: &str = "
    chapter book part act scene letter canto volume section stave adventure tale story lecture sermon episode
    chapitre livre partie acte lettre chant tome kapitel buch teil theil akt aufzug auftritt szene brief gesang band
    abschnitt capitulo capitol capitolul libro parte acto escena carta tomo jornada livro ato cena scena capitolo atto
    lettera hoofdstuk boek deel bedrijf toneel tooneel zang kapitlet kapittel bok boken bog bogen del delen akten scen
    brev sang sangen luku kirja osa naytos kohtaus runo laulu kirje rozdział ksiega czesc list tom piesn kapitola kniha
    dil fejezet resz bolum capitro глава книга часть деиствие акт явление сцена письмо песнь том κεφαλαιο βιβλιο μερος
    πραξη σκηνη ραψωδια liber caput pars actus scaena epistula kabanata bahagi yugto aklat";

/// Divisions that need no number.
const SECTIONS: &str = "
    prologue prolog prologo prologi пролог epilogue epilog epilogo epilogi эпилог preface prefacio prefazione
    introduction introduccion introduzione introducao einleitung inledning johdanto wstep введение вступление foreword
    vorwort forord voorwoord esipuhe przedmowa предисловие conclusion conclusao conclusione schluss заключение afterword
    nachwort postscript appendix 序 序章 終章 跋";

/// The beginnings of number words, without accents.
const NUMBERS: &str = "
    one two three four five six seven eight nine ten eleven twel thir fif first second nin twent last
    premi deuxi trois quatr cinq sept huit neuv dix onz douz treiz quator quinz seiz vingt trent quarant dernie unique
    erst zwei zwo dritt drei vier funf sechs sieb acht neun zehn elf zwolf letzt eerst tweed derd vijf zes zeven negen
    tien twaalf dert veert twint forst andra tredj fjard femt sjatt sjund atton nion tion tolft fjort anden tredi fjerd
    sjett syvend ottend niend ellevt tolvt prim segund secund terc terz terti cuart quart quint sext sest septim setim
    settim octav oitav ottav noven non decim undecim duodecim vigesim trigesim ultim ensimmai toinen kolma nelja viide
    kuude seitsema kahdeksa yhdeksa kymmene yhdestoista pierwsz drug trzec czwart piat szost siodm osm dziewiat dziesiat
    jedenast dwunast dwudziest trzydziest перв втор трет четверт пят шест седьм восьм девят десят одиннадцат двенадцат
    тринадцат двадцат тридцат последн πρωτ δευτ τριτ τεταρτ πεμπτ εκτ εβδομ ογδο ενατ δεκατ ενδεκατ δωδεκατ una ika";

const ARTICLES: &str = "the a la le les el los il lo der die das de het den o os i ang to η το";

/// Digits of Chinese and Japanese numbers.
const HAN_DIGITS: &str = "〇零一二三四五六七八九十百千廿卅两兩";
const HAN_UNITS: &str = "章回節节卷部篇編话話幕折齣集";

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
pub struct Layout {
    /// The number of empty lines before it.
    pub blanks: usize,
    /// Whether an empty line follows it.
    pub is_alone: bool,
    /// Whether an empty line follows it or the next line.
    pub is_short: bool,
}

/// Tests whether a line that follows an empty one is a heading.
pub fn is_heading(line: &str, layout: Layout) -> bool {
    if is_named(line) {
        return true;
    }
    if line.trim().chars().nth(MAX_CHARS).is_some() || is_contents(line) {
        return false;
    }
    let bare = line.trim().trim_matches(['_', '*', '=', ' ']);
    let Some(first) = bare.chars().next().filter(|c| c.is_alphanumeric()) else { return false };
    let in_capitals = is_in_capitals(bare);
    let ends_sentence = bare.ends_with(['.', '?', '!', '…', '"', '”', '»', '。', '！', '？', '」']);
    let goes_on = bare.ends_with([',', ';', '，', '、', '-', '—']);
    let is_last = ["the end", "finis", "fin", "ende", "end", "fine", "fim", "slut"]
        .contains(&&*fold(bare.trim_end_matches(['.', '!'])));
    if goes_on || is_last {
        return false;
    }
    let (number, title) = bare.split_once(char::is_whitespace).unwrap_or((bare, ""));
    let (number, title) = (number.trim_end_matches('.'), title.trim_start());
    let is_roman = is_roman(number) && number == number.to_uppercase();
    let is_arabic = number.len() <= 3 && number.bytes().all(|b| b.is_ascii_digit());
    let is_han = number.chars().all(|c| HAN_DIGITS.contains(c));
    if title.is_empty() && (is_roman || (is_arabic || is_han) && layout.is_alone) {
        return true;
    }
    let is_marked = bare[number.len()..].starts_with(['.', ' ']) && !number.is_empty();
    if layout.is_short && is_marked && (is_roman && !["C", "D", "L", "M"].contains(&number) || is_arabic) {
        let has_dot = bare[number.len()..].starts_with('.') || title.starts_with(['—', '–', '-']);
        let is_title = title.contains(' ') && is_in_title_case(title);
        let is_spaced = layout.blanks >= 2 && (is_roman || is_title || !ends_sentence);
        let is_plain =
            layout.is_alone && (in_capitals || !ends_sentence && (is_title || is_roman && title.contains(' ')));
        if title.chars().next().is_some_and(|c| !c.is_lowercase())
            && (has_dot && (is_spaced || is_plain) || is_title && is_spaced)
        {
            return true;
        }
    }
    let is_name = layout.is_short && !first.is_lowercase() && (!ends_sentence || in_capitals);
    is_name && (in_capitals && layout.blanks >= 2 && title.len() + number.len() > 2 || layout.blanks >= 3)
}

/// Tests for a heading that its words show: a division and its number, or a section that needs none.
pub fn is_named(line: &str) -> bool {
    let line = line.trim();
    if line.is_empty() || line.chars().nth(MAX_CHARS).is_some() || is_contents(line) {
        return false;
    }
    let hashes = line.len() - line.trim_start_matches('#').len();
    let line = line.trim_matches(['_', '*', '=', '#', ' ']);
    if (1..=6).contains(&hashes) && !line.is_empty() {
        return true;
    }
    if line.starts_with(['第', '제']) || line.starts_with("卷") {
        return is_han_heading(line);
    }
    let in_capitals = is_in_capitals(line);
    let is_word = |word: &&str| word.contains(char::is_alphanumeric);
    let words: Vec<&str> = line.split_whitespace().filter(is_word).collect();
    let folded: Vec<String> = words.iter().take(4).map(|word| fold(word)).collect();
    let has =
        |list: &str, at: usize| folded.get(at).is_some_and(|word| list.split_whitespace().any(|name| name == word));
    let begin = usize::from(has(ARTICLES, 0));
    if has(SECTIONS, begin) && words.len() == begin + 1 {
        return !line.starts_with(char::is_lowercase) && !line.ends_with(['?', '!', ',']);
    }
    let is_number = |at: usize| words.get(at).is_some_and(|word| is_number(word, &folded[at]));
    let last = if has(DIVISIONS, begin) {
        let at = begin + 1;
        let at = if has(ARTICLES, at) && is_number(at + 1) { at + 1 } else { at };
        match is_number(at) {
            true => at,
            false => return in_capitals && begin == 0,
        }
    } else if is_number(begin) && has(DIVISIONS, begin + 1) {
        begin + 1
    } else {
        return false;
    };
    let Some(next) = words.get(last + 1) else { return !line.ends_with([',', '?']) };
    let end = words[last].as_ptr() as usize + words[last].len() - line.as_ptr() as usize;
    let is_separated = words[last].ends_with(['.', ':', ')', ']', '—', '–', '-'])
        || line[end..].trim_start().starts_with(['—', '–', '-', ':', '(']);
    let starts_title = !next.starts_with(char::is_lowercase) && !words[last].ends_with([',', ';']);
    let goes_on =
        words[last].ends_with(',') && (has(DIVISIONS, last + 1) || is_number(last + 1) && has(DIVISIONS, last + 2));
    !line.starts_with(char::is_lowercase) && (in_capitals || is_separated || starts_title || goes_on)
}

/// Tests for an entry of a table of contents: a title, a gap or dots, and the number of a page.
pub fn is_contents(line: &str) -> bool {
    let line = line.trim();
    let title = line.trim_end_matches(|c: char| c.is_ascii_digit());
    let gap = title.len() - title.trim_end_matches([' ', '.', '\t', '…', '·', '_']).len();
    title.len() < line.len() && (gap > 2 || title.ends_with("  ")) && title.split_whitespace().nth(1).is_some()
}

/// 第一回：…, 第三章, 제1장, 卷一
fn is_han_heading(line: &str) -> bool {
    let mut letters = line.chars();
    let first = letters.next();
    let is_digit = |c: &char| c.is_numeric() || HAN_DIGITS.contains(*c) || *c == ' ';
    let digits = letters.clone().take_while(is_digit).count();
    let mut letters = letters.skip(digits);
    if digits == 0
        || first != Some('卷') && !letters.next().is_some_and(|c| HAN_UNITS.contains(c) || "장부편막화".contains(c))
    {
        return false;
    }
    match letters.next() {
        None => true,
        Some(c) if c.is_whitespace() || "：:.．　（(「『、".contains(c) => !line.contains(['。', '？', '！']),
        Some(c) => first == Some('第') && !"也は的是に中で，が".contains(c) && !line.contains(['。', '，', '、', '．']),
    }
}

/// Lower-cases a word and drops accents and what stands around it.
fn fold(word: &str) -> String {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    word.nfd().filter(|&c| !is_combining_mark(c)).flat_map(char::to_lowercase).collect()
}

fn is_number(word: &str, folded: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    // 2.VI
    let (word, folded) = (word.split('.').next().unwrap_or(word), folded.split('.').next().unwrap_or(folded));
    let digits = folded.len() - folded.trim_start_matches(|c: char| c.is_numeric()).len();
    digits > 0 && folded.len() <= digits + 2
        || is_roman(&word.to_uppercase()) && (word == word.to_uppercase() || word == word.to_lowercase())
        || HAN_DIGITS.contains(folded) && !folded.is_empty()
        || word.chars().count() <= 2 && word.chars().all(|c| ('Α'..='Ω').contains(&c))
        || NUMBERS.split_whitespace().any(|stem| folded.starts_with(stem))
}

/// Tests for a Roman numeral; like old books, allows four equal digits.
fn is_roman(word: &str) -> bool {
    let mut rest = word.trim_start_matches('M');
    for [nine, four, five, one] in [["CM", "CD", "D", "C"], ["XC", "XL", "L", "X"], ["IX", "IV", "V", "I"]] {
        rest = match rest.strip_prefix(nine).or(rest.strip_prefix(four)) {
            Some(rest) => rest,
            None => {
                let ones = rest.strip_prefix(five).unwrap_or(rest);
                (0..4).fold(ones, |rest, _| rest.strip_prefix(one).unwrap_or(rest))
            }
        };
    }
    rest.is_empty() && !word.is_empty()
}

fn is_in_capitals(line: &str) -> bool {
    line.chars().any(char::is_uppercase) && !line.chars().any(char::is_lowercase)
}

/// Tests whether every longer word starts with a capital.
fn is_in_title_case(title: &str) -> bool {
    let is_long = |word: &&str| word.chars().filter(|c| c.is_alphabetic()).count() > 3;
    let starts = |word: &str| word.chars().find(|c| c.is_alphabetic()).is_some_and(|c| !c.is_lowercase());
    title.split_whitespace().next().is_some_and(starts) && title.split_whitespace().filter(is_long).all(starts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn divisions_are_headings_in_many_languages_and_sentences_are_not() {
        for heading in [
            "CHAPTER I.",
            "CHAPTER THE FIRST",
            "Chapter the First",
            "Chapter 12: The Road",
            "chapter 3",
            "Chapter Twenty-One",
            "PROLOGUE",
            "Prólogo",
            "ACT II. SCENE 1.",
            "Act I, Scene 2",
            "Scene 2.VI.",
            "ADVENTURE I. A SCANDAL IN BOHEMIA",
            "STAVE I: MARLEY’S GHOST",
            "BOOK THE FIRST—RECALLED TO LIFE",
            "PART TWO--The Sea-cook",
            "The First Chapter",
            "Chapitre premier",
            "CHAPITRE IV.",
            "Première partie",
            "PREMIERE PARTIE",
            "Livre deuxième — L’évasion",
            "Erstes Kapitel",
            "ERSTER AKT",
            "1. Kapitel",
            "Kapitel IV",
            "Der zweite Teil",
            "Capítulo primero",
            "CAPÍTULO PRIMERO",
            "Canto Primeiro",
            "CAPITOLO VII.",
            "Capitolo decimo",
            "FÖRSTA KAPITLET",
            "Ensimmäinen luku",
            "Luku 3",
            "ZEVENDE HOOFDSTUK",
            "Eerste Hoofdstuk",
            "Глава 3",
            "Глава первая",
            "ЧАСТЬ ПЕРВАЯ",
            "Действие второе",
            "Rozdział pierwszy",
            "KSIĘGA PIERWSZA",
            "Κεφάλαιο Α΄",
            "ΚΕΦΑΛΑΙΟ ΠΡΩΤΟ",
            "LIBER PRIMUS",
            "Kabanata 1",
            "第一回：甄士隱夢幻識通靈",
            "第一回　甄士隱夢幻識通靈",
            "第12章",
            "第三節 海",
            "卷一",
            "제1장 시작",
            "# Introduction",
            "_Chapter 3_",
            "=Capitulo II=",
            "Scène II",
            "Section 4. Of Sense",
        ] {
            assert!(is_named(heading), "{heading}");
        }
        for other in [
            "Part of it",
            "I am",
            "Book",
            "",
            "Chapter and verse",
            "Chapter 2 was long, and I slept.",
            "Act I will not.",
            "Part of the first chapter",
            "Letter by letter, he read it.",
            "First of all",
            "Second letter arrived today.",
            "CHAPTER I.  Down the Rabbit-Hole    12",
            "Chapter II. A title........34",
            "Book two seats.",
            "To act one must live",
            "第一回也．作者自云：因曾歷過一番夢幻之后",
            "第二章は長い。",
            "Introduction to the work",
            "Is this chapter one?",
            "#",
            "Brief aan mijn vader",
            "The part I like,",
        ] {
            assert!(!is_named(other), "{other}");
        }
    }

    #[test]
    fn the_layout_shows_other_headings() {
        let layout = |blanks, is_alone| Layout { blanks, is_alone, is_short: is_alone };
        for (heading, blanks) in [
            ("XIV.", 1),
            ("IIII", 1),
            ("=IX.=", 1),
            ("12", 1),
            ("一", 1),
            ("I. A SCANDAL IN BOHEMIA", 1),
            ("XX. A Plea", 1),
            ("VIII. Monseigneur in the Country", 1),
            ("XLIX. Carlyle to Emerson", 1),
            ("II. La fin du voyage", 1),
            ("3. The House of Usher", 1),
            ("4 The Letter Signed “Bella”", 2),
            ("19.  Attacked by the Fighting Trees", 2),
            ("THE VALIANT LITTLE TAILOR", 2),
            ("Noureddin and the Fair Persian", 3),
            ("羅生門", 4),
            ("V. Paris", 2),
        ] {
            assert!(is_heading(heading, layout(blanks, true)), "{heading}");
        }
        for (other, blanks) in [
            ("V. Hugo", 1),
            ("M. Madeleine en deuil", 2),
            ("12", 0),
            ("1. Bring the water to the boil.", 1),
            ("- 12 -", 4),
            ("THE END", 4),
            ("THE VALIANT LITTLE TAILOR", 1),
            ("He went home.", 4),
            ("[Illustration: A HOUSE]", 4),
            ("* * *", 4),
            ("SWEET THAMES, RUN SOFTLY,", 2),
            ("The House of Usher", 2),
            ("1.F.", 1),
            ("1984", 1),
        ] {
            let alone = blanks > 0;
            assert!(!is_heading(other, layout(blanks, alone)), "{other}");
        }
        assert!(!is_heading("I. We had come to the end of the road, and the night was cold and", layout(1, false)));
    }
}
