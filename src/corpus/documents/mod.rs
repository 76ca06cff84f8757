//! Files that hold text in another form: recognizes them by their contents, and decompresses them.

mod file_type;
mod zstandard;

use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use crate::corpus::content::MAX_BYTES;
use crate::error::{Error, Result};

use zstandard::ZstandardReader;

pub use file_type::{FileType, START_BYTES};

/// Returns a reader of the decompressed contents of a file, or the same reader if its type is not that of a compressed
/// file.
pub fn decompressed<'r>(reader: Box<dyn Read + Send + 'r>, file_type: FileType) -> Box<dyn Read + Send + 'r> {
    match file_type {
        FileType::Gzip => Box::new(MultiGzDecoder::new(reader)),
        FileType::Zstandard => Box::new(ZstandardReader::new(reader)),
        _ => reader,
    }
}

/// Returns the bytes of the text in a file, which may be compressed. Fails, with what the file is, if it is of another
/// type, or if its text is too large for a book.
pub fn unpack<'b>(bytes: &'b [u8], path: &Path) -> Result<Cow<'b, [u8]>> {
    let file_type = FileType::of(bytes);
    let unpacked = if file_type.is_compressed() {
        let mut text = Vec::new();
        let read = decompressed(Box::new(bytes), file_type).take(MAX_BYTES + 1).read_to_end(&mut text);
        read.map_err(|e| Error::invalid(format!("cannot decompress it: {e}")))?;
        if text.len() as u64 > MAX_BYTES {
            let reason = format!("more than {} MB when decompressed, too large for a book", MAX_BYTES / 1_000_000);
            return Err(Error::invalid(reason));
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
        for other in [gzip(&gzip(&text)), gzip(b"%PDF-1.7\n"), b"PK\x03\x04".into(), b"<!doctype html><p>x".into()] {
            assert!(unpack(&other).unwrap_err().hint_text().is_some());
        }
        assert!(unpack(&members[..members.len() - 3]).unwrap_err().to_string().contains("decompress"));
        assert!(unpack(&gzip(&vec![b' '; MAX_BYTES as usize + 1])).unwrap_err().to_string().contains("too large"));
    }
}
