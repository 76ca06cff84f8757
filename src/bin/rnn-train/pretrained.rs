//! What a training goes on from: a model that has learned before, its vocabulary perhaps grown.

use std::collections::HashMap;
use std::path::Path;

use rnn_tools::dataset::TokenFile;
use rnn_tools::error::{Error, Result, quoted};
use rnn_tools::model::{Config, ModelFile, Tensor};
use rnn_tools::text::Tokenizer;

/// Reads a model to go on from, and gives its vocabulary to the token file. Pieces of the text that the model does not
/// know are added to both where `grow` allows it. What the network begins with comes with the config that it has now.
pub fn read(path: &Path, file: &mut TokenFile, grow: bool) -> Result<ModelFile> {
    let mut model = ModelFile::read(path)?;
    if model.tokenizer.pre_tokenizer() != file.tokenizer.pre_tokenizer() {
        return Err(Error::failure(format!("{} cuts its text at another level than the token file", quoted(path)))
            .hint(format!("rnn-prep --vocab {} makes a token file for it", quoted(path))));
    }
    let grown = model.tokenizer.extended(&file.tokenizer);
    let new = grown.len() - model.tokenizer.len();
    if new > 0 && !grow {
        let first = grown.piece(model.tokenizer.len() as u32);
        return Err(Error::failure(format!(
            "the token file has {new} tokens that are not in the vocabulary of {}, {first:?} among them",
            quoted(path)
        ))
        .hint(format!("--grow-vocab adds them; rnn-prep --vocab {} leaves them out", quoted(path))));
    }
    if new > 0 {
        log::info!("{new} new tokens beside the {} of {}", model.tokenizer.len(), quoted(path));
        model.config.vocab_size = grown.len();
        grow_tensors(&mut model.tensors, &model.config);
        model.tokenizer = grown;
    }
    adopt(file, model.tokenizer.clone());
    Ok(model)
}

/// Gives the token file another vocabulary; word vectors of its own have no place beside it.
pub fn adopt(file: &mut TokenFile, tokenizer: Tokenizer) {
    if file.embeddings.take().is_some() {
        log::info!("the word vectors of the token file are not used: the model has its own");
    }
    file.remap(tokenizer);
}

/// Adds rows at the end of each tensor that has fewer than the shape wants: the mean of those that it has.
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
    fn new_rows_are_the_mean_and_old_ones_stay() {
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
