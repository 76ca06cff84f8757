//! Training step by step: truncated backpropagation through windows of the text, carrying the state over.

use std::time::Instant;

use rnn_tools::dataset::{TokenFile, Window};
use rnn_tools::error::{Error, Result};
use rnn_tools::format::plural;
use rnn_tools::model::ModelFile;
use rnn_tools::random::Rng;
use rnn_tools::schedule;
use rnn_tools::settings::{self, OutputBias, Settings};
use tch::{Device, Kind, Tensor, no_grad};

use crate::batches::Batches;
use crate::checkpoint::{Checkpoint, Position, Progress};
use crate::evaluation::{self, Score};
use crate::freeze::Freeze;
use crate::interpolation::Interpolation;
use crate::network::{Network, State};
use crate::optimizer::Optimizer;
use crate::thread_tuner::ThreadTuner;

/// Evaluations without a better validation loss after which NT-ASGD starts averaging (Merity et al. 2017).
const NON_MONOTONE_INTERVAL: usize = 5;

pub struct Trainer<'a> {
    settings: &'a Settings,
    pub network: Network,
    optimizer: Optimizer,
    freeze: Freeze,
    pub train: Batches,
    valid: Batches,
    /// Its weights are fitted at each evaluation.
    pub interpolation: Option<Interpolation>,
    seed: u64,
    /// The number of steps in all epochs.
    total_steps: usize,
    pub position: Position,
    /// The windows of the current epoch.
    windows: Vec<Window>,
    state: State,
    /// The sums since the last call of [`take_score`](Self::take_score).
    pub score: Score,
    /// The learning rate of the last step.
    pub learning_rate: f64,
    pub threads: ThreadTuner,
}

impl<'a> Trainer<'a> {
    /// Starts with random weights drawn from `seed`, or with the weights of the model `from`.
    pub fn new(
        file: &TokenFile,
        settings: &'a Settings,
        device: Device,
        seed: u64,
        from: Option<&ModelFile>,
    ) -> Result<Self> {
        tch::manual_seed(seed as i64);
        let train = Batches::train(file, settings, device).ok_or_else(|| too_short(file, settings))?;
        let valid = train.valid(file).ok_or_else(|| {
            Error::failure(format!("the token file has too few validation tokens ({})", file.valid.len()))
                .hint("`rnn-prep --valid 0.1` holds out a tenth of the text")
        })?;
        let mut network = Network::new(settings.config(file.tokenizer.len()), device);
        if let Some(vectors) = &file.embeddings {
            if vectors.size != settings.embedding_size {
                return Err(wrong_vector_size(vectors.size, settings));
            }
            network.set_embeddings(vectors);
        }
        if let Some(model) = from {
            network.import(&model.tensors);
        }
        match settings.output_bias {
            OutputBias::Zero => {}
            OutputBias::Unigram if from.is_some() => {}
            OutputBias::Unigram => network.set_unigram_bias(&file.train, false),
            OutputBias::FixedUnigram => network.set_unigram_bias(&file.train, true),
        }
        let vocab_size = file.tokenizer.len();
        let interpolation = (settings.ngram > 0)
            .then(|| Interpolation::new(&file.train, &file.valid, &valid.eval_targets(), vocab_size, settings.ngram));
        let freeze = Freeze::new(&network.parameter_names(), &settings.freeze)?;
        let mut trainer = Self {
            settings,
            optimizer: Optimizer::new(network.parameters(), settings),
            state: network.zero_state(0),
            network,
            windows: Vec::new(),
            total_steps: train.num_windows(settings, seed),
            train,
            valid,
            interpolation,
            seed,
            position: Position { epoch: 1, window: 0, steps: 0 },
            score: Score::new(device),
            learning_rate: 0.0,
            threads: ThreadTuner::fixed(),
            freeze,
        };
        trainer.begin_epoch();
        Ok(trainer)
    }

    /// Takes one step of the optimizer, with `factor` times the scheduled learning rate. At the end of an epoch the
    /// caller must begin the [next one](Self::next_epoch).
    pub fn step(&mut self, factor: f64) {
        let started = Instant::now();
        // Each step seeds the generator itself, so that a run can be resumed after any step.
        tch::manual_seed(Rng::stream(self.seed, self.position.steps as u64 + 1).next_u64() as i64);
        let window = &self.windows[self.position.window];
        if window.start == 0 {
            self.state = self.network.zero_state(self.train.count(window));
        }
        let batch = self.train.batch(window);
        let mut forward = self.network.forward(&batch.input, &self.state, Some(self.settings));
        forward.features = batch.select(forward.features);
        let mut pass =
            self.network.score_with_gradients(&forward.features, &batch.targets, self.settings.label_smoothing);
        self.score.add(&pass);
        let gradients = pass.gradients.take().expect("the output layer returns gradients");
        self.learning_rate = factor * self.scheduled_rate();
        self.optimizer.step(&self.network.gradients(&forward, gradients), self.learning_rate);
        self.state = forward.state;
        self.position.steps += 1;
        self.position.window += 1;
        self.threads.record(started.elapsed().as_secs_f64(), batch.targets.size()[0] as usize);
    }

    /// Returns the scheduled learning rate of the next step.
    fn scheduled_rate(&self) -> f64 {
        let Position { epoch, window, steps } = self.position;
        let rate = self.settings.rate(steps, self.total_steps, epoch);
        if !self.settings.random_length || self.train.num_documents().is_some() {
            return rate;
        }
        // Scaled by the length, since a short window averages over fewer words (Merity et al. 2017).
        rate * self.windows[window].length as f64 / self.settings.seq_length as f64
    }

    /// Returns the completed fraction of the current epoch, 0 to 1.
    pub fn epoch_fraction(&self) -> f64 {
        self.position.window as f64 / self.windows.len() as f64
    }

    pub fn windows_per_epoch(&self) -> usize {
        self.windows.len()
    }

    pub fn is_epoch_done(&self) -> bool {
        self.position.window == self.windows.len()
    }

    /// Begins the next epoch, at the start of the text.
    pub fn next_epoch(&mut self) {
        self.position = Position { epoch: self.position.epoch + 1, window: 0, ..self.position };
        self.begin_epoch();
    }

    fn begin_epoch(&mut self) {
        self.windows = self.train.windows(self.settings, self.seed, self.position.epoch);
        self.optimizer.learn_only(self.freeze.learned(self.position.epoch));
    }

    /// Returns the sums since the last call, and resets them.
    pub fn take_score(&mut self) -> Score {
        let device = self.train.device();
        std::mem::replace(&mut self.score, Score::new(device))
    }

    /// Returns loss and accuracy on the validation part, with averaged weights if there are any.
    pub fn evaluate(&mut self) -> (f64, f64) {
        let evaluate = |network: &Network| self.threads.with_all(|| evaluation::evaluate(network, &self.valid));
        let validation = self.with_averaged_weights(evaluate);
        if let Some(interpolation) = &mut self.interpolation {
            interpolation.fit(&validation.log_likelihoods());
        }
        validation.means()
    }

    /// Returns whether every parameter and every sum is finite. Waits for the device.
    pub fn is_finite(&self) -> bool {
        no_grad(|| {
            let sums: Vec<Tensor> = self.network.parameters().iter().map(|p| p.sum(Kind::Double)).collect();
            let all = Tensor::stack(&sums, 0).sum(Kind::Double) + self.score.sums.sum(Kind::Double);
            f64::try_from(all).is_ok_and(f64::is_finite)
        })
    }

    /// Starts averaging the weights if the optimizer is NT-ASGD and the validation loss has stopped falling.
    pub fn start_average_if_stalled(&mut self, val_losses: &[f64]) {
        let is_due = self.settings.optimizer == settings::Optimizer::NtAsgd && !self.optimizer.has_average();
        if is_due && schedule::is_stalled(val_losses, NON_MONOTONE_INTERVAL) {
            self.optimizer.start_average();
        }
    }

    /// Returns the number of averaged steps; None if the weights are not averaged.
    pub fn averaged_steps(&self) -> Option<usize> {
        self.optimizer.averaged_steps()
    }

    /// Returns every tensor of a checkpoint, with its name.
    pub fn tensors(&self) -> Vec<(String, Tensor)> {
        let mut all = self.restorable();
        let state = self.state.tensors().enumerate();
        all.extend(state.map(|(i, tensor)| (format!("state.{i}"), tensor.shallow_clone())));
        all
    }

    /// Returns the tensors whose shape never changes.
    fn restorable(&self) -> Vec<(String, Tensor)> {
        let mut all = self.optimizer.tensors();
        all.push(("sums".into(), self.score.sums.shallow_clone()));
        all
    }

    /// Restores the state of a run that was saved with the same settings.
    pub fn restore(&mut self, checkpoint: &Checkpoint) -> Result<()> {
        let Progress { position, averaged, tokens, .. } = checkpoint.progress;
        self.optimizer = Optimizer::new(self.network.parameters(), self.settings);
        self.optimizer.set_counts(position.steps, averaged);
        checkpoint.restore(&self.restorable())?;
        let device = self.train.device();
        let state = checkpoint.tensors("state")?.into_iter().map(|tensor| tensor.to_device(device));
        self.state = self.network.state(state);
        self.position = position;
        self.score.tokens = tokens;
        self.begin_epoch();
        Ok(())
    }

    /// Runs `f` on the network with the averaged weights, or with the current ones if there is no average.
    pub fn with_averaged_weights<T>(&self, f: impl FnOnce(&Network) -> T) -> T {
        match self.optimizer.averaged() {
            Some(values) => self.network.with_values(values, || f(&self.network)),
            None => f(&self.network),
        }
    }
}

fn wrong_vector_size(size: usize, settings: &Settings) -> Error {
    let error = Error::failure(format!(
        "the word vectors of the token file have {size} numbers, but --embedding-size is {}",
        settings.embedding_size
    ));
    match settings.tie_weights {
        true => error.hint(format!(
            "use --embedding-size {size} --hidden-size {size}, or --embedding-size {size} --tie-weights false"
        )),
        false => error.hint(format!("use --embedding-size {size}")),
    }
}

fn too_short(file: &TokenFile, settings: &Settings) -> Error {
    let error = Error::failure(format!(
        "{} too few for a batch of {} streams; each needs at least 2",
        plural(file.train.len(), "token is", "tokens are"),
        settings.batch_size
    ));
    match file.train.len() / 2 {
        0 => error.hint("give rnn-prep more text"),
        max => error.hint(format!("give rnn-prep more text, or try --batch-size {max} or less")),
    }
}
