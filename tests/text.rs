//! Properties of tokenization, tested on random texts.

use std::collections::BTreeSet;

use rnn_tools::random::Rng;
use rnn_tools::text::unwrap::{self, unwrap};
use rnn_tools::text::{PreTokenizer, Tokenizer, UNKNOWN, bytes};

/// Characters that are special to some rule, and some that are not.
const PICKED: &str = "aZé_ß1½²'’\"“”.,·-—(  \n\n\r\t\u{a0}\u{3000}ֿשר״׳عربَ\u{200c}\u{200d}\u{ad}क्षि字々ひがーｶﾞ🇩🇪\u{600}ทีำကြ၃한ᄒ\u{1161}\u{11ab}\u{301}\u{fe0f}😀👩🏽İſlLdqu\u{feff}\u{fffd}\u{10ffff}\u{7f}\u{1b}<>";

/// Returns a random text of picked characters, words and arbitrary code points.
fn any_text(rng: &mut Rng) -> String {
    let picked: Vec<char> = PICKED.chars().collect();
    let mut pick = |below: usize| (rng.next_u64() % below as u64) as usize;
    let mut text = String::new();
    for _ in 0..pick(60) {
        match pick(8) {
            0 => text.extend(char::from_u32(pick(0x11_0000) as u32)),
            1 => text.push_str(["l’homme ", "the cat", "don't ", "3.14", "qu'il", "aujourd’hui", "\r\n"][pick(7)]),
            _ => text.push(picked[pick(picked.len())]),
        }
    }
    text
}

fn texts() -> impl Iterator<Item = String> {
    let mut rng = Rng::new(20);
    (0..4000).map(move |_| any_text(&mut rng))
}

/// Returns a tokenizer whose vocabulary contains every piece of a text.
fn tokenizer(style: PreTokenizer, text: &str) -> Tokenizer {
    let normalized = style.normalize(text);
    let pieces: BTreeSet<&str> = style.pieces(&normalized).into_iter().collect();
    let pieces: Vec<Box<str>> = match style {
        PreTokenizer::Byte => std::iter::once(UNKNOWN.into()).chain(bytes::pieces()).collect(),
        _ => std::iter::once(UNKNOWN).chain(pieces).map(Into::into).collect(),
    };
    Tokenizer::new(style, pieces).unwrap()
}

#[test]
fn characters_and_bytes_decode_to_the_same_text() {
    for text in texts() {
        for style in [PreTokenizer::Char, PreTokenizer::Codepoint, PreTokenizer::Byte] {
            let tokenizer = tokenizer(style, &text);
            assert_eq!(tokenizer.decode(&tokenizer.encode(&text)), text, "{style:?}");
        }
    }
}

#[test]
fn words_decode_to_the_text_up_to_runs_of_spaces() {
    for text in texts() {
        for style in [PreTokenizer::Plain, PreTokenizer::Indented, PreTokenizer::French, PreTokenizer::Italian] {
            let tokenizer = tokenizer(style, &text);
            let (ids, again) = (tokenizer.encode(&text), tokenizer.decode(&tokenizer.encode(&text)));
            assert_eq!(again.trim_matches(' '), style.normalize(&text).trim_matches(' '), "{style:?} {text:?}");
            assert_eq!(tokenizer.encode(&again), ids, "{style:?} {text:?}");
        }
    }
}

#[test]
fn normalization_is_idempotent_and_known_pieces_are_typed_as_printed() {
    for text in texts() {
        for style in PreTokenizer::ALL.into_iter().filter(|&style| style != PreTokenizer::Byte) {
            let once = style.normalize(&text);
            // Classic lower-cases some capitals to characters that are not in NFC, which has no effect on encoding.
            if style != PreTokenizer::Classic {
                assert_eq!(style.normalize(&once), once, "{style:?} {text:?}");
            }
            let tokenizer = tokenizer(style, &text);
            assert_eq!(tokenizer.encode_typed(&text), (tokenizer.encode(&text), vec![]), "{style:?} {text:?}");
        }
    }
}

#[test]
fn splitting_at_last_split_changes_no_piece() {
    for text in texts() {
        for style in PreTokenizer::ALL {
            let Some(at) = style.last_split(&text) else { continue };
            assert!(at > 0);
            let halves = [style.normalize(&text[..at]), style.normalize(&text[at..])];
            let pieces = [style.pieces(&halves[0]), style.pieces(&halves[1])].concat();
            assert_eq!(pieces, style.pieces(&style.normalize(&text)), "{style:?} {text:?} at {at}");
        }
    }
}

#[test]
fn joining_lines_loses_nothing_but_line_breaks() {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let mut rng = Rng::new(21);
    for _ in 0..500 {
        let text: String = (0..20).map(|_| any_text(&mut rng)).collect::<Vec<_>>().join(" prose goes on\n");
        let joined = unwrap(&text);
        assert_eq!(bare(&joined), bare(&text));
        assert!(unwrap::last_paragraph_break(&text).is_none_or(|at| text.is_char_boundary(at)));
    }
}
