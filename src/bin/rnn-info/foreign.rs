//! Describes safetensors files of other programs by their tensors.

use std::collections::{BTreeMap, HashMap};

use safetensors::SafeTensors;
use safetensors::tensor::Dtype;
use serde_json::{Map, Value, json};

/// The number of characters shown of each metadata value.
const MAX_CHARS: usize = 200;

/// Name, type and shape of each tensor, sorted by name.
pub fn tensors(file: &SafeTensors) -> Value {
    let mut all = file.tensors();
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let tensor = |(name, view): &(String, safetensors::tensor::TensorView)| json!({"tensor": name, "dtype": format!("{:?}", view.dtype()), "shape": view.shape()});
    Value::Array(all.iter().map(tensor).collect())
}

/// Names the first tensor with non-finite values, if any.
pub fn damage(file: &SafeTensors) -> Option<String> {
    let is_bad = |view: &safetensors::tensor::TensorView| match view.dtype() {
        Dtype::F32 => view.data().as_chunks::<4>().0.iter().any(|&bytes| !f32::from_le_bytes(bytes).is_finite()),
        Dtype::F64 => view.data().as_chunks::<8>().0.iter().any(|&bytes| !f64::from_le_bytes(bytes).is_finite()),
        _ => false,
    };
    let mut bad: Vec<String> =
        file.tensors().into_iter().filter(|(_, view)| is_bad(view)).map(|(name, _)| name).collect();
    bad.sort();
    bad.first().map(|name| format!("tensor `{name}` contains NaN or infinite values"))
}

pub fn describe(file: &SafeTensors, metadata: &HashMap<String, String>) -> Map<String, Value> {
    let numbers = file.iter().map(|(_, view)| view.shape().iter().product::<usize>()).sum::<usize>();
    let texts: BTreeMap<&str, String> =
        metadata.iter().map(|(name, text)| (name.as_str(), text.chars().take(MAX_CHARS).collect())).collect();
    let mut fields = Map::new();
    fields.insert("looks_like".into(), json!(guess(file)));
    fields.insert("parameters".into(), json!(numbers));
    fields.insert("metadata".into(), json!(texts));
    fields.insert("tensors".into(), tensors(file));
    fields
}

/// The modules that the tensors probably belong to, judging by their shapes and PyTorch names.
fn guess(file: &SafeTensors) -> Vec<String> {
    let shapes: BTreeMap<String, Vec<usize>> =
        file.tensors().into_iter().map(|(name, view)| (name, view.shape().to_vec())).collect();
    let mut found = Vec::new();
    for (name, shape) in &shapes {
        if let Some(module) = name.strip_suffix("weight_hh_l0")
            && let [rows, hidden] = shape[..]
        {
            let kind = match rows / hidden.max(1) {
                4 => "LSTM",
                3 => "GRU",
                _ => "RNN",
            };
            let layers = (0..).take_while(|layer| shapes.contains_key(&format!("{module}weight_hh_l{layer}"))).count();
            let both = if shapes.contains_key(&format!("{name}_reverse")) { ", bidirectional" } else { "" };
            let input = shapes.get(&format!("{module}weight_ih_l0")).and_then(|shape| shape.get(1)).copied();
            let input = input.map_or(String::new(), |input| format!(", input {input}"));
            found.push(format!("`{}`: {kind} of {layers} x {hidden} units{input}{both}", module.trim_end_matches('.')));
        } else if let Some(module) = name.strip_suffix(".weight")
            && let [rows, columns] = shape[..]
            && shapes.get(&format!("{module}.bias")).is_some_and(|bias| *bias == [rows])
        {
            found.push(format!("`{module}`: linear, {columns} to {rows}"));
        } else if let Some(module) = name.strip_suffix(".weight")
            && let [rows, columns] = shape[..]
            && (module.contains("embed") || module.contains("encoder") || module.contains("wte"))
        {
            found.push(format!("`{module}`: embedding of {rows} tokens, {columns} dimensions"));
        }
    }
    const MAX_MODULES: usize = 12;
    if found.len() > MAX_MODULES {
        let more = found.len() - MAX_MODULES;
        found.truncate(MAX_MODULES);
        found.push(format!("and {more} more"));
    }
    found
}
