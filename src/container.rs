//! The container of all binary files: a safetensors file with JSON strings in its `__metadata__`.
//!
//! The `safetensors` crate parses headers and checks all sizes and bounds. This module writes files itself, in a
//! fixed order, so that equal contents produce equal bytes.
//!
//! The first metadata entry is a checksum: the SHA-256 of the whole file with zeros in place of the checksum's digits.

use std::borrow::Cow;
use std::fs::File;
use std::io::Write;
use std::ops::Range;
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::format::hex;
use crate::io;

/// The maximum size of a header, as in the `safetensors` package.
const MAX_HEADER_BYTES: u64 = 100_000_000;

/// What comes before the digits of the checksum: the size of the header, and this.
const BEFORE_CHECKSUM: &str = r#"{"__metadata__":{"sha256":""#;
/// The place of the checksum's digits in the file.
const CHECKSUM: Range<usize> = 8 + BEFORE_CHECKSUM.len()..8 + BEFORE_CHECKSUM.len() + 64;

/// A tensor to write.
pub struct TensorData {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Little-endian, row-major.
    pub data: Vec<u8>,
}

impl TensorData {
    /// Creates a tensor of 32-bit floats in row-major order.
    pub fn f32(name: impl Into<String>, shape: Vec<usize>, numbers: &[f32]) -> Self {
        Self { name: name.into(), dtype: Dtype::F32, shape, data: f32_bytes(numbers) }
    }
}

/// Returns numbers as little-endian bytes.
pub fn f32_bytes(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// A tensor whose data is written separately.
pub struct TensorSpec<'a> {
    pub name: &'a str,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// The size of the data.
    pub bytes: usize,
}

/// Writes a container to `path` atomically.
pub fn write(path: &Path, metadata: &[(&str, String)], tensors: &[TensorData]) -> Result<()> {
    let specs: Vec<TensorSpec> = tensors
        .iter()
        .map(|t| TensorSpec { name: &t.name, dtype: t.dtype, shape: t.shape.clone(), bytes: t.data.len() })
        .collect();
    write_with(path, metadata, &specs, |out| tensors.iter().try_for_each(|tensor| out.write_all(&tensor.data)))
}

/// Like [`write`], for data that does not fit in memory: `data` writes all tensors consecutively. For a stream or device
/// it is called twice, the first time for the checksum, which comes before the data; in a file the checksum is filled in
/// afterwards.
pub fn write_with(
    path: &Path,
    metadata: &[(&str, String)],
    tensors: &[TensorSpec],
    mut data: impl FnMut(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    let mut header = header_bytes(metadata, tensors);
    let mut hash = Sha256::new_with_prefix(&header);
    if io::is_replaceable(path) {
        return io::write_and_patch(path, |out| {
            out.write_all(&header)?;
            let mut out = Hasher { hash: &mut hash, out };
            data(&mut out)?;
            Ok((CHECKSUM.start as u64, hex(&hash.finalize_reset()).into_bytes()))
        });
    }
    data(&mut Hasher { hash: &mut hash, out: &mut std::io::sink() }).map_err(|e| Error::io("write", path, e))?;
    header[CHECKSUM].copy_from_slice(hex(&hash.finalize()).as_bytes());
    io::write(path, |out| {
        out.write_all(&header)?;
        data(out)
    })
}

/// Returns the header with its size before it and zeros in place of the checksum.
fn header_bytes(metadata: &[(&str, String)], tensors: &[TensorSpec]) -> Vec<u8> {
    let checksum = ("sha256", "0".repeat(CHECKSUM.len()));
    let texts: Map<String, Value> =
        [&checksum].into_iter().chain(metadata).map(|(name, text)| (name.to_string(), json!(text))).collect();
    let mut header = Map::from_iter([("__metadata__".to_string(), Value::Object(texts))]);
    let mut offset = 0;
    for tensor in tensors {
        let end = offset + tensor.bytes;
        let info = json!({"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [offset, end]});
        header.insert(tensor.name.to_string(), info);
        offset = end;
    }
    let mut bytes = vec![0; 8];
    serde_json::to_writer(&mut bytes, &header).expect("a header has a JSON form");
    bytes.resize(bytes.len().next_multiple_of(8), b' '); // so that the tensors are aligned
    let size = (bytes.len() - 8) as u64;
    bytes[..8].copy_from_slice(&size.to_le_bytes());
    bytes
}

/// Hashes what it writes.
struct Hasher<'a> {
    hash: &'a mut Sha256,
    out: &'a mut dyn Write,
}

impl Write for Hasher<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

/// Returns whether the checksum of a file matches its contents; None if it has none, as files of other programs.
pub fn checksum_matches(file: &[u8]) -> Option<bool> {
    let digits = file.get(CHECKSUM)?;
    let before = &file[8..CHECKSUM.start];
    // Either is enough: the other may be damaged.
    if before != BEFORE_CHECKSUM.as_bytes() && !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut hash = Sha256::new_with_prefix(&file[..CHECKSUM.start]);
    hash.update([b'0'; CHECKSUM.end - CHECKSUM.start]);
    hash.update(&file[CHECKSUM.end..]);
    Some(hex(&hash.finalize()).as_bytes() == digits)
}

/// A validated container. Opening a file reads only its header; tensors are read on demand.
pub struct Container<'a> {
    kind: &'static str,
    header: Metadata,
    /// The offset of the first tensor.
    begin: usize,
    source: Storage<'a>,
}

enum Storage<'a> {
    Bytes(Cow<'a, [u8]>),
    File(File),
}

impl Container<'static> {
    /// Opens a file and reads its header; a stream is read to its end. `kind` names the expected file type in messages.
    ///
    /// The file is not memory-mapped: if another process truncates it, a read returns an error, whereas access to
    /// the mapping would kill the program.
    pub fn open(path: &Path, kind: &'static str) -> Result<Self> {
        let file = match io::is_stream(path) {
            true => None,
            false => Some(File::open(path).map_err(|e| Error::io("open", path, e))?),
        };
        let Some((file, length)) = file.and_then(|file| {
            let facts = file.metadata().ok().filter(|facts| facts.is_file())?;
            Some((file, facts.len()))
        }) else {
            let bytes = io::read(path)?;
            let (header, begin) = header(&bytes, bytes.len() as u64, kind).map_err(|e| e.in_file(path))?;
            return Ok(Self { kind, header, begin, source: Storage::Bytes(bytes.into()) });
        };
        let failed = |e| Error::io("read", path, e);
        let mut size = [0; 8];
        let mut bytes = size.to_vec();
        if length >= 8 {
            io::read_at(&file, &mut size, 0).map_err(failed)?;
            let size = u64::from_le_bytes(size).min(MAX_HEADER_BYTES).min(length - 8) as usize;
            bytes.resize(8 + size, 0);
            io::read_at(&file, &mut bytes, 0).map_err(failed)?;
        } else {
            bytes.clear();
        }
        let (header, begin) = header(&bytes, length, kind).map_err(|e| e.in_file(path))?;
        Ok(Self { kind, header, begin, source: Storage::File(file) })
    }
}

impl<'a> Container<'a> {
    /// Parses a container in memory. `kind` names the expected file type in messages.
    pub fn parse(bytes: &'a [u8], kind: &'static str) -> Result<Self> {
        let (header, begin) = header(bytes, bytes.len() as u64, kind)?;
        Ok(Self { kind, header, begin, source: Storage::Bytes(bytes.into()) })
    }

    /// Returns a metadata entry.
    pub fn metadata(&self, name: &str) -> Result<&str> {
        let text = self.header.metadata().as_ref().and_then(|texts| texts.get(name)).map(String::as_str);
        text.ok_or_else(|| Error::invalid(format!("not a {} (no `{name}` in its metadata)", self.kind)))
    }

    pub fn contains(&self, name: &str) -> bool {
        self.header.info(name).is_some()
    }

    /// Returns the type and shape of a tensor.
    pub fn tensor_info(&self, name: &str) -> Result<(Dtype, &[usize])> {
        let info = self.info(name)?;
        Ok((info.dtype, &info.shape))
    }

    /// Fails unless a tensor has this type and shape.
    pub fn check(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<()> {
        match self.tensor_info(name)? {
            found if found == (dtype, shape) => Ok(()),
            found => {
                let (found, its) = found;
                Err(Error::invalid(format!("tensor `{name}` is {found:?} {its:?}, expected {dtype:?} {shape:?}")))
            }
        }
    }

    fn info(&self, name: &str) -> Result<&TensorInfo> {
        self.header.info(name).ok_or_else(|| Error::invalid(format!("tensor `{name}` is missing")))
    }

    /// Returns the stored bytes of a tensor: little-endian, row-major.
    pub fn bytes(&self, name: &str) -> Result<Cow<'_, [u8]>> {
        let (begin, end) = self.info(name)?.data_offsets;
        Ok(match &self.source {
            Storage::Bytes(bytes) => Cow::Borrowed(&bytes[self.begin + begin..self.begin + end]),
            Storage::File(_) => {
                let mut bytes = vec![0; end - begin];
                self.copy(name, 0, &mut bytes)?;
                Cow::Owned(bytes)
            }
        })
    }

    /// Copies elements of a tensor, starting at element `first`, in native byte order. The caller must have checked the
    /// type and size of the tensor.
    pub fn read<T: Element>(&self, name: &str, first: usize, to: &mut [T]) -> Result<()> {
        self.copy(name, first * size_of::<T>(), T::bytes(to))?;
        to.iter_mut().for_each(|number| *number = number.native());
        Ok(())
    }

    /// Like [`read`](Self::read), for floats; fails unless all of them are finite.
    pub fn read_finite(&self, name: &str, first: usize, to: &mut [f32]) -> Result<()> {
        self.read(name, first, to)?;
        // No branch per number.
        match to.iter().fold(true, |finite, x| finite & x.is_finite()) {
            true => Ok(()),
            false => Err(Error::invalid(format!("tensor `{name}` contains NaN or infinite values"))),
        }
    }

    /// Returns the shape and elements of a tensor of floats; fails unless all of them are finite.
    pub fn read_all_finite(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        let (dtype, shape) = self.tensor_info(name)?;
        if dtype != Dtype::F32 {
            return Err(Error::invalid(format!("tensor `{name}` is {dtype:?} {shape:?}, expected F32")));
        }
        let mut numbers = vec![0.0; shape.iter().product()];
        self.read_finite(name, 0, &mut numbers)?;
        Ok((shape.to_vec(), numbers))
    }

    /// Returns the elements of a one-dimensional tensor.
    pub fn read_vec<T: Element>(&self, name: &str) -> Result<Vec<T>> {
        match self.tensor_info(name)? {
            (dtype, &[length]) if dtype == T::DTYPE => {
                let mut numbers = vec![T::default(); length];
                self.read(name, 0, &mut numbers)?;
                Ok(numbers)
            }
            (dtype, shape) => Err(Error::invalid(format!(
                "tensor `{name}` is {dtype:?} {shape:?}, expected one dimension of {:?}",
                T::DTYPE
            ))),
        }
    }

    fn copy(&self, name: &str, offset: usize, to: &mut [u8]) -> Result<()> {
        let info = self.info(name)?;
        let begin = self.begin + info.data_offsets.0 + offset;
        assert!(begin + to.len() <= self.begin + info.data_offsets.1, "a tensor is read within its bounds");
        match &self.source {
            Storage::Bytes(bytes) => to.copy_from_slice(&bytes[begin..begin + to.len()]),
            Storage::File(file) => {
                io::read_at(file, to, begin as u64)
                    .map_err(|e| Error::invalid(format!("tensor `{name}` cannot be read ({e})")))?;
            }
        }
        Ok(())
    }
}

/// Parses a header; returns it and its end. `bytes` contains at least the header if the file does; `length` is the file
/// size.
fn header(bytes: &[u8], length: u64, kind: &str) -> Result<(Metadata, usize)> {
    let error = |reason: &dyn std::fmt::Display| Error::invalid(format!("not a {kind} ({reason})"));
    let size = bytes.first_chunk().map(|size| u64::from_le_bytes(*size)).ok_or_else(|| error(&"header too small"))?;
    let end = size.saturating_add(8);
    if size > MAX_HEADER_BYTES || end > bytes.len() as u64 {
        return Err(error(&"invalid header length"));
    }
    let header: Metadata = serde_json::from_slice(&bytes[8..end as usize]).map_err(|e| error(&e))?;
    if (end - 8).checked_add(8 + header.data_len() as u64) != Some(length) {
        return Err(error(&"incomplete: the file size does not match the header"));
    }
    Ok((header, end as usize))
}

/// An element type of tensors.
pub trait Element: Copy + Default {
    const DTYPE: Dtype;

    /// Returns the memory of `numbers` as bytes.
    fn bytes(numbers: &mut [Self]) -> &mut [u8];

    /// Converts a number read in little-endian order to native byte order.
    fn native(self) -> Self;
}

macro_rules! number {
    ($type:ty, $dtype:expr, $convert:expr) => {
        impl Element for $type {
            const DTYPE: Dtype = $dtype;

            fn bytes(numbers: &mut [Self]) -> &mut [u8] {
                // SAFETY: every byte pattern is a valid number.
                unsafe { numbers.align_to_mut().1 }
            }

            fn native(self) -> Self {
                $convert(self)
            }
        }
    };
}

number!(f32, Dtype::F32, |x: f32| f32::from_bits(u32::from_le(x.to_bits())));
number!(u16, Dtype::U16, u16::from_le);
number!(u32, Dtype::U32, u32::from_le);
number!(i8, Dtype::I8, |x| x);

#[cfg(test)]
mod tests {
    use safetensors::tensor::TensorView;

    use super::*;

    #[test]
    fn written_files_can_be_read_and_are_deterministic() {
        let folder = tempfile::tempdir().unwrap();
        let metadata = [("zebra", "1".to_string()), ("ant", "\u{e9}\"\n".to_string())];
        let entries = || {
            [
                TensorData { name: "b".into(), dtype: Dtype::F32, shape: vec![1, 2], data: vec![1; 8] },
                TensorData { name: "a".into(), dtype: Dtype::U16, shape: vec![0], data: vec![] },
            ]
        };
        let bytes: Vec<Vec<u8>> = ["x", "y"]
            .iter()
            .map(|name| {
                let path = folder.path().join(name);
                write(&path, &metadata, &entries()).unwrap();
                std::fs::read(path).unwrap()
            })
            .collect();
        assert_eq!(bytes[0], bytes[1]);
        assert_eq!(checksum_matches(&bytes[0]), Some(true));
        for place in 0..bytes[0].len() {
            let mut flipped = bytes[0].clone();
            flipped[place] ^= 1;
            assert_eq!(checksum_matches(&flipped), Some(false), "at {place}");
        }
        let other = safetensors::serialize([("a", TensorView::new(Dtype::U8, vec![1], &[7]).unwrap())], None);
        assert_eq!(checksum_matches(&other.unwrap()), None);
        let container = Container::parse(&bytes[0], "test").unwrap();
        assert_eq!(container.metadata("ant").unwrap(), "\u{e9}\"\n");
        assert!(container.metadata("bee").is_err());
        assert_eq!(container.tensor_info("b").unwrap(), (Dtype::F32, &[1, 2][..]));
        assert_eq!(container.read_all_finite("b").unwrap().1, [f32::from_le_bytes([1; 4]); 2]);
        assert_eq!(container.read_vec::<u16>("a").unwrap(), [0u16; 0]);
    }
}
