//! The history of a training run: one row per evaluation, as CSV in a file and as JSON lines for a pipe.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::io;

/// The file's name in the folder that `rnn-train -o` writes.
pub const FILE_NAME: &str = "history.csv";

/// One evaluation, at the end of an epoch or within one. The field names follow Keras, and are the names of the CSV
/// columns.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The epoch that ends here or is in progress, counted from 1.
    pub epoch: usize,
    /// Mean cross-entropy on the training part since the last evaluation, with dropout, in nats per token.
    pub loss: f64,
    /// The fraction of training tokens that were predicted correctly, 0 to 1.
    pub accuracy: f64,
    /// The same two on the validation part, without dropout.
    pub val_loss: f64,
    pub val_accuracy: f64,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    /// Wall-clock time since training started.
    pub seconds: f64,
    /// Training speed since the last evaluation, excluding validation.
    pub tokens_per_second: f64,
    /// Optimizer steps since training started; 0 in files without this column.
    #[serde(default)]
    pub step: usize,
}

/// Reads all rows of a history CSV; `-` reads standard input.
pub fn read(path: &Path) -> Result<Vec<Row>> {
    parse(&io::read(path)?).map_err(|e| e.in_file(path))
}

pub fn parse(bytes: &[u8]) -> Result<Vec<Row>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let rows: Vec<Row> = reader.deserialize().collect::<std::result::Result<_, _>>().map_err(|e| {
        Error::invalid(format!("not a training history: {}", one_line(&e))).hint("rnn-train writes one as history.csv")
    })?;
    if rows.is_empty() {
        return Err(Error::invalid("the history has no rows yet"));
    }
    Ok(rows)
}

/// Writes the whole history atomically.
pub fn write(path: &Path, rows: &[Row]) -> Result<()> {
    io::write(path, |out| {
        let mut writer = csv::Writer::from_writer(out);
        for row in rows {
            writer.serialize(row).map_err(std::io::Error::other)?;
        }
        writer.flush()
    })
}

/// Returns the first row with the lowest validation loss; None for an empty or all-NaN history.
pub fn best(rows: &[Row]) -> Option<&Row> {
    rows.iter().filter(|row| !row.val_loss.is_nan()).min_by(|a, b| a.val_loss.total_cmp(&b.val_loss))
}

/// Returns whether none of the last `patience` evaluations was better than an earlier one; always false if it is 0.
pub fn is_exhausted(rows: &[Row], patience: usize) -> bool {
    let best = best(rows).and_then(|best| rows.iter().position(|row| row == best));
    patience > 0 && best.is_some_and(|best| rows.len() - 1 - best >= patience)
}

fn one_line(error: &csv::Error) -> String {
    error.to_string().replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(epoch: usize, val_loss: f64) -> Row {
        Row {
            epoch,
            loss: 5.25,
            accuracy: 0.125,
            val_loss,
            val_accuracy: 0.1,
            learning_rate: 0.005,
            seconds: 1.5 * epoch as f64,
            tokens_per_second: 20_000.0,
            step: 40 * epoch,
        }
    }

    #[test]
    fn written_rows_are_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let epochs = vec![epoch(1, 6.0), epoch(2, 1.0 / 3.0)];
        write(&path, &epochs).unwrap();
        assert_eq!(read(&path).unwrap(), epochs);
        assert!(std::fs::read_to_string(&path).unwrap().starts_with("epoch,loss,accuracy,val_loss,val_accuracy,"));
    }

    #[test]
    fn other_csv_files_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        for text in ["", "epoch,loss\n1,2\n", "a,b\nc,d\n"] {
            std::fs::write(&path, text).unwrap();
            assert!(read(&path).is_err(), "{text:?}");
        }
    }

    #[test]
    fn files_without_steps_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let header = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,tokens_per_second";
        std::fs::write(&path, format!("{header}\n1,2,0.5,3,0.25,0.1,9,100\n")).unwrap();
        assert_eq!(read(&path).unwrap()[0].step, 0);
    }

    #[test]
    fn patience_counts_evaluations() {
        let rows: Vec<Row> = [3.0, 2.0, 2.5, 2.0].iter().map(|&loss| epoch(1, loss)).collect();
        assert!(!is_exhausted(&rows, 0) && !is_exhausted(&rows, 3) && !is_exhausted(&[], 1));
        assert!(is_exhausted(&rows, 2) && !is_exhausted(&rows[..2], 1));
    }

    #[test]
    fn best_is_the_first_of_the_lowest_and_never_nan() {
        let epochs = [epoch(1, f64::NAN), epoch(2, 2.0), epoch(3, 1.0), epoch(4, 1.0)];
        assert_eq!(best(&epochs).unwrap().epoch, 3);
        assert!(best(&epochs[..1]).is_none());
    }
}
