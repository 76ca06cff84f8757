//! Parameters that are not learned, for some epochs or throughout.

use rnn_tools::error::{Error, Result};

/// How many epochs each of the network's parameters is frozen, parallel to them.
pub struct Freeze {
    epochs: Vec<usize>,
}

impl Freeze {
    /// `wanted` are names, or beginnings of names up to a dot, each perhaps with a number of epochs: `embedding:3`.
    /// `names` are those of the parameters.
    pub fn new(names: &[String], wanted: &[String]) -> Result<Self> {
        let mut epochs = vec![0; names.len()];
        for text in wanted {
            let (name, number) = match text.split_once(':') {
                Some((name, number)) => (name, number.parse().ok().filter(|&n| n > 0)),
                None => (text.as_str(), Some(usize::MAX)),
            };
            let number =
                number.ok_or_else(|| Error::usage(format!("--freeze {text}: after the colon a number of epochs")))?;
            let is_meant = |full: &str| full.strip_prefix(name).is_some_and(|r| r.is_empty() || r.starts_with('.'));
            let mut is_any = false;
            for (full, epochs) in names.iter().zip(&mut epochs) {
                if is_meant(full) {
                    (*epochs, is_any) = (number.max(*epochs), true);
                }
            }
            if !is_any {
                return Err(Error::usage(format!("--freeze {name}: the network learns no such part"))
                    .hint(format!("its parts are {}", names.join(", "))));
            }
        }
        if epochs.iter().all(|&epochs| epochs == usize::MAX) {
            return Err(Error::usage("--freeze leaves nothing to be learned"));
        }
        Ok(Self { epochs })
    }

    /// Of each parameter, whether it is learned in an epoch (from 1).
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
    fn names_are_meant_up_to_a_dot() {
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
