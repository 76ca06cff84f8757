//! Fine-tuning: the model of `--from`, optionally with a larger vocabulary.

use std::collections::HashMap;
use std::path::Path;

use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::format::{count, plural};
use rnn_tools::model::{Config, ModelFile, Tensor};
use rnn_tools::text::Tokenizer;

/// Reads a model to fine-tune, and converts the token file to its vocabulary. If `grow` is set, tokens that the model
/// does not know are added to its vocabulary and tensors.
pub fn read(path: &Path, file: &mut TokenFile, grow: bool) -> Result<ModelFile> {
    let mut model = ModelFile::read(path)?;
    if model.tokenizer.pre_tokenizer() != file.tokenizer.pre_tokenizer() {
        return Err(Error::failure(format!(
            "{} tokenizes text at a different level from the token file",
            quoted(path)
        ))
        .hint(format!("make a token file for it with rnn-prep --vocab {}", quoted(path))));
    }
    let grown = model.tokenizer.extended(&file.tokenizer);
    let new = grown.len() - model.tokenizer.len();
    if new > 0 && !grow {
        let first = grown.piece(model.tokenizer.len() as u32);
        return Err(Error::failure(format!(
            "the token file has {} not in the vocabulary of {}, {first:?} among them",
            plural(new, "token that is", "tokens that are"),
            quoted(path)
        ))
        .hint(format!("--grow-vocab adds them; rnn-prep --vocab {} leaves them out", quoted(path))));
    }
    if new > 0 {
        log::info!(
            "added {} to the {} of {}",
            plural(new, "token", "tokens"),
            count(model.tokenizer.len()),
            quoted(path)
        );
        model.config.vocab_size = grown.len();
        grow_tensors(&mut model.tensors, &model.config);
        model.tokenizer = grown;
    }
    adopt(file, model.tokenizer.clone());
    Ok(model)
}

/// Converts the token file to another vocabulary, and drops its word vectors.
pub fn adopt(file: &mut TokenFile, tokenizer: Tokenizer) {
    if file.embeddings.take().is_some() {
        log::info!("ignoring the word vectors of the token file: the model has its own");
    }
    file.remap(tokenizer);
}

/// Appends rows to each tensor that has fewer than its shape in `config`. The new rows are the mean of the existing
/// ones.
fn grow_tensors(tensors: &mut HashMap<String, Tensor>, config: &Config) {
    for (name, shape) in config.tensors() {
        let tensor = tensors.get_mut(&name).expect("a model file has every tensor of its config");
        let (rows, wanted) = (tensor.shape[0], shape[0]);
        if rows == 0 || rows == wanted {
            continue;
        }
        let width = tensor.data.len() / rows;
        let mut mean = vec![0.0f64; width];
        for row in tensor.data.chunks_exact(width) {
            mean.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x) / rows as f64);
        }
        let mean: Vec<f32> = mean.into_iter().map(|x| x as f32).collect();
        (rows..wanted).for_each(|_| tensor.data.extend(&mean));
        tensor.shape = shape;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_rows_stay_and_new_rows_are_their_mean() {
        let tokenizer = Tokenizer::numbered(40);
        for (tie_weights, cutoffs) in [(true, vec![]), (false, vec![]), (false, vec![10, 30])] {
            let config = Config {
                vocab_size: 40,
                embedding_size: 16,
                hidden_size: 16,
                num_layers: 1,
                tie_weights,
                cutoffs,
                ..Config::default()
            };
            let old = ModelFile::random(config.clone(), tokenizer.clone(), 3);
            let grown = Config { vocab_size: 43, ..config };
            let mut tensors = old.tensors.clone();
            grow_tensors(&mut tensors, &grown);
            for (name, shape) in grown.tensors() {
                let (now, before) = (&tensors[&name], &old.tensors[&name]);
                assert_eq!((&now.shape, now.data.len()), (&shape, shape.iter().product::<usize>()), "{name}");
                assert_eq!(now.data[..before.data.len()], before.data, "{name}");
            }
            let embedding = &tensors["embedding.weight"].data;
            let mean = (0..40).map(|row| embedding[row * 16 + 5]).sum::<f32>() / 40.0;
            assert!((embedding[41 * 16 + 5] - mean).abs() < 1e-6);
        }
    }
}
