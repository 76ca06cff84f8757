//! Recognizes the type of a file by its first bytes, whatever its name.

use std::path::Path;

use encoding_rs::Encoding;

use crate::error::{Error, shell_word};
use crate::io;

/// The number of bytes at the start of a file that show its type.
pub const START_BYTES: usize = 8192;

/// The type of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileType {
    /// Text, in any encoding.
    Text,
    Html,
    Epub,
    Gzip,
    Zstandard,
    /// A known type that is not read.
    Other(Other),
    /// An unknown type: it contains zero bytes, which no text contains.
    Binary,
}

/// A type of file that is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other {
    /// The type with its article: "a PDF".
    pub name: &'static str,
    /// What the user can do, where `{file}` is the file and `{text}` a name for its text.
    hint: &'static str,
}

const PANDOC: &str = "convert it: pandoc {file} -t plain --wrap=none -o {text}";
const OFFICE: &str = "convert it: soffice --headless --convert-to txt:Text {file}";
const EBOOK: &str = "convert it: ebook-convert {file} {text}";
const PICTURE: &str = "if it shows a text: tesseract {file} stdout >{text}";
const RECORDING: &str = "a program for speech recognition can transcribe it";
const TENSORS: &str = "give the text that it was made from";
const TEXT: &str = "give a text file";

/// Types of files, each with the offset of the bytes that mark it; `?` stands for any byte.
const MARKS: [(usize, &[u8], &str, &str); 64] = [
    (0, b"%PDF-", "a PDF", "convert it: pdftotext {file} {text}"),
    (0, b"{\\rtf", "an RTF document", PANDOC),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a Word, Excel or PowerPoint file from before 2007", OFFICE),
    (0, b"%!PS", "a PostScript document", "convert it: ps2ascii {file} {text}"),
    (0, b"AT&TFORM", "a DjVu document", "convert it: djvutxt {file} {text}"),
    (60, b"BOOKMOBI", "a Kindle book", EBOOK),
    (60, b"TEXtREAd", "a Palm book", EBOOK),
    (0, b"ITOLITLS", "a Microsoft Reader book", EBOOK),
    (0, b"ITSF?\0", "a Windows help file", EBOOK),
    (0, b"bplist00", "a property list", TEXT),
    (
        0,
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer",
        "get the file itself: git lfs pull -I {file}",
    ),
    // Archives and compression.
    (257, b"ustar", "a tar archive", "give the texts in it: tar -xf {file}"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", "give the texts in it: 7z x {file}"),
    (0, b"Rar!\x1a\x07", "a RAR archive", "give the texts in it: unrar x {file}"),
    (0, b"!<arch>\n", "an ar archive", "give the texts in it: ar x {file}"),
    (0, b"MSCF\0\0\0\0", "a cabinet archive", "give the texts in it: cabextract {file}"),
    (0, b"\xfd7zXZ\0", "an xz file", "decompress it: xz -dc {file} >{text}"),
    (0, b"BZh?1AY&SY", "a bzip2 file", "decompress it: bzip2 -dc {file} >{text}"),
    (0, b"LZIP\x01", "an lzip file", "decompress it: lzip -dc {file} >{text}"),
    (0, b"\x04\x22\x4d\x18", "an LZ4 file", "decompress it: lz4 -dc {file} >{text}"),
    (0, b"\x1f\x9d", "a compress (.Z) file", "decompress it: gzip -dc {file} >{text}"),
    // Pictures.
    (0, b"\x89PNG", "a picture (PNG)", PICTURE),
    (0, b"\xff\xd8\xff", "a picture (JPEG)", PICTURE),
    (0, b"GIF87a", "a picture (GIF)", PICTURE),
    (0, b"GIF89a", "a picture (GIF)", PICTURE),
    (0, b"RIFF????WEBP", "a picture (WebP)", PICTURE),
    (0, b"II*\0", "a picture (TIFF)", PICTURE),
    (0, b"MM\0*", "a picture (TIFF)", PICTURE),
    (0, b"BM????\0\0\0\0", "a picture (BMP)", PICTURE),
    (0, b"\0\0\x01\0", "a picture (icon)", PICTURE),
    (0, b"8BPS\0", "a picture (Photoshop)", PICTURE),
    (0, b"\0\0\0\x0cjP  ", "a picture (JPEG 2000)", PICTURE),
    (0, b"\0\0\0?ftypavif", "a picture (AVIF)", PICTURE),
    (0, b"\0\0\0?ftyphei", "a picture (HEIF)", PICTURE),
    (0, b"\0\0\0?ftypmif1", "a picture (HEIF)", PICTURE),
    // Sound and video.
    (0, b"\0\0\0?ftypM4A", "a sound file (M4A)", RECORDING),
    (0, b"\0\0\0?ftyp", "a video (MP4)", RECORDING),
    (0, b"ID3?\0", "a sound file (MP3)", RECORDING),
    (0, b"\xff\xfb", "a sound file (MP3)", RECORDING),
    (0, b"\xff\xf3", "a sound file (MP3)", RECORDING),
    (0, b"fLaC\0", "a sound file (FLAC)", RECORDING),
    (0, b"OggS\0", "a sound file (Ogg)", RECORDING),
    (0, b"RIFF????WAVE", "a sound file (WAV)", RECORDING),
    (0, b"RIFF????AVI ", "a video (AVI)", RECORDING),
    (0, b"FORM????AIFF", "a sound file (AIFF)", RECORDING),
    (0, b"MThd\0", "a MIDI file", TEXT),
    (0, b"\x1aE\xdf\xa3", "a video (Matroska or WebM)", RECORDING),
    // Programs and fonts.
    (0, b"\x7fELF", "a program", TEXT),
    (0, b"\xfe\xed\xfa\xce", "a program", TEXT),
    (0, b"\xfe\xed\xfa\xcf", "a program", TEXT),
    (0, b"\xce\xfa\xed\xfe", "a program", TEXT),
    (0, b"\xcf\xfa\xed\xfe", "a program", TEXT),
    (0, b"\xca\xfe\xba\xbe", "a program", TEXT),
    (0, b"\0asm", "a program", TEXT),
    (0, b"wOF?", "a font", TEXT),
    (0, b"OTTO\0", "a font", TEXT),
    (0, b"\0\x01\0\0\0", "a font", TEXT),
    // Data.
    (0, b"SQLite format 3\0", "an SQLite database", "get the text out: sqlite3 {file} 'SELECT …' >{text}"),
    (0, b"PAR1\x15", "a Parquet table", "write it as CSV or JSON Lines, and read that with --column"),
    (0, b"ARROW1\0", "an Arrow table", "write it as CSV or JSON Lines, and read that with --column"),
    (0, b"\x89HDF", "an HDF5 file", TEXT),
    (0, b"\x93NUMPY", "a NumPy array", TENSORS),
    (0, b"GGUF?\0", "a model (GGUF)", TENSORS),
    (0, b"\x80\x02", "a Python pickle", TENSORS),
];

/// Names in zip archives that show the type of the whole. The contents of most are compressed, but not the names.
const ZIPS: [(&[u8], &str, &str); 10] = [
    (b"word/", "a Word document", PANDOC),
    (b"xl/", "an Excel table", "save it as CSV, and read that with --column"),
    (b"ppt/", "a PowerPoint presentation", OFFICE),
    (b"application/vnd.oasis.opendocument.text", "an OpenDocument text", PANDOC),
    (
        b"application/vnd.oasis.opendocument.spreadsheet",
        "an OpenDocument table",
        "save it as CSV, and read that with --column",
    ),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file", OFFICE),
    (b"Index/Document.iwa", "a Pages document", "export it as plain text"),
    (b"/data.pkl", "a model (PyTorch)", TENSORS),
    (b".npy", "a file of NumPy arrays", TENSORS),
    (b"META-INF/MANIFEST.MF", "a program", TEXT),
];

impl FileType {
    /// Recognizes a file by its first [`START_BYTES`] bytes, or all if it has fewer.
    pub fn of(start: &[u8]) -> Self {
        let start = &start[..start.len().min(START_BYTES)];
        if start.starts_with(b"\x1f\x8b") {
            return Self::Gzip;
        }
        // A frame, and a skippable frame, with which some compressors begin.
        if start.starts_with(b"\x28\xb5\x2f\xfd") || matches!(start, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]) {
            return Self::Zstandard;
        }
        if start.starts_with(b"PK\x03\x04") || start.starts_with(b"PK\x05\x06") {
            return zip(start);
        }
        if let Some((.., name, hint)) = MARKS.iter().find(|(at, mark, ..)| has_mark(start, *at, mark)) {
            return Self::Other(Other { name, hint });
        }
        if let Some(name) = tensors(start) {
            return Self::Other(Other { name, hint: TENSORS });
        }
        let has_zero = start.contains(&0);
        if has_zero && start.starts_with(b"MZ") {
            return Self::Other(Other { name: "a program", hint: TEXT });
        }
        if has_zero && !is_wide(start) {
            return Self::Binary;
        }
        if is_html(start) { Self::Html } else { Self::Text }
    }

    /// Whether a file of this type must be read as a whole to find its text.
    pub fn is_document(self) -> bool {
        matches!(self, Self::Html | Self::Epub)
    }

    pub fn is_compressed(self) -> bool {
        matches!(self, Self::Gzip | Self::Zstandard)
    }

    /// Whether a file of this type holds a text that can be read.
    pub fn is_read(self) -> bool {
        self.is_document() || self == Self::Text || self.is_compressed()
    }

    /// The error for a file of a type that is not read, or None for text and for binary data of an unknown type.
    pub fn refusal(&self, path: &Path) -> Option<Error> {
        let other = match self {
            Self::Text | Self::Html | Self::Epub | Self::Binary => return None,
            Self::Other(other) => *other,
            Self::Gzip => Other { name: "a gzip file", hint: "decompress it: gzip -dc {file} >{text}" },
            Self::Zstandard => Other { name: "a Zstandard file", hint: "decompress it: zstd -dc {file} >{text}" },
        };
        Some(other.error(path))
    }
}

impl Other {
    fn error(&self, path: &Path) -> Error {
        let is_named = !io::is_stream(path);
        let file = if is_named { shell_word(path) } else { "FILE".into() };
        let text = if is_named { shell_word(path.with_extension("txt")) } else { "FILE.txt".into() };
        let hint = self.hint.replace("{file}", &file).replace("{text}", &text);
        Error::invalid(format!("{}, not plain text", self.name)).hint(hint)
    }
}

fn has_mark(start: &[u8], at: usize, mark: &[u8]) -> bool {
    let found = start.get(at..at + mark.len());
    found.is_some_and(|found| found.iter().zip(mark).all(|(byte, expected)| *expected == b'?' || byte == expected))
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn zip(start: &[u8]) -> FileType {
    if contains(start, b"application/epub+zip") || contains(start, b"META-INF/container.xml") {
        return FileType::Epub;
    }
    let found = ZIPS.iter().find(|(mark, ..)| contains(start, mark));
    let (name, hint) =
        found.map_or(("a zip archive", "give the texts in it: unzip {file}"), |(_, name, hint)| (name, hint));
    FileType::Other(Other { name, hint })
}

/// Returns the kind of a safetensors file: the size of its header as eight bytes, then the header, in JSON. Our own
/// files have their metadata first.
fn tensors(start: &[u8]) -> Option<&'static str> {
    let (size, header) = start.split_first_chunk::<8>()?;
    if u64::from_le_bytes(*size) > 100_000_000 || !header.starts_with(b"{\"") {
        return None;
    }
    let kinds: [(&[u8], _); 4] = [
        (b"\"prep\":", "a token file"),
        (b"\"training\":", "a model"),
        (b"\"progress\":", "a checkpoint"),
        (b"\"rnn_state\":", "a state file"),
    ];
    Some(kinds.iter().find(|(name, _)| contains(header, name)).map_or("a safetensors file", |(_, kind)| kind))
}

/// Returns whether a text with zero bytes is in UTF-16 or UTF-32: it has a byte order mark, or the zeros are at the
/// same places of most pairs or quadruples.
fn is_wide(start: &[u8]) -> bool {
    if Encoding::for_bom(start).is_some() || start.starts_with(b"\0\0\xfe\xff") {
        return true;
    }
    let zeros = |from: usize| start.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (zeros(0), zeros(1), start.len() / 2);
    let is_utf16 = even.min(odd) == 0 && even.max(odd) * 4 > half;
    let is_utf32 = even.min(odd) * 4 > half && even.max(odd) * 10 > half * 9;
    half >= 4 && (is_utf16 || is_utf32)
}

/// Returns whether a document begins like an HTML page. A Markdown file may begin with other tags.
fn is_html(start: &[u8]) -> bool {
    let text = match Encoding::for_bom(start) {
        Some((encoding, length)) => encoding.decode_without_bom_handling(&start[length..]).0,
        None => String::from_utf8_lossy(start),
    };
    let text = text.to_ascii_lowercase();
    let mut rest = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    while let Some(comment) = rest.strip_prefix("<!--") {
        let Some((_, after)) = comment.split_once("-->") else { return false };
        rest = after.trim_start();
    }
    let is_xhtml = rest.starts_with("<?xml") && rest.contains("<html");
    is_xhtml || ["<!doctype html", "<html", "<head>", "<body"].iter().any(|tag| rest.starts_with(tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(start: &[u8]) -> &'static str {
        match FileType::of(start) {
            FileType::Other(other) => other.name,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn texts_are_texts() {
        let utf16: Vec<u8> = "Bell. The ferry\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let utf32: Vec<u8> = "Bell. Ferry ж\n".chars().flat_map(|c| (c as u32).to_be_bytes()).collect();
        let texts: [&[u8]; 11] = [
            b"",
            b"Mz. Bell",
            b"BM is what they called him.",
            b"ID3 is an algorithm. The ftyp",
            b"<h1 align=center>Project</h1>",
            b"1\n00:00:01,000 --> 00:00:02,000\nHello.\n",
            b"\\documentclass{article}",
            b"\xff\xfea\0b\0",
            b"caf\xe9 \x1b[1m",
            &utf16,
            &utf32,
        ];
        for text in texts {
            assert_eq!(FileType::of(text), FileType::Text, "{text:?}");
        }
        for page in
            ["\u{feff}\n<!DOCTYPE HTML>", "<!-- saved --> <html>", "<?xml version='1.0'?><html>", "<HTML lang=x>"]
        {
            assert_eq!(FileType::of(page.as_bytes()), FileType::Html, "{page}");
            let wide: Vec<u8> = format!("\u{feff}{page}").encode_utf16().flat_map(u16::to_be_bytes).collect();
            assert_eq!(FileType::of(&wide), FileType::Html, "{page}");
        }
    }

    #[test]
    fn other_files_are_named() {
        assert_eq!(FileType::of(b"a text with\0 a zero"), FileType::Binary);
        assert_eq!(name(b"%PDF-1.4\n"), "a PDF");
        assert_eq!(name(b"BZh91AY&SY"), "a bzip2 file");
        assert_eq!(name(b"RIFF\x10\0\0\0WAVEfmt "), "a sound file (WAV)");
        assert_eq!(name(b"PK\x03\x04\x14\0word/document.xml"), "a Word document");
        assert_eq!(name(b"PK\x03\x04\x14\0a.txt"), "a zip archive");
        assert_eq!(name(b"MZ\x90\0\x03"), "a program");
        assert_eq!(name(&[&[0; 257][..], b"ustar"].concat()), "a tar archive");
        assert_eq!(name(b"\x20\0\0\0\0\0\0\0{\"__metadata__\":{\"prep\":\"\"}}"), "a token file");
        assert_eq!(FileType::of(b"PK\x03\x04mimetypeapplication/epub+zip"), FileType::Epub);
    }

    #[test]
    fn hints_name_the_file() {
        let FileType::Other(pdf) = FileType::of(b"%PDF-1.7") else { panic!() };
        let hint = |path: &str| pdf.error(Path::new(path)).hint_text().unwrap().to_string();
        assert_eq!(hint("a/my book.pdf"), "convert it: pdftotext 'a/my book.pdf' 'a/my book.txt'");
        assert_eq!(hint("-"), "convert it: pdftotext FILE FILE.txt");
    }
}
