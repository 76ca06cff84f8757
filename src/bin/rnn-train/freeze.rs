//! `--freeze`: parameters that are not trained, for some epochs or throughout.

use rnn_tools::error::{Error, Result};

/// The number of epochs for which each parameter is frozen, parallel to the network's parameters.
pub struct Freeze {
    epochs: Vec<usize>,
}

impl Freeze {
    /// `names` are the names of the parameters. `wanted` holds names, or prefixes of names up to a dot, each with an
    /// optional number of epochs: `embedding:3`.
    pub fn new(names: &[String], wanted: &[String]) -> Result<Self> {
        let mut epochs = vec![0; names.len()];
        for text in wanted {
            let (name, number) = match text.split_once(':') {
                Some((name, number)) => (name, number.parse().ok().filter(|&n| n > 0)),
                None => (text.as_str(), Some(usize::MAX)),
            };
            let number = number.ok_or_else(|| {
                Error::usage(format!("--freeze {text}: the part after the colon must be a number of epochs"))
            })?;
            let matches = |full: &str| full.strip_prefix(name).is_some_and(|r| r.is_empty() || r.starts_with('.'));
            let mut is_found = false;
            for (full, epochs) in names.iter().zip(&mut epochs) {
                if matches(full) {
                    (*epochs, is_found) = (number.max(*epochs), true);
                }
            }
            if !is_found {
                return Err(Error::usage(format!("--freeze {name}: the network has no such trainable part"))
                    .hint(format!("its trainable parts are {}", names.join(", "))));
            }
        }
        if epochs.iter().all(|&epochs| epochs == usize::MAX) {
            return Err(Error::usage("--freeze leaves nothing to train"));
        }
        Ok(Self { epochs })
    }

    /// Returns for each parameter whether it is trained in an epoch (from 1).
    pub fn learned(&self, epoch: usize) -> Vec<bool> {
        self.epochs.iter().map(|&epochs| epoch > epochs).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn freeze(wanted: &[&str]) -> Result<Freeze> {
        let names = ["embedding", "lstm.0", "lstm.10", "output.weight", "output.bias"].map(String::from);
        Freeze::new(&names, &wanted.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn names_match_up_to_a_dot() {
        let learned = |wanted: &[&str], epoch| freeze(wanted).unwrap().learned(epoch);
        assert_eq!(learned(&[], 1), [true; 5]);
        assert_eq!(learned(&["embedding:2", "lstm"], 2), [false, false, false, true, true]);
        assert_eq!(learned(&["embedding:2", "lstm"], 3), [true, false, false, true, true]);
        assert_eq!(learned(&["output"], 9), [true, true, true, false, false]);
        assert_eq!(learned(&["lstm.1", "lstm.10"][1..], 1), [true, true, false, true, true]);
        for wrong in [&["lstm.1"][..], &["emb"], &["embedding:0"], &["embedding:x"], &["embedding", "lstm", "output"]] {
            assert!(freeze(wrong).is_err(), "{wrong:?}");
        }
    }
}
