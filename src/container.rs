//! The one container of binary artifacts: safetensors, tensors by name and texts in `__metadata__`.
//!
//! Reading goes through the `safetensors` crate, which checks every size and bound. Writing is done here,
//! in the order in which things are given: the same contents always make the same bytes.

use std::io::Write;
use std::path::Path;

use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Map, Value, json};

use crate::error::Result;
use crate::io;

/// A tensor to be written.
pub struct Entry {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Little-endian, row-major.
    pub data: Vec<u8>,
}

impl Entry {
    /// A tensor of 32-bit floats in row-major order.
    pub fn floats(name: impl Into<String>, shape: Vec<usize>, numbers: &[f32]) -> Self {
        let data = numbers.iter().flat_map(|x| x.to_le_bytes()).collect();
        Self { name: name.into(), dtype: Dtype::F32, shape, data }
    }
}

/// A tensor whose data come later.
pub struct Outline<'a> {
    pub name: &'a str,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// Of its data.
    pub bytes: usize,
}

/// Replaces `path` by a container, all or nothing.
pub fn write(path: &Path, metadata: &[(&str, String)], tensors: &[Entry]) -> Result<()> {
    let outlines: Vec<Outline> = tensors
        .iter()
        .map(|t| Outline { name: &t.name, dtype: t.dtype, shape: t.shape.clone(), bytes: t.data.len() })
        .collect();
    write_with(path, metadata, &outlines, |out| tensors.iter().try_for_each(|tensor| out.write_all(&tensor.data)))
}

/// As [`write`], with the data of all tensors, one after the other, written by `data`: for those that have no
/// room in memory.
pub fn write_with(
    path: &Path,
    metadata: &[(&str, String)],
    tensors: &[Outline],
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

/// A container that has been read and checked.
pub struct Container<'a> {
    kind: &'static str,
    metadata: std::collections::HashMap<String, String>,
    tensors: SafeTensors<'a>,
}

impl<'a> Container<'a> {
    /// `kind` says in messages what the file should be.
    pub fn parse(bytes: &'a [u8], kind: &'static str) -> std::result::Result<Self, String> {
        let fault = |e: safetensors::SafeTensorError| format!("not a {kind} ({e})");
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(fault)?;
        let metadata = header.metadata().clone().unwrap_or_default();
        Ok(Self { kind, metadata, tensors: SafeTensors::deserialize(bytes).map_err(fault)? })
    }

    /// A text of the metadata.
    pub fn text(&self, name: &str) -> std::result::Result<&str, String> {
        let text = self.metadata.get(name).map(String::as_str);
        text.ok_or_else(|| format!("not a {} (no `{name}` in its metadata)", self.kind))
    }

    pub fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    /// A row of 32-bit numbers, in the form that `from` makes of each four bytes.
    pub fn row<T>(&self, name: &str, dtype: Dtype, from: fn([u8; 4]) -> T) -> std::result::Result<Vec<T>, String> {
        let view = self.tensor(name)?;
        if view.dtype() != dtype || view.shape().len() != 1 {
            return Err(format!(
                "tensor `{name}` is {:?} {:?}, and a row of {dtype:?} is needed",
                view.dtype(),
                view.shape()
            ));
        }
        Ok(view.data().chunks_exact(4).map(|b| from([b[0], b[1], b[2], b[3]])).collect())
    }

    pub fn tensor(&self, name: &str) -> std::result::Result<TensorView<'_>, String> {
        self.tensors.tensor(name).map_err(|_| format!("tensor `{name}` is missing"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_back_what_it_wrote_and_writes_the_same_bytes_again() {
        let folder = tempfile::tempdir().unwrap();
        let metadata = [("zebra", "1".to_string()), ("ant", "\u{e9}\"\n".to_string())];
        let entries = || {
            [
                Entry { name: "b".into(), dtype: Dtype::F32, shape: vec![1, 2], data: vec![1; 8] },
                Entry { name: "a".into(), dtype: Dtype::U16, shape: vec![0], data: vec![] },
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
        assert_eq!(container.text("ant").unwrap(), "\u{e9}\"\n");
        assert!(container.text("bee").is_err());
        let tensor = container.tensor("b").unwrap();
        assert_eq!((tensor.dtype(), tensor.shape(), tensor.data()), (Dtype::F32, &[1, 2][..], &[1u8; 8][..]));
        assert_eq!(container.tensor("a").unwrap().shape(), [0]);
    }
}
