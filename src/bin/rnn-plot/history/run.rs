//! One training run: the columns of its history that are drawn.

use rnn_tools::error::Result;
use rnn_tools::format;
use rnn_tools::table::Table;

use crate::canvas::Point;
use crate::wording;

/// Larger values are not drawn: they would flatten everything else.
const MAX_LOSS: f64 = 1e6;

/// Larger epoch numbers are invalid: neighbouring points would coincide.
const MAX_EPOCHS: f64 = 1e9;

pub struct Run {
    pub name: String,
    /// The column on the x axis, `epoch` or `step`, and its values.
    pub across: &'static str,
    pub epochs: Vec<f64>,
    pub loss: Metric,
    pub val_loss: Metric,
    /// In per cent.
    pub accuracy: Metric,
    pub val_accuracy: Metric,
    pub learning_rate: Metric,
    pub best: Option<Best>,
}

/// The values of a column; empty if the column is missing.
pub struct Metric(pub Vec<f64>);

/// The epoch with the lowest validation loss.
pub struct Best {
    pub row: usize,
    pub epoch: f64,
    pub loss: f64,
    /// From 0 to 1.
    pub accuracy: Option<f64>,
}

impl Metric {
    pub const NONE: &Self = &Self(Vec::new());

    fn of(table: &Table, name: &str) -> Result<Self> {
        Ok(Self(table.column(name)?.unwrap_or_default().to_vec()))
    }

    fn percent(table: &Table, name: &str) -> Result<Self> {
        Ok(Self(Self::of(table, name)?.0.into_iter().map(|fraction| 100.0 * fraction).collect()))
    }

    pub fn has_any(&self) -> bool {
        self.0.iter().any(|&value| drawable(value))
    }
}

impl Run {
    pub fn new(table: &Table) -> Result<Self> {
        let (across, epochs) = across(table)?;
        if let Some(epoch) = epochs.iter().find(|epoch| !(0.0..=MAX_EPOCHS).contains(*epoch)) {
            return Err(table.error(format!("not a training history: invalid {across} {epoch}")));
        }
        let of = |name: &str| Metric::of(table, name);
        let mut run = Self {
            name: wording::run(&table.path),
            across,
            epochs,
            loss: of("loss")?,
            val_loss: of("val_loss")?,
            accuracy: Metric::percent(table, "accuracy")?,
            val_accuracy: Metric::percent(table, "val_accuracy")?,
            learning_rate: of("learning_rate")?,
            best: None,
        };
        if run.loss.0.is_empty() && run.val_loss.0.is_empty() {
            return Err(table.missing_column("`loss` or `val_loss`"));
        }
        run.best = run.find_best();
        Ok(run)
    }

    /// The length of the run, in epochs or steps.
    pub fn length(&self) -> String {
        match self.across {
            "epoch" => format::plural(self.epochs.len(), "epoch", "epochs"),
            _ => format::plural(self.epochs.iter().copied().fold(0.0, f64::max) as usize, "step", "steps"),
        }
    }

    fn find_best(&self) -> Option<Best> {
        let losses = self.val_loss.0.iter().copied().enumerate().filter(|&(_, loss)| drawable(loss));
        let (row, loss) = losses.min_by(|a, b| a.1.total_cmp(&b.1))?;
        let accuracy =
            self.val_accuracy.0.get(row).filter(|percent| percent.is_finite()).map(|percent| percent / 100.0);
        Some(Best { row, epoch: self.epochs[row], loss, accuracy })
    }

    pub fn points(&self, metric: &Metric) -> Vec<Option<Point>> {
        let pairs = self.epochs.iter().copied().zip(metric.0.iter().copied());
        pairs.map(|(epoch, value)| drawable(value).then_some((epoch, value))).collect()
    }

    pub fn has_training(&self) -> bool {
        !self.loss.0.is_empty() || !self.accuracy.0.is_empty()
    }

    pub fn has_validation(&self) -> bool {
        !self.val_loss.0.is_empty() || !self.val_accuracy.0.is_empty()
    }

    pub fn has_accuracy(&self) -> bool {
        !self.accuracy.0.is_empty() || !self.val_accuracy.0.is_empty()
    }
}

/// The x axis: epochs, or steps if an epoch has several rows.
fn across(table: &Table) -> Result<(&'static str, Vec<f64>)> {
    let rises = |values: &[f64]| values.windows(2).all(|pair| pair[0] < pair[1]);
    let column = |name| Ok(table.column(name)?.map(|values| (name, values.to_vec())));
    match (column("epoch")?, column("step")?) {
        (Some((_, epochs)), Some((name, steps))) if !rises(&epochs) && rises(&steps) => Ok((name, steps)),
        (Some(epochs), _) => Ok(epochs),
        (None, Some(steps)) => Ok(steps),
        (None, None) => Err(table.missing_column("`epoch` or `step`")),
    }
}

fn drawable(value: f64) -> bool {
    value.is_finite() && value.abs() <= MAX_LOSS
}
