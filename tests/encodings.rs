//! Texts in other encodings than UTF-8: rnn-prep and rnn-fetch read them alike, or ask.

mod shell;

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use encoding_rs::Encoding;
use rnn_tools::corpus::lock::sha256;
use rnn_tools::dataset::TokenFile;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use shell::sh;

const RUSSIAN: &str =
    "Старый паромщик знал каждую отмель этой реки. Утром он выходил на берег, смотрел на воду и молчал.\n";
const POLISH: &str =
    "Stary przewoźnik znał każdą mieliznę tej rzeki. Rano wychodził na brzeg, patrzył na wodę i milczał.\n";
const JAPANESE: &str = "年老いた渡し守は、この川のどの浅瀬も知っていた。朝になると岸に出て、水を眺めて黙っていた。\n";
const CHINESE: &str = "老渡船工熟悉這條河的每一處淺灘。早晨他走到岸邊,看著水,一句話也不說。\n";

/// Writes `text` in UTF-8, and in the encoding.
fn write(folder: &Path, label: &str, text: &str) {
    fs::write(folder.join("utf8.txt"), text).unwrap();
    let bytes = match label {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-32be" => text.chars().flat_map(|c| (c as u32).to_be_bytes()).collect(),
        _ => {
            let (bytes, _, has_errors) = Encoding::for_label(label.as_bytes()).unwrap().encode(text);
            assert!(!has_errors, "{label}");
            bytes.into_owned()
        }
    };
    fs::write(folder.join("other.txt"), bytes).unwrap();
}

#[test]
fn both_commands_read_a_text_alike_in_every_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for (label, text) in [
        ("koi8-r", RUSSIAN),
        ("windows-1251", RUSSIAN),
        ("ibm866", RUSSIAN),
        ("iso-8859-2", POLISH),
        ("gb18030", CHINESE),
        ("big5", CHINESE),
        ("shift_jis", JAPANESE),
        ("euc-jp", JAPANESE),
        ("iso-2022-jp", JAPANESE),
        ("utf-16le", RUSSIAN),
        ("utf-32be", JAPANESE),
    ] {
        // Longer than what is read at a time, and after a start of ASCII, which could be in any of them.
        for text in [text.repeat(30), text.repeat(8000), format!("{}{}", "Chapter 1\n".repeat(60_000), text.repeat(30))]
        {
            if label == "iso-2022-jp" && text.starts_with("Chapter") {
                continue;
            }
            write(at, label, &text);
            sh(at, "rnn-fetch -q --raw ./other.txt -o fetched.txt").succeeds();
            assert!(fs::read_to_string(at.join("fetched.txt")).unwrap() == text, "{label}");
            sh(at, "rnn-prep --level codepoint utf8.txt -o expected.tokens -q").succeeds();
            let ran = sh(at, "rnn-prep --level codepoint other.txt -o other.tokens");
            assert!(ran.stderr.contains("converted from"), "{label}: {ran:?}");
            ran.succeeds();
            sh(at, "rnn-prep --decode other.tokens > other; rnn-prep --decode expected.tokens > expected").succeeds();
            assert!(fs::read(at.join("other")).unwrap() == fs::read(at.join("expected")).unwrap(), "{label}");
        }
    }
}

#[test]
fn an_unclear_encoding_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::write(
        at.join("dos.txt"),
        b"Le p\x8are et la m\x8are \x85 l'\x82cole, \x82t\x82 apr\x8as \x82t\x82.\n".repeat(20),
    )
    .unwrap();
    for command in ["rnn-fetch --raw ./dos.txt -o out", "rnn-prep dos.txt -o out", "rnn-prep - -o out < dos.txt"] {
        let ran = sh(at, command);
        ran.fails(1, "encoding");
        assert!(ran.stderr.contains("--encoding") && !at.join("out").exists(), "{ran:?}");
    }
    sh(at, "rnn-prep dos.txt --lossy -o out -q").succeeds();
    fs::write(at.join("few.txt"), b"A na\xefve idea, said the ferryman.\n".repeat(2)).unwrap();
    sh(at, "rnn-prep few.txt --encoding latin1 --level codepoint -o few.tokens -q").succeeds();
    assert!(sh(at, "rnn-prep --decode few.tokens").succeeds().stdout.contains("naïve"));
    sh(at, "rnn-prep few.txt --encoding latin0 -o x").fails(2, "encoding");
    sh(at, "rnn-fetch ./few.txt --encoding EUC-JP -o x").fails(1, "EUC-JP");
}

#[test]
fn damaged_utf8_is_not_taken_for_another_encoding() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    for text in [RUSSIAN, JAPANESE, "Été après été, à la forêt.\n"] {
        let mut bytes = text.repeat(50).into_bytes();
        bytes.remove(1);
        fs::write(at.join("damaged.txt"), bytes).unwrap();
        sh(at, "rnn-prep damaged.txt -o out").fails(1, "not UTF-8");
        sh(at, "rnn-fetch ./damaged.txt -o out").fails(1, "UTF-8");
    }
    fs::write(at.join("zero.txt"), "one\0 two three four\n".repeat(9)).unwrap();
    sh(at, "rnn-prep zero.txt -o out").fails(1, "NUL");
}

#[test]
fn compressed_text_is_read_and_other_files_are_refused_by_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (koi8, _, _) = Encoding::for_label(b"koi8-r").unwrap().encode(RUSSIAN);
    fs::write(at.join("a.txt"), koi8.repeat(50)).unwrap();
    sh(at, "gzip -k a.txt && rnn-prep a.txt -o a.tokens -q && rnn-prep a.txt.gz -o b.tokens -q").succeeds();
    sh(at, "rnn-prep --decode a.tokens >a && rnn-prep --decode b.tokens >b && cmp a b").succeeds();
    sh(at, "rnn-fetch -q --raw ./a.txt -o a && rnn-fetch -q --raw ./a.txt.gz -o b && cmp a b").succeeds();
    let zstandard = compress_to_vec(&fs::read(at.join("a.txt")).unwrap()[..], CompressionLevel::Fastest);
    fs::write(at.join("a.txt.zst"), &zstandard).unwrap();
    fs::write(at.join("cut.zst"), &zstandard[..zstandard.len() - 9]).unwrap();
    sh(at, "rnn-prep a.txt.zst -o c.tokens -q && rnn-prep --decode c.tokens >c").succeeds();
    sh(at, "rnn-prep --decode a.tokens >a && cmp a c && rnn-fetch -q --raw ./a.txt.zst -o a && cmp a b").succeeds();
    let source = &TokenFile::read(&at.join("c.tokens")).unwrap().prep.sources[0];
    assert_eq!((source.bytes, source.sha256.as_str()), (zstandard.len(), &*sha256(&zstandard)));
    fs::write(at.join("x.pdf"), "%PDF-1.7\nwords and words\n").unwrap();
    fs::write(at.join("x.docx"), b"PK\x03\x04\x14\0word/document.xml").unwrap();
    fs::write(at.join("x.rtf"), "{\\rtf1 words and words}").unwrap();
    sh(at, "head -c 100 a.txt.gz >cut.gz").succeeds();
    for (file, name) in [
        ("x.pdf", "a PDF"),
        ("x.docx", "Word"),
        ("x.rtf", "an RTF"),
        ("a.tokens", "a token file"),
        ("cut.gz", ""),
        ("cut.zst", ""),
    ] {
        sh(at, &format!("rnn-prep {file} -o out")).fails(1, name);
        sh(at, &format!("rnn-prep - -o out <{file}")).fails(1, name);
        sh(at, &format!("rnn-fetch --raw ./{file} -o out")).fails(1, name);
        assert!(!at.join("out").exists(), "{file}");
    }
}

#[test]
fn the_main_text_of_a_page_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let page = format!(
        "<!DOCTYPE html><html><head><meta charset=koi8-r><title>Река</title></head><body><nav>Меню</nav><p>{}<p>Конец",
        RUSSIAN.repeat(9)
    );
    let (koi8, ..) = Encoding::for_label(b"koi8-r").unwrap().encode(&page);
    fs::write(at.join("a.html"), &koi8).unwrap();
    sh(at, "gzip -k a.html && rnn-fetch ./a.html -o a && rnn-fetch ./a.html.gz | cmp - a").succeeds();
    let text = format!("{}\n\nКонец\n", RUSSIAN.trim().to_owned() + &(" ".to_owned() + RUSSIAN.trim()).repeat(8));
    assert_eq!(fs::read_to_string(at.join("a")).unwrap(), text);
    let ran = sh(
        at,
        "rnn-prep --level char --valid 0 a.html -o a.tokens && test \"$(rnn-prep --decode a.tokens)\" = \"$(cat a)\"",
    );
    ran.succeeds();
    assert!(ran.stderr.contains("an HTML page"), "{}", ran.stderr);
    sh(at, "rnn-prep --level char --valid 0 - -o b.tokens <a.html && rnn-prep --decode b.tokens >b && rnn-prep --decode a.tokens | cmp - b").succeeds();
    let source = &TokenFile::read(&at.join("a.tokens")).unwrap().prep.sources[0];
    assert_eq!((source.bytes, source.sha256.as_str()), (koi8.len(), &*sha256(&koi8)));
    fs::write(at.join("empty.html"), "<html><nav>Menu").unwrap();
    sh(at, "rnn-prep -q empty.html -o out").fails(1, "no text");
    sh(at, "rnn-fetch -q ./empty.html -o out").fails(1, "without text");
}

#[test]
fn the_chapters_of_an_epub_are_read_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let mut book = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, contents) in [
        ("mimetype", "application/epub+zip"),
        ("META-INF/container.xml", "<container><rootfile full-path='o/a.opf'/></container>"),
        (
            "o/a.opf",
            "<package><item id='b' href='b.xhtml'/><item id='a' href='a.xhtml'/><itemref idref='a'/><itemref idref='b'/>",
        ),
        ("o/b.xhtml", "<html><body><p>The goat ran over the hill and back.</p></body></html>"),
        ("o/a.xhtml", "<html><body><h1>One</h1><p>The bell rang for an hour.</p></body></html>"),
    ] {
        book.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        book.write_all(contents.as_bytes()).unwrap();
    }
    let book = book.finish().unwrap().into_inner();
    fs::create_dir(at.join("x")).unwrap();
    fs::write(at.join("x/a.epub"), &book).unwrap();
    sh(at, "rnn-fetch -q ./x/a.epub -o a").succeeds();
    let text = "One\n\nThe bell rang for an hour.\n\nThe goat ran over the hill and back.\n";
    assert_eq!(fs::read_to_string(at.join("a")).unwrap(), text);
    for input in ["x", "- <x/a.epub"] {
        let ran = sh(at, &format!("rnn-prep --force --level char --valid 0 -o a.tokens {input}"));
        ran.succeeds();
        assert!(ran.stderr.contains("read as an EPUB, 2 documents"), "{}", ran.stderr);
        sh(at, "test \"$(rnn-prep --decode a.tokens)\" = \"$(cat a)\"").succeeds();
        let source = &TokenFile::read(&at.join("a.tokens")).unwrap().prep.sources[0];
        assert_eq!((source.bytes, source.sha256.as_str()), (book.len(), &*sha256(&book)));
    }
    fs::write(at.join("cut.epub"), &book[..book.len() - 30]).unwrap();
    sh(at, "rnn-prep cut.epub -o out").fails(1, "damaged EPUB");
}
