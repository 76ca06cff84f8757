//! `--dry-run`: estimates the cost of training.

use std::io::Write;
use std::time::Instant;

use rnn_tools::error::{Error, Result};
use rnn_tools::format::{bytes, count, decimal, plural};
use rnn_tools::memory::Memory;
use rnn_tools::settings::Settings;
use serde::Serialize;

use crate::memory;
use crate::trainer::Trainer;

/// Steps before the measurement, and the duration of the measurement in seconds.
const WARM_UP: usize = 3;
const SECONDS: f64 = 3.0;

/// The cost of training, measured on this machine; only the memory is estimated.
#[derive(Serialize)]
struct Cost {
    parameters: usize,
    train_tokens: usize,
    vocab_size: usize,
    steps_per_epoch: usize,
    epochs: usize,
    device: String,
    tokens_per_second: f64,
    /// Includes validation.
    seconds_per_epoch: f64,
    seconds: f64,
    /// Estimated, in bytes.
    memory: Memory,
    memory_bytes: f64,
    /// Peak memory of the dry run.
    measured_bytes: Option<f64>,
}

/// Takes some steps, and writes the resulting estimate to standard output.
pub fn run(mut trainer: Trainer, settings: &Settings, memory: Memory, json: bool) -> Result<()> {
    let steps_per_epoch = trainer.windows_per_epoch();
    let train_tokens = trainer.train.num_targets();
    let step = |trainer: &mut Trainer| {
        if trainer.is_epoch_done() {
            trainer.next_epoch();
        }
        trainer.step(1.0);
    };
    (0..WARM_UP).for_each(|_| step(&mut trainer));
    trainer.take_score().means();
    let started = Instant::now();
    while started.elapsed().as_secs_f64() < SECONDS {
        step(&mut trainer);
    }
    let score = trainer.take_score();
    // Waits for the device.
    score.means();
    let tokens_per_second = score.tokens as f64 / started.elapsed().as_secs_f64();
    let started = Instant::now();
    trainer.evaluate();
    let seconds_per_epoch = train_tokens as f64 / tokens_per_second + started.elapsed().as_secs_f64();
    let cost = Cost {
        parameters: trainer.network.config().num_parameters(),
        train_tokens,
        vocab_size: trainer.network.config().vocab_size(),
        steps_per_epoch,
        epochs: settings.epochs,
        device: format!("{:?}", trainer.train.device()).to_lowercase(),
        tokens_per_second,
        seconds_per_epoch,
        seconds: seconds_per_epoch * settings.epochs as f64,
        memory,
        memory_bytes: memory.total(),
        measured_bytes: memory::peak(),
    };
    let text = if json { serde_json::to_string(&cost).expect("a cost has a JSON form") + "\n" } else { table(&cost) };
    let mut stdout = std::io::stdout().lock();
    stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()).map_err(Error::stdout)
}

fn table(cost: &Cost) -> String {
    let Memory { program, weights, optimizer, activations, data } = cost.memory;
    let parts = [
        ("weights and gradients", weights),
        ("optimizer", optimizer),
        ("activations", activations),
        ("data", data),
        ("libtorch", program),
    ];
    let parts: Vec<String> = parts.iter().map(|(name, size)| format!("{name} {}", bytes(*size as usize))).collect();
    let rows = [
        ("parameters", count(cost.parameters)),
        ("text", format!("{}, vocabulary of {}", plural(cost.train_tokens, "token", "tokens"), count(cost.vocab_size))),
        ("memory", format!("about {} ({})", bytes(cost.memory_bytes as usize), parts.join(", "))),
        ("speed", format!("{} tokens/s on {}", decimal(cost.tokens_per_second, 0), cost.device)),
        ("epoch", format!("{}, {}", plural(cost.steps_per_epoch, "step", "steps"), time(cost.seconds_per_epoch))),
        ("training", format!("{}, {}", plural(cost.epochs, "epoch", "epochs"), time(cost.seconds))),
    ];
    rows.iter().map(|(name, value)| format!("{name:<11} {value}\n")).collect()
}

/// Formats `75.3` as `75 s`, and longer times in minutes, hours or days.
fn time(seconds: f64) -> String {
    match seconds {
        s if s < 10.0 => format!("{s:.1} s"),
        s if s < 120.0 => format!("{s:.0} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s if s < 172_800.0 => format!("{:.1} h", s / 3600.0),
        s => format!("{:.1} days", s / 86_400.0),
    }
}
