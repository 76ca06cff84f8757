//! The threads that own a model, one for each core. Texts join and leave between two steps; a step takes all that a thread
//! has, each at its own place, so a text is the same whoever is written beside it, and on whichever thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Instant;

use rnn_tools::engine::{State, Workspace};
use rnn_tools::generate::{LanguageModel, TokenStats};

use super::voice::{Desk, Voice};
use super::{Event, Failure, Job, Line, lock};
use crate::metrics::Metrics;

/// Tokens of an order that are read for each one that the others write: reading spares the output layer, where most of
/// the time goes.
const READ_AHEAD: usize = 16;

/// Serves the line until it is closed and empty.
pub fn serve(line: &Line, author: &LanguageModel, metrics: &Metrics) {
    let run = || Batch::new(line, author, metrics).run();
    // A fault of ours costs those inside their texts, not the others theirs.
    while catch_unwind(AssertUnwindSafe(run)).is_err() {
        log::error!("the texts in the making are lost");
    }
}

struct Batch<'a> {
    line: &'a Line,
    author: &'a LanguageModel,
    metrics: &'a Metrics,
    /// So many texts are counted as being inside.
    inside: usize,
    live: Vec<Live<'a>>,
    work: Workspace,
    desk: Desk,
    /// (texts, vocab_size)
    logits: Vec<f32>,
}

/// A text inside.
struct Live<'a> {
    stay: Arc<Stay<'a>>,
    state: State,
    phase: Phase<'a>,
}

enum Phase<'a> {
    /// So many tokens of the order are read; those of them that were measured.
    Reading {
        read: usize,
        measures: Vec<(u32, TokenStats)>,
    },
    Writing {
        sample: usize,
        voice: Box<Voice<'a>>,
    },
    Left,
}

/// A job inside, shared by its samples. When the last of them leaves, the job ends.
struct Stay<'a> {
    job: Arc<Job>,
    line: &'a Line,
    metrics: &'a Metrics,
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        // Where the thread panics, this is not the end that was ordered.
        self.job.end(if std::thread::panicking() { Err(Failure::Internal) } else { Ok(()) });
        self.metrics.generation.observe(self.job.begun.elapsed());
        lock(&self.line.queue).running -= 1;
    }
}

/// Also where the thread panics.
impl Drop for Batch<'_> {
    fn drop(&mut self) {
        lock(&self.line.queue).inside -= self.inside;
    }
}

impl<'a> Batch<'a> {
    fn new(line: &'a Line, author: &'a LanguageModel, metrics: &'a Metrics) -> Self {
        let work = author.network.workspace(line.batch.div_ceil(line.threads));
        let (live, desk, logits) = (Vec::new(), Desk::default(), Vec::new());
        Self { line, author, metrics, inside: 0, live, work, desk, logits }
    }

    fn run(mut self) {
        while self.admit() {
            self.read();
            self.write();
            self.live.retain(|live| !matches!(live.phase, Phase::Left));
        }
    }

    /// Lets in who is next, up to this thread's share, and sends away those who gave up. Waits where nobody is inside; false
    /// where nobody will come.
    fn admit(&mut self) -> bool {
        let now = Instant::now();
        self.live.retain(|live| !live.stay.job.give_up(now));
        let mut inside: usize = self.live.iter().map(Live::texts).sum();
        let mut queue = lock(&self.line.queue);
        loop {
            queue.inside = queue.inside - self.inside + inside;
            queue.waiting.retain(|job| !job.give_up(now));
            let all: usize = queue.inside + queue.waiting.iter().map(|job| job.order.samples()).sum::<usize>();
            let share = all.div_ceil(self.line.threads);
            while let Some(samples) = queue.waiting.front().map(|job| job.order.samples()) {
                let fits = queue.inside == 0 || queue.inside + samples <= self.line.batch;
                if !fits || (inside > 0 && inside + samples > share) {
                    break;
                }
                let Some(job) = queue.waiting.pop_front() else { break };
                queue.running += 1;
                queue.inside += samples;
                inside += samples;
                let stay = Arc::new(Stay { job, line: self.line, metrics: self.metrics });
                let phase = Phase::Reading { read: 0, measures: Vec::new() };
                self.live.push(Live { stay, state: self.author.network.initial_state(), phase });
            }
            self.inside = inside;
            if inside > 0 {
                self.work.keep_to_one_thread(queue.inside > inside);
                if !queue.waiting.is_empty() {
                    // Another thread may sleep since there was no room.
                    self.line.moved.notify_one();
                }
                return true;
            }
            if queue.closed {
                return false;
            }
            queue = self.line.moved.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Reads on in the orders of those who came in, and lets those write who have read it all.
    fn read(&mut self) {
        for live in &mut self.live {
            let Live { stay, state, phase } = live;
            if let Phase::Reading { read: read @ 0, .. } = phase
                && let Some((length, known)) =
                    lock(&self.line.cache).find(&stay.job.order.ids()[..stay.job.order.silent()])
            {
                (*read, *state) = (length, known);
                self.metrics.cached_tokens.fetch_add(length as u64, Ordering::Relaxed);
            }
        }
        for _ in 0..READ_AHEAD {
            let (mut tokens, mut states) = (Vec::new(), Vec::new());
            for Live { stay, state, phase } in &mut self.live {
                if let Phase::Reading { read, .. } = phase
                    && let Some(&token) = stay.job.order.ids()[..stay.job.order.silent()].get(*read)
                {
                    *read += 1;
                    tokens.push(token);
                    states.push(state);
                }
            }
            if tokens.is_empty() {
                break;
            }
            self.author.network.step(&tokens, &mut states, &mut self.work);
        }
        for at in 0..self.live.len() {
            if matches!(self.live[at].phase, Phase::Reading { read, .. } if read == self.live[at].stay.job.order.ids().len())
            {
                self.begin_writing(at);
            }
        }
    }

    /// The order is read: from here on each sample goes its own way.
    fn begin_writing(&mut self, at: usize) {
        let Live { stay, state, phase } = &mut self.live[at];
        let Phase::Reading { measures, .. } = std::mem::replace(phase, Phase::Left) else { return };
        let (stay, state) = (Arc::clone(stay), state.clone());
        let order = &stay.job.order;
        self.metrics.prompt_tokens.fetch_add(order.ids().len() as u64, Ordering::Relaxed);
        stay.job.post(Event::Read { tokens: order.ids().len(), measures });
        lock(&self.line.cache).keep(order.ids(), &state);
        for (sample, voice) in order.voices(self.author).into_iter().enumerate() {
            let phase = Phase::Writing { sample, voice: Box::new(voice) };
            self.live.push(Live { stay: Arc::clone(&stay), state: state.clone(), phase });
        }
    }

    /// One token more for everybody who asks what comes next.
    fn write(&mut self) {
        let Self { line, author, metrics, live, work, desk, logits, .. } = self;
        let size = author.tokenizer.len();
        let mut asking: Vec<&mut Live> = live.iter_mut().filter(|live| live.asks()).collect();
        if asking.is_empty() {
            return;
        }
        logits.resize(logits.len().max(asking.len() * size), 0.0);
        let logits = &mut logits[..asking.len() * size];
        let states: Vec<&State> = asking.iter().map(|live| &live.state).collect();
        author.network.logits(&states, logits, work);
        let (mut tokens, mut states) = (Vec::new(), Vec::new());
        for (live, logits) in asking.iter_mut().zip(logits.chunks_exact_mut(size)) {
            if let Some(token) = live.go_on(logits, author, desk, metrics) {
                tokens.push(token);
                states.push(&mut live.state);
            } else if let Phase::Writing { voice, .. } = std::mem::replace(&mut live.phase, Phase::Left) {
                lock(&line.cache).keep(&voice.read, &live.state);
            }
        }
        author.network.step(&tokens, &mut states, work);
    }
}

impl Live<'_> {
    /// How many texts it is, or will be.
    fn texts(&self) -> usize {
        if let Phase::Reading { .. } = self.phase { self.stay.job.order.samples() } else { 1 }
    }

    /// Whether it needs the logits after what it has read.
    fn asks(&self) -> bool {
        match &self.phase {
            Phase::Reading { read, .. } => {
                (self.stay.job.order.silent()..self.stay.job.order.ids().len()).contains(read)
            }
            Phase::Writing { .. } => true,
            Phase::Left => false,
        }
    }

    /// Says what comes next, and gives the token that is to be read now; None at the end.
    fn go_on(&mut self, logits: &mut [f32], author: &LanguageModel, desk: &mut Desk, metrics: &Metrics) -> Option<u32> {
        let job = &self.stay.job;
        let (sample, voice) = match &mut self.phase {
            Phase::Reading { read, measures } => {
                measures.push(desk.measure(author, &job.order, *read, logits));
                *read += 1;
                return Some(job.order.ids()[*read - 1]);
            }
            Phase::Writing { sample, voice } => (*sample, voice),
            Phase::Left => return None,
        };
        let before = voice.tokens();
        let next = voice.go_on(logits, desk);
        metrics.generated_tokens.fetch_add((voice.tokens() - before) as u64, Ordering::Relaxed);
        if (sample, before) == (0, 0) {
            metrics.first_token.observe(job.begun.elapsed());
        }
        while let Some(piece) = voice.next_piece() {
            job.post(Event::Piece { sample, piece });
        }
        if let Err(end) = next {
            job.post(Event::End { sample, end, num_words: voice.words(), num_tokens: voice.tokens() });
        }
        next.ok()
    }
}
