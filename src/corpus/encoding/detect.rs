//! Determines the encoding of a text by the frequency of its letters.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::*;

use super::Charset;

/// The number of non-ASCII bytes from which a guess between Latin alphabets is trusted.
const ENOUGH_LATIN: usize = 20;

/// The same for other scripts, whose letters are all non-ASCII.
const ENOUGH: usize = 8;

/// The number of letters from which a Russian text without capitals is recognized.
const ENOUGH_SMALL: usize = 200;

const LATIN: [&Encoding; 10] = [
    WINDOWS_1252,
    WINDOWS_1250,
    WINDOWS_1254,
    WINDOWS_1257,
    ISO_8859_2,
    ISO_8859_3,
    ISO_8859_4,
    ISO_8859_10,
    ISO_8859_15,
    ISO_8859_16,
];

/// Returns the encoding of a text that is not UTF-8, or None if it is not clear. Without `is_whole`, the text may be cut
/// inside of a character.
pub fn detect(bytes: &[u8], is_whole: bool) -> Option<&'static Encoding> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Allow);
    detector.feed(bytes, is_whole);
    let guess = detector.guess(None, Utf8Detection::Deny);
    let count = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let Some(text) = plausible(guess, bytes) else {
        // The detector does not know the encodings of old Macs. Read in others, their letters become capitals.
        let mac = if guess == WINDOWS_1251 { X_MAC_CYRILLIC } else { MACINTOSH };
        let is_likely = (LATIN.contains(&guess) || guess == WINDOWS_1251) && count >= ENOUGH_LATIN;
        return plausible(mac, bytes).filter(|_| is_likely).map(|_| mac);
    };
    if guess == KOI8_U && plausible(KOI8_R, bytes).as_ref() == Some(&text) {
        return (count >= ENOUGH).then_some(KOI8_R);
    }
    if guess == IBM866 {
        // The letters of other scripts on DOS are capitals in Russian.
        let small = text.chars().filter(|c| c.is_lowercase()).count();
        return (small >= ENOUGH && small * 2 > count).then_some(guess);
    }
    if guess == WINDOWS_1251 && oddities(&text).0 > 0 {
        let mac = plausible(X_MAC_CYRILLIC, bytes).is_some_and(|text| oddities(&text).0 == 0);
        return (count >= ENOUGH_LATIN).then_some(if mac { X_MAC_CYRILLIC } else { guess });
    }
    if guess == WINDOWS_1251 {
        // Small letters are alike on a Mac, except `я`.
        let has_capitals = text.contains(|c| ('А'..='Я').contains(&c) || "ЄІЇҐ".contains(c));
        return (count >= ENOUGH && (has_capitals || count >= ENOUGH_SMALL)).then_some(guess);
    }
    if !LATIN.contains(&guess) {
        return (guess == ISO_2022_JP || count >= ENOUGH).then_some(guess);
    }
    // Hungarian is taken for Western European: its double acutes become letters that Estonian and Portuguese combine
    // with others.
    if guess == WINDOWS_1252 && text.contains(['õ', 'û']) && !text.contains(['ã', 'ä', 'ê', 'à']) {
        let is_hungarian = count >= ENOUGH_LATIN && ['õ', 'ö', 'é'].iter().all(|letter| text.contains(*letter));
        return [ISO_8859_2, WINDOWS_1250].into_iter().find(|east| is_hungarian && plausible(east, bytes).is_some());
    }
    if count >= ENOUGH_LATIN {
        return is_one_language(&text).then_some(guess);
    }
    // In a short text, only letters and quotation marks that are alike in all Latin alphabets are clear.
    let before = std::iter::once(' ').chain(text.chars());
    let next = text.chars().skip(1).chain(std::iter::once(' '));
    let mut is_clear = before.zip(text.chars()).zip(next).map(|((before, c), next)| {
        let is_capital = !before.is_alphabetic() || (before.is_uppercase() && !next.is_lowercase());
        let is_letter = c.is_lowercase() || (c.is_uppercase() && is_capital);
        c.is_ascii() || is_letter || "‘’“”–—".contains(c)
    });
    let mut rivals = LATIN.iter().filter_map(|rival| plausible(rival, bytes));
    (is_clear.all(|clear| clear) && rivals.all(|rival| rival == text)).then_some(guess)
}

/// Returns whether the Central European letters are of one language; Lithuanian is taken for several at once.
fn is_one_language(text: &str) -> bool {
    let letters = ["řěů", "őű", "ţăș", "đ", "łąęż", "ŕľĺ"];
    let counts = letters.map(|letters| text.chars().filter(|c| letters.contains(*c)).count());
    counts.iter().max().is_none_or(|most| most * 10 >= counts.iter().sum::<usize>() * 9)
}

/// Decodes, and returns None for what is not a text: invalid bytes, control characters, or many oddities.
pub fn plausible(encoding: &'static Encoding, bytes: &[u8]) -> Option<String> {
    let text = Charset::Web(encoding).decode(bytes, false).ok()?;
    let (odd, count) = oddities(&text);
    (odd * 100 <= count && !text.contains(|c| ('\u{80}'..='\u{9f}').contains(&c))).then_some(text)
}

/// Counts capitals after small letters and signs inside of words, or after letters where they begin a word: text of
/// DOS or a Mac read as Windows-1252. Also returns the number of non-ASCII characters.
fn oddities(text: &str) -> (usize, usize) {
    let (mut odd, mut count, mut before, mut after_sign) = (0, 0, ' ', false);
    for c in text.chars() {
        odd += usize::from(after_sign && c.is_alphabetic());
        after_sign = false;
        if !c.is_ascii() {
            count += 1;
            let begins_word = "‚„‡ˆ‰‹¡¢£¤¥¨¿".contains(c);
            odd += usize::from((c.is_uppercase() && before.is_lowercase()) || (before.is_alphabetic() && begins_word));
            let is_sign = matches!(c, '\u{a1}'..='\u{bf}' | '\u{2010}'..='\u{25ff}') && !c.is_alphabetic();
            after_sign = before.is_alphabetic() && is_sign && !begins_word && !"\u{ad}·‐‑–—‘’“”…".contains(c);
        }
        before = c;
    }
    (odd, count)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encodings and texts that they can express.
    #[rustfmt::skip]
    const TEXTS: [(&[&str], &str); 16] = [
        (&["windows-1251", "koi8-r", "iso-8859-5", "ibm866", "x-mac-cyrillic"], "Старый паромщик знал каждую отмель этой реки. Утром он выходил на берег, смотрел на воду и молчал. Сегодня будет туман,, говорил он, и никто не спорил с ним, потому что за сорок лет он не ошибся ни разу. Дети приносили ему хлеб и слушали его рассказы."),
        (&["windows-1251", "koi8-u"], "Старий перевізник знав кожну мілину цієї ріки. Вранці він виходив на берег, дивився на воду й мовчав. Діти приносили йому хліб і слухали його оповіді про їхніх дідів."),
        (&["iso-8859-2", "windows-1250"], "Stary przewoźnik znał każdą mieliznę tej rzeki. Rano wychodził na brzeg, patrzył na wodę i milczał. Dzieci przynosiły mu chleb i słuchały jego opowieści, a gdy zapadał zmrok, wracały do domów ścieżką wzdłuż łąki."),
        (&["iso-8859-2", "windows-1250"], "Starý převozník znal každou mělčinu této řeky. Ráno vycházel na břeh, díval se na vodu a mlčel. Děti mu nosily chléb a poslouchaly jeho příběhy o dávných časech, kdy řeka ještě neměla jméno."),
        (&["windows-1252", "iso-8859-15", "macintosh"], "Der alte Fährmann kannte jede Untiefe des Flusses. Am Morgen trat er ans Ufer, blickte über das Wasser und schwieg. Die Kinder brachten ihm Brot und hörten seine Geschichten über frühere Zeiten, als die Brücke noch nicht stand; größer schien ihnen dann die Welt."),
        (&["windows-1252", "macintosh"], "Le vieux passeur connaissait chaque haut-fond de la rivière. Le matin, il sortait sur la berge, regardait l'eau et se taisait. Les élèves lui apportaient du pain et écoutaient ses récits, même lorsque la nuit était déjà tombée."),
        (&["windows-1254"], "Yaşlı kayıkçı ırmağın her sığlığını bilirdi. Sabahları kıyıya çıkar, suya bakar ve susardı. Çocuklar ona ekmek getirir, eski günlere dair öykülerini dinlerlerdi."),
        (&["windows-1253", "iso-8859-7"], "Ο γέρος βαρκάρης ήξερε κάθε ξέρα του ποταμού. Το πρωί έβγαινε στην όχθη, κοίταζε το νερό και σώπαινε. Τα παιδιά του έφερναν ψωμί και άκουγαν τις ιστορίες του."),
        (&["windows-1255", "iso-8859-8"], "המעבוראי הזקן הכיר כל שרטון בנהר. בבוקר יצא אל הגדה, הביט במים ושתק. הילדים הביאו לו לחם והקשיבו לסיפוריו."),
        (&["windows-1256", "iso-8859-6"], "كان صاحب العبّارة العجوز يعرف كل ضحلة في النهر. كان يخرج في الصباح إلى الضفة وينظر إلى الماء ويصمت. وكان الأطفال يحملون إليه الخبز ويستمعون إلى حكاياته."),
        (&["windows-874"], "คนแจวเรือเฒ่ารู้จักทุกสันดอนของแม่น้ำ ตอนเช้าเขาเดินไปที่ฝั่ง มองดูน้ำ แล้วก็เงียบ เด็กๆ นำขนมปังมาให้เขาและฟังเรื่องเล่าของเขา"),
        (&["gb18030", "big5"], "老渡船工熟悉這條河的每一處淺灘。早晨他走到岸邊,看著水,一句話也不說。孩子們給他送來麵包,聽他講從前的故事。"),
        (&["gb18030"], "老渡船工熟悉这条河的每一处浅滩。早晨他走到岸边，看着水，一句话也不说。孩子们给他送来面包，听他讲从前的故事。"),
        (&["shift_jis", "euc-jp", "iso-2022-jp"], "年老いた渡し守は、この川のどの浅瀬も知っていた。朝になると岸に出て、水を眺めて黙っていた。子どもたちはパンを持ってきて、昔の話を聞いた。"),
        (&["euc-kr"], "늙은 뱃사공은 이 강의 모든 여울을 알고 있었다. 아침이면 강가에 나가 물을 바라보며 말이 없었다. 아이들은 그에게 빵을 가져다주고 옛이야기를 들었다."),
        (&["iso-8859-2", "windows-1250"], "Bătrînul luntraş cunoştea fiecare vad al rîului. Dimineaţa ieşea pe mal, se uita la apă şi tăcea. Copiii îi aduceau pîine şi îi ascultau poveştile."),
    ];

    #[test]
    fn a_page_of_text_is_recognized_in_every_encoding() {
        for (labels, text) in TEXTS {
            let text = text.repeat(10);
            for label in labels {
                let encoding = Encoding::for_label(label.as_bytes()).unwrap();
                let (bytes, _, has_errors) = encoding.encode(&text);
                assert!(!has_errors, "{label}");
                let found = detect(&bytes, true).unwrap_or_else(|| panic!("{label}: {text}"));
                assert_eq!(found.decode_without_bom_handling(&bytes).0, text, "{label} as {}", found.name());
            }
        }
    }

    #[test]
    fn the_start_of_a_text_is_recognized_or_unclear() {
        for (labels, text) in TEXTS {
            for length in [10, 25, 60, 120] {
                let start: String = text.chars().take(length).collect();
                for label in labels {
                    let bytes = Encoding::for_label(label.as_bytes()).unwrap().encode(&start).0;
                    let found = detect(&bytes, true).map(|found| found.decode_without_bom_handling(&bytes).0);
                    assert!(found.as_ref().is_none_or(|found| *found == start), "{label}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn letters_of_dos_are_not_taken_for_signs_of_windows() {
        // “Le père et la mère à l'école, été après été” and “größer, schöner, für Äpfel” in CP437.
        for bytes in [
            &b"Le p\x8are et la m\x8are \x85 l'\x82cole, \x82t\x82 apr\x8as \x82t\x82. "[..],
            b"gr\x94\xe1er, sch\x94ner, f\x81r \x8epfel. ",
        ] {
            for count in [1, 20] {
                assert_eq!(detect(&bytes.repeat(count), true), None);
            }
        }
    }

    #[test]
    fn hungarian_is_not_taken_for_western_european() {
        let text = "Az öreg révész ismerte a folyó minden zátonyát. Az erdőből hűvös szél jött.".repeat(9);
        let bytes = ISO_8859_2.encode(&text).0;
        assert!(detect(&bytes, true).is_none_or(|found| found.decode_without_bom_handling(&bytes).0 == text));
    }
}
