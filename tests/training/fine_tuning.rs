//! Fine-tuning a model, and freezing parts of it.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use rnn_tools::model::{ModelFile, Tensor};

use super::shell::sh;
use super::{TINY, write_text};

fn tensors(folder: &Path) -> HashMap<String, Tensor> {
    ModelFile::read(folder).unwrap().tensors
}

#[test]
fn a_model_is_fine_tuned_on_other_text_with_new_words() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    fs::write(at.join("other"), "The fish swam. The cat saw the fish, and the dog saw the cat. ".repeat(60)).unwrap();
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    sh(at, "rnn-prep other -o b.tokens -q").succeeds();
    sh(at, &format!("rnn-train a.tokens {TINY} --num-layers 2 -o a")).succeeds();
    let still = "--learning-rate 1e-12 --weight-decay 0 --average 0 --batch-size 4 --epochs 1 -q";

    // The same vocabulary: the weights hardly change, and the shape comes from the model.
    sh(at, &format!("rnn-train a.tokens --from a {still} -o same")).succeeds();
    let (before, after) = (tensors(&at.join("a")), tensors(&at.join("same")));
    for (name, tensor) in &before {
        let off = tensor.data.iter().zip(&after[name].data).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(off < 1e-6, "{name} {off}");
    }
    sh(at, "rnn-train a.tokens --from a --hidden-size 16 --num-layers 1 -o b")
        .fails(1, "--from keeps the model's shape: --hidden-size is 8, not 16; --num-layers is 2, not 1");

    // A larger vocabulary: old words keep their rows.
    sh(at, "rnn-train b.tokens --from a -o b").fails(1, "3 tokens that are not in the vocabulary of 'a'");
    sh(at, "rnn-train b.tokens --grow-vocab -o b").fails(2, "--from");
    assert!(!at.join("b").exists());
    sh(at, &format!("rnn-train b.tokens --from a --grow-vocab {still} --max-steps 2 -o b")).succeeds();
    sh(at, "rnn-train b.tokens --resume -q -o b").succeeds();
    let (old, new) = (ModelFile::read(&at.join("a")).unwrap(), ModelFile::read(&at.join("b")).unwrap());
    assert_eq!(new.tokenizer.len(), old.tokenizer.len() + 3);
    let row = |file: &ModelFile, word: &str| {
        let id = file.tokenizer.id(word).unwrap() as usize;
        file.tensors["embedding.weight"].data[id * 8..][..8].to_vec()
    };
    for word in ["cat", "The", "ran"] {
        let pairs = row(&old, word).into_iter().zip(row(&new, word));
        assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() < 1e-6), "{word}");
    }
    assert!(new.training.val_loss < 5.0, "{}", new.training.val_loss);

    sh(at, "rnn-prep --level char other -o c.tokens -q").succeeds();
    sh(at, "rnn-train c.tokens --from a --grow-vocab -o c").fails(1, "at a different level");
}

#[test]
fn frozen_parts_do_not_change_until_they_are_unfrozen() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    write_text(at);
    sh(at, "rnn-prep text -o a.tokens -q").succeeds();
    sh(at, &format!("rnn-train a.tokens {TINY} --average 0 -r 1 -o a")).succeeds();
    let go_on = "rnn-train a.tokens --from a --average 0 --batch-size 4 --seq-length 10 -q -r 2";
    let before = tensors(&at.join("a"));
    // The weights are tied: the embedding is also the output weight. Weight decay is on.
    sh(at, &format!("{go_on} --epochs 2 --freeze embedding -o frozen")).succeeds();
    let frozen = tensors(&at.join("frozen"));
    assert_eq!(frozen["embedding.weight"], before["embedding.weight"]);
    assert_ne!(frozen["lstm.weight_hh_l0"], before["lstm.weight_hh_l0"]);
    sh(at, &format!("{go_on} --epochs 3 --freeze embedding:1,lstm -o thawed")).succeeds();
    let thawed = tensors(&at.join("thawed"));
    assert_ne!(thawed["embedding.weight"], before["embedding.weight"]);
    assert_eq!(thawed["lstm.weight_hh_l0"], before["lstm.weight_hh_l0"]);
    // Stopped during the frozen epoch and after it, then resumed: the result is the same.
    for (arguments, steps) in [(go_on, 3), ("rnn-train a.tokens --resume -q", 30)] {
        let rest = if steps == 3 { "--epochs 3 --freeze embedding:1,lstm" } else { "" };
        sh(at, &format!("{arguments} {rest} --max-steps {steps} -o parts")).succeeds();
    }
    sh(at, "rnn-train a.tokens --resume -q -o parts").succeeds();
    assert_eq!(tensors(&at.join("parts")), thawed);
    let ran = sh(at, &format!("{go_on} --freeze lstm.3 -o b"));
    ran.fails(2, "--freeze lstm.3");
    assert!(ran.stderr.contains("embedding, lstm.0"), "{ran:?}");
}
