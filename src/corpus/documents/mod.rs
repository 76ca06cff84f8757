//! Files that hold text in another form: recognizes them by their contents, decompresses them, and finds their text.

mod epub;
mod file_type;
pub mod html;
mod zstandard;

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::corpus::encoding::{self, Decoded};
use crate::error::{Error, Result};
use crate::format::plural;

use zstandard::ZstandardReader;

pub use file_type::{FileType, START_BYTES};

/// The maximum size of a download, and of a file that is not read as a stream; the longest books are about 10 MB.
pub const MAX_BYTES: u64 = 100_000_000;

/// The encodings that a user and a server name.
#[derive(Clone, Copy, Debug, Default)]
pub struct Declared<'d> {
    /// The name of the encoding that the user requires.
    pub encoding: Option<&'d str>,
    /// The header `Content-Type`.
    pub content_type: Option<&'d str>,
}

/// The text of a file, and what the file is if it is not a text.
pub struct Document {
    pub text: Decoded,
    pub kind: Option<String>,
}

/// Returns a reader of the decompressed contents of a file, or the same reader if its type is not that of a compressed
/// file.
pub fn decompressed<'r>(reader: Box<dyn Read + Send + 'r>, file_type: FileType) -> Box<dyn Read + Send + 'r> {
    match file_type {
        FileType::Gzip => Box::new(MultiGzDecoder::new(reader)),
        FileType::Zstandard => Box::new(ZstandardReader::new(reader)),
        _ => reader,
    }
}

/// Returns the text of a file, which may be compressed. Fails, with what the file is, if it is of a type without text,
/// or if its text is too large for a book.
pub fn read(bytes: &[u8], path: &Path, declared: Declared) -> Result<Document> {
    let bytes = unpack(bytes, path)?;
    let is_page = declared.content_type.is_some_and(is_page);
    match FileType::of(&bytes) {
        FileType::Text if is_page => convert(&bytes, FileType::Html, declared),
        file_type => convert(&bytes, file_type, declared),
    }
}

/// Returns whether a `Content-Type` is that of an HTML page.
pub fn is_page(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or("").trim();
    ["text/html", "application/xhtml+xml"].iter().any(|page| kind.eq_ignore_ascii_case(page))
}

/// Returns the text of a file that is not compressed.
pub fn convert(bytes: &[u8], file_type: FileType, declared: Declared) -> Result<Document> {
    match file_type {
        FileType::Html => {
            let label =
                declared.content_type.and_then(|kind| html::label_after(&kind.to_ascii_lowercase(), "charset="));
            let page = html::decode(bytes, declared.encoding, label.as_deref())?;
            let text = Decoded { text: html::main_text(&page.text), encoding: page.encoding };
            Ok(Document { text, kind: Some("an HTML page".into()) })
        }
        FileType::Epub => {
            let book = epub::read(bytes)?;
            let kind = format!("an EPUB, {}", plural(book.documents, "document", "documents"));
            Ok(Document { text: Decoded { text: book.text, encoding: "UTF-8".into() }, kind: Some(kind) })
        }
        _ => Ok(Document { text: encoding::decode(bytes, declared.encoding)?, kind: None }),
    }
}

fn too_large() -> Error {
    Error::invalid(format!("more than {} MB when decompressed, too large for a book", MAX_BYTES / 1_000_000))
}

fn unpack<'b>(bytes: &'b [u8], path: &Path) -> Result<Cow<'b, [u8]>> {
    let file_type = FileType::of(bytes);
    let unpacked = if file_type.is_compressed() {
        let mut text = Vec::new();
        let read = decompressed(Box::new(bytes), file_type).take(MAX_BYTES + 1).read_to_end(&mut text);
        read.map_err(|e| Error::invalid(format!("cannot decompress it: {e}")))?;
        if text.len() as u64 > MAX_BYTES {
            return Err(too_large());
        }
        Cow::Owned(text)
    } else {
        Cow::Borrowed(bytes)
    };
    FileType::of(&unpacked).refusal(path).map_or(Ok(unpacked), Err)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn compressed_text_is_read_and_other_contents_are_refused() {
        let unpack = |bytes: &[u8]| unpack(bytes, Path::new("a.gz")).map(Cow::into_owned);
        let text = b"the old ferryman\n".repeat(9);
        assert_eq!(unpack(&text).unwrap(), text);
        let members = [gzip(&text[..20]), gzip(&text[20..])].concat();
        assert_eq!(unpack(&members).unwrap(), text);
        for other in [gzip(&gzip(&text)), gzip(b"%PDF-1.7\n"), b"PK\x03\x04".into()] {
            assert!(unpack(&other).unwrap_err().hint_text().is_some());
        }
        assert!(unpack(&members[..members.len() - 3]).unwrap_err().to_string().contains("decompress"));
        assert!(unpack(&gzip(&vec![b' '; MAX_BYTES as usize + 1])).unwrap_err().to_string().contains("too large"));
    }
}
