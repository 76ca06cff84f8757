//! Reads a file as text: validates UTF-8, decodes other encodings, rejects NUL, counts and hashes its bytes.

use std::fs::File;
use std::io::{Cursor, Read};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use rnn_tools::corpus::cleaning::{self, Counts, Kinds};
use rnn_tools::corpus::documents::{self, Declared, FileType, MAX_BYTES, START_BYTES};
use rnn_tools::corpus::encoding::{self, Charset, Decoder, Recognized};
use rnn_tools::dataset::Source;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::format::hex;
use rnn_tools::io;

use crate::inputs::Input;

/// The number of bytes read at a time.
const CHUNK: usize = 1 << 18;

/// The number of bytes in which an encoding is recognized.
const SAMPLE: usize = 1 << 20;

/// The maximum length of a row or line, in bytes; a longer row usually has an unclosed quotation mark.
pub const MAX_ROW_BYTES: usize = 64 << 20;

/// A reader of a text file.
pub struct TextReader {
    pub input: Input,
    reader: Box<dyn Read + Send>,
    lossy: bool,
    file: Arc<Mutex<FileHash>>,
    /// The number of bytes read, after decompression.
    bytes: usize,
    /// The bytes of an incomplete character of UTF-8.
    pending: Vec<u8>,
    chunk: Vec<u8>,
    pub replaced: usize,
    /// Whether all characters so far are ASCII, so that the encoding is still open.
    is_ascii: bool,
    /// The decoder of an encoding other than UTF-8.
    decoder: Option<(Charset, Decoder)>,
}

impl TextReader {
    /// Opens a file in this encoding, or else in UTF-8 or an encoding that is recognized.
    pub fn open(input: Input, lossy: bool, encoding: Option<Charset>) -> Result<Self> {
        let inner: Box<dyn Read + Send> = if io::is_stream(&input.path) {
            Box::new(io::stdin())
        } else {
            Box::new(File::open(&input.path).map_err(|e| Error::io("open", &input.path, e))?)
        };
        let file = Arc::<Mutex<FileHash>>::default();
        let hashed = HashedReader { inner, file: Arc::clone(&file) };
        let (mut reader, mut file_type) = peeked(Box::new(hashed), &input)?;
        if file_type.is_compressed() {
            (reader, file_type) = peeked(documents::decompressed(reader, file_type), &input)?;
        }
        if let Some(error) = file_type.refusal(&input.path) {
            return Err(error.in_file(&input.path));
        }
        let mut is_open = encoding.is_none();
        let mut encoding = encoding;
        if file_type.is_document() {
            let document = read_document(reader, file_type, &input, encoding)?;
            reader = Box::new(Cursor::new(document.into_bytes()));
            (is_open, encoding) = (false, None);
        }
        let decoder = encoding.filter(|named| named.name() != "UTF-8").map(|named| (named, named.decoder()));
        let (pending, chunk) = (Vec::new(), vec![0; CHUNK]);
        Ok(Self { input, reader, lossy, file, bytes: 0, pending, chunk, replaced: 0, is_ascii: is_open, decoder })
    }

    /// Reads the whole text and cleans it; what is read from now on is the cleaned text.
    pub fn clean(&mut self, kinds: &Kinds) -> Result<Counts> {
        let mut text = String::new();
        while self.read(&mut text)? {
            if text.len() as u64 > MAX_BYTES {
                let reason = format!("more than {} MB, too large for --clean", MAX_BYTES / 1_000_000);
                return Err(Error::file(&self.input.path, reason).hint("it needs the whole text: divide it into books"));
            }
        }
        let (text, counts) = cleaning::clean(&text, kinds);
        self.reader = Box::new(Cursor::new(text.into_bytes()));
        (self.is_ascii, self.decoder) = (false, None);
        Ok(counts)
    }

    /// Appends the next part of the text to `out`, dropping a byte order mark. Returns false at the end of the file.
    pub fn read(&mut self, out: &mut String) -> Result<bool> {
        let start = self.bytes - self.pending.len();
        let mut bytes = std::mem::take(&mut self.pending);
        let mut is_last = !self.fill(&mut bytes)?;
        let result = Ok(!is_last);
        if self.is_ascii && !is_plain(&bytes) {
            is_last |= self.recognize(&mut bytes)?;
        }
        let mut rest = &bytes[..];
        while !rest.is_empty() && self.decoder.is_none() {
            let at = start + bytes.len() - rest.len();
            let (valid, bad) = match std::str::from_utf8(rest) {
                Ok(text) => (text, 0),
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    let valid = std::str::from_utf8(valid).expect("validated above");
                    if error.error_len().is_none() && !is_last {
                        self.pending = after.to_vec();
                        self.push(out, valid, at)?;
                        return result;
                    }
                    (valid, error.error_len().unwrap_or(after.len()))
                }
            };
            self.push(out, valid, at)?;
            rest = &rest[valid.len() + bad..];
            if bad > 0 {
                self.replace_or(out, format!("not UTF-8 text: invalid byte at offset {}", at + valid.len()))?;
            }
        }
        if self.decoder.is_some() {
            self.decode(&bytes, start, is_last, out)?;
        }
        result
    }

    /// Appends the next bytes of the file; returns false at its end.
    fn fill(&mut self, bytes: &mut Vec<u8>) -> Result<bool> {
        let count = loop {
            match self.reader.read(&mut self.chunk) {
                Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
                result => break result.map_err(|e| Error::io("read", &self.input.path, e))?,
            }
        };
        self.bytes += count;
        bytes.extend_from_slice(&self.chunk[..count]);
        Ok(count > 0)
    }

    /// Recognizes the encoding of `bytes`, to which it appends more of the file. Returns whether they reach its end.
    fn recognize(&mut self, bytes: &mut Vec<u8>) -> Result<bool> {
        self.is_ascii = false;
        let mut is_last = false;
        while bytes.len() < SAMPLE && !is_last {
            is_last = !self.fill(bytes)?;
        }
        match encoding::recognize(bytes, None, is_last) {
            Recognized::Text(charset) => {
                log::info!("{}: converted from {}", quoted(&self.input.path), charset.name());
                self.decoder = Some((charset, charset.decoder()));
            }
            Recognized::Unclear(declared) if !self.lossy => {
                return Err(encoding::unclear(declared.as_deref()).in_file(&self.input.path));
            }
            _ => {}
        }
        Ok(is_last)
    }

    /// Appends the text of `bytes`, which begin at offset `at` of the file.
    fn decode(&mut self, bytes: &[u8], at: usize, is_last: bool, out: &mut String) -> Result<()> {
        let Some((charset, mut decoder)) = self.decoder.take() else { return Ok(()) };
        let (mut done, begin) = (0, out.len());
        loop {
            let (count, is_valid) = decoder.decode(&bytes[done..], is_last, out);
            done += count;
            if is_valid {
                break;
            }
            let offset = (at + done).saturating_sub(1);
            self.replace_or(out, format!("not {} text: invalid byte at offset {offset}", charset.name()))?;
        }
        if out[begin..].contains('\0') {
            let text = out.split_off(begin);
            for (i, part) in text.split('\0').enumerate() {
                if i > 0 {
                    self.replace_or(out, format!("not {} text: it contains NUL characters", charset.name()))?;
                }
                out.push_str(part);
            }
        }
        if !is_last {
            self.decoder = Some((charset, decoder));
        }
        Ok(())
    }

    fn push(&mut self, out: &mut String, text: &str, at: usize) -> Result<()> {
        let end = at + text.len();
        let mut text = if at == 0 { text.strip_prefix('\u{feff}').unwrap_or(text) } else { text };
        while let Some(nul) = text.bytes().position(|b| b == 0) {
            out.push_str(&text[..nul]);
            let at = end - text.len() + nul;
            self.replace_or(out, format!("not text: a NUL byte at offset {at}"))?;
            text = &text[nul + 1..];
        }
        out.push_str(text);
        self.is_ascii &= text.is_ascii();
        Ok(())
    }

    fn replace_or(&mut self, out: &mut String, reason: String) -> Result<()> {
        if !self.lossy {
            return Err(Error::file(&self.input.path, reason)
                .hint("--lossy replaces invalid bytes; --encoding NAME reads another encoding"));
        }
        self.replaced += 1;
        out.push('\u{fffd}');
        Ok(())
    }

    /// Returns the name, size and hash of the file.
    pub fn source(&self) -> Source {
        let name = self.input.path.display().to_string();
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        Source { name, bytes: file.bytes, sha256: hex(&file.hash.clone().finalize()) }
    }
}

#[derive(Default)]
struct FileHash {
    hash: Sha256,
    bytes: usize,
}

/// Hashes and counts the bytes of a file as they are read.
struct HashedReader {
    inner: Box<dyn Read + Send>,
    file: Arc<Mutex<FileHash>>,
}

impl Read for HashedReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.hash.update(&buffer[..count]);
        file.bytes += count;
        Ok(count)
    }
}

/// Returns a reader of the same bytes, and the type that they show.
fn peeked(mut reader: Box<dyn Read + Send>, input: &Input) -> Result<(Box<dyn Read + Send>, FileType)> {
    let mut start = Vec::new();
    let read = reader.by_ref().take(START_BYTES as u64).read_to_end(&mut start);
    read.map_err(|e| Error::io("read", &input.path, e))?;
    let file_type = FileType::of(&start);
    Ok((Box::new(Cursor::new(start).chain(reader)), file_type))
}

/// Reads the text of a file that is not read as a stream.
fn read_document(
    reader: Box<dyn Read + Send>,
    file_type: FileType,
    input: &Input,
    encoding: Option<Charset>,
) -> Result<String> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes).map_err(|e| Error::io("read", &input.path, e))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Error::file(&input.path, format!("more than {} MB, too large for a book", MAX_BYTES / 1_000_000)));
    }
    let declared = Declared { encoding: encoding.map(Charset::name), ..Declared::default() };
    let document = documents::convert(&bytes, file_type, declared).map_err(|error| error.in_file(&input.path))?;
    if let Some(kind) = document.kind {
        log::info!("{}: read as {kind}", quoted(&input.path));
    }
    Ok(document.text.text)
}

/// Tests whether bytes are UTF-8, possibly cut inside of a character, without zeros or the escape sequences of ISO-2022-JP.
fn is_plain(bytes: &[u8]) -> bool {
    let is_utf8 = std::str::from_utf8(bytes).map_or_else(|e| e.error_len().is_none(), |_| true);
    is_utf8 && !bytes.contains(&0) && !(bytes.contains(&0x1b) && bytes.windows(2).any(|pair| pair == b"\x1b$"))
}
