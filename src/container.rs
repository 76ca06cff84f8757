//! The one container of binary artifacts: safetensors, tensors by name and texts in `__metadata__`.
//!
//! Headers are read by the `safetensors` crate, which checks every size and bound. Writing is done here,
//! in the order in which things are given: the same contents always make the same bytes.

use std::borrow::Cow;
use std::fs::File;
use std::io::Write;
use std::path::Path;

use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde_json::{Map, Value, json};

use crate::error::{Error, Result};
use crate::io;

/// No header is longer; the `safetensors` package has the same bound.
const MOST_HEADER: u64 = 100_000_000;

/// A tensor to be written.
pub struct TensorData {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Little-endian, row-major.
    pub data: Vec<u8>,
}

impl TensorData {
    /// A tensor of 32-bit floats in row-major order.
    pub fn f32(name: impl Into<String>, shape: Vec<usize>, numbers: &[f32]) -> Self {
        let data = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { name: name.into(), dtype: Dtype::F32, shape, data }
    }
}

/// A tensor whose data come later.
pub struct TensorSpec<'a> {
    pub name: &'a str,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Of its data.
    pub bytes: usize,
}

/// Replaces `path` by a container, all or nothing.
pub fn write(path: &Path, metadata: &[(&str, String)], tensors: &[TensorData]) -> Result<()> {
    let outlines: Vec<TensorSpec> = tensors
        .iter()
        .map(|t| TensorSpec { name: &t.name, dtype: t.dtype, shape: t.shape.clone(), bytes: t.data.len() })
        .collect();
    write_with(path, metadata, &outlines, |out| tensors.iter().try_for_each(|tensor| out.write_all(&tensor.data)))
}

/// As [`write`], with the data of all tensors, one after the other, written by `data`: for those that have no
/// room in memory.
pub fn write_with(
    path: &Path,
    metadata: &[(&str, String)],
    tensors: &[TensorSpec],
    data: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<()> {
    let texts: Map<String, Value> = metadata.iter().map(|(name, text)| (name.to_string(), json!(text))).collect();
    let mut header = Map::from_iter([("__metadata__".to_string(), Value::Object(texts))]);
    let mut offset = 0;
    for tensor in tensors {
        let end = offset + tensor.bytes;
        let facts = json!({"dtype": tensor.dtype, "shape": tensor.shape, "data_offsets": [offset, end]});
        header.insert(tensor.name.to_string(), facts);
        offset = end;
    }
    let mut header = Value::Object(header).to_string().into_bytes();
    header.resize(header.len().next_multiple_of(8), b' '); // so that the tensors are aligned
    io::write(path, |out| {
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        data(out)
    })
}

/// A container that has been checked. Of a file only the header is read, and a tensor when it is asked for.
pub struct Container<'a> {
    kind: &'static str,
    header: Metadata,
    /// Where the tensors begin.
    begin: usize,
    source: Storage<'a>,
}

enum Storage<'a> {
    Bytes(Cow<'a, [u8]>),
    File(File),
}

impl Container<'static> {
    /// Reads the header of a file; a stream is read to its end. `kind` says in messages what the file should be.
    ///
    /// The file is read, never mapped: when somebody writes over it while it is being read, that is an error, where a
    /// map would be a signal that kills the program.
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
            let size = u64::from_le_bytes(size).min(MOST_HEADER).min(length - 8) as usize;
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
    /// `kind` says in messages what the bytes should be.
    pub fn parse(bytes: &'a [u8], kind: &'static str) -> Result<Self> {
        let (header, begin) = header(bytes, bytes.len() as u64, kind)?;
        Ok(Self { kind, header, begin, source: Storage::Bytes(bytes.into()) })
    }

    /// A text of the metadata.
    pub fn metadata(&self, name: &str) -> Result<&str> {
        let text = self.header.metadata().as_ref().and_then(|texts| texts.get(name)).map(String::as_str);
        text.ok_or_else(|| Error::invalid(format!("not a {} (no `{name}` in its metadata)", self.kind)))
    }

    pub fn contains(&self, name: &str) -> bool {
        self.header.info(name).is_some()
    }

    /// Type and shape of a tensor.
    pub fn tensor_info(&self, name: &str) -> Result<(Dtype, &[usize])> {
        let info = self.info(name)?;
        Ok((info.dtype, &info.shape))
    }

    fn info(&self, name: &str) -> Result<&TensorInfo> {
        self.header.info(name).ok_or_else(|| Error::invalid(format!("tensor `{name}` is missing")))
    }

    /// A tensor as it is stored: little-endian, row-major.
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

    /// Copies the numbers of a tensor, from number `first`, in the machine's order of bytes. The caller has checked that it
    /// is of that type and large enough.
    pub fn read<T: Element>(&self, name: &str, first: usize, to: &mut [T]) -> Result<()> {
        self.copy(name, first * size_of::<T>(), T::bytes(to))?;
        to.iter_mut().for_each(|number| *number = number.native());
        Ok(())
    }

    /// As [`read`](Self::read), of floats, all of which have to be finite.
    pub fn read_finite(&self, name: &str, first: usize, to: &mut [f32]) -> Result<()> {
        self.read(name, first, to)?;
        // Without a branch for each number.
        match to.iter().fold(true, |finite, x| finite & x.is_finite()) {
            true => Ok(()),
            false => Err(Error::invalid(format!("tensor `{name}` holds numbers that are not finite"))),
        }
    }

    /// Shape and numbers of a whole tensor of floats, all of which have to be finite.
    pub fn read_all_finite(&self, name: &str) -> Result<(Vec<usize>, Vec<f32>)> {
        let (dtype, shape) = self.tensor_info(name)?;
        if dtype != Dtype::F32 {
            return Err(Error::invalid(format!("tensor `{name}` is {dtype:?} {shape:?}, and F32 is needed")));
        }
        let mut numbers = vec![0.0; shape.iter().product()];
        self.read_finite(name, 0, &mut numbers)?;
        Ok((shape.to_vec(), numbers))
    }

    /// A row of numbers.
    pub fn read_vec<T: Element>(&self, name: &str) -> Result<Vec<T>> {
        match self.tensor_info(name)? {
            (dtype, &[length]) if dtype == T::DTYPE => {
                let mut numbers = vec![T::default(); length];
                self.read(name, 0, &mut numbers)?;
                Ok(numbers)
            }
            (dtype, shape) => Err(Error::invalid(format!(
                "tensor `{name}` is {dtype:?} {shape:?}, and a row of {:?} is needed",
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

/// The header of a container and where it ends. `bytes`: at least the header, or all that there is; `length`: of the file
fn header(bytes: &[u8], length: u64, kind: &str) -> Result<(Metadata, usize)> {
    let error = |reason: &dyn std::fmt::Display| Error::invalid(format!("not a {kind} ({reason})"));
    let size = bytes.first_chunk().map(|size| u64::from_le_bytes(*size)).ok_or_else(|| error(&"header too small"))?;
    let end = size.saturating_add(8);
    if size > MOST_HEADER || end > bytes.len() as u64 {
        return Err(error(&"invalid header length"));
    }
    let header: Metadata = serde_json::from_slice(&bytes[8..end as usize]).map_err(|e| error(&e))?;
    if (end - 8).checked_add(8 + header.data_len() as u64) != Some(length) {
        return Err(error(&"incomplete: the file has another length than its header says"));
    }
    Ok((header, end as usize))
}

/// What tensors are made of here.
pub trait Element: Copy + Default {
    const DTYPE: Dtype;

    /// The same place in memory, byte by byte.
    fn bytes(numbers: &mut [Self]) -> &mut [u8];

    /// The number whose bytes were read in little-endian order.
    fn native(self) -> Self;
}

macro_rules! number {
    ($type:ty, $dtype:expr, $convert:expr) => {
        impl Element for $type {
            const DTYPE: Dtype = $dtype;

            fn bytes(numbers: &mut [Self]) -> &mut [u8] {
                // SAFETY: any bytes are a number, and any number is bytes.
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
    use super::*;

    #[test]
    fn reads_back_what_it_wrote_and_writes_the_same_bytes_again() {
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
        let container = Container::parse(&bytes[0], "test").unwrap();
        assert_eq!(container.metadata("ant").unwrap(), "\u{e9}\"\n");
        assert!(container.metadata("bee").is_err());
        assert_eq!(container.tensor_info("b").unwrap(), (Dtype::F32, &[1, 2][..]));
        assert_eq!(container.read_all_finite("b").unwrap().1, [f32::from_le_bytes([1; 4]); 2]);
        assert_eq!(container.read_vec::<u16>("a").unwrap(), [0u16; 0]);
    }
}
