//! Stores the n-gram model as tensors of the model file.

use safetensors::tensor::Dtype;

use super::{Ngram, TrieLevel};
use crate::container::{Container, TensorData};
use crate::error::{Error, Result};

const WEIGHTS: &str = "ngram.shares";

fn name(length: usize, part: &str) -> String {
    format!("ngram.{length}.{part}")
}

pub fn entries(ngram: &Ngram) -> Vec<TensorData> {
    let floats = |name: String, row: &[f32]| TensorData::f32(name, vec![row.len()], row);
    let integers = |name: String, row: &[u32]| TensorData {
        name,
        dtype: Dtype::U32,
        shape: vec![row.len()],
        data: row.iter().flat_map(|x| x.to_le_bytes()).collect(),
    };
    let mut entries = vec![floats(WEIGHTS.into(), &ngram.weights)];
    for (index, level) in ngram.levels.iter().enumerate() {
        let length = index + 1;
        entries.push(floats(name(length, "discounts"), &level.discounts));
        entries.push(integers(name(length, "tokens"), &level.tokens));
        entries.push(integers(name(length, "counts"), &level.counts));
        if length < ngram.order() {
            entries.push(integers(name(length, "children"), &level.children));
        }
    }
    entries
}

/// Reads the n-gram model, if the file contains one. The caller must check it against the vocabulary.
pub fn from_container(file: &Container) -> Result<Option<Ngram>> {
    if !file.contains(WEIGHTS) {
        return Ok(None);
    }
    let weights = file.read_vec(WEIGHTS)?;
    let integers = |name: String| file.read_vec::<u32>(&name);
    let levels = (1..=weights.len()).map(|length| {
        let discounts: Vec<f32> = file.read_vec(&name(length, "discounts"))?;
        Ok(TrieLevel {
            tokens: integers(name(length, "tokens"))?,
            counts: integers(name(length, "counts"))?,
            children: if length < weights.len() { integers(name(length, "children"))? } else { Vec::new() },
            discounts: discounts
                .try_into()
                .map_err(|_| Error::invalid("the n-gram model is damaged: a level does not have three discounts"))?,
        })
    });
    let levels = levels.collect::<Result<_>>()?;
    Ok(Some(Ngram { levels, weights }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container;

    #[test]
    fn a_written_model_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        for order in 1..4 {
            let mut ngram = Ngram::count(&[1, 2, 3, 1, 2, 4, 1, 1], 6, order);
            ngram.weights = vec![0.25; order];
            container::write(&path, &[], &entries(&ngram)).unwrap();
            let bytes = std::fs::read(&path).unwrap();
            let again = from_container(&Container::parse(&bytes, "test").unwrap()).unwrap().unwrap();
            again.check(6).unwrap();
            assert_eq!(again, ngram);
        }
    }
}
