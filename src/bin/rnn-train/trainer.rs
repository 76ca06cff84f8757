//! The training loop: truncated backpropagation over contiguous streams, the state carried over.

use std::path::Path;
use std::time::{Duration, Instant};

use rnn_tools::dataset::{Streams, TokenFile, Window};
use rnn_tools::error::{Error, Result};
use rnn_tools::history::Epoch;
use rnn_tools::random::Rng;
use rnn_tools::settings::{OutputBias, Settings};
use tch::{Device, Kind, Tensor, no_grad};

use crate::checkpoint::{self, Checkpoint, Progress};
use crate::mixture::Mixture;
use crate::network::Network;
use crate::optimizer::Optimizer;
use crate::output::Pass;

/// Steps of time evaluated at once.
const EVAL_LENGTH: usize = 128;
/// A validation part is read as one stream for each so many tokens: few enough breaks not to be felt.
const EVAL_STREAM: usize = 2000;
const MOST_EVAL_STREAMS: usize = 64;

pub struct Trainer<'a> {
    settings: &'a Settings,
    pub network: Network,
    optimizer: Optimizer,
    train: Part,
    valid: Part,
    /// Learned anew after each epoch.
    pub mixture: Option<Mixture>,
    steps: usize,
    all_steps: usize,
    seed: u64,
    /// When training began; for a resumed one, as if it had never stopped.
    begun: Instant,
}

/// A part of the text on the device.
struct Part {
    streams: Streams,
    /// (streams.length, streams.count)
    tokens: Tensor,
}

/// Sums over tokens, kept on the device until they are asked for.
struct Score {
    /// Cross-entropy in nats, and right first choices. (2)
    sums: Tensor,
    tokens: usize,
    /// Of each window, one a target, where they are collected.
    log_likelihoods: Option<Vec<Tensor>>,
}

impl<'a> Trainer<'a> {
    /// A network at its random start, which `seed` decides.
    pub fn new(file: &TokenFile, settings: &'a Settings, device: Device, seed: u64) -> Result<Self> {
        tch::manual_seed(seed as i64);
        let train = Streams::new(file.train.len(), settings.batch_size).ok_or_else(|| too_short(file, settings))?;
        let count = (file.valid.len() / EVAL_STREAM).clamp(1, MOST_EVAL_STREAMS);
        let valid = Streams::new(file.valid.len(), count).ok_or_else(|| {
            Error::failure(format!("the token file has {} tokens to validate on, too few", file.valid.len()))
                .hint("rnn-prep --valid 0.1 holds a tenth of the text out")
        })?;
        let mut network = Network::new(settings.config(file.tokenizer.len()), device);
        if let Some(vectors) = &file.embeddings {
            if vectors.size != settings.embedding_size {
                return Err(wrong_size(vectors.size, settings));
            }
            network.start_from(vectors);
        }
        match settings.output_bias {
            OutputBias::Zero => {}
            OutputBias::Unigram => network.set_unigram_bias(&file.train, false),
            OutputBias::FixedUnigram => network.set_unigram_bias(&file.train, true),
        }
        let vocab_size = file.tokenizer.len();
        let mixture =
            (settings.ngram > 0).then(|| Mixture::new(&file.train, &file.valid, valid, vocab_size, settings.ngram));
        let epoch_steps: Vec<usize> =
            (1..=settings.epochs).map(|epoch| train.windows(settings.seq_length, epoch).len()).collect();
        Ok(Self {
            settings,
            optimizer: Optimizer::new(network.parameters(), settings),
            network,
            train: Part::new(&file.train, train, device),
            valid: Part::new(&file.valid, valid, device),
            mixture,
            steps: 0,
            all_steps: epoch_steps.iter().sum(),
            seed,
            begun: Instant::now(),
        })
    }

    /// Trains for one epoch (from 1), calling `progress` with the share of it that is done after each step, then
    /// validates the weights that are worth keeping ([`with_kept`](Self::with_kept)).
    pub fn epoch(&mut self, epoch: usize, mut progress: impl FnMut(f64)) -> Epoch {
        // Each epoch has random numbers of its own, so that a run can be resumed between two epochs.
        tch::manual_seed(Rng::stream(self.seed, epoch as u64).next_u64() as i64);
        let windows = self.train.streams.windows(self.settings.seq_length, epoch);
        let mut state = self.network.zero_state(self.train.streams.count as i64);
        let mut score = Score::new(self.train.tokens.device());
        let begun = Instant::now();
        let mut learning_rate = 0.0;
        for (step, window) in windows.iter().enumerate() {
            learning_rate = self.settings.rate(self.steps, self.all_steps, epoch);
            let (input, target) = self.train.window(window);
            let forward = self.network.forward(&input, &state, Some(self.settings));
            let output = self.network.output();
            let mut pass = output.score_with_gradients(&forward.features, &target, self.settings.label_smoothing);
            score.add(&pass);
            let gradients = pass.gradients.take().expect("they were asked for");
            self.optimizer.step(&self.network.gradients(&forward, gradients), learning_rate);
            state = forward.state;
            self.steps += 1;
            progress((step + 1) as f64 / windows.len() as f64);
        }
        let (loss, accuracy) = score.means();
        let trained = begun.elapsed().as_secs_f64();
        let validation = self.with_kept(|network| self.evaluate(network));
        let (val_loss, val_accuracy) = validation.means();
        if let Some(mixture) = &mut self.mixture {
            mixture.learn(&validation.log_likelihoods());
        }
        Epoch {
            epoch,
            loss,
            accuracy,
            val_loss,
            val_accuracy,
            learning_rate,
            seconds: self.begun.elapsed().as_secs_f64(),
            tokens_per_second: score.tokens as f64 / trained,
        }
    }

    /// Writes down where the run stands after the given epochs.
    pub fn save(&self, folder: &Path, data: &str, epochs: &[Epoch], mixed_val_loss: Option<f64>) -> Result<()> {
        let progress = Progress {
            settings: self.settings.clone(),
            seed: self.seed,
            data: data.into(),
            epochs: epochs.to_vec(),
            steps: self.steps,
            mixed_val_loss,
        };
        checkpoint::write(folder, &progress, &self.optimizer.tensors())
    }

    /// Goes on where a run of the same settings was saved.
    pub fn resume(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        checkpoint.restore(&self.optimizer.tensors())?;
        self.steps = checkpoint.progress.steps;
        self.optimizer.set_counts(self.steps, self.optimizer.averaged().map(|_| self.steps));
        let seconds = checkpoint.progress.epochs.last().map_or(0.0, |epoch| epoch.seconds);
        let before = Duration::try_from_secs_f64(seconds).unwrap_or_default();
        self.begun = Instant::now().checked_sub(before).unwrap_or_else(Instant::now);
        Ok(())
    }

    /// Runs `f` on the network with the weights that are worth keeping: the average, where there is one.
    pub fn with_kept<T>(&self, f: impl FnOnce(&Network) -> T) -> T {
        match self.optimizer.averaged() {
            Some(values) => self.network.with_values(values, || f(&self.network)),
            None => f(&self.network),
        }
    }

    /// The validation part's score, with log-likelihoods.
    fn evaluate(&self, network: &Network) -> Score {
        no_grad(|| {
            let mut state = network.zero_state(self.valid.streams.count as i64);
            let mut score = Score { log_likelihoods: Some(Vec::new()), ..Score::new(self.valid.tokens.device()) };
            for window in self.valid.streams.windows(EVAL_LENGTH, 0) {
                let (input, target) = self.valid.window(&window);
                let forward = network.forward(&input, &state, None);
                score.add(&network.output().score(&forward.features, &target));
                state = forward.state;
            }
            score
        })
    }
}

impl Part {
    fn new(ids: &[u32], streams: Streams, device: Device) -> Self {
        let (count, length) = (streams.count as i64, streams.length as i64);
        let ids: Vec<i64> = ids[..streams.count * streams.length].iter().map(|&id| id.into()).collect();
        let tokens = Tensor::from_slice(&ids).view([count, length]).tr().contiguous().to_device(device);
        Self { streams, tokens }
    }

    /// Input (time, batch) and target (time * batch).
    fn window(&self, window: &Window) -> (Tensor, Tensor) {
        let (start, length) = (window.start as i64, window.length as i64);
        (self.tokens.narrow(0, start, length), self.tokens.narrow(0, start + 1, length).reshape([-1]))
    }
}

impl Score {
    fn new(device: Device) -> Self {
        Self { sums: Tensor::zeros([2], (Kind::Double, device)), tokens: 0, log_likelihoods: None }
    }

    fn add(&mut self, pass: &Pass) {
        self.sums += Tensor::stack(&[&-pass.log_likelihoods.sum(Kind::Double), &pass.right], 0);
        self.tokens += pass.log_likelihoods.size()[0] as usize;
        if let Some(all) = &mut self.log_likelihoods {
            all.push(pass.log_likelihoods.shallow_clone());
        }
    }

    /// Nats a token, and share of right first choices. Waits for the device.
    fn means(&self) -> (f64, f64) {
        let sums = Vec::<f64>::try_from(&self.sums).expect("two doubles");
        (sums[0] / self.tokens as f64, sums[1] / self.tokens as f64)
    }

    /// One a target, in the order (time, stream). Waits for the device.
    fn log_likelihoods(&self) -> Vec<f32> {
        let all = Tensor::cat(self.log_likelihoods.as_deref().unwrap_or_default(), 0);
        Vec::try_from(all).expect("a row of floats")
    }
}

fn wrong_size(size: usize, settings: &Settings) -> Error {
    let error = Error::failure(format!(
        "the token file's word vectors have {size} numbers, and --embedding-size is {}",
        settings.embedding_size
    ));
    match settings.tie_weights {
        true => error.hint(format!("--embedding-size {size} --hidden-size {size}, or --tie-weights false instead")),
        false => error.hint(format!("--embedding-size {size}")),
    }
}

fn too_short(file: &TokenFile, settings: &Settings) -> Error {
    let error = Error::failure(format!(
        "{} tokens are too few for a batch of {} streams of 2 or more",
        file.train.len(),
        settings.batch_size
    ));
    match file.train.len() / 2 {
        0 => error.hint("give rnn-prep more text"),
        most => error.hint(format!("give rnn-prep more text, or try --batch-size {most} or less")),
    }
}
