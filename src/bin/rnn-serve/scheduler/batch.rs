//! The threads that run a model, one per core. Sequences join and leave between two steps. A step processes all
//! sequences of a thread, each at its own position, so the text of a sequence depends neither on other sequences nor on
//! the thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use rnn_tools::engine::{State, Workspace};
use rnn_tools::generate::{FinishReason, LanguageModel, Scratch, Sequence, TokenStats, token_stats};

use super::queue::Queue;
use super::response::{Event, Job, RequestError};
use crate::lock::lock;
use crate::metrics::Metrics;

/// Prompt tokens processed per generated token. A prompt token is cheaper, since it skips the output layer, which takes
/// most of the time.
const PREFILL_CHUNK: usize = 16;

/// Processes requests until the queue is closed and empty.
pub fn serve(queue: &Queue, model: &LanguageModel, metrics: &Metrics) {
    let run = || Batch::new(queue, model, metrics).run();
    // A panic fails only the requests of this batch.
    while catch_unwind(AssertUnwindSafe(run)).is_err() {
        log::error!("a model thread panicked; its running requests failed");
    }
}

struct Batch<'a> {
    queue: &'a Queue,
    model: &'a LanguageModel,
    metrics: &'a Metrics,
    /// This thread's part of [`super::queue::QueueState::active_sequences`].
    active: usize,
    slots: Vec<Slot<'a>>,
    workspace: Workspace,
    scratch: DecodeScratch,
    /// (sequences, vocab_size)
    logits: Vec<f32>,
}

/// A prompt or a sequence in the batch.
struct Slot<'a> {
    job: Arc<RunningJob<'a>>,
    state: State,
    phase: Phase<'a>,
}

enum Phase<'a> {
    Prefill {
        /// The number of prompt tokens processed.
        read: usize,
        scores: Vec<(u32, TokenStats)>,
    },
    Decode {
        sample: usize,
        sequence: Box<Sequence<'a>>,
        /// All tokens that the network has read.
        ids: Vec<u32>,
    },
    Finished,
}

/// A job in the batch, shared by its samples. It ends when the last of them is dropped.
struct RunningJob<'a> {
    job: Arc<Job>,
    queue: &'a Queue,
    metrics: &'a Metrics,
}

impl Drop for RunningJob<'_> {
    fn drop(&mut self) {
        self.job.finish(if std::thread::panicking() { Err(RequestError::Internal) } else { Ok(()) });
        self.metrics.generation.observe(self.job.submitted.elapsed());
        lock(&self.queue.state).running_requests -= 1;
    }
}

/// Implemented as `drop`, so that the count is correct even after a panic.
impl Drop for Batch<'_> {
    fn drop(&mut self) {
        lock(&self.queue.state).active_sequences -= self.active;
    }
}

impl<'a> Batch<'a> {
    fn new(queue: &'a Queue, model: &'a LanguageModel, metrics: &'a Metrics) -> Self {
        let workspace = model.network.workspace(queue.max_sequences.div_ceil(queue.threads));
        let (slots, scratch, logits) = (Vec::new(), DecodeScratch::default(), Vec::new());
        Self { queue, model, metrics, active: 0, slots, workspace, scratch, logits }
    }

    fn run(mut self) {
        while self.admit() {
            self.prefill();
            self.decode();
            self.slots.retain(|slot| !matches!(slot.phase, Phase::Finished));
        }
    }

    /// Drops cancelled and expired requests and admits waiting ones, up to this thread's share. Blocks while there is
    /// nothing to do; returns false once the queue is closed and empty.
    fn admit(&mut self) -> bool {
        let now = Instant::now();
        self.slots.retain(|slot| !slot.job.job.abort_if_expired(now));
        let mut active: usize = self.slots.iter().map(Slot::num_sequences).sum();
        let mut queue = lock(&self.queue.state);
        loop {
            queue.active_sequences = queue.active_sequences - self.active + active;
            queue.waiting.retain(|job| !job.abort_if_expired(now));
            let waiting: usize = queue.waiting.iter().map(|job| job.request.num_sequences()).sum();
            let share = (queue.active_sequences + waiting).div_ceil(self.queue.threads);
            while let Some(count) = queue.waiting.front().map(|job| job.request.num_sequences()) {
                let fits = queue.active_sequences == 0 || queue.active_sequences + count <= self.queue.max_sequences;
                if !fits || (active > 0 && active + count > share) {
                    break;
                }
                let Some(job) = queue.waiting.pop_front() else { break };
                queue.running_requests += 1;
                queue.active_sequences += count;
                active += count;
                let job = Arc::new(RunningJob { job, queue: self.queue, metrics: self.metrics });
                let phase = Phase::Prefill { read: 0, scores: Vec::new() };
                self.slots.push(Slot { job, state: self.model.network.initial_state(), phase });
            }
            self.active = active;
            if active > 0 {
                self.workspace.keep_to_one_thread(queue.active_sequences > active);
                if !queue.waiting.is_empty() {
                    // Another thread may be asleep because the batch was full.
                    self.queue.changed.notify_one();
                }
                return true;
            }
            if queue.closed {
                return false;
            }
            queue = self.queue.changed.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Processes a chunk of each new prompt, and starts the sequences of the prompts that are complete.
    fn prefill(&mut self) {
        for Slot { job, state, phase } in &mut self.slots {
            if let Phase::Prefill { read: read @ 0, .. } = phase
                && let Some((length, cached)) =
                    lock(&self.queue.prefix_cache).longest_prefix(job.job.request.unscored_ids())
            {
                (*read, *state) = (length, cached);
                self.metrics.cached_tokens.fetch_add(length as u64, Ordering::Relaxed);
            }
        }
        for _ in 0..PREFILL_CHUNK {
            let (mut tokens, mut states) = (Vec::new(), Vec::new());
            for Slot { job, state, phase } in &mut self.slots {
                if let Phase::Prefill { read, .. } = phase
                    && let Some(&token) = job.job.request.unscored_ids().get(*read)
                {
                    *read += 1;
                    tokens.push(token);
                    states.push(state);
                }
            }
            if tokens.is_empty() {
                break;
            }
            self.model.network.step(&tokens, &mut states, &mut self.workspace);
        }
        for at in 0..self.slots.len() {
            let Slot { job, phase, .. } = &self.slots[at];
            if matches!(phase, Phase::Prefill { read, .. } if *read == job.job.request.prompt_ids().len()) {
                self.start_sequences(at);
            }
        }
    }

    /// Replaces a slot whose prompt is complete with a slot per sample.
    fn start_sequences(&mut self, at: usize) {
        let Slot { job, state, phase } = &mut self.slots[at];
        let Phase::Prefill { scores, .. } = std::mem::replace(phase, Phase::Finished) else { return };
        let (job, state) = (Arc::clone(job), state.clone());
        let ids = job.job.request.prompt_ids();
        self.metrics.prompt_tokens.fetch_add(ids.len() as u64, Ordering::Relaxed);
        job.job.post(Event::PrefillDone { tokens: ids.len(), scores });
        lock(&self.queue.prefix_cache).insert(ids, &state);
        for (sample, sequence) in job.job.request.sequences(self.model).into_iter().enumerate() {
            let phase = Phase::Decode { sample, sequence: Box::new(sequence), ids: ids.to_vec() };
            self.slots.push(Slot { job: Arc::clone(&job), state: state.clone(), phase });
        }
    }

    /// Advances every slot that needs logits by one token.
    fn decode(&mut self) {
        let Self { queue, model, metrics, slots, workspace, scratch, logits, .. } = self;
        let size = model.tokenizer.len();
        let mut selected: Vec<&mut Slot> = slots.iter_mut().filter(|slot| slot.needs_logits()).collect();
        if selected.is_empty() {
            return;
        }
        logits.resize(logits.len().max(selected.len() * size), 0.0);
        let logits = &mut logits[..selected.len() * size];
        let states: Vec<&State> = selected.iter().map(|slot| &slot.state).collect();
        model.network.logits(&states, logits, workspace);
        let (mut tokens, mut states) = (Vec::new(), Vec::new());
        for (slot, logits) in selected.iter_mut().zip(logits.chunks_exact_mut(size)) {
            if let Some(token) = slot.advance(logits, model, scratch, metrics) {
                tokens.push(token);
                states.push(&mut slot.state);
            } else if let Phase::Decode { ids, .. } = std::mem::replace(&mut slot.phase, Phase::Finished) {
                lock(&queue.prefix_cache).insert(&ids, &slot.state);
            }
        }
        model.network.step(&tokens, &mut states, workspace);
    }
}

impl Slot<'_> {
    /// The number of sequences in the slot, or that a prompt will become.
    fn num_sequences(&self) -> usize {
        if let Phase::Prefill { .. } = self.phase { self.job.job.request.num_sequences() } else { 1 }
    }

    fn needs_logits(&self) -> bool {
        let request = &self.job.job.request;
        match &self.phase {
            Phase::Prefill { read, .. } => (request.unscored_ids().len()..request.prompt_ids().len()).contains(read),
            Phase::Decode { .. } => true,
            Phase::Finished => false,
        }
    }

    /// Scores the next prompt token or samples the next token of the sequence. Returns the token for the network to
    /// read, or None at the end of the sequence.
    fn advance(
        &mut self,
        logits: &mut [f32],
        model: &LanguageModel,
        scratch: &mut DecodeScratch,
        metrics: &Metrics,
    ) -> Option<u32> {
        let job = &self.job.job;
        match &mut self.phase {
            Phase::Prefill { read, scores } => {
                let ids = job.request.prompt_ids();
                scratch.interpolate_ngrams(model, &ids[..*read], logits);
                let token = ids[*read];
                scores.push((token, token_stats(logits, token, job.request.alternatives())));
                *read += 1;
                Some(token)
            }
            Phase::Decode { sample, sequence, ids } => {
                let before = sequence.tokens();
                scratch.interpolate_ngrams(model, sequence.context(), logits);
                sequence.sample(logits, &mut scratch.sampling);
                metrics.generated_tokens.fetch_add((sequence.tokens() - before) as u64, Ordering::Relaxed);
                if (*sample, before) == (0, 0) {
                    metrics.first_token.observe(job.submitted.elapsed());
                }
                while let Some(piece) = sequence.next_piece() {
                    job.post(Event::Piece { sample: *sample, piece });
                }
                if let (None, Some(&token)) = (sequence.finish_reason(), sequence.unread().first()) {
                    sequence.set_read(1);
                    ids.push(token);
                    return Some(token);
                }
                let reason = sequence.finish_reason().unwrap_or(FinishReason::NoCandidates);
                let (num_words, num_tokens) = (sequence.words(), sequence.tokens());
                job.post(Event::Finished { sample: *sample, reason, num_words, num_tokens });
                None
            }
            Phase::Finished => None,
        }
    }
}

/// Buffers that are reused from token to token.
#[derive(Default)]
struct DecodeScratch {
    sampling: Scratch,
    /// (vocab_size)
    ngrams: Vec<f32>,
}

impl DecodeScratch {
    /// Adds the n-gram model's probabilities to the logits, if the language model has one.
    fn interpolate_ngrams(&mut self, model: &LanguageModel, context: &[u32], logits: &mut [f32]) {
        self.ngrams.resize(logits.len(), 0.0);
        model.interpolate_ngrams(context, logits, &mut self.ngrams);
    }
}
